//! The running centre: threads, rings, router, figures, control. Assembles the rim around the core.
//!
//! ```text
//!   net reader ──router──► shard 1..n: [matched][media][in-dialog][commands][new]      plain threads:
//!        │                      │ words          ▲ matches                            drain, handle, poll, keep records,
//!        └──────────────► floor: [words][datagrams][commands]                          let outputs go, park until next_timeout
//!   media thread ◄─ wishes ─ shards        figures thread ◄─ contact events ─ shards, floor ──► journal
//! ```
//! Decides nothing about calls. Every ring has a bound and an answer for the day it is full.
mod centre;
mod control;
mod ear;
mod figures;
mod floor_thread;
mod inbox;
mod keeper;
mod lending;
mod lookups;
mod media_thread;
mod node;
mod reload;
mod router;
mod shard_thread;
mod sip_out;
mod tape;
mod wall;

pub use control::{ControlError, ControlReply, ControlRequest, ask};
pub use figures::{Figures, Snapshot};
pub use node::{Node, NodeCounts, Reload, Setup, StartError, StreamAddresses};
pub use tape::{Said, rungs};
