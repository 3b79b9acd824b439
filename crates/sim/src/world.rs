//! The world: one queue of what is to happen, in the order of time.
//!
//! ```text
//!   pop the earliest ─► a telephone, a thread, the network, the media ─► what comes of it is put in ─► laws ─► next
//! ```
use crate::coverage::Coverage;
use crate::desk;
use crate::engine_side::{Effect, EngineSide, Parcel, Thread, centre, rtp_slot};
use crate::law::{self, Law, View};
use crate::people_side::{PeopleSide, Who};
use crate::scenario::{Restore, Scenario};
use crate::told_media::{Told, ToldMedia};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_engine::Config;
use switchboard_engine::command::{CallOrder, Command, Order};
use switchboard_ivr::Menus;
use switchboard_media::{Fact, Input, Media};
use switchboard_model::{AgentId, CallId, Chance, ContactEvent, Instant, StreamId, What};
use switchboard_people::PhoneOutput;
use switchboard_stats::Fold;

/// What is to happen.
#[derive(Debug)]
enum Due {
    /// A datagram arrives.
    Arrive { to: SocketAddr, from: SocketAddr, bytes: Vec<u8> },
    /// A thread takes the next parcel of its ring.
    Step(Thread),
    /// A parcel reaches a thread's ring.
    Parcel(Thread, Parcel),
    /// A thread's time-out.
    ThreadTimer(Thread),
    /// Somebody's time-out.
    PersonTimer(Who),
    /// In depth told: prompts have been played.
    PlayDone(CallId, StreamId, u32),
    /// In depth told: a key arrives at the centre.
    Key(SocketAddr, switchboard_model::Digit),
    /// In depth sounded: 20 ms have passed.
    MediaTick,
    /// A telephone dies.
    Die(Who),
    /// Nothing has been heard from there for long.
    Silence(SocketAddr),
    /// A supervisor's hand.
    Order(Thread, Order),
    /// Another configuration.
    Reload(Arc<Config>),
    /// An agent's hand, on his own call.
    Desk(AgentId, CallOrder),
}

/// One line of the story.
pub type Line = String;

/// A world.
pub struct World {
    start: Instant,
    now: Instant,
    due: BTreeMap<(Instant, u64), Due>,
    count: u64,
    scenario: Scenario,
    /// The centre.
    pub engine: EngineSide,
    /// The people.
    pub people: PeopleSide,
    told: ToldMedia,
    sounded: Option<Media>,
    /// Of the network and the rings.
    chance: Chance,
    /// Of what agents order.
    desk_chance: Chance,
    /// Of restores: apart, so that a world with restores is the same world.
    restore_chance: Chance,
    thread_timer: Vec<Option<Instant>>,
    person_timer: BTreeMap<Who, Instant>,
    ring_last: BTreeMap<(Thread, Thread), Instant>,
    laws: Vec<Box<dyn Law>>,
    fold: Fold,
    crashed: bool,
    digest: Sha256,
    coverage: Coverage,
    story: Option<Vec<Line>>,
    menus: Menus,
    rtp_timestamp: u32,
    silenced: BTreeSet<SocketAddr>,
    events: u64,
    restores: u64,
}

/// RTP silence that is worth a word, in the told world.
const SILENCE: Duration = Duration::from_secs(20);

