//! The sockets of a tester, and what leaves by them.
use bytes::Bytes;
use std::net::SocketAddr;

/// One of a tester's sockets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Line {
    /// SIP.
    Sip,
    /// SIP from another port of the same address.
    Other,
    /// SIP from an address that belongs to no trunk.
    Stranger,
    /// The sound that the session description names.
    Rtp,
    /// Sound from a port that nobody was told of.
    RtpOther,
}

/// A datagram that is to leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// By which socket.
    pub line: Line,
    /// To where.
    pub to: SocketAddr,
    /// Its bytes.
    pub bytes: Bytes,
}

/// Where a tester's sockets are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    /// `Line::Sip`.
    pub sip: SocketAddr,
    /// `Line::Other`.
    pub other: SocketAddr,
    /// `Line::Stranger`.
    pub stranger: SocketAddr,
    /// `Line::Rtp`.
    pub rtp: SocketAddr,
    /// Whom it speaks to.
    pub peer: SocketAddr,
}

impl Addresses {
    /// Where a SIP socket is.
    pub fn of(&self, line: Line) -> SocketAddr {
        match line {
            Line::Sip => self.sip,
            Line::Other => self.other,
            Line::Stranger => self.stranger,
            Line::Rtp | Line::RtpOther => self.rtp,
        }
    }
}
