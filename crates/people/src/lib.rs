//! Simulated people. The simulator, the demo and the load harness use the same ones, over a simulated network or real sockets.
//!
//! ```text
//!   Caller, AgentPerson  ── what a person does: patience, keys, habits
//!        └── Phone       ── a sans-IO telephone: sip::Endpoint, one audio stream
//!              └── Audio ── own tone out, the other's tone heard (sounded), or nothing (told: the world says what is heard)
//! ```
//! In `joint` are a carrier's SBC and the testers of a trunk. Each caller and each agent has a tone of his own, so that who hears whom can be told from sound alone. Opens no socket and
//! reads no clock.
mod agent;
mod audio;
mod caller;
pub mod joint;
mod phone;
pub mod tones;

pub use agent::{AgentPerson, AgentReport, Habit};
pub use audio::Audio;
pub use caller::{Caller, CallerPlan, CallerReport, HangUp};
pub use phone::{Depth, Phone, PhoneAddress, PhoneOutput};
