//! The telephones of a measurement: all callers behind one trunk socket, all agents behind one desk socket, one thread, open loop.
//!
//! ```text
//!   trunk   (when meant) INVITE ─► 200 ─► ACK · key (RFC 4733) · · · talks · · ·  BYE ─► 200
//!   desk                                     INVITE ─► 180 200 ─► ACK  · tones ·        ◄─ BYE, 200
//! ```
//! Callers come at random moments (Poisson) that are fixed beforehand, whatever the target does; every time is taken from the moment
//! that was *meant*, so a stall makes all who would have called meanwhile late, as it does to people. Requests, and an agent's 200,
//! are said again as RFC 3261 §17.1 and §13.3.1.4 want, and counted. Not here: TCP, TLS, digest for callers, Record-Route.
mod agents;
mod call;
mod caller_side;
mod desk_side;
mod leg;
mod sound;

pub use agents::AgentAccount;
pub use call::LEFT;
pub use desk_side::DOUBLED;
pub use leg::{Leg, audio_at, caller_of, contact_uri, number, response, user_of};
pub use sound::{NOT_HEARD, WRONG_PARTY};

use crate::measured::Measured;
use agents::Agents;
use call::{Call, Stage};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use sound::Party;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::Duration;
use switchboard_model::{Chance, Digit, Instant};
use switchboard_net::Clock;
use switchboard_wire::rtp::Incoming;
use switchboard_wire::sdp::{self, Codec};
use switchboard_wire::sip::{Message, Method, Start};

/// At least this, and more by chance (exponential) with this mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// Never less.
    pub least: Duration,
    /// The mean of what comes on top.
    pub more: Duration,
}

impl Spread {
    /// Always this.
    pub const fn fixed(least: Duration) -> Spread {
        Spread { least, more: Duration::ZERO }
    }
    fn draw(&self, chance: &mut Chance) -> Duration {
        if self.more.is_zero() {
            return self.least;
        }
        self.least + Duration::from_secs_f64(chance.exponential(self.more.as_secs_f64()))
    }
}

/// How the people behave.
#[derive(Clone, PartialEq, Debug)]
pub struct Behaviour {
    /// What callers dial.
    pub dials: String,
    /// The key that asks for a person; none where the number leads to people at once.
    pub key: Option<Digit>,
    /// From the target's answer to the key.
    pub key_after: Duration,
    /// From an agent's first ring to his answer.
    pub answers_after: Duration,
    /// How long two talk whose sound is judged; then the caller hangs up.
    pub talk: Spread,
    /// The same, where there is no sound to be judged.
    pub talk_silent: Spread,
    /// How long a caller waits for an agent, from the moment he meant to call.
    pub patience: Spread,
    /// How many of a hundred calls have sound both ways, which is judged. The others offer `sendonly`: they hear nothing.
    pub sound_percent: u32,
}

/// One run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Run {
    /// Calls a second, on average.
    pub calls_per_s: f64,
    /// For how long callers come.
    pub lasts: Duration,
    /// No more calls than this.
    pub calls_max: u64,
    /// No more open at once than this.
    pub open_max: usize,
    /// When nobody new comes, those open may go on for this long.
    pub settles: Duration,
}

/// All telephones.
pub struct Telephones {
    trunk: UdpSocket,
    desk: UdpSocket,
    caller_rtp: UdpSocket,
    agent_rtp: UdpSocket,
    target: SocketAddr,
    behaviour: Behaviour,
    clock: Clock,
    chance: Chance,
    calls: BTreeMap<u64, Call>,
    next_number: u64,
    agents: Agents,
    /// Callers who have pressed and have no agent yet.
    waiting: BTreeSet<(Instant, u64)>,
    due: BinaryHeap<Reverse<(Instant, u64, Due)>>,
    sounding: BTreeMap<SocketAddr, (u64, Party)>,
    measured: Measured,
    text: String,
    buffer: Vec<u8>,
}

