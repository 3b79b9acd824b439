//! The bank's own back-ends over HTTP: asked beside the calls, bounded, and never waited for longer than was said.
//!
//! ```text
//!   shard ── ask ──► [64 questions] ──► 4 threads ──► POST, HTTP/1.1 ──► answer ──► back to the shard
//!              └ full: down, at once           └ late, broken, refused: down
//! ```
//! Secrets travel in one buffer, which is wiped when it has been sent. Nothing is tried twice: whether to ask again is the caller's
//! business, who would be kept waiting. It speaks plain HTTP, to a back-end or a proxy on the bank's own network; it follows no
//! redirect and keeps no connection.
mod ask;
mod http;
mod wiped;

pub use ask::{Back, Reach};
pub use http::{Backend, Failed, Reply};
pub use wiped::Wiped;
