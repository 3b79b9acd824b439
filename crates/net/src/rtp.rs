//! What a media thread sleeps in: its sockets, its waker, and a clock that strikes every 20 ms.
//!
//! ```text
//!            ┌─ a packet on slot n ───► Packet{slot, from, now, bytes}
//!   epoll ───┼─ timerfd, absolute ────► Tick{due, now}      due = start + 20 ms · n, whatever happened before
//!            └─ somebody's wake() ────► Woken               a wish lies in the ring
//! ```
//! The clock goes first: a tick is looked for between any two packets' turns, so a flood on one port delays nobody's sound by
//! more than one read. A tick that comes late is told late and at once, never moved; after a stall all missed ones are told, each
//! with its own `due`, up to a second's worth, and the rest is counted. One read a readiness event: the kernel hands the sockets
//! out in turn, and a packet costs one system call beside its share of the wait.
//!
//! Who may call: one thread, its owner. Only the [`Waker`] belongs to others.
use crate::{Clock, NotSent, RtpSocket, Waker};
use hdrhistogram::Histogram;
use rustix::event::epoll;
use rustix::fd::OwnedFd;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use std::cell::Cell;
use std::io;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::Instant;

/// The packet time of every stream.
pub const TICK: Duration = Duration::from_millis(20);

/// What ended the sleep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RtpEvent<'a> {
    /// A datagram has come to one of the ports.
    Packet {
        /// The port's place in the stock.
        slot: u32,
        /// The peer.
        from: SocketAddr,
        /// When it was read.
        now: Instant,
        /// All of it.
        bytes: &'a [u8],
    },
    /// Another 20 ms are over.
    Tick {
        /// When it should have come.
        due: Instant,
        /// When it comes.
        now: Instant,
        /// How many before it were left out, because the thread had stood still for longer than a second.
        skipped: u64,
    },
    /// Somebody has called [`Waker::wake`]: look into the rings.
    Woken,
}

/// The ports of one media thread, for sending.
#[derive(Debug)]
pub struct RtpSockets {
    first_slot: u32,
    sockets: Vec<RtpSocket>,
    counts: Cell<RtpCounts>,
}

/// Packets so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct RtpCounts {
    /// Read.
    pub received: u64,
    /// Read, too long for RTP, thrown away.
    pub too_long: u64,
    /// Handed to the kernel.
    pub sent: u64,
    /// Dropped because a send buffer was full.
    pub full: u64,
    /// Refused by the kernel: no route.
    pub unreachable: u64,
}

/// How late the ticks were. Clone it to read it elsewhere; each media thread has its own.
#[derive(Clone, Debug)]
pub struct Lateness {
    micros: Histogram<u64>,
    skipped: u64,
}

/// The event loop of a media thread.
pub struct RtpLoop {
    clock: Clock,
    sockets: RtpSockets,
    epoll: OwnedFd,
    timer: OwnedFd,
    waker: Waker,
    due: Instant,
    lateness: Lateness,
    buffer: Box<[u8]>,
}

