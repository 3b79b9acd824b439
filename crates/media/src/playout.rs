//! What a stream hears when it hears us: prompts without a gap, music with the call's time, silence.
//!
//! ```text
//!   list   │ Welcome (250 ms)              │ Press 0 (170 ms)  │
//!   frames │····│····│····│····│····│····│··:·│····│····│····│··░░│  the 13th is half of one and half of the other;
//!                                             done, once ────────┘   the last is filled up with silence
//! ```
//! A frame is copied from sound that was encoded once for all. Time passes here whether or not the frame is sent: who puts us on
//! hold misses what is said, as in a theatre, and the call goes on.
use crate::g711::{self, FRAME_SAMPLES};
use crate::sound::Sounds;
use crate::tone::Tone;
use crate::wish::Hears;
use switchboard_model::{PromptId, StreamId};
use switchboard_wire::sdp::Codec;

/// What one stream hears.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Playout {
    /// Nothing.
    Silence,
    /// Prompts.
    Prompts(Play),
    /// Music.
    Music(PromptId),
    /// Another stream; no frame of ours.
    Party(StreamId),
    /// The sum of others: a frame is handed in.
    Mix(Vec<StreamId>),
    /// The ringing tone.
    Ringing,
}

/// How far a play got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Play {
    id: u32,
    list: Vec<PromptId>,
    index: usize,
    offset: usize,
    done: bool,
}

impl Playout {
    /// From the beginning.
    pub fn of(hears: &Hears) -> Self {
        match hears {
            Hears::Nothing => Playout::Silence,
            Hears::Prompts { play, list } => {
                Playout::Prompts(Play { id: *play, list: list.clone(), index: 0, offset: 0, done: false })
            }
            Hears::Music(prompt) => Playout::Music(*prompt),
            Hears::Party(stream) => Playout::Party(*stream),
            Hears::Mix(streams) => Playout::Mix(streams.clone()),
            Hears::Ringing => Playout::Ringing,
        }
    }

    /// What is the same goes on; what is new begins.
    pub fn change(&mut self, hears: &Hears) {
        if let (Playout::Prompts(play), Hears::Prompts { play: id, list }) = (&*self, hears)
            && play.id == *id
            && play.list == *list
        {
            return;
        }
        *self = Playout::of(hears);
    }

    /// Fills the next frame; the play that ended with it, if one did. The music's position is the call's age in samples.
    pub fn fill(&mut self, frame: &mut [u8; FRAME_SAMPLES], codec: Codec, sounds: &Sounds, age: u64) -> Option<u32> {
        match self {
            Playout::Silence | Playout::Party(_) | Playout::Mix(_) => {
                frame.fill(g711::silence(codec));
                None
            }
            Playout::Ringing => {
                match age % RING_CYCLE < RING_ON {
                    // 160 samples at 8 kHz are nine whole periods of 450 Hz: every frame is the same.
                    true => *frame = Tone::new(RING_HZ, RING_AMPLITUDE).frame(codec),
                    false => frame.fill(g711::silence(codec)),
                }
                None
            }
            Playout::Prompts(play) => play.fill(frame, codec, sounds),
            Playout::Music(prompt) => {
                let music = sounds.find(*prompt).map(|s| s.bytes(codec)).filter(|m| !m.is_empty());
                match music {
                    Some(music) => {
                        let from = (age % music.len() as u64) as usize;
                        let endless = music.iter().cycle().skip(from);
                        frame.iter_mut().zip(endless).for_each(|(to, byte)| *to = *byte);
                    }
                    None => frame.fill(g711::silence(codec)),
                }
                None
            }
        }
    }
}

impl Play {
    fn fill(&mut self, frame: &mut [u8; FRAME_SAMPLES], codec: Codec, sounds: &Sounds) -> Option<u32> {
        let mut filled = 0;
        while let Some(prompt) = self.list.get(self.index) {
            // A sound that is missing, or has become shorter under a reload, is at its end.
            let rest = sounds.find(*prompt).and_then(|s| s.bytes(codec).get(self.offset..)).unwrap_or_default();
            let n = rest.len().min(FRAME_SAMPLES - filled);
            frame[filled..filled + n].copy_from_slice(&rest[..n]);
            filled += n;
            self.offset += n;
            if n < rest.len() {
                return None;
            }
            self.index += 1;
            self.offset = 0;
        }
        frame[filled..].fill(g711::silence(codec));
        (!std::mem::replace(&mut self.done, true)).then_some(self.id)
    }
}

