//! The telephones of a measurement: all callers behind one trunk socket, all agents behind one desk socket, one thread, open loop.
//!
//! ```text
//!   trunk   (when meant) INVITE ─► 200 ─► ACK · key (RFC 4733) · · · talks · · ·  BYE ─► 200
//!   desk                                     INVITE ─► 180 200 ─► ACK  · tones ·        ◄─ BYE, 200
//! ```
//! Callers come at random moments (Poisson) that are fixed beforehand, whatever the target does; every time is taken from the moment
//! that was *meant*, so a stall makes all who would have called meanwhile late, as it does to people. Requests, and an agent's 200,
//! are said again as RFC 3261 §17.1 and §13.3.1.4 want, and counted.
mod agents;
mod arrivals;
mod behaviour;
mod call;
mod caller_side;
mod desk_side;
mod leg;
mod link;
mod login;
mod marks;
mod reach;
mod sound;
mod spread;

pub use arrivals::{Arrivals, Day};
pub use behaviour::{Behaviour, Run, SOUNDING_MAX};
pub use call::{LEFT, NO_AGENT, UNANSWERED};
pub use desk_side::DOUBLED;
pub use leg::{Leg, audio_at, caller_of, contact_uri, number, response, user_of};
pub use link::{Own, Transport, big_socket, bound_socket, readable, receive};
pub use login::AgentAccount;
pub use sound::{NOT_HEARD, STOPPED, WRONG_PARTY};
pub use spread::Spread;

use crate::measured::{Measured, Touched};
use crate::timeline::Timeline;
use agents::Agents;
use call::{Call, Open, Stage};
use link::{Link, ready};
use login::Logins;
use sound::{Party, Tones};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;
use switchboard_model::{Chance, Instant};
use switchboard_net::Clock;
use switchboard_sip::Credentials;
use switchboard_wire::rtp::Incoming;
use switchboard_wire::sdp::{self, Codec};
use switchboard_wire::sip::{Message, Method, Start};

/// Where the telephones are, and how they reach the target.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The target.
    pub target: SocketAddr,
    /// How SIP is carried.
    pub transport: Transport,
    /// The address of the telephones' sound.
    pub own: IpAddr,
    /// Where the callers' trunk is; port 0 is any.
    pub trunk: SocketAddr,
    /// Where the agents' telephones are; port 0 is any.
    pub desk: SocketAddr,
    /// What callers answer to a challenge.
    pub credentials: Option<Credentials>,
}

impl Place {
    /// Any ports of this address, over UDP.
    pub fn any(target: SocketAddr, own: IpAddr) -> Place {
        let at = SocketAddr::new(own, 0);
        Place { target, transport: Transport::Udp, own, trunk: at, desk: at, credentials: None }
    }
}

/// All telephones.
pub struct Telephones {
    trunk: Link,
    desk: Link,
    caller_rtp: UdpSocket,
    agent_rtp: UdpSocket,
    /// What callers offer: with sound both ways, and without.
    offers: (bytes::Bytes, bytes::Bytes),
    target: SocketAddr,
    place: Place,
    /// When a connection that was closed may be opened again.
    open_again: Instant,
    credentials: Option<Credentials>,
    behaviour: Behaviour,
    clock: Clock,
    chance: Chance,
    /// When callers come is drawn apart, so that nothing else changes it.
    arrivals: Chance,
    calls: BTreeMap<u64, Call>,
    next_number: u64,
    agents: Agents,
    logins: Logins,
    login_failed: Option<String>,
    /// Callers who have pressed and have no agent yet.
    waiting: BTreeSet<(Instant, u64)>,
    due: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    sounding: BTreeMap<SocketAddr, (u64, Party)>,
    sounding_calls: usize,
    tones: Tones,
    /// Messages that came from the target, whatever they said.
    heard_at_all: u64,
    measured: Measured,
    text: String,
    buffer: Vec<u8>,
}

/// What a telephone does when its time has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Due {
    Press(usize),
    Answer,
    Frame,
    HangUp,
    LosePatience,
    SayAgain(Said, u32),
    Forget,
}

/// What is said again until something comes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Said {
    Invite,
    Bye,
    Answer,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    Trunk,
    Desk,
}

