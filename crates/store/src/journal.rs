//! The journal: many offer, one writes, nobody waits.
//!
//! ```text
//!   Writer::offer ──push──► ring buffer ──► collect ──► write once ──► fdatasync ──► durable += n
//!        │                  HELD_MAX            ▲            │ fails: keep the group, try again soon
//!        └── full: lost += 1, false             └── park ────┘
//! ```
//! A call never waits for the disk. While the disk is full or dead, events are held in memory; when that is full too, the
//! newest are counted as lost and the ledger shows the gap in their writer's numbers. What was acknowledged by
//! [`Writer::flush`] is on the disk. Each group goes to one file; a new day (UTC, by the event) begins a new one.
//!
//! Shared words: `offered` and `lost` are written by those who offer, `durable` and `failing` by the thread alone; they are
//! counters to read, and no other memory hangs on their order. Waiting for `durable` goes through the mutex beside it.
use crate::StoreError;
use crate::folder::{self, raise};
use crate::line::{self, Head};
use crate::tape::{self, FileTape, Tape};
use crossbeam::queue::ArrayQueue;
use crossbeam::sync::{Parker, Unparker};
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_model::{ContactEvent, ShardId};

/// How many events are held while the disk does not take them: at 15 events a call and 10 calls a second, 7 minutes; at
/// about 300 bytes each, 20 MB.
pub const HELD_MAX: usize = 65_536;
/// The most events in one group: one `fdatasync` of 0.3 ms costs each of them a third of a microsecond, and more gain little.
const GROUP_MAX: usize = 1024;
/// How long after a failure the disk is tried again.
const RETRY: Duration = Duration::from_millis(200);
/// How long events gather after the first before they are written in one group. Nobody waits for the disk but `flush`, and a
/// group of ten costs the same `fdatasync` and the same wake-up as one.
const GATHER: Duration = Duration::from_millis(5);
/// How often a closing journal tries a failing disk before it gives up.
const CLOSING_TRIES: u32 = 5;

/// The journal of a folder. One process at a time; dropping it closes it.
pub struct Journal {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The lock on the folder, held for as long as this lives.
    _lock: File,
}

/// Who may offer events. Cheap to clone, one for each thread.
#[derive(Clone)]
pub struct Writer(Arc<Shared>);

/// What was found when the journal was opened.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Recovered {
    /// Events in the newest file.
    pub events: u64,
    /// The last number of each writer; it goes on from there.
    pub last: BTreeMap<ShardId, u64>,
    /// Bytes of a torn end that were cut off. They had not been acknowledged.
    pub cut_bytes: u64,
    /// Damaged lines in the middle of the newest file. They stay where they are.
    pub damaged: u64,
}

/// How the journal does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Status {
    /// Events taken.
    pub offered: u64,
    /// Of these, on the disk.
    pub durable: u64,
    /// Of these, in memory.
    pub held: u64,
    /// Events refused because too many were held, or given up at the end.
    pub records_lost: u64,
    /// What the disk says, while it fails.
    pub failing: Option<String>,
}

struct Shared {
    ring: ArrayQueue<ContactEvent>,
    thread: Unparker,
    closing: AtomicBool,
    offered: AtomicU64,
    /// Refused.
    lost: AtomicU64,
    /// Taken, and not written to the end.
    given_up: AtomicU64,
    durable: AtomicU64,
    failing: Mutex<Option<String>>,
    progress: Condvar,
}

impl Journal {
    /// Opens the journal of a folder, makes the folder if need be, and cuts a torn end.
    pub fn open(dir: &Path) -> Result<(Journal, Recovered), StoreError> {
        Journal::open_holding(dir, HELD_MAX)
    }

    /// The same, with another bound on what is held in memory.
    pub fn open_holding(dir: &Path, held_max: usize) -> Result<(Journal, Recovered), StoreError> {
        std::fs::create_dir_all(dir).map_err(StoreError::io(dir))?;
        let lock = lock(dir)?;
        let (newest, recovered) = recover(dir)?;
        let tape = FileTape::resume(dir, newest).map_err(StoreError::io(dir))?;
        Ok((Journal::start(tape, recovered.last.clone(), held_max, lock), recovered))
    }

    fn start(tape: impl Tape, last: BTreeMap<ShardId, u64>, held_max: usize, lock: File) -> Journal {
        let parker = Parker::new();
        let shared = Arc::new(Shared {
            ring: ArrayQueue::new(held_max.max(1)),
            thread: parker.unparker().clone(),
            closing: AtomicBool::new(false),
            offered: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            durable: AtomicU64::new(0),
            failing: Mutex::new(None),
            progress: Condvar::new(),
        });
        let theirs = shared.clone();
        let body = move || Scribe { shared: theirs, tape, last, group: Vec::new(), next: None }.run(&parker);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(body);
        Journal {
            shared,
            thread: Some(thread.expect("a process that has just started can have one more thread")),
            _lock: lock,
        }
    }

    /// One more who may offer.
    pub fn writer(&self) -> Writer {
        Writer(self.shared.clone())
    }

    /// Writes what is held and ends. If the disk keeps failing, what it did not take is counted as lost.
    pub fn close(mut self) -> Status {
        self.stop();
        self.shared.status()
    }

