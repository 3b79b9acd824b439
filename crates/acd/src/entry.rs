//! A place in the queue is a number: when its owner came.
//!
//! ```text
//!   key  = 100 µs units since (first start − 30 days) · 16 + shard        44 bits: good for 3.4 years
//!   time = key − credit(priority offset)                                  the smaller is served first
//! ```
//! The 30 days are the room that offsets and restored keys may go below the first start.
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{Instant, ShardId};

/// Makes keys: unique, and in the order of `now` as long as time goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyMint {
    epoch: Instant,
    last: u64,
    low: u8,
}

const UNITS_PER_SECOND: u64 = 10_000;
const LOW_BITS: u32 = 4;
const LOW_MASK: u64 = (1 << LOW_BITS) - 1;
const KEY_BITS: u32 = 44;

impl KeyMint {
    /// The room below the first start.
    pub const ROOM: Duration = Duration::from_secs(30 * 86_400);

    /// For a shard (1–15), or 0 for agents' keys, which the floor makes. `first_start` is the centre's, kept in a record.
    pub fn new(first_start: Instant, owner: ShardId) -> Self {
        assert!(u64::from(owner.0) <= LOW_MASK, "{owner:?} does not fit into the key's low bits");
        KeyMint { epoch: first_start - Self::ROOM, last: 0, low: owner.0 }
    }

    /// A key for one who came at `at`, later than every key before it.
    pub fn next(&mut self, at: Instant) -> u64 {
        let units = at.since(self.epoch).as_micros() as u64 / 100;
        self.last = units.max(self.last + 1);
        let key = self.last << LOW_BITS | u64::from(self.low);
        assert!(key < 1 << KEY_BITS, "key {key} is beyond {KEY_BITS} bits: the epoch is {:?}", self.epoch);
        key
    }
}

impl KeyMint {
    /// A key that stands for an amount and not for a moment (time occupied today), in the same unit; `spread` below 16 tells equals apart.
    pub fn of_amount(amount: Duration, spread: u64) -> u64 {
        ((amount.as_micros() as u64 / 100) << LOW_BITS | (spread & LOW_MASK)).max(1)
    }
}

/// The shard that owns the entry with this key.
pub fn shard_of(key: u64) -> ShardId {
    ShardId((key & LOW_MASK) as u8)
}

/// A priority offset in the key's own unit.
pub fn credit_of(offset_s: u32) -> u64 {
    (u64::from(offset_s) * UNITS_PER_SECOND) << LOW_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_in_order_and_name_their_shard() {
        let start = Instant::from_millis(1_800_000_000_000);
        let mut mint = KeyMint::new(start, ShardId(3));
        let mut last = 0;
        for at in [0, 0, 0, 50, 100, 100, 5_000_000] {
            let key = mint.next(start + Duration::from_micros(at));
            assert!(key > last, "{key} after {last}");
            assert_eq!(shard_of(key), ShardId(3));
            last = key;
        }
    }

    #[test]
    fn an_offset_moves_as_many_seconds() {
        let start = Instant::from_millis(1_800_000_000_000);
        let mut mint = KeyMint::new(start, ShardId(1));
        let early = mint.next(start);
        let late = mint.next(start + Duration::from_secs(60));
        assert_eq!(late - credit_of(60), early);
        assert!(early > credit_of(crate::Queue::PRIORITY_OFFSET_S_MAX), "no underflow on the first day");
    }

    #[test]
    fn a_key_lasts_three_years() {
        let start = Instant::from_millis(1_800_000_000_000);
        let mut mint = KeyMint::new(start, ShardId(15));
        mint.next(start + Duration::from_secs(3 * 365 * 86_400));
    }
}
