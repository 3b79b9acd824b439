//! The files' text, checked across files, as settings the engine can run by.
//!
//! ```text
//!   config/centre.yaml  trunks  queues  agents  calls.yaml ────┐ read, every fault at once
//!   ivr-menus/*.yaml  prompts.yaml  policy.yaml  prompts/*.wav ┴─► Facts ─► ivr::compile ─► Loaded ─► engine::Config
//! ```
//! Reads nothing itself: files are handed in by name. Does not know SIP, matching or media.
mod agents;
mod calls;
mod carriers;
mod centre;
mod elderly;
pub mod embedded;
mod engine;
mod faults;
mod import;
mod lapsing;
mod load;
mod loaded;
mod patience;
mod queues;
mod rules;
mod skills;
mod staffing;
mod tls;
mod trunks;

pub use calls::{CallsConf, VerifyConf};
pub use faults::FAULTS;
pub use import::{COLUMNS, agents_from_csv};
pub use load::{load, menu_facts, menus_folder};
pub use loaded::{
    AgentConf, Centre, HealthConf, Loaded, Password, QueueConf, RecordAt, RegisterConf, SbcConf, Source, StepConf,
    TrunkConf,
};
pub use tls::TlsConf;
