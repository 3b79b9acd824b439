//! A process is killed after any event whatever: the next one closes what it has left, and everything adds up again.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use checks::{asked, folder, write};
use common::Day;
use switchboard_model::{Cause, What};
use switchboard_store::*;

#[test]
fn whatever_a_killed_process_leaves_is_closed_by_the_next() {
    let (mut waiting, mut talking, mut ringing) = (0, 0, 0);
    for cut in (10..600).step_by(23) {
        let (dir, mut day) = (folder(), Day::new(31, 40, 150, 4000));
        day.events.truncate(cut);
        write(dir.path(), &day);
        let before = report_asked(dir.path(), &asked()).expect("a record");
        let (journal, mut recovered) = Journal::open(dir.path()).expect("a folder of ours");
        let numbers = recovered.last.clone();
        let words = left_open(dir.path(), &mut recovered).expect("readable");
        let writer = journal.writer();
        words.iter().for_each(|event| assert!(writer.offer(event.clone())));
        journal.close();
        let ended = words.iter().filter(|e| matches!(e.what, What::Ended { cause: Cause::Internal, .. })).count();
        talking += words.iter().filter(|e| matches!(e.what, What::TalkEnded { .. })).count();
        ringing += words.iter().filter(|e| matches!(e.what, What::RingEnded { .. })).count();
        waiting += before.levels[0].counts.waiting;
        for (by, last) in &recovered.last {
            let mine = words.iter().filter(|e| e.by == *by).count() as u64;
            assert_eq!(last - numbers.get(by).copied().unwrap_or(0), mine, "{by:?} goes on without a gap");
        }

        let after = report_asked(dir.path(), &asked()).expect("a record");
        assert_eq!(after.failing, [], "cut {cut}");
        let term = |id: &str| after.conservation.iter().find(|i| i.id == id).expect("a term").numerator;
        assert_eq!((term("record.in_menu"), term("record.waiting")), (0, 0), "cut {cut}");
        assert_eq!(term("record.arrived"), term("record.ended"), "cut {cut}");
        let (was, is) = (before.levels[0].counts, after.levels[0].counts);
        assert_eq!(
            (is.answered, is.abandoned, is.failed),
            (was.answered, was.abandoned, was.failed + was.waiting),
            "cut {cut}"
        );
        assert_eq!(verify_report(dir.path(), &Place::Beside, &after).expect("a database"), [], "cut {cut}");
        assert!(ended > 0 || cut > 400, "cut {cut}");
        // Once closed, nothing is open.
        assert_eq!(left_open(dir.path(), &mut recovered).expect("readable"), []);
    }
    assert!(waiting > 10 && talking > 10 && ringing > 3, "{waiting} {talking} {ringing}");
}
