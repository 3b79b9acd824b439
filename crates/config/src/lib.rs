//! The files' text, checked across files, as settings the engine can run by.
//!
//! ```text
//!   config/centre.yaml  trunks.yaml  queues.yaml  agents.yaml ─┐ read, every fault at once
//!   ivr-menus/*.yaml  prompts.yaml  policy.yaml  prompts/*.wav ┴─► Facts ─► ivr::compile ─► Loaded
//! ```
//! Reads nothing itself: files are handed in by name. Does not know SIP, matching or media.
mod loaded;

pub use loaded::{AgentConf, Centre, Loaded, Password, QueueConf, Source, StepConf, TrunkConf};
