//! Keys in the sound itself, for those who send no telephone-events (ITU-T Q.23, Q.24).
//!
//! ```text
//!            1209 1336 1477 1633 Hz
//!     697      1    2    3    A          a block of 102 samples (12.75 ms) is a key if one row and one column hold
//!     770      4    5    6    B          nearly all its energy, neither much louder than the other;
//!     852      7    8    9    C          two blocks running begin a key, three running without it end it
//!     941      *    0    #    D
//! ```
//! Q.24 asks that 40 ms be heard, and 40 ms without it as the end; two whole blocks lie within any 40 ms, and no fewer than
//! three are not a key for the most part. Speech puts energy elsewhere too, so it fails the first rule. This ear is used only where no telephone-events are agreed.
use crate::tone::power;
use switchboard_model::Digit;

/// One stream's ear for keys.
#[derive(Clone, Debug)]
pub struct DtmfEar {
    block: [i16; BLOCK],
    filled: usize,
    /// What the last block was.
    last: Option<Digit>,
    /// The key that is down.
    down: Option<Digit>,
    /// Blocks running that were not it.
    misses: u8,
}

const BLOCK: usize = 102;
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// A drop-out of 10 ms spoils two blocks at most, and the key goes on (Q.24).
const MISSES_TO_END: u8 = 3;
const KEYS: [char; 16] = ['1', '2', '3', 'A', '4', '5', '6', 'B', '7', '8', '9', 'C', '*', '0', '#', 'D'];

/// Of a block's energy; two pure tones have all of it, a block that a key begins or ends in the middle of has less.
const SHARE_MIN: f64 = 0.8;
/// How much louder one tone may be: 8 dB, the wider of Q.24's limits.
const TWIST_MAX: f64 = 6.31;
/// −42 dBm0 as the mean square of a sample: fainter is crosstalk.
const MEAN_SQUARE_MIN: f64 = 130.0 * 130.0;

impl DtmfEar {
    /// Nothing heard yet.
    pub fn new() -> Self {
        DtmfEar { block: [0; BLOCK], filled: 0, last: None, down: None, misses: 0 }
    }

    /// Hears samples; the key that began within them, if one did. (Within 20 ms two cannot.)
    pub fn hear(&mut self, samples: impl Iterator<Item = i16>) -> Option<Digit> {
        let mut pressed = None;
        for sample in samples {
            self.block[self.filled] = sample;
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                pressed = self.judge(key_in(&self.block)).or(pressed);
            }
        }
        pressed
    }

    fn judge(&mut self, key: Option<Digit>) -> Option<Digit> {
        let twice = key.is_some() && key == self.last;
        self.last = key;
        self.misses = if self.down.is_some() && key != self.down { self.misses + 1 } else { 0 };
        if self.misses == MISSES_TO_END {
            self.down = None;
            self.misses = 0;
        }
        if twice && self.down.is_none() {
            self.down = key;
            return key;
        }
        None
    }
}

fn key_in(block: &[i16; BLOCK]) -> Option<Digit> {
    let energy: f64 = block.iter().map(|s| f64::from(*s) * f64::from(*s)).sum();
    if energy < MEAN_SQUARE_MIN * BLOCK as f64 {
        return None;
    }
    let (row, low) = loudest(block, &ROWS);
    let (column, high) = loudest(block, &COLUMNS);
    let even = low < high * TWIST_MAX && high < low * TWIST_MAX;
    if !even || low + high < energy * SHARE_MIN {
        return None;
    }
    Digit::from_char(KEYS[row * 4 + column])
}

fn loudest(block: &[i16; BLOCK], tones: &[f64; 4]) -> (usize, f64) {
    let mut best = (0, 0.0);
    for (i, hz) in tones.iter().enumerate() {
        let energy = power(block, *hz);
        if energy > best.1 {
            best = (i, energy);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::g711;
    use crate::tone::Tone;
    use switchboard_model::Chance;
    use switchboard_wire::sdp::Codec;

    struct Line {
        samples: Vec<i16>,
    }
    impl Line {
        fn pause(&mut self, ms: usize) {
            self.samples.extend(std::iter::repeat_n(0, ms * 8));
        }
        fn press(&mut self, key: char, ms: usize, low: i16, high: i16) {
            let at = KEYS.iter().position(|k| *k == key).expect("a key");
            let (mut row, mut column) = (Tone::new(ROWS[at / 4], low), Tone::new(COLUMNS[at % 4], high));
            self.samples.extend((0..ms * 8).map(|_| row.sample() + column.sample()));
        }
        fn heard(&self) -> String {
            let mut ear = DtmfEar::new();
            // Through A-law and in packets, as it comes.
            self.samples
                .chunks(160)
                .filter_map(|f| ear.hear(f.iter().map(|s| g711::decode(Codec::Pcma, g711::encode(Codec::Pcma, *s)))))
                .map(Digit::face)
                .collect()
        }
    }

    #[test]
    fn every_key_at_q24_times() {
        // 40 ms on, 40 ms off, at any place in the blocks.
        for offset in 0..13 {
            let mut line = Line { samples: vec![] };
            line.pause(offset);
            for key in KEYS {
                line.press(key, 40, 4_000, 5_000);
                line.pause(40);
            }
            assert_eq!(line.heard(), KEYS.iter().collect::<String>(), "{offset} ms into a block");
        }
    }

    #[test]
    fn a_long_press_is_one_and_two_presses_are_two() {
        let mut line = Line { samples: vec![] };
        line.press('5', 2_000, 8_000, 8_000);
        line.pause(60);
        line.press('5', 60, 8_000, 8_000);
        assert_eq!(line.heard(), "55");
    }

    #[test]
    fn too_short_is_none_and_a_drop_out_makes_no_second() {
        for offset in 0..13 {
            let mut line = Line { samples: vec![] };
            line.pause(offset);
            line.press('5', 18, 8_000, 8_000);
            line.pause(100);
            assert_eq!(line.heard(), "", "{offset} ms into a block");
            line.press('7', 60, 8_000, 8_000);
            line.pause(8);
            line.press('7', 60, 8_000, 8_000);
            assert_eq!(line.heard(), "7", "{offset} ms into a block");
        }
    }

    #[test]
    fn what_is_not_a_key() {
        for (low, high) in [(8_000, 0), (0, 8_000), (8_000, 1_000), (1_000, 8_000), (60, 60)] {
            let mut line = Line { samples: vec![] };
            line.press('5', 300, low, high);
            assert_eq!(line.heard(), "", "{low} {high}");
        }
    }

    #[test]
    fn noise_and_tones_are_not_keys() {
        let mut chance = Chance::from_number(7);
        let mut line = Line { samples: (0..80_000).map(|_| (chance.below(8_000) as i16) - 4_000).collect() };
        for hz in (300..3_400).step_by(50) {
            let mut tone = Tone::new(f64::from(hz), 6_000);
            line.samples.extend((0..800).map(|_| tone.sample()));
        }
        assert_eq!(line.heard(), "");
    }

    #[test]
    fn a_key_is_heard_through_noise() {
        let mut chance = Chance::from_number(8);
        let mut line = Line { samples: vec![] };
        for key in "0123456789".chars() {
            line.pause(50);
            line.press(key, 60, 4_000, 4_000);
        }
        for sample in &mut line.samples {
            *sample += (chance.below(1_600) as i16) - 800;
        }
        assert_eq!(line.heard(), "0123456789");
    }
}
