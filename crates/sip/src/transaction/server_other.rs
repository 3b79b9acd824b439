//! RFC 3261 figure 8: somebody's request that is no INVITE.
//!
//! ```text
//!            request
//!               │
//!               ▼
//!            Trying ──1xx: send──► Proceeding   request: last response again
//!               │                      │
//!               │200–699: send         │200–699: send
//!               ▼                      ▼
//!           Completed  request: last response again ──J──► Terminated
//! ```
//! An owner who never answers is not waited for beyond 64·T1: by then the other side has given up (timer F).
use super::{Act, ServerInput};
use crate::timers::GIVE_UP;
use serde::{Deserialize, Serialize};
use switchboard_model::Instant;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum ServerOther {
    Trying { until: Instant },
    Proceeding { until: Instant },
    Completed { until: Instant },
    Terminated,
}

impl ServerOther {
    /// The request has come.
    pub fn new(now: Instant) -> Self {
        ServerOther::Trying { until: now + GIVE_UP }
    }

    pub fn deadline(&self) -> Option<Instant> {
        match self {
            ServerOther::Trying { until } | ServerOther::Proceeding { until } | ServerOther::Completed { until } => {
                Some(*until)
            }
            ServerOther::Terminated => None,
        }
    }

    pub fn handle(&mut self, now: Instant, input: ServerInput, reliable: bool) -> Act {
        let (next, act) = match (&*self, input) {
            (ServerOther::Trying { until } | ServerOther::Proceeding { until }, ServerInput::Respond(..200)) => {
                (ServerOther::Proceeding { until: *until }, Act::Send)
            }
            // J is 0 where nothing is lost.
            (ServerOther::Trying { .. } | ServerOther::Proceeding { .. }, ServerInput::Respond(_)) if reliable => {
                (ServerOther::Terminated, Act::Send)
            }
            (ServerOther::Trying { .. } | ServerOther::Proceeding { .. }, ServerInput::Respond(_)) => {
                (ServerOther::Completed { until: now + GIVE_UP }, Act::Send)
            }
            (ServerOther::Proceeding { .. } | ServerOther::Completed { .. }, ServerInput::Request) => return Act::Send,
            (
                ServerOther::Trying { until } | ServerOther::Proceeding { until } | ServerOther::Completed { until },
                ServerInput::Timeout,
            ) if *until <= now => (ServerOther::Terminated, Act::Nothing),
            (
                ServerOther::Trying { .. }
                | ServerOther::Proceeding { .. }
                | ServerOther::Completed { .. }
                | ServerOther::Terminated,
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
                ServerOther::new,
                |m, now, word| m.handle(now, letters::server(word), false),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check(
            "request 200 request 404 early due request",
            "Trying:Nothing Completed:Send Completed:Send Completed:Nothing Completed:Nothing Terminated:Nothing Terminated:Nothing",
        );
        check(
            "100 request 180 200 request",
            "Proceeding:Send Proceeding:Send Proceeding:Send Completed:Send Completed:Send",
        );
        check("due 200", "Terminated:Nothing Terminated:Nothing");
        check("100 due", "Proceeding:Send Terminated:Nothing");
    }

    #[test]
    fn over_a_stream_the_answer_is_the_end() {
        let check = |script: &str, wanted: &str| {
            check(
                script,
                wanted,
                ServerOther::new,
                |m, now, word| m.handle(now, letters::server(word), true),
                |m| m.deadline(),
                |m| format!("{m:?}"),
            )
        };
        check("100 200", "Proceeding:Send Terminated:Send");
    }
}
