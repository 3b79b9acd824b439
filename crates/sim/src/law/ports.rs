//! What a call holds is given back: RTP ports and places in the matcher are exactly those of the living calls.
use super::{Law, View, entry_of};
use switchboard_engine::call::State;

/// Nothing leaks.
#[derive(Default)]
pub struct Ports {
    taken: u64,
}

impl Law for Ports {
    fn name(&self) -> &'static str {
        "ports"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        for shard in view.shards {
            self.taken += 1;
            let living = shard.each_call().filter(|c| !matches!(c.state, State::Ending(_))).count();
            if shard.ports_lent() != 2 * living {
                return Err(format!(
                    "{:?} has {living} living calls and {} ports lent",
                    shard.id(),
                    shard.ports_lent()
                ));
            }
        }
        if view.standstill {
            let placed = view.calls().filter(|c| entry_of(c).is_some() || matches!(c.state, State::Ending(_))).count();
            let held = view.matcher.entries();
            if placed != held {
                return Err(format!("{placed} calls have a place, and the matcher holds {held}"));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