impl Telephones {
    /// Telephones at this place. All their chance follows from the seed.
    pub fn new(place: Place, behaviour: Behaviour, seed: u64, clock: Clock) -> io::Result<Self> {
        let caller_rtp = big_socket(place.own)?;
        let at = caller_rtp.local_addr()?;
        let named = |what: &str, at: SocketAddr| {
            let what = format!("the {what} at {at}");
            move |e: io::Error| io::Error::new(e.kind(), format!("{what}: {e}"))
        };
        let (transport, target) = (place.transport, place.target);
        Ok(Telephones {
            trunk: Link::open(transport, place.trunk, target).map_err(named("callers' trunk", place.trunk))?,
            desk: Link::open(transport, place.desk, target).map_err(named("agents' telephones", place.desk))?,
            agent_rtp: big_socket(place.own)?,
            offers: (offer(at, true), offer(at, false)),
            caller_rtp,
            target: place.target,
            open_again: clock.now(),
            credentials: place.credentials.clone(),
            place,
            behaviour,
            clock,
            chance: Chance::from_number(seed),
            arrivals: Chance::from_number(seed ^ ARRIVALS),
            calls: BTreeMap::new(),
            next_number: 0,
            agents: Agents::default(),
            logins: Logins::default(),
            login_failed: None,
            waiting: BTreeSet::new(),
            due: BinaryHeap::new(),
            sounding: BTreeMap::new(),
            sounding_calls: 0,
            tones: Tones::default(),
            heard_at_all: 0,
            measured: Measured::default(),
            text: String::with_capacity(2_048),
            buffer: vec![0; 65_536],
        })
    }

    /// From now on all chance follows from this seed: two targets with the same seed have the same callers.
    pub fn reseed(&mut self, seed: u64) {
        (self.chance, self.arrivals) = (Chance::from_number(seed), Chance::from_number(seed ^ ARRIVALS));
    }

    /// The target is touched now: what becomes of the calls that are open is told apart from now on.
    pub fn touch(&mut self) {
        let talking = self.calls.values().filter(|c| c.stage == Stage::Talking).count() as u64;
        let leaving = self.calls.values().filter(|c| c.stage == Stage::Leaving).count() as u64;
        let coming = self.calls.len() as u64 - talking - leaving;
        let at = self.clock.now();
        for call in self.calls.values_mut() {
            call.touched = match call.stage {
                Stage::Talking => Some(Open::Talking),
                Stage::Leaving => Some(Open::Leaving),
                Stage::Dialling | Stage::InMenu | Stage::Waiting | Stage::Rung => Some(Open::Coming),
            };
        }
        self.measured.touched = Some(Touched { at, talking: (talking, 0), coming: (coming, 0), after: vec![] });
    }

    /// Other people from the next run on.
    pub fn behave(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }
    /// Calls that are open.
    pub fn open(&self) -> usize {
        self.calls.len()
    }
    /// What has been seen until now, in a few words.
    pub fn so_far(&self) -> String {
        let Measured { done, offered, .. } = self.measured;
        format!("{} open, {} wait, {done} of {offered} done", self.calls.len(), self.waiting.len())
    }
    /// The length of the slices in which the run is told, if it is.
    pub fn slice(&self) -> Option<Duration> {
        self.measured.timeline.as_ref().map(Timeline::every)
    }
    /// Calls in which two talk.
    pub fn talking(&self) -> usize {
        self.calls.values().filter(|c| c.stage == Stage::Talking).count()
    }
    /// Callers who have pressed their key and have no agent.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Callers come, and are served or not; what was seen. `each` is called often, and ends the run by saying `false`.
    pub fn run(&mut self, run: &Run, mut each: impl FnMut(&mut Telephones) -> bool) -> io::Result<Measured> {
        let start = self.clock.now();
        let end = start + run.lasts;
        let line = run.slice.map(|every| Timeline::new(start, every, run.lasts + run.settles));
        self.measured = Measured { timeline: line, ..Measured::default() };
        let mut next = run.arrivals.next(start, start, &mut self.arrivals);
        let mut goes_on = true;
        loop {
            let now = self.clock.now();
            while next <= now && next < end && goes_on && self.measured.offered < run.calls_max {
                self.measured.offered += 1;
                self.measured.late.record(now.since(next));
                if let Some(line) = &mut self.measured.timeline {
                    line.offered(next);
                }
                self.dial(next, now, run.open_max);
                next = run.arrivals.next(start, next, &mut self.arrivals);
            }
            let dialling = next < end && goes_on && self.measured.offered < run.calls_max;
            if !dialling && (self.calls.is_empty() || now >= end + run.settles || !goes_on) {
                break;
            }
            self.turn(if dialling { next.min(now + EACH) } else { now + LOOK })?;
            goes_on &= each(self);
        }
        Ok(self.take_measured())
    }

