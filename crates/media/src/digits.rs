//! Which keys a row of telephone-events means (RFC 4733 §2.5).
//!
//! ```text
//!   ts 800: 5  5  5  5E 5E 5E      ts 4000: 5  5E 5E 5E          two keys, each told at its first packet
//!   ts 800: ·  ·  ·  ·  5E ·       one key: whichever packet is the first to come
//!   ts 800 again, later            nothing: it has been told
//! ```
//! The timestamp is a key's name: all packets of one press bear the same. A press that lasts beyond the 16 bits of its duration
//! goes on under a new timestamp (§2.5.1.3) and is still one key. A press all of whose packets come after the next press has
//! begun is not told: keys in the wrong order are worse than a missing one, which the menu asks for again.
use switchboard_model::Digit;
use switchboard_wire::rtp::TelephoneEvent;

/// What one stream's telephone-events have said so far.
#[derive(Clone, Debug, Default)]
pub struct Digits {
    now: Option<Source>,
    /// The source before: its stragglers are known for what they are, and it may come back.
    before: Option<Source>,
}

#[derive(Clone, Debug)]
struct Source {
    ssrc: u32,
    last: Option<Press>,
}

#[derive(Clone, Copy, Debug)]
struct Press {
    timestamp: u32,
    event: u8,
    duration: u16,
    ended: bool,
}

impl Digits {
    /// A telephone-event came; the key, if it is a new press.
    pub fn take(&mut self, ssrc: u32, timestamp: u32, event: TelephoneEvent) -> Option<Digit> {
        let press = Press { timestamp, event: event.event, duration: event.duration, ended: event.end };
        let source = self.source(ssrc);
        if let Some(last) = &mut source.last {
            let ahead = timestamp.wrapping_sub(last.timestamp) as i32;
            if ahead < 0 {
                return None;
            }
            if ahead == 0 {
                last.duration = last.duration.max(event.duration);
                last.ended |= event.end;
                return None;
            }
            let goes_on = last.event == event.event && !last.ended && ahead as u32 == DURATION_MAX && last.is_long();
            if goes_on {
                *last = press;
                return None;
            }
        }
        source.last = Some(press);
        event.digit()
    }

    fn source(&mut self, ssrc: u32) -> &mut Source {
        if self.now.as_ref().is_none_or(|s| s.ssrc != ssrc) {
            let known = self.before.take_if(|s| s.ssrc == ssrc);
            self.before = self.now.take().or(self.before.take());
            self.now = known;
        }
        self.now.get_or_insert(Source { ssrc, last: None })
    }
}

impl Press {
    /// Whether it may be at the end of a segment: the last packets of one may be lost, but not a quarter of it.
    fn is_long(&self) -> bool {
        u32::from(self.duration) >= DURATION_MAX / 4 * 3
    }
}

