//! SIP over connections: TCP and TLS, both ways (RFC 3261 §18, RFC 5923).
//!
//! ```text
//!   accept ─► (TLS) ─► reader: Ear::frame ─► Ear::heard ─► router          one thread, one task a connection
//!   StreamSender::send(flow, to, bytes) ─┬─ its connection ─► outbox ─► writer      any thread, never waits
//!                                        └─ none any more: dialled, once for all that wait ─► or Ear::lost
//! ```
//! Who understands the bytes is the [`Ear`]; here are limits. A connection is closed when it says nothing that is SIP, says it too
//! slowly, does not read, or is too many. Whoever sends more than we can take is not read until there is room: the peer's own
//! window then holds him, and nothing is lost.
mod connection;
mod hub;
mod table;
mod tls;

pub use hub::{StreamSetup, StreamSockets, run_streams};
pub use table::{StreamCounts, StreamSender};
pub use tls::{ClientCertificates, Tls, TlsError, TlsFiles};

use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{FlowId, Instant};

/// What streams carry goes here. Called on the streams' thread; nothing in it may block.
pub trait Ear: Send + Sync + 'static {
    /// What these bytes begin with.
    fn frame(&self, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> Cut;
    /// A message. False: there is no room; it is told again in a moment, and until then nothing more is read.
    fn heard(&self, now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) -> bool;
    /// A connection has ended, or could not be made.
    fn lost(&self, flow: FlowId, peer: SocketAddr);
}

/// What a stream begins with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Not yet enough.
    More,
    /// So many bytes of no meaning.
    Blank(usize),
    /// A keep-alive of so many bytes that wants a pong.
    Ping(usize),
    /// A message of so many bytes.
    Message(usize),
    /// Nothing more can be understood: this is the last word, if any, and then the connection is closed.
    End(Option<Bytes>),
}

/// Bounds of the connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StreamLimits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once that one address has opened; a whole office may come from behind one.
    pub from_one_address: usize,
    /// A connection must have said a whole message, or shaken hands, within this.
    pub first_message: Duration,
    /// A message that has begun must be whole within this.
    pub one_message: Duration,
    /// A connection that says nothing is closed after this: longer than the longest registration (an hour), so that a telephone
    /// without keep-alive can still be rung.
    pub idle: Duration,
    /// What we send must be read within this.
    pub write: Duration,
    /// How long dialling may take.
    pub dial: Duration,
    /// The longest message.
    pub message_bytes: usize,
}

impl Default for StreamLimits {
    fn default() -> Self {
        StreamLimits {
            connections: 2_048,
            from_one_address: 512,
            first_message: Duration::from_secs(10),
            one_message: Duration::from_secs(10),
            idle: Duration::from_secs(3_900),
            write: Duration::from_secs(10),
            dial: Duration::from_secs(5),
            message_bytes: 65_535,
        }
    }
}
