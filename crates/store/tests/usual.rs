//! What is usual is read from the days before this one, and from days like it.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use checks::folder;
use common::START;
use std::path::Path;
use switchboard_model::*;
use switchboard_store::{Journal, second_of_day, usual};

const DAY_US: u64 = 86_400_000_000;

/// So many callers, so many days before the day of `START`, at its hour.
fn record(dir: &Path, days: &[(u64, u64)]) {
    let (journal, _) = Journal::open(dir).expect("a folder");
    let (writer, mut seq) = (journal.writer(), 0);
    for &(before, n) in days {
        for i in 0..n {
            seq += 1;
            let at = Instant::from_micros(START - before * DAY_US - 60_000_000 + i * 1000);
            let what = What::HumanRequested { queue: QueueId(1), by: RequestedBy::Key };
            let call = Some(CallId::new(ShardId(1), seq));
            assert!(writer.offer(ContactEvent { v: 1, by: ShardId(1), seq, at, call, what }));
        }
    }
    journal.close();
}

#[test]
fn the_same_weekday_counts_if_there_are_two_and_all_days_if_not() {
    let now = Instant::from_micros(START);
    let a_quarter = |second: u32| second / 900 * 900 + 899;
    for (days, want) in [
        (&[][..], None),
        (&[(1, 10)], Some((10.0, 1))),
        (&[(2, 20), (1, 10)], Some((15.0, 2))),
        (&[(14, 40), (7, 60), (2, 20), (1, 10)], Some((50.0, 2))),
        (&[(40, 99), (1, 10)], Some((10.0, 1))), // older than four weeks
        (&[(1, 10), (0, 77)], Some((10.0, 1))),  // today is not usual yet
    ] {
        let dir = folder();
        record(dir.path(), days);
        let usual = usual(dir.path(), now).expect("readable");
        let expected = usual.expected(None, a_quarter(second_of_day(now)));
        match want {
            None => assert_eq!(expected, None, "{days:?}"),
            Some((mean, n)) => {
                assert_eq!(usual.days(), n, "{days:?}");
                let near = expected.expect("past days");
                assert!((near - mean).abs() < mean * 0.01 + 0.1, "{days:?}: {near}, not {mean}");
            }
        }
    }
}
