//! Retention over simulated years: what is erased, what never is, and that the figures stay what they were.
//!
//! Not covered: recordings, which are not kept yet; what a file system keeps of blocks that were freed.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use checks::{asked, folder};
use common::Day;
use jiff::civil::{Date, date};
use std::collections::BTreeSet;
use std::path::Path;
use switchboard_model::{CallId, ContactEvent, Instant, QueueId, What};
use switchboard_store::*;

/// A day every half a year from 2026-11-24, for six years; every call's number is another.
fn years(dir: &Path) {
    let (journal, _) = Journal::open(dir).expect("a new folder");
    let (writer, mut seqs) = (journal.writer(), std::collections::BTreeMap::<_, u64>::new());
    for half in 0..13u64 {
        for event in Day::new(half, 12, 60, 4000).events {
            let seq = seqs.entry(event.by).or_default();
            *seq += 1;
            let at = Instant::from_micros(event.at.micros() + half * 182 * 86_400_000_000);
            let call = event.call.map(|call| CallId(call.0 + half * 1000));
            assert!(writer.offer(ContactEvent { seq: *seq, at, call, ..event }));
        }
    }
    assert_eq!(journal.close().records_lost, 0);
}

fn numbers(dir: &Path) -> BTreeSet<CallId> {
    let named = |e: ContactEvent| match e.what {
        What::Arrived { sip_call_id, .. } if sip_call_id != "erased" => e.call,
        _ => None,
    };
    read_all(dir).expect("readable").filter_map(|e| named(e.expect("undamaged"))).collect()
}

fn refusal(result: Result<(), StoreError>) -> String {
    result.expect_err("refused").to_string()
}

const WHY: &str = "law suit 17";

#[test]
fn over_six_years_nothing_of_high_risk_goes_before_five_and_no_hold_is_broken() {
    let dir = folder();
    let dir = dir.path();
    years(dir);
    let before = report_asked(dir, &asked()).expect("a record");
    let mut retention = Retention::default();
    retention.decide(dir, Decision::KeepQueue { queue: QueueId(1) }, &[]).expect("a rule");
    let all = retention.files(dir).expect("readable");
    let ordinary: Vec<CallId> = all.iter().filter(|f| f.class == Class::Ordinary).map(|f| f.call).collect();
    let (held, by_hand) = (ordinary[0], ordinary[1]);
    retention.decide(dir, Decision::Hold { call: held, why: WHY.to_owned() }, &all).expect("a hold");
    let (number, filed) = ("客2026-0001".to_owned(), date(2026, 12, 1));
    let file = Decision::File { call: by_hand, class: Class::HighRisk, number, filed };
    retention.decide(dir, file, &all).expect("a filing");
    assert_eq!(Retention::read(dir).expect("what was written"), retention);

    let mut erased = BTreeSet::new();
    for today in (2026..=2033).map(|year| date(year, 11, 25)) {
        let files = retention.files(dir).expect("readable");
        for gone in erase(dir, &Place::Beside, &files, today, Instant::from_millis(1)).expect("erased") {
            let file = files.iter().find(|f| f.call == gone.call).expect("a file");
            let least: Date = date_of(file.ended)
                .checked_add(jiff::Span::new().years(if file.class == Class::HighRisk { 5 } else { 1 }))
                .expect("a date");
            assert!(today >= least, "{gone:?} went on {today}");
            assert_ne!(gone.call, held, "a hold beats every expiry");
            assert!(gone.events > 1 && gone.sha256.len() == 64 && erased.insert(gone.call), "{gone:?}");
        }
        let left = numbers(dir);
        assert!(left.is_disjoint(&erased), "their numbers are gone");
        let young = |f: &&ContactFile| f.expires > today || f.held.is_some();
        assert!(files.iter().filter(young).all(|f| left.contains(&f.call)), "and nobody else's");
    }
    assert!(erased.contains(&by_hand) && erased.len() > 60, "{}", erased.len());
    assert_eq!(proofs(dir).expect("readable").iter().map(|p| p.call).collect::<BTreeSet<_>>(), erased);
    let mine = proofs(dir).expect("readable").into_iter().find(|p| p.call == by_hand).expect("its proof");
    assert_eq!((mine.number.as_str(), mine.expired), ("客2026-0001", date(2031, 12, 1)));

    // Figures are what they were, and the copy has forgotten with the journal.
    let after = report_asked(dir, &asked()).expect("a record");
    // Whether a customer has come again is the one thing that cannot be told of who has been forgotten.
    let unforgotten = |report: &Report| -> Vec<Block> {
        let kept = |id: &str| !id.starts_with("resolved_") && !id.starts_with("needs_");
        let block = |b: &Block| Block {
            indicators: b.indicators.iter().filter(|i| kept(&i.id)).cloned().collect(),
            ..b.clone()
        };
        report.blocks.iter().map(block).collect()
    };
    assert_eq!((&after.levels, &after.failing), (&before.levels, &before.failing));
    assert_eq!(unforgotten(&after), unforgotten(&before));
    assert_eq!(verify_report(dir, &Place::Beside, &after).expect("a database"), []);
    retention.decide(dir, Decision::Release { call: held, why: "settled".to_owned() }, &all).expect("released");
    let files = retention.files(dir).expect("readable");
    let last = erase(dir, &Place::Beside, &files, date(2034, 1, 1), Instant::from_millis(2)).expect("erased");
    assert_eq!(last.iter().map(|e| e.call).collect::<Vec<_>>(), [held]);
}

