//! Whether every writer's events are all here, once, in order.
//!
//! Each writer numbers its events without gaps, from 1 and on after a restart. A lost, doubled or misplaced event therefore
//! shows here even where no figure would notice it.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::ShardId;

/// One writer's events, as they came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Writer {
    /// The number of the last that came.
    pub last: u64,
    /// How many came.
    pub events: u64,
    /// How often the next was not the one after the last.
    pub breaks: u64,
}

/// All writers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Writers(BTreeMap<ShardId, Writer>);

impl Writers {
    /// None has come; each writer's next number is the one after these, or 1.
    pub fn after(last: &BTreeMap<ShardId, u64>) -> Writers {
        Writers(last.iter().map(|(&by, &last)| (by, Writer { last, events: 0, breaks: 0 })).collect())
    }

    /// One more event of this writer.
    pub fn add(&mut self, by: ShardId, seq: u64) {
        let writer = self.0.entry(by).or_default();
        writer.events += 1;
        if seq != writer.last.wrapping_add(1) {
            writer.breaks += 1;
        }
        writer.last = seq;
    }

    /// Each writer.
    pub fn iter(&self) -> impl Iterator<Item = (ShardId, Writer)> {
        self.0.iter().map(|(&by, &writer)| (by, writer))
    }

    /// The last number of each writer.
    pub fn last(&self) -> BTreeMap<ShardId, u64> {
        self.iter().map(|(by, w)| (by, w.last)).collect()
    }

    /// How often a number was skipped, repeated or out of order.
    pub fn breaks(&self) -> u64 {
        self.iter().map(|(_, w)| w.breaks).sum()
    }

    /// How many events came in all.
    pub fn events(&self) -> u64 {
        self.iter().map(|(_, w)| w.events).sum()
    }
}
