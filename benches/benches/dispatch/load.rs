//! The load: all callers behind one trunk socket, all agents behind one desk socket, one thread, no retransmission of its own.
//!
//! ```text
//!   trunk   INVITE ──► 200 ──► ACK · · press 0 (RFC 4733, one packet, from the rtp socket) · · ·  BYE ──► 200
//!   desk                                    INVITE ──► 100 180 200 ──► ACK                    ◄── BYE, 200
//! ```
//! Since nothing is sent twice, every lost datagram is a call that does not end, and is seen. Whatever is sent twice by the centre
//! is counted. The rtp socket is never read: sound that comes there is dropped by the kernel.
use super::bare::Script;
use super::centre::{PASSWORD, agent_user};
pub use super::texts::number_in;
use super::texts::{self, AgentLeg, CallerLeg};
use bytes::Bytes;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};
use switchboard_model::{Chance, EndpointId, FlowId};
use switchboard_sip::{Credentials, Endpoint, EndpointConfig, Event, OutRequest, Output};
use switchboard_wire::rtp::{self, TelephoneEvent};
use switchboard_wire::sdp::{self, Direction};
use switchboard_wire::sip::{Message, Method, Name, Start};

/// How the people behave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Manner {
    /// `0` is pressed so long after the ACK; none: by hand.
    pub press: Option<Duration>,
    /// The caller hangs up as soon as his agent's ACK has come; otherwise by hand.
    pub hangs_up: bool,
    /// Callers press once: nothing comes of it for long, since they wait in a line.
    pub waits: bool,
    /// What the callers' offers say: `SendOnly` hears nothing, so there is signalling only.
    pub offers: Direction,
}

/// What the load saw.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Calls that went all the way: both legs ended in order.
    pub done: u64,
    /// Calls that were refused.
    pub refused: u64,
    /// Messages that came a second time.
    pub repeated: u64,
    /// Keys that were pressed once more because nothing came of them.
    pub pressed_again: u64,
    /// Datagrams that did not leave.
    pub not_sent: u64,
    /// SIP messages in and out.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Where a call is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// The INVITE has left.
    Dialling,
    /// Answered by the centre.
    InMenu,
    /// `0` has been pressed.
    Pressed,
    /// An agent was rung, and has answered.
    Rung,
    /// The agent's ACK has come.
    Talking,
    /// Both legs have ended.
    Over,
}

struct Call {
    stage: Stage,
    to: String,
    rtp: Option<SocketAddr>,
    pressed: Option<Instant>,
    presses: u32,
    rang: Option<Instant>,
    caller_over: bool,
    agent_over: bool,
    agent: Option<AgentLeg>,
}

/// All telephones.
pub struct Load {
    trunk: UdpSocket,
    desk: UdpSocket,
    rtp: UdpSocket,
    trunk_at: SocketAddr,
    desk_at: SocketAddr,
    centre: SocketAddr,
    manner: Manner,
    offer: Bytes,
    answer: Option<Bytes>,
    calls: Vec<Call>,
    to_press: VecDeque<(Instant, usize)>,
    again: VecDeque<(Instant, usize)>,
    rings: VecDeque<usize>,
    seen: Seen,
    text: String,
    buffer: Vec<u8>,
    recording: Option<Script>,
}

/// A UDP port on loopback with room for bursts, not blocking.
pub fn big_socket() -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
    let _ = socket.set_recv_buffer_size(8 << 20);
    let _ = socket.set_send_buffer_size(8 << 20);
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into())?;
    Ok(socket.into())
}

impl Load {
    /// Telephones for a centre.
    pub fn new(centre: SocketAddr, manner: Manner) -> io::Result<Load> {
        let (trunk, desk, rtp) = (big_socket()?, big_socket()?, big_socket()?);
        let offer = sdp::offer_with(rtp.local_addr()?, 1, 1, manner.offers);
        Ok(Load {
            trunk_at: trunk.local_addr()?,
            desk_at: desk.local_addr()?,
            trunk,
            desk,
            rtp,
            centre,
            manner,
            offer,
            answer: None,
            calls: vec![],
            to_press: VecDeque::new(),
            again: VecDeque::new(),
            rings: VecDeque::new(),
            seen: Seen::default(),
            text: String::with_capacity(2_048),
            buffer: vec![0; 65_536],
            recording: None,
        })
    }

    /// Registers the first `n` agents, one after the other.
    pub fn register(&mut self, n: usize) -> Result<(), String> {
        for agent in 0..n {
            self.register_one(&agent_user(agent)).map_err(|e| format!("agent {agent} cannot register: {e}"))?;
        }
        Ok(())
    }

