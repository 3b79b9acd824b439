//! A report on paper: the page and the CSV say what the report says, and the pictures are of the same calls.
//!
//! Not covered: what a page looks like.
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use common::{Day, START};
use std::path::Path;
use switchboard_model::{Instant, QueueId};
use switchboard_stats::{By, Clock, Counts, FORMULAS, Formula, NeedRule, WaitEnd};
use switchboard_store::*;

fn record(seed: u64) -> (tempfile::TempDir, Day) {
    let (dir, day) = (tempfile::tempdir().expect("a temporary folder"), Day::new(seed, 60, 600, 4000));
    let (journal, _) = Journal::open(dir.path()).expect("a folder of ours");
    let writer = journal.writer();
    day.events.iter().for_each(|event| assert!(writer.offer(event.clone())));
    journal.close();
    (dir, day)
}

fn asked() -> Asked {
    let formulas = FORMULAS.iter().map(|row| row.formula).collect();
    let (from, to, every) = (None, None, None);
    Asked {
        within_s: 20,
        formulas,
        queues: Queues::AllAndEach,
        from,
        to,
        every,
        by: By::End,
        short_s: 5,
        clock: Clock::default(),
        per: None,
        needs: NeedRule::default(),
        roster: None,
    }
}

fn name_queue(dir: &Path, name: &str) {
    let target = Target { x_s: 20, y_percent: 80 };
    let names = Names {
        queues: [(QueueId(1), name.to_owned())].into(),
        targets: [(QueueId(1), target)].into(),
        ..Names::default()
    };
    names.write(dir).expect("a folder");
}

#[test]
fn the_report_inside_a_page_is_the_report_whatever_a_queue_is_called() {
    let (dir, _) = record(1);
    name_queue(dir.path(), "</script><b onload=\"x\">'& 卡");
    for lang in [Lang::En, Lang::Zh] {
        let (report, page) = report_page(dir.path(), &asked(), lang).expect("a record");
        let inside = report_of_page(&page).expect("there is one");
        let inside: Report = serde_json::from_str(inside).expect("JSON");
        assert_eq!(inside, report);
        assert_eq!(verify_report(dir.path(), &Place::Beside, &inside).expect("a database"), []);
        assert!(!page.contains("<b onload") && page.contains("&lt;b onload"), "the name leaves its place");
        assert_eq!(page.matches("<svg viewBox").count(), 5);
        for figure in &report.levels {
            let percent = figure.percent.map(|p| format!("{p:.2} %"));
            let shown = percent.unwrap_or_else(|| lang.say("no data", "无数据").to_owned());
            assert!(page.contains(&shown), "{shown} of {} is not shown", figure.formula);
        }
    }
    assert_eq!(report_of_page("<html></html>"), None);
}

#[test]
fn the_pictures_are_of_the_same_calls_as_the_figures() {
    for seed in 2..6 {
        let (dir, day) = record(seed);
        let from = Some(When::At(Instant::from_micros(START + 37_000_000)));
        for asked in [
            asked(),
            Asked { by: By::Arrival, within_s: 7, formulas: vec![Formula::F1], ..asked() },
            Asked { from, queues: Queues::One(QueueId(1)), ..asked() },
        ] {
            let report = report_asked(dir.path(), &asked).expect("a record");
            let p = pictures(dir.path(), &report).expect("a record").expect("a level was asked");
            let board = report.levels.iter().find(|l| l.formula == Formula::F8);
            assert_eq!(board.is_some(), asked.formulas.contains(&Formula::F8));
            let first = board.unwrap_or(&report.levels[0]);
            assert_eq!(p.question.formula, first.formula);
            let sum = |of: fn(&Counts) -> u64| p.slots.iter().map(|s| of(&s.counts)).sum::<u64>();
            assert_eq!(sum(|c| c.answered), first.counts.answered);
            assert_eq!(sum(|c| c.answered_within), first.counts.answered_within);
            assert_eq!(sum(|c| c.abandoned), first.counts.abandoned);
            assert_eq!(sum(|c| c.failed + c.waiting), first.counts.failed + first.counts.waiting);
            let heat: u64 = p.heat(&[5, 20, 60]).iter().flatten().sum();
            let waits: u64 = WaitEnd::ALL.iter().map(|end| p.waits.count(*end)).sum();
            assert_eq!((heat, p.percent), (waits, first.percent));
            assert!(p.slots.windows(2).all(|w| w[0].to == w[1].from) && p.slots.len() > 5, "{:?}", p.slot_s);
            assert!(!day.events.is_empty() && waits > 10);
        }
    }
}

#[test]
fn the_slots_of_every_are_figures_like_all_others() {
    let (dir, _) = record(7);
    let every = Some(Every::Minutes(15));
    let asked = Asked { formulas: vec![Formula::F3], queues: Queues::All, every, ..asked() };
    let report = report_asked(dir.path(), &asked).expect("a record");
    assert!(report.levels.len() > 2, "{} windows", report.levels.len());
    let (whole, slots) = report.levels.split_first().expect("not empty");
    assert_eq!(slots.iter().map(|f| f.numerator).sum::<u64>(), whole.numerator);
    assert_eq!(slots.iter().map(|f| f.denominator).sum::<u64>(), whole.denominator);
    assert_eq!(verify_report(dir.path(), &Place::Beside, &report).expect("a database"), []);
    let from = Some(When::At(Instant::from_micros(START - 40 * 86_400_000_000)));
    let error = report_asked(dir.path(), &Asked { from, ..asked }).expect_err("too many").to_string();
    assert!(error.contains("more than 2976 slots of 15m"), "{error}");
}

#[test]
fn csv_has_one_row_a_figure_with_all_that_belongs_to_it() {
    let (dir, _) = record(8);
    name_queue(dir.path(), "cards, gold");
    let report = report_asked(dir.path(), &asked()).expect("a record");
    let text = csv(&report);
    let rows: Vec<&str> = text.split("\r\n").filter(|row| !row.is_empty()).collect();
    let indicators: usize = report.blocks.iter().map(|b| b.indicators.len()).sum();
    assert_eq!(rows.len(), 1 + report.levels.len() + indicators + report.conservation.len());
    let f3 = report.levels.iter().find(|f| f.formula == Formula::F3 && f.window.queue == Some(QueueId(1)));
    let f3 = f3.expect("asked");
    let row = rows.iter().find(|r| r.starts_with("level,\"cards, gold\"") && r.contains(",F3,")).expect("its row");
    let percent = f3.percent.map(|p| p.to_string()).unwrap_or_default();
    assert!(
        row.contains(&format!(",20,5,{},{},{percent},percent,{},", f3.numerator, f3.denominator, f3.text)),
        "{row}"
    );
    assert!(row.contains(",end,transfer to human"), "{row}");
}
