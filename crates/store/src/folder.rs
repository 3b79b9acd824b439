//! Reading the journal's files, in order, without changing them.
//!
//! ```text
//!   events-20261123.jsonl   head, event, event, …, event
//!   events-20261124.jsonl   head, event, …, event, ev       ◄── a last line without its end is being written just now, or
//!                                                               was torn; a reader stops before it
//! ```
//! A damaged line in the middle is told and passed over; what follows it is read. A reader needs no lock: the files only grow.
use crate::StoreError;
use crate::line::{self, Line};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use switchboard_model::{ContactEvent, ShardId};

/// The last number of each writer before the oldest file that is there: nothing, unless older files have been removed.
pub fn begins_after(dir: &Path) -> Result<BTreeMap<ShardId, u64>, StoreError> {
    let Some(oldest) = files(dir)?.into_iter().next() else { return Ok(BTreeMap::new()) };
    let (path, mut first) = (dir.join(oldest), Vec::new());
    let read = File::open(&path).and_then(|file| BufReader::new(file).read_until(b'\n', &mut first));
    read.map_err(StoreError::io(&path))?;
    match line::read(&first) {
        Some(Line::Head(head)) => Ok(head.after),
        Some(Line::Event(_)) | None => Ok(BTreeMap::new()),
    }
}

/// How far a reader has come.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Position {
    /// The file's name; empty before the first.
    pub file: String,
    /// Where the last line that was read begins.
    pub line: u64,
    /// Where the next begins.
    pub next: u64,
    /// The checksum of that last line, by which the place is known again.
    pub sum: u32,
}

/// A line that cannot be read, or a file that cannot.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// A whole line that is not what was written.
    #[error("{file}: the record at byte {at} is damaged")]
    Line {
        /// In which file.
        file: String,
        /// Where it begins.
        at: u64,
    },
    /// The operating system refused.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

/// Every event of the folder, oldest file first, as written. An empty or missing folder has none.
pub fn read_all(dir: &Path) -> Result<Events, StoreError> {
    read_from(dir, Position::default())
}

/// The events after a position. If the place is not known again (the file was cut since), its file is read from the start.
pub fn read_from(dir: &Path, position: Position) -> Result<Events, StoreError> {
    let mut files = files(dir)?;
    files.retain(|name| name.as_str() >= position.file.as_str());
    files.reverse();
    let position = if position.file.is_empty() || still_there(dir, &position) {
        position
    } else {
        Position { file: position.file, ..Position::default() }
    };
    Ok(Events { dir: dir.to_owned(), files, position, reader: None, buffer: Vec::new() })
}

fn still_there(dir: &Path, position: &Position) -> bool {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(dir.join(&position.file))?;
        file.seek(SeekFrom::Start(position.line))?;
        let mut bytes = Vec::new();
        file.take(position.next.saturating_sub(position.line)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let whole =
        |bytes: &Vec<u8>| (bytes.len() as u64) == position.next - position.line && line::crc32(bytes) == position.sum;
    position.line <= position.next && read().is_ok_and(|bytes| whole(&bytes))
}

/// The names of the journal's files, oldest first.
pub(crate) fn files(dir: &Path) -> Result<Vec<String>, StoreError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(StoreError::io(dir)(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(StoreError::io(dir))?.file_name().to_string_lossy().into_owned();
        if day_of(&name).is_some() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The day in a file's name.
pub(crate) fn day_of(name: &str) -> Option<&str> {
    let day = name.strip_prefix("events-")?.strip_suffix(".jsonl")?;
    (day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit())).then_some(day)
}

/// The events of a folder, one by one.
pub struct Events {
    dir: PathBuf,
    /// Those still to be read, the next one last; the open one is among them until it is at its end.
    files: Vec<String>,
    position: Position,
    reader: Option<BufReader<File>>,
    buffer: Vec<u8>,
}

impl Events {
    /// How far it has come.
    pub fn position(&self) -> &Position {
        &self.position
    }

    fn open(&mut self, name: &str) -> Result<(), Damage> {
        let path = self.dir.join(name);
        let open = |from: u64| {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(from))?;
            Ok(BufReader::with_capacity(1 << 16, file))
        };
        if self.position.file != name {
            self.position = Position { file: name.to_owned(), ..Position::default() };
        }
        self.reader = Some(open(self.position.next).map_err(|source| Damage::Io { path: path.clone(), source })?);
        Ok(())
    }
}

impl Iterator for Events {
    type Item = Result<ContactEvent, Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let name = self.files.last()?.clone();
            if self.reader.is_none()
                && let Err(damage) = self.open(&name)
            {
                self.files.pop();
                return Some(Err(damage));
            }
            self.buffer.clear();
            let reader = self.reader.as_mut().expect("opened above");
            if let Err(source) = reader.read_until(b'\n', &mut self.buffer) {
                self.reader = None;
                self.files.pop();
                return Some(Err(Damage::Io { path: self.dir.join(name), source }));
            }
            if self.buffer.last() != Some(&b'\n') {
                self.reader = None;
                self.files.pop();
                continue; // the end, or a line that is not whole yet
            }
            let at = self.position.next;
            self.position.line = at;
            self.position.next = at + self.buffer.len() as u64;
            self.position.sum = line::crc32(&self.buffer);
            match line::read(&self.buffer) {
                Some(Line::Event(event)) => return Some(Ok(event)),
                Some(Line::Head(_)) => {}
                None => return Some(Err(Damage::Line { file: name, at })),
            }
        }
    }
}

/// What is known of one file after reading all of it.
#[derive(Default, Debug)]
pub(crate) struct Scan {
    pub(crate) headed: bool,
    pub(crate) events: u64,
    pub(crate) last: BTreeMap<ShardId, u64>,
    /// Where the last good line ends.
    pub(crate) good: u64,
    pub(crate) len: u64,
    /// Damaged lines with good ones after them.
    pub(crate) damaged: u64,
}

/// Reads one file to its end.
pub(crate) fn scan(path: &Path) -> std::io::Result<Scan> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?);
    let (mut scan, mut buffer, mut bad) = (Scan::default(), Vec::new(), 0);
    loop {
        buffer.clear();
        let n = reader.read_until(b'\n', &mut buffer)?;
        if n == 0 {
            return Ok(scan);
        }
        scan.len += n as u64;
        let whole = buffer.last() == Some(&b'\n');
        match line::read(&buffer).filter(|_| whole) {
            Some(Line::Head(head)) => {
                scan.headed = true;
                head.after.into_iter().for_each(|(by, seq)| raise(&mut scan.last, by, seq));
            }
            Some(Line::Event(event)) => {
                scan.events += 1;
                raise(&mut scan.last, event.by, event.seq);
            }
            None => {
                bad += 1;
                continue;
            }
        }
        scan.good = scan.len;
        scan.damaged += std::mem::take(&mut bad);
    }
}

/// A writer's last number never goes back.
pub(crate) fn raise(last: &mut BTreeMap<ShardId, u64>, by: ShardId, seq: u64) {
    let was = last.entry(by).or_default();
    *was = (*was).max(seq);
}
