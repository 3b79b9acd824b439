//! The nouns. Everyone may use this crate; it uses no one.
//!
//! It holds what two other crates must agree on and nothing that decides anything: ids, time, skills, digits, numbers,
//! causes, contact events, records. A type that only one crate speaks of belongs to that crate.
mod cause;
mod digit;
mod event;
mod flow;
mod id;
mod language;
mod number;
mod record;
mod seed;
mod skill;
mod time;

pub use cause::{CAUSES, Cause, CauseRow, Fault, HungUp};
pub use digit::{Digit, Secret};
pub use event::{
    AgentActivity, AgentPresence, ContactEvent, Destination, Disposed, HandEnd, Handing, RequestedBy, RingEnd,
    ServeEnd, VerifyEnd, What,
};
pub use flow::{FlowId, Transport};
pub use id::{AgentId, CallId, ENDPOINT_FLOOR, EndpointId, PromptId, QueueId, ShardId, StreamId, TrunkId};
pub use language::Language;
pub use number::{Number, dialled_forms};
pub use record::{BadRecord, Record, RecordKey, RecordKind};
pub use seed::Chance;
pub use skill::{Level, Need, SkillId, Skills};
pub use time::Instant;
