//! Policy over the matcher's mechanism.
//!
//! ```text
//!   queues × languages ──layout──► lines, classes (steps) ┐
//!   agents' skills     ──layout──► profiles               ├──► matcher::Plan: who fits whom, best first
//!   needs, proficiency ──choose──► ranks                  ┘
//!   an entry's key = when he came        an agent's key = idle since        agent: presence × activity
//! ```
//! Holds no call and rings nobody (`engine`), and knows nothing of threads (`matcher`).
mod agent;
mod choose;
mod entry;
mod layout;
mod queue;
mod rona;
mod steps;

pub use agent::{Activity, Agent, Presence, RING_GRACE, Reason};
pub use choose::{rank, why_not};
pub use entry::{KeyMint, credit_of, shard_of};
pub use layout::{Layout, LayoutError, StaffMember};
pub use queue::{Queue, Step};
pub use rona::{Consequence, RingRules};
pub use steps::{due_step, next_step_at};
