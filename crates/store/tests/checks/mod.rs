//! What must hold whatever the database: each check runs on SQLite (`reports.rs`) and on a real PostgreSQL (`postgres.rs`).
#![allow(dead_code)]
use crate::common::{Day, START};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use switchboard_model::*;
use switchboard_stats::{By, Clock, Counts, FORMULAS, Formula, NeedRule, Per, percent};
use switchboard_store::*;

/// Where databases come from.
pub trait Places {
    /// One that holds nothing.
    fn fresh(&self) -> Place;
    /// Of many changes that are tried one by one, every so many: a server takes ten times as long to be asked.
    fn every(&self) -> usize {
        1
    }
}

/// SQLite: a new folder is a new database.
pub struct Beside;

impl Places for Beside {
    fn fresh(&self) -> Place {
        Place::Beside
    }
}

/// What must hold.
pub type Check = fn(&dyn Places);

/// Every check by its name.
pub const ALL: &[(&str, Check)] = &[
    ("sql_confirms_every_figure_of_every_report", sql_confirms_every_figure_of_every_report),
    ("sql_confirms_every_clock_and_every_breakdown", sql_confirms_every_clock_and_every_breakdown),
    ("sql_confirms_a_call_that_changes_hands", sql_confirms_a_call_that_changes_hands),
    ("sql_confirms_a_roster", sql_confirms_a_roster),
    ("a_report_still_holds_when_the_record_has_grown", a_report_still_holds_when_the_record_has_grown),
    ("one_changed_digit_is_named", one_changed_digit_is_named),
    ("a_figure_taken_out_of_a_block_is_missed", a_figure_taken_out_of_a_block_is_missed),
    ("the_database_is_a_copy_that_may_be_deleted", the_database_is_a_copy_that_may_be_deleted),
    ("catching_up_during_the_writing_copies_each_event_once", catching_up_during_the_writing_copies_each_event_once),
];

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

pub fn write(dir: &Path, day: &Day) {
    let (journal, _) = Journal::open(dir).expect("a folder of ours");
    let writer = journal.writer();
    day.events.iter().for_each(|event| assert!(writer.offer(event.clone())));
    journal.close();
}

pub fn asked() -> Asked {
    let formulas = FORMULAS.iter().map(|row| row.formula).collect();
    Asked {
        within_s: 20,
        formulas,
        queues: Queues::AllAndEach,
        from: None,
        to: None,
        every: None,
        by: By::End,
        short_s: 5,
        clock: Clock::default(),
        per: None,
        needs: NeedRule::default(),
        roster: None,
    }
}

pub fn at(s: u64) -> Option<When> {
    Some(When::At(Instant::from_micros(START + s * 1_000_000)))
}

pub fn sql_confirms_every_figure_of_every_report(places: &dyn Places) {
    let (mut answered, mut waiting) = (0, 0);
    for seed in 0..6 {
        let (dir, place) = (folder(), places.fresh());
        write(dir.path(), &Day::new(seed, 50, 150, [40, 90, 200, 4000][seed as usize % 4]));
        for asked in [
            asked(),
            Asked { by: By::Arrival, within_s: 7, ..asked() },
            Asked { from: at(35), to: at(95), within_s: 12, ..asked() },
            Asked { from: at(20), to: at(37), by: By::Arrival, short_s: 0, ..asked() },
            Asked { queues: Queues::One(QueueId(1)), within_s: 0, to: at(9000), ..asked() },
        ] {
            let report = report_asked(dir.path(), &asked).expect("a record");
            let differences = verify_report(dir.path(), &place, &report).expect("a database");
            assert_eq!(differences, [], "seed {seed}, {asked:?}");
            assert_eq!(report.failing, []);
            answered += report.levels[0].counts.answered;
            waiting += report.levels[0].counts.waiting;
        }
    }
    assert!(answered > 200 && waiting > 20, "the days must have something to count: {answered} and {waiting}");
}

