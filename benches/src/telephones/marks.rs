//! Which frame of a tone is this? Loudness says it, so delay and loss can be measured through whatever lies between.
//!
//! ```text
//!   sent    ▁▁▁▁▁█▁▁▁█▁█… loud and less loud, in an order in which five in a row stand at one place only (de Bruijn's, 32 long)
//!   heard         ▁▁▁█▁  ─► frame 4 to 8 ─► when was frame 8 sent? ─► delay      frame 11 after frame 8 ─► two are lost
//! ```
//! A target may change codec, source, sequence numbers and loudness; the order stays. Delays up to 640 ms (32 frames) are told apart, and a place
//! counts when the next five confirm it, since a hole within the five shows a wrong place.
use std::collections::VecDeque;
use std::time::Duration;
use switchboard_model::Instant;

/// Amplitudes of full scale 32 768; their energies are 1 to 0.64, and a window of both still has 98 of a hundred parts of its energy
/// in the tone.
pub const LOUD: i16 = 8_192;
/// The other one.
pub const LESS: i16 = 6_554;

/// Whether the `n`th frame is loud.
pub const fn is_loud(n: u64) -> bool {
    (ORDER >> (31 - n % 32)) & 1 == 1
}

/// What one direction of one conversation showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Passed {
    /// Frames that were sent while places were known.
    pub sent: u64,
    /// Those of them that did not come.
    pub lost: u64,
}

/// One direction: what was sent when, and what was heard.
pub struct Marks {
    sent_at: [Instant; 32],
    sent: u64,
    /// The last bits, the newest lowest, and how many of them are of one piece.
    bits: (u32, u32),
    /// Where the last one stands, if five of one piece are there.
    place: Option<u64>,
    /// Delays that the next five may still show to be wrong: place, delay, how many had come.
    unsure: VecDeque<(u64, Duration, u64)>,
    came: u64,
    /// The first sure one, and the last: place, how many had come.
    sure: Option<[(u64, u64); 2]>,
    /// The loudness of the last frames: what is much below the loudest is the other kind.
    recent: [f64; 6],
    last: Instant,
}

impl Marks {
    /// Nothing sent, nothing heard.
    pub fn new(now: Instant) -> Marks {
        Marks {
            sent_at: [now; 32],
            sent: 0,
            bits: (0, 0),
            place: None,
            unsure: VecDeque::with_capacity(6),
            came: 0,
            sure: None,
            recent: [0.0; 6],
            last: now,
        }
    }

    /// The next frame leaves now; its number.
    pub fn send(&mut self, now: Instant) -> u64 {
        self.sent_at[(self.sent % 32) as usize] = now;
        self.sent += 1;
        self.sent - 1
    }

    /// A frame with this energy came. The delay of the frame five before it, which is sure now.
    pub fn hear(&mut self, energy: f64, now: Instant) -> Option<Duration> {
        self.recent.rotate_right(1);
        self.recent[0] = energy;
        let loudest = self.recent.iter().copied().fold(0.0, f64::max);
        self.hear_level(energy > loudest * 0.8, now)
    }

    /// The same for whoever knows how loud it was.
    pub fn hear_level(&mut self, loud: bool, now: Instant) -> Option<Duration> {
        self.last = now;
        self.came += 1;
        self.bits = ((self.bits.0 << 1 | u32::from(loud)) & 31, (self.bits.1 + 1).min(5));
        if self.bits.1 < 5 {
            return None;
        }
        let place = self.newest_sent_at_place(PLACES[self.bits.0 as usize]);
        let follows = self.place.is_none_or(|last| place == Some(last + 1));
        let (Some(place), true) = (place, follows) else {
            // Something is missing before this one: it is the first of a new piece.
            (self.bits.1, self.place) = (1, None);
            self.unsure.clear();
            return None;
        };
        self.place = Some(place);
        self.unsure.push_back((place, now.since(self.sent_at[(place % 32) as usize]), self.came));
        // When five more have fitted, no group of five reaches back over a hole.
        if self.unsure.len() <= 5 {
            return None;
        }
        let (place, delay, came) = self.unsure.pop_front()?;
        self.sure = Some([self.sure.map_or((place, came), |[first, _]| first), (place, came)]);
        Some(delay)
    }

