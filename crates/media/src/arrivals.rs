//! The order in which packets come in (RFC 3550 §A.1).
//!
//! ```text
//!        64 before the newest         newest            3 000 beyond
//!   ────────┤■■□■■■■□■■■■■■■■■■■■■■■■■■■│─────────────────────┤────────
//!   TooLate    Double / Late             Next (gap counted)     TooLate once, then Restart if the one after it follows
//! ```
//! Another SSRC is another source and restarts at once.

/// One stream's incoming numbers.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    current: Option<Current>,
    /// Grows by one with every restart: numbers of different epochs have nothing to do with each other.
    pub epoch: u32,
}

#[derive(Clone, Debug)]
struct Current {
    ssrc: u32,
    newest: u16,
    /// Bit n: `newest - n` has come.
    seen: u64,
    /// After a great leap: what must follow to be believed.
    leapt_to: Option<u16>,
}

/// What a packet's number says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// The newest so far.
    Next {
        /// How many are missing before it.
        gap: u16,
    },
    /// The first of a source.
    Restart,
    /// Overtaken by others, and new.
    Late,
    /// It has come before.
    Double,
    /// Too old, or a leap that is not believed yet.
    TooLate,
}

/// RFC 3550 §A.1, MAX_DROPOUT: a minute of lost packets.
const LEAP_MAX: u16 = 3_000;

impl Arrivals {
    /// A packet with these numbers came.
    pub fn take(&mut self, ssrc: u32, sequence: u16) -> Arrival {
        let Some(current) = self.current.as_mut().filter(|c| c.ssrc == ssrc) else {
            return self.restart(ssrc, sequence);
        };
        let ahead = sequence.wrapping_sub(current.newest);
        let behind = current.newest.wrapping_sub(sequence);
        if ahead == 0 || (behind < 64 && current.seen >> behind & 1 == 1) {
            return Arrival::Double;
        }
        if ahead < LEAP_MAX {
            current.seen = current.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            current.newest = sequence;
            current.leapt_to = None;
            return Arrival::Next { gap: ahead - 1 };
        }
        if behind < 64 {
            current.seen |= 1 << behind;
            return Arrival::Late;
        }
        if current.leapt_to == Some(sequence) {
            return self.restart(ssrc, sequence);
        }
        current.leapt_to = Some(sequence.wrapping_add(1));
        Arrival::TooLate
    }

    fn restart(&mut self, ssrc: u32, sequence: u16) -> Arrival {
        self.epoch = self.epoch.wrapping_add(1);
        self.current = Some(Current { ssrc, newest: sequence, seen: 1, leapt_to: None });
        Arrival::Restart
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(packets: &[(u32, u16)], expected: &str) {
        let mut arrivals = Arrivals::default();
        let told: String = packets
            .iter()
            .map(|(ssrc, sequence)| match arrivals.take(*ssrc, *sequence) {
                Arrival::Next { gap: 0 } => 'n',
                Arrival::Next { .. } => 'g',
                Arrival::Restart => 'R',
                Arrival::Late => 'l',
                Arrival::Double => 'd',
                Arrival::TooLate => '-',
            })
            .collect();
        assert_eq!(told, expected, "{packets:?}");
    }

    #[test]
    fn order() {
        check(&[(1, 7), (1, 8), (1, 9)], "Rnn");
        check(&[(1, 65_535), (1, 0), (1, 1)], "Rnn");
        check(&[(1, 7), (1, 9), (1, 8), (1, 8), (1, 9), (1, 7)], "Rglddd");
        check(&[(1, 100), (1, 200), (1, 137), (1, 136), (1, 201)], "Rgl-n");
        // A leap must be confirmed by the packet after it.
        check(&[(1, 7), (1, 40_000), (1, 8), (1, 40_001), (1, 40_002)], "R-n-R");
        // Another source.
        check(&[(1, 7), (2, 3), (2, 4)], "RRn");
    }

    proptest! {
        /// Whatever the order, a number within the window is taken once.
        #[test]
        fn nothing_is_taken_twice(start: u16, order in proptest::collection::vec(0u16..60, 1..200)) {
            let mut arrivals = Arrivals::default();
            let mut taken = std::collections::BTreeSet::new();
            for n in order {
                let new = match arrivals.take(1, start.wrapping_add(n)) {
                    Arrival::Next { .. } | Arrival::Restart | Arrival::Late => true,
                    Arrival::Double => false,
                    Arrival::TooLate => { prop_assert!(false, "60 fit into the window"); false }
                };
                prop_assert_eq!(new, taken.insert(n));
            }
        }
    }
}
