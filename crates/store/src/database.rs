//! The contact database: a copy of the journal that SQL can be asked of, in SQLite or in PostgreSQL.
//!
//! ```text
//!   events-….jsonl ──read from `position`──► a batch ──one transaction──► events(writer, seq, …) + position
//! ```
//! It is filled by catching up, off the call path; a slow, missing or deleted database costs no call. An event is known by
//! its writer and number, so that catching up twice changes nothing. Columns are TEXT and BIGINT only, and moments are
//! microseconds: what both read alike. A copy belongs to one record, known by the record's own name, and to one form of the
//! tables; of another form it is made anew from the journal, and that of another record is refused.
use crate::folder::{self, Damage, Position};
use crate::sql::{Place, Sql, Value};
use crate::{Events, StoreError, record_name};
use std::path::{Path, PathBuf};
use switchboard_model::{ContactEvent, Disposed, What};

/// Events in one transaction: 22 columns each, below SQLite's 32 766 parameters and PostgreSQL's 65 535.
const BATCH: usize = 1000;

/// The form of the tables. A new one is filled from the journal again.
const FORM: i64 = 3;

const COLUMNS: [&str; 22] = [
    "writer",
    "seq",
    "at",
    "call",
    "what",
    "queue",
    "agent",
    "wait_ms",
    "talk_ms",
    "cause",
    "hung_up",
    "ring_end",
    "requested_by",
    "presence",
    "activity",
    "menu",
    "choice",
    "trunk",
    "hash",
    "customer",
    "to_agent",
    "body",
];

/// What callers wanted: an event bears several.
const NEEDS: [&str; 7] = ["writer", "seq", "nth", "at", "call", "topic", "outcome"];

const SCHEMA: [&str; 6] = [
    "CREATE TABLE IF NOT EXISTS events (
        writer BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, call BIGINT, what TEXT NOT NULL,
        queue BIGINT, agent BIGINT, wait_ms BIGINT, talk_ms BIGINT, cause TEXT, hung_up TEXT, ring_end TEXT,
        requested_by TEXT, presence TEXT, activity TEXT, menu TEXT, choice TEXT, trunk BIGINT, hash TEXT,
        customer TEXT, to_agent BIGINT, body TEXT NOT NULL, PRIMARY KEY (writer, seq))",
    "CREATE INDEX IF NOT EXISTS events_by_call ON events (call, seq)",
    "CREATE INDEX IF NOT EXISTS events_by_agent ON events (agent, what, at)",
    "CREATE TABLE IF NOT EXISTS needs (
        writer BIGINT NOT NULL, seq BIGINT NOT NULL, nth BIGINT NOT NULL, at BIGINT NOT NULL, call BIGINT NOT NULL,
        topic TEXT NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (writer, seq, nth))",
    "CREATE TABLE IF NOT EXISTS position (
        id BIGINT PRIMARY KEY, file TEXT NOT NULL, line BIGINT NOT NULL, next BIGINT NOT NULL, sum BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS copy_of (id BIGINT PRIMARY KEY, form BIGINT NOT NULL, record TEXT NOT NULL)",
];

/// The copy of one record.
pub struct Database {
    dir: PathBuf,
    pub(crate) sql: Sql,
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
    pub async fn open(dir: &Path, place: &Place) -> Result<Database, StoreError> {
        let mut database = Database { dir: dir.to_owned(), sql: Sql::open(dir, place).await? };
        database.prepare(place).await?;
        Ok(database)
    }

    async fn prepare(&mut self, place: &Place) -> Result<(), StoreError> {
        let name = record_name(&self.dir)?;
        self.sql.run(SCHEMA[5], &[]).await?;
        let found = self.sql.rows("SELECT form, record FROM copy_of WHERE id = 1", &[]).await?;
        let (form, record) = match found.first() {
            Some(row) => (row.int(0)?, row.text(1)?),
            None => (None, None),
        };
        if record.as_ref().is_some_and(|record| *record != name) {
            return Err(StoreError::OtherRecord { place: place.to_string(), dir: self.dir.clone() });
        }
        if form != Some(FORM) {
            self.sql.run("BEGIN", &[]).await?;
            for table in ["events", "needs", "position"] {
                self.sql.run(&format!("DROP TABLE IF EXISTS {table}"), &[]).await?;
            }
            self.sql.run("DELETE FROM copy_of", &[]).await?;
            let mine = [Value::from(FORM), Value::Text(Some(name))];
            self.sql.run("INSERT INTO copy_of (id, form, record) VALUES (1, $1, $2)", &mine).await?;
            self.sql.run("COMMIT", &[]).await?;
        }
        for statement in SCHEMA {
            self.sql.run(statement, &[]).await?;
        }
        Ok(())
    }

    /// Copies what the journal has and this has not.
    pub async fn catch_up(&mut self) -> Result<CaughtUp, StoreError> {
        let mut found = CaughtUp::default();
        let position = self.position().await?;
        let mut events = folder::read_from(&self.dir, position)?;
        while self.copy_some(&mut events, &mut found).await? {}
        Ok(found)
    }

