//! Pure tones, made and heard: how simulated people and tests know who hears whom.
//!
//! ```text
//!   Tone(440 Hz) ─► samples or G.711 frames ─► … the whole way of a call … ─► Ear(440 Hz) ─► "heard for 1 300 ms"
//! ```
//! An ear looks at windows of 100 ms, which tell tones apart that are 10 Hz or a multiple of it from each other. A window
//! counts when nearly all its energy is in the tone: what is mixed, cut or noisy does not count.
use crate::g711::{self, FRAME_SAMPLES, RATE_HZ};
use std::f64::consts::TAU;
use switchboard_wire::sdp::Codec;

/// Makes a sine, going on where it stopped.
#[derive(Clone, Debug)]
pub struct Tone {
    step: f64,
    phase: f64,
    amplitude: f64,
}

impl Tone {
    /// A tone of this frequency and amplitude.
    pub fn new(hz: f64, amplitude: i16) -> Self {
        Tone { step: TAU * hz / f64::from(RATE_HZ), phase: 0.0, amplitude: f64::from(amplitude) }
    }
    /// The next sample.
    pub fn sample(&mut self) -> i16 {
        let sample = self.phase.sin() * self.amplitude;
        self.phase = (self.phase + self.step) % TAU;
        sample.round() as i16
    }
    /// The next samples.
    pub fn samples(&mut self, n: usize) -> Vec<i16> {
        (0..n).map(|_| self.sample()).collect()
    }
    /// The next 20 ms, encoded.
    pub fn frame(&mut self, codec: Codec) -> [u8; FRAME_SAMPLES] {
        std::array::from_fn(|_| g711::encode(codec, self.sample()))
    }
}

/// Listens for one tone.
#[derive(Clone, Debug)]
pub struct Ear {
    hz: f64,
    window: Vec<i16>,
    windows_heard: u64,
    hears: bool,
}

/// 100 ms.
const WINDOW: usize = RATE_HZ as usize / 10;

/// Of a window's energy. A tone through A-law has more than 0.99; beside another of a third of its amplitude, 0.9.
const SHARE_MIN: f64 = 0.9;

/// −46 dBm0 as the mean square of a sample: fainter is silence with rounding in it.
const MEAN_SQUARE_MIN: f64 = 80.0 * 80.0;

impl Ear {
    /// Listens for this frequency.
    pub fn new(hz: f64) -> Self {
        Ear { hz, window: Vec::with_capacity(WINDOW), windows_heard: 0, hears: false }
    }
    /// What it listens for.
    pub fn hz(&self) -> f64 {
        self.hz
    }
    /// Hears samples.
    pub fn hear(&mut self, samples: impl IntoIterator<Item = i16>) {
        for sample in samples {
            self.window.push(sample);
            if self.window.len() == WINDOW {
                self.hears = is_tone(&self.window, self.hz);
                self.windows_heard += u64::from(self.hears);
                self.window.clear();
            }
        }
    }
    /// Hears an encoded payload.
    pub fn hear_encoded(&mut self, codec: Codec, payload: &[u8]) {
        self.hear(payload.iter().map(|b| g711::decode(codec, *b)));
    }
    /// For how long the tone was heard, in whole windows of 100 ms.
    pub fn heard_ms(&self) -> u64 {
        self.windows_heard * 100
    }
    /// Whether the last whole window was the tone.
    pub fn hears(&self) -> bool {
        self.hears
    }
}

fn is_tone(window: &[i16], hz: f64) -> bool {
    let energy: f64 = window.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    energy >= MEAN_SQUARE_MIN * window.len() as f64 && power(window, hz) >= energy * SHARE_MIN
}

/// How much of these samples' energy is a sine of this frequency (Goertzel). A pure one has all of it, as nearly as the window
/// holds whole periods.
pub fn power(samples: &[i16], hz: f64) -> f64 {
    let twice_cos = 2.0 * (TAU * hz / f64::from(RATE_HZ)).cos();
    let (mut one, mut two) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) + twice_cos * one - two;
        two = one;
        one = next;
    }
    let squared = one * one + two * two - twice_cos * one * two;
    2.0 * squared / samples.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_heard_by_its_own_ear_only() {
        for codec in Codec::ALL {
            let mut tone = Tone::new(1_020.0, 8_000);
            let mut ears = [1_000.0, 1_020.0, 1_040.0, 2_040.0].map(Ear::new);
            for _ in 0..50 {
                let frame = tone.frame(codec);
                ears.iter_mut().for_each(|ear| ear.hear_encoded(codec, &frame));
            }
            assert_eq!(ears.each_ref().map(Ear::heard_ms), [0, 1_000, 0, 0]);
            assert_eq!(ears.each_ref().map(Ear::hears), [false, true, false, false]);
        }
    }

    #[test]
    fn silence_noise_and_two_at_once_are_not_a_tone() {
        let mut ear = Ear::new(1_000.0);
        ear.hear([0; 8_000]);
        ear.hear_encoded(Codec::Pcma, &[0xd5; 8_000]);
        let (mut a, mut b) = (Tone::new(1_000.0, 4_000), Tone::new(1_200.0, 4_000));
        ear.hear((0..8_000).map(|_| a.sample() + b.sample()));
        let mut chance = switchboard_model::Chance::from_number(1);
        ear.hear((0..8_000).map(|_| chance.below(4_000) as i16 - 2_000));
        assert_eq!(ear.heard_ms(), 0);
    }

    #[test]
    fn power_is_a_part_of_the_energy() {
        let samples = Tone::new(1_000.0, 1_000).samples(800);
        let energy: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
        let share = power(&samples, 1_000.0) / energy;
        assert!((share - 1.0).abs() < 0.01, "{share}");
        assert!(power(&samples, 1_010.0) / energy < 0.01);
        assert_eq!(power(&[], 1_000.0), 0.0);
    }
}
