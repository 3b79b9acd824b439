//! One call in progress, as far as a figure needs it.
//!
//! ```text
//!   Arrived ─► Answered ─► menu … ─► HumanRequested ─► Queued ─► Ringing ⇄ RingEnded ─► PickedUp ─► Connected ─► TalkEnded ─► Ended
//!   │◄─────────── in the menu ─────►│◄────────────────── waiting ────────────────────►│◄──────────── with an agent ──────────►│
//! ```
//! Every call leaves through one of four doors, and the door is the outcome: rejected, ended in the menu, a wait that is over
//! (answered, abandoned, failed), or the end of a call whose wait was over before. An event that cannot follow what came
//! before is still counted, so that the figures stay near the truth, and is told as a [`Breach`]: the ledger turns red.
//! It does not know queues, windows or formulas.
use crate::{Clock, WaitEnd};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{AgentId, Cause, HungUp, Instant, QueueId, RequestedBy, RingEnd, TrunkId, What};

/// Why an event cannot follow what the record says so far.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Breach {
    /// An event of a call that names none.
    NoCall,
    /// The first event of a call is not its arrival.
    Unseen,
    /// Arrived, answered or asked for a person twice.
    Twice,
    /// In a menu, or asking for a person, without having been answered.
    NotAnswered,
    /// In a queue without having asked for a person.
    NotRequested,
    /// An end of a ringing that did not begin, or a ringing inside another.
    NotRinging,
    /// A conversation, or its end, with an agent who did not pick up.
    NotPickedUp,
    /// Ended in the middle of a ringing or a conversation, or by a cause of another state.
    EndedElsewhere,
}

/// What an event meant for the figures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// Nothing that is counted by itself.
    Nothing,
    /// He asked for a person: offered. He left this menu, where he had pressed this.
    Offered { menu: Option<String>, key: Option<char>, by: RequestedBy },
    /// His wait is over.
    WaitOver { queue: QueueId, since: Instant, end: WaitEnd, wait_ms: u64 },
    /// It ended in the menu.
    EndedInMenu { menu: Option<String>, key: Option<char> },
    /// It ended before we answered.
    Rejected,
    /// It ended, and his wait was over before.
    Done,
}

/// One call in progress.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Call {
    answered: bool,
    menu: Option<String>,
    key: Option<char>,
    requested: Option<(Instant, QueueId)>,
    /// When he first entered a queue.
    queued: Option<Instant>,
    queue: Option<QueueId>,
    trunk: Option<TrunkId>,
    /// The menu and key by which he asked for a person.
    exit: String,
    ringing: Option<Ringing>,
    /// By whom and in which queue he was first picked up, and by the event how long after his request.
    picked_up: Option<(QueueId, AgentId, u64)>,
    /// Whether his wait is over by the clock in use.
    over: bool,
    /// With whom he talks, and since when: two in a conference.
    talking: BTreeMap<AgentId, Instant>,
    /// He was picked up, and is in a queue again.
    queued_again: bool,
    /// The queue of the last ringing, which a `RingEnded` or `TalkEnded` does not name.
    rung_for: Option<QueueId>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Ringing {
    pub(crate) agent: AgentId,
    pub(crate) since: Instant,
}

impl Call {
    /// A call that has arrived by this trunk.
    pub(crate) fn arrived(trunk: TrunkId) -> Call {
        Call { trunk: Some(trunk), ..Call::default() }
    }

    /// Whether he waits, rung for or not, by this clock; since when, if it has begun.
    pub(crate) fn waiting(&self, clock: Clock) -> Option<(Option<Instant>, QueueId)> {
        let (since, first) = self.requested.filter(|_| !self.over)?;
        let since = if clock.from_queue() { self.queued } else { Some(since) };
        let picked_up = self.picked_up.map(|(queue, ..)| queue);
        Some((since, picked_up.or(self.queue).unwrap_or(first)))
    }
    /// By which trunk he came.
    pub(crate) fn trunk(&self) -> Option<TrunkId> {
        self.trunk
    }
    /// The menu and key by which he asked for a person.
    pub(crate) fn exit(&self) -> &str {
        &self.exit
    }
    /// Whether he has been in a queue before.
    pub(crate) fn was_queued(&self) -> bool {
        self.queued.is_some()
    }
    /// Who picked up first.
    pub(crate) fn agent(&self) -> Option<AgentId> {
        self.picked_up.map(|(_, agent, _)| agent)
    }
    /// Whether he has not asked for a person yet.
    pub(crate) fn in_menu(&self) -> bool {
        self.requested.is_none()
    }
    /// Whose telephone rings for him.
    pub(crate) fn ringing(&self) -> Option<Ringing> {
        self.ringing
    }
    /// The queue he was last rung for.
    pub(crate) fn rung_for(&self) -> Option<QueueId> {
        self.rung_for
    }

