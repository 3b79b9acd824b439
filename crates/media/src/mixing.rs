//! Three who talk: each hears the sum of the others, never himself.
//!
//! ```text
//!   packet ─► decoded ─► cup (≤ 100 ms)         tick: a frame out of every cup
//!                          │ A │ B │ C │   ─►   A hears B + C    B hears A + C    C hears A + B
//! ```
//! A cup begins to pour when two frames are in it, so that packets that come unevenly leave no holes; one that runs dry gives
//! silence and begins anew. One that overflows loses its oldest frame: sound that is late is of no use. Keys are not mixed: a
//! telephone-event is for one listener.
use crate::g711::{self, FRAME_SAMPLES};
use std::collections::{BTreeMap, VecDeque};
use switchboard_model::StreamId;
use switchboard_wire::sdp::Codec;

/// One frame of samples.
pub type Samples = [i16; FRAME_SAMPLES];

/// What came in on one stream and is not yet mixed.
#[derive(Clone, Debug, Default)]
pub struct Cup {
    samples: VecDeque<i16>,
    pours: bool,
}

/// Two frames: as much unevenness of arrival as is evened out.
const BEGINS_AT: usize = 2 * FRAME_SAMPLES;
/// 100 ms.
const SAMPLES_MAX: usize = 5 * FRAME_SAMPLES;

impl Cup {
    /// Sound came in.
    pub fn fill(&mut self, codec: Codec, payload: &[u8]) {
        self.samples.extend(payload.iter().map(|b| g711::decode(codec, *b)));
        while self.samples.len() > SAMPLES_MAX {
            self.samples.drain(..FRAME_SAMPLES.min(self.samples.len()));
        }
    }

    /// The next frame; none while there is too little.
    pub fn pour(&mut self) -> Option<Samples> {
        self.pours = self.samples.len() >= if self.pours { FRAME_SAMPLES } else { BEGINS_AT };
        if !self.pours {
            return None;
        }
        let mut frame = [0; FRAME_SAMPLES];
        frame.iter_mut().zip(self.samples.drain(..FRAME_SAMPLES)).for_each(|(to, sample)| *to = sample);
        Some(frame)
    }
}

/// The sum of what these streams said; louder than the loudest is the loudest.
pub fn mix(frames: &BTreeMap<StreamId, Samples>, of: &[StreamId]) -> Samples {
    let mut sum = [0; FRAME_SAMPLES];
    for said in of.iter().filter_map(|id| frames.get(id)) {
        sum.iter_mut().zip(said).for_each(|(sum, sample): (&mut i16, &i16)| *sum = sum.saturating_add(*sample));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: StreamId = StreamId { slot: 1, generation: 0 };
    const B: StreamId = StreamId { slot: 2, generation: 0 };
    const C: StreamId = StreamId { slot: 3, generation: 0 };

    #[test]
    fn a_cup_begins_with_two_frames_runs_dry_and_never_grows() {
        let mut cup = Cup::default();
        let frame = |sample| vec![g711::encode(Codec::Pcma, sample); FRAME_SAMPLES];
        cup.fill(Codec::Pcma, &frame(1_000));
        assert_eq!(cup.pour(), None, "one frame is not enough to begin with");
        cup.fill(Codec::Pcma, &frame(1_000));
        assert!(cup.pour().is_some() && cup.pour().is_some());
        assert_eq!(cup.pour(), None, "dry");
        cup.fill(Codec::Pcma, &frame(1_000));
        assert_eq!(cup.pour(), None, "begins anew");
        for n in 0..50 {
            cup.fill(Codec::Pcma, &frame(n * 100));
        }
        let poured: Vec<Samples> = std::iter::from_fn(|| cup.pour()).collect();
        assert_eq!(poured.len(), 5, "100 ms are kept");
        let newest = g711::decode(Codec::Pcma, g711::encode(Codec::Pcma, 4_900));
        assert_eq!(poured[4], [newest; FRAME_SAMPLES], "and they are the newest");
    }

    #[test]
    fn a_sum_is_of_those_named_and_does_not_overflow() {
        let frames =
            BTreeMap::from([(A, [100; FRAME_SAMPLES]), (B, [20; FRAME_SAMPLES]), (C, [30_000; FRAME_SAMPLES])]);
        assert_eq!(mix(&frames, &[A, B])[7], 120);
        assert_eq!(mix(&frames, &[B])[0], 20);
        assert_eq!(mix(&frames, &[C, C])[159], i16::MAX);
        assert_eq!(mix(&frames, &[]), [0; FRAME_SAMPLES]);
    }
}
