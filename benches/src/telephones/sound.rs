//! The sound of one conversation: each party says his tone, and is asked whose tones he heard.
use crate::measured::Measured;
use std::net::SocketAddr;
use switchboard_media::g711;
use switchboard_media::tone::{Tone, power};
use switchboard_model::Instant;
use switchboard_people::tones;
use switchboard_wire::sdp::Codec;

/// Who of the two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Party {
    /// Who called.
    Caller,
    /// Who serves.
    Agent,
}

/// The sound of one call.
pub struct CallSound {
    /// What the caller says, and where to.
    pub caller: Voice,
    /// What the agent says, and where to.
    pub agent: Voice,
    /// What the caller heard.
    pub caller_heard: Listener,
    /// What the agent heard.
    pub agent_heard: Listener,
    /// When the agent answered.
    pub since: Instant,
    /// When the next frame is due.
    pub next: Instant,
    both: Option<Instant>,
}

impl CallSound {
    /// Sound of the `k`th caller with the `a`th agent.
    pub fn new(k: u64, a: usize, to_caller_leg: SocketAddr, to_agent_leg: SocketAddr, now: Instant) -> CallSound {
        let (of_caller, of_agent) = (tones::of_caller(k as usize), tones::of_agent(a));
        CallSound {
            caller: Voice::new(of_caller, to_caller_leg, k as u32 + 1),
            agent: Voice::new(of_agent, to_agent_leg, (k as u32 + 1) | 1 << 31),
            caller_heard: Listener::new(of_agent),
            agent_heard: Listener::new(of_caller),
            since: now,
            next: now,
            both: None,
        }
    }

    /// A party heard this.
    pub fn hear(&mut self, party: Party, now: Instant, codec: Codec, payload: &[u8], measured: &mut Measured) {
        match party {
            Party::Caller => self.caller_heard.hear(codec, payload, tones::of_agent),
            Party::Agent => self.agent_heard.hear(codec, payload, tones::of_caller),
        }
        if self.both.is_none() && self.caller_heard.right_ms > 0 && self.agent_heard.right_ms > 0 {
            self.both = Some(now);
            measured.sound.record(now.since(self.since));
        }
    }

    /// What is wrong with what they heard, when they talked from `since` until now.
    pub fn fault(&self, now: Instant) -> Option<&'static str> {
        if self.caller_heard.wrong_ms.max(self.agent_heard.wrong_ms) >= WRONG_MS {
            return Some(WRONG_PARTY);
        }
        let enough = now.since(self.since).as_millis() as u64 >= MEASURABLE_MS;
        let least = self.caller_heard.right_ms.min(self.agent_heard.right_ms);
        (enough && least < RIGHT_MS).then_some(NOT_HEARD)
    }

    /// Whether it lasted long enough to be judged.
    pub fn is_measurable(&self, now: Instant) -> bool {
        now.since(self.since).as_millis() as u64 >= MEASURABLE_MS
    }
}

/// One party's tone on its way.
pub struct Voice {
    tone: Tone,
    /// Where it goes.
    pub to: SocketAddr,
    /// Its source.
    pub ssrc: u32,
    sequence: u16,
}

impl Voice {
    fn new(hz: f64, to: SocketAddr, ssrc: u32) -> Voice {
        // A quarter of full scale: loud enough, and far from clipping. Keys have used the first sequence numbers.
        Voice { tone: Tone::new(hz, 8_192), to, ssrc, sequence: 100 }
    }
    /// The next 20 ms.
    pub fn frame(&mut self) -> bytes::Bytes {
        self.sequence = self.sequence.wrapping_add(1);
        let header = switchboard_wire::rtp::Header {
            payload_type: 8,
            marker: self.sequence == 101,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence).wrapping_mul(160),
            ssrc: self.ssrc,
        };
        switchboard_wire::rtp::write(&header, &self.tone.frame(Codec::Pcma))
    }
}

/// An ear that looks for one tone first, and for all others of the band only when that is not what it hears.
pub struct Listener {
    wanted: f64,
    window: Vec<i16>,
    /// How long the right tone was heard, in ms.
    pub right_ms: u64,
    /// How long another person's tone was heard, in ms.
    pub wrong_ms: u64,
}

impl Listener {
    fn new(wanted: f64) -> Listener {
        Listener { wanted, window: Vec::with_capacity(WINDOW), right_ms: 0, wrong_ms: 0 }
    }

    fn hear(&mut self, codec: Codec, payload: &[u8], of: fn(usize) -> f64) {
        self.window.extend(payload.iter().map(|b| g711::decode(codec, *b)));
        if self.window.len() < WINDOW {
            return;
        }
        let energy: f64 = self.window.iter().map(|s| f64::from(*s).powi(2)).sum();
        if energy >= MEAN_SQUARE_MIN * self.window.len() as f64 {
            let is = |hz: f64| power(&self.window, hz) >= energy * SHARE_MIN;
            if is(self.wanted) {
                self.right_ms += WINDOW_MS;
            } else if (0..BAND_MAX).map(of).any(|hz| hz != self.wanted && is(hz)) {
                self.wrong_ms += WINDOW_MS;
            }
        }
        self.window.clear();
    }
}

/// The sentence for sound that came from somebody else.
pub const WRONG_PARTY: &str = "sound of the wrong party";
/// The sentence for sound that did not come.
pub const NOT_HEARD: &str = "the two did not hear each other";

/// 100 ms at 8 kHz.
const WINDOW: usize = 800;
const WINDOW_MS: u64 = 100;
/// Of a window's energy; as the ears of the simulated people have it.
const SHARE_MIN: f64 = 0.9;
/// Fainter is silence with rounding in it.
const MEAN_SQUARE_MIN: f64 = 80.0 * 80.0;
/// No band of tones has more.
const BAND_MAX: usize = 64;
/// One window of somebody else is enough: nearly all its energy is one wrong tone.
const WRONG_MS: u64 = 100;
/// Two windows of the right one.
const RIGHT_MS: u64 = 200;
/// A shorter conversation cannot show that for sure: the first window of a stream and the last are cut.
const MEASURABLE_MS: u64 = 700;