/// The media threads tick every 20 ms.
const TICK: Duration = Duration::from_millis(20);

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(
        scenario: Scenario,
        start: Instant,
        engine: EngineSide,
        people: PeopleSide,
        sounded: Option<Media>,
        menus: Menus,
        tell: bool,
    ) -> Self {
        let mut chance = Chance::from_number(scenario.seed);
        let restore_chance = Chance::from_number(scenario.seed ^ 0xdead);
        let threads = engine.threads();
        let mut world = World {
            start,
            now: start,
            due: BTreeMap::new(),
            count: 0,
            engine,
            people,
            told: ToldMedia::default(),
            chance: Chance::from_seed(chance.seed()),
            desk_chance: Chance::from_number(scenario.seed ^ 0xde5c),
            restore_chance,
            thread_timer: vec![None; threads],
            person_timer: BTreeMap::new(),
            ring_last: BTreeMap::new(),
            laws: law::all(),
            fold: Fold::new(),
            crashed: false,
            digest: Sha256::new(),
            coverage: Coverage::default(),
            story: tell.then(Vec::new),
            menus,
            rtp_timestamp: 0,
            silenced: BTreeSet::new(),
            events: 0,
            restores: 0,
            scenario,
            sounded,
        };
        if world.sounded.is_some() {
            world.at(start + TICK, Due::MediaTick);
        }
        for n in 0..world.people.callers.len() {
            world.look_at_person(Who::Caller(n));
        }
        for n in 0..world.people.agents.len() {
            world.look_at_person(Who::Agent(n));
        }
        world
    }

    /// A telephone will die then.
    pub fn dies_at(&mut self, at: Instant, who: Who) {
        self.at(at, Due::Die(who));
    }
    /// An order will be given then.
    pub fn ordered_at(&mut self, at: Instant, thread: Thread, order: Order) {
        self.at(at, Due::Order(thread, order));
    }
    /// The configuration will be changed then.
    pub fn reloaded_at(&mut self, at: Instant, config: Arc<Config>) {
        self.at(at, Due::Reload(config));
    }
    /// A supervisor puts an agent out of ready, and back.
    pub fn pause(&mut self, at: Instant, agent: AgentId, pause: Duration) {
        self.at(at, Due::Order(0, Order::AgentNotReady { agent, reason: None, minutes: None, by_leader: true }));
        self.at(at + pause, Due::Order(0, Order::AgentReady { agent }));
    }

    fn at(&mut self, at: Instant, due: Due) {
        self.count += 1;
        self.due.insert((at.max(self.now), self.count), due);
    }

    /// Lets time go on until nothing is left to happen, or until `end`. The first law that is broken ends it.
    pub fn run(&mut self, end: Instant) -> Result<(), (&'static str, String)> {
        while let Some(((at, _), due)) = self.due.pop_first() {
            if at > end {
                break;
            }
            self.now = at;
            self.happen(due)?;
        }
        self.people.collect();
        let mut laws = std::mem::take(&mut self.laws);
        let view = self.view();
        let broken = laws.iter_mut().find_map(|law| law.at_end(&view).err().map(|why| (law.name(), why)));
        self.laws = laws;
        broken.map_or(Ok(()), Err)
    }

    fn happen(&mut self, due: Due) -> Result<(), (&'static str, String)> {
        let mut touched = false;
        match due {
            Due::Arrive { to, from, bytes } => {
                if to == centre() {
                    let thread = self.engine.route(&bytes);
                    self.hand_over(thread, Parcel::Datagram(from, bytes))?;
                    touched = true;
                } else if let Some(slot) = rtp_slot(to) {
                    self.media(Input::Packet { slot, from, bytes: &bytes })?;
                } else if let Some(who) = self.people.at.get(&to).copied()
                    && !self.people.dead.contains(&who)
                {
                    let rtp = self.people.address(who).rtp == to;
                    self.people.deliver(self.now, who, rtp, from, &bytes);
                    self.look_at_person(who);
                }
            }
            Due::Step(thread) => {
                if let Some(parcel) = self.engine.rings[thread].pop_front() {
                    self.take(thread, parcel)?;
                    touched = true;
                }
            }
            Due::Parcel(thread, parcel) => {
                self.hand_over(thread, parcel)?;
                touched = true;
            }
            // An earlier time may have taken its place: then it is nobody's, and looking anew would only make more of them.
            Due::ThreadTimer(thread) if self.thread_timer[thread] != Some(self.now) => {}
            Due::PersonTimer(who) if self.person_timer.get(&who) != Some(&self.now) => {}
            Due::ThreadTimer(thread) => {
                self.thread_timer[thread] = None;
                if self.engine.next_timeout(thread).is_some_and(|at| at <= self.now) {
                    self.take(thread, Parcel::Timeout)?;
                    touched = true;
                } else {
                    self.look_at_thread(thread);
                }
            }
            Due::PersonTimer(who) => {
                self.person_timer.remove(&who);
                if !self.people.dead.contains(&who) {
                    if self.people.next_timeout(who).is_some_and(|at| at <= self.now) {
                        self.people.timeout(self.now, who);
                    }
                    self.look_at_person(who);
                }
            }
            Due::PlayDone(call, stream, play) => {
                if self.told.plays(call, stream, play) {
                    self.fact(call, Fact::PromptDone { stream, play })?;
                    touched = true;
                }
            }
            Due::Key(from, digit) => {
                self.rtp_timestamp = self.rtp_timestamp.wrapping_add(160);
                if let Some((call, fact)) = self.told.pressed(from, digit, self.rtp_timestamp) {
                    self.fact(call, fact)?;
                    touched = true;
                }
            }
            Due::MediaTick => {
                self.media(Input::Tick)?;
                self.at(self.now + TICK, Due::MediaTick);
            }
            Due::Die(who) => {
                self.people.dead.insert(who);
                let rtp = self.people.address(who).rtp;
                self.tell(|| format!("{who:?} falls silent"));
                self.at(self.now + SILENCE, Due::Silence(rtp));
            }
            Due::Silence(rtp) => {
                if let Some((call, fact)) = self.told.silent(rtp) {
                    self.fact(call, fact)?;
                    touched = true;
                }
                // Who is dead stays silent, in the next call too, should one ring there.
                if self.silenced.insert(rtp) {
                    for n in 1..40 {
                        self.at(self.now + SILENCE * n, Due::Silence(rtp));
                    }
                }
            }
            Due::Desk(agent, what) => {
                // As the node does it: the floor knows in which call he is, and that call's shard carries the order out.
                let activity = self.engine.floor.each_agent().find(|a| a.id == agent).map(|a| a.activity);
                if let Some(switchboard_acd::Activity::Talking { call }) = activity {
                    let order = Order::OnCall { call, agent, what };
                    self.hand_over(usize::from(call.shard().0), Parcel::Command(Command { id: 0, what: order }))?;
                    touched = true;
                }
            }
            Due::Order(thread, order) => {
                self.hand_over(thread, Parcel::Command(Command { id: 0, what: order }))?;
                touched = true;
            }
            Due::Reload(config) => {
                self.tell(|| "another configuration goes live".to_owned());
                self.crashed |= !self.engine.stands_still();
                let effects = self.engine.reload(self.now, config).map_err(|why| ("reload", why))?;
                for effect in effects {
                    self.effect(0, effect)?;
                }
                self.settle_rings()?;
                (0..self.engine.threads()).for_each(|thread| self.look_at_thread(thread));
                touched = true;
            }
        }
        if touched {
            self.events += 1;
            self.check()?;
            self.maybe_restore()?;
        }
        Ok(())
    }

    /// Some agents do more with a caller than talk to him.
    fn at_a_desk(&mut self, agent: AgentId) {
        let verifies = self.scenario.restore == Restore::Crash;
        let orders = desk::orders(self.scenario.desk, verifies, self.engine.config.agents.len(), &mut self.desk_chance);
        for (after, what) in orders {
            self.at(self.now + after, Due::Desk(agent, what));
        }
    }

    fn check(&mut self) -> Result<(), (&'static str, String)> {
        let mut laws = std::mem::take(&mut self.laws);
        let view = self.view();
        let all = self.events.is_multiple_of(self.scenario.laws_every);
        let mut asked = laws.iter_mut().filter(|law| all || law.sees_every_event());
        let broken = asked.find_map(|law| law.after_event(&view).err().map(|why| (law.name(), why)));
        self.laws = laws;
        broken.map_or(Ok(()), Err)
    }

    fn view(&self) -> View<'_> {
        View {
            now: self.now,
            config: &self.engine.config,
            floor: &self.engine.floor,
            shards: &self.engine.shards,
            matcher: &self.engine.matcher,
            fold: &self.fold,
            people: &self.people,
            standstill: self.engine.stands_still(),
            caught: self.engine.caught(),
            crashed: self.crashed,
        }
    }

    fn maybe_restore(&mut self) -> Result<(), (&'static str, String)> {
        let now = match self.scenario.restore {
            Restore::Never => false,
            Restore::EveryEvent => true,
            Restore::Sometimes => self.engine.stands_still() && self.restore_chance.happens(0.01),
            Restore::Crash => self.restore_chance.happens(0.002),
        };
        if !now {
            return Ok(());
        }
        self.restores += 1;
        let crash = !self.engine.stands_still();
        self.crashed |= crash;
        let effects = self.engine.restore(self.now).map_err(|why| ("restore", why))?;
        if crash {
            // The media thread has gone too, and with it what it had played; every wish is said again.
            self.told = ToldMedia::default();
            for effect in self.engine.say_wishes_again() {
                self.effect(0, effect)?;
            }
        }
        for effect in effects {
            self.effect(0, effect)?;
        }
        self.settle_rings()?;
        for thread in 0..self.engine.threads() {
            self.look_at_thread(thread);
        }
        self.check()
    }

    // ── threads ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// From outside into a thread's ring.
    fn hand_over(&mut self, thread: Thread, parcel: Parcel) -> Result<(), (&'static str, String)> {
        if self.scenario.ring_delay_max.is_zero() {
            self.take(thread, parcel)?;
            return Ok(());
        }
        self.engine.rings[thread].push_back(parcel);
        let delay = self.scenario.ring_delay_max.mul_f64(self.chance.unit());
        self.at(self.now + delay, Due::Step(thread));
        Ok(())
    }

    fn take(&mut self, thread: Thread, parcel: Parcel) -> Result<(), (&'static str, String)> {
        let effects = self.engine.handle(self.now, thread, parcel);
        for effect in effects {
            self.effect(thread, effect)?;
        }
        self.look_at_thread(thread);
        self.settle_rings()
    }

    /// Without delay between threads: whatever is in the rings is taken now, in seeded order.
    fn settle_rings(&mut self) -> Result<(), (&'static str, String)> {
        if !self.scenario.ring_delay_max.is_zero() {
            return Ok(());
        }
        loop {
            let full: Vec<Thread> = (0..self.engine.threads()).filter(|t| !self.engine.rings[*t].is_empty()).collect();
            if full.is_empty() {
                return Ok(());
            }
            let thread = full[self.chance.below(full.len() as u64) as usize];
            let parcel = self.engine.rings[thread].pop_front().expect("it is not empty");
            let effects = self.engine.handle(self.now, thread, parcel);
            for effect in effects {
                self.effect(thread, effect)?;
            }
            self.look_at_thread(thread);
        }
    }

    fn look_at_thread(&mut self, thread: Thread) {
        let Some(at) = self.engine.next_timeout(thread) else { return };
        if self.thread_timer[thread].is_none_or(|scheduled| at < scheduled) {
            self.thread_timer[thread] = Some(at);
            self.at(at, Due::ThreadTimer(thread));
        }
    }

    fn effect(&mut self, from: Thread, effect: Effect) -> Result<(), (&'static str, String)> {
        match effect {
            Effect::Send(to, bytes) => {
                self.note(b"send", &bytes);
                self.send(centre(), to, &bytes);
            }
            Effect::Ring(to, parcel) => {
                if self.scenario.ring_delay_max.is_zero() {
                    self.engine.rings[to].push_back(parcel);
                    return Ok(());
                }
                // First in, first out between two threads; otherwise any order.
                self.engine.rings[to].push_back(parcel);
                let delay = self.scenario.ring_delay_max.mul_f64(self.chance.unit());
                let last = self.ring_last.get(&(from, to)).copied().unwrap_or(self.now);
                let at = (self.now + delay).max(last);
                self.ring_last.insert((from, to), at);
                self.at(at, Due::Step(to));
            }
            Effect::Wish(wish) => {
                if self.sounded.is_some() {
                    self.media(Input::Wish(wish))?;
                } else {
                    for told in self.told.wish(wish) {
                        self.on_told(told);
                    }
                }
            }
            Effect::Lookup(lookup) => {
                // One in six is never answered, as on a bad day; the others within two seconds.
                if let Some(answer) = desk::answer(&lookup.question, &mut self.desk_chance) {
                    let after = Duration::from_millis(20 + self.desk_chance.below(2_000));
                    let thread = usize::from(lookup.call.shard().0);
                    self.at(self.now + after, Due::Parcel(thread, Parcel::LookedUp(lookup.call, lookup.id, answer)));
                }
            }
            Effect::Event(event) => self.event(event)?,
            Effect::Arrow(arrow) => {
                self.note(b"arrow", arrow.to_string().as_bytes());
                *self.coverage.arrows.entry(format!("{} => {}", arrow.from, arrow.to)).or_default() += 1;
                self.tell(|| arrow.to_string());
            }
        }
        Ok(())
    }

    fn event(&mut self, event: ContactEvent) -> Result<(), (&'static str, String)> {
        let json = serde_json::to_vec(&event).expect("plain data");
        self.note(b"event", &json);
        if let What::Ended { cause, .. } = &event.what {
            *self.coverage.causes.entry(cause.word().to_owned()).or_default() += 1;
        }
        if let What::Connected { agent } = &event.what {
            self.at_a_desk(*agent);
        }
        self.fold.add(&event);
        self.people.note(&event);
        let mut laws = std::mem::take(&mut self.laws);
        let view = self.view();
        let broken = laws.iter_mut().find_map(|law| law.told(&event, &view).err().map(|why| (law.name(), why)));
        self.laws = laws;
        broken.map_or(Ok(()), Err)
    }

    // ── media ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn fact(&mut self, call: CallId, fact: Fact) -> Result<(), (&'static str, String)> {
        let thread = usize::from(call.shard().0);
        self.hand_over(thread, Parcel::Media(call, fact))
    }

    fn on_told(&mut self, told: Told) {
        match told {
            Told::PlayBegan(call, stream, play, list) => {
                let seconds: f64 = list.iter().filter_map(|p| self.menus.prompt(*p)).map(|p| p.seconds()).sum();
                self.at(self.now + Duration::from_secs_f64(seconds), Due::PlayDone(call, stream, play));
            }
            Told::Hears(at, hears) => {
                let others = if hears { self.told.others_of(at) } else { vec![] };
                self.people.told(self.now, at, &others);
                if let Some(who) = self.people.at.get(&at).copied() {
                    self.look_at_person(who);
                }
            }
        }
    }

    fn media(&mut self, input: Input<'_>) -> Result<(), (&'static str, String)> {
        let Some(media) = &mut self.sounded else { return Ok(()) };
        media.handle(self.now, input);
        let mut outputs = vec![];
        while let Some(output) = media.poll() {
            outputs.push(output);
        }
        for output in outputs {
            match output {
                switchboard_media::Output::Send { slot, to, bytes } => {
                    self.send(crate::engine_side::rtp_address(slot), to, &bytes);
                }
                switchboard_media::Output::Fact { call, fact } => {
                    self.at(self.now, Due::Parcel(usize::from(call.shard().0), Parcel::Media(call, fact)));
                }
                switchboard_media::Output::Closed { .. } => {}
            }
        }
        Ok(())
    }

    // ── people and network ───────────────────────────────────────────────────────────────────────────────────────────────

    fn look_at_person(&mut self, who: Who) {
        let address = self.people.address(who);
        while let Some(output) = self.people.poll(who) {
            match output {
                PhoneOutput::Sip { to, bytes } => self.send(address.sip, to, &bytes),
                PhoneOutput::Rtp { to, bytes } => self.send(address.rtp, to, &bytes),
                PhoneOutput::Pressed(digit) => {
                    let delay = self.scenario.quality.delay_max;
                    self.at(self.now + delay, Due::Key(address.rtp, digit));
                }
            }
        }
        if let Some(at) = self.people.next_timeout(who)
            && self.person_timer.get(&who).is_none_or(|scheduled| at < *scheduled)
        {
            self.person_timer.insert(who, at);
            self.at(at, Due::PersonTimer(who));
        }
    }

    fn send(&mut self, from: SocketAddr, to: SocketAddr, bytes: &[u8]) {
        let arrivals = self.scenario.quality.deliveries(&mut self.chance);
        for delay in arrivals {
            self.at(self.now + delay, Due::Arrive { to, from, bytes: bytes.to_vec() });
        }
    }

    // ── the story ────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn note(&mut self, kind: &[u8], bytes: &[u8]) {
        self.digest.update(self.now.micros().to_le_bytes());
        self.digest.update(kind);
        self.digest.update(bytes);
    }

    fn tell(&mut self, line: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(story) = &mut self.story {
            story.push(format!("{:>12.6} {}", now.since(self.start).as_secs_f64(), line()));
        }
    }

    /// The digest of everything that was sent, told and decided.
    pub fn digest(&self) -> String {
        self.digest.clone().finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
    }
    /// What was taken.
    pub fn coverage(&self) -> Coverage {
        let mut coverage = self.coverage.clone();
        coverage.guards = self.laws.iter().map(|l| (l.name().to_owned(), l.taken())).collect();
        coverage
    }
    /// The lines told so far.
    pub fn take_story(&mut self) -> Vec<Line> {
        self.story.take().unwrap_or_default()
    }
    /// How many events the threads have handled, and how often they were restored.
    pub fn counts(&self) -> (u64, u64) {
        (self.events, self.restores)
    }
    /// When it is.
    pub fn now(&self) -> Instant {
        self.now
    }
    /// The calls that arrived.
    pub fn arrived(&self) -> u64 {
        self.fold.totals().arrived
    }
}
