//! Three rings, and the agent is out of ready until his pause is over or somebody says so.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_model::{AgentId, AgentPresence, ContactEvent, Instant, RingEnd, What};

/// RONA.
#[derive(Default)]
pub struct Rona {
    /// Who let it ring, and when.
    out: BTreeMap<AgentId, Instant>,
    taken: u64,
}

impl Law for Rona {
    fn name(&self) -> &'static str {
        "rona"
    }

    fn told(&mut self, event: &ContactEvent, view: &View<'_>) -> Result<(), String> {
        match &event.what {
            What::RingEnded { agent, end: RingEnd::NoAnswer } => {
                self.taken += 1;
                self.out.insert(*agent, event.at);
            }
            // Who is out by a hand and not by his ringing may still be asked for by a colleague.
            What::AgentState { agent, presence: AgentPresence::LoggedOut | AgentPresence::NotReady, .. } => {
                self.out.remove(agent);
            }
            What::AgentState { agent, reason, .. }
                if matches!(reason.as_str(), "command" | "registered" | "recovered") =>
            {
                self.out.remove(agent);
            }
            What::Ringing { agent, .. } => {
                if let Some(at) = self.out.remove(agent)
                    && !view.crashed
                    && view.now < at + view.config.rules.failures.no_answer.pause
                {
                    return Err(format!("{agent:?} let it ring at {at:?} and is rung again at {:?}", view.now));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
