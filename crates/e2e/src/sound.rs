//! Sound as numbers, and the one question asked of it: for how long is this tone heard?
//!
//! ```text
//!   8 000 samples/s ─► blocks of 100 ms ─► Goertzel at f: share of the block's energy ─► blocks with share > ½, in seconds
//! ```
//! G.711 is computed from the standard's formula here and not taken from the engine: a fault in its tables would be heard.

/// Samples a second.
pub const RATE: u32 = 8000;

/// One party's sound, 8 kHz.
#[derive(Clone, Debug, Default)]
pub struct Sound(pub Vec<i16>);

impl Sound {
    /// A sine.
    pub fn tone(hz: f64, seconds: f64) -> Sound {
        let n = (seconds * f64::from(RATE)) as usize;
        let step = hz * std::f64::consts::TAU / f64::from(RATE);
        Sound((0..n).map(|i| ((i as f64 * step).sin() * 8000.0) as i16).collect())
    }

    /// Nothing.
    pub fn silence(seconds: f64) -> Sound {
        Sound(vec![0; (seconds * f64::from(RATE)) as usize])
    }

    /// Reads a WAV file of 8 kHz, 16 bits; of several channels the first.
    #[track_caller]
    pub fn from_wav(path: &std::path::Path) -> Sound {
        let mut wav = hound::WavReader::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let spec = wav.spec();
        assert_eq!((spec.sample_rate, spec.bits_per_sample), (RATE, 16), "{}", path.display());
        let samples = wav.samples::<i16>().step_by(usize::from(spec.channels));
        Sound(samples.map(|s| s.expect("the file is complete")).collect())
    }

    /// Writes it as a WAV file of 8 kHz, 16 bits, one channel.
    #[track_caller]
    pub fn write_wav(&self, path: &std::path::Path) {
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(path, spec).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        for sample in &self.0 {
            wav.write_sample(*sample).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
        wav.finalize().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// How long it is.
    pub fn seconds(&self) -> f64 {
        self.0.len() as f64 / f64::from(RATE)
    }

    /// For how many seconds this tone is the most of what is heard.
    pub fn seconds_of(&self, hz: f64) -> f64 {
        self.blocks().filter(|block| loud(block) && share(block, hz) > 0.5).count() as f64 / 10.0
    }

    /// For how many seconds anything at all is heard.
    pub fn seconds_loud(&self) -> f64 {
        self.blocks().filter(|block| loud(block)).count() as f64 / 10.0
    }

    fn blocks(&self) -> impl Iterator<Item = &[i16]> {
        self.0.chunks_exact((RATE / 10) as usize)
    }
}

/// Louder than −46 dB of full scale: more than any line's noise.
fn loud(block: &[i16]) -> bool {
    energy(block) / block.len() as f64 > (32768.0 * 0.005_f64).powi(2)
}

fn energy(block: &[i16]) -> f64 {
    block.iter().map(|s| f64::from(*s).powi(2)).sum()
}

/// Which share of the block's energy lies at `hz` (G. Goertzel, 1958).
fn share(block: &[i16], hz: f64) -> f64 {
    let coefficient = 2.0 * (std::f64::consts::TAU * hz / f64::from(RATE)).cos();
    let (mut s1, mut s2) = (0.0, 0.0);
    for sample in block {
        let s0 = f64::from(*sample) + coefficient * s1 - s2;
        (s2, s1) = (s1, s0);
    }
    let power = s1 * s1 + s2 * s2 - coefficient * s1 * s2;
    2.0 * power / (block.len() as f64 * energy(block)).max(1.0)
}

/// G.711 A-law: the value of a code word.
pub fn from_alaw(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = (i16::from(code >> 4 & 7), i16::from(code & 15));
    let size = if segment == 0 { step * 16 + 8 } else { (step * 16 + 264) << (segment - 1) };
    if code & 0x80 != 0 { size } else { -size }
}

/// G.711 µ-law: the value of a code word.
pub fn from_ulaw(code: u8) -> i16 {
    let code = !code;
    let size = ((i16::from(code & 15) * 8 + 132) << (code >> 4 & 7)) - 132;
    if code & 0x80 != 0 { -size } else { size }
}

/// The A-law code word nearest to a sample: the one of 256 whose value is nearest.
pub fn to_alaw(sample: i16) -> u8 {
    let far = |code: &u8| (i32::from(from_alaw(*code)) - i32::from(sample)).abs();
    (0..=255u8).min_by_key(far).expect("there are 256 code words")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_is_found_at_its_own_frequency_only() {
        let mut sound = Sound::silence(1.0);
        sound.0.extend(Sound::tone(1000.0, 2.0).0);
        assert_eq!(sound.seconds_of(1000.0), 2.0);
        assert_eq!(sound.seconds_of(440.0), 0.0);
        assert_eq!(sound.seconds_of(1040.0), 0.0);
        assert_eq!(sound.seconds_loud(), 2.0);
        assert_eq!(sound.seconds(), 3.0);
    }

    #[test]
    fn two_tones_at_once_are_neither() {
        let (a, b) = (Sound::tone(440.0, 1.0), Sound::tone(1000.0, 1.0));
        let both = Sound(a.0.iter().zip(&b.0).map(|(a, b)| a + b).collect());
        assert!(both.seconds_of(440.0) + both.seconds_of(1000.0) <= 1.0);
        assert_eq!(both.seconds_loud(), 1.0);
    }

    #[test]
    fn code_words_are_the_standards() {
        // ITU-T G.711 tables 1a to 2b: the extremes, the smallest, and silence.
        assert_eq!((from_alaw(0xAA), from_alaw(0x2A), from_alaw(0xD5), from_alaw(0x55)), (32256, -32256, 8, -8));
        assert_eq!((from_ulaw(0x80), from_ulaw(0x00), from_ulaw(0xFF), from_ulaw(0x7F)), (32124, -32124, 0, 0));
        for code in 0..=255 {
            assert_eq!(to_alaw(from_alaw(code)), code, "each code word is its own nearest");
        }
    }
}
