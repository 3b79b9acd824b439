//! The figures' side of the wallboard: once a second it publishes a board, and between times it answers questions.
//!
//! [`open`] makes both ends. The desk is moved into the figures' thread; it writes the latest board where readers take a copy
//! of the pointer, so that a slow reader keeps an old board alive and never holds up a new one.
use crate::ask::{Bell, QUESTIONS_MAX, Questions};
use crate::board::Board;
use crate::kept::Kept;
use crate::metric::Metrics;
use crate::plan::Plan;
use std::sync::Arc;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_stats::{Equation, Fold};
use switchboard_store::midnight;
use tokio::sync::{Semaphore, watch};

/// What the figures' thread lets the desk look at.
pub struct View<'a> {
    /// The fold of all events.
    pub fold: &'a Fold,
    /// The equations that fail, of all shards.
    pub failing: Vec<Equation>,
    /// Events that found no room.
    pub records_lost: u64,
    /// INVITEs from addresses that are no trunk's.
    pub strangers: u64,
    /// Calls ended by an error of our own.
    pub panics: u64,
}

/// The figures' end.
pub struct Desk {
    plan: Plan,
    kept: Kept,
    latest: watch::Sender<Option<Published>>,
    questions: Questions,
    metrics: Arc<Metrics>,
    opened: Instant,
    next: Instant,
}

/// The readers' end.
#[derive(Clone)]
pub struct Wall {
    pub(crate) plan: Arc<Plan>,
    pub(crate) kept: Kept,
    /// What the fold knows begins here.
    pub(crate) opened: Instant,
    /// Who may read the record now.
    pub(crate) readers: Arc<Semaphore>,
    pub(crate) latest: watch::Receiver<Option<Published>>,
    pub(crate) questions: Questions,
    pub(crate) metrics: Arc<Metrics>,
}

/// A board, and its JSON made once for all who watch.
#[derive(Clone)]
pub struct Published {
    /// The board.
    pub board: Arc<Board>,
    /// Its JSON.
    pub json: Arc<str>,
}

/// Questions that may read the record at once: each takes a core for as long as its days are long.
pub const READERS_MAX: usize = 2;

/// How often a board is published.
pub const EVERY: Duration = Duration::from_secs(1);

/// Both ends; `bell` wakes the thread that owns the desk.
pub fn open(plan: Plan, kept: Kept, now: Instant, bell: Bell) -> (Desk, Wall) {
    let (sender, latest) = watch::channel(None);
    let (questions, metrics) = (Questions::new(bell), Arc::new(Metrics::new(&plan)));
    let wall = Wall {
        plan: Arc::new(plan.clone()),
        kept: kept.clone(),
        opened: now,
        readers: Arc::new(Semaphore::new(READERS_MAX)),
        latest,
        questions: questions.clone(),
        metrics: metrics.clone(),
    };
    (Desk { plan, kept, latest: sender, questions, metrics, opened: now, next: now }, wall)
}

impl Desk {
    /// Publishes if a second has passed, and answers who has asked.
    pub fn serve(&mut self, now: Instant, view: &View<'_>) {
        if now >= self.next {
            self.next = now + EVERY;
            let since = midnight(now).max(self.opened);
            let board = Board::make(&self.plan, view, self.kept.now(), &self.kept.usual(), now, since);
            self.metrics.show(&board, view, &self.plan);
            let json = serde_json::to_string(&board).expect("plain data").into();
            self.latest.send_replace(Some(Published { board: Arc::new(board), json }));
        }
        for _ in 0..QUESTIONS_MAX {
            let Some(asked) = self.questions.next() else { break };
            let answer = asked.question.check(now).map(|()| view.fold.answer(&asked.question, now));
            drop(asked.reply.send(answer)); // who asked may have gone
        }
    }

    /// Whether there is something to do.
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.next || !self.questions.is_empty()
    }

    /// When the next board is due.
    pub fn next(&self) -> Instant {
        self.next
    }
}

impl Wall {
    /// The latest board; none before the first.
    pub fn board(&self) -> Option<Arc<Board>> {
        self.latest.borrow().as_ref().map(|p| p.board.clone())
    }
}
