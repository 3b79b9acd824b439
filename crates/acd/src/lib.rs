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
mod presence;
mod queue;
mod rona;
mod steps;
mod wishes;
mod work;

pub use agent::{Activity, Agent, Occupied, Passing, RING_GRACE};
pub use choose::{Choice, rank, weighed, why_not};
pub use entry::{KeyMint, credit_of, shard_of};
pub use layout::{Layout, LayoutError, StaffMember, TRAINEE_RANK};
pub use presence::{ASKS_FOR, Asks, Next, Presence, Reason, ReasonId, ReasonRule};
pub use queue::{AtMaxWait, Overflow, Queue, Step};
pub use rona::{Consequence, FailureRule, FailureRules, Failures, RingRules};
pub use steps::{due_step, next_step_at};
pub use wishes::Not;
pub use work::{WorkMode, WorkRule};
