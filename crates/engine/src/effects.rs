//! What a state may do to the world, and nothing more.
use crate::config::Config;
use crate::input::ToFloor;
use crate::output::Output;
use crate::ports::Ports;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use switchboard_acd::KeyMint;
use switchboard_matcher::Matcher;
use switchboard_model::{CallId, ContactEvent, Instant, ShardId, StreamId, TrunkId, What};
use switchboard_sip::{DialogId, Endpoint};

/// Which party of a call.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Party {
    /// Outside.
    Caller,
    /// Inside.
    Agent,
    /// Whom the agent has brought in: a colleague, or a number outside.
    Second,
}

/// A shard's counters: a record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counters {
    /// The next call's number.
    pub next_call: u64,
    /// INVITEs from trunks that became calls.
    pub arrived: u64,
    /// Makes keys.
    pub keys: KeyMint,
    /// The next lending's generation.
    pub next_generation: u32,
    /// Where the next free port is looked for.
    pub port_cursor: u32,
    /// The last contact event's number.
    pub seq: u64,
    /// Whether new calls are refused because we close down.
    pub draining: bool,
    /// In which second calls were last refused for want of room, and how many in it.
    pub refused_in: (u64, u32),
    /// In which second calls last began by a trunk that has a bound for it, and how many in it.
    pub begun_in: BTreeMap<TrunkId, (u64, u32)>,
}

impl Counters {
    /// How many calls have begun by this trunk in this second.
    pub fn begun(&self, now: Instant, trunk: TrunkId) -> u32 {
        self.begun_in.get(&trunk).filter(|(second, _)| *second == now.seconds()).map_or(0, |(_, n)| *n)
    }
}

/// Look-ups derived from the calls; never written.
#[derive(Default, Debug)]
pub struct Index {
    /// Dialog → whose.
    pub dialogs: BTreeMap<DialogId, (CallId, Party)>,
    /// Matching key → whose.
    pub keys: BTreeMap<u64, CallId>,
    /// How many calls each trunk has; a trunk of a configuration that is gone keeps its zero.
    pub calls_of: BTreeMap<TrunkId, u32>,
}

/// A state's hands.
pub struct Effects<'a> {
    /// When the event happened.
    pub now: Instant,
    /// Whose call this is.
    pub call: CallId,
    /// In which shard.
    pub shard: ShardId,
    /// The rules in force.
    pub config: &'a Config,
    /// SIP.
    pub sip: &'a mut Endpoint,
    /// Where callers and agents meet.
    pub matcher: &'a Matcher,
    /// Numbers to be given out.
    pub counters: &'a mut Counters,
    /// Look-ups to be kept.
    pub index: &'a mut Index,
    /// Ports to be lent.
    pub ports: &'a mut Ports,
    /// What is to be done.
    pub out: &'a mut VecDeque<Output>,
    /// What became of the order that this event is, if it is one.
    pub done: &'a mut Option<Result<(), String>>,
}

impl Effects<'_> {
    /// Something happened to this contact.
    pub fn emit(&mut self, what: What) {
        self.counters.seq += 1;
        self.out.push_back(Output::Event(ContactEvent {
            v: ContactEvent::VERSION,
            by: self.shard,
            seq: self.counters.seq,
            at: self.now,
            call: Some(self.call),
            what,
        }));
    }

    /// Tell the floor.
    pub fn tell_floor(&mut self, what: ToFloor) {
        self.out.push_back(Output::ToFloor(what));
    }

    /// This is what became of the order; one that no state speaks of is refused by the shard.
    pub fn did(&mut self, done: Result<(), String>) {
        *self.done = Some(done);
    }

    /// A number by which the floor's answer is known.
    pub fn new_claim(&mut self) -> u32 {
        self.counters.next_generation = self.counters.next_generation.wrapping_add(1);
        self.counters.next_generation
    }

    /// A stream on this slot that nobody had before.
    pub fn new_stream(&mut self, slot: u32) -> StreamId {
        self.counters.next_generation = self.counters.next_generation.wrapping_add(1);
        StreamId { slot, generation: self.counters.next_generation }
    }

    /// Where the matcher puts what it brought about.
    pub fn sink(out: &mut VecDeque<Output>, now: Instant) -> impl FnMut(switchboard_matcher::Event) + '_ {
        move |event| {
            out.push_back(Output::ToFloor(match event {
                switchboard_matcher::Event::Met(met) => ToFloor::Taken { met, at: now },
                switchboard_matcher::Event::Left(chair) => ToFloor::Left(chair),
            }))
        }
    }
}