    fn register_one(&mut self, user: &str) -> Result<(), String> {
        let clock = switchboard_net::Clock::start();
        let chance = Chance::from_number(user.bytes().fold(1, |n, b| n * 31 + u64::from(b)));
        let mut phone = Endpoint::new(EndpointConfig::new(EndpointId(1), self.desk_at, "load", chance));
        let contact = format!("<sip:{user}@{}>", self.desk_at);
        phone.request(
            clock.now(),
            OutRequest {
                method: "REGISTER".to_owned(),
                target: format!("sip:{}", self.centre),
                to_addr: self.centre,
                flow: FlowId(0),
                from_user: user.to_owned(),
                headers: vec![("Contact".to_owned(), contact), ("Expires".to_owned(), "300".to_owned())],
                body: Bytes::new(),
                credentials: Some(Credentials { user: user.to_owned(), password: PASSWORD.to_owned() }),
            },
        );
        loop {
            while let Some(output) = phone.poll() {
                match output {
                    Output::Send { to, bytes, .. } => {
                        self.desk.send_to(&bytes, to).map_err(|e| e.to_string())?;
                    }
                    Output::Event(Event::Response { code: 200, .. }) => return Ok(()),
                    Output::Event(Event::Response { code, .. }) => return Err(format!("the answer was {code}")),
                    Output::Event(_) => {}
                }
            }
            if !readable(&[&self.desk], Duration::from_secs(2)) {
                return Err("no answer within 2 s".to_owned());
            }
            let mut buffer = std::mem::take(&mut self.buffer);
            while let Ok((n, from)) = self.desk.recv_from(&mut buffer) {
                // Those who have registered before may be rung already.
                if Message::parse(&buffer[..n]).is_ok_and(|m| m.cseq().is_some_and(|(_, method)| method == "REGISTER"))
                {
                    phone.handle_datagram(clock.now(), FlowId(0), from, &buffer[..n]);
                } else {
                    self.take(Side::Desk, Instant::now(), &buffer[..n]);
                }
            }
            self.buffer = buffer;
        }
    }

    /// Where the agents' telephones are.
    pub fn desk(&self) -> SocketAddr {
        self.desk_at
    }
    /// From now on the calls go there: to the bare loop.
    pub fn aim_at(&mut self, centre: SocketAddr) {
        self.centre = centre;
    }
    /// What it saw.
    pub fn seen(&self) -> Seen {
        self.seen
    }
    /// How many calls it made.
    pub fn dialled(&self) -> usize {
        self.calls.len()
    }
    /// Where a call is.
    pub fn stage(&self, k: usize) -> Stage {
        self.calls[k].stage
    }
    /// The next INVITE that came to an agent: which caller's.
    pub fn next_ring(&mut self) -> Option<usize> {
        self.rings.pop_front()
    }
    /// The same, and it stays the next one.
    pub fn peek_ring(&self) -> Option<usize> {
        self.rings.front().copied()
    }
    /// When the agent was rung for this caller.
    pub fn rang(&self, k: usize) -> Option<Instant> {
        self.calls[k].rang
    }
    /// From each caller's key to his agent's INVITE; who had to press twice is left out, and counted in what was seen.
    pub fn waits(&self) -> impl Iterator<Item = Duration> {
        self.calls.iter().filter(|c| c.presses == 1).filter_map(|c| Some(c.rang? - c.pressed?))
    }
    /// From now on the centre's own messages are kept, for one call.
    pub fn record(&mut self) {
        self.recording = Some(Script::default());
    }
    /// What was kept.
    pub fn recorded(&mut self) -> Option<Script> {
        self.recording.take()
    }

    /// One more caller calls; his place.
    pub fn dial(&mut self) -> usize {
        let k = self.calls.len();
        let number = texts::number(k);
        let to = format!("<sip:9500@{}>", self.centre);
        let leg = CallerLeg { number: &number, local: self.trunk_at, centre: self.centre, to: &to };
        leg.invite(&mut self.text, &self.offer);
        self.calls.push(Call {
            stage: Stage::Dialling,
            to,
            rtp: None,
            pressed: None,
            presses: 0,
            rang: None,
            caller_over: false,
            agent_over: false,
            agent: None,
        });
        self.send_trunk();
        k
    }

    /// He presses `0`.
    pub fn press(&mut self, k: usize) {
        let call = &mut self.calls[k];
        let Some(to) = call.rtp else { return };
        call.presses += 1;
        let header = rtp::Header {
            payload_type: sdp::TELEPHONE_EVENT,
            marker: true,
            sequence: call.presses as u16,
            timestamp: call.presses * 8_000,
            ssrc: k as u32 + 1,
        };
        let packet = rtp::write(&header, &TelephoneEvent { event: 0, end: true, volume: 10, duration: 160 }.write());
        call.stage = Stage::Pressed;
        let now = Instant::now();
        call.pressed = Some(now);
        self.seen.pressed_again += u64::from(call.presses > 1);
        self.again.push_back((now + PRESS_AGAIN, k));
        self.seen.not_sent += u64::from(self.rtp.send_to(&packet, to).is_err());
    }

