//! RFC 3261 table 4 with RFC 6026, for UDP. Tests and help texts read [`TIMERS`]; the machines read the constants.
use std::time::Duration;

/// Estimate of the round trip.
pub const T1: Duration = Duration::from_millis(500);
/// The longest time between two sendings of a request that is no INVITE, or of a final response.
pub const T2: Duration = Duration::from_secs(4);
/// The longest time a message stays in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64·T1: after this much silence the other side is given up.
pub const GIVE_UP: Duration = Duration::from_secs(32);

/// One row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerRow {
    /// Its letter.
    pub letter: char,
    /// Its (first) value.
    pub value: Duration,
    /// Where it is laid down.
    pub rule: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

const fn row(letter: char, value: Duration, rule: &'static str, meaning: &'static str) -> TimerRow {
    TimerRow { letter, value, rule, meaning }
}

/// Every timer of the four machines.
pub const TIMERS: &[TimerRow] = &[
    row('A', T1, "RFC 3261 §17.1.1.2", "INVITE is sent again, each time after twice as long"),
    row('B', GIVE_UP, "RFC 3261 §17.1.1.2", "INVITE was not answered at all"),
    row('D', GIVE_UP, "RFC 3261 §17.1.1.2", "final responses are still acknowledged"),
    row('E', T1, "RFC 3261 §17.1.2.2", "request is sent again, at most every T2"),
    row('F', GIVE_UP, "RFC 3261 §17.1.2.2", "request was not answered"),
    row('G', T1, "RFC 3261 §17.2.1", "final response is sent again, at most every T2"),
    row('H', GIVE_UP, "RFC 3261 §17.2.1", "final response was not acknowledged"),
    row('I', T4, "RFC 3261 §17.2.1", "late ACKs are still absorbed"),
    row('J', GIVE_UP, "RFC 3261 §17.2.2", "late requests are still answered"),
    row('K', T4, "RFC 3261 §17.1.2.2", "late responses are still absorbed"),
    row('L', GIVE_UP, "RFC 6026 §7.1", "late INVITEs are still absorbed after a 2xx"),
    row('M', GIVE_UP, "RFC 6026 §7.2", "2xx again, and 2xx of other branches, are still passed up"),
];

/// Twice as long, at most T2.
pub(crate) fn twice_up_to_t2(interval: Duration) -> Duration {
    (interval * 2).min(T2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_follows_from_three_numbers() {
        assert_eq!(GIVE_UP, 64 * T1);
        for row in TIMERS {
            assert!([T1, T4, 64 * T1].contains(&row.value), "timer {}", row.letter);
        }
    }
}
