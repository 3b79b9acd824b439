//! The sound of one conversation: each party says his tone, and is asked whose tones he heard, how late, and how much of it.
//!
//! ```text
//!   caller says 1 040 Hz ──► the target ──► the agent: is it that tone?     frames as they were said: known at a glance
//!                                                 └─► else decoded, in windows of 100 ms: that tone, another's, or none
//! ```
//! Every tone is a multiple of 10 Hz, so five frames of 20 ms hold it whole: they are made once a tone, and nothing is reckoned a frame.
use super::marks::{LESS, LOUD, Marks, is_loud};
use crate::measured::Measured;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;
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

/// The frames of one tone: less loud and loud, five each.
pub struct Frames([[[u8; FRAME]; 5]; 2]);

/// All tones that have been needed.
#[derive(Default)]
pub struct Tones(BTreeMap<u32, Rc<Frames>>);

impl Tones {
    /// The frames of this one.
    pub fn of(&mut self, hz: f64) -> Rc<Frames> {
        self.0.entry(hz as u32).or_insert_with(|| Rc::new(Frames::new(hz))).clone()
    }
}

impl Frames {
    fn new(hz: f64) -> Frames {
        Frames([LESS, LOUD].map(|amplitude| {
            let mut tone = Tone::new(hz, amplitude);
            std::array::from_fn(|_| tone.frame(Codec::Pcma))
        }))
    }
    fn nth(&self, n: u64) -> &[u8; FRAME] {
        &self.0[usize::from(is_loud(n))][(n % 5) as usize]
    }
    /// Whether this is one of them, and then whether a loud one.
    fn holds(&self, payload: &[u8]) -> Option<bool> {
        let of = |level: usize| self.0[level].iter().any(|frame| frame == payload);
        [false, true].into_iter().find(|loud| of(usize::from(*loud)))
    }
}

/// The sound of one call.
pub struct CallSound {
    /// What the caller says, and what of it the agent hears.
    pub caller: Voice,
    /// What the agent says, and what of it the caller hears.
    pub agent: Voice,
    /// When the agent answered.
    pub since: Instant,
    /// When the next frame is due.
    pub next: Instant,
    both: Option<Instant>,
}

impl CallSound {
    /// Sound of the `k`th caller with the `a`th agent.
    pub fn new(
        k: u64,
        a: usize,
        to_caller_leg: SocketAddr,
        to_agent_leg: SocketAddr,
        all: &mut Tones,
        now: Instant,
    ) -> CallSound {
        let (of_caller, of_agent) = (tones::of_caller(k as usize), tones::of_agent(a));
        CallSound {
            caller: Voice::new(of_caller, all, tones::of_caller, to_caller_leg, k as u32 + 1, now),
            agent: Voice::new(of_agent, all, tones::of_agent, to_agent_leg, (k as u32 + 1) | 1 << 31, now),
            since: now,
            next: now,
            both: None,
        }
    }

    /// A party heard this.
    pub fn hear(&mut self, party: Party, now: Instant, codec: Codec, payload: &[u8], measured: &mut Measured) {
        let voice = match party {
            Party::Caller => &mut self.agent,
            Party::Agent => &mut self.caller,
        };
        if let Some(delay) = voice.heard(now, codec, payload) {
            measured.media_delay.record(delay);
        }
        if self.both.is_none() && self.caller.right_ms > 0 && self.agent.right_ms > 0 {
            self.both = Some(now);
            measured.sound.record(now.since(self.since));
        }
    }

    /// What is wrong with what they heard, when they talked from `since` until now.
    pub fn fault(&self, now: Instant) -> Option<&'static str> {
        if self.caller.wrong_ms.max(self.agent.wrong_ms) >= WRONG_MS {
            return Some(WRONG_PARTY);
        }
        let least = self.caller.right_ms.min(self.agent.right_ms);
        if self.is_measurable(now) && least < RIGHT_MS {
            return Some(NOT_HEARD);
        }
        (least >= RIGHT_MS && self.silent_for(now) >= STOPPED_AFTER).then_some(STOPPED)
    }

    /// How long it has been since one of the two heard anything.
    pub fn silent_for(&self, now: Instant) -> Duration {
        now.since(self.caller.marks.last().min(self.agent.marks.last()))
    }

    /// Whether it lasted long enough to be judged.
    pub fn is_measurable(&self, now: Instant) -> bool {
        now.since(self.since).as_millis() as u64 >= MEASURABLE_MS
    }

    /// Adds how much of it came through.
    pub fn tell(&self, measured: &mut Measured) {
        for voice in [&self.caller, &self.agent] {
            let passed = voice.marks.passed();
            measured.media_sent += passed.sent;
            measured.media_lost += passed.lost;
        }
    }
}

/// One party's tone on its way, and what of it was heard at the other end.
pub struct Voice {
    frames: Rc<Frames>,
    hz: f64,
    others: fn(usize) -> f64,
    /// Where it goes.
    pub to: SocketAddr,
    /// Its source.
    pub ssrc: u32,
    marks: Marks,
    window: Vec<i16>,
    /// How long it was heard, in ms.
    right_ms: u64,
    /// How long another person's tone was heard instead, in ms.
    wrong_ms: u64,
}