    /// The caller hangs up.
    pub fn hang_up(&mut self, k: usize) {
        let number = texts::number(k);
        let leg = CallerLeg { number: &number, local: self.trunk_at, centre: self.centre, to: &self.calls[k].to };
        leg.bye(&mut self.text);
        self.send_trunk();
    }

    /// The agent hangs up; when his BYE left.
    pub fn agent_hangs_up(&mut self, k: usize) -> Instant {
        let leg = self.calls[k].agent.as_ref().expect("an agent who hangs up was rung");
        texts::agent_bye(&mut self.text, leg, self.desk_at, self.centre);
        let at = Instant::now();
        self.send_desk();
        at
    }

    /// Everything that is due or has come; then waits for more until `until`, and returns at once after the first thing.
    pub fn turn(&mut self, until: Instant) {
        let mut worked = self.press_due();
        worked |= self.read(Side::Desk);
        worked |= self.read(Side::Trunk);
        if worked {
            return;
        }
        let timers = self.to_press.front().into_iter().chain(self.again.front());
        let due = timers.map(|(at, _)| *at).chain([until]).min().unwrap_or(until);
        readable(&[&self.trunk, &self.desk], due.saturating_duration_since(Instant::now()));
    }

    /// Turns until `done` says so; false if that took longer than `within`.
    pub fn until(&mut self, within: Duration, mut done: impl FnMut(&Load) -> bool) -> bool {
        let end = Instant::now() + within;
        loop {
            if done(self) {
                return true;
            }
            let now = Instant::now();
            if now >= end {
                return false;
            }
            self.turn(now + LOOK);
        }
    }

    fn press_due(&mut self) -> bool {
        let mut worked = false;
        while let Some(&(at, k)) = self.to_press.front()
            && at <= Instant::now()
        {
            self.to_press.pop_front();
            self.press(k);
            worked = true;
        }
        while let Some(&(at, k)) = self.again.front()
            && at <= Instant::now()
        {
            self.again.pop_front();
            // A key before the ACK has been read means nothing to the centre; a caller presses again.
            if self.calls[k].stage == Stage::Pressed && !self.manner.waits {
                self.press(k);
                worked = true;
            }
        }
        worked
    }

    fn read(&mut self, side: Side) -> bool {
        let mut worked = false;
        for _ in 0..DATAGRAMS_A_TURN {
            let socket = if side == Side::Desk { &self.desk } else { &self.trunk };
            let mut buffer = std::mem::take(&mut self.buffer);
            let came = socket.recv_from(&mut buffer);
            let now = Instant::now();
            if let Ok((n, _)) = came {
                worked = true;
                self.seen.messages += 1;
                self.seen.bytes += n as u64;
                self.take(side, now, &buffer[..n]);
            }
            self.buffer = buffer;
            if came.is_err() {
                break;
            }
        }
        worked
    }

    fn take(&mut self, side: Side, now: Instant, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else { return };
        let Some(number) = number_in(&message) else { return };
        let Some(k) = texts::place(number).filter(|k| *k < self.calls.len()) else { return };
        if let Some(script) = &mut self.recording {
            number.clone_into(&mut script.number);
            let kept = if side == Side::Desk { &mut script.to_agent } else { &mut script.to_caller };
            kept.push(bytes.to_vec());
        }
        match (side, message.start(), message.method()) {
            (Side::Trunk, Start::Response { code, .. }, _) => self.trunk_response(now, k, number, code, &message),
            (Side::Desk, Start::Request { .. }, Some(Method::Invite)) => self.ring(now, k, number, &message),
            (Side::Desk, Start::Request { .. }, Some(Method::Ack)) => self.talk(k),
            (_, Start::Request { .. }, Some(Method::Bye)) => {
                let at = if side == Side::Desk { self.desk_at } else { self.trunk_at };
                texts::response(&mut self.text, &message, "200 OK", None, at, b"");
                self.send(side);
                self.leg_over(side, k);
            }
            (Side::Desk, Start::Response { code: 200, .. }, _) => self.leg_over(Side::Desk, k),
            _ => {}
        }
    }

