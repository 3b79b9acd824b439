//! Two implementations, one truth: a report is confirmed from the record by SQL, and one changed digit is named.
//!
//! Not covered: a record of millions of events. PostgreSQL is in `postgres.rs`.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use checks::{Beside, asked, at, folder, write};
use common::Day;
use switchboard_model::{AgentId, QueueId};
use switchboard_stats::{BadQuestion, Equation};
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
