//! Nobody stays in a passing state beyond its deadline: not an agent, not a call.
//!
//! `leases` says that nobody's word was lost; this one, that it would not matter if it were.
use super::{Law, View};
use std::time::Duration;

/// Left within a second of the deadline.
#[derive(Default)]
pub struct Deadlines {
    taken: u64,
}

/// A thread that is a little late is no fault.
const LATE: Duration = Duration::from_secs(1);

impl Law for Deadlines {
    fn name(&self) -> &'static str {
        "deadlines"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        for agent in view.floor.each_agent() {
            for (passing, deadline) in agent.passing() {
                self.taken += 1;
                if deadline + LATE < view.now {
                    return Err(format!("agent {} is stuck in `{}` since {deadline:?}", agent.id, passing.name()));
                }
            }
        }
        for call in view.calls() {
            let Some(deadline) = call.deadline() else { continue };
            self.taken += 1;
            if deadline + LATE < view.now {
                let (id, state) = (call.body.facts.id, call.state.name());
                return Err(format!("{id:?} is stuck in {state} since {deadline:?}"));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
