//! How the record does: what the board says of the disk and the database behind it.
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use switchboard_stats::Usual;
use switchboard_store::{Copying, HELD_MAX, Writer};

/// Whom to ask. All of it is absent where nothing is kept.
#[derive(Clone, Default)]
pub struct Kept {
    /// The folder of the record, for questions about what lies before the start.
    pub dir: Option<PathBuf>,
    /// The journal.
    pub journal: Option<Writer>,
    /// The database that catches up with it.
    pub copying: Option<Copying>,
    /// What is usual at this hour.
    pub usual: Arc<Mutex<Usual>>,
}

/// How the record does at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// Events that wait in memory for the disk.
    pub held: u64,
    /// As many may wait; more are lost.
    pub held_max: u64,
    /// What the disk says, while it fails.
    pub disk_failing: Option<String>,
    /// Bytes of the journal that the database does not have yet.
    pub behind_bytes: u64,
    /// What the database says, while it fails.
    pub database_failing: Option<String>,
}

impl Kept {
    /// What is usual now, as far as the record has been read.
    pub(crate) fn usual(&self) -> Usual {
        self.usual.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks them.
    pub(crate) fn now(&self) -> Record {
        let journal = self.journal.as_ref().map(Writer::status).unwrap_or_default();
        let copy = self.copying.as_ref().map(Copying::status).unwrap_or_default();
        Record {
            held: journal.held,
            held_max: HELD_MAX as u64,
            disk_failing: journal.failing,
            behind_bytes: copy.behind_bytes,
            database_failing: copy.failing,
        }
    }
}
