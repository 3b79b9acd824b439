//! Three rings, then the next agent.
//!
//! ```text
//!   Ringing ──answer──► Talking
//!      │ 3 rings, or the telephone says no            The entry goes back to its old place: the caller has
//!      └──────► not ready (why), pause ──► ready      already waited, and must not pay for an empty chair.
//! ```
//! Each kind of failure is counted apart and has its own threshold: below it the agent only rests a moment, so that the same pair is
//! not tried again at once while another fits; from it on he is out of ready for the longer pause. An answered call clears
//! them all. None of them is the caller's. Does not ring anybody (`engine`).
use crate::work::WorkRule;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::RingEnd;

/// How long an agent's telephone rings and what a failure costs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RingRules {
    /// Three rings by the house rules; a ring cycle is 5 s in China (1 s on, 4 s off): 15 s.
    pub ring_max: Duration,
    /// What each kind of failure costs.
    pub failures: FailureRules,
    /// After-call work after each conversation.
    pub work: WorkRule,
}

/// A rule for each kind of failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FailureRules {
    /// He let it ring.
    pub no_answer: FailureRule,
    /// He refused it (不得拒接: agents have no such key by default).
    pub rejected: FailureRule,
    /// His line was busy.
    pub busy: FailureRule,
    /// His telephone could not be reached.
    pub unreachable: FailureRule,
    /// His telephone answered with what cannot be used.
    pub device: FailureRule,
}

/// What one kind of failure costs an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FailureRule {
    /// So many in a row put him out of ready for `pause`; 1 for the first.
    pub limit: u8,
    /// How long he rests after one that is below the limit.
    pub moment: Duration,
    /// How long he is out of ready; zero: until somebody says so.
    pub pause: Duration,
}

impl Default for RingRules {
    fn default() -> Self {
        let s = Duration::from_secs;
        let device = FailureRule { limit: 3, moment: s(10), pause: s(60) };
        let person = FailureRule { limit: 1, moment: s(5), pause: s(60) };
        RingRules {
            ring_max: s(15),
            failures: FailureRules { no_answer: person, rejected: person, busy: device, unreachable: device, device },
            work: WorkRule::timed(s(10)),
        }
    }
}

/// How often in a row each kind of failure has happened to an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Failures {
    /// He let it ring.
    pub no_answer: u8,
    /// He refused it.
    pub rejected: u8,
    /// His line was busy.
    pub busy: u8,
    /// His telephone could not be reached.
    pub unreachable: u8,
    /// His telephone failed.
    pub device: u8,
}

/// What becomes of an agent whose ringing ended without a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consequence {
    /// He rests again with his old idle time: it was not about him.
    RestsAgain,
    /// Out of ready because he let it ring or refused; back after the pause, if there is one.
    Rona(Option<Duration>),
    /// Out of ready because of his telephone; back after the pause.
    Device(Option<Duration>),
}

impl RingRules {
    /// The consequence of an ending; counts it.
    pub fn consequence(&self, end: RingEnd, failures: &mut Failures) -> Consequence {
        let rules = &self.failures;
        let (rule, count, person) = match end {
            RingEnd::CallerLeft => return Consequence::RestsAgain,
            RingEnd::NoAnswer => (rules.no_answer, &mut failures.no_answer, true),
            RingEnd::Rejected => (rules.rejected, &mut failures.rejected, true),
            RingEnd::Busy => (rules.busy, &mut failures.busy, false),
            RingEnd::Unreachable => (rules.unreachable, &mut failures.unreachable, false),
            RingEnd::DeviceFault => (rules.device, &mut failures.device, false),
        };
        *count = count.saturating_add(1);
        let pause = if *count < rule.limit {
            Some(rule.moment)
        } else {
            // Counted anew: he has had his pause.
            *count = 0;
            (!rule.pause.is_zero()).then_some(rule.pause)
        };
        if person { Consequence::Rona(pause) } else { Consequence::Device(pause) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_count_and_its_own_threshold() {
        let s = |n| Some(Duration::from_secs(n));
        let mut rules = RingRules::default();
        rules.failures.rejected = FailureRule { limit: 2, moment: Duration::from_secs(5), pause: Duration::ZERO };
        let mut failures = Failures::default();
        use Consequence::{Device, RestsAgain, Rona};
        for (end, expected) in [
            (RingEnd::NoAnswer, Rona(s(60))),
            (RingEnd::Busy, Device(s(10))),
            (RingEnd::Unreachable, Device(s(10))),
            (RingEnd::Busy, Device(s(10))),
            (RingEnd::CallerLeft, RestsAgain),
            (RingEnd::DeviceFault, Device(s(10))),
            (RingEnd::Busy, Device(s(60))),
            (RingEnd::Busy, Device(s(10))),
            (RingEnd::Rejected, Rona(s(5))),
            (RingEnd::Rejected, Rona(None)),
            (RingEnd::Unreachable, Device(s(10))),
            (RingEnd::Unreachable, Device(s(60))),
        ] {
            assert_eq!(rules.consequence(end, &mut failures), expected, "{end:?} {failures:?}");
        }
    }
}
