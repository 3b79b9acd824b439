//! Runs the checks of a joint test over real sockets: a few at a time, all in one thread.
//!
//! ```text
//!   readers (a thread a SIP socket) ──bounded──► loop: 20 ms ticks, RTP ─┬─ testers ── out: we ask the carrier, or the simulated SBC
//!                                                                        └─────────── in: the carrier calls the centre
//! ```
//! Decides nothing: what a check is, and whether it holds, is in `people::joint`.
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use switchboard_model::{Chance, Instant};
use switchboard_net::{BindError, Clock, PortStock, RtpEvent, RtpLoop, RtpSockets, SipSocket, Stop, Waker, run_reader};
use switchboard_people::joint::{
    Addresses, Check, Lie, Line, Outcome, Plan, Sbc, SeenCall, Sent, Tester, Wants, call_id,
};

/// What a joint test is made from.
pub struct JointSetup {
    /// What is checked, in this order.
    pub checks: Vec<&'static Check>,
    /// What is tested.
    pub plan: Plan,
    /// Where the centre takes calls.
    pub centre: SocketAddr,
    /// From where the simulated carrier calls; `ringing` is let ring.
    pub carrier: CarrierSockets,
    /// Our own signalling address, for what we ask the carrier.
    pub from: SocketAddr,
    /// The carrier's address; none: a simulated SBC is started.
    pub sbc: Option<SocketAddr>,
    /// What the simulated carrier does wrong.
    pub lie: Option<Lie>,
    /// Ports for sound.
    pub ports: RangeInclusive<u16>,
    /// Calls to the centre at once.
    pub at_once: usize,
    /// From which all chance follows.
    pub seed: [u8; 32],
    /// The clock.
    pub clock: Clock,
}

/// The sockets that the simulated carrier calls from: opened first, since the centre must know the one that is let ring.
pub struct CarrierSockets {
    calls: SipSocket,
    ringing: SipSocket,
    stranger: SipSocket,
}

impl CarrierSockets {
    /// On loopback, on ports that the kernel chooses; the stranger has an address of its own.
    pub fn open() -> Result<CarrierSockets, BindError> {
        let any = |last: u8| SipSocket::bind(SocketAddr::from(([127, 0, 0, last], 0)));
        Ok(CarrierSockets { calls: any(1)?, ringing: any(1)?, stranger: any(2)? })
    }
    /// From where calls come that are let ring.
    pub fn ringing(&self) -> SocketAddr {
        self.ringing.local()
    }
}

/// Why a joint test could not be run.
#[derive(Debug, thiserror::Error)]
pub enum JointError {
    /// A port could not be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The kernel refused.
    #[error("the kernel refused a thread, a timer or a socket: {0}")]
    Kernel(#[from] std::io::Error),
}

/// Whose socket a datagram came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Owner {
    /// We, who ask the carrier.
    Us(Line),
    /// The carrier, who calls us.
    Carrier(Line),
    /// The simulated SBC.
    Sbc,
}

type Mail = (Owner, SocketAddr, Vec<u8>);

/// Datagrams that wait for the loop: more than all checks together send in a second.
const MAIL_MAX: usize = 4_096;
/// How often the centre's board is looked at, in ticks of 20 ms.
const LOOK_EVERY: u64 = 5;

