//! What a process that died without a word has left open in the record, and the words that close it.
//!
//! ```text
//!   the last two days' files ──► Fold ──► calls not over, agents not gone ──► RingEnded, TalkEnded, Ended{internal}, AgentState
//! ```
//! A killed process can say nothing more, and no call outlives it. Without these words its callers would wait in the record for
//! ever, and its agents talk. They bear the moment of the last event, for nothing later is known, and the next numbers of
//! their writers; so figures and conservation need know nothing of it. A call that began before yesterday is not found.
use crate::folder::{self, Position};
use crate::{Recovered, StoreError};
use std::path::Path;
use switchboard_model::ContactEvent;
use switchboard_stats::Fold;

/// The closing words, numbered on from `recovered`, whose numbers then include them. Before anything else is written.
pub fn left_open(dir: &Path, recovered: &mut Recovered) -> Result<Vec<ContactEvent>, StoreError> {
    let files = folder::files(dir)?;
    let Some(first) = files.get(files.len().saturating_sub(2)) else { return Ok(Vec::new()) };
    let mut fold = Fold::new();
    for event in folder::read_from(dir, Position { file: first.clone(), ..Position::default() })? {
        let Ok(event) = event else { continue }; // reports name what cannot be read
        fold.add(&event);
    }
    let Some((_, at)) = fold.span() else { return Ok(Vec::new()) };
    let words = fold.last_words().into_iter().map(|(by, call, what)| {
        let seq = recovered.last.entry(by).or_default();
        *seq += 1;
        ContactEvent { v: ContactEvent::VERSION, by, seq: *seq, at, call, what }
    });
    Ok(words.collect())
}
