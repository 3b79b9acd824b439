//! The memory that records go to before any output of their event leaves.
//!
//! It is this process's own memory as yet: what a small parent process will hold once an engine may be replaced under running
//! calls. The order of things is already the one that needs.
use std::collections::BTreeMap;
use switchboard_model::{Record, RecordKey};

/// One thread's records.
#[derive(Default, Debug)]
pub struct Memory {
    records: BTreeMap<RecordKey, Record>,
}

impl Memory {
    /// A record as it is now; `None`: it is gone.
    pub fn keep(&mut self, key: RecordKey, record: Option<Record>) {
        match record {
            Some(record) => self.records.insert(key, record),
            None => self.records.remove(&key),
        };
    }
}