    fn stop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.shared.thread.unpark();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the journal's thread does not panic");
        }
        while self.shared.ring.pop().is_some() {
            self.shared.given_up.fetch_add(1, Ordering::Relaxed); // after a disk that failed to the end
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Writer {
    /// Takes an event; never waits. False if too many are held or the journal is closed: the event is lost and counted.
    pub fn offer(&self, event: ContactEvent) -> bool {
        let shared = &self.0;
        if shared.closing.load(Ordering::Acquire) || shared.ring.push(event).is_err() {
            shared.lost.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        shared.offered.fetch_add(1, Ordering::Release);
        shared.thread.unpark();
        true
    }

    /// Waits until everything this thread has offered is on the disk, at most so long; whether it is. Not for a call's thread.
    pub fn flush(&self, at_most: Duration) -> bool {
        let target = self.0.offered.load(Ordering::Acquire);
        let waiting = |_: &mut Option<String>| self.0.durable.load(Ordering::Acquire) < target;
        let done = self.0.progress.wait_timeout_while(self.0.failing(), at_most, waiting);
        !done.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// How the journal does.
    pub fn status(&self) -> Status {
        self.0.status()
    }
}

impl Shared {
    fn failing(&self) -> MutexGuard<'_, Option<String>> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn status(&self) -> Status {
        // Durable first: what is offered meanwhile is then held, and never less than nothing.
        let durable = self.durable.load(Ordering::Acquire);
        let given_up = self.given_up.load(Ordering::Acquire);
        let offered = self.offered.load(Ordering::Acquire).max(durable + given_up);
        Status {
            offered,
            durable,
            held: offered - durable - given_up,
            records_lost: self.lost.load(Ordering::Relaxed) + given_up,
            failing: self.failing().clone(),
        }
    }
}

/// The thread that writes.
struct Scribe<T> {
    shared: Arc<Shared>,
    tape: T,
    last: BTreeMap<ShardId, u64>,
    group: Vec<ContactEvent>,
    /// Taken out already, but of a later day than the group.
    next: Option<ContactEvent>,
}

impl<T: Tape> Scribe<T> {
    fn run(mut self, parker: &Parker) {
        let mut day = String::new();
        // Nobody has its unparker, so what it waits for is the clock alone.
        let rest = Parker::new();
        loop {
            // Read before collecting: what was offered before closing is then in the ring.
            let closing = self.shared.closing.load(Ordering::Acquire);
            self.collect(&mut day);
            if self.group.is_empty() {
                if closing {
                    return;
                }
                parker.park();
                if !self.shared.closing.load(Ordering::Acquire) {
                    rest.park_timeout(GATHER);
                }
                continue;
            }
            if !self.write(&day, parker) {
                return self.give_up();
            }
        }
    }

    /// Takes the next group, all of one day. An event that is late for its day goes into the present one.
    fn collect(&mut self, day: &mut String) {
        while self.group.len() < GROUP_MAX {
            let Some(event) = self.next.take().or_else(|| self.shared.ring.pop()) else { return };
            let its = tape::day(event.at);
            if its > *day {
                if !self.group.is_empty() {
                    self.next = Some(event);
                    return;
                }
                *day = its;
            }
            self.group.push(event);
        }
    }

    /// Writes the group, however long it takes; false if the journal closes and the disk keeps failing.
    fn write(&mut self, day: &str, parker: &Parker) -> bool {
        let mut lines = Vec::with_capacity(self.group.len() * 256);
        self.group.iter().for_each(|event| line::write(&mut lines, event));
        let mut closing_tries = 0;
        loop {
            match self.tape.append(day, &Head { journal: 1, after: self.last.clone() }, &lines) {
                Ok(()) => break,
                Err(e) => *self.shared.failing() = Some(e.to_string()),
            }
            if self.shared.closing.load(Ordering::Acquire) {
                closing_tries += 1;
                if closing_tries == CLOSING_TRIES {
                    return false;
                }
            }
            parker.park_timeout(RETRY);
        }
        self.group.iter().for_each(|event| raise(&mut self.last, event.by, event.seq));
        let mut failing = self.shared.failing();
        self.shared.durable.fetch_add(self.group.len() as u64, Ordering::Release);
        *failing = None;
        drop(failing);
        self.shared.progress.notify_all();
        self.group.clear();
        true
    }

    fn give_up(self) {
        let lost = self.group.len() as u64 + u64::from(self.next.is_some());
        self.shared.given_up.fetch_add(lost, Ordering::Relaxed);
    }
}

fn lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("journal.lock");
    let file = File::options().create(true).append(true).open(&path).map_err(StoreError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.to_owned())),
        Err(TryLockError::Error(e)) => Err(StoreError::io(&path)(e)),
    }
}

/// Which file goes on and up to where, and what was found. A file of which not even the head is whole is removed.
fn recover(dir: &Path) -> Result<(Option<(String, u64)>, Recovered), StoreError> {
    let mut recovered = Recovered::default();
    for name in folder::files(dir)?.into_iter().rev() {
        let path = dir.join(&name);
        let scan = folder::scan(&path).map_err(StoreError::io(&path))?;
        recovered.cut_bytes += scan.len - scan.good;
        if scan.good == 0 {
            std::fs::remove_file(&path).map_err(StoreError::io(&path))?;
            continue;
        }
        let day = folder::day_of(&name).expect("listed by this name").to_owned();
        recovered.events = scan.events;
        recovered.damaged = scan.damaged;
        scan.last.into_iter().for_each(|(by, seq)| raise(&mut recovered.last, by, seq));
        return Ok((Some((day, scan.good)), recovered));
    }
    Ok((None, recovered))
}

#[cfg(test)]
mod tests;