pub fn sql_confirms_every_clock_and_every_breakdown(places: &dyn Places) {
    let (dir, place, day) = (folder(), places.fresh(), Day::new(21, 80, 200, 150));
    write(dir.path(), &day);
    let ids = |prefix: &str, n: u32| (0..n).map(|i| format!("{prefix}{i}")).collect::<Vec<_>>();
    Names {
        queues: (0..3).map(QueueId).zip(ids("queue", 3)).collect(),
        agents: (1..5).map(AgentId).zip(ids("800", 4)).collect(),
        trunks: (0..3).map(TrunkId).zip(ids("trunk", 3)).collect(),
        teams: (1..5).map(AgentId).zip(["north", "north", "south", "south"].map(str::to_owned)).collect(),
        skills: (0..3)
            .map(QueueId)
            .zip([vec!["card"], vec!["card", "loan"], vec![]].map(|s| s.into_iter().map(str::to_owned).collect()))
            .collect(),
        ..Names::default()
    }
    .write(dir.path())
    .expect("a folder");
    let formulas = vec![Formula::F3, Formula::F8];
    let mut answered = BTreeMap::new();
    for &clock in Clock::ALL {
        let report =
            report_asked(dir.path(), &Asked { clock, formulas: formulas.clone(), ..asked() }).expect("a record");
        assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), [], "{clock}");
        assert_eq!((report.levels[0].clock.as_str(), &report.failing[..]), (clock.text(), &[][..]));
        answered.insert(clock, (report.levels[0].counts.answered_within, report.blocks[0].indicators.clone()));
    }
    let asa =
        |clock: Clock| answered[&clock].1.iter().find(|i| i.id == "asa_ms").and_then(|i| i.value).expect("answered");
    assert!(
        asa(Clock::QueuePickup) <= asa(Clock::RequestPickup) && asa(Clock::RequestPickup) < asa(Clock::RequestSound)
    );
    assert!(asa(Clock::RequestAgentId) < asa(Clock::RequestSound), "the announcement comes before the conversation");
    for per in Per::ALL {
        for by in [By::End, By::Arrival] {
            let asked = Asked { per: Some(per), by, formulas: formulas.clone(), clock: Clock::QueueSound, ..asked() };
            let report = report_asked(dir.path(), &asked).expect("a record");
            assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), [], "{per} {by:?}");
            let counts = |f: &&Figure| f.formula == Formula::F3;
            let all = report.levels.iter().find(|f| f.window.group.is_none()).expect("all queues").counts;
            let groups: Vec<_> = report.levels.iter().filter(counts).filter(|f| f.window.group.is_some()).collect();
            assert!(groups.len() > 1 && render(&report).contains(&format!("{per} {}", report.groups[0].name)), "{per}");
            let sum = |f: fn(&Counts) -> u64| groups.iter().map(|g| f(&g.counts)).sum::<u64>();
            match per {
                // Every wait is of exactly one of these.
                Per::Queue | Per::Trunk | Per::MenuChoice => {
                    assert_eq!(
                        (sum(|c| c.answered), sum(|c| c.abandoned), sum(|c| c.waiting)),
                        (all.answered, all.abandoned, all.waiting)
                    );
                }
                Per::Agent | Per::Team => assert_eq!((sum(|c| c.answered), sum(|c| c.abandoned)), (all.answered, 0)),
                Per::Skill => assert!(sum(|c| c.answered) > 0),
            }
            let mut wrong = report.clone();
            let last = wrong.levels.last_mut().expect("levels");
            (last.numerator, last.percent) = (last.numerator + 1, percent(last.numerator + 1, last.denominator));
            let named = verify_report(dir.path(), &place, &wrong).expect("a database");
            assert!(named.iter().any(|d| d.figure.contains(&report.groups.last().expect("groups").name)), "{named:?}");
        }
    }
}

