//! Whether people were there when the roster wanted them.
//!
//! ```text
//!   roster     ├──────── shift ────────┤
//!   states   ┼ logged out ┼ ready ┼ not ready ┼ talking ┼ …
//!              │  absent  │◄──────── attended ──────────►│      attendance = attended / rostered
//!                         │ kept  │           │  kept    │      adherence  = kept / rostered
//! ```
//! Kept are the times in which he took calls or worked at one: ready, ringing, talking, after-call work. Centres differ in what
//! they call adherence, so both fractions are given with what is above and below the line. What has not happened yet is not rostered.
use crate::indicators::{Indicator, Unit};
use crate::{AgentTime, Fold, Question};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{AgentId, Instant};

/// One agent's duty, from a roster. Two of one agent do not overlap.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Shift {
    /// Whose.
    pub agent: AgentId,
    /// From this moment,
    pub from: Instant,
    /// up to this one.
    pub to: Instant,
}

/// Microseconds of one agent.
#[derive(Clone, Copy, Default)]
struct Kept {
    rostered: u64,
    attended: u64,
    kept: u64,
}

impl Fold {
    /// Rostered time, attendance and adherence of all and of each, in the question's window. Agents have no queue: with one, nothing.
    pub fn adherence(&self, roster: &[Shift], question: &Question, now: Instant) -> Vec<Indicator> {
        if roster.is_empty() || question.queue.is_some() {
            return Vec::new();
        }
        let whole = |at: Instant| Instant::from_millis(at.seconds() * 1000);
        let (from, to) = (whole(question.from), whole(question.to).min(now));
        let mut agents: BTreeMap<AgentId, Kept> = BTreeMap::new();
        for shift in roster {
            let (from, to) = (shift.from.max(from), shift.to.min(to));
            let sum = agents.entry(shift.agent).or_default();
            sum.rostered += to.micros().saturating_sub(from.micros());
            for (cell, us) in self.agents().micros(shift.agent, from, to) {
                sum.attended += if cell == AgentTime::LoggedOut { 0 } else { us };
                sum.kept += if matches!(cell, AgentTime::LoggedOut | AgentTime::NotReady) { 0 } else { us };
            }
        }
        let mut list = Vec::new();
        let mut all = Kept::default();
        for (agent, sum) in agents {
            let ms = Kept { rostered: sum.rostered / 1000, attended: sum.attended / 1000, kept: sum.kept / 1000 };
            all.rostered += ms.rostered;
            all.attended += ms.attended;
            all.kept += ms.kept;
            list.extend(ms.indicators(&format!("agent.{agent}.")));
        }
        let mut of_all = all.indicators("").to_vec();
        of_all.append(&mut list);
        of_all
    }
}

impl Kept {
    fn indicators(self, whose: &str) -> [Indicator; 3] {
        let Kept { rostered, attended, kept } = self;
        [
            Indicator::new(format!("{whose}rostered_ms"), Unit::Ms, rostered, 1),
            Indicator::new(format!("{whose}attendance"), Unit::Percent, attended, rostered),
            Indicator::new(format!("{whose}adherence"), Unit::Percent, kept, rostered),
        ]
    }
}
