//! What a call should sound like.
//!
//! ```text
//!   version 7:  caller hears music                         a stream left out is closed
//!   version 8:  caller hears agent, agent hears caller     what is the same as before goes on undisturbed
//!   version 7 again, late                                  ignored
//! ```
//! A wish is a pure function of the call's state; the newest one a media thread has seen is the truth.
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_model::{CallId, PromptId, StreamId};
use switchboard_wire::sdp::Codec;

/// A call's streams and what each hears.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wish {
    /// Which call.
    pub call: CallId,
    /// Newer replaces older.
    pub version: u32,
    /// Its streams. Those left out of a newer wish are closed; an empty list closes all.
    pub streams: Vec<StreamWish>,
}

/// One stream of a call.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StreamWish {
    /// Which port, lent for the how manyth time.
    pub stream: StreamId,
    /// Where the other side listens by its SDP. The unspecified address is sent nothing.
    pub remote: SocketAddr,
    /// What we send.
    pub codec: Codec,
    /// Under which payload type.
    pub payload_type: u8,
    /// The payload type of telephone-events; none: keys are listened for in the sound.
    pub telephone_event: Option<u8>,
    /// Whether we send at all.
    pub send: bool,
    /// Whether what comes in counts: keys are told, sound is forwarded, silence is noticed.
    pub listen: bool,
    /// What this stream hears.
    pub hears: Hears,
}

/// What a stream hears.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Hears {
    /// Silence, as packets: the line is there.
    Nothing,
    /// These prompts, one after the other without a gap, then silence.
    Prompts {
        /// A new id starts again, the same id goes on.
        play: u32,
        /// In this order.
        list: Vec<PromptId>,
    },
    /// This sound, over and over. It runs with the call's time: who comes back to it has not missed its beginning.
    Music(PromptId),
    /// Another stream of the same call.
    Party(StreamId),
    /// The sum of several streams of the same call; sound only, no keys.
    Mix(Vec<StreamId>),
    /// The ringing tone: 450 Hz, 1 s on, 4 s off, by the call's time.
    Ringing,
}
