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
use crate::WaitEnd;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use switchboard_model::{AgentId, Cause, Instant, QueueId, RequestedBy, What};

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
    queue: Option<QueueId>,
    ringing: Option<Ringing>,
    picked_up: bool,
    /// With whom he talks: two in a conference.
    talking: BTreeSet<AgentId>,
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
    /// Whether he waits for a person, rung for or not.
    pub(crate) fn waiting(&self) -> Option<(Instant, QueueId)> {
        let (since, first) = self.requested.filter(|_| !self.picked_up)?;
        Some((since, self.queue.unwrap_or(first)))
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

    /// Takes one event of this call. `Arrived` is not among them: it makes the call.
    pub(crate) fn on(&mut self, at: Instant, what: &What) -> (Outcome, Option<Breach>) {
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
            What::HumanRequested { queue, by } => {
                let breach =
                    unless(self.answered, Breach::NotAnswered).or(unless(self.requested.is_none(), Breach::Twice));
                self.requested.get_or_insert((at, *queue));
                (Outcome::Offered { menu: self.menu.clone(), key: self.key, by: *by }, breach)
            }
            What::Queued { queue, .. } => {
                self.queue = Some(*queue);
                self.queued_again = self.picked_up;
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
            What::PickedUp { queue, agent, wait_ms } => self.picked_up(at, *queue, *agent, *wait_ms),
            What::AgentIdAnnounced { .. } => (Outcome::Nothing, unless(self.picked_up, Breach::NotPickedUp)),
            What::Connected { agent } => {
                self.talking.insert(*agent);
                (Outcome::Nothing, unless(self.picked_up, Breach::NotPickedUp))
            }
            What::TalkEnded { agent, .. } => {
                let talked = self.talking.remove(agent);
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
            | What::VerifyEnded { .. } => (Outcome::Nothing, unless(self.picked_up, Breach::NotPickedUp)),
            What::Ended { cause, queue, wait_ms } => self.ended(at, *cause, *queue, *wait_ms),
            What::AgentState { .. } | What::Disposed { .. } | What::ConfigLive { .. } => (Outcome::Nothing, None), // not a call's
        }
    }

    fn picked_up(&mut self, at: Instant, queue: QueueId, agent: AgentId, wait_ms: u64) -> (Outcome, Option<Breach>) {
        let rang = self.ringing.take().is_some_and(|r| r.agent == agent);
        self.queued_again = false;
        let breach = if rang { None } else { Some(Breach::NotRinging) };
        if std::mem::replace(&mut self.picked_up, true) {
            return (Outcome::Nothing, breach); // again, after a transfer: each call counts once
        }
        match self.requested {
            Some((since, _)) => (Outcome::WaitOver { queue, since, end: WaitEnd::Answered, wait_ms }, breach),
            None => {
                let since = Instant::from_micros(at.micros().saturating_sub(wait_ms.saturating_mul(1000)));
                (Outcome::WaitOver { queue, since, end: WaitEnd::Answered, wait_ms }, Some(Breach::NotRequested))
            }
        }
    }

    fn ended(
        &mut self,
        at: Instant,
        cause: Cause,
        queue: Option<QueueId>,
        wait_ms: Option<u64>,
    ) -> (Outcome, Option<Breach>) {
        let (talked, gave_up) = (
            matches!(cause, Cause::CallerDone | Cause::AgentDone | Cause::OutsideDone),
            matches!(cause, Cause::AbandonedWaiting | Cause::AbandonedRinging),
        );
        let waited = !self.picked_up || self.queued_again;
        let elsewhere =
            talked && !self.picked_up || gave_up && !waited || self.ringing.is_some() || !self.talking.is_empty();
        let breach = elsewhere.then_some(Breach::EndedElsewhere);
        let outcome = match (self.picked_up, self.requested) {
            (true, _) => Outcome::Done,
            (false, Some((since, first))) => Outcome::WaitOver {
                queue: queue.or(self.queue).unwrap_or(first),
                since,
                end: if gave_up { WaitEnd::Abandoned } else { WaitEnd::Failed },
                wait_ms: wait_ms.unwrap_or(at.ms_since(since)),
            },
            (false, None) if self.answered => Outcome::EndedInMenu { menu: self.menu.take(), key: self.key },
            (false, None) => Outcome::Rejected,
        };
        (outcome, breach)
    }
}
