//! RFC 3261 figure 6: our request that is no INVITE.
//!
//! ```text
//!           request sent
//!               │        ┌─ E: send again (T1, 2·T1 … T2; every T2 once a 1xx has come)
//!               ▼        │
//!            Trying ◄────┘ ──F: timed out──┐          (the figure's Trying and Proceeding: they differ in E alone)
//!   1xx: pass   │ 200–699: pass            │
//!               ▼                          ▼
//!           Completed ──────K──────► Terminated
//! ```
use super::{Act, ClientInput};
use crate::timers::{GIVE_UP, T1, T2, T4, twice_up_to_t2};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum ClientOther {
    Trying { resend_at: Instant, interval: Duration, give_up_at: Instant, proceeding: bool },
    Completed { until: Instant },
    Terminated,
}

impl ClientOther {
    /// The request has just been sent. What goes over a stream is never sent again.
    pub fn new(now: Instant, reliable: bool) -> Self {
        let resend_at = now + if reliable { GIVE_UP } else { T1 };
        ClientOther::Trying { resend_at, interval: T1, give_up_at: now + GIVE_UP, proceeding: false }
    }

    pub fn deadline(&self) -> Option<Instant> {
        match self {
            ClientOther::Trying { resend_at, give_up_at, .. } => Some(*resend_at.min(give_up_at)),
            ClientOther::Completed { until } => Some(*until),
            ClientOther::Terminated => None,
        }
    }

    pub fn handle(&mut self, now: Instant, input: ClientInput, reliable: bool) -> Act {
        let (next, act) = match (&*self, input) {
            (ClientOther::Trying { resend_at, interval, give_up_at, .. }, ClientInput::Response(..200)) => {
                let (resend_at, interval, give_up_at) = (*resend_at, *interval, *give_up_at);
                (ClientOther::Trying { resend_at, interval, give_up_at, proceeding: true }, Act::Pass)
            }
            // K is 0 where nothing is lost.
            (ClientOther::Trying { .. }, ClientInput::Response(_)) if reliable => (ClientOther::Terminated, Act::Pass),
            (ClientOther::Trying { .. }, ClientInput::Response(_)) => {
                (ClientOther::Completed { until: now + T4 }, Act::Pass)
            }
            (ClientOther::Trying { resend_at, interval, give_up_at, proceeding }, ClientInput::Timeout) => {
                if *give_up_at <= now {
                    (ClientOther::Terminated, Act::TimedOut)
                } else if *resend_at <= now {
                    let interval = if *proceeding { T2 } else { twice_up_to_t2(*interval) };
                    let (give_up_at, proceeding) = (*give_up_at, *proceeding);
                    (ClientOther::Trying { resend_at: now + interval, interval, give_up_at, proceeding }, Act::Send)
                } else {
                    return Act::Nothing;
                }
            }
            (ClientOther::Completed { until }, ClientInput::Timeout) if *until <= now => {
                (ClientOther::Terminated, Act::Nothing)
            }
            (
                ClientOther::Completed { .. } | ClientOther::Terminated,
                ClientInput::Response(_) | ClientInput::Timeout,
            ) => {
                return Act::Nothing;
            }
        };
        *self = next;
        act
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, letters};
    use super::*;

    #[test]
    fn every_arrow_of_the_figure() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                |now| ClientOther::new(now, false),
                |m, now, word| m.handle(now, letters::client(word), false),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check("200 200 due 200", "Completed:Pass Completed:Nothing Terminated:Nothing Terminated:Nothing");
        check("100 due 404", "Trying:Pass Trying:Send Completed:Pass");
        check("early 481 early", "Trying:Nothing Completed:Pass Completed:Nothing");
    }

    fn sent(provisional: bool) -> (Vec<u64>, Vec<u64>) {
        let mut m = ClientOther::new(Instant::from_millis(0), false);
        if provisional {
            assert_eq!(m.handle(Instant::from_millis(100), ClientInput::Response(100), false), Act::Pass);
        }
        let (mut sent, mut ends) = (vec![], vec![]);
        while let Some(at) = m.deadline() {
            match m.handle(at, ClientInput::Timeout, false) {
                Act::Send => sent.push(at.millis()),
                Act::TimedOut => ends.push(at.millis()),
                act => panic!("{act:?}"),
            }
        }
        (sent, ends)
    }

    #[test]
    fn timer_e_doubles_up_to_t2_and_f_ends_it() {
        assert_eq!(
            sent(false),
            (vec![500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500], vec![32_000])
        );
        assert_eq!(sent(true), (vec![500, 4_500, 8_500, 12_500, 16_500, 20_500, 24_500, 28_500], vec![32_000]));
    }

    #[test]
    fn over_a_stream_nothing_is_sent_again_and_nothing_stays() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                |now| ClientOther::new(now, true),
                |m, now, word| m.handle(now, letters::client(word), true),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check("due", "Terminated:TimedOut");
        check("100 200 200", "Trying:Pass Terminated:Pass Terminated:Nothing");
    }
}
