//! The bare loop: the least that can stand where a centre stands. It answers, brings callers to agents first come first served, passes
//! sound on, and does nothing else: no transactions, no menu, no skills, no records.
//!
//! ```text
//!   INVITE ─► 100 200    ACK · key ─► the caller's turn ─► INVITE to an idle agent ─► 200 ─► ACK    BYE ─► 200, BYE to the agent
//! ```
//! What the load does against it is the load's own ceiling. And since a judge is to be trusted only if he catches liars, it can be
//! told to tell one [`Lie`]; `bench proof` and the tests hold the measurement to each.
use crate::telephones::{Own, Transport, audio_at, big_socket, caller_of, number, receive, response, user_of};
use rustix::event::epoll;
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_net::Clock;
use switchboard_sip::digest::Claim;
use switchboard_wire::rtp::{Incoming, TelephoneEvent};
use switchboard_wire::sdp;
use switchboard_wire::sip::{Message, Method, Name, Start};

/// What it does wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lie {
    /// A caller's sound goes to another caller's agent.
    WrongParty,
    /// Whoever is rung first is rung for the next caller too.
    DoubledAgents,
    /// The last to come is served first.
    OutOfOrder,
    /// For so long it does nothing at all, four times a second.
    Stall(Duration),
    /// Everything is refused with 503.
    RefusesAll,
    /// The agent is not told that the caller has gone.
    LeavesAgents,
    /// Sound comes so much later.
    DelaysSound(Duration),
    /// Of so many frames of sound one is thrown away.
    LosesSound(u64),
    /// No number is known: 404 to every call.
    KnowsNoNumber,
    /// No lie, but whoever calls or registers is asked who he is; the password of everybody is [`PASSWORD`].
    Asks,
}

/// What [`Lie::Asks`] wants as the password of everybody.
pub const PASSWORD: &str = "bare secret";

/// A running loop.
pub struct Bare {
    thread: Option<JoinHandle<io::Result<()>>>,
    stop: Arc<AtomicBool>,
    at: SocketAddr,
}

impl Bare {
    /// Starts one on loopback, on this CPU if one is named, with ports for so many calls with sound.
    pub fn start(lie: Option<Lie>, sounded_calls: usize, clock: Clock, cpu: Option<usize>) -> io::Result<Bare> {
        Bare::start_knowing(lie, sounded_calls, clock, cpu, &[])
    }

    /// The same; these agents are at these addresses and need not register.
    pub fn start_knowing(
        lie: Option<Lie>,
        sounded_calls: usize,
        clock: Clock,
        cpu: Option<usize>,
        agents: &[(String, SocketAddr)],
    ) -> io::Result<Bare> {
        let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let sip = big_socket(own)?;
        let at = sip.local_addr()?;
        let legs = (0..sounded_calls * 2 + 1).map(|_| big_socket(own)).collect::<io::Result<Vec<_>>>()?;
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&poll, &sip, epoll::EventData::new_u64(SIP), epoll::EventFlags::IN)?;
        for (n, leg) in legs.iter().enumerate() {
            epoll::add(&poll, leg, epoll::EventData::new_u64(n as u64), epoll::EventFlags::IN)?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let free = (0..sounded_calls).map(|n| n * 2 + 1).collect();
        let mut centre = Centre {
            sip,
            at,
            legs,
            free,
            lie,
            calls: BTreeMap::new(),
            by_leg: BTreeMap::new(),
            waiting: VecDeque::new(),
            idle: agents.iter().map(|(user, _)| user.clone()).collect(),
            agents: agents.iter().cloned().collect(),
            text: String::with_capacity(2_048),
            cseq: 0,
            held: VecDeque::new(),
            frames: 0,
            clock,
        };
        let run = move || {
            if let Some(cpu) = cpu {
                crate::machine::pin(cpu);
            }
            centre.run(&poll, &stopped)
        };
        let thread = std::thread::Builder::new().name("bare".to_owned()).spawn(run)?;
        Ok(Bare { thread: Some(thread), stop, at })
    }

