//! What can be played, encoded once for all who will hear it.
//!
//! ```text
//!   WAV 8 kHz mono 16 bit ─► samples ─┬─ A-law bytes
//!                                     └─ µ-law bytes        a frame is a slice of 160 of them
//! ```
//! It does not resample and does not mix channels down: a prompt that is not in form is refused with the reason, when the
//! configuration is read and not when a caller should hear it.
use crate::g711;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_model::PromptId;
use switchboard_wire::sdp::Codec;

/// A sound in both laws; a byte is a sample.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sound {
    pcma: Vec<u8>,
    pcmu: Vec<u8>,
}

impl Sound {
    /// From samples at 8 000 Hz.
    pub fn from_samples(samples: &[i16]) -> Sound {
        let encoded = |codec| samples.iter().map(|s| g711::encode(codec, *s)).collect();
        Sound { pcma: encoded(Codec::Pcma), pcmu: encoded(Codec::Pcmu) }
    }

    /// From a WAV file: 8 000 Hz, one channel, 16-bit integers.
    pub fn from_wav(bytes: &[u8]) -> Result<Sound, SoundError> {
        let mut reader = hound::WavReader::new(bytes).map_err(SoundError::from_hound)?;
        let spec = reader.spec();
        if spec.sample_format != hound::SampleFormat::Int || spec.bits_per_sample != 16 {
            return Err(SoundError::NotSixteenBit { bits: spec.bits_per_sample });
        }
        if spec.channels != 1 {
            return Err(SoundError::NotMono { channels: spec.channels });
        }
        if spec.sample_rate != g711::RATE_HZ {
            return Err(SoundError::WrongRate { hz: spec.sample_rate });
        }
        if reader.len() == 0 {
            return Err(SoundError::Empty);
        }
        if reader.len() > SECONDS_MAX * g711::RATE_HZ {
            return Err(SoundError::TooLong { seconds: reader.len() / g711::RATE_HZ });
        }
        let samples: Result<Vec<i16>, hound::Error> = reader.samples::<i16>().collect();
        Ok(Sound::from_samples(&samples.map_err(SoundError::from_hound)?))
    }

    /// Its bytes in this law.
    pub fn bytes(&self, codec: Codec) -> &[u8] {
        match codec {
            Codec::Pcma => &self.pcma,
            Codec::Pcmu => &self.pcmu,
        }
    }
    /// How long it is, rounded up.
    pub fn duration_ms(&self) -> u64 {
        (self.pcma.len() as u64).div_ceil(8)
    }
}

/// What can be played, by id.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sounds(BTreeMap<PromptId, Arc<Sound>>);

impl Sounds {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds one, or replaces it.
    pub fn insert(&mut self, prompt: PromptId, sound: impl Into<Arc<Sound>>) {
        self.0.insert(prompt, sound.into());
    }
    /// These and those; of one id, these.
    pub fn or(&self, those: &Sounds) -> Sounds {
        let mut all = those.0.clone();
        all.extend(self.0.iter().map(|(id, sound)| (*id, sound.clone())));
        Sounds(all)
    }
    /// The one with this id.
    pub fn find(&self, prompt: PromptId) -> Option<&Arc<Sound>> {
        self.0.get(&prompt)
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(PromptId, Arc<Sound>)> for Sounds {
    fn from_iter<I: IntoIterator<Item = (PromptId, Arc<Sound>)>>(sounds: I) -> Self {
        Sounds(sounds.into_iter().collect())
    }
}

/// Why a file is no prompt.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SoundError {
    /// It is not a WAV file of uncompressed samples.
    #[error("not a WAV file of plain samples ({why})")]
    NotWav {
        /// What the reader stumbled over, for people.
        why: String,
    },
    /// It ends before its header says.
    #[error("the file is cut off")]
    CutOff,
    /// Not 16-bit integers.
    #[error("{bits}-bit samples or not integers; 16-bit integers are needed")]
    NotSixteenBit {
        /// What it has.
        bits: u16,
    },
    /// More than one channel.
    #[error("{channels} channels; one is needed")]
    NotMono {
        /// What it has.
        channels: u16,
    },
    /// Not 8 000 samples a second.
    #[error("{hz} samples a second; 8000 are needed")]
    WrongRate {
        /// What it has.
        hz: u32,
    },
    /// No sound in it.
    #[error("there is no sound in it")]
    Empty,
    /// Longer than any prompt.
    #[error("{seconds} seconds long; {SECONDS_MAX} are the most")]
    TooLong {
        /// How long it is.
        seconds: u32,
    },
}

impl SoundError {
    fn from_hound(e: hound::Error) -> Self {
        match e {
            hound::Error::IoError(_) => SoundError::CutOff,
            e => SoundError::NotWav { why: e.to_string() },
        }
    }
}

/// Music of half an hour is 14 MB in both laws, and it repeats anyway.
pub const SECONDS_MAX: u32 = 1_800;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    fn wav(channels: u16, hz: u32, bits: u16, samples: &[i16]) -> Vec<u8> {
        let spec = hound::WavSpec {
            channels,
            sample_rate: hz,
            bits_per_sample: bits,
            sample_format: hound::SampleFormat::Int,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a header");
        for sample in samples {
            writer.write_sample(*sample).expect("a sample");
        }
        writer.finalize().expect("an end");
        bytes.into_inner()
    }

    fn check(bytes: &[u8], expected: &str) {
        let told = Sound::from_wav(bytes).map_or_else(|e| e.to_string(), |s| format!("{} ms", s.duration_ms()));
        assert!(told.contains(expected), "{told:?} does not say {expected:?}");
    }

    #[test]
    fn a_file_is_a_sound_or_says_why_not() {
        check(&wav(1, 8_000, 16, &[0; 800]), "100 ms");
        check(&wav(2, 8_000, 16, &[0; 800]), "2 channels");
        check(&wav(1, 44_100, 16, &[0; 800]), "44100 samples a second");
        check(&wav(1, 8_000, 8, &[0; 800]), "8-bit");
        check(&wav(1, 8_000, 16, &[]), "no sound");
        check(b"", "cut off");
        check(b"ID3\x04 this is music of another kind", "not a WAV file");
        let whole = wav(1, 8_000, 16, &[0; 800]);
        check(&whole[..whole.len() - 7], "cut off");
        check(&whole[..20], "cut off");
    }

    #[test]
    fn both_laws_hold_the_same_sound() {
        let sound = Sound::from_samples(&[0, 1_000, -1_000, i16::MAX, i16::MIN]);
        for codec in Codec::ALL {
            let back: Vec<i16> = sound.bytes(codec).iter().map(|b| g711::decode(codec, *b)).collect();
            assert!((back[1] - 1_000).abs() < 40 && (back[2] + 1_000).abs() < 40, "{back:?}");
        }
    }

    proptest! {
        #[test]
        fn no_file_panics_it(at in 0usize..60, byte: u8, rest in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut bytes = wav(1, 8_000, 16, &[1; 8]);
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = Sound::from_wav(&bytes);
            let _ = Sound::from_wav(&rest);
        }
    }
}