/// What a telephone does when its time has come.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Due {
    Press,
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
    /// Telephones for this target, with addresses of this machine.
    pub fn new(target: SocketAddr, own: IpAddr, behaviour: Behaviour, seed: u64, clock: Clock) -> io::Result<Self> {
        Ok(Telephones {
            trunk: big_socket(own)?,
            desk: big_socket(own)?,
            caller_rtp: big_socket(own)?,
            agent_rtp: big_socket(own)?,
            target,
            behaviour,
            clock,
            chance: Chance::from_number(seed),
            calls: BTreeMap::new(),
            next_number: 0,
            agents: Agents::default(),
            waiting: BTreeSet::new(),
            due: BinaryHeap::new(),
            sounding: BTreeMap::new(),
            measured: Measured::default(),
            text: String::with_capacity(2_048),
            buffer: vec![0; 65_536],
        })
    }

    /// Other people from the next run on.
    pub fn behave(&mut self, behaviour: Behaviour) {
        self.behaviour = behaviour;
    }
    /// Calls that are open.
    pub fn open(&self) -> usize {
        self.calls.len()
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
    pub fn run(&mut self, run: Run, mut each: impl FnMut(&Telephones) -> bool) -> io::Result<Measured> {
        self.measured = Measured::default();
        let start = self.clock.now();
        let end = start + run.lasts;
        let mut next = self.after(start, run.calls_per_s);
        let mut goes_on = true;
        loop {
            let now = self.clock.now();
            while next <= now && next < end && goes_on && self.measured.offered < run.calls_max {
                self.measured.offered += 1;
                self.measured.late.record(now.since(next));
                if self.calls.len() >= run.open_max {
                    self.measured.fault(format!("not made: {} calls are open already", run.open_max));
                } else {
                    self.dial(next, now);
                }
                next = self.after(next, run.calls_per_s);
            }
            let dialling = next < end && goes_on && self.measured.offered < run.calls_max;
            if !dialling && (self.calls.is_empty() || now >= end + run.settles || !goes_on) {
                break;
            }
            self.turn(if dialling { next } else { now + LOOK })?;
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

    fn after(&mut self, last: Instant, calls_per_s: f64) -> Instant {
        last + Duration::from_secs_f64(self.chance.exponential(1.0 / calls_per_s))
    }

    /// Everything that is due or has come; then waits for more until `until` at the latest.
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
        worked |= self.read_sip(Side::Desk)?;
        worked |= self.read_sip(Side::Trunk)?;
        worked |= self.read_rtp(Party::Caller)?;
        worked |= self.read_rtp(Party::Agent)?;
        if worked {
            return Ok(());
        }
        let first = self.due.peek().map_or(until, |Reverse((at, ..))| (*at).min(until));
        readable(&[&self.trunk, &self.desk, &self.caller_rtp, &self.agent_rtp], self.clock.until(first));
        Ok(())
    }

    fn on_due(&mut self, k: u64, what: Due, at: Instant, now: Instant) {
        match what {
            Due::Press => self.press(k, at),
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

    fn read_sip(&mut self, side: Side) -> io::Result<bool> {
        let mut worked = false;
        for _ in 0..DATAGRAMS_A_TURN {
            let mut buffer = std::mem::take(&mut self.buffer);
            let socket = if side == Side::Desk { &self.desk } else { &self.trunk };
            let came = receive(socket, &mut buffer);
            if let Ok(Some((n, from))) = came {
                worked = true;
                self.take(side, from, &buffer[..n]);
            }
            self.buffer = buffer;
            if came?.is_none() {
                break;
            }
        }
        Ok(worked)
    }

    fn take(&mut self, side: Side, from: SocketAddr, bytes: &[u8]) {
        let now = self.clock.now();
        let Ok(message) = Message::parse(bytes) else { return };
        let method = message.method();
        match (side, message.start()) {
            (Side::Desk, Start::Request { .. }) if method == Some(Method::Invite) => self.ring(now, from, &message),
            (Side::Desk, Start::Request { .. }) if method == Some(Method::Ack) => self.acknowledged(now, &message),
            (_, Start::Request { .. }) if method == Some(Method::Bye) => self.other_hangs_up(side, from, &message),
            (_, Start::Request { .. }) if method == Some(Method::Cancel) => self.cancelled(from, &message),
            (_, Start::Request { .. }) if method == Some(Method::Ack) => {}
            // Whether somebody is there: yes.
            (side, Start::Request { .. }) => {
                let at = self.address(side);
                response(&mut self.text, &message, "200 OK", None, at, b"");
                self.send(side, from);
            }
            (Side::Trunk, Start::Response { code, .. }) => self.caller_response(now, from, code, &message),
            (Side::Desk, Start::Response { .. }) => {}
        }
    }

    fn read_rtp(&mut self, party: Party) -> io::Result<bool> {
        let mut worked = false;
        for _ in 0..DATAGRAMS_A_TURN {
            let socket = if party == Party::Caller { &self.caller_rtp } else { &self.agent_rtp };
            let Some((n, from)) = receive(socket, &mut self.buffer)? else { break };
            worked = true;
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
        Ok(worked)
    }

    fn frame(&mut self, k: u64, now: Instant) {
        let Some(sound) = self.calls.get_mut(&k).and_then(|c| c.sound.as_mut()) else { return };
        while sound.next <= now {
            sound.next = sound.next + FRAME;
            let sent = [
                self.caller_rtp.send_to(&sound.caller.frame(), sound.caller.to),
                self.agent_rtp.send_to(&sound.agent.frame(), sound.agent.to),
            ];
            self.measured.not_sent += sent.iter().filter(|s| s.is_err()).count() as u64;
        }
        self.due.push(Reverse((sound.next, k, Due::Frame)));
    }

    fn address(&self, side: Side) -> SocketAddr {
        let socket = if side == Side::Desk { &self.desk } else { &self.trunk };
        socket.local_addr().expect("it is bound")
    }
    fn send(&mut self, side: Side, to: SocketAddr) {
        let socket = if side == Side::Desk { &self.desk } else { &self.trunk };
        self.measured.not_sent += u64::from(socket.send_to(self.text.as_bytes(), to).is_err());
    }
    fn later(&mut self, at: Instant, k: u64, what: Due) {
        self.due.push(Reverse((at, k, what)));
    }

    /// Says it, keeps it, and says it again until something comes.
    fn say(&mut self, side: Side, k: u64, to: SocketAddr, said: Said) {
        self.send(side, to);
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
        let socket = if *side == Side::Desk { &self.desk } else { &self.trunk };
        let sent = socket.send_to(text, *to).is_ok();
        self.measured.said_again += 1;
        self.measured.not_sent += u64::from(!sent);
        if times < AGAIN_MAX {
            // RFC 3261 §17.1.2.2: doubled, up to T2.
            self.later(now + (T1 * 2u32.pow(times)).min(T2), k, Due::SayAgain(said, times + 1));
        }
    }

    /// The call did not go all the way.
    fn end_with(&mut self, k: u64, why: impl Into<String>) {
        self.measured.fault(why);
        self.remove(k);
    }
    fn remove(&mut self, k: u64) {
        let Some(call) = self.calls.remove(&k) else { return };
        if let Some(key_at) = call.key_at {
            self.waiting.remove(&(key_at, k));
        }
        if let Some(agent) = call.agent {
            self.agents.free(agent, k, self.clock.now());
        }
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

/// A UDP port with room for bursts, not blocking.
pub fn big_socket(own: IpAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(SocketAddr::new(own, 0)), Type::DGRAM, Some(Protocol::UDP))?;
    // As much as the machine lets us have; what does not fit shows as messages said again.
    let _ = socket.set_recv_buffer_size(8 << 20);
    let _ = socket.set_send_buffer_size(8 << 20);
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::new(own, 0).into())?;
    Ok(socket.into())
}

/// The next datagram, if one has come. A port that nobody listens on any more (ECONNREFUSED) is the same as silence.
pub fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<Option<(usize, SocketAddr)>> {
    match socket.recv_from(buffer) {
        Ok(came) => Ok(Some(came)),
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused) => Ok(None),
        Err(e) if e.kind() == io::ErrorKind::Interrupted => Ok(None),
        Err(e) => Err(e),
    }
}

/// Waits for one of the sockets; false after `within`.
pub fn readable(sockets: &[&UdpSocket], within: Duration) -> bool {
    let mut fds: Vec<PollFd<'_>> = sockets.iter().map(|s| PollFd::new(*s, PollFlags::IN)).collect();
    let time = Timespec { tv_sec: within.as_secs() as i64, tv_nsec: i64::from(within.subsec_nanos()) };
    poll(&mut fds, Some(&time)).is_ok_and(|n| n > 0)
}

/// RFC 3261 §17.1.1.1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
/// 0.5, 1, 2, 4, 4, 4 s: whoever has not answered by then will not.
const AGAIN_MAX: u32 = 6;
const FRAME: Duration = Duration::from_millis(20);
/// How often a condition that no datagram announces is looked at.
const LOOK: Duration = Duration::from_millis(1);
/// Then timers and the other sockets have their turn.
const DATAGRAMS_A_TURN: u32 = 32;

impl Behaviour {
    /// The longest that calls go on after nobody new comes: patience, talk at three times its mean, a BYE that is said again.
    pub fn settles(&self) -> Duration {
        let longest = |s: Spread| s.least + s.more * 5;
        longest(self.patience) + longest(self.talk).max(longest(self.talk_silent)) + Duration::from_secs(6)
    }
    /// How long an agent is busy with a call, on average and with what lies between.
    pub fn busy(&self) -> Duration {
        let mean = |s: Spread, percent: u32| (s.least + s.more).mul_f64(f64::from(percent) / 100.0);
        let talks = mean(self.talk, self.sound_percent) + mean(self.talk_silent, 100 - self.sound_percent);
        self.answers_after + talks + Duration::from_millis(100)
    }
}
