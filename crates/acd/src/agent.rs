//! An agent: whether he takes calls (presence) × what he is doing (activity).
//!
//! ```text
//!              log_in            matched           picked_up            talk_over           work done
//!   LoggedOut ───────► Ready·Idle ─────► Ready·Ringing ────► Ready·Talking ────► Ready·ACW ────────► Ready·Idle
//!                         ▲                  │ RONA, device                                              
//!                         └───── pause ──── NotReady·Idle
//! ```
//! Presence may change at any time; who talks finishes first. Every passing activity carries its deadline, every matching its
//! *turn*: a late word about an earlier turn changes nothing. The floor owns one of these for each agent and is the only one
//! who changes it. Does not touch the matcher (the floor does, by what this says).
use crate::presence::{Asks, Next, Presence, Reason};
use crate::rona::{Consequence, Failures, RingRules};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{AgentActivity, AgentId, AgentPresence, CallId, Instant, RingEnd};

/// What he is doing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Activity {
    /// Nothing: he rests with this key if he is ready.
    Idle,
    /// A call has been found for him, and his telephone rings.
    Ringing {
        /// The place of the caller: his matching key.
        key: u64,
        /// The shard must have said what came of it by then.
        deadline: Instant,
    },
    /// He talks. Ends with the call: the call is the witness.
    Talking {
        /// With whom.
        call: CallId,
    },
    /// He finishes what the call left behind.
    AfterCallWork {
        /// Until then at the latest.
        until: Instant,
        /// How often he has had more time.
        extended: u8,
    },
}

/// One agent's state.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Agent {
    /// Who.
    pub id: AgentId,
    /// Whether he takes calls.
    pub presence: Presence,
    /// What he is doing.
    pub activity: Activity,
    /// His matching key: since when he is idle.
    pub idle_key: u64,
    /// How often he has been matched; a message about another turn is old.
    pub turn: u64,
    /// Since when presence and activity are what they are.
    pub since: Instant,
    /// Failures in a row, by kind.
    pub failures: Failures,
    /// A reason he has asked for and that must be granted.
    pub asks: Option<Asks>,
    /// What he promised to be when this call is over.
    pub next: Option<Next>,
    /// Whether he asked, during the call, for work after it.
    pub wants_work: bool,
    /// Whether he may still say what his last call was about, and which it was.
    pub last_call: Option<CallId>,
    /// How long he has rung, talked and worked since midnight, and of which day that is.
    pub occupied: Occupied,
    /// Since when the busy time that is not counted yet runs.
    pub busy_since: Instant,
    /// His key when he was last matched: since when he waits for his turn, where turns go round.
    pub turn_key: u64,
}

/// A state that he is in for a while only: it carries a deadline, and time alone ends it should nobody speak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Passing {
    /// His telephone rings.
    Ringing,
    /// He finishes what a call left behind.
    AfterCallWork,
    /// Not ready, until he is ready by himself.
    NotReady,
    /// He has asked for what must be granted.
    Asks,
}

impl Passing {
    /// All of them: their names on boards, and the reason in the record when time ended them.
    pub const ALL: [(Passing, &'static str, &'static str); 4] = [
        (Passing::Ringing, "ringing", "no_word_of_ringing"),
        (Passing::AfterCallWork, "after_call_work", "work_time_over"),
        (Passing::NotReady, "not_ready", "pause_over"),
        (Passing::Asks, "asks", "request_lapsed"),
    ];

    fn row(self) -> (Passing, &'static str, &'static str) {
        *Passing::ALL.iter().find(|(passing, ..)| *passing == self).expect("every passing state is in the list")
    }
    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().1
    }
    /// Why it was left, if time ended it.
    pub fn timed_out(self) -> &'static str {
        self.row().2
    }
}

/// How long he has been occupied today.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Occupied {
    /// The day in Shanghai, counted from 1970.
    pub day: u64,
    /// Milliseconds.
    pub ms: u64,
}

/// How long the floor waits beyond the ringing itself for the shard's word.
pub const RING_GRACE: Duration = Duration::from_secs(10);

impl Agent {
    /// Logged out.
    pub fn new(id: AgentId, now: Instant) -> Self {
        Agent {
            id,
            presence: Presence::LoggedOut,
            activity: Activity::Idle,
            idle_key: 0,
            turn: 0,
            since: now,
            failures: Failures::default(),
            asks: None,
            next: None,
            wants_work: false,
            last_call: None,
            occupied: Occupied::default(),
            busy_since: now,
            turn_key: 0,
        }
    }

    /// Whether he can be matched: ready, idle.
    pub fn rests(&self) -> bool {
        self.presence == Presence::Ready && self.activity == Activity::Idle
    }