    /// Where it listens.
    pub fn at(&self) -> SocketAddr {
        self.at
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Its own error shows as calls that were not answered; there is nobody else to tell.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

struct Centre {
    sip: UdpSocket,
    at: SocketAddr,
    /// The first takes the keys of calls without sound; then two for each call with it, towards the caller and towards the agent.
    legs: Vec<UdpSocket>,
    free: VecDeque<usize>,
    lie: Option<Lie>,
    calls: BTreeMap<u64, Call>,
    by_leg: BTreeMap<usize, u64>,
    waiting: VecDeque<u64>,
    idle: VecDeque<String>,
    /// Where each agent's telephone is.
    agents: BTreeMap<String, SocketAddr>,
    text: String,
    cseq: u32,
    /// Frames that are passed on later: when, from which leg, where to.
    held: VecDeque<(Instant, usize, SocketAddr, Vec<u8>)>,
    frames: u64,
    clock: Clock,
}

struct Call {
    agent: Option<String>,
    agent_to: String,
    leg: usize,
    caller_rtp: Option<SocketAddr>,
    agent_rtp: Option<SocketAddr>,
}

impl Centre {
    fn run(&mut self, poll: &std::os::fd::OwnedFd, stop: &AtomicBool) -> io::Result<()> {
        let clock = self.clock;
        let mut buffer = vec![0; 65_536];
        let mut events: Vec<epoll::Event> = Vec::with_capacity(64);
        let mut stalls_at = clock.now() + Duration::from_millis(500);
        while !stop.load(Ordering::Relaxed) {
            events.clear();
            let wait = self.held.front().map_or(LOOK, |(at, ..)| clock.until(*at).min(LOOK));
            let wait = rustix::time::Timespec { tv_sec: 0, tv_nsec: i64::from(wait.subsec_nanos()) };
            if let Err(e) = epoll::wait(poll, rustix::buffer::spare_capacity(&mut events), Some(&wait))
                && e != rustix::io::Errno::INTR
            {
                return Err(e.into());
            }
            if let Some(Lie::Stall(long)) = self.lie
                && clock.now() >= stalls_at
            {
                stall_until(clock, clock.now() + long);
                stalls_at = clock.now() + STALL_EVERY;
            }
            while let Some((at, out, to, bytes)) = self.held.pop_front() {
                if at > clock.now() {
                    self.held.push_front((at, out, to, bytes));
                    break;
                }
                drop(self.legs[out].send_to(&bytes, to));
            }
            let ready: Vec<u64> = events.iter().map(|e| e.data.u64()).collect();
            for n in ready {
                for _ in 0..32 {
                    let socket = if n == SIP { &self.sip } else { &self.legs[n as usize] };
                    let Some((len, from)) = receive(socket, &mut buffer)? else { break };
                    if n == SIP { self.sip(from, &buffer[..len]) } else { self.rtp(n as usize, &buffer[..len]) }
                }
            }
        }
        Ok(())
    }

    fn sip(&mut self, from: SocketAddr, bytes: &[u8]) {
        let Ok(message) = Message::parse(bytes) else { return };
        let caller = caller_of(&message);
        if self.lie == Some(Lie::Asks) && self.asks(from, &message) {
            return;
        }
        match (message.start(), message.method()) {
            (Start::Request { .. }, Some(Method::Register)) => self.register(from, &message),
            (Start::Request { .. }, Some(Method::Invite)) => self.invite(from, caller, &message),
            (Start::Request { .. }, Some(Method::Bye)) => self.bye(from, caller, &message),
            (Start::Request { .. }, Some(Method::Options)) => self.say(&message, "200 OK", b"", from),
            (Start::Response { code: 200, .. }, _) if message.cseq().is_some_and(|(_, m)| m == "INVITE") => {
                self.answered(from, caller, &message);
            }
            _ => {}
        }
    }

    /// Challenges who has not answered a challenge, or wrongly; whether it did.
    fn asks(&mut self, from: SocketAddr, message: &Message<'_>) -> bool {
        let (answers, status, asks) = match message.method() {
            Some(Method::Register) => (Name::Authorization, "401 Unauthorized", "WWW-Authenticate"),
            Some(Method::Invite) => {
                (Name::ProxyAuthorization, "407 Proxy Authentication Required", "Proxy-Authenticate")
            }
            _ => return false,
        };
        if message.get(answers).is_some_and(|answer| answers_rightly(answer, message)) {
            return false;
        }
        let challenge = format!("{asks}: Digest realm=\"bare\", nonce=\"{}\", qop=\"auth\", algorithm=MD5", self.cseq);
        self.cseq += 1;
        let own = self.own();
        response(&mut self.text, message, status, Some("bare"), own, b"");
        self.text = self.text.replacen("Content-Length", &format!("{challenge}\r\nContent-Length"), 1);
        drop(self.sip.send_to(self.text.as_bytes(), from));
        true
    }

    fn register(&mut self, from: SocketAddr, message: &Message<'_>) {
        let user = message.get(Name::From).and_then(user_of).unwrap_or("").to_owned();
        if self.agents.insert(user.clone(), from).is_none() {
            self.idle.push_back(user);
        }
        self.say(message, "200 OK", b"", from);
    }

    fn invite(&mut self, from: SocketAddr, caller: Option<u64>, message: &Message<'_>) {
        // A feature code logs in who dials it.
        if user_of(message.request_uri()).is_some_and(|user| user.starts_with('*')) {
            if let Ok((answer, _)) = sdp::answer(message.body().unwrap_or(b""), self.rtp_at(0), 1, 1) {
                self.say(message, "200 OK", &answer, from);
            }
            let user = message.get(Name::From).and_then(user_of).unwrap_or("").to_owned();
            if self.agents.insert(user.clone(), from).is_none() {
                self.idle.push_back(user);
            }
            return;
        }
        let Some(k) = caller else { return };
        if self.lie == Some(Lie::KnowsNoNumber) {
            return self.say(message, "404 Not Found", b"", from);
        }
        if self.lie == Some(Lie::RefusesAll) {
            return self.say(message, "503 Service Unavailable", b"", from);
        }
        let offer = message.body().unwrap_or(b"");
        let sounds = !offer.windows(10).any(|w| w == b"a=sendonly");
        if !self.calls.contains_key(&k) {
            let leg = if sounds { self.free.pop_front().unwrap_or(0) } else { 0 };
            if leg > 0 {
                self.by_leg.insert(leg, k);
            }
            let caller_rtp = audio_at(offer, from);
            self.calls.insert(k, Call { agent: None, agent_to: String::new(), leg, caller_rtp, agent_rtp: None });
        }
        let rtp = self.rtp_at(self.calls[&k].leg);
        self.say(message, "100 Trying", b"", from);
        if let Ok((answer, _)) = sdp::answer(offer, rtp, 1, 1) {
            self.say(message, "200 OK", &answer, from);
        }
    }

    fn bye(&mut self, from: SocketAddr, caller: Option<u64>, message: &Message<'_>) {
        self.say(message, "200 OK", b"", from);
        let Some((k, call)) = caller.and_then(|k| Some((k, self.calls.remove(&k)?))) else { return };
        self.waiting.retain(|w| *w != k);
        if call.leg > 0 {
            self.by_leg.remove(&call.leg);
            self.free.push_back(call.leg);
        }
        if let Some(agent) = call.agent {
            if self.lie != Some(Lie::LeavesAgents) {
                self.tell_agent(k, &agent, &call.agent_to, "BYE", b"");
            }
            if self.lie != Some(Lie::DoubledAgents) {
                self.idle.push_back(agent);
            }
        }
        self.serve();
    }

    fn answered(&mut self, from: SocketAddr, caller: Option<u64>, message: &Message<'_>) {
        let Some((k, call)) = caller.and_then(|k| Some((k, self.calls.get_mut(&k)?))) else { return };
        message.get(Name::To).unwrap_or("").clone_into(&mut call.agent_to);
        call.agent_rtp = message.body().and_then(|b| audio_at(b, from));
        let (agent, to) = (call.agent.clone().unwrap_or_default(), call.agent_to.clone());
        self.tell_agent(k, &agent, &to, "ACK", b"");
    }

    /// The telephones say by the source of their RTP whose it is, so one port can take everybody's keys.
    fn rtp(&mut self, n: usize, bytes: &[u8]) {
        let Ok(Incoming::Rtp(packet)) = switchboard_wire::rtp::read(bytes) else { return };
        let k = u64::from(packet.header.ssrc & !(1 << 31)).wrapping_sub(1);
        if packet.header.payload_type == sdp::TELEPHONE_EVENT {
            let first_end = TelephoneEvent::read(packet.payload).is_some_and(|e| e.end);
            let asks = self.calls.get(&k).is_some_and(|c| c.agent.is_none()) && !self.waiting.contains(&k);
            if first_end && asks {
                self.waiting.push_back(k);
                self.serve();
            }
            return;
        }
        // An odd leg is towards a caller, the next one towards his agent.
        let (towards_caller, leg) = if n % 2 == 1 { (true, n) } else { (false, n.saturating_sub(1)) };
        let whose = match (self.lie, towards_caller) {
            (Some(Lie::WrongParty), true) => self.by_leg.iter().find(|(other, _)| **other != leg).map(|(_, k)| *k),
            _ => self.by_leg.get(&leg).copied(),
        };
        let Some(call) = whose.and_then(|k| self.calls.get(&k)) else { return };
        let (out, to) = if towards_caller { (call.leg + 1, call.agent_rtp) } else { (call.leg, call.caller_rtp) };
        self.frames += 1;
        match (to, self.lie) {
            (None, _) => {}
            (Some(_), Some(Lie::LosesSound(one_of))) if self.frames.is_multiple_of(one_of) => {}
            (Some(to), Some(Lie::DelaysSound(late))) => {
                self.held.push_back((self.clock.now() + late, out, to, bytes.to_vec()));
            }
            // What does not leave shows as silence.
            (Some(to), _) => drop(self.legs[out].send_to(bytes, to)),
        }
    }

    fn serve(&mut self) {
        while !self.waiting.is_empty() {
            let agent = match self.lie {
                Some(Lie::DoubledAgents) => self.agents.keys().next().cloned(),
                _ => self.idle.pop_front(),
            };
            let Some(agent) = agent else { return };
            let next =
                if self.lie == Some(Lie::OutOfOrder) { self.waiting.pop_back() } else { self.waiting.pop_front() };
            let Some((k, call)) = next.and_then(|k| Some((k, self.calls.get_mut(&k)?))) else { continue };
            call.agent = Some(agent.clone());
            let leg = call.leg;
            let rtp = self.rtp_at(if leg > 0 { leg + 1 } else { 0 });
            let to = format!("<sip:{agent}@{}>", self.at);
            self.tell_agent(k, &agent, &to, "INVITE", &sdp::offer(rtp, 1, 1));
        }
    }

    fn rtp_at(&self, leg: usize) -> SocketAddr {
        self.legs[leg].local_addr().expect("it is bound")
    }

    fn tell_agent(&mut self, k: u64, agent: &str, to: &str, method: &str, sdp: &[u8]) {
        let Some(&at) = self.agents.get(agent) else { return };
        self.cseq += 1;
        let number = number(k);
        let leg = crate::telephones::Leg {
            from: format!("<sip:{number}@{}>;tag=bare{number}", self.at),
            to: to.to_owned(),
            call_id: format!("bare{number}-{agent}"),
            remote_target: format!("sip:{agent}@{at}"),
            routes: String::new(),
        };
        let branch = format!("bare{}", self.cseq);
        let contact = format!("Contact: <sip:bare@{}>\r\n", self.at);
        let own = self.own();
        leg.request(&mut self.text, method, 1, &branch, own, &contact, sdp);
        drop(self.sip.send_to(self.text.as_bytes(), at));
    }

    fn own(&self) -> Own {
        Own { transport: Transport::Udp, at: self.at }
    }

    fn say(&mut self, request: &Message<'_>, status: &str, sdp: &[u8], to: SocketAddr) {
        let own = self.own();
        response(&mut self.text, request, status, Some("bare"), own, sdp);
        drop(self.sip.send_to(self.text.as_bytes(), to));
    }
}

fn answers_rightly(answer: &str, message: &Message<'_>) -> bool {
    let (Some(claim), Some((_, method))) = (Claim::parse(answer), message.cseq()) else { return false };
    claim.proves(&claim.algorithm().ha1(&claim.user, &claim.realm, PASSWORD), method)
}

fn stall_until(clock: Clock, until: Instant) {
    while clock.now() < until {
        std::thread::park_timeout(clock.until(until));
    }
}

/// How often it looks whether it is to end.
const LOOK: Duration = Duration::from_millis(20);
/// The mark of the SIP socket among the legs.
const SIP: u64 = u64::MAX;
/// From the end of one stall to the next.
const STALL_EVERY: Duration = Duration::from_millis(200);
