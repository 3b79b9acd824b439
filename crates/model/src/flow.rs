//! By which way a SIP message came or goes: the UDP socket, or one connection of many.
//!
//! ```text
//!   bit 31 … 29   28 … 0
//!   transport     number      0: the socket (UDP), or any connection of this transport to the address that is named
//! ```
//! The number stands in every tag and branch of ours, so that an answer finds the connection it must take. Does not know whether the
//! connection still stands; only the owner of the sockets does.
use serde::{Deserialize, Serialize};
use std::fmt;

/// The connection a message came by or goes by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlowId(pub u32);

/// How SIP is carried (RFC 3261 §18, RFC 7118).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream that nobody else reads.
    Tls,
    /// WebSocket.
    Ws,
    /// WebSocket over TLS.
    Wss,
}

const NUMBER_BITS: u32 = 29;

impl FlowId {
    /// The UDP socket.
    pub const UDP: FlowId = FlowId(0);

    /// A connection.
    pub fn of(transport: Transport, number: u32) -> FlowId {
        assert!(number >> NUMBER_BITS == 0, "flow number {number} does not fit into {NUMBER_BITS} bits");
        FlowId(((transport as u32) << NUMBER_BITS) | number)
    }
    /// Any connection of this transport to the address that is named with it; the socket for UDP.
    pub const fn towards(transport: Transport) -> FlowId {
        FlowId((transport as u32) << NUMBER_BITS)
    }
    /// How it carries; `None` for a number that nobody here has given.
    pub fn known_transport(self) -> Option<Transport> {
        Transport::ALL.get((self.0 >> NUMBER_BITS) as usize).copied()
    }
    /// How it carries; a number that nobody here has given reads as UDP.
    pub fn transport(self) -> Transport {
        self.known_transport().unwrap_or(Transport::Udp)
    }
    /// Its number; 0 for any connection.
    pub const fn number(self) -> u32 {
        self.0 & ((1 << NUMBER_BITS) - 1)
    }
    /// Whether nothing is lost on it, so that nothing is sent again (RFC 3261 §17).
    pub fn is_reliable(self) -> bool {
        self.transport() != Transport::Udp
    }
}

impl Transport {
    /// All, in the order of their bits.
    pub const ALL: [Transport; 5] = [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss];

    /// As it stands in Via.
    pub const fn in_via(self) -> &'static str {
        match self {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        }
    }
    /// As it stands in configuration, logs and `transport=` of a URI.
    pub const fn word(self) -> &'static str {
        match self {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
            Transport::Tls => "tls",
            Transport::Ws => "ws",
            Transport::Wss => "wss",
        }
    }
    /// From such a word.
    pub fn of_word(word: &str) -> Option<Transport> {
        Transport::ALL.into_iter().find(|t| t.word().eq_ignore_ascii_case(word))
    }
    /// The port where a URI names none (RFC 3261 §19.1.2).
    pub const fn usual_port(self) -> u16 {
        match self {
            Transport::Udp | Transport::Tcp => 5060,
            Transport::Tls => 5061,
            Transport::Ws => 80,
            Transport::Wss => 443,
        }
    }
    /// Whether it is encrypted.
    pub const fn is_secure(self) -> bool {
        matches!(self, Transport::Tls | Transport::Wss)
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number() {
            0 => f.write_str(self.transport().word()),
            n => write!(f, "{}:{n}", self.transport().word()),
        }
    }
}
impl fmt::Debug for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow {self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transport_and_number_are_read_back() {
        for transport in Transport::ALL {
            for number in [0, 1, (1 << 29) - 1] {
                let flow = FlowId::of(transport, number);
                assert_eq!((flow.transport(), flow.number()), (transport, number));
            }
            assert_eq!(Transport::of_word(transport.word()), Some(transport));
        }
        assert_eq!(FlowId::towards(Transport::Udp), FlowId::UDP);
        assert_eq!(FlowId::UDP, FlowId(0));
        assert!(!FlowId::UDP.is_reliable() && FlowId::towards(Transport::Tls).is_reliable());
        assert_eq!(FlowId(u32::MAX).known_transport(), None);
        assert_eq!(format!("{:?} {}", FlowId::of(Transport::Tls, 7), FlowId::UDP), "flow tls:7 udp");
    }
}
