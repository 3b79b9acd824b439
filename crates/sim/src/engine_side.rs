//! The centre in the simulated world: its threads, the rings between them, and the memory that survives them.
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use switchboard_engine::command::Command;
use switchboard_engine::lookup::{Answer, Lookup};
use switchboard_engine::{
    Arrow, Claimed, Config, Floor, FloorInput, FloorSetup, Matched, Output, Ports, Shard, ShardInput, ShardSetup,
    ToFloor, Ways, restore,
};
use switchboard_matcher::Matcher;
use switchboard_media::{Fact, Wish};
use switchboard_model::{
    CallId, Chance, ContactEvent, ENDPOINT_FLOOR, EndpointId, FlowId, Instant, Record, RecordKey, ShardId,
};
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;

/// A thread: 0 is the floor, n is shard n.
pub type Thread = usize;

/// What waits in a thread's ring.
#[derive(Debug)]
pub enum Parcel {
    /// A SIP message.
    Datagram(SocketAddr, Vec<u8>),
    /// To a shard, from the media thread.
    Media(CallId, Fact),
    /// To a shard, from the floor.
    Matched(Matched),
    /// To a shard, from the floor: about an agent who was asked for.
    Claimed(Claimed),
    /// To a shard, from the floor: how its call can go out.
    Ways(Ways),
    /// To a shard, from a back-end.
    LookedUp(CallId, u32, Answer),
    /// To the floor, from a shard.
    ToFloor(ToFloor),
    /// To either.
    Command(Command),
    /// Its own time-out.
    Timeout,
}

/// What an event brought about outside the threads.
#[derive(Debug)]
pub enum Effect {
    /// A SIP message leaves.
    Send(SocketAddr, bytes::Bytes),
    /// The media thread is told.
    Wish(Wish),
    /// A contact event is told.
    Event(ContactEvent),
    /// A back-end is asked.
    Lookup(Lookup),
    /// A state changed.
    Arrow(Arrow),
    /// A message to another thread.
    Ring(Thread, Parcel),
}

/// The centre.
pub struct EngineSide {
    /// The rules.
    pub config: Arc<Config>,
    /// Where they meet.
    pub matcher: Arc<Matcher>,
    /// The floor.
    pub floor: Floor,
    /// The shards.
    pub shards: Vec<Shard>,
    /// Each thread's ring.
    pub rings: Vec<VecDeque<Parcel>>,
    memory: Vec<BTreeMap<RecordKey, Record>>,
    keeps: bool,
    first_start: Instant,
    ports: usize,
    chance: Chance,
    /// Errors of its own that the engine caught before it was last restored.
    caught: u64,
}

/// The centre's SIP address.
pub fn centre() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 5060))
}

/// The address of an RTP slot.
pub fn rtp_address(slot: u32) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 20_000 + slot as u16 * 2))
}

/// The slot of an RTP address.
pub fn rtp_slot(address: SocketAddr) -> Option<u32> {
    (address.ip() == centre().ip() && address.port() >= 20_000).then(|| u32::from(address.port() - 20_000) / 2)
}

impl EngineSide {
    /// A centre of so many shards, each with so many RTP ports.
    pub fn new(config: Arc<Config>, shards: u8, ports: usize, now: Instant, mut chance: Chance) -> Self {
        let matcher = Arc::new(Matcher::new(config.layout.plan().expect("the layout was checked")));
        let setup = floor_setup(&config, &matcher, now, &mut chance);
        let floor = Floor::new(setup, now);
        let all =
            (1..=shards).map(|n| Shard::new(shard_setup(&config, &matcher, now, n, ports, &mut chance))).collect();
        let threads = usize::from(shards) + 1;
        let mut side = EngineSide {
            config,
            matcher,
            floor,
            shards: all,
            rings: (0..threads).map(|_| VecDeque::new()).collect(),
            memory: vec![BTreeMap::new(); threads],
            keeps: true,
            first_start: now,
            ports,
            chance,
            caught: 0,
        };
        for thread in 0..threads {
            side.keep_records(thread);
        }
        side
    }

    /// Writes no records from now on: for a world that is never restored, where nobody would read them.
    pub fn keeps_nothing(&mut self) {
        self.keeps = false;
        self.memory.iter_mut().for_each(BTreeMap::clear);
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.rings.len()
    }
    /// Whether no message is under way between threads.
    pub fn stands_still(&self) -> bool {
        self.rings.iter().all(VecDeque::is_empty)
    }
    /// When a thread wants its time-out.
    pub fn next_timeout(&self, thread: Thread) -> Option<Instant> {
        match thread {
            0 => self.floor.next_timeout(),
            n => self.shards[n - 1].next_timeout(),
        }
    }

