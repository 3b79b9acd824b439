//! The journal on a real disk: torn, damaged, killed, opened twice.
//!
//! Not covered: a power failure, which a virtual disk may answer in its own way.
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use common::Day;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use switchboard_model::{ContactEvent, Instant, ShardId};
use switchboard_store::*;

const SOON: Duration = Duration::from_secs(20);

fn write(dir: &Path, events: &[ContactEvent]) -> Recovered {
    let (journal, recovered) = Journal::open(dir).expect("a folder of ours");
    let writer = journal.writer();
    events.iter().for_each(|event| assert!(writer.offer(event.clone())));
    let status = journal.close();
    assert_eq!((status.durable, status.records_lost), (events.len() as u64, 0), "{status:?}");
    recovered
}

fn read(dir: &Path) -> Vec<ContactEvent> {
    read_all(dir).expect("a readable folder").map(|event| event.expect("an undamaged record")).collect()
}

fn only_file(dir: &Path) -> std::path::PathBuf {
    let names = std::fs::read_dir(dir).expect("our folder").map(|entry| entry.expect("an entry").path());
    names.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).expect("one journal file")
}

fn last(events: &[ContactEvent]) -> BTreeMap<ShardId, u64> {
    events.iter().map(|e| (e.by, e.seq)).collect()
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

#[test]
fn what_was_written_is_read_in_order_and_writers_go_on() {
    let (dir, day) = (folder(), Day::new(1, 40, 100, 4000));
    let (morning, evening) = day.events.split_at(day.events.len() / 2);
    assert_eq!(write(dir.path(), morning), Recovered::default());
    let recovered = write(dir.path(), evening);
    assert_eq!((recovered.events, recovered.cut_bytes), (morning.len() as u64, 0));
    assert_eq!(recovered.last, last(morning));
    assert_eq!(read(dir.path()), day.events);
}

#[test]
fn a_new_day_is_a_new_file_that_remembers_every_writer() {
    let (dir, day) = (folder(), Day::new(2, 20, 100, 4000));
    let mut tomorrow = day.events[0].clone();
    tomorrow.by = ShardId(9);
    tomorrow.at = Instant::from_millis(tomorrow.at.millis() + 86_400_000);
    write(dir.path(), &day.events);
    write(dir.path(), std::slice::from_ref(&tomorrow));
    let (_journal, recovered) = Journal::open(dir.path()).expect("a folder of ours");
    assert_eq!(recovered.events, 1);
    let mut want = last(&day.events);
    want.insert(ShardId(9), tomorrow.seq);
    assert_eq!(recovered.last, want);
    assert_eq!(read(dir.path()).len(), day.events.len() + 1);
    let first = only_file(dir.path()).with_file_name("events-20261124.jsonl");
    std::fs::remove_file(first).expect("the older file");
    assert_eq!(begins_after(dir.path()).expect("a head"), last(&day.events));
}

#[test]
fn one_process_at_a_time() {
    let dir = folder();
    let (journal, _) = Journal::open(dir.path()).expect("a new folder");
    assert!(matches!(Journal::open(dir.path()), Err(StoreError::InUse(_))));
    drop(journal);
    assert!(Journal::open(dir.path()).is_ok());
}

#[test]
fn a_folder_that_is_not_there_has_no_events() {
    assert_eq!(read(&folder().path().join("nothing")), []);
}

#[test]
fn damage_in_the_middle_is_told_and_what_follows_is_read() {
    let (dir, day) = (folder(), Day::new(3, 20, 100, 4000));
    write(dir.path(), &day.events);
    let path = only_file(dir.path());
    let mut bytes = std::fs::read(&path).expect("the journal");
    let half = bytes.len() / 2;
    let middle = half + bytes[half..].iter().position(|&b| b == b'\n').expect("more lines") + 20;
    bytes[middle] = if bytes[middle] == b'7' { b'8' } else { b'7' };
    std::fs::write(&path, &bytes).expect("the journal");
    let (good, bad): (Vec<_>, Vec<_>) = read_all(dir.path()).expect("readable").partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (day.events.len() - 1, 1));
    let (journal, recovered) = Journal::open(dir.path()).expect("a folder of ours");
    assert_eq!((recovered.damaged, recovered.cut_bytes), (1, 0));
    drop(journal);
    assert_eq!(std::fs::read(&path).expect("the journal"), bytes, "what is damaged stays as it is");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Whatever a crash leaves of the last write, every whole record is kept, and the next one follows it.
    #[test]
    fn a_torn_end_is_cut_and_told(cut in 0usize..20_000, garbage in prop::collection::vec(any::<u8>(), 0..40)) {
        let (dir, day) = (folder(), Day::new(4, 6, 60, 4000));
        write(dir.path(), &day.events);
        let path = only_file(dir.path());
        let whole = std::fs::read(&path).expect("the journal");
        let cut = cut.min(whole.len());
        std::fs::write(&path, [&whole[..cut], &garbage].concat()).expect("the journal");
        let lines = whole[..cut].iter().filter(|&&b| b == b'\n').count();
        let kept = &day.events[..lines.saturating_sub(1)]; // the head is the first line
        let good = whole[..cut].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        // A cut in front of a line feed leaves a whole record without its end; garbage may, by chance, begin with that end.
        prop_assume!(garbage.first() != Some(&b'\n'));
        let rest = &day.events[kept.len()..];
        let recovered = write(dir.path(), rest);
        prop_assert_eq!(recovered.cut_bytes, (cut - good + garbage.len()) as u64);
        prop_assert_eq!(recovered.last, last(kept));
        prop_assert_eq!(read(dir.path()), day.events);
    }
}

/// The child of the next test: acknowledges some events, says how many, offers more, and dies without a farewell.
const CHILD: &str = "SWITCHBOARD_STORE_CRASH_IN";

#[test]
fn killed_in_the_middle_nothing_acknowledged_is_lost() {
    let day = Day::new(5, 60, 100, 4000);
    let (sure, perhaps) = day.events.split_at(day.events.len() / 2);
    if let Some(dir) = std::env::var_os(CHILD) {
        let (journal, _) = Journal::open(Path::new(&dir)).expect("a new folder");
        let writer = journal.writer();
        sure.iter().for_each(|event| assert!(writer.offer(event.clone())));
        assert!(writer.flush(SOON));
        perhaps.iter().for_each(|event| assert!(writer.offer(event.clone())));
        std::process::abort();
    }
    let dir = folder();
    let child = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "killed_in_the_middle_nothing_acknowledged_is_lost", "--nocapture"])
        .env(CHILD, dir.path())
        .output()
        .expect("a child");
    assert!(!child.status.success(), "it must have died");
    let (journal, recovered) = Journal::open(dir.path()).expect("the lock died with the child");
    drop(journal);
    let read = read(dir.path());
    assert!(read.len() >= sure.len(), "{} of {} acknowledged", read.len(), sure.len());
    assert_eq!(read, day.events[..read.len()]);
    assert_eq!(recovered.last, last(&read));
}