    /// What must still be told of it if this program ended at that moment without a word.
    pub(crate) fn last_words(&self, at: Instant) -> Vec<What> {
        let mut words = Vec::new();
        words.extend(self.ringing.map(|r| What::RingEnded { agent: r.agent, end: RingEnd::CallerLeft }));
        words.extend(self.talking.iter().map(|(&agent, &since)| What::TalkEnded {
            agent,
            talk_ms: at.ms_since(since),
            hung_up: HungUp::System,
        }));
        let waited = self.requested.map(|(since, _)| at.ms_since(since));
        words.push(What::Ended {
            cause: Cause::Internal,
            queue: self.queue.or(self.requested.map(|(_, queue)| queue)),
            wait_ms: self.picked_up.map(|(_, _, wait_ms)| wait_ms).or(waited),
        });
        words
    }

    /// Takes one event of this call. `Arrived` is not among them: it makes the call.
    pub(crate) fn on(&mut self, at: Instant, what: &What, clock: Clock) -> (Outcome, Option<Breach>) {
        let unless = |ok: bool, breach: Breach| (!ok).then_some(breach);
        match what {
            What::Arrived { .. } => (Outcome::Nothing, Some(Breach::Twice)),
            What::Answered => {
                let first = !std::mem::replace(&mut self.answered, true);
                (Outcome::Nothing, unless(first, Breach::Twice))
            }
            What::MenuEntered { menu, .. } => {
                self.menu = Some(menu.clone());
                self.key = None;
                (Outcome::Nothing, unless(self.answered, Breach::NotAnswered))
            }
            What::MenuChoice { key, .. } => {
                self.key = Some(*key);
                (Outcome::Nothing, unless(self.menu.is_some(), Breach::NotAnswered))
            }
            // Done without a person: no wait begins, and none ends.
            What::Served { .. } => (Outcome::Nothing, unless(self.menu.is_some(), Breach::NotAnswered)),
            What::HumanRequested { queue, by } => {
                let breach =
                    unless(self.answered, Breach::NotAnswered).or(unless(self.requested.is_none(), Breach::Twice));
                self.requested.get_or_insert((at, *queue));
                self.exit = format!("{}.{}", self.menu.as_deref().unwrap_or("-"), self.key.unwrap_or('-'));
                (Outcome::Offered { menu: self.menu.clone(), key: self.key, by: *by }, breach)
            }
            What::Queued { queue, .. } => {
                self.queue = Some(*queue);
                self.queued_again = self.picked_up.is_some();
                self.queued.get_or_insert(at);
                (Outcome::Nothing, unless(self.requested.is_some(), Breach::NotRequested))
            }
            What::StepTaken { .. } => (Outcome::Nothing, unless(self.requested.is_some(), Breach::NotRequested)),
            What::Ringing { queue, agent, .. } => {
                let breach = unless(self.requested.is_some(), Breach::NotRequested)
                    .or(unless(self.ringing.is_none(), Breach::NotRinging));
                self.ringing = Some(Ringing { agent: *agent, since: at });
                self.rung_for = Some(*queue);
                (Outcome::Nothing, breach)
            }
            What::RingEnded { agent, .. } => {
                let rang = self.ringing.take().is_some_and(|r| r.agent == *agent);
                (Outcome::Nothing, unless(rang, Breach::NotRinging))
            }
            What::PickedUp { queue, agent, wait_ms } => {
                let rang = self.ringing.take().is_some_and(|r| r.agent == *agent);
                self.picked_up.get_or_insert((*queue, *agent, *wait_ms));
                self.queued_again = false;
                let breach = unless(rang, Breach::NotRinging)
                    .or(unless(self.requested.is_some() || self.over, Breach::NotRequested));
                (self.stop(at, what, clock), breach)
            }
            What::AgentIdAnnounced { .. } => {
                (self.stop(at, what, clock), unless(self.picked_up.is_some(), Breach::NotPickedUp))
            }
            What::Connected { agent } => {
                self.talking.insert(*agent, at);
                (self.stop(at, what, clock), unless(self.picked_up.is_some(), Breach::NotPickedUp))
            }
            What::TalkEnded { agent, .. } => {
                let talked = self.talking.remove(agent).is_some();
                (Outcome::Nothing, unless(talked, Breach::NotPickedUp))
            }
            // A passage of the conversation; what counts is told by the events around it.
            What::Held { .. }
            | What::Retrieved { .. }
            | What::TransferStarted { .. }
            | What::TransferEnded { .. }
            | What::ConsultStarted { .. }
            | What::ConsultAnswered { .. }
            | What::ConsultEnded { .. }
            | What::Conferenced { .. }
            | What::VerifyStarted { .. }
            | What::VerifyEnded { .. } => (Outcome::Nothing, unless(self.picked_up.is_some(), Breach::NotPickedUp)),
            What::Ended { cause, queue, wait_ms } => self.ended(at, *cause, *queue, *wait_ms, clock),
            What::AgentState { .. } | What::Disposed { .. } | What::ConfigLive { .. } => (Outcome::Nothing, None), // not a call's
        }
    }

