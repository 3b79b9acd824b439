//! What is usual, from the days before this one: the same weekday of the last four weeks, or all days if those are fewer than two.
use crate::folder::Position;
use crate::{StoreError, folder, read_from};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_model::{Instant, QueueId, What};
use switchboard_stats::Usual;

/// How far back it looks.
const DAYS: i64 = 28;
/// How often it is looked whether another day has begun.
const LOOK: Duration = Duration::from_secs(60);

/// Reads the days before that of `now`.
pub fn usual(dir: &Path, now: Instant) -> Result<Usual, StoreError> {
    let (today, _) = local(now);
    let first = today.checked_sub(jiff::Span::new().days(DAYS)).unwrap_or(Date::MIN);
    // Files are named by the day in UTC, which may be the one before.
    let name = format!("events-{}.jsonl", first.yesterday().unwrap_or(Date::MIN).strftime("%Y%m%d"));
    let file = folder::files(dir)?.into_iter().find(|file| *file >= name);
    let mut days: BTreeMap<Date, Vec<(QueueId, u32)>> = BTreeMap::new();
    if let Some(file) = file {
        for event in read_from(dir, Position { file, ..Position::default() })? {
            let Ok(event) = event else { continue }; // reports name what cannot be read
            let (day, second) = local(event.at);
            if !(first..today).contains(&day) {
                continue;
            }
            let arrivals = days.entry(day).or_default();
            if let What::HumanRequested { queue, .. } = event.what {
                arrivals.push((queue, second));
            }
        }
    }
    let like: BTreeSet<Date> = days.keys().filter(|d| d.weekday() == today.weekday()).copied().collect();
    if like.len() >= 2 {
        days.retain(|day, _| like.contains(day));
    }
    let mut usual = Usual::of_days(days.len() as u32);
    days.into_values().flatten().for_each(|(queue, second)| usual.add(queue, second));
    Ok(usual)
}

/// The day of a moment here, and its second in it; of an hour that the clocks repeat in autumn both are the same seconds.
fn local(at: Instant) -> (Date, u32) {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    let zoned = jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX).to_zoned(TimeZone::system());
    let time = zoned.time();
    let second = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
    (zoned.date(), second as u32)
}

/// The second of the day here.
pub fn second_of_day(at: Instant) -> u32 {
    local(at).1
}

/// A thread that knows what is usual today, and reads the record again when another day has begun.
pub struct Usually {
    known: Arc<Mutex<Usual>>,
    /// Nothing is said by it: that it is gone is the word.
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Usually {
    /// Begins; until it has read the record, nothing is usual.
    pub fn start(dir: &Path, now: impl Fn() -> Instant + Send + 'static) -> Usually {
        let known = Arc::new(Mutex::new(Usual::default()));
        let (stop, stopped) = sync_channel(0);
        let (theirs, dir) = (known.clone(), dir.to_owned());
        let body = move || {
            let mut of = None;
            loop {
                let (today, _) = local(now());
                if of != Some(today) {
                    of = Some(today);
                    match usual(&dir, now()) {
                        Ok(usual) => *theirs.lock().unwrap_or_else(PoisonError::into_inner) = usual,
                        // What is usual stays what it was yesterday; the disk is told of elsewhere.
                        Err(e) => eprintln!("warning: what is usual at this hour cannot be read: {e}"),
                    }
                }
                if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new().name("usual".to_owned()).spawn(body);
        let thread = thread.expect("a starting process can have one more thread");
        Usually { known, stop: Some(stop), thread: Some(thread) }
    }

    /// For whoever shows it.
    pub fn known(&self) -> Arc<Mutex<Usual>> {
        self.known.clone()
    }
}

impl Drop for Usually {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the thread of the usual does not panic");
        }
    }
}