/// Runs the checks and returns what came of each, in their order. `look` shows the centre's board.
pub fn run_joint(setup: JointSetup, look: &mut dyn FnMut() -> Vec<SeenCall>) -> Result<Vec<Outcome>, JointError> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let stock = PortStock::open(loopback, setup.ports.clone(), setup.checks.len() * 2 + 1)?;
    let slots: Vec<SocketAddr> = stock.iter().map(switchboard_net::RtpSocket::local).collect();
    let mut rtp = RtpLoop::new(setup.clock, 0, stock)?;
    let us = SipSocket::bind(setup.from)?;
    let us_other = SipSocket::bind(SocketAddr::new(us.local().ip(), 0))?;
    let (sbc, sbc_other) = (SipSocket::bind((loopback, 0).into())?, SipSocket::bind((loopback, 0).into())?);
    let mut chance = Chance::from_seed(setup.seed);
    let CarrierSockets { calls, ringing, stranger } = setup.carrier;
    let simulated = setup.sbc.is_none().then(|| {
        let (at, sound) = (sbc.local(), slots[setup.checks.len() * 2]);
        Sbc::new(at, sound, &setup.plan.nobody, setup.lie, Chance::from_seed(chance.seed()))
    });
    let addresses = [
        Addresses {
            sip: us.local(),
            other: us_other.local(),
            stranger: us_other.local(),
            rtp: us.local(),
            peer: setup.sbc.unwrap_or(sbc.local()),
        },
        Addresses {
            sip: calls.local(),
            other: ringing.local(),
            stranger: stranger.local(),
            rtp: calls.local(),
            peer: setup.centre,
        },
    ];
    let mut run = Run {
        waiting: setup.checks.iter().copied().enumerate().collect(),
        running: (0..setup.at_once).map(|_| None).collect(),
        done: vec![],
        plan: setup.plan,
        lie: setup.lie,
        real: setup.sbc.is_some(),
        addresses,
        slots,
        chance,
        sbc: simulated,
        senders: [
            (Owner::Us(Line::Sip), us.sender()),
            (Owner::Us(Line::Other), us_other.sender()),
            (Owner::Carrier(Line::Sip), calls.sender()),
            (Owner::Carrier(Line::Other), ringing.sender()),
            (Owner::Carrier(Line::Stranger), stranger.sender()),
            (Owner::Sbc, sbc.sender()),
        ]
        .into(),
        sbc_other: sbc_other.sender(),
        ticks: 0,
    };
    let (stop, (mail_in, mail)) = (Stop::new(), sync_channel(MAIL_MAX));
    let mut readers = vec![];
    for (owner, socket) in [
        (Owner::Us(Line::Sip), us),
        (Owner::Us(Line::Other), us_other),
        (Owner::Carrier(Line::Sip), calls),
        (Owner::Carrier(Line::Other), ringing),
        (Owner::Carrier(Line::Stranger), stranger),
        (Owner::Sbc, sbc),
    ] {
        readers.push(reader(owner, socket, setup.clock, stop.clone(), mail_in.clone(), rtp.waker())?);
    }
    let ran = run.until_done(setup.clock, &mut rtp, &mail, look);
    stop.raise();
    for reader in readers {
        drop(reader.join());
    }
    ran?;
    run.done.sort_by_key(|(place, _)| *place);
    Ok(run.done.into_iter().map(|(_, outcome)| outcome).collect())
}

fn reader(
    owner: Owner,
    socket: SipSocket,
    clock: Clock,
    stop: Stop,
    mail: SyncSender<Mail>,
    waker: Waker,
) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name("joint-reader".to_owned()).spawn(move || {
        let read = run_reader(&socket, clock, &stop, |_, from, bytes| {
            // A full ring drops, as a socket's buffer does: SIP says it again.
            drop(mail.try_send((owner, from, bytes.to_vec())));
            waker.wake();
        });
        if read.is_err() {
            waker.wake();
        }
    })
}

struct Run {
    waiting: VecDeque<(usize, &'static Check)>,
    /// Each with its place in the list, which says which ports for sound it has: a call that does not end disturbs nobody else's.
    running: Vec<Option<(usize, Tester)>>,
    done: Vec<(usize, Outcome)>,
    plan: Plan,
    lie: Option<Lie>,
    real: bool,
    addresses: [Addresses; 2],
    slots: Vec<SocketAddr>,
    chance: Chance,
    sbc: Option<Sbc>,
    senders: Vec<(Owner, switchboard_net::Sender)>,
    sbc_other: switchboard_net::Sender,
    ticks: u64,
}

impl Run {
    fn until_done(
        &mut self,
        clock: Clock,
        rtp: &mut RtpLoop,
        mail: &Receiver<Mail>,
        look: &mut dyn FnMut() -> Vec<SeenCall>,
    ) -> std::io::Result<()> {
        while !self.waiting.is_empty() || self.running.iter().any(Option::is_some) {
            rtp.wait(|sockets, event| match event {
                RtpEvent::Packet { slot, from, now, bytes } => self.sound(sockets, slot, from, now, bytes),
                RtpEvent::Tick { now, .. } => self.tick(sockets, now, look),
                RtpEvent::Woken => {}
            })?;
            let now = clock.now();
            for (owner, from, bytes) in mail.try_iter().take(MAIL_MAX) {
                self.message(now, owner, from, &bytes);
            }
            self.let_go(rtp.sockets());
        }
        Ok(())
    }

