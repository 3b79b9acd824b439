//! SDP offers and answers for one audio stream of G.711 with telephone-events (RFC 8866, RFC 3264, RFC 4733).
//!
//! ```text
//!   we call     offer ──► their answer ──► read_answer ──► Negotiated
//!   they call   their offer ──► answer ──► our answer, Negotiated
//! ```
//! The text is first made fit for a strict reader (`read`), then typed by sdp-types, then one audio line is chosen from it
//! (`line`). Everything else that is offered is answered with port 0. Directions in [`Negotiated`] are ours.
//!
//! It knows no SRTP, no ICE, no bundling and no host names: what needs them is refused with the reason. RTCP is neither
//! offered nor refused; its port stays silent.
mod answer;
mod line;
mod offer;
mod read;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

pub use answer::{answer, read_answer};
pub use offer::{offer, offer_with};
pub use read::parse;

/// G.711 in one of its two laws; 8 000 samples a second, one byte each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Codec {
    /// A-law, static payload type 8 (RFC 3551 §6): China, Europe.
    Pcma,
    /// µ-law, static payload type 0 (RFC 3551 §6): North America, Japan.
    Pcmu,
}

impl Codec {
    /// In the order in which we offer them.
    pub const ALL: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

    /// Its name in `a=rtpmap`.
    pub const fn name(self) -> &'static str {
        match self {
            Codec::Pcma => "PCMA",
            Codec::Pcmu => "PCMU",
        }
    }
    /// The payload type that RFC 3551 gives it for good.
    pub const fn static_payload_type(self) -> u8 {
        match self {
            Codec::Pcma => 8,
            Codec::Pcmu => 0,
        }
    }
    /// The codec of a static payload type.
    pub const fn from_static_payload_type(payload_type: u8) -> Option<Codec> {
        match payload_type {
            8 => Some(Codec::Pcma),
            0 => Some(Codec::Pcmu),
            _ => None,
        }
    }
}

/// Which way sound may go, seen from the one who says it (RFC 8866 §6.7).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// He sends and does not want to hear.
    SendOnly,
    /// He listens and does not send.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// The direction of these two halves.
    pub const fn of(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }
    /// Whether he sends.
    pub const fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }
    /// Whether he receives.
    pub const fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }
    /// The same, seen from the other side.
    pub const fn reversed(self) -> Direction {
        Direction::of(self.receives(), self.sends())
    }
    /// What both allow, both seen from the same side.
    pub const fn and(self, other: Direction) -> Direction {
        Direction::of(self.sends() && other.sends(), self.receives() && other.receives())
    }
    /// Its attribute.
    pub const fn word(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

/// A description as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Session {
    typed: sdp_types::Session,
}

impl Session {
    /// The typed model.
    pub fn typed(&self) -> &sdp_types::Session {
        &self.typed
    }
    /// The version in `o=`; 0 where it could not be read.
    pub fn version(&self) -> u64 {
        self.typed.origin.sess_version
    }
}

/// What an offer and its answer agree on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Negotiated {
    /// The codec we send.
    pub codec: Codec,
    /// The payload type the other side wants it by.
    pub payload_type: u8,
    /// The payload type the other side wants telephone-events by; none if it takes none.
    pub telephone_event: Option<u8>,
    /// Where the other side says it listens. The address is unspecified if it is on hold in the old way (RFC 3264 §8.4).
    pub remote: SocketAddr,
    /// Our direction.
    pub direction: Direction,
    /// The packet time the other side would like, in ms. A wish (RFC 8866 §6.4): we send 20 ms whatever it says.
    pub ptime_ms: u8,
}

/// Why there is no agreement.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdpError {
    /// Longer than any honest description.
    #[error("the description has {0} bytes; {TEXT_BYTES_MAX} are the most we read")]
    TooLong(usize),
    /// It cannot be read.
    #[error("the description cannot be read: {0}")]
    Malformed(Malformed),
    /// No audio line over plain RTP with a port.
    #[error("no audio over RTP/AVP is described")]
    NoAudio,
    /// Audio, but neither PCMA nor PCMU.
    #[error("no common codec: we speak PCMA and PCMU")]
    NoCommonCodec,
    /// There is no address, or one that no packet can be sent to: a host name, a group, the other IP family.
    #[error("the connection address is of no use")]
    NoAddress,
    /// The answer does not have one line for each line of the offer (RFC 3264 §6).
    #[error("the answer has {answered} media lines, the offer {offered}")]
    LinesDiffer {
        /// In the offer.
        offered: usize,
        /// In the answer.
        answered: usize,
    },
}

impl SdpError {
    /// What a Warning header says of it (RFC 3261 §20.43): the code and its text.
    pub const fn warning(&self) -> (u16, &'static str) {
        match self {
            SdpError::NoCommonCodec => (305, "Incompatible media format"),
            SdpError::NoAudio => (304, "Media type not available"),
            SdpError::NoAddress => (301, "Incompatible network address formats"),
            SdpError::TooLong(_) | SdpError::Malformed(_) | SdpError::LinesDiffer { .. } => {
                (399, "Session description not understood")
            }
        }
    }
}

/// What kept a description from being read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Malformed {
    /// It is not SDP at all, or of another version.
    #[error("it does not begin with v=0")]
    NoVersion,
    /// A media line without port, transport or format.
    #[error("a media line is not complete")]
    MediaLine,
    /// More media lines than any honest description has.
    #[error("too many media lines")]
    TooManyLines,
    /// The typed reader refused it for another reason.
    #[error("its lines are out of form")]
    Form,
}

/// The most bytes a description may have: what fits into one UDP datagram.
pub const TEXT_BYTES_MAX: usize = 65_535;

/// The most media lines a description may have. A conference device describes five or six.
pub const MEDIA_LINES_MAX: usize = 32;

/// The payload type of telephone-events in our offers. Everybody's habit is 101, and some trunks insist on it.
pub const TELEPHONE_EVENT: u8 = 101;

/// The packet time we ask for and send, in ms.
pub const PTIME_MS: u8 = 20;

fn print(session: &sdp_types::Session) -> Bytes {
    let mut text = Vec::with_capacity(320);
    session.write(&mut text).expect("a Vec takes every byte");
    Bytes::from(text)
}
