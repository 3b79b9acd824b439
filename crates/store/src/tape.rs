//! The file at the end of the journal: appended to whole, or not at all.
//!
//! A group is written in one call and then `fdatasync`ed. If either fails (a full disk), the file is cut back to where it was,
//! so that the next try starts clean: after a failed sync nobody knows which pages arrived, so the group is written again.
//! `O_APPEND` and not mmap: a full disk is then an error to answer and not a signal.
use crate::line::{self, Head};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use switchboard_model::Instant;

/// Where groups of lines go. The disk in life; in tests also one that is full.
pub(crate) trait Tape: Send + 'static {
    /// Begins the file of this day if it is later than the present one, then appends. When it returns, all is durable; when
    /// it fails, nothing has been appended.
    fn append(&mut self, day: &str, head: &Head, lines: &[u8]) -> io::Result<()>;
}

/// The newest file of a folder.
pub(crate) struct FileTape {
    dir: PathBuf,
    open: Option<Open>,
}

struct Open {
    day: String,
    file: File,
    len: u64,
}

/// The day an event belongs to, in UTC: `20261124`.
pub(crate) fn day(at: Instant) -> String {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_microsecond(micros) {
        Ok(at) => at.strftime("%Y%m%d").to_string(),
        Err(_) => "99991231".to_owned(), // beyond the calendar
    }
}

/// The file of a day.
pub(crate) fn path(dir: &Path, day: &str) -> PathBuf {
    dir.join(format!("events-{day}.jsonl"))
}

impl FileTape {
    /// Goes on with the file of `day`, whole up to `len`, or begins a new one at the first append.
    pub(crate) fn resume(dir: &Path, newest: Option<(String, u64)>) -> io::Result<FileTape> {
        let open = match newest {
            Some((day, len)) => {
                let file = OpenOptions::new().append(true).open(path(dir, &day))?;
                file.set_len(len)?;
                file.sync_data()?;
                Some(Open { day, file, len })
            }
            None => None,
        };
        Ok(FileTape { dir: dir.to_owned(), open })
    }

    fn begin(&mut self, day: &str, head: &Head) -> io::Result<()> {
        let path = path(&self.dir, day);
        let file = OpenOptions::new().append(true).create(true).open(&path)?;
        file.set_len(0)?; // what a failed beginning has left
        let mut open = Open { day: day.to_owned(), file, len: 0 };
        let mut bytes = Vec::new();
        line::write(&mut bytes, head);
        open.append(&bytes)?;
        File::open(&self.dir)?.sync_all()?; // the name itself must survive
        self.open = Some(open);
        Ok(())
    }
}

impl Tape for FileTape {
    fn append(&mut self, day: &str, head: &Head, lines: &[u8]) -> io::Result<()> {
        if self.open.as_ref().is_none_or(|open| open.day.as_str() < day) {
            self.begin(day, head)?;
        }
        self.open.as_mut().expect("begun above").append(lines)
    }
}

impl Open {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Err(e) = self.file.write_all(bytes).and_then(|()| self.file.sync_data()) {
            self.file.set_len(self.len)?;
            return Err(e);
        }
        self.len += bytes.len() as u64;
        Ok(())
    }
}