    /// Everybody goes on with what he does, and nobody new comes, until `done` or `within`; false after that.
    pub fn until(&mut self, within: Duration, mut done: impl FnMut(&Telephones) -> bool) -> io::Result<bool> {
        let end = self.clock.now() + within;
        loop {
            if done(self) {
                return Ok(true);
            }
            let now = self.clock.now();
            if now >= end {
                return Ok(false);
            }
            self.turn(end.min(now + LOOK))?;
        }
    }

    /// What was seen until now; calls that are still open are faults of it.
    fn take_measured(&mut self) -> Measured {
        let open: Vec<u64> = self.calls.keys().copied().collect();
        for k in open {
            let why = self.calls[&k].why_open();
            self.end_with(k, why);
        }
        std::mem::take(&mut self.measured)
    }

    /// Everybody hangs up.
    pub fn hang_up_all(&mut self) {
        let open: Vec<u64> = self.calls.keys().copied().collect();
        open.into_iter().for_each(|k| self.hang_up(k));
    }

    /// Everything that is due; then what has come, for which it waits until `until` at the latest.
    fn turn(&mut self, until: Instant) -> io::Result<()> {
        self.measured.open_max = self.measured.open_max.max(self.calls.len() as u64);
        let now = self.clock.now();
        let mut worked = false;
        while let Some(&Reverse((at, k, what))) = self.due.peek()
            && at <= now
        {
            self.due.pop();
            self.on_due(k, what, at, now);
            worked = true;
        }
        self.logins_due();
        self.open_closed(now);
        let mut first = self.due.peek().map_or(until, |Reverse((at, ..))| (*at).min(until));
        if self.trunk.is_full() || self.desk.is_full() {
            first = first.min(now + LOOK);
        }
        // A stream may hold whole messages that the kernel knows nothing of any more.
        let kept = [self.desk.holds_more(), self.trunk.holds_more()];
        let wait = if worked || kept != [false; 2] { Duration::ZERO } else { self.clock.until(first) };
        let fds = [self.desk.as_fd(), self.trunk.as_fd(), self.caller_rtp.as_fd(), self.agent_rtp.as_fd()];
        let [desk, trunk, caller, agent] = ready(fds, wait);
        if desk || kept[0] {
            self.read_sip(Side::Desk)?;
        }
        if trunk || kept[1] {
            self.read_sip(Side::Trunk)?;
        }
        if caller {
            self.read_rtp(Party::Caller)?;
        }
        if agent {
            self.read_rtp(Party::Agent)?;
        }
        Ok(())
    }

    /// A connection that the target has closed is opened again, as telephones do.
    fn open_closed(&mut self, now: Instant) {
        if !(self.trunk.is_gone() || self.desk.is_gone()) || now < self.open_again {
            return;
        }
        self.open_again = now + OPEN_AGAIN;
        let Place { transport, trunk, desk, target, .. } = self.place;
        for (side, at) in [(Side::Trunk, trunk), (Side::Desk, desk)] {
            if self.link(side).is_gone() {
                self.measured.connections_lost += 1;
                if let Ok(link) = Link::open(transport, at, target) {
                    *self.link(side) = link;
                }
            }
        }
    }

    fn on_due(&mut self, k: u64, what: Due, at: Instant, now: Instant) {
        match what {
            Due::Press(n) => self.press(k, n, at),
            Due::Answer => self.answer(k),
            Due::Frame => self.frame(k, now),
            Due::HangUp => self.hang_up(k),
            Due::LosePatience => self.lose_patience(k),
            Due::SayAgain(said, times) => self.say_again(k, said, times, now),
            Due::Forget => {
                if let Some(call) = self.calls.get(&k) {
                    let why = call.why_open();
                    self.end_with(k, why);
                }
            }
        }
    }