/// A caller of queue 1 is given by agent 1, after asking him, to agent 2, who has just had one of queue 2; then into queue 2.
pub fn sql_confirms_a_call_that_changes_hands(places: &dyn Places) {
    let (dir, place) = (folder(), places.fresh());
    let (one, two, shard, floor) = (AgentId(1), AgentId(2), ShardId(1), ShardId(0));
    let (call, other, language) = (CallId::new(shard, 1), CallId::new(shard, 2), Language::Mandarin);
    let (seqs, events) = (std::cell::RefCell::new(BTreeMap::new()), std::cell::RefCell::new(Vec::new()));
    let tell = |s: u64, by: ShardId, call: Option<CallId>, what: What| {
        let mut seqs = seqs.borrow_mut();
        let seq = seqs.entry(by).or_insert(0);
        *seq += 1;
        let at = Instant::from_micros(START + s * 1_000_000);
        events.borrow_mut().push(ContactEvent { v: ContactEvent::VERSION, by, seq: *seq, at, call, what });
    };
    let state = |s: u64, agent: AgentId, activity: AgentActivity| {
        let (presence, reason) = (AgentPresence::Ready, "told".to_owned());
        tell(s, floor, None, What::AgentState { agent, presence, activity, reason });
    };
    let comes = |s: u64, call: CallId, queue: QueueId, agent: AgentId| {
        let (trunk, from, dialled) = (TrunkId(1), Number::default(), Number::default());
        let since = Instant::from_micros(START + s * 1_000_000);
        let arrived = What::Arrived { trunk, from, dialled, first_dialled: None, sip_call_id: "x".to_owned() };
        for what in [arrived, What::Answered, What::HumanRequested { queue, by: RequestedBy::Key }] {
            tell(s, shard, Some(call), what);
        }
        tell(s, shard, Some(call), What::Queued { queue, language, since });
        tell(s, shard, Some(call), What::Ringing { queue, agent, ring: 1 });
        state(s, agent, AgentActivity::Ringing);
        tell(s + 2, shard, Some(call), What::PickedUp { queue, agent, wait_ms: 2000 });
        tell(s + 2, shard, Some(call), What::Connected { agent });
        state(s + 2, agent, AgentActivity::Talking);
    };
    let talked = |s: u64, call: CallId, agent: AgentId, talk_ms: u64| {
        tell(s, shard, Some(call), What::TalkEnded { agent, talk_ms, hung_up: HungUp::Agent });
        state(s, agent, AgentActivity::AfterCallWork);
    };
    let ended = |s: u64, call: CallId, queue: u16| {
        let (cause, queue) = (Cause::AgentDone, Some(QueueId(queue)));
        tell(s, shard, Some(call), What::Ended { cause, queue, wait_ms: Some(2000) });
    };
    state(0, one, AgentActivity::Idle);
    state(0, two, AgentActivity::Idle);
    comes(1, other, QueueId(2), two);
    talked(10, other, two, 7000);
    ended(10, other, 2);
    state(13, two, AgentActivity::Idle); // 3 s of work for queue 2
    comes(15, call, QueueId(1), one);
    let to = Destination::Agent(two);
    tell(20, shard, Some(call), What::ConsultStarted { agent: one, with: to.clone() });
    tell(22, shard, Some(call), What::ConsultAnswered { agent: one, with: to.clone() });
    state(22, two, AgentActivity::Talking);
    tell(
        30,
        shard,
        Some(call),
        What::ConsultEnded { agent: one, with: to.clone(), consult_ms: 8000, end: HandEnd::Done },
    );
    tell(30, shard, Some(call), What::TransferStarted { agent: one, to: to.clone(), how: Handing::Attended });
    talked(30, call, one, 13_000);
    tell(30, shard, Some(call), What::TransferEnded { agent: one, to, end: HandEnd::Done });
    tell(31, shard, Some(call), What::Connected { agent: two });
    state(35, one, AgentActivity::Idle); // 5 s for queue 1
    let to = Destination::Queue(QueueId(2));
    tell(40, shard, Some(call), What::TransferStarted { agent: two, to: to.clone(), how: Handing::Blind });
    talked(40, call, two, 9000);
    tell(40, shard, Some(call), What::TransferEnded { agent: two, to, end: HandEnd::Done });
    let since = Instant::from_micros(START + 15_000_000);
    tell(40, shard, Some(call), What::Queued { queue: QueueId(2), language, since });
    state(51, two, AgentActivity::Idle); // 11 s: he was given a caller of queue 1
    tell(55, shard, Some(call), What::StepTaken { queue: QueueId(2), step: 1 });
    tell(
        60,
        shard,
        Some(call),
        What::Ended { cause: Cause::AbandonedWaiting, queue: Some(QueueId(2)), wait_ms: Some(2000) },
    );
    let (events, now) = (events.into_inner(), Instant::from_micros(START + 60_000_000));
    write(dir.path(), &Day { events, truth: Vec::new(), now });
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!(
        (report.failing.as_slice(), verify_report(dir.path(), &place, &report).expect("a database")),
        (&[][..], vec![])
    );
    for (queue, id, want) in [
        (None, "after_call_work_ms", 19_000),
        (Some(1), "after_call_work_ms", 16_000),
        (Some(2), "after_call_work_ms", 3000),
        (None, "queue_entries", 3),
        (None, "queue_re_entries", 1),
        (Some(1), "queue_entries", 1),
        (Some(2), "queue_entries", 2),
        (Some(2), "queue_re_entries", 1),
        (Some(2), "overflow_steps", 1),
        (None, "offered", 2),
        (Some(1), "gave_on", 2),
        (None, "consulted", 1),
    ] {
        let block = report.blocks.iter().find(|b| b.window.queue == queue.map(QueueId)).expect("asked for each");
        let found = block.indicators.iter().find(|i| i.id == id).map(|i| i.numerator);
        assert_eq!(found, Some(want), "{queue:?} {id}");
    }
    let text = render(&report);
    assert!(text.contains("callers given on 转出次数: 2") && text.contains("consultations"), "{text}");
}