/// The longest a segment can say it lasts: 8 s (RFC 4733 §2.5.1.3).
const DURATION_MAX: u32 = 0xffff;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `key@timestamp`, with `E` for the end bit; `/` changes the source.
    fn check(packets: &str, expected: &str) {
        let mut digits = Digits::default();
        let mut ssrc = 1;
        let mut told = String::new();
        for word in packets.split_whitespace() {
            if let Some(n) = word.strip_prefix('/') {
                ssrc = n.parse().expect("an SSRC");
                continue;
            }
            let (word, end) = word.strip_suffix('E').map_or((word, false), |w| (w, true));
            let (key, timestamp) = word.split_once('@').expect("key@timestamp");
            let event = key
                .parse()
                .unwrap_or_else(|_| Digit::from_char(key.chars().next().expect("a key")).expect("a key").event());
            let event = TelephoneEvent { event, end, volume: 10, duration: 800 };
            told.extend(digits.take(ssrc, timestamp.parse().expect("a timestamp"), event).map(Digit::face));
        }
        assert_eq!(told, expected, "{packets}");
    }

    #[test]
    fn a_press_is_told_once() {
        check("5@800 5@800 5@800 5@800E 5@800E 5@800E", "5");
        // Lost begin, lost end, and a second press of the same key.
        check("5@800E", "5");
        check("5@800 5@4000 5@4000E", "55");
        check("1@800E 2@4000 1@800E 3@9000 2@4000E", "123");
        // Flash is not a key, and does not hide the next one.
        check("16@800 16@800E #@900", "#");
        // Around the end of 32 bits.
        check("1@4294967000 2@500 1@4294967000E", "12");
        // Another source; stragglers of the old one; the old one comes back; a third.
        check("1@800E /2 1@800E /1 1@800E /2 1@800E /1 2@900 /3 3@5 /1 2@900E", "1123");
        // All of a press came after the next had begun.
        check("2@4000 1@800 1@800E 2@4000E", "2");
    }

    #[test]
    fn a_long_press_is_one_key() {
        let press = |duration, end| TelephoneEvent { event: 1, end, volume: 10, duration };
        let mut digits = Digits::default();
        assert!(digits.take(1, 1_000, press(160, false)).is_some());
        assert!(digits.take(1, 1_000, press(0xffff, false)).is_none());
        assert!(digits.take(1, 1_000 + 0xffff, press(160, false)).is_none(), "the second segment");
        assert!(digits.take(1, 1_000 + 0xffff, press(400, true)).is_none());
        assert!(digits.take(1, 1_000 + 2 * 0xffff, press(160, false)).is_some(), "let go, and pressed again");
    }

    /// Packets of these presses: start and length in frames, three ends.
    fn packets(presses: &[(u8, u32, u32)]) -> Vec<(u32, TelephoneEvent)> {
        let mut packets = Vec::new();
        let mut at = 7;
        for (event, pause, frames) in presses {
            at += pause * 160;
            let length = (frames * 160) as u16;
            packets.extend(
                (1..*frames)
                    .map(|n| (at, TelephoneEvent { event: *event, end: false, volume: 10, duration: n as u16 * 160 })),
            );
            packets.extend([(at, TelephoneEvent { event: *event, end: true, volume: 10, duration: length }); 3]);
            at += frames * 160;
        }
        packets
    }

    proptest! {
        /// As long as one packet of each press comes, and no press is overtaken whole, exactly the keys pressed are told.
        #[test]
        fn loss_and_doubling_lose_and_double_nothing(
            presses in proptest::collection::vec((0u8..16, 2u32..20, 2u32..12), 1..12),
            fate in proptest::collection::vec((0u8..4, 0usize..4), 200),
        ) {
            let all = packets(&presses);
            let mut kept: Vec<(u32, TelephoneEvent)> = Vec::new();
            for (i, packet) in all.iter().enumerate() {
                let last_chance = all.get(i + 1).is_none_or(|n| n.0 != packet.0) && kept.last().is_none_or(|k| k.0 != packet.0);
                let copies = if last_chance { 1 } else { [0, 0, 1, 2][usize::from(fate[i % fate.len()].0)] };
                kept.extend(std::iter::repeat_n(*packet, copies));
            }
            // A copy of anything may turn up later once more.
            let mut arriving = Vec::new();
            for (i, packet) in kept.iter().enumerate() {
                arriving.push(*packet);
                let back = fate[(i * 7) % fate.len()].1 * 5;
                if back > 0 && i >= back {
                    arriving.push(kept[i - back]);
                }
            }
            let mut digits = Digits::default();
            let told: Vec<u8> = arriving.iter().filter_map(|(ts, e)| digits.take(1, *ts, *e)).map(Digit::event).collect();
            prop_assert_eq!(told, presses.iter().map(|p| p.0).collect::<Vec<_>>());
        }

        /// Whatever the order: never a key twice, never keys that were not pressed, never in the wrong order.
        #[test]
        fn any_order_tells_a_part_in_order(
            presses in proptest::collection::vec((0u8..16, 2u32..20, 2u32..8), 1..8),
            picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..100),
        ) {
            let all = packets(&presses);
            let mut digits = Digits::default();
            let mut last = None;
            for pick in picks {
                let (timestamp, event) = *pick.get(&all);
                if digits.take(1, timestamp, event).is_some() {
                    prop_assert!(last.is_none_or(|l| l < timestamp));
                    last = Some(timestamp);
                }
            }
        }
    }
}