    /// A call was found for him: the next turn begins.
    ///
    /// `Idle => Ringing`
    pub fn matched(&mut self, now: Instant, key: u64, rules: &RingRules) -> u64 {
        assert_eq!(self.activity, Activity::Idle, "{:?} was matched", self.id);
        self.turn += 1;
        self.busy_since = now;
        self.activity = Activity::Ringing { key, deadline: now + rules.ring_max + RING_GRACE };
        self.since = now;
        self.turn
    }

    /// He picked up. False if the word is about an earlier turn.
    ///
    /// `Ringing => Talking`
    pub fn picked_up(&mut self, now: Instant, turn: u64, call: CallId) -> bool {
        match self.activity {
            Activity::Ringing { .. } if turn == self.turn => {
                self.occupied_until(now);
                self.activity = Activity::Talking { call };
                self.failures = Failures::default();
                self.last_call = Some(call);
                self.since = now;
                true
            }
            Activity::Ringing { .. } | Activity::Idle | Activity::Talking { .. } | Activity::AfterCallWork { .. } => {
                false
            }
        }
    }

    /// The ringing ended without a conversation. `None` if the word is about an earlier turn.
    ///
    /// `Ringing => Idle`
    pub fn ring_ended(&mut self, now: Instant, turn: u64, end: RingEnd, rules: &RingRules) -> Option<Consequence> {
        if turn != self.turn || !matches!(self.activity, Activity::Ringing { .. }) {
            return None;
        }
        let consequence = rules.consequence(end, &mut self.failures);
        self.occupied_until(now);
        self.activity = Activity::Idle;
        self.since = now;
        if self.presence == Presence::Ready {
            match consequence {
                Consequence::RestsAgain => {}
                Consequence::Rona(pause) => {
                    self.presence = Presence::NotReady { reason: Reason::Rona, back_at: pause.map(|p| now + p) }
                }
                Consequence::Device(pause) => {
                    self.presence = Presence::NotReady { reason: Reason::Device, back_at: pause.map(|p| now + p) }
                }
            }
        }
        Some(consequence)
    }

    /// The conversation is over. False if the word is about an earlier turn.
    ///
    /// `Talking => AfterCallWork`
    pub fn talk_over(&mut self, now: Instant, turn: u64, rules: &RingRules) -> bool {
        if turn != self.turn || !matches!(self.activity, Activity::Talking { .. }) {
            return false;
        }
        self.occupied_until(now);
        let lasts = rules.work.lasts(std::mem::take(&mut self.wants_work));
        self.activity = Activity::AfterCallWork { until: now + lasts, extended: 0 };
        self.since = now;
        true
    }

    /// What time alone brings about; true if something changed. The lease of a ringing whose shard never spoke ends here too.
    ///
    /// `AfterCallWork => Idle`, `Ringing => Idle` (device), `NotReady => Ready`
    pub fn tick(&mut self, now: Instant) -> bool {
        let mut changed = false;
        match self.activity {
            Activity::AfterCallWork { until, .. } if until <= now => {
                self.work_over(now);
                changed = true;
            }
            Activity::Ringing { deadline, .. } if deadline <= now => {
                self.occupied_until(now);
                self.activity = Activity::Idle;
                self.presence = Presence::NotReady { reason: Reason::Device, back_at: None };
                changed = true;
            }
            Activity::AfterCallWork { .. } | Activity::Ringing { .. } | Activity::Idle | Activity::Talking { .. } => {}
        }
        if let Presence::NotReady { back_at: Some(at), .. } = self.presence
            && at <= now
        {
            self.presence = Presence::Ready;
            changed = true;
        }
        if self.asks.is_some_and(|a| a.until <= now) {
            self.asks = None;
            changed = true;
        }
        if changed {
            self.since = now;
        }
        changed
    }

    /// `AfterCallWork => Idle`: what he promised comes true.
    pub(crate) fn work_over(&mut self, now: Instant) {
        self.occupied_until(now);
        self.activity = Activity::Idle;
        self.last_call = None;
        match self.next.take() {
            Some(next) if self.presence != Presence::LoggedOut => {
                self.presence = match next {
                    Next::Ready => Presence::Ready,
                    Next::NotReady(reason, how_long) => {
                        Presence::NotReady { reason: Reason::Asked(reason), back_at: how_long.map(|d| now + d) }
                    }
                }
            }
            Some(_) | None => {}
        }
    }

    /// Counts the time of a busy activity that ends now.
    fn occupied_until(&mut self, now: Instant) {
        let day = now.day_in_china();
        if self.occupied.day != day {
            self.occupied = Occupied { day, ms: 0 };
        }
        if self.activity != Activity::Idle {
            self.occupied.ms += now.ms_since(self.busy_since);
        }
        self.busy_since = now;
    }

    /// Milliseconds he has been occupied today.
    pub fn occupied_ms(&self, now: Instant) -> u64 {
        if self.occupied.day == now.day_in_china() { self.occupied.ms } else { 0 }
    }

