//! Pure tones, made and heard: how simulated people and tests know who hears whom.
//!
//! ```text
//!   Tone(440 Hz) ─► samples or G.711 frames ─► … the whole way of a call … ─► Ear[440, 460 Hz] ─► "440 Hz for 1 300 ms"
//! ```
//! An ear looks at windows of 100 ms, which tell tones apart that are 10 Hz or a multiple of it from each other. A window
//! counts for a tone when nearly all its energy is in it: what is mixed, cut or noisy counts for none.
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
    /// A tone of this frequency, as loud as a person speaking up: 9 dB below the loudest.
    pub fn new(hz: f64) -> Self {
        Tone::with_amplitude(hz, 11_500)
    }
    /// A tone of this frequency and amplitude.
    pub fn with_amplitude(hz: f64, amplitude: i16) -> Self {
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

/// Listens for some tones.
#[derive(Clone, Debug)]
pub struct Ear {
    /// Each tone, and in how many windows it was heard.
    tones: Vec<(f64, u64)>,
    window: Vec<i16>,
    /// Which of them the last window was.
    last: Option<usize>,
}

/// 100 ms.
const WINDOW: usize = RATE_HZ as usize / 10;

/// Of a window's energy. A tone through A-law has more than 0.99; beside another of a third of its amplitude, 0.9.
const SHARE_MIN: f64 = 0.9;

/// −46 dBm0 as the mean square of a sample: fainter is silence with rounding in it.
const MEAN_SQUARE_MIN: f64 = 80.0 * 80.0;

impl Ear {
    /// Listens for these frequencies.
    pub fn new(tones: &[f64]) -> Self {
        Ear { tones: tones.iter().map(|hz| (*hz, 0)).collect(), window: Vec::with_capacity(WINDOW), last: None }
    }
    /// Hears an encoded payload.
    pub fn hear(&mut self, codec: Codec, payload: &[u8]) {
        self.hear_samples(payload.iter().map(|b| g711::decode(codec, *b)));
    }
    /// Hears samples.
    pub fn hear_samples(&mut self, samples: impl IntoIterator<Item = i16>) {
        for sample in samples {
            self.window.push(sample);
            if self.window.len() == WINDOW {
                self.judge();
                self.window.clear();
            }
        }
    }
    /// For how many ms each tone was heard, in whole windows of 100 ms, in the order they were given.
    pub fn heard(&self) -> Vec<(f64, u64)> {
        self.tones.iter().map(|(hz, windows)| (*hz, windows * 100)).collect()
    }
    /// The tone that the last whole window was, if it was one of them.
    pub fn hears(&self) -> Option<f64> {
        self.last.map(|i| self.tones[i].0)
    }

    fn judge(&mut self) {
        let energy: f64 = self.window.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
        let is_tone = |i: &usize| power(&self.window, self.tones[*i].0) >= energy * SHARE_MIN;
        let loud = energy >= MEAN_SQUARE_MIN * WINDOW as f64;
        // Most windows are what the one before was. No two tones can have nearly all the energy.
        let same = self.last.filter(|_| loud).filter(is_tone);
        self.last = same.or_else(|| if loud { (0..self.tones.len()).find(is_tone) } else { None });
        if let Some(i) = self.last {
            self.tones[i].1 += 1;
        }
    }
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
    fn a_tone_is_heard_as_itself_only() {
        for codec in Codec::ALL {
            let mut tone = Tone::new(1_020.0);
            let mut ear = Ear::new(&[1_000.0, 1_020.0, 1_040.0, 2_040.0]);
            for _ in 0..50 {
                ear.hear(codec, &tone.frame(codec));
            }
            assert_eq!(ear.heard(), [(1_000.0, 0), (1_020.0, 1_000), (1_040.0, 0), (2_040.0, 0)]);
            assert_eq!(ear.hears(), Some(1_020.0));
            ear.hear_samples(Tone::new(2_040.0).samples(800));
            assert_eq!(ear.hears(), Some(2_040.0));
            ear.hear_samples([0; 800]);
            assert_eq!(ear.hears(), None);
        }
    }

    #[test]
    fn silence_noise_and_two_at_once_are_not_a_tone() {
        let mut ear = Ear::new(&[1_000.0, 1_200.0]);
        ear.hear_samples([0; 8_000]);
        ear.hear(Codec::Pcma, &[0xd5; 8_000]);
        let (mut a, mut b) = (Tone::with_amplitude(1_000.0, 4_000), Tone::with_amplitude(1_200.0, 4_000));
        ear.hear_samples((0..8_000).map(|_| a.sample() + b.sample()));
        let mut chance = switchboard_model::Chance::from_number(1);
        ear.hear_samples((0..8_000).map(|_| chance.below(4_000) as i16 - 2_000));
        assert_eq!(ear.heard(), [(1_000.0, 0), (1_200.0, 0)]);
    }

    #[test]
    fn power_is_a_part_of_the_energy() {
        let samples = Tone::with_amplitude(1_000.0, 1_000).samples(800);
        let energy: f64 = samples.iter().map(|s| f64::from(*s).powi(2)).sum();
        let share = power(&samples, 1_000.0) / energy;
        assert!((share - 1.0).abs() < 0.01, "{share}");
        assert!(power(&samples, 1_010.0) / energy < 0.01);
        assert_eq!(power(&[], 1_000.0), 0.0);
    }
}
