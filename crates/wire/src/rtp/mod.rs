//! RTP packets, telephone-events in them, and just enough RTCP to know it when it comes.
//!
//! ```text
//!   bytes on an RTP port ─► read ─┬─ Rtp(Packet)     version 2, RFC 3550 §5.1
//!                                 ├─ Rtcp(bytes)     second byte 192–223, RFC 5761 §4; asked first: a sender report passes for RTP
//!                                 └─ NotRtp          why not
//!   Header + payload ─► write ─► bytes
//! ```
//! No state: what a sequence number means is for `media` to say.
mod packet;
pub mod rtcp;
pub mod telephone_event;

pub use packet::{Header, Incoming, NotRtp, Packet, read, write};
pub use telephone_event::TelephoneEvent;