impl RtpLoop {
    /// Takes the ports whose slots begin at `first_slot`. The first tick is 20 ms from now.
    pub fn new(clock: Clock, first_slot: u32, sockets: Vec<RtpSocket>) -> io::Result<RtpLoop> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        for (i, socket) in sockets.iter().enumerate() {
            epoll::add(&epoll, &socket.socket, epoll::EventData::new_u64(i as u64), epoll::EventFlags::IN)?;
        }
        let waker = Waker::new()?;
        epoll::add(&epoll, waker.fd(), epoll::EventData::new_u64(WOKEN), epoll::EventFlags::IN)?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        let due = clock.now() + TICK;
        let every = Timespec { tv_sec: 0, tv_nsec: TICK.as_nanos() as _ };
        let timing = Itimerspec { it_interval: every, it_value: clock.monotonic(due) };
        timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &timing)?;
        epoll::add(&epoll, &timer, epoll::EventData::new_u64(TICKED), epoll::EventFlags::IN)?;
        Ok(RtpLoop {
            clock,
            sockets: RtpSockets { first_slot, sockets, counts: Cell::default() },
            epoll,
            timer,
            waker,
            due,
            lateness: Lateness::new(),
            buffer: vec![0; PACKET_BYTES_MAX + 1].into_boxed_slice(),
        })
    }

    /// What others wake this thread with.
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// The ports, for sending outside of `wait`.
    pub fn sockets(&self) -> &RtpSockets {
        &self.sockets
    }

    /// How late the ticks have been.
    pub fn lateness(&self) -> &Lateness {
        &self.lateness
    }

    /// Sleeps until something happens and tells all of it, then returns; call it again. An error is the kernel's and lasting.
    pub fn wait(&mut self, mut on: impl FnMut(&RtpSockets, RtpEvent<'_>)) -> io::Result<()> {
        // On the stack, because an epoll event has a pointer in it and would keep this loop from being handed to its thread.
        let mut room = [const { MaybeUninit::uninit() }; EVENTS_A_WAKE_MAX];
        let events: &[epoll::Event] = match epoll::wait(&self.epoll, room.as_mut_slice(), None) {
            Ok((events, _)) => events,
            Err(rustix::io::Errno::INTR) => &[],
            Err(e) => return Err(e.into()),
        };
        self.tick(&mut on);
        for event in events {
            match event.data.u64() {
                TICKED => {
                    // Only quiets the descriptor; whether a tick is due, the clock says.
                    let mut count = [0; 8];
                    let _ = rustix::io::read(&self.timer, &mut count);
                }
                WOKEN => {
                    self.waker.clear();
                    on(&self.sockets, RtpEvent::Woken);
                }
                i => {
                    self.read(i as usize, &mut on);
                    self.tick(&mut on);
                }
            }
        }
        self.tick(&mut on);
        Ok(())
    }

    fn read(&mut self, i: usize, on: &mut impl FnMut(&RtpSockets, RtpEvent<'_>)) {
        let Ok((n, from)) = self.sockets.sockets[i].socket.recv_from(&mut self.buffer) else { return };
        if n > PACKET_BYTES_MAX {
            return self.sockets.count(|c| c.too_long += 1);
        }
        self.sockets.count(|c| c.received += 1);
        let (slot, now, bytes) = (self.sockets.first_slot + i as u32, self.clock.now(), &self.buffer[..n]);
        on(&self.sockets, RtpEvent::Packet { slot, from, now, bytes });
    }

    /// Tells every tick that is due.
    fn tick(&mut self, on: &mut impl FnMut(&RtpSockets, RtpEvent<'_>)) {
        let mut now = self.clock.now();
        while self.due <= now {
            let skipped = left_out(self.due, now);
            self.lateness.skipped += skipped;
            let due = self.due + TICK * skipped as u32;
            self.lateness.record(now.since(due));
            self.due = due + TICK;
            on(&self.sockets, RtpEvent::Tick { due, now, skipped });
            now = self.clock.now();
        }
    }
}

/// How many ticks from `due` on are left out when it is `now`: those more than a second old, but not so many that 2³² matters.
fn left_out(due: Instant, now: Instant) -> u64 {
    let behind = (now.since(due).as_micros() / TICK.as_micros()) as u64;
    behind.saturating_sub(TICKS_BEHIND_MAX).min(u64::from(u32::MAX))
}

impl RtpSockets {
    /// Sends now or not at all. `slot` must be one of this thread's.
    pub fn send(&self, slot: u32, to: SocketAddr, bytes: &[u8]) -> Result<(), NotSent> {
        let socket = &self.sockets[(slot - self.first_slot) as usize].socket;
        loop {
            return match socket.send_to(bytes, to) {
                Ok(_) => {
                    self.count(|c| c.sent += 1);
                    Ok(())
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.count(|c| c.full += 1);
                    Err(NotSent::Full)
                }
                Err(_) => {
                    self.count(|c| c.unreachable += 1);
                    Err(NotSent::Unreachable)
                }
            };
        }
    }

    /// The slots of these ports.
    pub fn slots(&self) -> std::ops::Range<u32> {
        self.first_slot..self.first_slot + self.sockets.len() as u32
    }

    /// The address of one of them.
    pub fn local(&self, slot: u32) -> SocketAddr {
        self.sockets[(slot - self.first_slot) as usize].local()
    }

    /// What went through so far.
    pub fn counts(&self) -> RtpCounts {
        self.counts.get()
    }

    fn count(&self, add: impl FnOnce(&mut RtpCounts)) {
        let mut counts = self.counts.get();
        add(&mut counts);
        self.counts.set(counts);
    }
}

impl Lateness {
    fn new() -> Lateness {
        // Up to 10 s at two digits: 20 kB. Anything longer counts as 10 s.
        let micros = Histogram::new_with_bounds(1, 10_000_000, 2).expect("these bounds are in order");
        Lateness { micros, skipped: 0 }
    }
    fn record(&mut self, late: Duration) {
        self.micros.saturating_record((late.as_micros() as u64).max(1));
    }
    /// The lateness in microseconds that this share of all ticks (0.99, say) did not exceed; 0 if there was no tick.
    pub fn micros_at(&self, share: f64) -> u64 {
        self.micros.value_at_quantile(share)
    }
    /// The latest tick, in microseconds.
    pub fn micros_max(&self) -> u64 {
        self.micros.max()
    }
    /// How many ticks were told.
    pub fn ticks(&self) -> u64 {
        self.micros.len()
    }
    /// How many were left out after a stall.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
    /// Adds another thread's.
    pub fn add(&mut self, other: &Lateness) {
        self.micros.add(&other.micros).expect("all of them have the same bounds");
        self.skipped += other.skipped;
    }
}

/// Event data of the waker and of the timer; below them are the slots.
const WOKEN: u64 = u64::MAX;
const TICKED: u64 = u64::MAX - 1;
/// Two milliseconds of reading at most before the kernel is asked again.
const EVENTS_A_WAKE_MAX: usize = 256;
/// More than an Ethernet frame holds; 20 ms of G.711 are 172 B.
const PACKET_BYTES_MAX: usize = 2048;
/// A second. A peer's jitter buffer has long given up on anything older.
const TICKS_BEHIND_MAX: u64 = 50;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PortStock;
    use std::net::UdpSocket;

    fn rtp_loop(ports: std::ops::RangeInclusive<u16>, count: usize) -> RtpLoop {
        let stock = PortStock::open([127, 0, 0, 1].into(), ports, count).unwrap();
        RtpLoop::new(Clock::start(), 7, stock).unwrap()
    }

    #[test]
    fn ticks_come_every_20_ms_by_the_clock_and_never_early() {
        let mut rtp = rtp_loop(33_000..=33_098, 1);
        let mut ticks = Vec::new();
        while ticks.len() < 10 {
            rtp.wait(|_, event| {
                if let RtpEvent::Tick { due, now, skipped } = event {
                    assert!(now >= due, "{now:?} before {due:?}");
                    assert_eq!(skipped, 0);
                    ticks.push(due);
                }
            })
            .unwrap();
        }
        assert!(ticks.windows(2).all(|two| two[0] + TICK == two[1]), "{ticks:?}");
        assert_eq!(rtp.lateness().ticks(), ticks.len() as u64);
        assert!(rtp.lateness().micros_at(0.5) <= rtp.lateness().micros_max());
    }

    #[test]
    fn after_a_stall_each_missed_tick_is_told() {
        let mut rtp = rtp_loop(33_100..=33_198, 1);
        let clock = rtp.clock;
        let mut first = None;
        let mut told = Vec::new();
        while told.len() < 5 {
            rtp.wait(|_, event| {
                let RtpEvent::Tick { due, .. } = event else { return };
                if first.is_none() {
                    first = Some(due);
                    // Work that takes far too long: stand still for three ticks by the clock.
                    while clock.now() < due + TICK * 3 {
                        std::hint::spin_loop();
                    }
                }
                told.push(due);
            })
            .unwrap();
        }
        let first = first.unwrap();
        assert_eq!(told[..4], [first, first + TICK, first + TICK * 2, first + TICK * 3]);
    }

    #[test]
    fn a_stall_of_more_than_a_second_is_cut() {
        let due = Instant::from_millis(1_000_000);
        let check = |late_ms: u64, left: u64| {
            assert_eq!(left_out(due, Instant::from_millis(1_000_000 + late_ms)), left, "{late_ms} ms late");
        };
        check(0, 0);
        check(19, 0);
        check(1_000, 0);
        check(1_019, 0);
        check(1_020, 1);
        check(3_600_000, 180_000 - 50);
    }

    #[test]
    fn packets_come_with_their_slot_and_are_answered() {
        let mut rtp = rtp_loop(33_200..=33_298, 2);
        assert_eq!(rtp.sockets().slots(), 7..9);
        let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
        peer.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        peer.send_to(b"to the second", rtp.sockets().local(8)).unwrap();
        peer.send_to(&[0; 3000], rtp.sockets().local(7)).unwrap();
        peer.send_to(b"to the first", rtp.sockets().local(7)).unwrap();
        let mut seen = Vec::new();
        while seen.len() < 2 {
            rtp.wait(|sockets, event| {
                if let RtpEvent::Packet { slot, from, bytes, .. } = event {
                    seen.push((slot, bytes.to_vec()));
                    sockets.send(slot, from, bytes).unwrap();
                }
            })
            .unwrap();
        }
        seen.sort();
        assert_eq!(seen, [(7, b"to the first".to_vec()), (8, b"to the second".to_vec())]);
        let mut from = Vec::new();
        for _ in 0..2 {
            from.push(peer.recv_from(&mut [0; 64]).unwrap().1);
        }
        from.sort();
        assert_eq!(from, [rtp.sockets().local(7), rtp.sockets().local(8)]);
        let counts = rtp.sockets().counts();
        assert_eq!((counts.received, counts.too_long, counts.sent), (2, 1, 2));
    }

    #[test]
    fn a_wake_from_another_thread_ends_the_sleep() {
        let mut rtp = rtp_loop(33_300..=33_398, 0);
        let waker = rtp.waker();
        let other = std::thread::spawn(move || waker.wake());
        let mut woken = 0;
        while woken == 0 {
            rtp.wait(|_, event| woken += u32::from(event == RtpEvent::Woken)).unwrap();
        }
        other.join().unwrap();
        assert_eq!(woken, 1);
    }
}
