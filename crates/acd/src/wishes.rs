//! What an agent, or who leads him, asks for: out of ready, a promise for later, more time for the work, the end of it.
//!
//! Every answer is the state it leaves or the reason why not. Does not know who may ask (`engine/command/rights`).
use crate::agent::{Activity, Agent};
use crate::presence::{ASKS_FOR, Asks, Next, Presence, Reason, ReasonId, ReasonRule};
use crate::work::{WorkMode, WorkRule};
use std::time::Duration;
use switchboard_model::Instant;

/// Why an order about an agent was not carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Not {
    /// No telephone of his is registered.
    #[error("no telephone of his is registered")]
    LoggedOut,
    /// He does no after-call work.
    #[error("he is not in after-call work")]
    NoWork,
    /// The rule says that time alone ends it.
    #[error("this after-call work ends by time or by the disposition, not by hand")]
    MustWork,
    /// He has had all extensions.
    #[error("after-call work has been extended as often as the rules allow")]
    NoMore,
    /// He does not talk.
    #[error("he has no call after which that could be")]
    NoCall,
    /// He has asked for nothing.
    #[error("he has asked for nothing that must be granted")]
    NothingAsked,
}

impl Agent {
    /// He wants out of ready. `Ok(false)`: it must be granted first.
    pub fn ask_not_ready(
        &mut self,
        now: Instant,
        reason: ReasonId,
        rule: &ReasonRule,
        for_: Option<Duration>,
        by_leader: bool,
    ) -> Result<bool, Not> {
        if self.presence == Presence::LoggedOut {
            return Err(Not::LoggedOut);
        }
        let for_ = [for_, rule.at_most].into_iter().flatten().min();
        if rule.approval && !by_leader {
            self.asks = Some(Asks { reason, for_, until: now + ASKS_FOR });
            return Ok(false);
        }
        self.asks = None;
        self.presence = Presence::NotReady { reason: Reason::Asked(reason), back_at: for_.map(|d| now + d) };
        Ok(true)
    }

    /// What he asked for is granted, or not.
    pub fn answer_asked(&mut self, now: Instant, granted: bool) -> Result<(), Not> {
        let asks = self.asks.take().ok_or(Not::NothingAsked)?;
        if granted {
            self.presence =
                Presence::NotReady { reason: Reason::Asked(asks.reason), back_at: asks.for_.map(|d| now + d) };
        }
        Ok(())
    }

    /// He promises a state for when this call and its work are over.
    pub fn promise(&mut self, next: Next) -> Result<(), Not> {
        match self.activity {
            Activity::Ringing { .. } | Activity::Talking { .. } | Activity::AfterCallWork { .. } => {
                self.next = Some(next);
                Ok(())
            }
            Activity::Idle => Err(Not::NoCall),
        }
    }

    /// More time for the work; while he talks, where work is optional: work at all.
    pub fn extend_work(&mut self, now: Instant, rule: &WorkRule) -> Result<(), Not> {
        match &mut self.activity {
            Activity::AfterCallWork { extended, .. } if *extended >= rule.extensions_max => Err(Not::NoMore),
            Activity::AfterCallWork { until, extended } => {
                *extended += 1;
                *until = now.max(*until) + rule.time;
                Ok(())
            }
            Activity::Talking { .. } if rule.mode == WorkMode::Optional => {
                self.wants_work = true;
                Ok(())
            }
            Activity::Idle | Activity::Ringing { .. } | Activity::Talking { .. } => Err(Not::NoWork),
        }
    }

