//! The contact database: a copy of the journal that SQL can be asked of.
//!
//! ```text
//!   events-….jsonl ──read from `position`──► a batch ──one transaction──► events(writer, seq, …) + position
//! ```
//! It is filled by catching up, off the call path; a slow, missing or deleted database costs no call. An event is known by
//! its writer and number, so that catching up twice changes nothing. Columns are TEXT and BIGINT only, and moments are
//! microseconds: what both SQLite and PostgreSQL read alike.
use crate::folder::{self, Damage, Position};
use crate::{Events, StoreError};
use crossbeam::sync::{Parker, Unparker};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, QueryBuilder, Row, Sqlite};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_model::ContactEvent;

/// Events in one transaction: 18 columns each, below SQLite's 32 766 parameters.
const BATCH: usize = 1000;

const SCHEMA: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS events (
        writer BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, call BIGINT, what TEXT NOT NULL,
        queue BIGINT, agent BIGINT, wait_ms BIGINT, talk_ms BIGINT, cause TEXT, hung_up TEXT, ring_end TEXT,
        requested_by TEXT, presence TEXT, activity TEXT, menu TEXT, choice TEXT, body TEXT NOT NULL,
        PRIMARY KEY (writer, seq))",
    "CREATE INDEX IF NOT EXISTS events_by_call ON events (call, seq)",
    "CREATE INDEX IF NOT EXISTS events_by_agent ON events (agent, what, at)",
    "CREATE TABLE IF NOT EXISTS position (
        id BIGINT PRIMARY KEY, file TEXT NOT NULL, line BIGINT NOT NULL, next BIGINT NOT NULL, sum BIGINT NOT NULL)",
];

/// `contacts.sqlite` in the record's folder.
pub struct Database {
    dir: PathBuf,
    pub(crate) connection: SqliteConnection,
}

/// What a catching up has found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CaughtUp {
    /// Events copied.
    pub events: u64,
    /// Records that could not be read and were passed over.
    pub damaged: u64,
}

impl Database {
    /// Opens or makes it.
    pub async fn open(dir: &Path) -> Result<Database, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(dir.join("contacts.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // The journal is the truth: what a power failure takes from the copy is copied again.
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(30));
        let mut connection = SqliteConnection::connect_with(&options).await?;
        for statement in SCHEMA {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        Ok(Database { dir: dir.to_owned(), connection })
    }

    /// Copies what the journal has and this has not.
    pub async fn catch_up(&mut self) -> Result<CaughtUp, StoreError> {
        let position = self.position().await?;
        let mut events = folder::read_from(&self.dir, position)?;
        let mut found = CaughtUp::default();
        loop {
            let batch = take(&mut events, &mut found.damaged);
            if batch.is_empty() {
                return Ok(found);
            }
            found.events += batch.len() as u64;
            self.copy(&batch, events.position()).await?;
        }
    }

    /// Closes it.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.connection.close().await?)
    }

    async fn position(&mut self) -> Result<Position, StoreError> {
        let query = sqlx::query("SELECT file, line, next, sum FROM position WHERE id = 1");
        let Some(row) = query.fetch_optional(&mut self.connection).await? else { return Ok(Position::default()) };
        let number = |i: usize| row.try_get::<i64, _>(i).map(|n| u64::try_from(n).unwrap_or(0));
        let sum = u32::try_from(number(3)?).unwrap_or(0);
        Ok(Position { file: row.try_get(0)?, line: number(1)?, next: number(2)?, sum })
    }

