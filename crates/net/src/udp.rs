//! SIP over UDP: one socket, one reader, many senders.
//!
//! ```text
//!   epoll ──► up to 64 datagrams a wake ──► on(now, from, bytes)        one thread
//!   Sender (cloned to every shard) ──► sendto, never waits              any thread
//! ```
//! A full send buffer drops the datagram and counts it: SIP repeats what matters (RFC 3261 §17), and a shard that waited here
//! would delay every other call. A datagram has no length beyond 65 507 bytes, so none is ever cut.
use crate::{BindError, Clock, Dscp, Stop, Waker};
use rustix::event::epoll;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use switchboard_model::Instant;

/// A bound SIP socket.
#[derive(Debug)]
pub struct SipSocket {
    sender: Sender,
    waker: Waker,
}

/// Sends from any thread. Clones share the socket and its counts.
#[derive(Clone, Debug)]
pub struct Sender(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    socket: UdpSocket,
    local: SocketAddr,
    received: AtomicU64,
    sent: AtomicU64,
    full: AtomicU64,
    unreachable: AtomicU64,
}

/// Datagrams so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct UdpCounts {
    /// Read.
    pub received: u64,
    /// Handed to the kernel.
    pub sent: u64,
    /// Dropped because the send buffer was full.
    pub full: u64,
    /// Refused by the kernel: no route, or too long.
    pub unreachable: u64,
}

/// A datagram that did not leave.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotSent {
    /// The send buffer is full. SIP's own timers repeat what matters.
    #[error("the socket's send buffer is full")]
    Full,
    /// No route, or the datagram is too long: repeating will not help (RFC 3261 §8.1.3.1, a transport error is a 503).
    #[error("the kernel has no way to this address, or the datagram is too long")]
    Unreachable,
}

impl SipSocket {
    /// Opens the port, with buffers for a burst of calls.
    pub fn bind(address: SocketAddr) -> Result<SipSocket, BindError> {
        let socket = open(address, Some(SIP_BUFFER)).map_err(|e| BindError::new(address, e))?;
        let local = socket.local_addr().map_err(|e| BindError::new(address, e))?;
        let waker = Waker::new().map_err(|e| BindError::new(address, e))?;
        let zero = AtomicU64::default;
        let shared = Shared { socket, local, received: zero(), sent: zero(), full: zero(), unreachable: zero() };
        Ok(SipSocket { sender: Sender(Arc::new(shared)), waker })
    }

    /// What it sends bears this mark.
    pub fn marked(self, mark: Dscp) -> Result<SipSocket, BindError> {
        let local = self.local();
        mark.mark(&self.sender.0.socket, local).map_err(|e| BindError::new(local, e))?;
        Ok(self)
    }

    /// The address it is bound to, with the port the kernel chose if 0 was asked for.
    pub fn local(&self) -> SocketAddr {
        self.sender.local()
    }

    /// A sender for one more thread.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }
}

impl Sender {
    /// Sends now or not at all.
    pub fn send(&self, to: SocketAddr, bytes: &[u8]) -> Result<(), NotSent> {
        loop {
            match self.0.socket.send_to(bytes, to) {
                Ok(_) => {
                    self.0.sent.fetch_add(1, Ordering::Relaxed);
                    return Ok(());
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    self.0.full.fetch_add(1, Ordering::Relaxed);
                    return Err(NotSent::Full);
                }
                Err(_) => {
                    self.0.unreachable.fetch_add(1, Ordering::Relaxed);
                    return Err(NotSent::Unreachable);
                }
            }
        }
    }

    /// The address of the socket.
    pub fn local(&self) -> SocketAddr {
        self.0.local
    }

    /// What went through so far. The words are counted one by one, not together.
    pub fn counts(&self) -> UdpCounts {
        let read = |word: &AtomicU64| word.load(Ordering::Relaxed);
        let s = &self.0;
        UdpCounts {
            received: read(&s.received),
            sent: read(&s.sent),
            full: read(&s.full),
            unreachable: read(&s.unreachable),
        }
    }
}

