//! Three rings, then the next agent.
//!
//! ```text
//!   Ringing ──answer──► Talking
//!      │ 3 rings, or the telephone says no            The entry goes back to its old place: the caller has
//!      └──────► not ready (why), pause ──► ready      already waited, and must not pay for an empty chair.
//! ```
//! Each kind of failure has its own consequence; none of them is the caller's. Does not ring anybody (`engine`).
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::RingEnd;

/// How long an agent's telephone rings and what a failure costs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RingRules {
    /// Three rings by the house rules; a ring cycle is 5 s in China (1 s on, 4 s off): 15 s.
    pub ring_max: Duration,
    /// How long one who let it ring stays out of ready before he is put back; zero: until somebody says so.
    pub rona_pause: Duration,
    /// The same for a telephone that failed, was busy or refused: it is tried again after this.
    pub device_pause: Duration,
    /// After-call work after each conversation.
    pub after_call_work: Duration,
}

impl Default for RingRules {
    fn default() -> Self {
        RingRules {
            ring_max: Duration::from_secs(15),
            rona_pause: Duration::from_secs(60),
            device_pause: Duration::from_secs(10),
            after_call_work: Duration::from_secs(10),
        }
    }
}

/// What becomes of an agent whose ringing ended without a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consequence {
    /// He rests again with his old idle time: it was not about him.
    RestsAgain,
    /// Out of ready because he let it ring; back after the pause, if there is one.
    Rona(Option<Duration>),
    /// Out of ready because of his telephone; back after the pause.
    Device(Option<Duration>),
}

impl RingRules {
    /// The consequence of an ending.
    pub fn consequence(&self, end: RingEnd) -> Consequence {
        let pause = |d: Duration| (!d.is_zero()).then_some(d);
        match end {
            RingEnd::CallerLeft => Consequence::RestsAgain,
            RingEnd::NoAnswer | RingEnd::Rejected => Consequence::Rona(pause(self.rona_pause)),
            RingEnd::Busy | RingEnd::Unreachable | RingEnd::DeviceFault => {
                Consequence::Device(pause(self.device_pause))
            }
        }
    }
}
