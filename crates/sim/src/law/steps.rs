//! An overflow step is taken when it is due: what is asked for a waiting caller is what his waiting time says.
use super::{Law, View};
use switchboard_acd::due_step;
use switchboard_engine::call::State;

/// Steps by time.
#[derive(Default)]
pub struct Steps {
    taken: u64,
}

impl Law for Steps {
    fn name(&self) -> &'static str {
        "steps"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        for call in view.calls() {
            let (State::Waiting(waiting), Some(entry)) = (&call.state, &call.body.holdings.entry) else { continue };
            let queue = &view.config.queue(entry.queue).queue;
            // One microsecond ago: a step that is due this instant is taken by an event of this instant.
            let due = due_step(queue, waiting.since(), view.now - std::time::Duration::from_micros(1));
            if due > 0 {
                self.taken += 1;
            }
            if usize::from(entry.step) < due {
                return Err(format!(
                    "{:?} is at step {} of queue {}, and step {due} is due",
                    call.body.facts.id, entry.step, entry.queue
                ));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
