//! The caller waits for a person, at a place that is his.
//!
//! `Waiting => Ringing | Ending | Over`
//!
//! ```text
//!   enter ── arrive(line, key) ──► music and his place; a step asks less from time to time; another queue, with the same key
//!     ▲                              │ matched           │ max wait: what the queue says then     │ caller leaves
//!     └── put back: same key ◄── Ringing            another queue, or a last word and waited_too_long  abandoned_waiting
//! ```
use super::ending::end;
use super::menu::InMenu;
use super::ringing::Ringing;
use super::told::{Saying, Told};
use super::{Body, CallEvent, State};
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::EntryHold;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_acd::{AtMaxWait, due_step, next_step_at};
use switchboard_matcher::Withdrawn;
use switchboard_media::Hears;
use switchboard_model::{Cause, Instant, QueueId, What};
use switchboard_sip::EndedWhy;

/// A place has been taken.
pub struct Arrived {
    queue: QueueId,
}

/// The queue is full.
pub struct Full;

/// What came of sending him to another queue.
enum Sent {
    /// He is there, or the menu says what happens instead.
    There(State),
    /// He stays: that queue is full, or there is none.
    Stays(Waiting),
    /// He stays: an agent has just been found for him.
    Met(Waiting),
}

/// A match that is on its way arrives within this, or nobody was found.
const MET_WITHIN: Duration = Duration::from_secs(1);
/// How often a full queue is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(5);

impl Arrived {
    /// `Menu | Talking | Held | Transferring => Waiting`
    pub fn begin(self, body: &mut Body, fx: &mut Effects<'_>) -> State {
        let queue = self.queue;
        body.facts.queue = Some(queue);
        // By when he first asked for a person; a transfer does not begin his patience's clock of this queue earlier.
        let since = body.facts.human_request.unwrap_or(fx.now);
        fx.emit(What::Queued { queue, language: body.facts.language, since });
        Told::enters(queue, &mut body.facts, fx);
        let waiting = Waiting { queue, since: fx.now, deadline: fx.now, saying: None, ends: None, try_at: None };
        State::Waiting(waiting.with_deadline(0, body, fx))
    }
}

