//! Every contact event in one numbered row, for programs that follow the centre: without gap, and resumable.
//!
//! ```text
//!   figures' thread ── push ──► the last [`KEPT`] events ──► each reader at its own number      a reader that is too slow is told so
//! ```
//! The number is of this process's run; `boot` tells runs apart. Callers' numbers are masked.
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use switchboard_model::{ContactEvent, What};
use tokio::sync::watch;

/// Events that are kept: a minute of a thousand calls a second's share of a full centre, some tens of MB at most.
pub const KEPT: usize = 65_536;

/// The row.
pub struct Feed {
    kept: Mutex<Kept>,
    last: watch::Sender<u64>,
    boot: u64,
    bound: usize,
}

struct Kept {
    /// The number of the first that is kept.
    first: u64,
    lines: VecDeque<Arc<str>>,
}

/// What a reader gets.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// These, the first with this number; perhaps none yet.
    Lines(u64, Vec<Arc<str>>),
    /// What he wants is no longer kept; this is the oldest number that is.
    TooOld(u64),
}

impl Feed {
    /// An empty row of the run that began then.
    pub fn new(boot: u64) -> Feed {
        Feed::bounded(boot, KEPT)
    }

    fn bounded(boot: u64, bound: usize) -> Feed {
        let kept = Mutex::new(Kept { first: 1, lines: VecDeque::new() });
        Feed { kept, last: watch::Sender::new(0), boot, bound }
    }

    /// One more.
    pub fn push(&self, event: &ContactEvent) {
        let line: Arc<str> = masked(event).to_string().into();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.lines.len() == self.bound {
            kept.lines.pop_front();
            kept.first += 1;
        }
        kept.lines.push_back(line);
        let last = kept.first + kept.lines.len() as u64 - 1;
        drop(kept);
        self.last.send_replace(last);
    }

    /// At most so many from this number on.
    pub fn read(&self, from: u64, at_most: usize) -> Read {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if from < kept.first {
            return Read::TooOld(kept.first);
        }
        let skip = (from - kept.first) as usize;
        Read::Lines(from, kept.lines.iter().skip(skip).take(at_most).cloned().collect())
    }

    /// The number of the next event.
    pub fn next(&self) -> u64 {
        *self.last.borrow() + 1
    }
    /// Tells a reader of new ones.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }
    /// `boot-number`, as `Last-Event-ID` carries it.
    pub fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.boot)
    }
    /// The number after the one a reader has last seen; none if it is not of this run.
    pub fn after(&self, id: &str) -> Option<u64> {
        let (boot, number) = id.split_once('-')?;
        (boot.parse::<u64>().ok()? == self.boot).then_some(number.parse::<u64>().ok()?.checked_add(1)?)
    }
}

fn masked(event: &ContactEvent) -> Value {
    let mut value = serde_json::to_value(event).expect("plain data");
    if let What::Arrived { from, dialled, first_dialled, .. } = &event.what {
        value["from"] = json!(from.masked());
        value["dialled"] = json!(dialled.masked());
        if let Some(first) = first_dialled {
            value["first_dialled"] = json!(first.masked());
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::{CallId, Instant, Number, ShardId, TrunkId};

    fn event(seq: u64, what: What) -> ContactEvent {
        let call = Some(CallId::new(ShardId(1), 1));
        ContactEvent { v: ContactEvent::VERSION, by: ShardId(1), seq, at: Instant::from_millis(1), call, what }
    }

    #[test]
    fn no_gap_and_who_is_too_late_is_told() {
        let feed = Feed::bounded(7, 3);
        assert_eq!(feed.read(1, 10), Read::Lines(1, vec![]));
        (1..=5).for_each(|n| feed.push(&event(n, What::Answered)));
        assert_eq!(feed.read(2, 10), Read::TooOld(3));
        let Read::Lines(from, lines) = feed.read(3, 2) else { panic!("they are kept") };
        assert_eq!((from, lines.len(), feed.next()), (3, 2, 6));
        assert!(lines[0].contains(r#""seq":3"#) && lines[1].contains(r#""seq":4"#), "{lines:?}");
        assert_eq!(
            (feed.after("7-4"), feed.after("6-4"), feed.after("x"), feed.after("7-")),
            (Some(5), None, None, None)
        );
        assert_eq!(feed.after(&feed.id(5)), Some(6));
    }

    #[test]
    fn numbers_are_masked() {
        let feed = Feed::bounded(1, 3);
        let number = |raw: &str| Number::read(raw, "86", "21");
        feed.push(&event(
            1,
            What::Arrived {
                trunk: TrunkId(0),
                from: number("13812345678"),
                dialled: number("95588"),
                first_dialled: Some(number("13987654321")),
                sip_call_id: "a@b".to_owned(),
            },
        ));
        let Read::Lines(_, lines) = feed.read(1, 1) else { panic!("it is kept") };
        assert!(!lines[0].contains("13812345678") && !lines[0].contains("13987654321"), "{}", lines[0]);
    }
}