impl Voice {
    fn new(hz: f64, all: &mut Tones, others: fn(usize) -> f64, to: SocketAddr, ssrc: u32, now: Instant) -> Voice {
        let (frames, marks) = (all.of(hz), Marks::new(now));
        Voice { frames, hz, others, to, ssrc, marks, window: vec![], right_ms: 0, wrong_ms: 0 }
    }

    /// The next 20 ms, which leave now.
    pub fn frame(&mut self, now: Instant) -> bytes::Bytes {
        let n = self.marks.send(now);
        // Keys have used the first sequence numbers.
        let sequence = (n as u16).wrapping_add(101);
        let header = switchboard_wire::rtp::Header {
            payload_type: 8,
            marker: n == 0,
            sequence,
            timestamp: u32::from(sequence).wrapping_mul(160),
            ssrc: self.ssrc,
        };
        switchboard_wire::rtp::write(&header, self.frames.nth(n))
    }

    /// The other end heard this; the delay of an earlier frame, if that is sure by now.
    fn heard(&mut self, now: Instant, codec: Codec, payload: &[u8]) -> Option<Duration> {
        if codec == Codec::Pcma
            && let Some(loud) = self.frames.holds(payload)
        {
            self.right_ms += 20;
            return self.marks.hear_level(loud, now);
        }
        let from = self.window.len();
        self.window.extend(payload.iter().map(|b| g711::decode(codec, *b)));
        let energy = |samples: &[i16]| samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>();
        let of_frame = energy(&self.window[from..]);
        if self.window.len() >= WINDOW {
            let whole = energy(&self.window);
            if whole >= MEAN_SQUARE_MIN * self.window.len() as f64 {
                let is = |hz: f64| power(&self.window, hz) >= whole * SHARE_MIN;
                if is(self.hz) {
                    self.right_ms += WINDOW_MS;
                } else if (0..BAND_MAX).map(self.others).any(|hz| hz != self.hz && is(hz)) {
                    self.wrong_ms += WINDOW_MS;
                }
            }
            self.window.clear();
        }
        // What has not been known as this tone yet may be music, whose loudness says nothing.
        (self.right_ms > 0).then(|| self.marks.hear(of_frame, now)).flatten()
    }
}

/// The sentence for sound that came from somebody else.
pub const WRONG_PARTY: &str = "sound of the wrong party";
/// The sentence for sound that did not come.
pub const NOT_HEARD: &str = "the two did not hear each other";
/// The sentence for sound that came and then did not.
pub const STOPPED: &str = "the sound stopped in mid-call";

/// 20 ms at 8 kHz.
const FRAME: usize = g711::FRAME_SAMPLES;
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
/// Fifty frames that did not come are no jitter.
const STOPPED_AFTER: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    /// What the agent hears of the caller's second of sound when `through` lies between: right, wrong, delays told.
    fn check(through: impl Fn(&[u8]) -> (Codec, Vec<u8>)) -> (u64, u64, usize) {
        let at = |ms: u64| Instant::from_millis(1_000 + ms);
        let to: SocketAddr = ([127, 0, 0, 1], 4_000).into();
        let mut voice = Voice::new(1_040.0, &mut Tones::default(), tones::of_caller, to, 1, at(0));
        let mut told = 0;
        for n in 0..50 {
            let packet = voice.frame(at(n * 20));
            let (codec, payload) = through(&packet[12..]);
            let delay = voice.heard(at(n * 20 + 7), codec, &payload);
            assert!(delay.is_none_or(|d| d == Duration::from_millis(7)), "{delay:?}");
            told += usize::from(delay.is_some());
        }
        (voice.right_ms, voice.wrong_ms, told)
    }

    #[test]
    fn it_is_known_as_it_was_said_and_after_another_codec() {
        let (right, wrong, told) = check(|payload| (Codec::Pcma, payload.to_vec()));
        assert!(right == 1_000 && wrong == 0 && told == 41, "{right} {wrong} {told}");
        let (right, wrong, told) = check(|payload| {
            let fainter = |b: &u8| g711::encode(Codec::Pcmu, g711::decode(Codec::Pcma, *b) / 2);
            (Codec::Pcmu, payload.iter().map(fainter).collect())
        });
        assert!(right == 1_000 && wrong == 0 && told > 30, "{right} {wrong} {told}");
    }

    #[test]
    fn another_tone_is_wrong_and_silence_is_neither() {
        let (other, n) = (Frames::new(1_060.0), std::cell::Cell::new(0));
        let (right, wrong, _) = check(|_| {
            n.set(n.get() + 1);
            (Codec::Pcma, other.nth(n.get()).to_vec())
        });
        assert!(right == 0 && wrong >= 900, "{right} {wrong}");
        assert_eq!(check(|_| (Codec::Pcma, vec![0xd5; 160])), (0, 0, 0));
    }
}