/// In a queue.
#[derive(Debug, Serialize, Deserialize)]
pub struct Waiting {
    queue: QueueId,
    since: Instant,
    deadline: Instant,
    /// What is being said to him; else he hears music.
    saying: Option<Saying>,
    /// When the call ends: a last word is being said.
    ends: Option<Instant>,
    /// When he is sent to the other queue once more, after it could not be done.
    try_at: Option<Instant>,
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
        let waiting = Waiting { queue, since, deadline: fx.now, saying: None, ends: None, try_at: None };
        waiting.on(CallEvent::Timeout, body, fx)
    }

    /// In which queue.
    pub fn queue(&self) -> QueueId {
        self.queue
    }
    /// Since when.
    pub fn since(&self) -> Instant {
        self.since
    }
    /// The next overflow step, the next announcement, or the end of patience.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }
    /// What the caller hears besides music, if anything.
    pub fn hears(&self) -> Option<Hears> {
        self.saying.as_ref().map(Saying::hears)
    }

    fn max_wait_at(&self, fx: &Effects<'_>) -> Instant {
        self.since + Duration::from_secs(u64::from(fx.config.queue(self.queue).queue.max_wait_s))
    }

    /// When he goes over to another queue; after a vain attempt, when it is tried again.
    fn overflow_at(&self, fx: &Effects<'_>) -> Option<Instant> {
        let overflow = fx.config.queue(self.queue).queue.overflow.as_ref()?;
        Some((self.since + overflow.after).max(self.try_at.unwrap_or(self.since)))
    }

    fn with_deadline(self, step: usize, body: &Body, fx: &Effects<'_>) -> Self {
        let step_at = next_step_at(&fx.config.queue(self.queue).queue, self.since, step);
        let announced = body.facts.told.next_at().filter(|_| self.saying.is_none());
        // While a last word is said, the longest wait is over and the other queue no more asked.
        let patience = match self.ends {
            Some(ends) => [Some(ends), None],
            None => [Some(self.max_wait_at(fx).max(self.try_at.unwrap_or(self.since))), self.overflow_at(fx)],
        };
        let said = self.saying.as_ref().map(Saying::until);
        let deadline = patience.into_iter().chain([step_at, announced, said]).flatten().min();
        Waiting { deadline: deadline.expect("there is a maximum wait"), ..self }
    }

    /// `Waiting => Waiting | Ringing | Ending | Over`
    pub fn on(self, event: CallEvent, body: &mut Body, fx: &mut Effects<'_>) -> State {
        match event {
            CallEvent::Matched(matched) => Ringing::enter(self.queue, self.since, matched, body, fx),
            CallEvent::Timeout => self.at_time(body, fx),
            CallEvent::PromptsDone(Party::Caller, play) if self.saying.as_ref().is_some_and(|s| s.is(play)) => {
                match self.ends {
                    Some(_) => end(body, State::Waiting(self), Cause::WaitedTooLong, None, fx),
                    None => Waiting { saying: None, ..self }.at_time(body, fx),
                }
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

    /// Whatever the time has brought: the end, another queue, a step, a word.
    fn at_time(mut self, body: &mut Body, fx: &mut Effects<'_>) -> State {
        if self.ends.is_some_and(|at| at <= fx.now) {
            return end(body, State::Waiting(self), Cause::WaitedTooLong, None, fx);
        }
        self.saying = self.saying.filter(|s| fx.now < s.until());
        let tried = self.try_at.is_none_or(|at| at <= fx.now);
        if self.ends.is_none() && tried && self.max_wait_at(fx) <= fx.now {
            self = match fx.config.queue(self.queue).queue.at_max_wait.clone() {
                AtMaxWait::HangUp => return end(body, State::Waiting(self), Cause::WaitedTooLong, None, fx),
                AtMaxWait::Say(prompt) => match Told::last_word(&prompt, &mut body.facts, fx) {
                    Some(saying) => Waiting { ends: Some(saying.until()), saying: Some(saying), ..self },
                    None => return end(body, State::Waiting(self), Cause::WaitedTooLong, None, fx),
                },
                AtMaxWait::Queue(queue) => match self.send_to(&queue, body, fx) {
                    Sent::There(state) => return state,
                    Sent::Stays(stays) => return end(body, State::Waiting(stays), Cause::WaitedTooLong, None, fx),
                    Sent::Met(stays) => Waiting { try_at: Some(fx.now + MET_WITHIN), ..stays },
                },
            };
        } else if self.ends.is_none() && self.overflow_at(fx).is_some_and(|at| at <= fx.now) {
            let queue = fx.config.queue(self.queue).queue.overflow.as_ref().map(|o| o.queue.clone());
            self = match self.send_to(&queue.expect("just read"), body, fx) {
                Sent::There(state) => return state,
                Sent::Stays(stays) => Waiting { try_at: Some(fx.now + TRY_AGAIN), ..stays },
                Sent::Met(stays) => Waiting { try_at: Some(fx.now + MET_WITHIN), ..stays },
            };
        }
        let due = self.relax(body, fx);
        if self.ends.is_none() && self.saying.is_none() {
            self.saying = Told::place_due(self.queue, body, fx);
        }
        State::Waiting(self.with_deadline(due, body, fx))
    }

    /// Takes the steps that are due; returns the last of them.
    fn relax(&self, body: &mut Body, fx: &mut Effects<'_>) -> usize {
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
        due
    }

    /// Over to another queue, in the place he came by.
    fn send_to(self, name: &str, body: &mut Body, fx: &mut Effects<'_>) -> Sent {
        let Some(target) = fx.config.queue_named(name).map(|q| q.queue.id) else { return Sent::Stays(self) };
        let entry = body.holdings.entry.as_ref().expect("who waits has a place");
        match fx.matcher.withdraw(entry.handle.expect("a place is known to the matcher")) {
            Withdrawn::Withdrawn => {}
            Withdrawn::Met => return Sent::Met(self),
            Withdrawn::Stale => unreachable!("{:?} withdrew a place that was no longer its own: {entry:?}", fx.call),
        }
        let old = body.holdings.entry.take().expect("just read");
        fx.index.keys.remove(&old.key);
        if planted!(fx.config, LosesPlace) {
            body.facts.place = None;
        }
        if let Ok(arrived) = Waiting::arrive(target, body, fx) {
            return Sent::There(arrived.begin(body, fx));
        }
        // Full. Back where he was; should another thread have taken the last room there in this moment, his menu says what happens. No world
        // of one thread can take that arrow, so it is not named among the state's.
        let line = fx.config.layout.line(old.queue, old.language).expect("he had a place on it");
        let handle = fx.matcher.arrive(line, old.step, old.key, &mut Effects::sink(fx.out, fx.now));
        match handle {
            Ok(handle) => {
                fx.index.keys.insert(old.key, fx.call);
                body.holdings.entry = Some(EntryHold { handle: Some(handle), ..old });
                Sent::Stays(self)
            }
            Err(_) => Sent::There(InMenu::queue_is_full(body, fx)),
        }
    }
}
