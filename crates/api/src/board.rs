//! What the wallboard shows at one moment: plain values, published once a second.
//!
//! A level bears its formula, X and window; all queues together are measured each by its own X, so that a queue with a
//! stricter promise is not let off by the others'. Counts are of today, or since the start if that was today; `since_ms` says.
use crate::AgentState;
use crate::desk::View;
use crate::kept::Record;
use crate::plan::Plan;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{Instant, QueueId};
use switchboard_stats::{Ask, By, Equation, Formula, NOW_S, Question, Surge, Usual, WaitEnd, percent};
use switchboard_store::second_of_day;

/// The board.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Board {
    /// The centre's name.
    pub centre: String,
    /// When it was made, in milliseconds since 1970-01-01T00:00Z.
    pub at_ms: u64,
    /// Since when calls are counted, likewise.
    pub since_ms: u64,
    /// Calls that have not asked for a person.
    pub in_menu: u64,
    /// Calls with an agent.
    pub with_agent: u64,
    /// All queues together.
    pub all: Queue,
    /// Each queue of the configuration.
    pub queues: Vec<Queue>,
    /// Each agent of the configuration.
    pub agents: Vec<Agent>,
    /// Does it add up?
    pub balance: Balance,
    /// Does the record reach the disk and the database?
    pub record: Record,
}

/// A queue.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Queue {
    /// Its name; none for all together.
    pub name: Option<String>,
    /// Callers who wait, those rung for among them.
    pub waiting: u64,
    /// Those of them for whom a telephone rings.
    pub ringing: u64,
    /// How long the one who waits longest has waited.
    pub longest_wait_ms: Option<u64>,
    /// The level of the last minutes.
    pub level: Level,
    /// Answered today.
    pub answered: u64,
    /// Abandoned today.
    pub abandoned: u64,
    /// Ended otherwise while waiting, today.
    pub failed: u64,
    /// Arrivals of the last 15 minutes against the usual at this hour.
    pub surge: Surge,
}

/// A service level with what must stand beside it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Level {
    /// The formula's name.
    pub formula: String,
    /// Its text.
    pub text: String,
    /// X, in seconds; none where each queue has its own.
    pub within_s: Option<u32>,
    /// Of how many last seconds.
    pub window_s: u64,
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
    /// In percent; none is *no data*.
    pub percent: Option<f64>,
    /// What is to be reached; none where queues differ.
    pub target_percent: Option<u32>,
}

/// An agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// His agent ID (工号).
    pub id: String,
    /// His name.
    pub name: String,
    /// His state.
    pub state: AgentState,
    /// Since when, in milliseconds since 1970-01-01T00:00Z; none if nothing was heard of him.
    pub since_ms: Option<u64>,
}

/// Whether it adds up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Balance {
    /// It does, and no event was lost.
    pub adds_up: bool,
    /// The equations that fail.
    pub failing: Vec<Equation>,
    /// Events that found no room.
    pub records_lost: u64,
}

impl Board {
    pub(crate) fn make(
        plan: &Plan,
        view: &View<'_>,
        record: Record,
        usual: &Usual,
        now: Instant,
        since: Instant,
    ) -> Board {
        let queues: Vec<Queue> = (plan.queues.iter())
            .map(|q| {
                let name = Some(q.name.clone());
                queue(plan, view, usual, now, since, Some(q.id), name, q.target.x_s, Some(q.target.y_percent))
            })
            .collect();
        let targets = plan.queues.iter().map(|q| q.target.y_percent);
        let (low, high) = (targets.clone().min(), targets.max());
        let mut all = queue(plan, view, usual, now, since, None, None, 0, low.filter(|_| low == high));
        all.level.numerator = queues.iter().map(|q| q.level.numerator).sum();
        all.level.denominator = queues.iter().map(|q| q.level.denominator).sum();
        all.level.percent = percent(all.level.numerator, all.level.denominator);
        all.level.within_s = None;
        let states: std::collections::BTreeMap<_, _> = view.fold.agents().now().collect();
        let agents = plan.agents.iter().map(|agent| {
            let state = states.get(&agent.id);
            Agent {
                id: agent.agent_id.clone(),
                name: agent.name.clone(),
                state: state.map_or(AgentState::LoggedOut, |s| AgentState::of(s.presence, s.activity)),
                since_ms: state.map(|s| s.since.millis()),
            }
        });
        Board {
            centre: plan.centre.clone(),
            at_ms: now.millis(),
            since_ms: since.millis(),
            in_menu: view.fold.in_menu(),
            with_agent: view.fold.with_agent(),
            all,
            queues,
            agents: agents.collect(),
            balance: Balance {
                adds_up: view.failing.is_empty() && view.records_lost == 0,
                failing: view.failing.clone(),
                records_lost: view.records_lost,
            },
            record,
        }
    }

    /// How many agents are in each state, in the order of [`AgentState::ALL`].
    pub fn by_state(&self) -> [(AgentState, usize); 8] {
        AgentState::ALL.map(|state| (state, self.agents.iter().filter(|a| a.state == state).count()))
    }
}

#[expect(clippy::too_many_arguments, reason = "each is one column of the row")]
fn queue(
    plan: &Plan,
    view: &View<'_>,
    usual: &Usual,
    now: Instant,
    since: Instant,
    id: Option<QueueId>,
    name: Option<String>,
    within_s: u32,
    target_percent: Option<u32>,
) -> Queue {
    let ask = Ask { within_s, formula: plan.formula, short_s: plan.short_s };
    let live = view.fold.live_queue(id, now, plan.window, ask);
    let to = now + Duration::from_secs(1);
    let today_question =
        Question { queue: id, from: since, to, within_s, formula: Formula::F3, by: By::End, short_s: plan.short_s };
    let today = view.fold.waits(&today_question);
    // By arrival, those who still wait among them.
    let lately = Question { from: to - Duration::from_secs(u64::from(NOW_S)), to, by: By::Arrival, ..today_question };
    let came = view.fold.answer(&lately, now).counts;
    let arrivals = came.answered + came.abandoned + came.failed + came.waiting;
    let level = live.level;
    Queue {
        name,
        waiting: live.waiting,
        ringing: live.ringing,
        longest_wait_ms: live.longest_wait_ms,
        level: Level {
            formula: level.id.to_owned(),
            text: level.text.to_owned(),
            within_s: Some(within_s),
            window_s: plan.window.as_secs(),
            numerator: level.numerator,
            denominator: level.denominator,
            percent: level.percent,
            target_percent,
        },
        answered: today.count(WaitEnd::Answered),
        abandoned: today.count(WaitEnd::Abandoned),
        failed: today.count(WaitEnd::Failed),
        surge: usual.surge(id, second_of_day(now), arrivals),
    }
}
