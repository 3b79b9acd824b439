//! The figures' thread: contact events in the order of their writers, folded and kept.
//!
//! ```text
//!   shard ── events, then a mark {tally, seq} ──► one ring ──► fold (all) ──► live
//!   floor ── events ─────────────────────────►              └─► fold (each shard) + mark ──► does it add up?
//!                                                           └─► journal
//! ```
//! A mark says what the shard counts at its own sources in the moment after its last event, so the two sides of each equation are
//! of the same moment. A full ring loses events, never delays a call: the loss is counted and turns conservation red.
use crate::inbox::{Bell, Receiver, Sender};
use crate::wall::Published;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switchboard_api::orders::Feed;
use switchboard_api::{Kept, Plan, View, Wall};
use switchboard_engine::ShardTally;
use switchboard_model::{ContactEvent, Instant, ShardId};
use switchboard_net::{Clock, Stop};
use switchboard_stats::{Ask, Equation, Fold, Ledger, Live, Outside};
use switchboard_store::Writer;

enum Parcel {
    Event(ContactEvent),
    Mark(ShardId, ShardTally, u64),
}

/// Where events go.
#[derive(Clone)]
pub struct FiguresMail {
    ring: Sender<Parcel>,
    lost: Arc<AtomicU64>,
}

impl FiguresMail {
    /// Something happened.
    pub fn tell(&self, event: ContactEvent) {
        if self.ring.push(Parcel::Event(event)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
    /// What a shard counts now. A mark that finds no room is no loss: the next one says more.
    pub fn mark(&self, shard: ShardId, tally: ShardTally, seq: u64) {
        drop(self.ring.push(Parcel::Mark(shard, tally, seq)));
    }
}

/// Events and marks that may wait: some seconds of a thousand calls a second.
const PARCELS_MAX: usize = 131_072;
/// How long parcels gather after the first, so that a wake-up, dearer than a parcel's work, is paid once for many: a display
/// that changes once a second does not see it, and a shard that finds this thread awake makes no system call.
const GATHER: Duration = Duration::from_millis(10);

/// What is known so far, for whoever asks.
#[derive(Clone)]
pub struct Figures {
    state: Arc<Mutex<State>>,
    lost: Arc<AtomicU64>,
    published: Sender<Published>,
    feed: Arc<Feed>,
}

struct State {
    events_so_far: BTreeMap<ShardId, u64>,
    all: Fold,
    shards: BTreeMap<ShardId, (Fold, Outside)>,
    strangers: u64,
    malformed: u64,
    late_answers: u64,
    panics: u64,
}

impl State {
    fn after(events_so_far: &BTreeMap<ShardId, u64>) -> State {
        State {
            events_so_far: events_so_far.clone(),
            all: Fold::after(events_so_far),
            shards: BTreeMap::new(),
            strangers: 0,
            malformed: 0,
            late_answers: 0,
            panics: 0,
        }
    }

    fn shard(&mut self, id: ShardId) -> &mut (Fold, Outside) {
        let so_far = &self.events_so_far;
        self.shards.entry(id).or_insert_with(|| (Fold::after(so_far), Outside::default()))
    }
}

/// The figures of one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// What a display shows.
    pub live: Live,
    /// Each shard's ledger.
    pub ledgers: BTreeMap<ShardId, Ledger>,
    /// Whether all of them add up and no event was lost.
    pub conserved: bool,
    /// Events that found no room, here or in the journal.
    pub records_lost: u64,
    /// Agents' answers after their caller had gone.
    pub late_answers: u64,
    /// INVITEs from addresses that are no trunk's.
    pub strangers: u64,
    /// Calls ended by an error of our own.
    pub panics: u64,
}

impl Figures {
    /// Asks.
    pub fn snapshot(&self, now: Instant, window: Duration, ask: Ask) -> Snapshot {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ledgers: BTreeMap<ShardId, Ledger> =
            state.shards.iter().map(|(id, (fold, outside))| (*id, fold.ledger(outside.clone()))).collect();
        let records_lost = self.lost.load(Ordering::Relaxed);
        Snapshot {
            live: state.all.live(now, window, ask),
            conserved: records_lost == 0 && ledgers.values().all(|l| l.conserved),
            ledgers,
            records_lost,
            late_answers: state.late_answers,
            strangers: state.strangers,
            panics: state.panics,
        }
    }

