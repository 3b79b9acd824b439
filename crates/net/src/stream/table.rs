//! Which connections there are, and how any thread sends by them.
//!
//! Written by: every sender (dialling adds), the streams' thread (accepting adds, ending removes). One lock, held for look-ups only.
use super::StreamLimits;
use crate::NotSent;
use bytes::Bytes;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use switchboard_model::{FlowId, Transport};
use tokio::sync::mpsc;

/// Sends by connections from any thread.
#[derive(Clone, Debug)]
pub struct StreamSender(pub(super) Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    table: Mutex<Table>,
    pub limits: StreamLimits,
    dials: mpsc::Sender<Dial>,
    /// Whether calling out over TLS is possible.
    tls: bool,
    pub counts: Counters,
}

#[derive(Debug, Default)]
struct Table {
    last: u32,
    open: BTreeMap<u32, Open>,
    by_peer: BTreeMap<(Transport, SocketAddr), u32>,
    accepted_from: BTreeMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Open {
    flow: FlowId,
    peer: SocketAddr,
    outbox: mpsc::Sender<Bytes>,
    accepted: bool,
}

/// A connection that somebody wants made; what is to be sent lies in its outbox.
#[derive(Debug)]
pub(super) struct Dial {
    pub flow: FlowId,
    pub to: SocketAddr,
    pub line: Line,
}

/// The two ends of an outbox. The reader has the sending end too, for its pongs.
#[derive(Debug)]
pub(super) struct Line {
    pub say: mpsc::Sender<Bytes>,
    pub outbox: mpsc::Receiver<Bytes>,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub received: AtomicU64,
    pub sent: AtomicU64,
    pub full: AtomicU64,
    pub unreachable: AtomicU64,
    pub too_many: AtomicU64,
    pub slow: AtomicU64,
    pub unframed: AtomicU64,
    pub handshakes_failed: AtomicU64,
}

/// What streams have done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StreamCounts {
    /// Connections now.
    pub open: u64,
    /// Messages read.
    pub received: u64,
    /// Messages handed to the kernel.
    pub sent: u64,
    /// Messages that found their outbox full.
    pub full: u64,
    /// Connections that could not be made.
    pub unreachable: u64,
    /// Connections closed at once, being too many.
    pub too_many: u64,
    /// Connections closed because they were too slow to say or to read.
    pub slow: u64,
    /// Connections closed because what they said had no end that can be told.
    pub unframed: u64,
    /// TLS handshakes that failed.
    pub handshakes_failed: u64,
}

/// Messages that wait to be written: a burst for one proxy of a hundred calls.
const OUTBOX_MAX: usize = 512;
/// Connections that may be in the making.
pub(super) const DIALS_MAX: usize = 64;

impl StreamSender {
    pub(super) fn new(limits: StreamLimits, tls: bool) -> (StreamSender, mpsc::Receiver<Dial>) {
        let (dials, wanted) = mpsc::channel(DIALS_MAX);
        let shared = Shared { table: Mutex::default(), limits, dials, tls, counts: Counters::default() };
        (StreamSender(Arc::new(shared)), wanted)
    }

    /// Sends by this connection, or, if it is gone or any will do, by one to this address, which is made if there is none. An error says
    /// that nothing was or will be sent; one that could not be made is told by `Ear::lost`.
    pub fn send(&self, flow: FlowId, to: SocketAddr, bytes: Bytes) -> Result<(), NotSent> {
        let transport = flow.transport();
        let mut table = self.table();
        let number = match table.open.contains_key(&flow.number()) {
            true => Some(flow.number()),
            false => table.by_peer.get(&(transport, to)).copied(),
        };
        if let Some(open) = number.and_then(|n| table.open.get(&n)) {
            return match open.outbox.try_send(bytes) {
                Ok(()) => Ok(()),
                Err(_) => Err(self.0.full()),
            };
        }
        let can = match transport {
            Transport::Tcp => true,
            Transport::Tls => self.0.tls,
            // A browser cannot be called, only answered.
            Transport::Udp | Transport::Ws | Transport::Wss => false,
        };
        if !can {
            self.0.counts.unreachable.fetch_add(1, Ordering::Relaxed);
            return Err(NotSent::Unreachable);
        }
        if table.open.len() >= self.0.limits.connections {
            return Err(self.0.full());
        }
        let (flow, line) = table.add(transport, to, false);
        line.say.try_send(bytes).expect("a new outbox has room");
        if self.0.dials.try_send(Dial { flow, to, line }).is_err() {
            table.remove(flow);
            return Err(self.0.full());
        }
        Ok(())
    }

    /// What streams have done so far. The words are counted one by one, not together.
    pub fn counts(&self) -> StreamCounts {
        let read = |word: &AtomicU64| word.load(Ordering::Relaxed);
        let c = &self.0.counts;
        StreamCounts {
            open: self.table().open.len() as u64,
            received: read(&c.received),
            sent: read(&c.sent),
            full: read(&c.full),
            unreachable: read(&c.unreachable),
            too_many: read(&c.too_many),
            slow: read(&c.slow),
            unframed: read(&c.unframed),
            handshakes_failed: read(&c.handshakes_failed),
        }
    }

    /// A place for a connection that somebody has opened; `None` if there are too many.
    pub(super) fn accept(&self, transport: Transport, peer: SocketAddr) -> Option<(FlowId, Line)> {
        let mut table = self.table();
        let from_there = table.accepted_from.get(&peer.ip()).copied().unwrap_or(0);
        if table.open.len() >= self.0.limits.connections || from_there >= self.0.limits.from_one_address {
            self.0.counts.too_many.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(table.add(transport, peer, true))
    }

    pub(super) fn forget(&self, flow: FlowId) {
        self.table().remove(flow);
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn full(&self) -> NotSent {
        self.counts.full.fetch_add(1, Ordering::Relaxed);
        NotSent::Full
    }
}

impl Table {
    fn add(&mut self, transport: Transport, peer: SocketAddr, accepted: bool) -> (FlowId, Line) {
        // Numbers are not used again until all others have been, so that an old tag does not name a new connection.
        loop {
            self.last = (self.last + 1) & ((1 << 29) - 1);
            if self.last != 0 && !self.open.contains_key(&self.last) {
                break;
            }
        }
        let flow = FlowId::of(transport, self.last);
        let (say, outbox) = mpsc::channel(OUTBOX_MAX);
        self.open.insert(self.last, Open { flow, peer, outbox: say.clone(), accepted });
        if accepted {
            *self.accepted_from.entry(peer.ip()).or_default() += 1;
        }
        // Also of one that was accepted: who speaks from there is there.
        self.by_peer.insert((transport, peer), self.last);
        (flow, Line { say, outbox })
    }

    fn remove(&mut self, flow: FlowId) {
        let Some(open) = self.open.remove(&flow.number()) else { return };
        let by = (open.flow.transport(), open.peer);
        if self.by_peer.get(&by) == Some(&flow.number()) {
            self.by_peer.remove(&by);
        }
        if open.accepted
            && let Some(n) = self.accepted_from.get_mut(&open.peer.ip())
        {
            *n -= 1;
            if *n == 0 {
                self.accepted_from.remove(&open.peer.ip());
            }
        }
    }
}