    async fn copy(&mut self, batch: &[ContactEvent], position: &Position) -> Result<(), StoreError> {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO events (writer, seq, at, call, what, queue, agent, wait_ms, talk_ms, cause, hung_up, ring_end, \
             requested_by, presence, activity, menu, choice, body) ",
        );
        insert.push_values(batch, |mut row, event| {
            let json = serde_json::to_value(event).expect("plain data with text keys");
            for name in ["by", "seq", "at", "call"] {
                row.push_bind(json[name].as_i64());
            }
            row.push_bind(json["what"].as_str().map(str::to_owned));
            for name in ["queue", "agent", "wait_ms", "talk_ms"] {
                row.push_bind(json[name].as_i64());
            }
            for name in ["cause", "hung_up", "end", "requested_by", "presence", "activity", "menu", "key"] {
                row.push_bind(json[name].as_str().map(str::to_owned));
            }
            row.push_bind(json.to_string());
        });
        // The journal may have lost its last, unacknowledged records in a power failure and given their numbers again.
        insert.push(
            " ON CONFLICT (writer, seq) DO UPDATE SET at = excluded.at, call = excluded.call, what = excluded.what, \
             queue = excluded.queue, agent = excluded.agent, wait_ms = excluded.wait_ms, talk_ms = excluded.talk_ms, \
             cause = excluded.cause, hung_up = excluded.hung_up, ring_end = excluded.ring_end, \
             requested_by = excluded.requested_by, presence = excluded.presence, activity = excluded.activity, \
             menu = excluded.menu, choice = excluded.choice, body = excluded.body",
        );
        let mut transaction = self.connection.begin().await?;
        insert.build().execute(&mut *transaction).await?;
        let place = "INSERT INTO position (id, file, line, next, sum) VALUES (1, $1, $2, $3, $4) \
                     ON CONFLICT (id) DO UPDATE SET file = $1, line = $2, next = $3, sum = $4";
        sqlx::query(place)
            .bind(position.file.clone())
            .bind(position.line as i64)
            .bind(position.next as i64)
            .bind(i64::from(position.sum))
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }
}

fn take(events: &mut Events, damaged: &mut u64) -> Vec<ContactEvent> {
    let mut batch = Vec::new();
    while batch.len() < BATCH {
        match events.next() {
            Some(Ok(event)) => batch.push(event),
            Some(Err(Damage::Line { .. } | Damage::Io { .. })) => *damaged += 1,
            None => break,
        }
    }
    batch
}

/// Runs what waits for the database to its end, on this thread. Not for a thread that serves others.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime without threads of its own needs an epoll descriptor only").block_on(work)
}

/// A thread of its own that lets the database catch up, again and again.
pub struct CatchUp {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    unparker: Unparker,
}

#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    events: AtomicU64,
    failing: Mutex<Option<String>>,
}

impl CatchUp {
    /// Begins, and catches up every so often.
    pub fn start(dir: &Path, every: Duration) -> CatchUp {
        let (dir, shared, parker) = (dir.to_owned(), Arc::new(Shared::default()), Parker::new());
        let (theirs, unparker) = (shared.clone(), parker.unparker().clone());
        let body = move || run(keep_up(&dir, every, &theirs, &parker));
        let thread = std::thread::Builder::new().name("contacts".to_owned()).spawn(body);
        CatchUp { shared, thread: Some(thread.expect("a starting process can have one more thread")), unparker }
    }

    /// Events copied, and what the database says while it fails.
    pub fn status(&self) -> (u64, Option<String>) {
        let failing = self.shared.failing.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (self.shared.events.load(Ordering::Relaxed), failing)
    }

    /// Catches up once more and ends.
    pub fn close(mut self) {
        self.stop();
    }

    fn stop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.unparker.unpark();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the catching-up thread does not panic");
        }
    }
}

impl Drop for CatchUp {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn keep_up(dir: &Path, every: Duration, shared: &Shared, parker: &Parker) {
    let mut database: Option<Database> = None;
    loop {
        let closing = shared.closing.load(Ordering::Acquire);
        let outcome = once(dir, &mut database).await;
        let failing = match outcome {
            Ok(found) => {
                shared.events.fetch_add(found.events, Ordering::Relaxed);
                None
            }
            Err(e) => {
                database = None; // opened anew next time
                Some(e.to_string())
            }
        };
        *shared.failing.lock().unwrap_or_else(PoisonError::into_inner) = failing;
        if closing {
            return;
        }
        // Nothing else runs on this thread's runtime, so it may as well sleep as a thread.
        parker.park_timeout(every);
    }
}

async fn once(dir: &Path, database: &mut Option<Database>) -> Result<CaughtUp, StoreError> {
    if database.is_none() {
        *database = Some(Database::open(dir).await?);
    }
    database.as_mut().expect("opened above").catch_up().await
}
