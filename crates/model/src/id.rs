//! Ids are newtypes, so that an agent cannot be passed for a queue.
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident($inner:ty), $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}

id!(
    /// A shard: the thread that owns a call and all its legs. 1 to 15 (0 is nobody; the matcher's key has four bits for it).
    ShardId(u8), "shard "
);
id!(
    /// A SIP endpoint inside this process: a shard's number, or [`ENDPOINT_FLOOR`]. Stands in every Via branch and tag of ours.
    EndpointId(u8), "endpoint "
);
id!(
    /// A call: everything one caller goes through, with all its legs. Unique in a centre: the shard is in the top 4 of 52 bits,
    /// so that it survives a JSON reader that keeps numbers as doubles.
    CallId(u64), "call "
);
id!(
    /// A business queue, numbered by the configuration's order. The name is what is written down.
    QueueId(u16), "queue "
);
id!(
    /// An agent, numbered by the configuration; people call him by his agent ID (工号).
    AgentId(u32), "agent "
);
id!(
    /// A trunk, numbered by the configuration.
    TrunkId(u16), "trunk "
);
id!(
    /// A prompt in one language: what can be played.
    PromptId(u32), "prompt "
);

/// The floor's SIP endpoint: REGISTER and other requests outside a dialog.
pub const ENDPOINT_FLOOR: EndpointId = EndpointId(255);

impl CallId {
    const SHARD_SHIFT: u32 = 48;

    /// The `n`th call of a shard.
    pub fn new(shard: ShardId, n: u64) -> Self {
        assert!(n < 1 << Self::SHARD_SHIFT, "call number {n} of {shard:?} is out of range");
        CallId(u64::from(shard.0) << Self::SHARD_SHIFT | n)
    }
    /// The shard that owns it.
    pub fn shard(self) -> ShardId {
        ShardId((self.0 >> Self::SHARD_SHIFT) as u8)
    }
}

/// One RTP stream of ours: a port of the stock, and how often it has been lent. A late packet or fact for an earlier
/// lending is told apart by the generation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StreamId {
    /// Index into the stock of opened ports (not the port number).
    pub slot: u32,
    /// How often this slot had been lent before.
    pub generation: u32,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.slot, self.generation)
    }
}
impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stream {self}")
    }
}
