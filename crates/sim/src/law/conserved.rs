//! Every term from its own source: what came in is what went out and what is there.
use super::{Law, View};
use switchboard_engine::call::State;
use switchboard_stats::Outside;

/// Conservation, at every standstill.
#[derive(Default)]
pub struct Conserved {
    taken: u64,
}

impl Law for Conserved {
    fn name(&self) -> &'static str {
        "conserved"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        if !view.standstill {
            return Ok(());
        }
        self.taken += 1;
        let mut outside = Outside::default();
        for shard in view.shards {
            let tally = shard.tally();
            outside.arrived += tally.arrived;
            outside.waiting += tally.waiting;
            outside.alive += shard.each_call().filter(|c| !matches!(c.state, State::Ending(_))).count() as u64;
            outside.written.insert(shard.id(), shard.events_written());
        }
        outside.written.insert(switchboard_model::ShardId(0), view.floor.events_written());
        let ledger = view.fold.ledger(outside);
        if ledger.conserved { Ok(()) } else { Err(format!("{:?} fail: {ledger:?}", ledger.failing)) }
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