    /// The wait is over, if this is what stops the clock and it has not been stopped: after a transfer each call counts once.
    fn stop(&mut self, at: Instant, what: &What, clock: Clock) -> Outcome {
        let Some((queue, _, wait_ms)) = self.picked_up.filter(|_| clock.stops_at(what)) else {
            return Outcome::Nothing;
        };
        if std::mem::replace(&mut self.over, true) {
            return Outcome::Nothing;
        }
        let end = WaitEnd::Answered;
        if clock == Clock::RequestPickup {
            // The event says how long; without a request in the record it also says since when.
            let told = Instant::from_micros(at.micros().saturating_sub(wait_ms.saturating_mul(1000)));
            let since = self.requested.map_or(told, |(since, _)| since);
            return Outcome::WaitOver { queue, since, end, wait_ms };
        }
        let since = self.since(at, clock);
        Outcome::WaitOver { queue, since, end, wait_ms: at.ms_since(since) }
    }

    /// Where the clock began; where it ends, if it never did.
    fn since(&self, until: Instant, clock: Clock) -> Instant {
        let requested = self.requested.map(|(since, _)| since);
        (if clock.from_queue() { self.queued } else { requested }).unwrap_or(until)
    }

    fn ended(
        &mut self,
        at: Instant,
        cause: Cause,
        queue: Option<QueueId>,
        wait_ms: Option<u64>,
        clock: Clock,
    ) -> (Outcome, Option<Breach>) {
        let (talked, gave_up) = (
            matches!(cause, Cause::CallerDone | Cause::AgentDone | Cause::OutsideDone),
            matches!(cause, Cause::AbandonedWaiting | Cause::AbandonedRinging),
        );
        let picked_up = self.picked_up.is_some();
        let waited = !picked_up || self.queued_again;
        let elsewhere =
            talked && !picked_up || gave_up && !waited || self.ringing.is_some() || !self.talking.is_empty();
        let breach = elsewhere.then_some(Breach::EndedElsewhere);
        let outcome = match (self.over, self.requested) {
            (true, _) => Outcome::Done,
            (false, Some((_, first))) => {
                let since = self.since(at, clock);
                let told = wait_ms.filter(|_| clock == Clock::RequestPickup);
                let gave_up = gave_up || picked_up && cause == Cause::CallerDone;
                Outcome::WaitOver {
                    queue: self.picked_up.map(|p| p.0).or(queue).or(self.queue).unwrap_or(first),
                    since,
                    end: if gave_up { WaitEnd::Abandoned } else { WaitEnd::Failed },
                    wait_ms: told.unwrap_or(at.ms_since(since)),
                }
            }
            (false, None) if self.answered => Outcome::EndedInMenu { menu: self.menu.take(), key: self.key },
            (false, None) => Outcome::Rejected,
        };
        (outcome, breach)
    }
}
