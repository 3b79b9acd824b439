//! The laws, one file each. Every law is asked after every event at which the threads stand still, and at the end of the world.
//!
//! A law counts how often its guard was taken, i.e. how often there was something to check; a law that was never asked anything
//! in the whole seed set has proved nothing, and the run says so.
mod busy;
mod conserved;
mod deadlines;
mod end;
mod fit;
mod hands;
mod hearing;
mod leases;
mod place;
mod place_told;
mod ports;
mod redecided;
mod rona;
mod sequence;
mod sound;
mod steps;

use crate::people_side::PeopleSide;
use switchboard_engine::call::{Call, State};
use switchboard_engine::{Config, Floor, Shard};
use switchboard_matcher::Matcher;
use switchboard_model::{CallId, ContactEvent, Instant};
use switchboard_stats::Fold;

/// What a law may look at.
pub struct View<'a> {
    /// Now.
    pub now: Instant,
    /// The rules in force.
    pub config: &'a Config,
    /// The floor.
    pub floor: &'a Floor,
    /// The shards.
    pub shards: &'a [Shard],
    /// Where they meet.
    pub matcher: &'a Matcher,
    /// The fold of all contact events.
    pub fold: &'a Fold,
    /// What the people went through.
    pub people: &'a PeopleSide,
    /// Whether messages between threads are under way; most laws hold only when none is.
    pub standstill: bool,
    /// Errors of its own that the engine caught so far.
    pub caught: u64,
    /// Whether the engine was restored while messages were under way: what was lost may be told twice or late.
    pub crashed: bool,
}

impl View<'_> {
    /// Every call of every shard.
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.shards.iter().flat_map(Shard::each_call)
    }
    /// A call by id.
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls().find(|c| c.body.facts.id == id)
    }
}

/// A law.
pub trait Law {
    /// Its name in reports.
    fn name(&self) -> &'static str;
    /// A contact event was told.
    fn told(&mut self, _event: &ContactEvent, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
    /// Something happened, and has been dealt with.
    fn after_event(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
    /// Whether it compares with the event before, and so must see each, even in a world where states are looked at now and then.
    fn sees_every_event(&self) -> bool {
        false
    }
    /// The world has come to its end: everybody has gone.
    fn at_end(&mut self, _view: &View<'_>) -> Result<(), String> {
        Ok(())
    }
    /// How often there was something to check.
    fn taken(&self) -> u64;
}

/// Every law, fresh.
pub fn all() -> Vec<Box<dyn Law>> {
    vec![
        Box::new(fit::Fit::default()),
        Box::new(busy::Busy::default()),
        Box::new(sequence::Sequence::default()),
        Box::new(conserved::Conserved::default()),
        Box::new(place::Place::default()),
        Box::new(steps::Steps::default()),
        Box::new(hearing::Hearing::default()),
        Box::new(sound::Sound::default()),
        Box::new(hands::Hands::default()),
        Box::new(rona::Rona::default()),
        Box::new(ports::Ports::default()),
        Box::new(place_told::PlaceTold::default()),
        Box::new(redecided::Redecided::default()),
        Box::new(leases::Leases::default()),
        Box::new(deadlines::Deadlines::default()),
        Box::new(end::End::default()),
    ]
}

/// The place of a waiting or rung caller.
fn entry_of(call: &Call) -> Option<&switchboard_engine::holdings::EntryHold> {
    match call.state {
        State::Waiting(_) | State::Ringing(_) => call.body.holdings.entry.as_ref(),
        State::Arriving(_)
        | State::Menu(_)
        | State::Greeting(_)
        | State::Talking(_)
        | State::Held(_)
        | State::Transferring(_)
        | State::Consulting(_)
        | State::Conferring(_)
        | State::Verifying(_)
        | State::Outside(_)
        | State::Ending(_)
        | State::Over => None,
    }
}
