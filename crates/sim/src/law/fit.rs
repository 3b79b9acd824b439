//! An entry and an agent who fit never both remain at rest.
use super::{Law, View};
use switchboard_acd::rank;
use switchboard_engine::call::State;

/// L1.
#[derive(Default)]
pub struct Fit {
    taken: u64,
}

impl Law for Fit {
    fn name(&self) -> &'static str {
        "fit"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        if !view.standstill {
            return Ok(());
        }
        let resting: Vec<_> = view.floor.each_agent().filter(|a| a.rests()).collect();
        if resting.is_empty() {
            return Ok(());
        }
        for call in view.calls() {
            let (State::Waiting(_), Some(entry)) = (&call.state, &call.body.holdings.entry) else { continue };
            self.taken += 1;
            let line = view.config.layout.line(entry.queue, entry.language).expect("a waiting caller has a line");
            let needs = view.config.layout.needs(line, usize::from(entry.step));
            if let Some(agent) = resting.iter().find(|a| rank(&view.config.agent(a.id).skills, needs).is_some()) {
                return Err(format!(
                    "{:?} waits in queue {} ({}), step {}, and {:?}, who fits, is at rest",
                    call.body.facts.id, entry.queue, entry.language, entry.step, agent.id
                ));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
