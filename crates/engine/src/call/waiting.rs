//! The caller waits for a person, at a place that is his.
//!
//! `Waiting => Ringing | Ending | Over`
//!
//! ```text
//!   enter ── arrive(line, key) ──► music, a step asks less from time to time
//!     ▲                              │ matched           │ max wait           │ caller leaves
//!     └── put back: same key ◄── Ringing            waited_too_long     abandoned_waiting
//! ```
use super::ending::end;
use super::menu::InMenu;
use super::ringing::Ringing;
use super::{Body, CallEvent, State};
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::EntryHold;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_acd::{due_step, next_step_at};
use switchboard_model::{Cause, Instant, QueueId, What};
use switchboard_sip::EndedWhy;

/// A place has been taken.
pub struct Arrived {
    queue: QueueId,
}

/// The queue is full.
pub struct Full;

impl Arrived {
    /// `Menu | Talking | Held | Transferring => Waiting`
    pub fn begin(self, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let queue = self.queue;
        body.facts.queue = Some(queue);
        // By when he first asked for a person; a transfer does not begin his patience's clock of this queue earlier.
        let since = body.facts.human_request.unwrap_or(fx.now);
        fx.emit(What::Queued { queue, language: body.facts.language, since });
        State::Waiting(Waiting { queue, since: fx.now, deadline: fx.now }.with_deadline(0, fx))
    }
}

/// In a queue.
#[derive(Debug, Serialize, Deserialize)]
pub struct Waiting {
    queue: QueueId,
    since: Instant,
    deadline: Instant,
}

impl Waiting {
    /// `Menu | Transferring => Waiting`, or to what the menu says of a full queue.
    pub fn enter(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> State {
        body.facts.queue = Some(queue);
        match Waiting::arrive(queue, body, fx) {
            Ok(arrived) => arrived.begin(body, fx),
            Err(Full) => InMenu::queue_is_full(body, fx),
        }
    }

    /// Takes his place in the queue: the one he has had, if he was in a queue before. Nothing is told yet.
    pub fn arrive(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> Result<Arrived, Full> {
        let language = body.facts.language;
        let line =
            fx.config.layout.line(queue, language).expect("the menu was proved: a queue serves each of its languages");
        let key = body.facts.place.unwrap_or_else(|| fx.counters.keys.next(fx.now));
        let handle = fx.matcher.arrive(line, 0, key, &mut Effects::sink(fx.out, fx.now)).map_err(|_| Full)?;
        fx.index.keys.insert(key, fx.call);
        body.facts.place = Some(key);
        body.holdings.entry = Some(EntryHold { queue, language, step: 0, key, handle: Some(handle) });
        Ok(Arrived { queue })
    }

    /// `Ringing => Waiting`: the old place, and the steps that fell due meanwhile.
    pub fn again(queue: QueueId, since: Instant, body: &mut Body, fx: &mut Effects<'_>) -> State {
        Waiting { queue, since, deadline: fx.now }.on(CallEvent::Timeout, body, fx)
    }

    /// In which queue.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// Since when.
    pub fn since(&self) -> Instant {
        self.since
    }
    /// The next overflow step, or the end of patience.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    fn max_wait_at(&self, fx: &Effects<'_>) -> Instant {
        self.since + Duration::from_secs(u64::from(fx.config.queue(self.queue).queue.max_wait_s))
    }

    fn with_deadline(self, step: usize, fx: &Effects<'_>) -> Self {
        let step_at = next_step_at(&fx.config.queue(self.queue).queue, self.since, step);
        let deadline = step_at.into_iter().chain([self.max_wait_at(fx)]).min().expect("there is a maximum wait");
        Waiting { deadline, ..self }
    }

    /// `Waiting => Waiting | Ringing | Ending | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Matched(matched) => Ringing::enter(self.queue, self.since, matched, body, fx),
            CallEvent::Timeout if self.max_wait_at(fx) <= fx.now => {
                end(body, State::Waiting(self), Cause::WaitedTooLong, None, fx)
            }
            CallEvent::Timeout => {
                let due = due_step(&fx.config.queue(self.queue).queue, self.since, fx.now);
                let due_taken = if planted!(fx.config, NeverRelaxes) { 0 } else { due };
                let entry = body.holdings.entry.as_mut().expect("who waits has a place");
                while usize::from(entry.step) < due_taken {
                    entry.step += 1;
                    let step = entry.step;
                    let handle = entry.handle.expect("a place is known to the matcher");
                    fx.matcher.relax(handle, &mut Effects::sink(fx.out, fx.now));
                    fx.emit(What::StepTaken { queue: self.queue, step });
                }
                State::Waiting(self.with_deadline(due, fx))
            }
            CallEvent::Gone(Party::Caller, EndedWhy::Bye { .. }) => {
                end(body, State::Waiting(self), Cause::AbandonedWaiting, Some(Party::Caller), fx)
            }
            // Of no meaning here: keys change nothing in the queue, and there is no agent yet.
            CallEvent::Gone(..)
            | CallEvent::Digit(..)
            | CallEvent::PromptsDone(..)
            | CallEvent::Acked { .. }
            | CallEvent::Cancelled
            | CallEvent::AgentProgress(_)
            | CallEvent::AgentAnswered(_)
            | CallEvent::AgentRefused(_)
            | CallEvent::Reoffer(..)
            | CallEvent::ReofferAnswered(..)
            | CallEvent::Silent(_)
            | CallEvent::LookedUp(..)
            | CallEvent::Desk(_)
            | CallEvent::End(_) => State::Waiting(self),
        }
    }
}