pub fn sql_confirms_a_roster(places: &dyn Places) {
    let (dir, place, day) = (folder(), places.fresh(), Day::new(31, 60, 150, 120));
    write(dir.path(), &day);
    let names = Names { agents: (1..5).map(|a| (AgentId(a), format!("800{a}"))).collect(), ..Names::default() };
    names.write(dir.path()).expect("a folder");
    let file = dir.path().join("roster.csv");
    let of = |agent: u32, from: u64, to: u64| {
        let at = |s: u64| rfc3339(Instant::from_micros(START + s * 1_000_000));
        format!("800{agent},{},{}\n", at(from), at(to))
    };
    // One begins before the record, one ends after it, one has two shifts, and one has not begun.
    let rows = [of(1, 0, 60), of(2, 30, 9000), of(3, 10, 20), of(3, 40, 50), of(4, 5000, 6000)];
    std::fs::write(&file, format!("agent,from,to\n{}", rows.concat())).expect("a folder");
    let asked = Asked { roster: Some(file), formulas: vec![Formula::F3], ..asked() };
    for asked in [asked.clone(), Asked { from: at(15), to: at(45), ..asked }] {
        let report = report_asked(dir.path(), &asked).expect("a record");
        assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), [], "{asked:?}");
        let found = |id: &str| report.blocks[0].indicators.iter().find(|i| i.id == id).cloned().expect("a roster");
        let rostered = |agent: u32| found(&format!("agent.{agent}.rostered_ms")).numerator;
        let rest = (report.record.as_of.micros() - START) / 1000 - 30_000;
        let want = if asked.from.is_some() { [30_000, 15_000, 10_000, 0] } else { [60_000, rest, 20_000, 0] };
        assert_eq!([1, 2, 3, 4].map(rostered), want);
        assert_eq!(found("agent.4.adherence").value, None, "nothing of it has happened: no data");
        let (kept, there) = (found("adherence"), found("attendance"));
        assert!(kept.numerator < there.numerator && there.numerator <= there.denominator, "{kept:?} {there:?}");
        assert_eq!(there.denominator, want.iter().sum::<u64>());
        let mut wrong = report.clone();
        wrong.roster[2].to = wrong.roster[2].to + Duration::from_secs(3);
        assert!(!verify_report(dir.path(), &place, &wrong).expect("a database").is_empty(), "another roster");
    }
}

pub fn a_report_still_holds_when_the_record_has_grown(places: &dyn Places) {
    let (dir, place, day) = (folder(), places.fresh(), Day::new(7, 50, 150, 4000));
    let (morning, evening) = day.events.split_at(day.events.len() / 2);
    write(dir.path(), &Day { events: morning.to_vec(), ..day.clone() });
    let report = report_asked(dir.path(), &asked()).expect("a record");
    write(dir.path(), &Day { events: evening.to_vec(), ..day.clone() });
    assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), []);
    let later = report_asked(dir.path(), &asked()).expect("a record");
    assert!(later.record.events > report.record.events);
    assert_eq!(verify_report(dir.path(), &place, &later).expect("a database"), []);
}