    /// The passing states he is in, each with its deadline.
    pub fn passing(&self) -> impl Iterator<Item = (Passing, Instant)> {
        let activity = match self.activity {
            Activity::AfterCallWork { until, .. } => Some((Passing::AfterCallWork, until)),
            Activity::Ringing { deadline, .. } => Some((Passing::Ringing, deadline)),
            Activity::Idle | Activity::Talking { .. } => None,
        };
        let presence = match self.presence {
            Presence::NotReady { back_at, .. } => back_at.map(|at| (Passing::NotReady, at)),
            Presence::LoggedOut | Presence::Ready => None,
        };
        let asks = self.asks.map(|a| (Passing::Asks, a.until));
        [activity, presence, asks].into_iter().flatten()
    }

    /// The passing state whose time is over; of several the first.
    pub fn overdue(&self, now: Instant) -> Option<Passing> {
        self.passing().filter(|(_, at)| *at <= now).min_by_key(|(_, at)| *at).map(|(passing, _)| passing)
    }

    /// When `tick` is next of use.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.passing().map(|(_, at)| at).min()
    }

    /// The pair that events and boards show.
    pub fn shown(&self) -> (AgentPresence, AgentActivity) {
        let presence = match self.presence {
            Presence::LoggedOut => AgentPresence::LoggedOut,
            Presence::Ready => AgentPresence::Ready,
            Presence::NotReady { reason: Reason::Asked(_), .. } => AgentPresence::NotReady,
            Presence::NotReady { reason: Reason::Rona, .. } => AgentPresence::NotReadyRona,
            Presence::NotReady { reason: Reason::Device, .. } => AgentPresence::NotReadyDevice,
        };
        let activity = match self.activity {
            Activity::Idle => AgentActivity::Idle,
            Activity::Ringing { .. } => AgentActivity::Ringing,
            Activity::Talking { .. } => AgentActivity::Talking,
            Activity::AfterCallWork { .. } => AgentActivity::AfterCallWork,
        };
        (presence, activity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presence::ReasonId;
    use switchboard_model::ShardId;

    fn check(story: &str, shown: (AgentPresence, AgentActivity)) {
        let rules = RingRules::default();
        let call = CallId::new(ShardId(1), 1);
        let mut now = Instant::from_millis(0);
        let mut agent = Agent::new(AgentId(1), now);
        let mut turn = 0;
        for word in story.split_whitespace() {
            match word {
                "in" => agent.presence = Presence::Ready,
                "out" => agent.presence = Presence::LoggedOut,
                "away" => agent.presence = Presence::NotReady { reason: Reason::Asked(ReasonId(0)), back_at: None },
                "matched" => turn = agent.matched(now, 16, &rules),
                "answers" => assert!(agent.picked_up(now, turn, call)),
                "old-answer" => assert!(!agent.picked_up(now, turn - 1, call)),
                "rona" => assert!(agent.ring_ended(now, turn, RingEnd::NoAnswer, &rules).is_some()),
                "busy" => assert!(agent.ring_ended(now, turn, RingEnd::Busy, &rules).is_some()),
                "caller-left" => assert!(agent.ring_ended(now, turn, RingEnd::CallerLeft, &rules).is_some()),
                "old-end" => assert!(agent.ring_ended(now, turn - 1, RingEnd::NoAnswer, &rules).is_none()),
                "over" => assert!(agent.talk_over(now, turn, &rules)),
                "old-over" => assert!(!agent.talk_over(now, turn - 1, &rules)),
                seconds => {
                    now = now + Duration::from_secs(seconds.parse().expect("a word of the story or seconds"));
                    agent.tick(now);
                }
            }
        }
        assert_eq!(agent.shown(), shown, "{story}");
    }

    #[test]
    fn every_arrow() {
        use AgentActivity::*;
        use AgentPresence::*;
        for (story, shown) in [
            ("in", (Ready, Idle)),
            ("in matched", (Ready, Ringing)),
            ("in matched answers", (Ready, Talking)),
            ("in matched answers over", (Ready, AfterCallWork)),
            ("in matched answers over 9", (Ready, AfterCallWork)),
            ("in matched answers over 10", (Ready, Idle)),
            ("in matched rona", (NotReadyRona, Idle)),
            ("in matched rona 59", (NotReadyRona, Idle)),
            ("in matched rona 60", (Ready, Idle)),
            ("in matched busy", (NotReadyDevice, Idle)),
            ("in matched busy 10", (Ready, Idle)),
            ("in matched caller-left", (Ready, Idle)),
            ("in matched 24", (Ready, Ringing)),
            ("in matched 25", (NotReadyDevice, Idle)),
            ("in matched away rona", (NotReady, Idle)),
            ("in matched out rona", (LoggedOut, Idle)),
            ("in matched answers away over 10", (NotReady, Idle)),
            ("in matched caller-left matched old-answer old-end", (Ready, Ringing)),
            ("in matched caller-left matched answers old-over", (Ready, Talking)),
        ] {
            check(story, shown);
        }
    }
}