    fn message(&mut self, now: Instant, owner: Owner, from: SocketAddr, bytes: &[u8]) {
        let (out, line) = match owner {
            Owner::Sbc => {
                if let Some(sbc) = &mut self.sbc {
                    sbc.sip(now, from, bytes);
                }
                return;
            }
            Owner::Us(line) => (true, line),
            Owner::Carrier(line) => (false, line),
        };
        let Some(call_id) = call_id(bytes) else { return };
        let mut testers = self.running.iter_mut().flatten();
        if let Some((_, tester)) = testers.find(|(_, t)| t.check().way.is_out() == out && t.owns(&call_id)) {
            tester.sip(now, line, from, bytes);
        }
    }

    fn sound(&mut self, sockets: &RtpSockets, slot: u32, from: SocketAddr, now: Instant, bytes: &[u8]) {
        let mut testers = self.running.iter_mut().flatten();
        if let Some((_, tester)) = testers.find(|(place, _)| *place as u32 * 2 == slot) {
            tester.rtp(now, from, bytes);
        }
        self.let_go(sockets);
    }

    fn tick(&mut self, sockets: &RtpSockets, now: Instant, look: &mut dyn FnMut() -> Vec<SeenCall>) {
        self.ticks += 1;
        self.seat(now);
        if let Some(sbc) = self.sbc.as_mut().filter(|s| s.next_timeout().is_some_and(|at| at <= now)) {
            sbc.timeout(now);
        }
        let mut testers = self.running.iter_mut().flatten();
        if self.ticks.is_multiple_of(LOOK_EVERY) && testers.any(|(_, t)| t.wants() == Wants::Look) {
            let calls = look();
            for (_, tester) in self.running.iter_mut().flatten() {
                tester.look(now, &calls);
            }
        }
        for (_, tester) in self.running.iter_mut().flatten() {
            if tester.next_timeout().is_some_and(|at| at <= now) {
                tester.timeout(now);
            }
        }
        self.let_go(sockets);
        for seat in &mut self.running {
            if let Some(outcome) = seat.as_ref().and_then(|(place, t)| Some((*place, t.outcome()?))) {
                self.done.push(outcome);
                *seat = None;
            }
        }
    }

    /// Whoever waits takes a free seat. A real carrier is asked one thing at a time.
    fn seat(&mut self, now: Instant) {
        while let Some((place, check)) = self.waiting.front().copied() {
            let busy = |s: &Option<(usize, Tester)>| s.as_ref().is_some_and(|(_, t)| t.check().way.is_out());
            if self.real && check.way.is_out() && self.running.iter().any(busy) {
                return;
            }
            let Some(seat) = self.running.iter().position(Option::is_none) else { return };
            self.waiting.pop_front();
            let mut at = self.addresses[usize::from(!check.way.is_out())];
            let sound = self.slots[place * 2];
            at.rtp = if check.way.is_out() { SocketAddr::new(at.sip.ip(), sound.port()) } else { sound };
            let chance = Chance::from_seed(self.chance.seed());
            let tester = Tester::new(check, place as u32, self.plan.clone(), at, self.lie, chance, now);
            self.running[seat] = Some((place, tester));
        }
    }

    fn let_go(&mut self, sockets: &RtpSockets) {
        for (place, tester) in self.running.iter_mut().flatten() {
            let out = tester.check().way.is_out();
            while let Some(Sent { line, to, bytes }) = tester.poll() {
                let slot = *place as u32 * 2;
                // What does not leave shows as repetition or silence.
                match line {
                    Line::Rtp => drop(sockets.send(slot, to, &bytes)),
                    Line::RtpOther => drop(sockets.send(slot + 1, to, &bytes)),
                    line => {
                        let owner = if out { Owner::Us(line) } else { Owner::Carrier(line) };
                        if let Some((_, sender)) = self.senders.iter().find(|(o, _)| *o == owner) {
                            let _ = sender.send(to, &bytes);
                        }
                    }
                }
            }
        }
        while let Some(Sent { line, to, bytes }) = self.sbc.as_mut().and_then(Sbc::poll) {
            let own = self.senders.iter().find(|(o, _)| *o == Owner::Sbc).map(|(_, s)| s);
            let sender = if line == Line::Other { Some(&self.sbc_other) } else { own };
            if let Some(sender) = sender {
                let _ = sender.send(to, &bytes);
            }
        }
    }
}