    /// When something came last.
    pub fn last(&self) -> Instant {
        self.last
    }

    /// Between the first and the last sure place.
    pub fn passed(&self) -> Passed {
        let Some([(first, came_first), (last, came_last)]) = self.sure else { return Passed::default() };
        let (sent, came) = (last + 1 - first.min(last), came_last + 1 - came_first);
        Passed { sent, lost: sent.saturating_sub(came) }
    }

    fn newest_sent_at_place(&self, place: u64) -> Option<u64> {
        let newest = self.sent.checked_sub(1)?;
        let back = (newest % 32 + 32 - place) % 32;
        newest.checked_sub(back)
    }
}

/// Every group of five bits stands in it once (read around the end); the first five are 00000.
const ORDER: u32 = 0x0465_3adf;

/// Where the last of these five bits stands.
const PLACES: [u64; 32] = places();

const fn places() -> [u64; 32] {
    let mut all = [0; 32];
    let mut end = 0;
    while end < 32 {
        let (mut bits, mut back) = (0, 5);
        while back > 0 {
            back -= 1;
            bits = bits << 1 | is_loud(end + 32 - back) as usize;
        }
        all[bits] = end;
        end += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames every 20 ms, the `n`th comes `delay_ms` after it was sent unless `lost`; delays that were told, and what passed.
    fn run(frames: u64, delay_ms: u64, lost: impl Fn(u64) -> bool) -> (Vec<u64>, Passed) {
        let at = |n: u64| Instant::from_millis(1_000 + n * 20);
        let mut marks = Marks::new(at(0));
        let (mut told, mut next) = (vec![], 0);
        for ms in 0..frames * 20 + delay_ms {
            let now = Instant::from_millis(1_000 + ms);
            if ms % 20 == 0 && ms / 20 < frames {
                marks.send(now);
            }
            while next < frames && at(next).since(at(0)).as_millis() as u64 + delay_ms == ms {
                if !lost(next) {
                    let energy = if is_loud(next) { 1.0 } else { 0.64 };
                    told.extend(marks.hear(energy * 0.3, now).map(|d| d.as_millis() as u64));
                }
                next += 1;
            }
        }
        (told, marks.passed())
    }

    #[test]
    fn every_five_stand_at_one_place() {
        let mut seen: Vec<u64> = PLACES.to_vec();
        seen.sort_unstable();
        assert_eq!(seen, (0..32).collect::<Vec<_>>());
    }

    #[test]
    fn the_delay_is_told_whatever_it_is() {
        for delay in [0, 1, 19, 20, 60, 333, 620] {
            let (told, passed) = run(200, delay, |_| false);
            assert!(told.len() > 175 && told.iter().all(|d| *d == delay), "{delay}: {told:?}");
            assert_eq!(passed.lost, 0);
        }
    }

    #[test]
    fn what_is_lost_is_counted_and_does_not_make_a_wrong_delay() {
        for lost in [vec![50], vec![50, 51, 52], vec![50, 80, 81, 140], vec![20, 27, 150]] {
            let (told, passed) = run(200, 60, |n| lost.contains(&n));
            assert!(told.iter().all(|d| *d == 60), "{lost:?}: {told:?}");
            assert_eq!(passed.lost, lost.len() as u64, "{lost:?}: {passed:?}");
        }
        // One in twenty at random, as a bad line has it.
        let mut chance = switchboard_model::Chance::from_number(5);
        let lost: Vec<u64> = (0..2_000).filter(|_| chance.happens(0.05)).collect();
        let (told, passed) = run(2_000, 100, |n| lost.contains(&n));
        assert!(told.iter().all(|d| *d == 100) && told.len() > 500, "{told:?}");
        let share = passed.lost as f64 / passed.sent as f64;
        assert!((0.03..0.07).contains(&share), "{passed:?}");
    }
}