    fn trunk_response(&mut self, now: Instant, k: usize, number: &str, code: u16, message: &Message<'_>) {
        let of_invite = message.cseq().is_some_and(|(_, method)| method == "INVITE");
        match code {
            100..=199 => {}
            200 if of_invite => {
                let call = &mut self.calls[k];
                if call.stage == Stage::Dialling {
                    call.stage = Stage::InMenu;
                    message.get(Name::To).unwrap_or("").clone_into(&mut call.to);
                    call.rtp = message.body().and_then(audio_port).map(|port| SocketAddr::new(self.centre.ip(), port));
                    if let Some(after) = self.manner.press {
                        self.to_press.push_back((now + after, k));
                    }
                } else {
                    self.seen.repeated += 1;
                }
                let leg = CallerLeg { number, local: self.trunk_at, centre: self.centre, to: &self.calls[k].to };
                leg.ack(&mut self.text);
                self.send_trunk();
            }
            200 => self.leg_over(Side::Trunk, k),
            // Refused. Its ACK is left out: the call is lost either way, and the run is not one without loss.
            _ => {
                self.seen.refused += 1;
                self.calls[k].stage = Stage::Over;
            }
        }
    }

    fn ring(&mut self, now: Instant, k: usize, number: &str, invite: &Message<'_>) {
        let call = &mut self.calls[k];
        if call.rang.is_some() {
            self.seen.repeated += 1;
            return;
        }
        call.rang = Some(now);
        call.stage = Stage::Rung;
        let tag = format!("desk{number}");
        let get = |name| invite.get(name).unwrap_or("").to_owned();
        call.agent = Some(AgentLeg {
            from: get(Name::From),
            to: format!("{};tag={tag}", get(Name::To)),
            call_id: get(Name::CallId),
            number: number.to_owned(),
        });
        self.rings.push_back(k);
        let rtp = self.rtp.local_addr().expect("it is bound");
        // Every offer of the centre is alike but for its port, so one answer serves.
        let answer = self
            .answer
            .get_or_insert_with(|| {
                sdp::answer(invite.body().unwrap_or(b""), rtp, 1, 1).expect("the centre offers PCMA").0
            })
            .clone();
        for (status, tag, sdp) in [
            ("100 Trying", None, &b""[..]),
            ("180 Ringing", Some(tag.as_str()), b""),
            ("200 OK", Some(tag.as_str()), &answer),
        ] {
            texts::response(&mut self.text, invite, status, tag, self.desk_at, sdp);
            self.send_desk();
        }
    }

    fn talk(&mut self, k: usize) {
        if self.calls[k].stage != Stage::Rung {
            self.seen.repeated += 1;
            return;
        }
        self.calls[k].stage = Stage::Talking;
        if self.manner.hangs_up {
            self.hang_up(k);
        }
    }

    fn leg_over(&mut self, side: Side, k: usize) {
        let call = &mut self.calls[k];
        let over = if side == Side::Desk { &mut call.agent_over } else { &mut call.caller_over };
        if std::mem::replace(over, true) {
            self.seen.repeated += 1;
        } else if call.caller_over && (call.agent_over || call.rang.is_none()) {
            call.stage = Stage::Over;
            self.seen.done += 1;
        }
    }

    fn send(&mut self, side: Side) {
        match side {
            Side::Trunk => self.send_trunk(),
            Side::Desk => self.send_desk(),
        }
    }
    fn send_trunk(&mut self) {
        let sent = self.trunk.send_to(self.text.as_bytes(), self.centre).is_ok();
        self.count_sent(sent);
    }
    fn send_desk(&mut self) {
        let sent = self.desk.send_to(self.text.as_bytes(), self.centre).is_ok();
        self.count_sent(sent);
    }
    fn count_sent(&mut self, sent: bool) {
        self.seen.not_sent += u64::from(!sent);
        self.seen.messages += 1;
        self.seen.bytes += self.text.len() as u64;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Trunk,
    Desk,
}

/// When nothing has come of a key for so long, it is pressed again.
const PRESS_AGAIN: Duration = Duration::from_millis(500);
/// How often a condition that no datagram announces is looked at.
const LOOK: Duration = Duration::from_micros(200);
/// Then timers and the other socket have their turn.
const DATAGRAMS_A_TURN: u32 = 32;

/// Waits for one of the sockets; false after `within`.
fn readable(sockets: &[&UdpSocket], within: Duration) -> bool {
    let mut fds: Vec<PollFd<'_>> = sockets.iter().map(|s| PollFd::new(*s, PollFlags::IN)).collect();
    let time = Timespec { tv_sec: within.as_secs() as i64, tv_nsec: i64::from(within.subsec_nanos()) };
    poll(&mut fds, Some(&time)).is_ok_and(|n| n > 0)
}

/// The port of `m=audio`.
fn audio_port(sdp: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(sdp).ok()?;
    text.split_once("m=audio ")?.1.split(' ').next()?.parse().ok()
}
