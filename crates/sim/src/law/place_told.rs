//! The place a waiting caller is told is true, and never rises.
use super::{Law, View, entry_of};
use std::collections::BTreeMap;
use switchboard_engine::call::State;
use switchboard_model::{CallId, QueueId};

/// What each has heard.
#[derive(Default)]
pub struct PlaceTold {
    heard: BTreeMap<CallId, (QueueId, u32)>,
    taken: u64,
}

impl Law for PlaceTold {
    fn name(&self) -> &'static str {
        "place_told"
    }

    fn sees_every_event(&self) -> bool {
        true
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        for call in view.calls().filter(|c| matches!(c.state, State::Waiting(_))) {
            let id = call.body.facts.id;
            let (Some((queue, place)), Some(entry)) = (call.body.facts.told.place, entry_of(call)) else { continue };
            let before = self.heard.insert(id, (queue, place));
            if before == Some((queue, place)) {
                continue;
            }
            self.taken += 1;
            if let Some((of, heard)) = before
                && of == queue
                && heard < place
            {
                return Err(format!("{id:?} was told to be number {heard} of queue {queue}, and then number {place}"));
            }
            // Those of his line who came before him; one who is just being matched is no more at rest.
            let ahead = view
                .calls()
                .filter(|c| matches!(c.state, State::Waiting(_)))
                .filter_map(entry_of)
                .filter(|e| (e.queue, e.language) == (entry.queue, entry.language) && e.key < entry.key)
                .count() as u32;
            if entry.queue == queue && place > 1 + ahead {
                return Err(format!(
                    "{id:?} was told to be number {place} of queue {queue}, and is number {}",
                    1 + ahead
                ));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
