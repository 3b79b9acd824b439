//! The fold: one event in, and every figure can be asked.
//!
//! ```text
//!   add(event) ─► writers   numbers without gaps?
//!              ├► calls     in progress, by id; an ended call leaves
//!              ├► totals    since the fold began, for the ledger
//!              ├► cells     two: waits by the second they ended, and by the second they began
//!              ├► tally     rings, talks, after-call work, menu exits
//!              └► agents    their states
//! ```
//! Live and from the record it is the same code. What is over is kept until [`Fold::forget`]; calls in progress and totals are
//! never forgotten.
use crate::call::{Call, Outcome};
use crate::live::{Ask, Live, LiveQueue};
use crate::needs::{NeedRule, Needs};
use crate::{
    AgentLog, AgentTime, Answer, Breach, By, Cells, Clock, Counts, Group, Ledger, Mark, Outside, Question, StateNow,
    Tally, Wait, WaitEnd, Waits, Writers,
};
use serde::{Deserialize, Serialize};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use switchboard_model::{
    AgentActivity, AgentId, AgentPresence, CallId, ContactEvent, Destination, HandEnd, Instant, QueueId, ShardId, What,
};

/// Who writes what concerns an agent only.
const FLOOR: ShardId = ShardId(0);

/// All that the events so far say.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Fold {
    clock: Clock,
    /// Each wait that is over, where they are kept.
    waits: Option<Vec<Wait>>,
    /// What callers wanted, where it is kept.
    needs: Option<Needs>,
    writers: Writers,
    calls: BTreeMap<CallId, Call>,
    totals: Totals,
    breaches: BTreeMap<Breach, u64>,
    by_end: Cells,
    by_arrival: Cells,
    tally: Tally,
    agents: AgentLog,
    config: Vec<(Instant, String)>,
    first: Option<Instant>,
    last: Option<Instant>,
}

/// Calls since the fold began, each term counted from the events that make it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// `Arrived` events.
    pub arrived: u64,
    /// `HumanRequested` events.
    pub offered: u64,
    /// Calls picked up for the first time.
    pub answered: u64,
    /// Calls ended by their caller while waiting or rung for.
    pub abandoned: u64,
    /// Calls that ended while waiting, otherwise.
    pub failed: u64,
    /// Calls that ended in the menu.
    pub ended_in_menu: u64,
    /// Calls that ended unanswered.
    pub rejected: u64,
    /// `Ended` events.
    pub ended: u64,
}

impl Fold {
    /// Nothing has happened.
    pub fn new() -> Fold {
        Fold::default()
    }

    /// Nothing has happened since each writer wrote this number: for a fold that begins after a restart, or with a record
    /// whose oldest part is gone.
    pub fn after(last: &BTreeMap<ShardId, u64>) -> Fold {
        Fold { writers: Writers::after(last), ..Fold::default() }
    }

    /// The same, after these numbers of its writers. Before the first event.
    pub fn beginning_after(mut self, last: &BTreeMap<ShardId, u64>) -> Fold {
        self.writers = Writers::after(last);
        self
    }

    /// The same, its waits measured by another clock. Before the first event.
    pub fn by_clock(mut self, clock: Clock) -> Fold {
        self.clock = clock;
        self
    }

    /// The same, and each wait is kept, so that groups can be asked for. Before the first event.
    pub fn keeping_waits(mut self) -> Fold {
        self.waits = Some(Vec::new());
        self
    }

    /// The same, and what callers wanted is kept, so that it can be asked whether once was enough. Before the first event.
    pub fn keeping_needs(mut self, rule: NeedRule) -> Fold {
        self.needs = Some(Needs::new(rule));
        self
    }

    /// One more event, in the order in which its writer wrote it.
    pub fn add(&mut self, event: &ContactEvent) {
        self.writers.add(event.by, event.seq);
        self.first = Some(self.first.map_or(event.at, |first| first.min(event.at)));
        self.last = self.last.max(Some(event.at));
        if let Some(needs) = &mut self.needs {
            needs.add(event);
        }
        match &event.what {
            What::AgentState { agent, presence, activity, .. } => {
                let state = StateNow { since: event.at, presence: *presence, activity: *activity };
                if let Some(worked) = self.agents.add(*agent, state) {
                    self.tally.add(event.at.seconds(), worked.queue, Some(*agent), Mark::Worked, worked.ms);
                }
            }
            What::ConfigLive { hash } => self.config.push((event.at, hash.clone())),
            What::Disposed { .. } => {} // the floor's word about a call that may be over
            _ => match event.call {
                Some(call) => self.add_call(event, call),
                None => self.breach(Breach::NoCall),
            },
        }
    }