/// Reads until `stop` is raised. `on` gets each datagram with its moment; it must not block.
pub fn run_reader(
    socket: &SipSocket,
    clock: Clock,
    stop: &Stop,
    mut on: impl FnMut(Instant, SocketAddr, &[u8]),
) -> io::Result<()> {
    let shared = &*socket.sender.0;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &shared.socket, epoll::EventData::new_u64(0), epoll::EventFlags::IN)?;
    epoll::add(&epoll, socket.waker.fd(), epoll::EventData::new_u64(1), epoll::EventFlags::IN)?;
    let waker = socket.waker.clone();
    stop.on_raise(move || waker.wake());
    let mut events = Vec::with_capacity(2);
    let mut buffer = vec![0u8; 65_536];
    while !stop.is_raised() {
        events.clear();
        match epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
        for _ in 0..DATAGRAMS_A_WAKE_MAX {
            match shared.socket.recv_from(&mut buffer) {
                Ok((n, from)) => {
                    shared.received.fetch_add(1, Ordering::Relaxed);
                    on(clock.now(), from, &buffer[..n]);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // Empty; or an ICMP answer to something we sent, which says nothing about the next datagram.
                Err(_) => break,
            }
        }
    }
    socket.waker.clear();
    Ok(())
}

/// A non-blocking UDP socket with `buffer` bytes each way, as far as the kernel's limit allows, or the kernel's usual size.
pub(crate) fn open(address: SocketAddr, buffer: Option<usize>) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    // The kernel grants less than asked for without `net.core.rmem_max`; that is no reason not to start.
    if let Some(bytes) = buffer {
        let _ = socket.set_recv_buffer_size(bytes);
        let _ = socket.set_send_buffer_size(bytes);
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// One burst of a thousand calls, seven messages of 900 B each, while the reader is away for a second.
const SIP_BUFFER: usize = 8 << 20;
/// So that a stop is seen in the middle of a flood.
const DATAGRAMS_A_WAKE_MAX: u32 = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback() -> SocketAddr {
        ([127, 0, 0, 1], 0).into()
    }

    #[test]
    fn every_datagram_of_a_burst_is_read_and_answered_by_another_thread() {
        let socket = SipSocket::bind(loopback()).unwrap();
        let (at, stop, clock) = (socket.local(), Stop::new(), Clock::start());
        let before = clock.now();
        let sender = socket.sender();
        let counts = socket.sender();
        let reader_stop = stop.clone();
        let reader = std::thread::spawn(move || {
            let mut seen = Vec::new();
            run_reader(&socket, clock, &reader_stop, |now, from, bytes| {
                assert!(now >= before);
                seen.push(bytes.to_vec());
                sender.send(from, bytes).unwrap();
            })
            .unwrap();
            seen
        });
        let peer = UdpSocket::bind(loopback()).unwrap();
        peer.set_read_timeout(Some(std::time::Duration::from_secs(5))).unwrap();
        let mut back = [0; 65_536];
        for round in 0..3u8 {
            let burst: Vec<Vec<u8>> = (0..100u8).map(|i| vec![round, i]).collect();
            for one in &burst {
                peer.send_to(one, at).unwrap();
            }
            for one in &burst {
                let (n, from) = peer.recv_from(&mut back).unwrap();
                assert_eq!((&back[..n], from), (&one[..], at));
            }
        }
        // The longest there is, and the shortest.
        for n in [65_507, 0] {
            peer.send_to(&vec![7; n], at).unwrap();
            assert_eq!(peer.recv_from(&mut back).unwrap().0, n);
        }
        stop.raise();
        assert_eq!(reader.join().unwrap().len(), 302);
        assert_eq!(counts.counts(), UdpCounts { received: 302, sent: 302, full: 0, unreachable: 0 });
    }

    #[test]
    fn a_stop_raised_before_the_reader_starts_is_seen() {
        let socket = SipSocket::bind(loopback()).unwrap();
        let stop = Stop::new();
        stop.raise();
        run_reader(&socket, Clock::start(), &stop, |_, _, _| panic!("nothing was sent")).unwrap();
    }

    #[test]
    fn a_port_in_use_and_a_foreign_address_say_what_to_do() {
        let first = SipSocket::bind(loopback()).unwrap();
        let text = SipSocket::bind(first.local()).unwrap_err().to_string();
        assert!(text.contains(&first.local().to_string()) && text.contains("in use"), "{text}");
        assert!(text.contains("configure another port"), "{text}");
        // TEST-NET-3 (RFC 5737) is nobody's.
        let text = SipSocket::bind(([203, 0, 113, 7], 5060).into()).unwrap_err().to_string();
        assert!(text.contains("203.0.113.7 is not an address of this machine"), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn what_cannot_be_sent_is_counted() {
        let socket = SipSocket::bind(loopback()).unwrap();
        let sender = socket.sender();
        assert_eq!(sender.send(loopback(), &[0; 70_000]), Err(NotSent::Unreachable));
        assert_eq!(sender.counts().unreachable, 1);
    }
}