    /// Which thread a datagram belongs to, as the router of the real node decides it.
    pub fn route(&self, bytes: &[u8]) -> Thread {
        use switchboard_sip::Route;
        let shards = self.shards.len() as u64;
        let owner = |EndpointId(id): EndpointId| if usize::from(id) <= self.shards.len() { usize::from(id) } else { 0 };
        match switchboard_sip::classify(bytes) {
            Route::Response { endpoint } | Route::InDialog { endpoint } => owner(endpoint),
            Route::NewInvite { call_id_hash } => 1 + (call_id_hash % shards) as usize,
            Route::OutOfDialog | Route::Garbage => 0,
        }
    }

    /// A thread takes one parcel.
    pub fn handle(&mut self, now: Instant, thread: Thread, parcel: Parcel) -> Vec<Effect> {
        match thread {
            0 => match parcel {
                Parcel::Datagram(from, bytes) => {
                    self.floor.handle(now, FloorInput::Datagram { flow: FlowId(0), from, bytes: &bytes });
                }
                Parcel::Timeout => self.floor.handle(now, FloorInput::Timeout),
                Parcel::ToFloor(word) => self.floor.handle(now, FloorInput::FromShard(word)),
                Parcel::Command(command) => self.floor.handle(now, FloorInput::Command(command)),
                parcel @ (Parcel::Media(..)
                | Parcel::Matched(_)
                | Parcel::Claimed(_)
                | Parcel::Ways(_)
                | Parcel::LookedUp(..)) => {
                    unreachable!("the floor was sent {parcel:?}")
                }
            },
            n => {
                let shard = &mut self.shards[n - 1];
                match parcel {
                    Parcel::Datagram(from, bytes) => {
                        shard.handle(now, ShardInput::Datagram { flow: FlowId(0), from, bytes: &bytes })
                    }
                    Parcel::Timeout => shard.handle(now, ShardInput::Timeout),
                    Parcel::Media(call, fact) => shard.handle(now, ShardInput::Media(call, fact)),
                    Parcel::Matched(matched) => shard.handle(now, ShardInput::Matched(matched)),
                    Parcel::LookedUp(call, id, answer) => shard.handle(now, ShardInput::LookedUp(call, id, answer)),
                    Parcel::Claimed(claimed) => shard.handle(now, ShardInput::Claimed(claimed)),
                    Parcel::Ways(ways) => shard.handle(now, ShardInput::Ways(ways)),
                    Parcel::Command(command) => shard.handle(now, ShardInput::Command(command)),
                    Parcel::ToFloor(word) => unreachable!("a shard was sent {word:?}"),
                }
            }
        }
        self.effects(thread)
    }

    /// Records first, then the outputs.
    fn effects(&mut self, thread: Thread) -> Vec<Effect> {
        let mut effects = vec![];
        loop {
            let output = if thread == 0 { self.floor.poll() } else { self.shards[thread - 1].poll() };
            let Some(output) = output else { break };
            effects.push(match output {
                Output::Send { to, bytes, .. } => Effect::Send(to, bytes),
                Output::Wish(wish) => Effect::Wish(wish),
                Output::ToFloor(word) => Effect::Ring(0, Parcel::ToFloor(word)),
                Output::ToShard(shard, matched) => Effect::Ring(usize::from(shard.0), Parcel::Matched(matched)),
                Output::Claimed(shard, claimed) => Effect::Ring(usize::from(shard.0), Parcel::Claimed(claimed)),
                Output::Ways(shard, ways) => Effect::Ring(usize::from(shard.0), Parcel::Ways(ways)),
                Output::Lookup(lookup) => Effect::Lookup(lookup),
                Output::Event(event) => Effect::Event(event),
                Output::Arrow(arrow) => Effect::Arrow(arrow),
                Output::Answer(_) => continue,
            });
        }
        self.keep_records(thread);
        effects
    }

    /// What every call should sound like, for a media thread that begins.
    pub fn say_wishes_again(&mut self) -> Vec<Effect> {
        self.shards.iter_mut().for_each(Shard::say_wishes_again);
        (1..self.threads()).flat_map(|thread| self.effects(thread)).collect()
    }

    fn keep_records(&mut self, thread: Thread) {
        loop {
            let key = if thread == 0 { self.floor.poll_changed() } else { self.shards[thread - 1].poll_changed() };
            let Some(key) = key else { break };
            if !self.keeps {
                continue;
            }
            let record = if thread == 0 { self.floor.record(key) } else { self.shards[thread - 1].record(key) };
            match record {
                Some(record) => self.memory[thread].insert(key, record),
                None => self.memory[thread].remove(&key),
            };
        }
    }

    /// Errors of its own that the engine caught, since the world began.
    pub fn caught(&self) -> u64 {
        self.caught + self.floor.faults() + self.shards.iter().map(|s| s.tally().panics).sum::<u64>()
    }