    fn add_call(&mut self, event: &ContactEvent, id: CallId) {
        if let What::Arrived { trunk, .. } = event.what {
            self.totals.arrived += 1;
            match self.calls.entry(id) {
                Entry::Vacant(place) => {
                    place.insert(Call::arrived(trunk));
                }
                Entry::Occupied(_) => self.breach(Breach::Twice),
            }
            return;
        }
        if !self.calls.contains_key(&id) {
            self.breach(Breach::Unseen);
        }
        let call = self.calls.entry(id).or_default();
        let (rang, rung_for, again) = (call.ringing(), call.rung_for(), call.was_queued());
        let (outcome, breach) = call.on(event.at, &event.what, self.clock);
        if let (Some(waits), Outcome::WaitOver { queue, since, end, wait_ms }) = (&mut self.waits, &outcome) {
            let agent = call.agent().filter(|_| *end == WaitEnd::Answered);
            let (trunk, exit) = (call.trunk(), call.exit().to_owned());
            let (queue, since, end, ms) = (*queue, *since, *end, *wait_ms);
            waits.push(Wait { queue, trunk, agent, exit, since, until_s: event.at.seconds(), end, ms });
        }
        if let Some(breach) = breach {
            self.breach(breach);
        }
        let second = event.at.seconds();
        match &event.what {
            What::Queued { queue, .. } => {
                self.tally.add(second, Some(*queue), None, Mark::Entered { again }, 0);
            }
            What::StepTaken { queue, .. } => self.tally.add(second, Some(*queue), None, Mark::Stepped, 0),
            What::RingEnded { agent, end } => {
                let ms = rang.map_or(0, |r| event.at.ms_since(r.since));
                self.tally.add(second, rung_for, Some(*agent), Mark::RingEnded(*end), ms);
            }
            What::PickedUp { queue, agent, .. } => {
                let ms = rang.map_or(0, |r| event.at.ms_since(r.since));
                self.tally.add(second, Some(*queue), Some(*agent), Mark::PickedUp, ms);
                self.agents.picked_up(*agent, *queue);
            }
            What::TalkEnded { agent, talk_ms, hung_up } => {
                self.tally.add(second, rung_for, Some(*agent), Mark::Talked((*hung_up).into()), *talk_ms);
            }
            What::Held { .. } | What::ConsultStarted { .. } | What::ConsultAnswered { .. } => {}
            What::Retrieved { agent, held_ms } => {
                self.tally.add(second, rung_for, Some(*agent), Mark::Held, *held_ms);
            }
            What::ConsultEnded { agent, consult_ms, .. } => {
                self.tally.add(second, rung_for, Some(*agent), Mark::Consulted, *consult_ms);
            }
            What::TransferEnded { agent, end: HandEnd::Done, to } => {
                self.tally.add(second, rung_for, Some(*agent), Mark::GaveOn, 0);
                if let (Destination::Agent(to), Some(queue)) = (to, rung_for) {
                    self.agents.picked_up(*to, queue);
                }
            }
            What::Ended { .. } => {
                self.totals.ended += 1;
                self.calls.remove(&id);
            }
            _ => {}
        }
        self.count(event, outcome);
    }

    fn count(&mut self, event: &ContactEvent, outcome: Outcome) {
        let second = event.at.seconds();
        match outcome {
            Outcome::Nothing | Outcome::Done => {}
            Outcome::Offered { menu, key, by } => {
                self.totals.offered += 1;
                if let What::HumanRequested { queue, .. } = &event.what {
                    self.tally.add(second, Some(*queue), None, Mark::Requested(menu, key, by), 0);
                }
            }
            Outcome::WaitOver { queue, since, end, wait_ms } => {
                *match end {
                    WaitEnd::Answered => &mut self.totals.answered,
                    WaitEnd::Abandoned => &mut self.totals.abandoned,
                    WaitEnd::Failed => &mut self.totals.failed,
                } += 1;
                self.by_end.add(queue, second, end, wait_ms);
                self.by_arrival.add(queue, since.seconds(), end, wait_ms);
            }
            Outcome::EndedInMenu { menu, key } => {
                self.totals.ended_in_menu += 1;
                if let What::Ended { cause, .. } = &event.what {
                    self.tally.add(second, None, None, Mark::Left(menu, key, *cause), 0);
                }
            }
            Outcome::Rejected => self.totals.rejected += 1,
        }
    }

