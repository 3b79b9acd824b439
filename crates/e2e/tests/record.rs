//! The record under fire: a full disk, a killed database, a killed process. No call is lost for it, and the sums agree afterwards.
//!
//! Not covered: a disk that fails for longer than the memory holds (`store/src/journal/tests.rs` has that, with a small memory).
#[path = "../../store/tests/server/mod.rs"]
mod server;
use server::Postgres;
use std::fs;
use std::process::Command;
use std::time::Duration;
use switchboard_e2e::{Centre, Engine, Sipp, Site, Voice, on_site, until};

const SOON: Duration = Duration::from_secs(30);

/// A call that reaches the agent's telephone, talks and ends.
fn call(site: &Site, engine: &Engine<'_>, name: &str) {
    engine.agent_is("8001", "Ready Idle", SOON);
    let voice = Voice::new().silence(1.0).key('0').tone(440.0, 3.0);
    let caller = Sipp::at(site, name, "caller_hangs_up", site.caller(0)).to(site.engine()).voice(voice).start();
    caller.ends_well(SOON);
}

fn board(engine: &Engine<'_>) -> serde_json::Value {
    let out = engine.get("/board.json");
    serde_json::from_str(&out).unwrap_or_else(|e| panic!("{out}: {e}"))
}

#[test]
fn a_full_disk_stops_no_call_and_loses_nothing_that_memory_holds() {
    on_site("a_full_disk_stops_no_call_and_loses_nothing_that_memory_holds", |site| {
        let data = site.folder("engine").join("data");
        fs::create_dir_all(&data).expect("a folder of ours");
        let small = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&data).status();
        assert!(small.is_ok_and(|s| s.success()), "a small disk can be mounted in a namespace of one's own");
        let engine = Engine::start(site, &Centre { agents: vec!["8001"], ..Centre::default() });
        let _phone = engine.telephone(0, "8001");
        call(site, &engine, "before");
        let filler = data.join("filler");
        let full = Command::new("dd").args(["if=/dev/zero", "bs=4k"]).arg(format!("of={}", filler.display())).output();
        assert!(!full.expect("dd starts").status.success(), "it ends when the disk is full");
        // The journal's last page has room left, so the first call may still find a place on the disk; four cannot.
        for name in ["while-full-1", "while-full-2", "while-full-3", "while-full-4"] {
            call(site, &engine, name);
        }
        until("the board says that the disk is full and how much is held", SOON, || {
            let record = board(&engine)["record"].clone();
            let full = record["disk_failing"].as_str().is_some_and(|why| why.contains("No space left"));
            (full && record["held"].as_u64().is_some_and(|n| n > 5)).then_some(())
        });
        fs::remove_file(&filler).expect("our file");
        until("the disk takes what was held", SOON, || {
            let board = board(&engine);
            let done = board["record"]["held"] == 0 && board["record"]["disk_failing"].is_null();
            (done && board["balance"]["records_lost"] == 0).then_some(())
        });
        call(site, &engine, "after");
        assert_eq!(engine.day().answered, 6);
    });
}

#[test]
fn the_database_and_the_process_are_killed_and_every_call_is_in_both() {
    on_site("the_database_and_the_process_are_killed_and_every_call_is_in_both", |site| {
        let mut server = Postgres::start();
        let address = server.database();
        let centre = Centre { agents: vec!["8001"], record: Some(address.clone()), ..Centre::default() };
        let mut engine = Engine::start(site, &centre);
        let _phone = engine.telephone(0, "8001");
        call(site, &engine, "first");
        until("it is copied", SOON, || (board(&engine)["record"]["behind_bytes"] == 0).then_some(()));
        server.kill();
        call(site, &engine, "without-database");
        until("the board says so", SOON, || {
            let record = board(&engine)["record"].clone();
            let behind = record["behind_bytes"].as_u64().is_some_and(|n| n > 500);
            (record["database_failing"].is_string() && behind).then_some(())
        });
        engine.running().signal(rustix::process::Signal::KILL);
        engine.running().ends(SOON);
        server.start_again();
        engine.start_again();
        let _phone = engine.telephone(1, "8001"); // the first would register again in its own time
        call(site, &engine, "third");
        let day = engine.day_of(&["--record", &address]);
        assert_eq!((day.answered, day.waiting), (3, 0));
    });
}