    /// Drops everything but the memory, and makes it anew. What was under way between threads is lost; at a standstill nothing is,
    /// and then nothing must come of it. Returns what comes of it.
    pub fn restore(&mut self, now: Instant) -> Result<Vec<Effect>, String> {
        let still = self.stands_still();
        self.caught = self.caught();
        for thread in 0..self.threads() {
            let records = if thread == 0 { self.floor.records() } else { self.shards[thread - 1].records() };
            same_records(thread, "a change was not told", &records, &self.memory[thread])?;
        }
        self.rings.iter_mut().for_each(VecDeque::clear);
        self.matcher = Arc::new(Matcher::new(self.config.layout.plan().expect("the layout was checked")));
        let bad = |e: switchboard_model::BadRecord| e.to_string();
        let all = |memory: &BTreeMap<RecordKey, Record>| memory.values().cloned().collect::<Vec<_>>();
        let setup = floor_setup(&self.config, &self.matcher, self.first_start, &mut self.chance);
        self.floor = Floor::from_records(setup, now, &all(&self.memory[0])).map_err(bad)?;
        for n in 1..self.threads() {
            let setup =
                shard_setup(&self.config, &self.matcher, self.first_start, n as u8, self.ports, &mut self.chance);
            self.shards[n - 1] = Shard::from_records(setup, &all(&self.memory[n])).map_err(bad)?;
        }
        for thread in 0..self.threads() {
            let records = if thread == 0 { self.floor.records() } else { self.shards[thread - 1].records() };
            same_records(thread, "checkpoint, restore, checkpoint", &records, &self.memory[thread])?;
        }
        restore::engine(now, &self.config, &self.matcher, &mut self.floor, &mut self.shards);
        let effects: Vec<Effect> = (0..self.threads()).flat_map(|thread| self.effects(thread)).collect();
        if still && let Some(effect) = effects.first() {
            return Err(format!("restored at a standstill, and {effect:?} came of it"));
        }
        Ok(effects)
    }
}

impl EngineSide {
    /// Another configuration while calls run. What was under way between threads is lost, as in the real node. Returns what comes of it.
    pub fn reload(&mut self, now: Instant, config: Arc<Config>) -> Result<Vec<Effect>, String> {
        self.rings.iter_mut().for_each(|ring| {
            ring.retain(|parcel| !matches!(parcel, Parcel::Matched(_) | Parcel::ToFloor(_)));
        });
        let done = restore::reload(now, &config, &mut self.floor, &mut self.shards);
        self.matcher = done.map_err(|e| e.to_string())?;
        self.config = config;
        Ok((0..self.threads()).flat_map(|thread| self.effects(thread)).collect())
    }
}

fn same_records(thread: Thread, law: &str, is: &[Record], was: &BTreeMap<RecordKey, Record>) -> Result<(), String> {
    let is: BTreeMap<RecordKey, &Record> = is.iter().map(|r| (r.key, r)).collect();
    for (key, record) in was {
        match is.get(key) {
            Some(now) if *now == record => {}
            Some(_) => return Err(format!("{law}: record {key:?} of thread {thread} differs")),
            None => return Err(format!("{law}: record {key:?} of thread {thread} is gone")),
        }
    }
    match is.keys().find(|key| !was.contains_key(key)) {
        Some(key) => Err(format!("{law}: record {key:?} of thread {thread} is new")),
        None => Ok(()),
    }
}

fn floor_setup(config: &Arc<Config>, matcher: &Arc<Matcher>, first_start: Instant, chance: &mut Chance) -> FloorSetup {
    FloorSetup {
        first_start,
        events_so_far: 0,
        sip: EndpointConfig::new(ENDPOINT_FLOOR, centre(), "Switchboard", Chance::from_seed(chance.seed())),
        config: config.clone(),
        matcher: matcher.clone(),
        registrar: RegistrarConfig {
            algorithms: config.digest.clone(),
            ..RegistrarConfig::new(&config.realm, Chance::from_seed(chance.seed()))
        },
    }
}

fn shard_setup(
    config: &Arc<Config>,
    matcher: &Arc<Matcher>,
    first_start: Instant,
    n: u8,
    ports: usize,
    chance: &mut Chance,
) -> ShardSetup {
    let first = u32::from(n - 1) * ports as u32;
    ShardSetup {
        id: ShardId(n),
        first_start,
        events_so_far: 0,
        sip: EndpointConfig::new(EndpointId(n), centre(), "Switchboard", Chance::from_seed(chance.seed())),
        ports: Ports::new(first, (first..first + ports as u32).map(rtp_address).collect()),
        config: config.clone(),
        matcher: matcher.clone(),
    }
}
