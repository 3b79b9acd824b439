//! Simulated callers and agents against a real centre, over real sockets. `demo` and `bench` call what is here.
//!
//! ```text
//!   demo    Demand ─► Driver ── people who hear and decide, two UDP ports each ──► the centre ──► heard: both ways?
//!   bench   Run ────► Telephones ── cheap ones, all behind four sockets ─────────► any target ──► Measured ─► knee, page
//!                          └───────────────────────► Bare: answers and does nothing else (the load's own ceiling; the liar)
//! ```
//! `joint` runs the checks of a joint test with a carrier in the same way as `demo` runs its people.
pub mod bare;
pub mod ceiling;
pub mod child;
pub mod compare;
pub mod erlang;
pub mod knee;
pub mod machine;
pub mod measured;
pub mod page;
pub mod proof;
pub mod report;
pub mod step;
pub mod telephones;
pub mod timeline;
pub mod trend;

mod demand;
mod driver;
mod heard;
mod joint;

pub use demand::Demand;
pub use driver::{AgentSeat, Driver, DriverError, DriverSetup, Heard};
pub use heard::{Conversation, Judgement, NotHeard, judge};
pub use joint::{CarrierSockets, JointError, JointSetup, run_joint};
