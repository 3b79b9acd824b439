//! `switchboard bench` as a user runs it, for seconds: against this program itself, and against the bare loop by a profile.
//!
//! No speed is asserted: the limits are far above what any machine needs, so what is judged is that calls go all the way, what is
//! written, and the exit codes.
use serde_json::Value;
use std::fs;
use std::process::{Command, Output};
use switchboard_benches::bare::{Bare, Lie};
use switchboard_benches::child::Folder;
use switchboard_net::Clock;

fn bench(line: &str) -> (Output, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_switchboard")).arg("bench").args(line.split(' ')).output();
    let out = out.expect("the program runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out, text)
}

fn profile(folder: &Folder, bare: &Bare) -> String {
    let file = folder.path().join("peer.yaml");
    let text = format!(
        "version: 1\nname: bare\nsip: {}\nnumber: \"9500\"\nkey: \"0\"\n\
         agents: {{ login: register, first_user: 7000, count: 30, password: x }}\n",
        bare.at()
    );
    fs::write(&file, text).expect("a file");
    file.to_string_lossy().into_owned()
}

fn json(file: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("it was written")).expect("it is JSON")
}

const PATIENT: &str = "--latency-ms 60000 --success 60";

#[test]
fn the_knee_of_this_program_has_a_verdict_a_json_and_a_page() {
    let folder = Folder::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (result, html) = (path("knee.json"), path("knee.html"));
    let (out, text) =
        bench(&format!("knee --target demo --for 20s --at-least 1 {PATIENT} --json {result} --html {html}"));
    assert_eq!(out.status.code(), Some(0), "{text}");
    let last = text.lines().rfind(|l| l.starts_with("PASS knee:"));
    assert!(last.is_some(), "one verdict line: {text}");
    let value = json(&result);
    let steps = value["steps"].as_array().expect("steps");
    assert!(steps.iter().any(|s| s["done"].as_u64() > Some(0) && s["target_cores"].as_f64() > Some(0.0)), "{value}");
    for field in ["knee_cps", "limit", "reason", "could_not_measure", "ceiling_cps"] {
        assert!(value.get(field).is_some(), "{field} is missing");
    }
    let page = fs::read_to_string(&html).expect("it was written");
    assert!(page.contains("<svg") && page.contains("PASS knee"));
    let (out, text) = bench(&format!("compare {result} {result}"));
    assert_eq!((out.status.code(), text.contains("0 of")), (Some(0), true), "a result is no worse than itself: {text}");
}

#[test]
fn load_against_this_program_hears_everybody() {
    let folder = Folder::new().expect("a folder");
    let result = folder.path().join("load.json").to_string_lossy().into_owned();
    let (out, text) = bench(&format!("load --rate 5 --for 3s --sound 100 {PATIENT} --json {result}"));
    assert_eq!(out.status.code(), Some(0), "{text}");
    let step = &json(&result)["steps"][0];
    assert!(step["sound_judged"].as_u64() > Some(0), "{step}");
    assert_eq!(
        (step["doubled_agents"].as_u64(), step["faults"].as_object().map(serde_json::Map::len)),
        (Some(0), Some(0)),
        "{step}"
    );
}

#[test]
fn a_target_that_is_filled_keeps_everybody() {
    let folder = Folder::new().expect("a folder");
    let result = folder.path().join("fill.json").to_string_lossy().into_owned();
    let (out, text) = bench(&format!("fill --waiting 6 --talking 4 --for 2s {PATIENT} --json {result}"));
    assert_eq!((out.status.code(), text.contains("6 of 6 wait and 4 of 4 talk")), (Some(0), true), "{text}");
    assert!(json(&result)["figures"]["memory_full_kb"].as_f64() > Some(1_000.0), "{text}");
}

#[test]
fn load_and_overload_by_a_profile() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(None, 30, Clock::start(), None).expect("a loop");
    let file = profile(&folder, &bare);
    let (out, text) = bench(&format!("load --target {file} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), text.contains("PASS load")), (Some(0), true), "{text}");
    assert!(text.contains("could not measure CPU and memory of the target"), "it is no process of ours: {text}");
    let (out, text) = bench(&format!("overload --target {file} --knee 3 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), text.contains("PASS overload")), (Some(0), true), "{text}");
}

#[test]
fn a_target_that_refuses_everybody_fails_and_says_how() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(Some(Lie::RefusesAll), 4, Clock::start(), None).expect("a loop");
    let (out, text) = bench(&format!("load --target {} --rate 10 --for 2s {PATIENT}", profile(&folder, &bare)));
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(text.contains("refused with 503") && text.contains("FAIL load"), "{text}");
}

#[test]
fn what_cannot_be_measured_has_one_sentence_and_exit_code_2() {
    let folder = Folder::new().expect("a folder");
    let gone = Bare::start(None, 1, Clock::start(), None).expect("a loop");
    let file = profile(&folder, &gone);
    drop(gone);
    let says = |line: &str, word: &str| {
        let (out, text) = bench(line);
        assert_eq!(out.status.code(), Some(2), "{text}");
        assert!(text.contains(word), "`{text}` does not say `{word}`");
    };
    says(&format!("load --target {file} --rate 1 --for 1s {PATIENT}"), "agent 1 of 30 (user 7000) cannot log in");
    says("load --target nowhere.yaml", "`nowhere.yaml` cannot be read");
    says("load --for 0s", "write 1s to 24h");
    says("knee --for 2s", "write 10s to 1h");
    says("load --success 101", "--success 101");
    says("compare nowhere.json nowhere.json", "nowhere.json cannot be read");
}
