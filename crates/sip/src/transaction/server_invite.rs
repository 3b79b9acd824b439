//! RFC 3261 figure 7, with RFC 6026 figure 1: somebody's INVITE.
//!
//! ```text
//!               INVITE
//!                 │
//!                 ▼        INVITE: last response again
//!            Proceeding    1xx of the owner: send
//!      2xx: send│  │300–699: send
//!               │  └──────────► Completed ──H: not acknowledged──► Terminated
//!               ▼     INVITE, G: again│                                ▲
//!            Accepted                 │ACK                             │
//!   INVITE: absorbed                  ▼                                │
//!      2xx: send│                 Confirmed ─────────I─────────────────┤
//!               └────────────────────L─────────────────────────────────┘
//! ```
//! The 2xx is repeated by the dialog until its ACK comes (RFC 3261 §13.3.1.4); that ACK does not come here.
use super::{Act, ServerInput};
use crate::timers::{GIVE_UP, T1, T4, twice_up_to_t2};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum ServerInvite {
    Proceeding,
    Completed { resend_at: Instant, interval: Duration, give_up_at: Instant },
    Confirmed { until: Instant },
    Accepted { until: Instant },
    Terminated,
}

impl ServerInvite {
    /// The INVITE has come, and 100 is being sent.
    pub fn new() -> Self {
        ServerInvite::Proceeding
    }

    pub fn deadline(&self) -> Option<Instant> {
        match self {
            ServerInvite::Completed { resend_at, give_up_at, .. } => Some(*resend_at.min(give_up_at)),
            ServerInvite::Confirmed { until } | ServerInvite::Accepted { until } => Some(*until),
            ServerInvite::Proceeding | ServerInvite::Terminated => None,
        }
    }

    pub fn handle(&mut self, now: Instant, input: ServerInput, reliable: bool) -> Act {
        let (next, act) = match (&*self, input) {
            (ServerInvite::Proceeding, ServerInput::Request) => return Act::Send,
            (ServerInvite::Proceeding, ServerInput::Respond(code)) => match code {
                ..200 => return Act::Send,
                200..300 => (ServerInvite::Accepted { until: now + GIVE_UP }, Act::Send),
                300.. => {
                    // What goes over a stream is never sent again.
                    let resend_at = now + if reliable { GIVE_UP } else { T1 };
                    (ServerInvite::Completed { resend_at, interval: T1, give_up_at: now + GIVE_UP }, Act::Send)
                }
            },
            (ServerInvite::Completed { .. }, ServerInput::Request) => return Act::Send,
            // I is 0 where nothing is lost.
            (ServerInvite::Completed { .. }, ServerInput::Ack) if reliable => (ServerInvite::Terminated, Act::Nothing),
            (ServerInvite::Completed { .. }, ServerInput::Ack) => {
                (ServerInvite::Confirmed { until: now + T4 }, Act::Nothing)
            }
            (ServerInvite::Completed { resend_at, interval, give_up_at }, ServerInput::Timeout) => {
                if *give_up_at <= now {
                    (ServerInvite::Terminated, Act::TimedOut)
                } else if *resend_at <= now {
                    let interval = twice_up_to_t2(*interval);
                    (
                        ServerInvite::Completed { resend_at: now + interval, interval, give_up_at: *give_up_at },
                        Act::Send,
                    )
                } else {
                    return Act::Nothing;
                }
            }
            (ServerInvite::Accepted { .. }, ServerInput::Respond(200..300)) => return Act::Send,
            (ServerInvite::Accepted { .. }, ServerInput::Ack) => return Act::Pass,
            (ServerInvite::Confirmed { until } | ServerInvite::Accepted { until }, ServerInput::Timeout)
                if *until <= now =>
            {
                (ServerInvite::Terminated, Act::Nothing)
            }
            (ServerInvite::Proceeding, ServerInput::Ack | ServerInput::Timeout)
            | (ServerInvite::Completed { .. }, ServerInput::Respond(_))
            | (
                ServerInvite::Confirmed { .. } | ServerInvite::Accepted { .. } | ServerInvite::Terminated,
                ServerInput::Request | ServerInput::Ack | ServerInput::Respond(_) | ServerInput::Timeout,
            ) => return Act::Nothing,
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
                |_| ServerInvite::new(),
                |m, now, word| m.handle(now, letters::server(word), false),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check(
            "request 180 request ack early",
            "Proceeding:Send Proceeding:Send Proceeding:Send Proceeding:Nothing Proceeding:Nothing",
        );
        check(
            "200 request ack 200 early 486",
            "Accepted:Send Accepted:Nothing Accepted:Pass Accepted:Send Accepted:Nothing Accepted:Nothing",
        );
        check("200 due request", "Accepted:Send Terminated:Nothing Terminated:Nothing");
        check(
            "486 request due 200 ack request ack",
            "Completed:Send Completed:Send Completed:Send Completed:Nothing Confirmed:Nothing Confirmed:Nothing Confirmed:Nothing",
        );
        check("486 ack early due", "Completed:Send Confirmed:Nothing Confirmed:Nothing Terminated:Nothing");
    }

    #[test]
    fn timer_g_doubles_up_to_t2_and_h_ends_it() {
        let mut m = ServerInvite::new();
        assert_eq!(m.handle(Instant::from_millis(0), ServerInput::Respond(486), false), Act::Send);
        let mut sent = vec![];
        while let Some(at) = m.deadline() {
            match m.handle(at, ServerInput::Timeout, false) {
                Act::Send => sent.push(at.millis()),
                act => assert_eq!((act, at.millis()), (Act::TimedOut, 32_000)),
            }
        }
        assert_eq!(sent, [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    }

    #[test]
    fn over_a_stream_a_refusal_is_said_once_and_its_ack_is_the_end() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                |_| ServerInvite::new(),
                |m, now, word| m.handle(now, letters::server(word), true),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check("486 due", "Completed:Send Terminated:TimedOut");
        check("486 ack", "Completed:Send Terminated:Nothing");
    }
}
