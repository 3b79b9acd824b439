//! A question on its way to the figures' thread and its answer on the way back: bounded, and nobody waits for the other's lock.
use crossbeam::queue::ArrayQueue;
use std::sync::Arc;
use switchboard_stats::{Answer, BadQuestion, Question};
use tokio::sync::oneshot;

/// Questions that may wait. Each takes the figures' thread some microseconds, so this many are there for milliseconds.
pub const QUESTIONS_MAX: usize = 64;

/// What wakes the figures' thread.
pub type Bell = Arc<dyn Fn() + Send + Sync>;

/// One question.
pub struct Asked {
    /// What.
    pub question: Question,
    /// Where the answer goes. Whoever asked may have gone.
    pub reply: oneshot::Sender<Result<Answer, BadQuestion>>,
}

/// Both ends of the way.
#[derive(Clone)]
pub struct Questions {
    ring: Arc<ArrayQueue<Asked>>,
    bell: Bell,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The question has none.
    #[error(transparent)]
    Bad(#[from] BadQuestion),
    /// Too many wait.
    #[error("{QUESTIONS_MAX} questions wait already; ask again in a second")]
    Busy,
    /// The figures' thread has ended.
    #[error("the centre is stopping")]
    Gone,
}

impl Questions {
    /// None waits.
    pub fn new(bell: Bell) -> Questions {
        Questions { ring: Arc::new(ArrayQueue::new(QUESTIONS_MAX)), bell }
    }

    /// Asks, and waits for the answer.
    pub async fn ask(&self, question: Question) -> Result<Answer, NoAnswer> {
        let (reply, answer) = oneshot::channel();
        self.ring.push(Asked { question, reply }).map_err(|_| NoAnswer::Busy)?;
        (self.bell)();
        Ok(answer.await.map_err(|_| NoAnswer::Gone)??)
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }

    /// The oldest that waits.
    pub fn next(&self) -> Option<Asked> {
        self.ring.pop()
    }
}
