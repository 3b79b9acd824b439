//! Simulated callers and agents against a real centre, over real sockets. `demo` and `bench` call the same driver.
//!
//! ```text
//!   Demand ── who calls when, how patient, what he presses ──► Driver ── one thread, two UDP ports a person ──► the centre
//!                                                                └──► what each of them heard ──► heard: both ways?
//! ```
//! `joint` runs the checks of a joint test with a carrier in the same way.
mod demand;
mod driver;
mod heard;
mod joint;

pub use demand::Demand;
pub use driver::{AgentSeat, Driver, DriverError, DriverSetup, Heard};
pub use heard::{Conversation, Judgement, NotHeard, judge};
pub use joint::{CarrierSockets, JointError, JointSetup, run_joint};
