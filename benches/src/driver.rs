//! One thread that is everybody: all telephones, two UDP ports each, every 20 ms a frame of sound from whoever talks.
//!
//! Ports are the bound: a caller who would call while every telephone is in use is not made, and counted (`not_made`), never silently
//! left out.
use crate::demand::Demand;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_model::{Chance, Instant};
use switchboard_net::{BindError, Clock, PortStock, RtpEvent, RtpLoop, RtpSockets, Stop};
use switchboard_people::{
    AgentPerson, AgentReport, Caller, CallerReport, Depth, Habit, PhoneAddress, PhoneOutput, tones,
};

/// What a driver is made from.
pub struct DriverSetup {
    /// The centre's SIP address.
    pub centre: SocketAddr,
    /// The address the telephones have.
    pub ip: IpAddr,
    /// Ports for telephones: two even ones each.
    pub ports: RangeInclusive<u16>,
    /// Callers at once.
    pub callers_max: usize,
    /// The agents.
    pub agents: Vec<AgentSeat>,
    /// The callers.
    pub demand: Demand,
    /// From which all their chance follows.
    pub seed: u64,
    /// The clock.
    pub clock: Clock,
}

/// An agent and his telephone's account.
#[derive(Clone, Debug)]
pub struct AgentSeat {
    /// The user he registers as.
    pub user: String,
    /// His telephone's password.
    pub password: String,
    /// How he behaves.
    pub habit: Habit,
}

/// Why the people could not be started.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// Too few ports.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// Fewer telephones than people.
    #[error("{wanted} telephones need {needed} ports, and the range has {have}: choose a wider one or fewer callers")]
    TooFewPorts {
        /// Telephones wanted.
        wanted: usize,
        /// Ports needed.
        needed: usize,
        /// Ports there.
        have: usize,
    },
    /// The kernel refused.
    #[error("the kernel refused a thread or a timer: {0}")]
    Kernel(#[from] io::Error),
}

/// What everybody heard.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Callers whose call is over.
    pub callers: Vec<CallerReport>,
    /// Conversations of agents that are over.
    pub agents: Vec<AgentReport>,
    /// Callers who were not made because every telephone was in use.
    pub not_made: u64,
}

/// The running people.
pub struct Driver {
    thread: JoinHandle<()>,
    stop: Stop,
    calling: Arc<AtomicBool>,
    hang_up: Arc<AtomicBool>,
    alive: Arc<AtomicU64>,
    made: Arc<AtomicU64>,
    heard: Arc<Mutex<Heard>>,
    failed: Receiver<io::Error>,
}

impl Driver {
    /// Everybody takes his place; agents register at once, the first caller calls when the first agent has.
    pub fn start(setup: DriverSetup) -> Result<Driver, DriverError> {
        let people = setup.agents.len() + setup.callers_max;
        let stock = PortStock::open(setup.ip, setup.ports.clone(), people * 2)?;
        if stock.len() < people * 2 {
            return Err(DriverError::TooFewPorts { wanted: people, needed: people * 2, have: stock.len() });
        }
        let addresses: Vec<SocketAddr> = stock.iter().map(switchboard_net::RtpSocket::local).collect();
        let rtp = RtpLoop::new(setup.clock, 0, stock)?;
        let stop = Stop::new();
        let waker = rtp.waker();
        stop.on_raise(move || waker.wake());
        let calling = Arc::new(AtomicBool::new(true));
        let hang_up = Arc::new(AtomicBool::new(false));
        let (alive, made) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (failed_in, failed) = sync_channel(1);
        let mut crowd = Crowd::new(setup, addresses, calling.clone(), alive.clone(), made.clone(), heard.clone());
        let (thread_stop, thread_hang_up) = (stop.clone(), hang_up.clone());
        let thread = std::thread::Builder::new()
            .name("people".to_owned())
            .spawn(move || crowd.run(rtp, &thread_stop, &thread_hang_up, &failed_in))?;
        Ok(Driver { thread, stop, calling, hang_up, alive, made, heard, failed })
    }

    /// Callers whose call is not over.
    pub fn alive(&self) -> u64 {
        self.alive.load(Ordering::Relaxed)
    }
    /// Callers so far.
    pub fn made(&self) -> u64 {
        self.made.load(Ordering::Relaxed)
    }
    /// Nobody calls from now on.
    pub fn stop_calling(&self) {
        self.calling.store(false, Ordering::Relaxed);
    }
    /// Every caller hangs up.
    pub fn hang_up_all(&self) {
        self.hang_up.store(true, Ordering::Relaxed);
    }

