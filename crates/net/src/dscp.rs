//! How urgent a packet is, as routers on its way may read it (DSCP, RFC 2474).
//!
//! ```text
//!   signalling ─► 24, CS3   media ─► 46, EF (RFC 3246)      0: as any other traffic
//! ```
//! The mark stands on what we send; what peers send bears theirs. A network that does not trust it writes another over it.
use socket2::SockRef;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;

/// A DiffServ code point: 0 to 63.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dscp(u8);

impl Dscp {
    /// CS3, which networks with telephones are mostly set up for; RFC 4594 §2.3 names CS5 (40).
    pub const SIGNALLING: Dscp = Dscp(24);
    /// Telephony, EF (RFC 3246).
    pub const MEDIA: Dscp = Dscp(46);

    /// None beyond 63.
    pub fn new(value: u8) -> Option<Dscp> {
        (value <= 63).then_some(Dscp(value))
    }

    /// Every packet of this socket bears the mark from now on.
    pub(crate) fn mark(self, socket: &impl AsFd, local: SocketAddr) -> io::Result<()> {
        // The upper six bits of the octet; the lower two are ECN's (RFC 3168).
        let octet = u32::from(self.0) << 2;
        let socket = SockRef::from(socket);
        if local.is_ipv4() { socket.set_tos_v4(octet) } else { socket.set_tclass_v6(octet) }
    }
}

/// The marks of a centre.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Marks {
    /// On SIP.
    pub signalling: Dscp,
    /// On RTP.
    pub media: Dscp,
}

impl Marks {
    /// None where one of them is beyond 63.
    pub fn of(signalling: u8, media: u8) -> Option<Marks> {
        Some(Marks { signalling: Dscp::new(signalling)?, media: Dscp::new(media)? })
    }
}

impl Default for Marks {
    fn default() -> Marks {
        Marks { signalling: Dscp::SIGNALLING, media: Dscp::MEDIA }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn the_mark_is_the_upper_six_bits_and_has_a_bound() {
        for at in ["127.0.0.1:0", "[::1]:0"] {
            let socket = UdpSocket::bind(at).unwrap();
            let local = socket.local_addr().unwrap();
            Dscp::MEDIA.mark(&socket, local).unwrap();
            let read = SockRef::from(&socket);
            let octet = if local.is_ipv4() { read.tos_v4() } else { read.tclass_v6() };
            assert_eq!(octet.unwrap(), 0xb8, "{at}");
        }
        assert_eq!((Dscp::new(63).is_some(), Dscp::new(64)), (true, None));
    }
}
