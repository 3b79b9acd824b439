//! What a call holds is given back: RTP ports, a place among its trunk's calls and places in the matcher are exactly those of the
//! living calls.
use super::{Law, View};
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
            let brought_in = shard.each_call().filter(|c| c.body.holdings.second.is_some()).count();
            if shard.ports_lent() != 2 * living + brought_in {
                return Err(format!(
                    "{:?} has {living} living calls, {brought_in} with a second party, and {} ports lent",
                    shard.id(),
                    shard.ports_lent()
                ));
            }
        }
        for (shard, trunk) in view.shards.iter().flat_map(|s| view.config.trunks.iter().map(move |t| (s, t.id))) {
            let counted = shard.each_call().filter(|c| c.body.facts.trunk == trunk).count();
            if shard.of_trunk(trunk) as usize != counted {
                return Err(format!(
                    "{:?} takes {trunk:?} to have {} calls; it has {counted}",
                    shard.id(),
                    shard.of_trunk(trunk)
                ));
            }
        }
        // Looking at every slot of the matcher is dear; a ghost in it does not go away.
        if view.standstill && self.taken.is_multiple_of(8) {
            let waiting = view.calls().filter(|c| matches!(c.state, State::Waiting(_))).count();
            let layout = &view.config.layout;
            let lines = 0..layout.line_count() as u32;
            let at_rest: usize =
                lines.flat_map(|l| (0..layout.step_count(l) as u8).map(move |s| view.matcher.waiting(l, s))).sum();
            if waiting != at_rest {
                return Err(format!("{waiting} calls wait, and in the matcher {at_rest} are at rest"));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