    /// Everybody goes; what they heard.
    pub fn finish(self) -> Result<Heard, io::Error> {
        self.stop.raise();
        drop(self.thread.join());
        if let Ok(error) = self.failed.try_recv() {
            return Err(error);
        }
        Ok(std::mem::take(&mut *self.heard.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

struct Crowd {
    setup: DriverSetup,
    addresses: Vec<SocketAddr>,
    agents: Vec<AgentPerson>,
    /// Each caller's telephone is a pair of slots after the agents'.
    callers: BTreeMap<usize, Caller>,
    free: std::collections::VecDeque<usize>,
    next_at: Option<Instant>,
    numbered: u64,
    chance: Chance,
    calling: Arc<AtomicBool>,
    alive: Arc<AtomicU64>,
    made: Arc<AtomicU64>,
    heard: Arc<Mutex<Heard>>,
}

impl Crowd {
    fn new(
        setup: DriverSetup,
        addresses: Vec<SocketAddr>,
        calling: Arc<AtomicBool>,
        alive: Arc<AtomicU64>,
        made: Arc<AtomicU64>,
        heard: Arc<Mutex<Heard>>,
    ) -> Self {
        let mut chance = Chance::from_number(setup.seed);
        let now = setup.clock.now();
        let agents: Vec<AgentPerson> = setup
            .agents
            .iter()
            .enumerate()
            .map(|(n, seat)| {
                let sound = Depth::Sounded { own: tones::of_agent(n), others: tones::callers() };
                // A shift does not log in in one millisecond.
                let starts = now + Duration::from_millis(n as u64 * 20);
                let address = phone_at(&addresses, n);
                let chance = Chance::from_seed(chance.seed());
                AgentPerson::new(
                    &seat.user,
                    &seat.password,
                    address,
                    setup.centre,
                    seat.habit.clone(),
                    sound,
                    starts,
                    chance,
                )
            })
            .collect();
        let free = (agents.len()..addresses.len() / 2).collect();
        Crowd {
            setup,
            addresses,
            agents,
            callers: BTreeMap::new(),
            free,
            next_at: None,
            numbered: 0,
            chance,
            calling,
            alive,
            made,
            heard,
        }
    }

    fn run(&mut self, mut rtp: RtpLoop, stop: &Stop, hang_up: &AtomicBool, failed: &SyncSender<io::Error>) {
        while !stop.is_raised() {
            let waited = rtp.wait(|sockets, event| match event {
                RtpEvent::Packet { slot, from, now, bytes } => self.packet(sockets, slot, from, now, bytes),
                RtpEvent::Tick { now, .. } => self.tick(sockets, now, hang_up.load(Ordering::Relaxed)),
                RtpEvent::Woken => {}
            });
            if let Err(error) = waited {
                drop(failed.try_send(error));
                return;
            }
        }
    }

    fn packet(&mut self, sockets: &RtpSockets, slot: u32, from: SocketAddr, now: Instant, bytes: &[u8]) {
        let (n, rtp) = ((slot / 2) as usize, slot % 2 == 1);
        if let Some(agent) = self.agents.get_mut(n) {
            if rtp { agent.rtp(now, from, bytes) } else { agent.sip(now, from, bytes) }
        } else if let Some(caller) = self.callers.get_mut(&n) {
            if rtp { caller.rtp(now, from, bytes) } else { caller.sip(now, from, bytes) }
        }
        self.let_go(sockets, n);
    }

    fn tick(&mut self, sockets: &RtpSockets, now: Instant, hang_up: bool) {
        for n in 0..self.agents.len() {
            if self.agents[n].next_timeout().is_some_and(|at| at <= now) {
                self.agents[n].timeout(now);
            }
            self.let_go(sockets, n);
        }
        let everybody: Vec<usize> = self.callers.keys().copied().collect();
        for n in everybody {
            let caller = self.callers.get_mut(&n).expect("just listed");
            if hang_up {
                caller.give_up(now);
            }
            if caller.next_timeout().is_some_and(|at| at <= now) {
                caller.timeout(now);
            }
            self.let_go(sockets, n);
            let caller = self.callers.get_mut(&n).expect("just listed");
            if let Some(report) = caller.take_report() {
                self.alive.fetch_sub(1, Ordering::Relaxed);
                self.heard.lock().unwrap_or_else(PoisonError::into_inner).callers.push(report);
            }
            if caller.is_gone() {
                self.callers.remove(&n);
                self.free.push_back(n);
            }
        }
        let talks: Vec<AgentReport> = self.agents.iter_mut().flat_map(AgentPerson::take_reports).collect();
        if !talks.is_empty() {
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).agents.extend(talks);
        }
        self.new_callers(now);
    }

    fn new_callers(&mut self, now: Instant) {
        if !self.calling.load(Ordering::Relaxed) {
            return;
        }
        if self.next_at.is_none() && self.agents.iter().any(AgentPerson::is_registered) {
            self.next_at = Some(now);
        }
        while let Some(at) = self.next_at
            && at <= now
        {
            let plan = self.setup.demand.caller(self.numbered, now, &mut self.chance);
            self.numbered += 1;
            self.next_at = Some(self.setup.demand.next_at(at, &mut self.chance));
            let Some(n) = self.free.pop_front() else {
                self.heard.lock().unwrap_or_else(PoisonError::into_inner).not_made += 1;
                continue;
            };
            let sound = Depth::Sounded { own: tones::of_caller(self.numbered as usize), others: tones::agents() };
            let chance = Chance::from_seed(self.chance.seed());
            self.callers.insert(n, Caller::new(plan, phone_at(&self.addresses, n), self.setup.centre, sound, chance));
            self.alive.fetch_add(1, Ordering::Relaxed);
            self.made.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn let_go(&mut self, sockets: &RtpSockets, n: usize) {
        loop {
            let output = match self.agents.get_mut(n) {
                Some(agent) => agent.poll(),
                None => self.callers.get_mut(&n).and_then(Caller::poll),
            };
            let slot = n as u32 * 2;
            // What does not leave is counted by the sockets, and shows as silence or repetition.
            match output {
                Some(PhoneOutput::Sip { to, bytes }) => drop(sockets.send(slot, to, &bytes)),
                Some(PhoneOutput::Rtp { to, bytes }) => drop(sockets.send(slot + 1, to, &bytes)),
                Some(PhoneOutput::Pressed(_)) => unreachable!("a sounded telephone presses keys in its RTP"),
                None => return,
            }
        }
    }
}

fn phone_at(addresses: &[SocketAddr], n: usize) -> PhoneAddress {
    PhoneAddress { sip: addresses[2 * n], rtp: addresses[2 * n + 1] }
}
