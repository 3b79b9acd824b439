//! The core: shards with their calls, the floor with its agents, and what outlives an event.
//!
//! ```text
//!        ShardInput ─► Shard ─► Output            FloorInput ─► Floor ─► Output
//!                        │  ToFloor ─────────────────────────────►│
//!                        │◄───────────────────────────── Matched  │
//!                        └──────────── Matcher ───────────────────┘      the only memory they share
//! ```
//! No socket, no clock, no thread, no chance of its own: `node` (real) and `sim` (simulated) drive the same machines.
pub mod call;
mod carrier;
mod claims;
pub mod command;
pub mod config;
pub mod effects;
pub mod explain;
mod floor;
mod following;
pub mod holdings;
mod input;
pub mod lookup;
#[cfg(feature = "mutants")]
pub mod mutant;
mod output;
mod ports;
pub mod precedence;
pub mod preview;
pub mod restore;
mod shard;
mod tally;

pub use config::Config;
pub use floor::{Floor, FloorSetup};
pub use following::CannotFollow;
pub use input::{
    AgentContact, AskWays, Claim, Claimed, FloorInput, Matched, NotClaimed, ShardInput, ToFloor, WayOut, Ways,
};
pub use output::{Arrow, Output};
pub use ports::Ports;
pub use shard::{Shard, ShardSetup};
pub use tally::ShardTally;
