//! Simulated callers and agents against a real centre, over real sockets. `demo` and `bench` call the same driver.
//!
//! ```text
//!   Demand ── who calls when, how patient, what he presses ──► Driver ── one thread, two UDP ports a person ──► the centre
//!                                                                └──► what each of them heard ──► heard: both ways?
//! ```
mod demand;
mod driver;
mod heard;

pub use demand::Demand;
pub use driver::{AgentSeat, Driver, DriverError, DriverSetup, Heard};
pub use heard::{Conversation, Judgement, NotHeard, judge};
