//! PostgreSQL, real and in its own temporary folder: every check of the reports, and what becomes of the record when the server is
//! killed, frozen or another record's.
//!
//! Not covered: a server on another machine, and TLS.
mod checks;
#[path = "../../stats/tests/common/mod.rs"]
mod common;
mod server;
use checks::{Places, asked, folder, write};
use common::Day;
use server::Postgres;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use switchboard_model::CallId;
use switchboard_store::*;

const SOON: Duration = Duration::from_secs(60);

impl Places for Postgres {
    fn fresh(&self) -> Place {
        self.database().parse().expect("an address")
    }
    fn every(&self) -> usize {
        23
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..12_000 {
        if done() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
    panic!("it did not happen within a minute that {what}");
}

#[test]
fn every_check_holds_on_postgresql() {
    let server = Postgres::start();
    for (name, check) in checks::ALL {
        eprintln!("{name}");
        check(&server);
    }
}

#[test]
fn a_database_is_the_copy_of_one_record() {
    let server = Postgres::start();
    let (place, one, other) = (server.fresh(), folder(), folder());
    for (dir, seed) in [(&one, 1), (&other, 2)] {
        write(dir.path(), &Day::new(seed, 20, 60, 4000));
    }
    let report = |dir: &tempfile::TempDir| report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!(verify_report(one.path(), &place, &report(&one)).expect("its own"), []);
    let refused = verify_report(other.path(), &place, &report(&other)).expect_err("another's").to_string();
    assert!(refused.contains("holds another record") && refused.contains("search_path"), "{refused}");
    let catch_up = CatchUp::start(other.path(), place.clone(), Duration::from_millis(5));
    until("the refusal is shown", || catch_up.status().failing.is_some());
    assert_eq!(verify_report(one.path(), &place, &report(&one)).expect("untouched"), []);
}

/// A frozen server answers nobody; the journal takes every event all the same, and at the end nobody waits for long.
#[test]
fn a_slow_database_holds_up_nothing() {
    let server = Postgres::start();
    let (place, dir, day) = (server.fresh(), folder(), Day::new(3, 300, 600, 4000));
    let (journal, _) = Journal::open(dir.path()).expect("a new folder");
    let catch_up = CatchUp::start(dir.path(), place.clone(), Duration::from_millis(5));
    let writer = journal.writer();
    let (first, rest) = day.events.split_at(200);
    first.iter().for_each(|event| assert!(writer.offer(event.clone())));
    until("the first are copied", || catch_up.status().events == 200);
    server.freeze(true);
    rest.iter().for_each(|event| assert!(writer.offer(event.clone())));
    assert!(writer.flush(SOON), "the journal does not wait for the database");
    assert_eq!(writer.status().records_lost, 0);
    let status = catch_up.close();
    assert!(status.failing.as_ref().is_some_and(|why| why.contains("has not answered for")), "{status:?}");
    assert!(status.behind_bytes > 10_000, "{status:?}");
    server.freeze(false);
    journal.close();
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!(verify_report(dir.path(), &place, &report).expect("caught up"), []);
}

/// The child of the next test: writes a day again and again, each with the next numbers, and says how far the copy is.
const CHILD: &str = "SWITCHBOARD_STORE_COPIES_TO";

fn child(to: &str) -> ! {
    let (dir, address) = to.split_once(' ').expect("folder and address");
    let (journal, recovered) = Journal::open(Path::new(dir)).expect("a folder of ours");
    let catch_up = CatchUp::start(Path::new(dir), address.parse().expect("an address"), Duration::from_millis(5));
    let (writer, day) = (journal.writer(), Day::new(4, 100, 200, 4000));
    let (mut seqs, mut was_dead) = (recovered.last, false);
    for round in 0.. {
        for event in &day.events {
            let seq = seqs.entry(event.by).or_default();
            *seq += 1;
            let mut event = event.clone();
            event.seq = *seq;
            event.call = event.call.map(|call| CallId(call.0 + (round << 32)));
            assert!(writer.offer(event));
        }
        assert!(writer.flush(SOON));
        let acknowledged = writer.status().durable;
        until("it is copied, or the database is dead", || {
            let status = catch_up.status();
            println!("acknowledged {acknowledged} copied {} {:?}", status.events, status.failing);
            // One more round is written while it is dead, and no more.
            status.events >= acknowledged || status.failing.is_some() && !was_dead
        });
        was_dead = catch_up.status().events < acknowledged;
    }
    unreachable!("rounds do not end")
}

#[test]
fn killed_in_the_middle_both_the_process_and_the_database_the_sums_are_the_same() {
    if let Ok(to) = std::env::var(CHILD) {
        child(&to);
    }
    let (mut server, dir) = (Postgres::start(), folder());
    let address = server.database();
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args([
            "--exact",
            "killed_in_the_middle_both_the_process_and_the_database_the_sums_are_the_same",
            "--nocapture",
        ])
        .env(CHILD, format!("{} {address}", dir.path().display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
    let mut acknowledged = 0;
    let mut wait_for = |what: &str, seen: &dyn Fn(&[&str]) -> bool| {
        let line = lines.find(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            if words.first() != Some(&"acknowledged") {
                return false;
            }
            acknowledged = words[1].parse().expect("a number");
            seen(&words)
        });
        line.unwrap_or_else(|| panic!("the child ended before {what}"))
    };
    let copied = |words: &[&str]| words[3].parse::<u64>().expect("a number");
    wait_for("something was copied", &|words| copied(words) > 500);
    server.kill();
    let before =
        copied(&wait_for("the dead database was seen", &|words| words[4] != "None").split(' ').collect::<Vec<_>>());
    server.start_again();
    wait_for("it caught up again", &|words| copied(words) > before + 500 && words[4] == "None");
    child.kill().expect("it runs"); // SIGKILL
    child.wait().expect("a child of ours");

    let (journal, _) = Journal::open(dir.path()).expect("the lock died with the child");
    journal.close();
    let kept = read_all(dir.path()).expect("readable").filter(Result::is_ok).count() as u64;
    assert!(kept >= acknowledged, "{kept} of {acknowledged} acknowledged");
    let place: Place = address.parse().expect("an address");
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!((report.record.events, report.record.damaged), (kept, 0));
    assert_eq!(verify_report(dir.path(), &place, &report).expect("caught up"), []);
}
