//! Erasing what is due, and the proof of it.
//!
//! ```text
//!   due files ─► audit line ─► each past day's file: events of those calls ─► redacted ─► new file, fsync, rename ─► erased.jsonl
//!                                                         └─► SHA-256 of the lines that were ──────────────────────────┘
//! ```
//! The journal's newest file is being written and is left alone; who is in it becomes due again tomorrow. Before
//! anything is touched the hashes stand in `erasing.jsonl`; after a crash on the way the next run does the rest by it. The copy in the database is redacted with it.
use super::redact::redacted;
use super::{Class, ContactFile};
use crate::audit::hex;
use crate::catch_up::run;
use crate::line::{self, Line};
use crate::{Database, Place, StoreError, folder};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use switchboard_model::{CallId, ContactEvent, Instant, What};

/// What became of one file: the proof.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erased {
    /// Whose.
    pub call: CallId,
    /// Its class.
    pub class: Class,
    /// 编号
    pub number: String,
    /// The first day on which it might be erased.
    pub expired: Date,
    /// When it was.
    pub at: Instant,
    /// How many events were redacted.
    pub events: u64,
    /// SHA-256 of those lines of the journal as they were: who still has them can be shown that these were they.
    pub sha256: String,
}

const FILE: &str = "erased.jsonl";
/// Written before the first line is touched, and removed when all is done.
const INTENT: &str = "erasing.jsonl";

/// Erases those of these files that are due from the record in `dir` and from its copy; returns what was done.
pub fn erase(
    dir: &Path,
    place: &Place,
    files: &[ContactFile],
    today: Date,
    now: Instant,
) -> Result<Vec<Erased>, StoreError> {
    let mut days = folder::files(dir)?;
    let newest = days.pop();
    let mut due: BTreeMap<CallId, (&ContactFile, Sha256, u64)> = BTreeMap::new();
    for file in files.iter().filter(|f| f.is_due(today)) {
        due.insert(file.call, (file, Sha256::new(), 0));
    }
    if let Some(newest) = newest {
        each_event(dir, &newest, |_, event| {
            if let Some(call) = about(event) {
                due.remove(&call);
            }
        })?;
    }
    for day in &days {
        each_event(dir, day, |bytes, event| {
            if let Some((_, sum, n)) = about(event).and_then(|call| due.get_mut(&call)) {
                sum.update(bytes);
                *n += 1;
            }
        })?;
    }
    // What an earlier run had begun was hashed before it was touched.
    let mut begun = lines(dir, INTENT)?;
    let known: BTreeSet<CallId> = begun.iter().map(|e: &Erased| e.call).collect();
    begun.extend(due.into_values().filter(|(file, ..)| !known.contains(&file.call)).map(|(file, sum, events)| {
        Erased {
            call: file.call,
            class: file.class,
            number: file.number.clone(),
            expired: file.expires,
            at: now,
            events,
            sha256: hex(&sum.finalize()),
        }
    }));
    if begun.is_empty() {
        return Ok(begun);
    }
    let intent = dir.join(INTENT);
    append(&intent, begun.iter().filter(|e| !known.contains(&e.call)))?;
    let calls: BTreeSet<CallId> = begun.iter().map(|e| e.call).collect();
    let mut redone = Vec::new();
    for day in &days {
        redone.extend(rewrite(dir, day, &calls)?);
    }
    run(async {
        let mut database = Database::open(dir, place).await?;
        database.catch_up().await?;
        database.put(&redone).await?;
        database.close().await
    })?;
    append(&dir.join(FILE), begun.iter())?;
    std::fs::remove_file(&intent).map_err(StoreError::io(&intent))?;
    Ok(begun)
}

fn append<'a>(path: &Path, proofs: impl Iterator<Item = &'a Erased>) -> Result<(), StoreError> {
    let mut file = File::options().create(true).append(true).open(path).map_err(StoreError::io(path))?;
    for proof in proofs {
        let line = format!("{}\n", serde_json::to_string(proof).expect("plain data"));
        file.write_all(line.as_bytes()).map_err(StoreError::io(path))?;
    }
    file.sync_data().map_err(StoreError::io(path))
}

/// Every proof there is, oldest first.
pub fn proofs(dir: &Path) -> Result<Vec<Erased>, StoreError> {
    lines(dir, FILE)
}

fn lines(dir: &Path, name: &str) -> Result<Vec<Erased>, StoreError> {
    let path = dir.join(name);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(StoreError::io(&path)(e)),
    };
    let read = |line| serde_json::from_str(line).map_err(|source| StoreError::Json { path: path.clone(), source });
    text.lines().map(read).collect()
}

/// Whose files have been erased.
pub(super) fn erased_calls(dir: &Path) -> Result<BTreeSet<CallId>, StoreError> {
    Ok(proofs(dir)?.into_iter().map(|proof| proof.call).collect())
}

/// Whose file an event belongs to: a disposition is the floor's word about a call.
fn about(event: &ContactEvent) -> Option<CallId> {
    match event.what {
        What::Disposed { of_call, .. } => Some(of_call),
        _ => event.call,
    }
}

fn each_event(dir: &Path, day: &str, mut see: impl FnMut(&[u8], &ContactEvent)) -> Result<(), StoreError> {
    let path = dir.join(day);
    let mut reader = BufReader::new(File::open(&path).map_err(StoreError::io(&path))?);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(StoreError::io(&path))? == 0 {
            return Ok(());
        }
        if let Some(Line::Event(event)) = line::read(&bytes) {
            see(&bytes, &event);
        }
    }
}

/// Writes the day's file anew; a line that cannot be read stays as it is. Returns the events that were redacted.
fn rewrite(dir: &Path, day: &str, calls: &BTreeSet<CallId>) -> Result<Vec<ContactEvent>, StoreError> {
    let (path, new) = (dir.join(day), dir.join(format!("{day}.new")));
    let mut reader = BufReader::new(File::open(&path).map_err(StoreError::io(&path))?);
    let (mut out, mut changed, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        bytes.clear();
        if reader.read_until(b'\n', &mut bytes).map_err(StoreError::io(&path))? == 0 {
            break;
        }
        match line::read(&bytes) {
            Some(Line::Event(mut event)) if about(&event).is_some_and(|call| calls.contains(&call)) => {
                event.what = redacted(event.what);
                line::write(&mut out, &event);
                changed.push(event);
            }
            Some(_) | None => out.extend_from_slice(&bytes),
        }
    }
    if !changed.is_empty() {
        let io = |e| StoreError::io(&new)(e);
        let mut file = File::create(&new).map_err(io)?;
        file.write_all(&out).map_err(io)?;
        file.sync_all().map_err(io)?;
        std::fs::rename(&new, &path).map_err(io)?;
        File::open(dir).and_then(|d| d.sync_all()).map_err(StoreError::io(dir))?;
    }
    Ok(changed)
}