fn date_of(at: Instant) -> Date {
    file_date(at)
}

#[test]
fn what_may_not_be_decided_says_why() {
    let dir = folder();
    let dir = dir.path();
    years(dir);
    let mut r = Retention::default();
    let files = r.files(dir).expect("readable");
    let (one, two) = (files[0].call, files[1].call);
    let keep = |class, years| Decision::Keep { class, years };
    assert!(refusal(r.decide(dir, keep(Class::HighRisk, 4), &files)).contains("kept 5 years"));
    r.decide(dir, keep(Class::HighRisk, 8), &files).expect("longer");
    assert!(refusal(r.decide(dir, keep(Class::HighRisk, 7), &files)).contains("may only be lengthened"));
    r.decide(dir, keep(Class::Ordinary, 3), &files).expect("longer");
    r.decide(dir, keep(Class::Ordinary, 2), &files).expect("an ordinary file may be kept for less again");
    assert!(refusal(r.decide(dir, keep(Class::Ordinary, 0), &files)).contains("1 to 100"));
    let filed = date(2026, 12, 1);
    let file = |call, class, n: &str| Decision::File { call, class, number: n.to_owned(), filed };
    r.decide(dir, file(one, Class::HighRisk, "A1"), &files).expect("a filing");
    let files = r.files(dir).expect("readable");
    assert!(refusal(r.decide(dir, file(one, Class::Ordinary, "A1"), &files)).contains("stays so"));
    assert!(refusal(r.decide(dir, file(two, Class::HighRisk, "A1"), &files)).contains("is that of call"));
    assert!(refusal(r.decide(dir, file(CallId(7), Class::HighRisk, "A2"), &files)).contains("no call 7"));
    let hold = |call, why: &str| Decision::Hold { call, why: why.to_owned() };
    assert!(refusal(r.decide(dir, hold(one, " "), &files)).contains("say why"));
    assert!(refusal(r.decide(dir, hold(CallId(7), WHY), &files)).contains("no call 7"));
    let release = Decision::Release { call: one, why: WHY.to_owned() };
    assert!(refusal(r.decide(dir, release, &files)).contains("not on hold"));
    // Even by hand nobody writes high risk shorter.
    let path = dir.join("retention.jsonl");
    let mut text = std::fs::read_to_string(&path).expect("written");
    text.push_str("{\"decision\":\"keep\",\"class\":\"high_risk\",\"years\":1}\n");
    std::fs::write(&path, text).expect("our file");
    assert_eq!(Retention::read(dir).expect("readable").years(Class::HighRisk), 8);
}

/// The next run finishes what a crash has left, with the hashes of the lines as they were.
#[test]
fn a_crash_on_the_way_is_finished_by_the_next_run() {
    let (whole, torn) = (folder(), folder());
    for dir in [&whole, &torn] {
        years(dir.path());
    }
    let today = date(2029, 1, 1);
    let run = |dir: &Path| {
        let files = Retention::default().files(dir).expect("readable");
        erase(dir, &Place::Beside, &files, today, Instant::from_millis(5)).expect("erased")
    };
    let want = run(whole.path());
    assert!(want.len() > 20);
    // A crash after the first day's file: the intent is there, the proofs are not.
    std::fs::copy(whole.path().join("erased.jsonl"), torn.path().join("erasing.jsonl")).expect("a copy");
    let first = "events-20261124.jsonl";
    std::fs::copy(whole.path().join(first), torn.path().join(first)).expect("a copy");
    assert_eq!(run(torn.path()), want);
    assert_eq!(numbers(torn.path()), numbers(whole.path()));
    assert!(!torn.path().join("erasing.jsonl").exists());
}
