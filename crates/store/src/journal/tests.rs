//! The journal against a disk that is slow, full or dead. The real disk is in `tests/journal.rs`.
use super::*;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use switchboard_model::{Instant, What};

/// A disk that takes a group only when it is told how it went.
struct Told {
    verdicts: Receiver<io::Result<()>>,
    taken: SyncSender<(String, usize)>,
}

impl Tape for Told {
    fn append(&mut self, day: &str, _: &Head, lines: &[u8]) -> io::Result<()> {
        let n = lines.iter().filter(|&&b| b == b'\n').count();
        let _ = self.taken.send((day.to_owned(), n));
        self.verdicts.recv().unwrap_or(Ok(()))
    }
}

/// More than any of these stories has: nobody waits for room.
const SAID_MAX: usize = 1_024;

fn told(held_max: usize) -> (Journal, SyncSender<io::Result<()>>, Receiver<(String, usize)>) {
    let ((verdict, verdicts), (taken, groups)) = (sync_channel(SAID_MAX), sync_channel(SAID_MAX));
    let lock = tempfile::tempfile().expect("a file without a name");
    (Journal::start(Told { verdicts, taken }, BTreeMap::new(), held_max, lock), verdict, groups)
}

fn event(seq: u64, at_s: u64) -> ContactEvent {
    let at = Instant::from_millis(at_s * 1000);
    ContactEvent { v: 1, by: ShardId(1), seq, at, call: None, what: What::Answered }
}

const SOON: Duration = Duration::from_secs(10);

fn full() -> io::Result<()> {
    Err(io::ErrorKind::StorageFull.into())
}

#[test]
fn a_full_journal_counts_what_it_loses_and_never_waits() {
    let (journal, verdict, groups) = told(4);
    let writer = journal.writer();
    assert!(writer.offer(event(1, 0)));
    assert_eq!(groups.recv_timeout(SOON).expect("the first group").1, 1); // the disk holds it, and takes nothing more
    let taken = (2..=10).filter(|&seq| writer.offer(event(seq, 0))).count();
    assert_eq!(taken, 4, "as many as are held");
    let status = writer.status();
    assert_eq!((status.offered, status.durable, status.held, status.records_lost), (5, 0, 5, 5));
    assert!(!writer.flush(Duration::from_millis(1)), "nothing is acknowledged");
    drop(verdict); // from now on the disk takes everything
    assert!(writer.flush(SOON));
    let status = journal.close();
    assert_eq!((status.durable, status.held, status.records_lost), (5, 0, 5));
    assert!(!writer.offer(event(11, 0)), "closed");
}

#[test]
fn a_disk_that_was_full_gets_the_same_group_again() {
    let (journal, verdict, groups) = told(100);
    let writer = journal.writer();
    assert!(writer.offer(event(1, 0)));
    assert_eq!(groups.recv_timeout(SOON).expect("first try").1, 1);
    verdict.send(full()).expect("the journal lives");
    assert_eq!(groups.recv_timeout(SOON).expect("second try").1, 1);
    let status = writer.status();
    assert!(status.failing.is_some() && status.held == 1 && status.records_lost == 0, "{status:?}");
    verdict.send(Ok(())).expect("the journal lives");
    assert!(writer.flush(SOON));
    assert_eq!(writer.status().failing, None);
    drop(verdict);
    assert_eq!(journal.close().durable, 1);
}

#[test]
fn closing_on_a_dead_disk_ends_and_tells_the_loss() {
    let (journal, verdict, _groups) = told(100);
    let writer = journal.writer();
    (1..=7).for_each(|seq| assert!(writer.offer(event(seq, 0))));
    for _ in 0..200 {
        verdict.send(full()).expect("the journal lives");
    }
    let status = journal.close();
    assert_eq!((status.durable, status.held, status.records_lost), (0, 0, 7), "{status:?}");
}

#[test]
fn a_group_is_of_one_day_and_a_late_event_stays_in_the_present_one() {
    const DAY_S: u64 = 86_400;
    let (journal, verdict, groups) = told(100);
    let writer = journal.writer();
    assert!(writer.offer(event(1, 10)));
    assert_eq!(groups.recv_timeout(SOON).expect("the first group"), ("19700101".to_owned(), 1));
    for (seq, at) in [(2, 20), (3, DAY_S), (4, 30), (5, DAY_S + 1)] {
        assert!(writer.offer(event(seq, at)));
    }
    drop(verdict);
    assert!(writer.flush(SOON));
    assert_eq!(groups.recv_timeout(SOON).expect("the rest of the day"), ("19700101".to_owned(), 1));
    assert_eq!(groups.recv_timeout(SOON).expect("the next day"), ("19700102".to_owned(), 3));
}

#[test]
fn many_writers_and_every_event_is_either_durable_or_lost() {
    let (journal, verdict, _groups) = told(64);
    drop(verdict);
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let writer = journal.writer();
            std::thread::spawn(move || (1..=5000).filter(|&seq| writer.offer(event(seq, 0))).count() as u64)
        })
        .collect();
    let taken: u64 = writers.into_iter().map(|w| w.join().expect("it only offers")).sum();
    let status = journal.close();
    assert_eq!((status.durable, status.held, status.durable + status.records_lost), (taken, 0, 20_000));
}
