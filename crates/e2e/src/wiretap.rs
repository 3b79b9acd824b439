//! Every datagram on the site, with its time: what was really sent, whatever anybody's log says.
//!
//! It listens at the router, which each datagram between two parties enters once, and before the packet filter: it also sees
//! what a [`crate::loss`] rule then drops.
use crate::sound::{Sound, from_alaw, from_ulaw};
use crate::until::{now, until};
use socket2::{Domain, Protocol, Socket, Type};
use std::collections::BTreeMap;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A recording under way; ends with its owner.
#[derive(Debug)]
pub struct Wiretap {
    seen: Arc<Mutex<Vec<Datagram>>>,
    over: Arc<AtomicBool>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// Since the tap was put on.
    pub at: Duration,
    /// From whom.
    pub from: SocketAddr,
    /// To whom.
    pub to: SocketAddr,
    /// How urgent its sender says it is (RFC 2474): 0 to 63.
    pub dscp: u8,
    /// What.
    pub bytes: Vec<u8>,
}

impl Wiretap {
    /// Listens from now on.
    #[track_caller]
    pub fn start() -> Wiretap {
        const IPV4: u16 = 0x0800;
        let protocol = Protocol::from(i32::from(IPV4.to_be()));
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(protocol)).expect("a site permits listening");
        let _ = socket.set_recv_buffer_size(8 << 20);
        socket.set_read_timeout(Some(Duration::from_millis(50))).expect("a socket has a timeout");
        let tap = Wiretap { seen: Arc::default(), over: Arc::default() };
        let (seen, over, start) = (tap.seen.clone(), tap.over.clone(), now());
        std::thread::spawn(move || listen(socket, start, &seen, &over));
        tap
    }

    /// Everything so far that `which` wants.
    pub fn seen(&self, which: impl Fn(&Datagram) -> bool) -> Vec<Datagram> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|d| which(d)).cloned().collect()
    }

    /// SIP messages from one address to another whose first line begins with `start`.
    pub fn sip(&self, from: IpAddr, to: IpAddr, start: &str) -> Vec<Datagram> {
        self.seen(|d| d.from.ip() == from && d.to.ip() == to && d.bytes.starts_with(start.as_bytes()))
    }

    /// Waits for such a message.
    #[track_caller]
    pub fn sip_within(&self, from: IpAddr, to: IpAddr, start: &str, within: Duration) -> Datagram {
        until(&format!("`{start}` from {from} to {to}"), within, || self.sip(from, to, start).into_iter().next())
    }

    /// What was sent to this address as sound from that one, in the order of its sequence numbers, streams one after another.
    pub fn heard(&self, by: IpAddr, from: IpAddr) -> Sound {
        let packets = self.seen(|d| d.to.ip() == by && d.from.ip() == from);
        let mut streams: Vec<(u32, BTreeMap<u64, Vec<i16>>)> = Vec::new();
        for (ssrc, sequence, samples) in packets.iter().filter_map(|d| g711(&d.bytes)) {
            let sequence = u64::from(sequence);
            let at = streams.iter().position(|(s, _)| *s == ssrc).unwrap_or_else(|| {
                streams.push((ssrc, BTreeMap::new()));
                streams.len() - 1
            });
            let stream = &mut streams[at].1;
            // Sixteen bits that have gone round once lie far below the highest so far.
            let highest = stream.keys().next_back().copied().unwrap_or(sequence);
            let mut place = highest - highest % 65_536 + sequence;
            if place + 32_768 < highest {
                place += 65_536;
            }
            stream.insert(place, samples);
        }
        Sound(streams.into_iter().flat_map(|(_, packets)| packets.into_values().flatten()).collect())
    }
}

impl Drop for Wiretap {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// SSRC, sequence number and sound of an RTP packet (RFC 3550 §5.1, §5.3.1) with G.711 in it; nothing of any other datagram.
fn g711(bytes: &[u8]) -> Option<(u32, u16, Vec<i16>)> {
    let (header, mut rest) = bytes.split_first_chunk::<12>()?;
    let law = match header[1] & 0x7f {
        0 => from_ulaw,
        8 => from_alaw,
        _ => return None,
    };
    if header[0] >> 6 != 2 || header[0] & 0x20 != 0 {
        return None;
    }
    rest = rest.get(usize::from(header[0] & 15) * 4..)?;
    if header[0] & 0x10 != 0 {
        let (extension, after) = rest.split_first_chunk::<4>()?;
        rest = after.get(usize::from(u16::from_be_bytes([extension[2], extension[3]])) * 4..)?;
    }
    let ssrc = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
    Some((ssrc, u16::from_be_bytes([header[2], header[3]]), rest.iter().map(|code| law(*code)).collect()))
}

fn listen(mut socket: Socket, start: Instant, seen: &Mutex<Vec<Datagram>>, over: &AtomicBool) {
    let mut buffer = vec![0; 65_536];
    while !over.load(Ordering::Relaxed) {
        let Ok(n) = socket.read(&mut buffer) else { continue };
        if let Some((from, to, bytes)) = udp(&buffer[..n]) {
            let dscp = buffer[1] >> 2;
            let datagram = Datagram { at: start.elapsed(), from, to, dscp, bytes: bytes.to_vec() };
            seen.lock().unwrap_or_else(PoisonError::into_inner).push(datagram);
        }
    }
}

/// Reads past the IPv4 and UDP headers.
fn udp(packet: &[u8]) -> Option<(SocketAddr, SocketAddr, &[u8])> {
    let header = usize::from(packet.first()? & 15) * 4;
    let fixed: &[u8; 20] = packet.first_chunk()?;
    if fixed[9] != 17 {
        return None;
    }
    let address = |at: usize| Ipv4Addr::new(fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]);
    let (ports, rest) = packet.get(header..)?.split_first_chunk::<8>()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    let length = usize::from(port(4)).checked_sub(8)?;
    Some(((address(12), port(0)).into(), (address(16), port(2)).into(), rest.get(..length)?))
}
