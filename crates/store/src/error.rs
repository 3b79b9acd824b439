//! What can go wrong with the record, and whose fault it is.
use std::path::{Path, PathBuf};
use switchboard_stats::BadQuestion;

/// Why the record could not be opened, read or asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
    /// Another process writes this journal.
    #[error("{dir} is in use: another process writes its journal", dir = .0.display())]
    InUse(PathBuf),
    /// The database refused.
    #[error("the contact database: {0}")]
    Database(#[from] sqlx::Error),
    /// The database does not answer.
    #[error("the contact database ({place}) has not answered for {after_s} s")]
    Slow {
        /// Which.
        place: String,
        /// How long it was waited for.
        after_s: u64,
    },
    /// The database is the copy of another record.
    #[error(
        "the contact database ({place}) holds another record than {dir}: name another database, or another schema in it by \
         ?options=-csearch_path%3DNAME", dir = .dir.display()
    )]
    OtherRecord {
        /// Which database.
        place: String,
        /// The record's folder.
        dir: PathBuf,
    },
    /// There is nothing to report.
    #[error("no contact event is recorded in {dir}", dir = .0.display())]
    NothingRecorded(PathBuf),
    /// The question has no answer.
    #[error(transparent)]
    Question(#[from] BadQuestion),
    /// Art. 35, or a slip of the pen.
    #[error(transparent)]
    Refused(#[from] crate::Refused),
    /// The window has more slots than a report holds.
    #[error(
        "the window has more than {max} slots of {every}: choose longer slots, or a shorter window with --from and --to"
    )]
    TooManySlots {
        /// Of which length.
        every: crate::Every,
        /// How many there may be.
        max: usize,
    },
    /// A roster that cannot be measured by.
    #[error("{path}, line {line}: {why}", path = .path.display())]
    Roster {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A file of ours is not what we wrote.
    #[error("{path}: {source}", path = .path.display())]
    Json {
        /// Which.
        path: PathBuf,
        /// What the reader said.
        source: serde_json::Error,
    },
}

impl StoreError {
    pub(crate) fn slow(place: &crate::Place, after: std::time::Duration) -> StoreError {
        StoreError::Slow { place: place.to_string(), after_s: after.as_secs() }
    }

    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.to_owned();
        |source| StoreError::Io { path, source }
    }
}