    fn breach(&mut self, breach: Breach) {
        *self.breaches.entry(breach).or_default() += 1;
    }

    /// Answers a question as of `now`: for a record, the moment of its last event.
    pub fn answer(&self, question: &Question, now: Instant) -> Answer {
        let waits = self.waits(question);
        Answer::new(*question, self.clock, self.counts(question, &waits, now))
    }

    /// The same for the waits of a group, whose queue the question then does not name. They must be kept.
    pub fn answer_of(&self, group: &Group, question: &Question, now: Instant) -> Answer {
        let waits = self.waits_of(group, question);
        Answer::new(*question, self.clock, self.counts_of(Some(group), question, &waits, now))
    }

    /// The waits of a group that a question selects, without those not over.
    pub(crate) fn waits_of(&self, group: &Group, question: &Question) -> Waits {
        let kept = self.waits.as_deref();
        group.waits(kept.expect("a fold that is asked for groups was made to keep its waits"), question)
    }

    /// By which clock its waits are measured.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// The ways by which callers have asked for a person, as far as waits are kept.
    pub fn exits(&self) -> BTreeSet<String> {
        self.waits.iter().flatten().map(|wait| wait.exit.clone()).collect()
    }

    /// The waits a question selects, without those not over.
    pub fn waits(&self, question: &Question) -> Waits {
        let cells = match question.by {
            By::End => &self.by_end,
            By::Arrival => &self.by_arrival,
        };
        cells.window(question.queue, question.from.seconds(), question.to.seconds())
    }

    pub(crate) fn counts(&self, question: &Question, waits: &Waits, now: Instant) -> Counts {
        self.counts_of(None, question, waits, now)
    }

    pub(crate) fn counts_of(&self, group: Option<&Group>, question: &Question, waits: &Waits, now: Instant) -> Counts {
        let x = question.within_s;
        let abandoned = waits.count(WaitEnd::Abandoned);
        let abandoned_within = waits.within(WaitEnd::Abandoned, x);
        let (from, to) = (question.from.seconds(), question.to.seconds());
        let mut counts = Counts {
            answered: waits.count(WaitEnd::Answered),
            answered_within: waits.within(WaitEnd::Answered, x),
            abandoned,
            abandoned_within,
            abandoned_over: abandoned - abandoned_within,
            short: waits.within(WaitEnd::Abandoned, question.short_s),
            failed: waits.count(WaitEnd::Failed),
            ..Counts::default()
        };
        for call in self.calls.values() {
            let Some((since, queue)) = call.waiting(self.clock) else { continue };
            let of_it = match group {
                Some(group) => group.has(queue, call.trunk(), None, call.exit()),
                None => question.queue.is_none_or(|q| q == queue),
            };
            if !of_it {
                continue;
            }
            let since = since.unwrap_or(now);
            let selected = match question.by {
                By::End => (from..to).contains(&now.seconds()),
                By::Arrival => (from..to).contains(&since.seconds()),
            };
            if selected {
                counts.waiting += 1;
                counts.waiting_over += u64::from(now.ms_since(since).div_ceil(1000) > u64::from(x));
            }
        }
        counts
    }

    /// Since when each caller of a queue, or of all, waits, and whether he is being rung for.
    pub(crate) fn waits_now(&self, queue: Option<QueueId>) -> impl Iterator<Item = (Instant, bool)> {
        self.calls.values().filter_map(move |call| {
            let (since, at) = call.waiting(self.clock)?;
            let since = since.unwrap_or(Instant::from_micros(u64::MAX));
            queue.is_none_or(|q| q == at).then_some((since, call.ringing().is_some()))
        })
    }

    /// The centre at this moment, with the level of the last `window`. Never fails: a window shorter than a second is empty.
    pub fn live(&self, now: Instant, window: Duration, ask: Ask) -> Live {
        let queue = |queue| LiveQueue::new(self, queue, now, window, ask);
        Live {
            now,
            in_menu: self.in_menu(),
            with_agent: self.with_agent(),
            all: queue(None),
            queues: self.queues().into_iter().map(|q| queue(Some(q))).collect(),
            agents: self.agents.now().collect(),
        }
    }