    /// The work is done; `by_hand` if only he says so.
    pub fn end_work(&mut self, now: Instant, rule: &WorkRule, by_hand: bool) -> Result<(), Not> {
        match self.activity {
            Activity::AfterCallWork { .. } if by_hand && !rule.may_be_ended() => Err(Not::MustWork),
            Activity::AfterCallWork { .. } => {
                self.work_over(now);
                self.since = now;
                Ok(())
            }
            Activity::Idle | Activity::Ringing { .. } | Activity::Talking { .. } => Err(Not::NoWork),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rona::RingRules;
    use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, ShardId};

    /// One word a thing that happens; `!` before it: it is refused. `@12` is the second.
    fn check(work: WorkRule, story: &str, shown: (AgentPresence, AgentActivity)) {
        let s = Duration::from_secs;
        let rules = RingRules { work, ..RingRules::default() };
        let reasons = [("lunch", Some(s(600)), false), ("course", None, true)]
            .map(|(name, at_most, approval)| ReasonRule { name: name.to_owned(), at_most, approval });
        let mut now = Instant::from_millis(0);
        let mut agent = Agent::new(AgentId(1), now);
        agent.presence = Presence::Ready;
        for word in story.split_whitespace() {
            let (refused, word) = word.strip_prefix('!').map_or((false, word), |w| (true, w));
            let done = match word {
                "talks" => {
                    let turn = agent.matched(now, 16, &rules);
                    agent.picked_up(now, turn, CallId::new(ShardId(1), 1))
                }
                "over" => agent.talk_over(now, agent.turn, &rules),
                "lunch" => agent.ask_not_ready(now, ReasonId(0), &reasons[0], None, false).is_ok(),
                "short-lunch" => agent.ask_not_ready(now, ReasonId(0), &reasons[0], Some(s(60)), false).is_ok(),
                "course" => agent.ask_not_ready(now, ReasonId(1), &reasons[1], None, false) == Ok(false),
                "sent-on-course" => agent.ask_not_ready(now, ReasonId(1), &reasons[1], None, true) == Ok(true),
                "granted" => agent.answer_asked(now, true).is_ok(),
                "refused" => agent.answer_asked(now, false).is_ok(),
                "then-lunch" => agent.promise(Next::NotReady(ReasonId(0), Some(s(60)))).is_ok(),
                "then-ready" => agent.promise(Next::Ready).is_ok(),
                "more" => agent.extend_work(now, &rules.work).is_ok(),
                "done" => agent.end_work(now, &rules.work, true).is_ok(),
                "disposed" => agent.end_work(now, &rules.work, false).is_ok(),
                at => {
                    now = Instant::from_millis(1_000 * at[1..].parse::<u64>().expect("@ and a second"));
                    agent.tick(now);
                    true
                }
            };
            assert_eq!(done, !refused, "`{word}` of `{story}`");
        }
        assert_eq!(agent.shown(), shown, "{story}: {agent:?}");
    }

    #[test]
    fn every_kind_of_after_call_work() {
        use AgentActivity::{AfterCallWork, Idle, Talking};
        use AgentPresence::{NotReady, Ready};
        let rule = |mode| WorkRule { mode, time: Duration::from_secs(30), extensions_max: 1 };
        for (mode, story, shown) in [
            (WorkMode::None, "talks over @0", (Ready, Idle)),
            (WorkMode::Optional, "talks over @0", (Ready, Idle)),
            (WorkMode::Optional, "talks more over @29", (Ready, AfterCallWork)),
            (WorkMode::Optional, "talks more over done", (Ready, Idle)),
            (WorkMode::Timed, "talks over @29", (Ready, AfterCallWork)),
            (WorkMode::Timed, "talks over @30", (Ready, Idle)),
            (WorkMode::Timed, "talks over @10 done", (Ready, Idle)),
            (WorkMode::Timed, "talks over more !more @59", (Ready, AfterCallWork)),
            (WorkMode::Timed, "talks over more @60 !done !more", (Ready, Idle)),
            (WorkMode::Timed, "talks !done !more", (Ready, Talking)),
            (WorkMode::MandatoryTimed, "talks over !done @29", (Ready, AfterCallWork)),
            (WorkMode::MandatoryTimed, "talks over !done @30", (Ready, Idle)),
            (WorkMode::UntilDisposition, "talks over !done", (Ready, AfterCallWork)),
            (WorkMode::UntilDisposition, "talks over disposed", (Ready, Idle)),
            (WorkMode::UntilDisposition, "talks over @30", (Ready, Idle)),
            (WorkMode::Timed, "!then-lunch", (Ready, Idle)),
            (WorkMode::Timed, "talks then-lunch over @30", (NotReady, Idle)),
            (WorkMode::Timed, "talks then-lunch over @30 @89", (NotReady, Idle)),
            (WorkMode::Timed, "talks then-lunch over @30 @90", (Ready, Idle)),
            (WorkMode::Timed, "talks lunch then-ready over done", (Ready, Idle)),
        ] {
            check(rule(mode), story, shown);
        }
    }

    #[test]
    fn reasons_have_limits_and_some_must_be_granted() {
        use AgentActivity::Idle;
        use AgentPresence::{NotReady, Ready};
        let rule = WorkRule::timed(Duration::from_secs(10));
        for (story, shown) in [
            ("lunch @599", (NotReady, Idle)),
            ("lunch @600", (Ready, Idle)),
            ("short-lunch @60", (Ready, Idle)),
            ("!granted", (Ready, Idle)),
            ("course", (Ready, Idle)),
            ("course granted @9999", (NotReady, Idle)),
            ("course refused !granted", (Ready, Idle)),
            ("course @600 !granted", (Ready, Idle)),
            ("sent-on-course", (NotReady, Idle)),
        ] {
            check(rule, story, shown);
        }
    }
}
