//! `switchboard trunk test` as an engineer runs it: everything passes against an honest SBC, and each thing that an SBC can do wrong is found
//! by the check that looks for it.
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

/// What a lie makes fail besides the check that looks for it, since those cannot be carried out then.
const CONSEQUENCES: &[(&str, &[&str])] = &[
    ("mute", &["rport-out", "symmetric-out", "allow-out", "big-out", "options-dialog-out"]),
    ("drops-big", &["big-out"]),
    (
        "drops-ack",
        &[
            "contact-in",
            "numbers-in",
            "local-number-in",
            "delayed-offer-in",
            "sound-in",
            "dtmf-in",
            "info-in",
            "foreign-sound-in",
            "hold-in",
            "hold-zero-in",
            "codec-change-in",
            "t38-in",
            "update-in",
            "session-timer-in",
            "caller-in",
            "asserted-in",
        ],
    ),
    ("other-payload-type", &["foreign-sound-in"]),
    ("wrong-tag", &["options-dialog-in", "wrong-tag-in"]),
    (
        "no-caller",
        &["numbers-in", "local-number-in", "diversion-in", "asserted-in", "dtmf-in", "info-in", "foreign-sound-in"],
    ),
    ("old-cseq", &["t38-in", "wrong-tag-in", "info-in"]),
];

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(["trunk", "test", "demo-carrier", "--simulated"])
        .args(args)
        .current_dir(dir)
        .output()
        .expect("the program can be run")
}

/// The ids of the checks that failed, and the whole value.
fn failed(dir: &Path, name: &str, args: &[&str]) -> (BTreeSet<String>, Value, Option<i32>) {
    let json = dir.join(format!("{name}.json"));
    let output = run(dir, &[args, &["--json", json.to_str().expect("a path of text")]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let text = std::fs::read_to_string(&json).unwrap_or_else(|e| panic!("{name}: {e}\n{said}"));
    let value: Value = serde_json::from_str(&text).expect("JSON");
    let checks = value["checks"].as_array().expect("checks");
    let id = |c: &Value| c["id"].as_str().expect("an id").to_owned();
    let failed = checks.iter().filter(|c| c["pass"] == false).map(id).collect();
    (failed, value, output.status.code())
}

#[test]
fn an_honest_carrier_passes_and_the_report_tells_all_of_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let (failed, value, code) = failed(dir.path(), "honest", &["--report", "r.md"]);
    assert_eq!((failed, code), (BTreeSet::new(), Some(0)));
    let checks = value["checks"].as_array().expect("checks");
    assert!(checks.len() >= 45 && value["not_run"].as_array().is_some_and(Vec::is_empty));
    let report = std::fs::read_to_string(dir.path().join("r.md")).expect("the report");
    for check in checks {
        let (id, ladder) = (check["id"].as_str().expect("an id"), check["ladder"].as_str().expect("a ladder"));
        assert!(ladder.contains("switchboard ──►") && ladder.contains("switchboard ◄──"), "{id}: {ladder}");
        assert!(report.contains(&format!("`{id}`")) && report.contains(ladder), "{id} is in the report");
        assert!(check["cure"].is_null(), "{id} passed and needs no cure");
    }
}

#[test]
fn each_lie_is_found_by_the_check_that_looks_for_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let list = String::from_utf8(run(dir.path(), &["--fault", "list"]).stdout).expect("text");
    let lies: Vec<(String, String)> = list
        .lines()
        .map(|l| {
            let found_by = l.split(' ').next_back().unwrap_or("").trim_end_matches('.');
            (l.split(' ').next().unwrap_or("").to_owned(), found_by.to_owned())
        })
        .collect();
    assert!(lies.len() >= 16, "{list}");
    // Eight at a time: each is a centre with all its calls.
    for some in lies.chunks(8) {
        std::thread::scope(|scope| {
            for (lie, found_by) in some {
                let dir = dir.path();
                scope.spawn(move || {
                    let (failed, value, code) = failed(dir, lie, &["--fault", lie]);
                    assert_eq!(code, Some(1), "{lie}");
                    assert!(failed.contains(found_by), "{lie} was not found by {found_by}: {failed:?}");
                    let expected = CONSEQUENCES.iter().find(|(l, _)| l == lie).map_or(&[][..], |(_, c)| c);
                    let strange: Vec<&String> =
                        failed.iter().filter(|f| *f != found_by && !expected.contains(&f.as_str())).collect();
                    assert!(strange.is_empty(), "{lie} also made {strange:?} fail");
                    let check =
                        value["checks"].as_array().and_then(|c| c.iter().find(|c| c["id"] == found_by.as_str()));
                    let cure = check.and_then(|c| c["cure"].as_str()).unwrap_or("");
                    assert!(!cure.is_empty(), "{found_by} says what to change");
                });
            }
        });
    }
}

#[test]
fn what_cannot_be_run_says_why_and_is_code_2() {
    let dir = tempfile::tempdir().expect("a folder");
    let check = |args: &[&str], says: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["trunk", "test"])
            .args(args)
            .current_dir(dir.path())
            .output()
            .expect("the program can be run");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(says), "{args:?}: {said}");
    };
    check(&["nobody", "--simulated"], "no trunk `nobody`; it has demo-carrier");
    check(&["demo-carrier", "--simulated", "--fault", "x"], "no fault `x`; there are mute");
    check(&["demo-carrier", "--simulated", "--only", "x"], "no check `x`; there are options-out");
    check(&["demo-carrier", "--simulated", "--report", "r.pdf"], ".md or .html");
    check(&["demo-carrier", "--config", "/nowhere"], "/nowhere");
    check(&["demo-carrier", "--to", "127.0.0.1:1", "--from", "203.0.113.7:5060", "--only", "options-out"], "--from");
}