    /// One queue at this moment, or all together.
    pub fn live_queue(&self, queue: Option<QueueId>, now: Instant, window: Duration, ask: Ask) -> LiveQueue {
        LiveQueue::new(self, queue, now, window, ask)
    }

    /// Whether it adds up, given what others counted.
    pub fn ledger(&self, outside: Outside) -> Ledger {
        Ledger::new(self, outside)
    }

    /// Whether the record adds up in itself, when nobody counted beside it.
    pub fn ledger_of_record(&self) -> Ledger {
        let alive = self.calls.len() as u64;
        let outside =
            Outside { arrived: self.totals.arrived, waiting: self.waiting(), alive, written: BTreeMap::new() };
        Ledger::new(self, outside)
    }

    /// The totals since the fold began.
    pub fn totals(&self) -> Totals {
        self.totals
    }

    /// Calls that have neither asked for a person nor ended.
    pub fn in_menu(&self) -> u64 {
        self.calls.values().filter(|c| c.in_menu()).count() as u64
    }

    /// Calls that an agent has picked up and that are not over.
    pub fn with_agent(&self) -> u64 {
        self.calls.len() as u64 - self.in_menu() - self.waiting()
    }

    /// Calls that wait for a person, those rung for among them.
    pub fn waiting(&self) -> u64 {
        self.waits_now(None).count() as u64
    }

    /// Events that could not follow what came before, by reason.
    pub fn breaches(&self) -> &BTreeMap<Breach, u64> {
        &self.breaches
    }

    /// What callers wanted, where it is kept.
    pub(crate) fn needs(&self) -> Option<&Needs> {
        self.needs.as_ref()
    }

    /// Every writer's numbers.
    pub fn writers(&self) -> &Writers {
        &self.writers
    }

    /// The queues that have or had a caller.
    pub fn queues(&self) -> BTreeSet<QueueId> {
        let waiting = self.calls.values().filter_map(|c| Some(c.waiting(self.clock)?.1));
        self.by_end.queues().chain(waiting).collect()
    }

    /// The cells by the second in which a wait ended, or began.
    pub fn cells(&self, by: By) -> &Cells {
        match by {
            By::End => &self.by_end,
            By::Arrival => &self.by_arrival,
        }
    }

    /// What is counted by the second and has no wait.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The agents' states.
    pub fn agents(&self) -> &AgentLog {
        &self.agents
    }

    /// For each agent the milliseconds of a window spent in each cell.
    pub fn agent_times(&self, from: Instant, to: Instant, now: Instant) -> BTreeMap<AgentId, BTreeMap<AgentTime, u64>> {
        self.agents.times(from, to, now)
    }

    /// The hash of the configuration that was live at this moment, if the events say.
    pub fn config_at(&self, at: Instant) -> Option<&str> {
        self.config.iter().rev().find(|(since, _)| *since <= at).map(|(_, hash)| hash.as_str())
    }

    /// The moments of the first and the last event.
    pub fn span(&self) -> Option<(Instant, Instant)> {
        self.first.zip(self.last)
    }

    /// What must still be told, at the moment of the last event, if this program ended then without a word: every call is over,
    /// every agent gone. By whom it is written, and of which call.
    pub fn last_words(&self) -> Vec<(ShardId, Option<CallId>, What)> {
        let Some(at) = self.last else { return Vec::new() };
        let mut words = Vec::new();
        for (&id, call) in &self.calls {
            words.extend(call.last_words(at).into_iter().map(|what| (id.shard(), Some(id), what)));
        }
        for (agent, state) in self.agents.now() {
            if (state.presence, state.activity) != (AgentPresence::LoggedOut, AgentActivity::Idle) {
                let (presence, activity) = (AgentPresence::LoggedOut, AgentActivity::Idle);
                let reason = "restart".to_owned();
                words.push((FLOOR, None, What::AgentState { agent, presence, activity, reason }));
            }
        }
        words
    }

    /// Forgets what was over before this moment, rounded down to the hour. A question about it then finds nothing.
    pub fn forget(&mut self, before: Instant) {
        let hour = before.seconds() / 3600 * 3600;
        self.by_end.forget(hour);
        self.by_arrival.forget(hour);
        self.tally.forget(hour);
        self.agents.forget(Instant::from_millis(hour * 1000));
    }
}
