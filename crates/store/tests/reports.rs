//! Two implementations, one truth: a report is confirmed from the record by SQL, and one changed digit is named.
//!
//! Not covered: a record of millions of events. PostgreSQL is in `postgres.rs`.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use checks::{Beside, asked, at, folder, write};
use common::Day;
use switchboard_model::{AgentId, CallId, Instant, QueueId, ShardId, What};
use switchboard_stats::{BadQuestion, By, Equation};
use switchboard_store::*;

#[test]
fn every_check_holds_on_sqlite() {
    for (name, check) in checks::ALL {
        eprintln!("{name}");
        check(&Beside);
    }
}

#[test]
fn a_lost_record_is_seen_in_the_report() {
    let (dir, mut day) = (folder(), Day::new(10, 30, 150, 4000));
    day.events.remove(day.events.len() / 2);
    write(dir.path(), &day);
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert!(report.failing.contains(&Equation::Writers), "{:?}", report.failing);
    assert!(render(&report).contains("DOES NOT ADD UP"));
}

/// A process follows its own clock, which never steps back; the next one begins by the machine's, which has been set back meanwhile.
#[test]
fn a_clock_that_was_set_back_between_two_runs_makes_no_two_truths() {
    for seed in 40..44 {
        let (dir, mut day) = (folder(), Day::new(seed, 40, 90, 4000));
        let last = day.events.iter().map(|e| e.at.micros()).max().expect("a day");
        let back_us = last - common::START - 40_000_000;
        let ends = |by: ShardId| day.events.iter().filter(|e| e.by == by).map(|e| e.seq).max().unwrap_or(0);
        let upto = [ShardId(0), ShardId(1), ShardId(2)].map(ends);
        let another = |call: CallId| CallId(call.0 + 1_000_000);
        let mut second = Day::new(seed + 100, 40, 90, 4000).events;
        for event in &mut second {
            event.at = Instant::from_micros(event.at.micros() + back_us);
            event.seq += upto[usize::from(event.by.0)];
            event.call = event.call.map(another);
            if let What::Disposed { of_call, .. } = &mut event.what {
                *of_call = another(*of_call);
            }
        }
        assert!(second[0].at.micros() + 30_000_000 < last, "it begins before the first has ended");
        day.events.extend(second);
        write(dir.path(), &day);
        for by in [By::End, By::Arrival] {
            let report = report_asked(dir.path(), &Asked { by, ..asked() }).expect("a record");
            assert_eq!(report.failing, [], "seed {seed}: it still adds up");
            // To which queue an agent's work belongs within the seconds that came twice, only the journal's order can tell, and
            // the database has each writer's alone.
            let known = |d: &Difference| {
                d.figure.contains("queue ") && ["after_call_work_ms", "aht_ms"].iter().any(|id| d.figure.contains(id))
            };
            let found = verify_report(dir.path(), &Place::Beside, &report).expect("a database");
            assert_eq!(found.into_iter().filter(|d| !known(d)).collect::<Vec<_>>(), [], "seed {seed} {by:?}");
            let longest = report.blocks[0].indicators.iter().find(|i| i.id == "longest_wait_ms").expect("waits");
            assert!(longest.numerator < 120_000, "seed {seed}: no wait of an age: {longest:?}");
        }
    }
}

#[test]
fn questions_without_an_answer_say_why() {
    let dir = folder();
    let error = |asked: &Asked| report_asked(dir.path(), asked).expect_err("no answer").to_string();
    assert!(error(&asked()).starts_with("no contact event is recorded in"));
    write(dir.path(), &Day::new(11, 10, 60, 60));
    assert_eq!(error(&Asked { from: at(5), to: at(5), ..asked() }), BadQuestion::Empty.to_string());
    assert_eq!(error(&Asked { from: at(7200), to: at(9000), ..asked() }), BadQuestion::Future.to_string());
    assert_eq!(error(&Asked { from: at(7200), ..asked() }), BadQuestion::Future.to_string());
    let unknown = Asked { queues: Queues::One(QueueId(77)), ..asked() };
    let report = report_asked(dir.path(), &unknown).expect("a queue nobody called is no error");
    assert!(report.levels.iter().all(|figure| figure.percent.is_none()));
    assert!(render(&report).contains("no data"));
}

#[test]
fn names_are_kept_and_queues_found_by_them() {
    let dir = folder();
    let names =
        |queue: u16, name: &str| Names { queues: [(QueueId(queue), name.to_owned())].into(), ..Names::default() };
    names(1, "cards").write(dir.path()).expect("a folder");
    names(2, "loans").write(dir.path()).expect("a folder");
    let mut all = Names::read(dir.path()).expect("what we wrote");
    assert_eq!(
        (all.queue("cards"), all.queue("2"), all.queue("mortgages")),
        (Some(QueueId(1)), Some(QueueId(2)), None)
    );
    all.agents.insert(AgentId(3), "4012".to_owned());
    assert!(label("agent.3.talking_ms", &all).contains("4012"));
    assert!(label("exit.cards.menu.0.key", &all).contains("cards.menu"));
    assert_eq!(label("something_new", &all), "something_new");
}
