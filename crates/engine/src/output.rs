//! What a shard or the floor wants done. Nothing leaves before the records of the event that caused it are kept.
use crate::command::Answer;
use crate::input::{Claimed, Matched, ToFloor, Ways};
use crate::lookup::Lookup;
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_media::Wish;
use switchboard_model::{CallId, ContactEvent, FlowId, ShardId};

/// One thing to be done.
#[derive(Debug)]
pub enum Output {
    /// Send a SIP message.
    Send {
        /// By which connection.
        flow: FlowId,
        /// Where to.
        to: SocketAddr,
        /// Its bytes.
        bytes: Bytes,
    },
    /// Tell the media thread what a call should sound like now.
    Wish(Wish),
    /// Tell the floor.
    ToFloor(ToFloor),
    /// Tell a shard.
    ToShard(ShardId, Matched),
    /// Tell a shard what became of its asking for an agent.
    Claimed(ShardId, Claimed),
    /// Tell a shard by which SBCs its call can go out.
    Ways(ShardId, Ways),
    /// Ask a back-end.
    Lookup(Lookup),
    /// Something happened to a contact or an agent.
    Event(ContactEvent),
    /// A state changed, for the log and for `replay`.
    Arrow(Arrow),
    /// The answer to a command.
    Answer(Answer),
}

/// `call=81 Waiting => Ringing agent=4012 waited_ms=8130`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrow {
    /// Whose.
    pub call: CallId,
    /// The state that was left.
    pub from: &'static str,
    /// The state that began.
    pub to: &'static str,
    /// What else is worth a word.
    pub detail: String,
}

impl std::fmt::Display for Arrow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "call={} {} => {}", self.call, self.from, self.to)?;
        if !self.detail.is_empty() {
            write!(f, " {}", self.detail)?;
        }
        Ok(())
    }
}