/// GB/T 3380: ringing tone 450 Hz, 1 s on, 4 s off.
const RING_HZ: f64 = 450.0;
const RING_ON: u64 = 8_000;
const RING_CYCLE: u64 = 40_000;
/// −10 dBm0, as a network's tones are.
const RING_AMPLITUDE: i16 = 7_200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::Sound;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// Prompt n is so many samples of the value 100·n.
    fn sounds(lengths: &[usize]) -> Sounds {
        let sound = |(n, length): (usize, &usize)| {
            (PromptId(n as u32), Arc::new(Sound::from_samples(&vec![1_000 * (n as i16 + 1); *length])))
        };
        lengths.iter().enumerate().map(sound).collect()
    }
    fn prompts(play: u32, list: &[u32]) -> Hears {
        Hears::Prompts { play, list: list.iter().map(|n| PromptId(*n)).collect() }
    }
    fn byte(n: i16) -> u8 {
        g711::encode(Codec::Pcma, 1_000 * (n + 1))
    }
    fn next(playout: &mut Playout, sounds: &Sounds, age: u64) -> ([u8; FRAME_SAMPLES], Option<u32>) {
        let mut frame = [0; FRAME_SAMPLES];
        let done = playout.fill(&mut frame, Codec::Pcma, sounds, age);
        (frame, done)
    }

    #[test]
    fn no_gap_between_prompts_and_done_once() {
        let sounds = sounds(&[200, 100]);
        let mut playout = Playout::of(&prompts(7, &[0, 1]));
        let (one, done) = next(&mut playout, &sounds, 0);
        assert_eq!((one, done), ([byte(0); 160], None));
        let (two, done) = next(&mut playout, &sounds, 0);
        assert_eq!(two[..40], [byte(0); 40]);
        assert_eq!(two[40..140], [byte(1); 100]);
        assert_eq!(two[140..], [0xd5; 20]);
        assert_eq!(done, Some(7));
        assert_eq!(next(&mut playout, &sounds, 0), ([0xd5; 160], None));
    }

    #[test]
    fn nothing_to_play_is_done_at_once() {
        let sounds = sounds(&[160]);
        assert_eq!(next(&mut Playout::of(&prompts(1, &[])), &sounds, 0), ([0xd5; 160], Some(1)));
        assert_eq!(next(&mut Playout::of(&prompts(1, &[99])), &sounds, 0), ([0xd5; 160], Some(1)));
        assert_eq!(next(&mut Playout::of(&prompts(1, &[99, 0])), &sounds, 0), ([byte(0); 160], Some(1)));
        assert_eq!(next(&mut Playout::of(&Hears::Music(PromptId(99))), &sounds, 5), ([0xd5; 160], None));
    }

    #[test]
    fn the_same_goes_on_and_the_new_begins() {
        let sounds = sounds(&[480, 480]);
        let mut playout = Playout::of(&prompts(1, &[0]));
        next(&mut playout, &sounds, 0);
        let before = playout.clone();
        playout.change(&prompts(1, &[0]));
        assert_eq!(playout, before);
        playout.change(&prompts(2, &[0]));
        assert_eq!(playout, Playout::of(&prompts(2, &[0])));
        playout.change(&Hears::Nothing);
        playout.change(&prompts(2, &[0]));
        assert_eq!(playout, Playout::of(&prompts(2, &[0])));
    }

    #[test]
    fn music_goes_round_with_the_calls_age() {
        let samples: Vec<i16> = (0..250).map(|n| n * 100).collect();
        let sounds: Sounds = [(PromptId(0), Arc::new(Sound::from_samples(&samples)))].into_iter().collect();
        let mut playout = Playout::of(&Hears::Music(PromptId(0)));
        for frame in 0..5u64 {
            let (bytes, _) = next(&mut playout, &sounds, frame * 160);
            for (i, b) in bytes.iter().enumerate() {
                assert_eq!(*b, g711::encode(Codec::Pcma, samples[(frame as usize * 160 + i) % 250]));
            }
        }
    }

    #[test]
    fn the_ringing_tone_is_on_for_a_second_of_five() {
        let mut playout = Playout::of(&Hears::Ringing);
        let sounds = Sounds::new();
        let mut on = 0;
        let mut ear = crate::tone::Ear::new(RING_HZ);
        for n in 0..500u64 {
            let (frame, done) = next(&mut playout, &sounds, n * 160);
            assert_eq!(done, None);
            on += u32::from(frame != [0xd5; 160]);
            ear.hear(frame.iter().map(|b| g711::decode(Codec::Pcma, *b)));
        }
        assert_eq!((on, ear.heard_ms()), (100, 2_000));
    }

    proptest! {
        /// Whatever the lengths, the frames are the prompts one after the other and then silence, and the end is told once, with
        /// the frame that holds the last sample.
        #[test]
        fn frames_are_the_prompts_end_to_end(lengths in proptest::collection::vec(0usize..500, 0..6)) {
            let sounds = sounds(&lengths);
            let list: Vec<u32> = (0..lengths.len() as u32).collect();
            let mut playout = Playout::of(&prompts(1, &list));
            let expected: Vec<u8> = lengths.iter().enumerate().flat_map(|(n, l)| vec![byte(n as i16); *l]).collect();
            let (mut heard, mut ends) = (Vec::new(), Vec::new());
            for n in 0..expected.len() / 160 + 3 {
                let (frame, done) = next(&mut playout, &sounds, 0);
                heard.extend(frame);
                ends.extend(done.map(|_| n));
            }
            prop_assert_eq!(&heard[..expected.len()], &expected[..]);
            prop_assert!(heard[expected.len()..].iter().all(|b| *b == 0xd5));
            prop_assert_eq!(ends, vec![expected.len().div_ceil(160).max(1) - 1]);
        }
    }
}
