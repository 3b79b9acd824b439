//! RFC 3261 figure 5, with RFC 6026 figure 3: our INVITE.
//!
//! ```text
//!              INVITE sent
//!                  │          ┌─ A: send again
//!                  ▼          │
//!              Calling ◄──────┘ ──B: timed out──────────────────────┐
//!       1xx: pass│  │2xx: pass └──300–699: ACK, pass──┐             │
//!                ▼  │                                 ▼             │
//!        Proceeding │              ┌300–699: ACK─ Completed ──D──► Terminated
//!    1xx: pass   │  │              └───────────────►              ▲
//!     2xx: pass  ▼  ▼                                             │
//!              Accepted ──────────────────M───────────────────────┘
//!              2xx: pass
//! ```
//! Nothing limits Proceeding of a first INVITE: how long a telephone may ring is its owner's decision, and he cancels. A re-INVITE
//! rings nobody, and its dialog may be gone before it is answered: it is over 64·T1 after it was sent, whoever is left.
use super::{Act, ClientInput};
use crate::timers::{GIVE_UP, T1};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum ClientInvite {
    Calling {
        resend_at: Instant,
        interval: Duration,
        give_up_at: Instant,
        within: bool,
    },
    /// `until` of a re-INVITE.
    Proceeding {
        until: Option<Instant>,
    },
    Completed {
        until: Instant,
    },
    Accepted {
        until: Instant,
    },
    Terminated,
}

impl ClientInvite {
    /// The INVITE has just been sent; `within` a dialog or to open one. What goes over a stream is never sent again.
    pub fn new(now: Instant, within: bool, reliable: bool) -> Self {
        let resend_at = now + if reliable { GIVE_UP } else { T1 };
        ClientInvite::Calling { resend_at, interval: T1, give_up_at: now + GIVE_UP, within }
    }

    /// Whether no response has come yet.
    pub fn is_calling(&self) -> bool {
        matches!(self, ClientInvite::Calling { .. })
    }

    pub fn deadline(&self) -> Option<Instant> {
        match self {
            ClientInvite::Calling { resend_at, give_up_at, .. } => Some(*resend_at.min(give_up_at)),
            ClientInvite::Completed { until } | ClientInvite::Accepted { until } => Some(*until),
            ClientInvite::Proceeding { until } => *until,
            ClientInvite::Terminated => None,
        }
    }

    pub fn handle(&mut self, now: Instant, input: ClientInput, reliable: bool) -> Act {
        let limit = match self {
            ClientInvite::Calling { give_up_at, within: true, .. } => Some(*give_up_at),
            ClientInvite::Proceeding { until } => *until,
            _ => None,
        };
        let (next, act) = match (&*self, input) {
            (ClientInvite::Calling { .. } | ClientInvite::Proceeding { .. }, ClientInput::Response(code)) => match code
            {
                ..200 => (ClientInvite::Proceeding { until: limit }, Act::Pass),
                200..300 => (ClientInvite::Accepted { until: now + GIVE_UP }, Act::Pass),
                // D is 0 where nothing is lost.
                300.. if reliable => (ClientInvite::Terminated, Act::AckAndPass),
                300.. => (ClientInvite::Completed { until: now + GIVE_UP }, Act::AckAndPass),
            },
            (ClientInvite::Calling { resend_at, interval, give_up_at, within }, ClientInput::Timeout) => {
                if *give_up_at <= now {
                    (ClientInvite::Terminated, Act::TimedOut)
                } else if *resend_at <= now {
                    let interval = *interval * 2;
                    let (resend_at, give_up_at, within) = (now + interval, *give_up_at, *within);
                    (ClientInvite::Calling { resend_at, interval, give_up_at, within }, Act::Send)
                } else {
                    return Act::Nothing;
                }
            }
            (ClientInvite::Completed { .. }, ClientInput::Response(300..)) => return Act::Send,
            (ClientInvite::Accepted { .. }, ClientInput::Response(200..300)) => return Act::Pass,
            (
                ClientInvite::Completed { until }
                | ClientInvite::Accepted { until }
                | ClientInvite::Proceeding { until: Some(until) },
                ClientInput::Timeout,
            ) if *until <= now => (ClientInvite::Terminated, Act::Nothing),
            (
                ClientInvite::Completed { .. }
                | ClientInvite::Accepted { .. }
                | ClientInvite::Proceeding { .. }
                | ClientInvite::Terminated,
                ClientInput::Response(_) | ClientInput::Timeout,
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

    fn machine(now: Instant) -> ClientInvite {
        ClientInvite::new(now, false, false)
    }

    #[test]
    fn every_arrow_of_the_figure() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                machine,
                |m, now, word| m.handle(now, letters::client(word), false),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check(
            "180 183 200 200 180 486",
            "Proceeding:Pass Proceeding:Pass Accepted:Pass Accepted:Pass Accepted:Nothing Accepted:Nothing",
        );
        check("200", "Accepted:Pass");
        check("486 486 180 200", "Completed:AckAndPass Completed:Send Completed:Nothing Completed:Nothing");
        check("100 603", "Proceeding:Pass Completed:AckAndPass");
        // A: 0.5, 1.5, 3.5, 7.5, 15.5, 31.5 s; B: 32 s.
        check(
            "due due due due due due due",
            "Calling:Send Calling:Send Calling:Send Calling:Send Calling:Send Calling:Send Terminated:TimedOut",
        );
        check("200 due 200", "Accepted:Pass Terminated:Nothing Terminated:Nothing");
        check("404 due 404", "Completed:AckAndPass Terminated:Nothing Terminated:Nothing");
        check("100 early", "Proceeding:Pass Proceeding:Nothing");
        check("early", "Calling:Nothing");
    }

    #[test]
    fn a_reinvite_that_is_only_heard_is_over_when_its_time_is() {
        let start = Instant::from_millis(0);
        for (within, deadline) in [(false, None), (true, Some(start + GIVE_UP))] {
            let mut m = ClientInvite::new(start, within, false);
            for at in [1, 20_000] {
                assert_eq!(m.handle(start + Duration::from_millis(at), ClientInput::Response(100), false), Act::Pass);
            }
            assert_eq!(m.deadline(), deadline);
            assert_eq!(m.handle(start + GIVE_UP, ClientInput::Timeout, false), Act::Nothing);
            assert_eq!(m == ClientInvite::Terminated, within);
        }
    }

    #[test]
    fn timer_a_doubles_without_a_cap() {
        let start = Instant::from_millis(0);
        let mut m = machine(start);
        let mut sent = vec![];
        while let Some(at) = m.deadline() {
            if m.handle(at, ClientInput::Timeout, false) == Act::Send {
                sent.push(at.millis());
            }
        }
        assert_eq!(sent, [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    }

    #[test]
    fn over_a_stream_nothing_is_sent_again_and_nothing_stays_but_the_2xx() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                |now| ClientInvite::new(now, false, true),
                |m, now, word| m.handle(now, letters::client(word), true),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check("due", "Terminated:TimedOut");
        check("100 603 603", "Proceeding:Pass Terminated:AckAndPass Terminated:Nothing");
        check("200 200", "Accepted:Pass Accepted:Pass");
    }
}