    fn read_sip(&mut self, side: Side) -> io::Result<()> {
        for _ in 0..DATAGRAMS_A_TURN {
            let mut buffer = std::mem::take(&mut self.buffer);
            let came = self.link(side).receive(&mut buffer);
            if let Ok(Some((n, from))) = came {
                self.take(side, from, &buffer[..n]);
            }
            self.buffer = buffer;
            if came?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn take(&mut self, side: Side, from: SocketAddr, bytes: &[u8]) {
        let now = self.clock.now();
        let Ok(message) = Message::parse(bytes) else { return };
        self.heard_at_all += 1;
        let method = message.method();
        match (side, message.start()) {
            (Side::Desk, Start::Request { .. }) if method == Some(Method::Invite) => self.ring(now, from, &message),
            (Side::Desk, Start::Request { .. }) if method == Some(Method::Ack) => self.acknowledged(now, &message),
            (_, Start::Request { .. }) if method == Some(Method::Bye) => self.other_hangs_up(side, from, &message),
            (_, Start::Request { .. }) if method == Some(Method::Cancel) => self.cancelled(from, &message),
            (_, Start::Request { .. }) if method == Some(Method::Ack) => {}
            // Whether somebody is there: yes.
            (side, Start::Request { .. }) => {
                let at = self.link(side).own();
                response(&mut self.text, &message, "200 OK", None, at, b"");
                self.send(side, from);
            }
            (Side::Trunk, Start::Response { code, .. }) => self.caller_response(now, from, code, &message),
            (Side::Desk, Start::Response { code, .. }) => drop(self.login_response(code, &message)),
        }
    }

    fn read_rtp(&mut self, party: Party) -> io::Result<()> {
        for _ in 0..DATAGRAMS_A_TURN {
            let socket = if party == Party::Caller { &self.caller_rtp } else { &self.agent_rtp };
            let Some((n, from)) = receive(socket, &mut self.buffer)? else { break };
            let Some(&(k, whose)) = self.sounding.get(&from) else { continue };
            let now = self.clock.now();
            if let Ok(Incoming::Rtp(packet)) = switchboard_wire::rtp::read(&self.buffer[..n])
                && whose == party
                && let Some(codec) = Codec::from_static_payload_type(packet.header.payload_type)
                && let Some(sound) = self.calls.get_mut(&k).and_then(|c| c.sound.as_mut())
            {
                sound.hear(party, now, codec, packet.payload, &mut self.measured);
            }
        }
        Ok(())
    }

    fn frame(&mut self, k: u64, now: Instant) {
        let Some(sound) = self.calls.get_mut(&k).and_then(|c| c.sound.as_mut()) else { return };
        while sound.next <= now {
            sound.next = sound.next + FRAME;
            let sent = [
                self.caller_rtp.send_to(&sound.caller.frame(now), sound.caller.to),
                self.agent_rtp.send_to(&sound.agent.frame(now), sound.agent.to),
            ];
            self.measured.not_sent += sent.iter().filter(|s| s.is_err()).count() as u64;
        }
        if sound.silent_for(now) >= GIVES_UP_SILENCE {
            return self.hang_up(k);
        }
        self.due.push(Reverse((sound.next, k, Due::Frame)));
    }

    fn link(&mut self, side: Side) -> &mut Link {
        match side {
            Side::Trunk => &mut self.trunk,
            Side::Desk => &mut self.desk,
        }
    }
    fn send(&mut self, side: Side, to: SocketAddr) {
        let link = match side {
            Side::Trunk => &mut self.trunk,
            Side::Desk => &mut self.desk,
        };
        self.measured.not_sent += u64::from(!link.send(to, self.text.as_bytes()));
    }
    fn later(&mut self, at: Instant, k: u64, what: Due) {
        self.due.push(Reverse((at, k, what)));
    }

    /// Says it, keeps it, and says it again until something comes.
    fn say(&mut self, side: Side, k: u64, to: SocketAddr, said: Said) {
        self.send(side, to);
        // RFC 3261 §17.1.1.2: a stream repeats by itself; a 200 to INVITE is said again over it too (§13.3.1.4).
        if said != Said::Answer && self.link(side).own().transport.is_reliable() {
            return;
        }
        let text = self.text.as_bytes().into();
        if let Some(call) = self.calls.get_mut(&k) {
            call.kept.retain(|(s, ..)| *s != said);
            call.kept.push((said, side, to, text));
        }
        self.later(self.clock.now() + T1, k, Due::SayAgain(said, 1));
    }
    fn heard_of(&mut self, k: u64, said: Said) {
        if let Some(call) = self.calls.get_mut(&k) {
            call.kept.retain(|(s, ..)| *s != said);
        }
    }
    fn say_again(&mut self, k: u64, said: Said, times: u32, now: Instant) {
        let Some(call) = self.calls.get(&k) else { return };
        let Some((_, side, to, text)) = call.kept.iter().find(|(s, ..)| *s == said) else { return };
        let link = match side {
            Side::Trunk => &mut self.trunk,
            Side::Desk => &mut self.desk,
        };
        let sent = link.send(*to, text);
        self.measured.said_again += 1;
        self.measured.not_sent += u64::from(!sent);
        if times < AGAIN_MAX {
            // RFC 3261 §17.1.2.2: doubled, up to T2.
            self.later(now + (T1 * 2u32.pow(times)).min(T2), k, Due::SayAgain(said, times + 1));
        }
    }

    /// The call did not go all the way.
    fn end_with(&mut self, k: u64, why: impl Into<String>) {
        let Some(meant) = self.calls.get(&k).map(|c| c.intended) else { return };
        self.is_over(k, false);
        self.fault_of(meant, why);
        self.remove(k);
    }
    /// One more fault, of a call that was meant then.
    fn fault_of(&mut self, meant: Instant, why: impl Into<String>) {
        self.measured.fault(why);
        if let Some(line) = &mut self.measured.timeline {
            line.over(meant, false);
        }
    }
    /// The call went all the way.
    fn done(&mut self, k: u64) {
        let Some(meant) = self.calls.get(&k).map(|c| c.intended) else { return };
        self.is_over(k, true);
        self.measured.done += 1;
        if let Some(line) = &mut self.measured.timeline {
            line.over(meant, true);
        }
        self.remove(k);
    }
    /// Told apart, if the target was touched.
    fn is_over(&mut self, k: u64, done: bool) {
        let (Some(touched), Some(call)) = (&mut self.measured.touched, self.calls.get(&k)) else { return };
        match call.touched {
            Some(Open::Talking) => touched.talking.1 += u64::from(done),
            Some(Open::Coming) => touched.coming.1 += u64::from(done),
            Some(Open::Leaving) => {}
            None => touched.after.push((call.intended, done)),
        }
    }
    fn remove(&mut self, k: u64) {
        let Some(call) = self.calls.remove(&k) else { return };
        if let Some(key_at) = call.key_at {
            self.waiting.remove(&(key_at, k));
        }
        if let Some(agent) = call.agent {
            self.agents.free(agent, k, self.clock.now(), call.drawn.acw);
        }
        self.sounding_calls -= usize::from(call.sounds);
        if let Some(sound) = call.sound {
            self.sounding.remove(&sound.caller.to);
            self.sounding.remove(&sound.agent.to);
        }
    }
}

fn offer(rtp: SocketAddr, sounds: bool) -> bytes::Bytes {
    let direction = if sounds { sdp::Direction::SendRecv } else { sdp::Direction::SendOnly };
    sdp::offer_with(rtp, 1, 1, direction)
}

/// RFC 3261 §17.1.1.1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// 0.5, 1, 2, 4, 4, 4 s: whoever has not answered by then will not.
const AGAIN_MAX: u32 = 6;
const FRAME: Duration = Duration::from_millis(20);
/// Hello? Hello? So long somebody listens to nothing before he hangs up.
const GIVES_UP_SILENCE: Duration = Duration::from_secs(3);
/// How often a closed connection is opened again.
const OPEN_AGAIN: Duration = Duration::from_millis(500);
/// How often a condition that no datagram announces is looked at.
const LOOK: Duration = Duration::from_millis(1);
/// How long whoever looks on waits for his turn, when nothing happens.
const EACH: Duration = Duration::from_millis(20);
/// Sets the chance of arrivals apart from that of people.
const ARRIVALS: u64 = 0x9e37_79b9_7f4a_7c15;
/// Then timers and the other sockets have their turn.
const DATAGRAMS_A_TURN: u32 = 32;
