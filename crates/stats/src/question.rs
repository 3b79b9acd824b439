//! A question about a window, and its answer with everything that must stand beside the number.
use crate::{Clock, Counts, Formula};
use serde::{Deserialize, Serialize};
use switchboard_model::{Instant, QueueId};

/// By which second a wait belongs to a window.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By the second in which it ended. Who still waits belongs to the present.
    End,
    /// By the second in which the caller asked for a person.
    Arrival,
}

/// "What was the service level?", so that it has one answer only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Question {
    /// Of which queue; none for all together.
    pub queue: Option<QueueId>,
    /// From the second of this moment,
    pub from: Instant,
    /// up to and without the second of this one.
    pub to: Instant,
    /// X, in seconds.
    pub within_s: u32,
    /// By which formula.
    pub formula: Formula,
    /// Which waits the window selects.
    pub by: By,
    /// Abandons of at most so many seconds are short ones; 0 for none (but who left at once).
    pub short_s: u32,
}

/// Why a question has no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadQuestion {
    /// The window ends before it begins, or is shorter than a second.
    #[error("the window is empty: it must end at least one second after it begins")]
    Empty,
    /// Nothing of the window has happened yet.
    #[error("the window lies in the future: nothing of it has happened yet")]
    Future,
}

impl Question {
    /// Whether it can be answered at `now`.
    pub fn check(&self, now: Instant) -> Result<(), BadQuestion> {
        if self.from.seconds() >= self.to.seconds() {
            return Err(BadQuestion::Empty);
        }
        if self.from > now {
            return Err(BadQuestion::Future);
        }
        Ok(())
    }
}

/// The counts, and what they make.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Answer {
    /// What was asked.
    pub question: Question,
    /// The formula's name.
    pub id: &'static str,
    /// The formula's text.
    pub text: &'static str,
    /// From where to where a wait is measured.
    pub clock: &'static str,
    /// The counts of the window.
    pub counts: Counts,
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
    /// In percent, two decimals; none is *no data*.
    pub percent: Option<f64>,
}

impl Answer {
    pub(crate) fn new(question: Question, clock: Clock, counts: Counts) -> Answer {
        let row = question.formula.row();
        let (numerator, denominator) = ((row.numerator)(&counts), (row.denominator)(&counts));
        let percent = crate::percent(numerator, denominator);
        Answer { question, id: row.id, text: row.text, clock: clock.text(), counts, numerator, denominator, percent }
    }
}
