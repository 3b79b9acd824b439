//! A world in one thread, from one seed.
//!
//! ```text
//!   people ⇄ network (loss, delay, doubling, disorder) ⇄ threads: floor, shard 1..n ⇄ rings, stepped in seeded order
//!                                                          │            │
//!                                                   laws, after each event    records: dropped and restored at any moment
//! ```
//! The same seed gives the same world, event for event: a seed that fails is replayed. Two depths: *told* (hundreds of calls, sound
//! is said, not heard) and *sounded* (few calls, every RTP packet).
mod base;
mod coverage;
mod desk;
mod engine_side;
pub mod law;
mod network;
#[cfg(all(test, feature = "mutants"))]
mod passing;
mod people_side;
mod run;
mod scenario;
mod told_media;
mod world;

pub use base::Base;
pub use coverage::{Coverage, named_arrows};
pub use people_side::PeopleSide;
pub use run::{Broken, Outcome, Set, run, run_set};
pub use scenario::{Depth, Restore, Scenario};