/// Every number of the report's JSON that is a figure, one at a time.
pub fn one_changed_digit_is_named(places: &dyn Places) {
    let (dir, place) = (folder(), places.fresh());
    write(dir.path(), &Day::new(8, 20, 150, 90));
    let asked = Asked { queues: Queues::All, formulas: vec![Formula::F3, Formula::F8], ..asked() };
    let report = report_asked(dir.path(), &asked).expect("a record");
    let json = serde_json::to_value(&report).expect("plain data");
    assert_eq!(serde_json::from_value::<Report>(json.clone()).expect("what we wrote"), report);
    let mut paths = Vec::new();
    figures(&json, String::new(), &mut paths);
    assert!(paths.len() > 100, "{} figures", paths.len());
    for path in paths.into_iter().step_by(places.every()) {
        let mut changed = json.clone();
        let digit = changed.pointer_mut(&path).expect("found above");
        *digit = match &digit {
            Value::Number(n) if n.is_f64() => (n.as_f64().expect("a float") + 0.01).into(),
            other => (other.as_u64().expect("a number") + 1).into(),
        };
        let changed: Report = serde_json::from_value(changed).expect("a report with one digit changed");
        let differences = verify_report(dir.path(), &place, &changed).expect("a database");
        assert!(!differences.is_empty(), "{path} was changed and nobody saw it");
        let text = render_differences(&differences);
        if path.ends_with("numerator") && path.starts_with("/blocks") {
            let id = json.pointer(&path.replace("numerator", "id")).and_then(Value::as_str).expect("its name");
            assert!(text.contains(id) && differences.len() == 1, "{id} is not named alone: {text}");
        }
    }
}

pub fn a_figure_taken_out_of_a_block_is_missed(places: &dyn Places) {
    let (dir, place) = (folder(), places.fresh());
    write(dir.path(), &Day::new(9, 30, 150, 4000));
    let mut report = report_asked(dir.path(), &asked()).expect("a record");
    let gone = report.blocks[0].indicators.remove(3);
    let differences = verify_report(dir.path(), &place, &report).expect("a database");
    assert!(differences.len() == 1 && differences[0].figure.ends_with(&gone.id), "{differences:?}");
}

pub fn the_database_is_a_copy_that_may_be_deleted(places: &dyn Places) {
    let (dir, place, day) = (folder(), places.fresh(), Day::new(12, 30, 150, 4000));
    write(dir.path(), &day);
    let catch_up = CatchUp::start(dir.path(), place.clone(), Duration::from_millis(5));
    catch_up.close();
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), []);
    for file in ["contacts.sqlite", "contacts.sqlite-wal", "contacts.sqlite-shm"] {
        let _ = std::fs::remove_file(dir.path().join(file));
    }
    let place = places.fresh();
    assert_eq!(verify_report(dir.path(), &place, &report).expect("a new database"), []);
}

pub fn catching_up_during_the_writing_copies_each_event_once(places: &dyn Places) {
    let (dir, place, day) = (folder(), places.fresh(), Day::new(13, 200, 600, 4000));
    let (journal, _) = Journal::open(dir.path()).expect("a new folder");
    let catch_up = CatchUp::start(dir.path(), place.clone(), Duration::from_millis(1));
    let writer = journal.writer();
    for part in day.events.chunks(100) {
        part.iter().for_each(|event| assert!(writer.offer(event.clone())));
        assert!(writer.flush(Duration::from_secs(20)));
    }
    journal.close();
    while catch_up.status().events < day.events.len() as u64 {
        assert_eq!(catch_up.status().failing, None);
        std::thread::yield_now();
    }
    let done = CopyStatus { events: day.events.len() as u64, behind_bytes: 0, failing: None };
    assert_eq!(catch_up.close(), done);
    let report = report_asked(dir.path(), &asked()).expect("a record");
    assert_eq!(verify_report(dir.path(), &place, &report).expect("a database"), []);
}

fn figures(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        // The form's version, names, and the question itself are no figures.
        Value::Object(map) => {
            let figures_only = |key: &&String| {
                !["report", "names", "window", "within_s", "groups", "needs", "roster"].contains(&key.as_str())
            };
            map.iter()
                .filter(|(key, _)| figures_only(key))
                .for_each(|(key, v)| figures(v, format!("{path}/{key}"), paths));
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(i, v)| figures(v, format!("{path}/{i}"), paths)),
        Value::Number(_) => paths.push(path),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
