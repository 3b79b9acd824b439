//! Figures from their own sources: counted where things are, not folded from events, so that the two can be held against each
//! other (conservation).
use serde::{Deserialize, Serialize};

/// What a shard counts of itself.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct ShardTally {
    /// INVITEs from trunks that became calls, counted at the SIP endpoint since the shard was new.
    pub arrived: u64,
    /// Calls that have asked for a person and have neither one nor an end: those with a place in a queue (resting or rung), and those
    /// that were turned away and still hear so.
    pub waiting: u64,
    /// Calls now, in any state.
    pub calls: u64,
    /// Those of them that are over and only wait for a match that is on its way.
    pub ending: u64,
    /// INVITEs from addresses that are no trunk's.
    pub strangers: u64,
    /// Answers of agents whose caller had gone: acknowledged, ended, never bridged.
    pub late_answers: u64,
    /// INVITEs above the limit that were refused before they became calls: no record has them.
    pub shed: u64,
    /// Messages that were none.
    pub malformed: u64,
    /// Calls ended by an error of our own.
    pub panics: u64,
}