    /// Shows the wallboard of this plan from now on. A centre has one.
    pub fn publish(&self, plan: Plan, kept: Kept, clock: Clock) -> Wall {
        let bell = self.published.clone();
        let (published, wall) = Published::open(plan, kept, clock, Arc::new(move || bell.wake()));
        let taken = self.published.push(published).is_ok();
        assert!(taken, "a second wallboard was handed in before the first was taken; a centre has one");
        wall
    }

    /// Every event, for who follows them.
    pub fn feed(&self) -> Arc<Feed> {
        self.feed.clone()
    }

    /// Reads the fold of all events.
    pub fn with_fold<R>(&self, read: impl FnOnce(&Fold) -> R) -> R {
        read(&self.state.lock().unwrap_or_else(PoisonError::into_inner).all)
    }
}

/// The thread.
pub struct FiguresThread {
    ring: Receiver<Parcel>,
    published: Receiver<Published>,
    bell: Bell,
    figures: Figures,
    journal: Option<Writer>,
    stop: Stop,
}

impl FiguresThread {
    /// With a journal, or without.
    pub fn new(
        journal: Option<Writer>,
        events_so_far: &BTreeMap<ShardId, u64>,
        feed: Arc<Feed>,
        stop: Stop,
    ) -> (FiguresMail, Figures, FiguresThread) {
        let bell = Bell::default();
        let (sender, ring) = bell.ring(PARCELS_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let (publisher, published) = bell.ring(1);
        let state = Arc::new(Mutex::new(State::after(events_so_far)));
        let figures = Figures { state, lost: lost.clone(), published: publisher, feed };
        let thread = FiguresThread { ring, published, bell, figures: figures.clone(), journal, stop };
        (FiguresMail { ring: sender, lost }, figures, thread)
    }

    /// Runs until the end, and to the last event.
    pub fn run(self) {
        let bell = self.bell.unparker();
        self.stop.on_raise(move || bell.unpark());
        let mut wall = None;
        loop {
            let ended = self.stop.is_raised();
            self.take_all();
            wall = self.published.pop().or(wall);
            if let Some(wall) = &mut wall {
                self.show(wall);
            }
            if ended && self.ring.is_empty() {
                return;
            }
            if !ended {
                self.bell.wait(wall.as_ref().map(Published::rests));
                self.bell.rest(GATHER);
            }
        }
    }

    /// One board a second, and an answer to whoever has asked.
    fn show(&self, wall: &mut Published) {
        if !wall.is_due() {
            return;
        }
        let state = self.figures.state.lock().unwrap_or_else(PoisonError::into_inner);
        let ledgers = state.shards.values().map(|(fold, outside)| fold.ledger(outside.clone()));
        let failing: BTreeSet<Equation> = ledgers.flat_map(|l| l.failing).collect();
        wall.serve(&View {
            fold: &state.all,
            failing: failing.into_iter().collect(),
            records_lost: self.figures.lost.load(Ordering::Relaxed),
            strangers: state.strangers,
            panics: state.panics,
        });
    }

    fn take_all(&self) {
        while let Some(parcel) = self.ring.pop() {
            let mut state = self.figures.state.lock().unwrap_or_else(PoisonError::into_inner);
            match parcel {
                Parcel::Event(event) => {
                    state.all.add(&event);
                    state.shard(event.by).0.add(&event);
                    drop(state);
                    self.figures.feed.push(&event);
                    if let Some(journal) = &self.journal
                        && !journal.offer(event)
                    {
                        self.figures.lost.fetch_add(1, Ordering::Relaxed);
                    }
                }
                Parcel::Mark(shard, tally, seq) => {
                    let outside = Outside {
                        arrived: tally.arrived,
                        waiting: tally.waiting,
                        alive: tally.calls - tally.ending,
                        written: BTreeMap::from([(shard, seq)]),
                    };
                    state.shard(shard).1 = outside;
                    state.strangers = tally.strangers;
                    state.malformed = tally.malformed;
                    state.late_answers = tally.late_answers;
                    state.panics = tally.panics;
                }
            }
        }
    }
}
