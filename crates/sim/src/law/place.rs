//! A caller who is not answered keeps his place, and of two callers of one line who could both be rung for, the earlier is.
use super::{Law, View, entry_of};
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_acd::rank;
use switchboard_engine::call::State;
use switchboard_model::{CallId, Instant};

/// First come, first served.
#[derive(Default)]
pub struct Place {
    /// Each caller's key, and since when he has rested continuously (none while he is rung).
    seen: BTreeMap<CallId, (u64, Option<Instant>)>,
    /// Each caller's place for good: whatever queue he is sent to, he came when he came.
    places: BTreeMap<CallId, u64>,
    taken: u64,
}

/// Messages between threads take up to this long in the simulated world; who rested for longer was there to be seen.
const UNDER_WAY: Duration = Duration::from_millis(20);

impl Place {
    /// Most events move nobody in or out of a line: then there is nothing to judge and nothing to write down.
    fn saw_all_of_this(&self, view: &View<'_>) -> bool {
        let mut seen = self.seen.iter();
        let same = view.calls().filter_map(|call| Some((call, entry_of(call)?))).all(|(call, entry)| {
            let rests = matches!(call.state, State::Waiting(_));
            seen.next().is_some_and(|(id, (key, since))| {
                *id == call.body.facts.id && *key == entry.key && since.is_some() == rests
            })
        });
        same && seen.next().is_none()
    }
}

impl Law for Place {
    fn name(&self) -> &'static str {
        "place"
    }

    fn sees_every_event(&self) -> bool {
        true
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        if self.saw_all_of_this(view) {
            return Ok(());
        }
        let mut now_seen = BTreeMap::new();
        let mut newly_rung = vec![];
        for call in view.calls() {
            let id = call.body.facts.id;
            let Some(entry) = entry_of(call) else { continue };
            let place = *self.places.entry(id).or_insert(entry.key);
            if place != entry.key {
                return Err(format!("{id:?} came in place {place}, and was given on into {}", entry.key));
            }
            let before = self.seen.get(&id);
            if let Some((key, _)) = before
                && *key != entry.key
            {
                return Err(format!("{id:?} had place {key} and now has {}", entry.key));
            }
            let rests = matches!(call.state, State::Waiting(_));
            let since = match before {
                Some((_, Some(since))) if rests => Some(*since),
                _ => rests.then_some(view.now),
            };
            if !rests && before.is_some_and(|(_, since)| since.is_some()) {
                newly_rung.push(call);
            }
            now_seen.insert(id, (entry.key, since));
        }
        for rung in newly_rung {
            let entry = entry_of(rung).expect("just read");
            let Some(agent) = &rung.body.holdings.agent else { continue };
            for other in view.calls().filter(|c| matches!(c.state, State::Waiting(_))) {
                let place = entry_of(other).expect("who waits has a place");
                let since = now_seen[&other.body.facts.id].1;
                if (place.queue, place.language, place.step) != (entry.queue, entry.language, entry.step) {
                    continue;
                }
                self.taken += 1;
                let line = view.config.layout.line(place.queue, place.language).expect("a waiting caller has a line");
                let needs = view.config.layout.needs(line, usize::from(place.step));
                let fits = rank(&view.config.agent(agent.agent).skills, needs).is_some();
                if fits && place.key < entry.key && since.is_some_and(|at| at + UNDER_WAY < view.now) {
                    return Err(format!(
                        "{:?} is rung for before {:?}, who came earlier and waited since {:?}",
                        rung.body.facts.id, other.body.facts.id, since
                    ));
                }
            }
        }
        self.seen = now_seen;
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