    /// One batch of them; whether there was one.
    pub(crate) async fn copy_some(&mut self, events: &mut Events, found: &mut CaughtUp) -> Result<bool, StoreError> {
        let batch = take(events, &mut found.damaged);
        if batch.is_empty() {
            return Ok(false);
        }
        self.copy(&batch, Events::position(events)).await?;
        found.events += batch.len() as u64;
        Ok(true)
    }

    /// Puts these events in the place of what it has of them, or beside it.
    pub(crate) async fn put(&mut self, events: &[ContactEvent]) -> Result<(), StoreError> {
        for batch in events.chunks(BATCH) {
            self.insert(batch).await?;
        }
        Ok(())
    }

    async fn insert(&mut self, batch: &[ContactEvent]) -> Result<(), StoreError> {
        let rows: Vec<Vec<Value>> = batch.iter().map(row).collect();
        self.sql.insert("events", &COLUMNS, &rows, &instead(&COLUMNS, 2)).await?;
        let needs: Vec<Vec<Value>> = batch.iter().flat_map(needs).collect();
        for part in needs.chunks(BATCH) {
            self.sql.insert("needs", &NEEDS, part, &instead(&NEEDS, 3)).await?;
        }
        Ok(())
    }

    /// Closes it.
    pub async fn close(self) -> Result<(), StoreError> {
        self.sql.close().await
    }

    pub(crate) async fn position(&mut self) -> Result<Position, StoreError> {
        let rows = self.sql.rows("SELECT file, line, next, sum FROM position WHERE id = 1", &[]).await?;
        let Some(row) = rows.first() else { return Ok(Position::default()) };
        let number = |i: usize| row.int(i).map(|n| n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0));
        let sum = u32::try_from(number(3)?).unwrap_or(0);
        Ok(Position { file: row.text(0)?.unwrap_or_default(), line: number(1)?, next: number(2)?, sum })
    }

    async fn copy(&mut self, batch: &[ContactEvent], position: &Position) -> Result<(), StoreError> {
        let place = "INSERT INTO position (id, file, line, next, sum) VALUES (1, $1, $2, $3, $4) \
                     ON CONFLICT (id) DO UPDATE SET file = $1, line = $2, next = $3, sum = $4";
        let at = [
            Value::from(position.file.as_str()),
            Value::from(position.line as i64),
            Value::from(position.next as i64),
            Value::from(i64::from(position.sum)),
        ];
        self.sql.run("BEGIN", &[]).await?;
        self.insert(batch).await?;
        self.sql.run(place, &at).await?;
        self.sql.run("COMMIT", &[]).await
    }
}

/// The journal may have lost its last, unacknowledged records in a power failure and given their numbers again.
fn instead(columns: &[&str], keys: usize) -> String {
    let (key, rest) = columns.split_at(keys);
    let set: Vec<String> = rest.iter().map(|c| format!("{c} = excluded.{c}")).collect();
    format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set.join(", "))
}

/// The event's columns, in the order of [`COLUMNS`].
fn row(event: &ContactEvent) -> Vec<Value> {
    let json = serde_json::to_value(event).expect("plain data with text keys");
    let value = |column: &str| match column {
        "writer" => Value::Int(json["by"].as_i64()),
        "seq" | "at" | "call" | "queue" | "agent" | "wait_ms" | "talk_ms" | "trunk" => {
            Value::Int(json[column].as_i64())
        }
        "ring_end" => text(&json["end"]),
        "choice" => text(&json["key"]),
        // Who can be known again; a number that was withheld, or erased, is nobody's.
        "customer" => match json["from"]["normalised"].as_str() {
            Some("") => Value::Text(None),
            _ => text(&json["from"]["normalised"]),
        },
        "to_agent" => Value::Int(json["to"]["agent"].as_i64()),
        "body" => Value::Text(Some(json.to_string())),
        _ => text(&json[column]),
    };
    COLUMNS.iter().map(|column| value(column)).collect()
}

/// What an event says that a caller wanted, in the order of [`NEEDS`].
fn needs(event: &ContactEvent) -> Vec<Vec<Value>> {
    let What::Disposed { of_call, needs, .. } = &event.what else { return Vec::new() };
    let number = |n: u64| Value::Int(i64::try_from(n).ok());
    let row = |(nth, need): (u64, &Disposed)| {
        vec![
            Value::from(i64::from(event.by.0)),
            number(event.seq),
            number(nth),
            number(event.at.micros()),
            number(of_call.0),
            Value::from(need.topic.as_str()),
            Value::from(need.outcome.as_str()),
        ]
    };
    (0..).zip(needs).map(row).collect()
}

fn text(value: &serde_json::Value) -> Value {
    Value::Text(value.as_str().map(str::to_owned))
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
