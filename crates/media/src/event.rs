//! What goes in and comes out of [`Media`](crate::Media).
use crate::wish::Wish;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_model::{CallId, Digit, StreamId};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Input<'a> {
    /// What a call should sound like from now on.
    Wish(Wish),
    /// A datagram came in on a port of the stock.
    Packet {
        /// Which port.
        slot: u32,
        /// Where from.
        from: SocketAddr,
        /// Anything at all.
        bytes: &'a [u8],
    },
    /// 20 ms have passed, by an absolute clock.
    Tick,
}

/// Something to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Send this.
    Send {
        /// From which port.
        slot: u32,
        /// Where to.
        to: SocketAddr,
        /// An RTP packet.
        bytes: Bytes,
    },
    /// Tell the call's owner.
    Fact {
        /// Which call.
        call: CallId,
        /// What.
        fact: Fact,
    },
    /// Nothing will be sent from this port any more until it is lent again.
    Closed {
        /// Which port.
        slot: u32,
    },
}

/// What media noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Fact {
    /// A key was pressed. Told once; the timestamp tells a key told twice, across a restart, from one pressed twice.
    Digit {
        /// On which stream.
        stream: StreamId,
        /// Which key.
        digit: Digit,
        /// When, on the sender's clock.
        rtp_timestamp: u32,
    },
    /// The last frame of these prompts has been sent, or would have been if the stream were to send. Told once a play.
    PromptDone {
        /// On which stream.
        stream: StreamId,
        /// Which play.
        play: u32,
    },
    /// Nothing has come in for long. Told once until something comes in again.
    Silent {
        /// On which stream.
        stream: StreamId,
    },
    /// The first RTP packet has come in. Told once.
    Heard {
        /// On which stream.
        stream: StreamId,
    },
}
