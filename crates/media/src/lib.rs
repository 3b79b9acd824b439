//! One audio stream's life, sans-IO: who hears whom, what plays, what was pressed.
//!
//! ```text
//!                 Wish (one value a call, newest wins)            Fact: Digit, PromptDone, Heard, Silent
//!   engine ──────────────────────────────────────────► Media ─────────────────────────────────────────► engine
//!                                                       │  ▲
//!                   Send{slot, to, bytes} ◄─────────────┘  └──────── Packet{slot, from, bytes}, Tick every 20 ms
//!
//!   stream    latch ─► arrivals ─► digits │ dtmf ─► joined with another: forwarded at once, under our own numbers (outgoing)
//!             playout ─► outgoing         prompts, music, silence: one frame a tick
//! ```
//! Media is told a wish, never a command, so that a lost, doubled or late message cannot leave a call half done; after a
//! restart the wish is sent again and sound goes on.
//!
//! It has no jitter buffer and decodes nothing that it forwards, but for A-law to µ-law by table. It does not record,
//! encrypt, or send RTCP; it mixes three who talk, and nothing else. It opens no port: slots are indices into the rim's stock.
mod arrivals;
mod digits;
mod dtmf;
mod event;
pub mod g711;
mod latch;
mod machine;
mod mixing;
mod outgoing;
mod playout;
mod sound;
mod stats;
mod stream;
pub mod tone;
mod wish;

pub use event::{Fact, Input, Output};
pub use g711::FRAME_SAMPLES;
pub use machine::{Media, MediaConfig};
pub use sound::{Sound, SoundError, Sounds};
pub use stats::Stats;
pub use switchboard_wire::sdp::Codec;
pub use wish::{Hears, StreamWish, Wish};
