//! The thread that lets the database catch up, again and again, whatever becomes of the database.
//!
//! ```text
//!   journal ──read──► one batch ──► database          fails or takes too long: told, the connection thrown away,
//!                        ▲             │              and tried again from where the database says it is
//!                        └── 1 s ──────┘
//! ```
//! No call, no event and no figure waits for it: it reads files that are on the disk already. While the database is dead the
//! journal grows and [`CopyStatus::behind_bytes`] with it; nothing is held in memory, so nothing can be lost here.
use crate::folder::{self, Position};
use crate::{CaughtUp, Database, Place, StoreError};
use crossbeam::sync::{Parker, Unparker};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long one batch of a thousand events may take before the database counts as dead.
const BATCH_MAX: Duration = Duration::from_secs(30);
/// How long the last catching up may take at the end: what is left then is copied after the next start.
const CLOSING_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether the end has come, while the database does not answer.
const LOOK: Duration = Duration::from_millis(100);

/// A thread of its own that lets the database catch up.
pub struct CatchUp {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    unparker: Unparker,
}

/// Who may ask how the copy does. Cheap to clone.
#[derive(Clone)]
pub struct Copying(Arc<Shared>);

/// How the copy does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CopyStatus {
    /// Events copied since the start.
    pub events: u64,
    /// Bytes of the journal that it does not have yet, as of the last look.
    pub behind_bytes: u64,
    /// What the database says while it fails.
    pub failing: Option<String>,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    status: Mutex<CopyStatus>,
}

impl Shared {
    fn status(&self) -> MutexGuard<'_, CopyStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CatchUp {
    /// Begins, and catches up every so often.
    pub fn start(dir: &Path, place: Place, every: Duration) -> CatchUp {
        let (shared, parker) = (Arc::new(Shared::default()), Parker::new());
        let unparker = parker.unparker().clone();
        let copier =
            Copier { dir: dir.to_owned(), place, shared: shared.clone(), database: None, at: Position::default() };
        let body = move || run(copier.keep_up(every, &parker));
        let thread = std::thread::Builder::new().name("contacts".to_owned()).spawn(body);
        CatchUp { shared, thread: Some(thread.expect("a starting process can have one more thread")), unparker }
    }

    /// For whoever shows it.
    pub fn copying(&self) -> Copying {
        Copying(self.shared.clone())
    }

    /// How it does.
    pub fn status(&self) -> CopyStatus {
        self.shared.status().clone()
    }

    /// Catches up once more, for a few seconds at most, and ends.
    pub fn close(mut self) -> CopyStatus {
        self.stop();
        self.status()
    }

    fn stop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.unparker.unpark();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the catching-up thread does not panic");
        }
    }
}

impl Copying {
    /// How it does.
    pub fn status(&self) -> CopyStatus {
        self.0.status().clone()
    }
}

impl Drop for CatchUp {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Copier {
    dir: PathBuf,
    place: Place,
    shared: Arc<Shared>,
    database: Option<Database>,
    /// How far the database was when it was last asked.
    at: Position,
}

impl Copier {
    async fn keep_up(mut self, every: Duration, parker: &Parker) {
        loop {
            let closing = self.shared.closing.load(Ordering::Acquire);
            let failing = self.once().await.err();
            if failing.is_some() {
                self.database = None; // opened anew next time
            }
            let behind_bytes = behind(&self.dir, &self.at);
            {
                let mut status = self.shared.status();
                status.behind_bytes = behind_bytes;
                status.failing = failing.as_ref().map(StoreError::to_string);
            }
            if closing || failing.is_some() && self.shared.closing.load(Ordering::Acquire) {
                return;
            }
            // Nothing else runs on this thread's runtime, so it may as well sleep as a thread.
            parker.park_timeout(every);
        }
    }

    async fn once(&mut self) -> Result<(), StoreError> {
        let Copier { dir, place, shared, database, at } = self;
        if database.is_none() {
            *database = Some(patient(shared, place, Database::open(dir, place)).await?);
        }
        let database = database.as_mut().expect("opened above");
        *at = patient(shared, place, database.position()).await?;
        let mut events = folder::read_from(dir, at.clone())?;
        loop {
            let mut found = CaughtUp::default();
            if !patient(shared, place, database.copy_some(&mut events, &mut found)).await? {
                return Ok(());
            }
            *at = events.position().clone();
            shared.status().events += found.events;
        }
    }
}

/// Waits for the database, but not for ever, and at the end for some seconds only.
async fn patient<T>(
    shared: &Shared,
    place: &Place,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let mut work = std::pin::pin!(work);
    let (mut waited, mut waited_closing) = (Duration::ZERO, Duration::ZERO);
    loop {
        if let Ok(done) = tokio::time::timeout(LOOK, &mut work).await {
            return done;
        }
        waited += LOOK;
        if shared.closing.load(Ordering::Acquire) {
            waited_closing += LOOK;
        }
        if waited >= BATCH_MAX || waited_closing >= CLOSING_MAX {
            return Err(StoreError::slow(place, waited));
        }
    }
}

/// The bytes of the journal after a position. A file that cannot be looked at counts as nothing; reading it will say why.
fn behind(dir: &Path, at: &Position) -> u64 {
    let files = folder::files(dir).unwrap_or_default();
    let len = |name: &String| std::fs::metadata(dir.join(name)).map_or(0, |m| m.len());
    let later = files.iter().filter(|name| **name >= at.file);
    later.map(|name| if *name == at.file { len(name).saturating_sub(at.next) } else { len(name) }).sum()
}

/// Runs what waits for the database to its end, on this thread. Not for a thread that serves others.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime without threads of its own needs an epoll descriptor only").block_on(work)
}
