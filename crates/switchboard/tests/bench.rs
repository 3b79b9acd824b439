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
fn a_day_is_told_along_its_time_with_people_by_law() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(None, 30, Clock::start(), None).expect("a loop");
    let file = profile(&folder, &bare);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (result, html) = (path("day.json"), path("day.html"));
    let (out, text) = bench(&format!(
        "load --target {file} --rate 12 --for 3s --day bank --sound 100 --talk lognormal:900ms,200ms --patience weibull:5s,2 \
         --acw 100ms --answer exp:50ms --keys 0=9,0=1 {PATIENT} --json {result} --html {html}"
    ));
    assert_eq!((out.status.code(), text.contains("PASS load")), (Some(0), true), "{text}");
    assert!(text.contains("seed 1"), "the seed is printed: {text}");
    let value = json(&result);
    let sum = |field: &str| -> u64 {
        value["timeline"].as_array().expect("slices").iter().filter_map(|p| p[field].as_u64()).sum()
    };
    let step = &value["steps"][0];
    assert_eq!((Some(sum("offered")), Some(sum("done"))), (step["offered"].as_u64(), step["done"].as_u64()), "{value}");
    assert!(step["media_delay"]["samples"].as_u64() > Some(20) && step["media_lost_percent"].is_number(), "{step}");
    assert!(fs::read_to_string(&html).expect("it was written").contains("calls along the time"));
}

#[test]
fn a_failover_tells_what_people_felt() {
    let folder = Folder::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (result, html) = (path("failover.json"), path("failover.html"));
    let (out, text) = bench(&format!(
        "failover --how kill --rate 4 --for 12s --within 60s --register-every 1s {PATIENT} --json {result} --html {html}"
    ));
    assert_eq!((out.status.code(), text.contains("PASS failover: kill:")), (Some(0), true), "{text}");
    let value = json(&result);
    let figure = |name: &str| value["figures"][name].as_f64();
    assert!(figure("kill_talking") > Some(0.0) && figure("kill_talking_lived") < figure("kill_talking"), "{value}");
    assert!(figure("kill_all_succeed_s") >= figure("kill_first_success_s"), "{value}");
    let events: Vec<&str> =
        value["events"].as_array().expect("events").iter().filter_map(|e| e["what"].as_str()).collect();
    assert_eq!(events, ["kill", "ready again", "all new calls succeed"]);
    assert!(fs::read_to_string(&html).expect("it was written").contains("ready again"));
}

#[test]
fn a_soak_has_a_verdict_about_growth() {
    let folder = Folder::new().expect("a folder");
    let result = folder.path().join("soak.json").to_string_lossy().into_owned();
    let soak = format!("soak --rate 8 --for 8s --leak-kb 100000 {PATIENT}");
    let (out, text) = bench(&format!("{soak} --warm-up 1s --json {result}"));
    // So short a run may show a latency that drifts; whatever the verdict, it is about growth.
    assert!(matches!(out.status.code(), Some(0 | 1)) && text.contains(" soak: "), "{text}");
    let value = json(&result);
    assert!(value["figures"]["memory_growth_kb_a_call"].is_number(), "{value}");
    let slices = value["timeline"].as_array().expect("slices");
    assert!(slices.len() >= 16 && slices.iter().filter(|p| p["rss_kb"].as_u64() > Some(1_000)).count() > 8, "{value}");
    let (out, text) = bench(&soak);
    assert_eq!((out.status.code(), text.contains("name a shorter --warm-up")), (Some(2), true), "{text}");
}

#[test]
fn a_number_that_nobody_knows_is_said_and_what_was_seen_is_kept() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(Some(Lie::KnowsNoNumber), 4, Clock::start(), None).expect("a loop");
    let result = folder.path().join("load.json").to_string_lossy().into_owned();
    let (out, text) =
        bench(&format!("load --target {} --rate 10 --for 2s {PATIENT} --json {result}", profile(&folder, &bare)));
    assert_eq!((out.status.code(), text.contains("knows no number 9500")), (Some(2), true), "{text}");
    let value = json(&result);
    assert!(value["steps"][0]["faults"]["refused with 404"].as_u64() > Some(5), "{value}");
    assert_eq!(value["verdict"], "could_not_measure");
}

#[test]
fn a_target_that_refuses_everybody_fails_and_says_how() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(Some(Lie::RefusesAll), 4, Clock::start(), None).expect("a loop");
    let (out, text) = bench(&format!("load --target {} --rate 10 --for 2s {PATIENT}", profile(&folder, &bare)));
    assert_eq!(out.status.code(), Some(1), "{text}");
    assert!(text.contains("out of service: all of") && text.contains("FAIL load"), "{text}");
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
    let kept = folder.path().join("kept.json").to_string_lossy().into_owned();
    says(&format!("load --target {file} --rate 1 --for 1s {PATIENT} --json {kept}"), "cannot log in");
    let value = json(&kept);
    assert!(
        value["ceiling_cps"].as_f64() > Some(0.0) && value["reason"].as_str().is_some_and(|r| r.contains("user 7000")),
        "{value}"
    );
    let silent = folder.path().join("silent.yaml");
    let text = fs::read_to_string(&file).expect("it was written");
    let agents = text.find("agents:").expect("they are there");
    fs::write(&silent, format!("{}agents: {{ login: none }}\n", &text[..agents])).expect("a file");
    says(
        &format!("load --target {} --rate 1 --for 1s {PATIENT}", silent.display()),
        "said nothing to an OPTIONS and to 1 call",
    );
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let taken = socket.local_addr().expect("it is bound").port() & !1;
    let _other = std::net::UdpSocket::bind(("127.0.0.1", taken)).ok();
    says(
        &format!("load --rate 1 --for 1s --rtp-ports {taken}-{} {PATIENT}", taken + 80),
        &format!("did not start with the ports {taken}-{}", taken + 80),
    );
    says("load --talk gauss:3s", "`gauss:3s` begins with no law");
    says("load --acw exp:3s --for 1s", "the target `demo` has one length for all");
    says("load --day nowhere.csv", "write `bank`");
    says("failover --for 2s", "write 6s to 1h");
    says("failover --target nowhere.yaml", "only `demo`");
    says("load --target nowhere.yaml", "`nowhere.yaml` cannot be read");
    says("load --for 0s", "write 1s to 24h");
    says("knee --for 2s", "write 10s to 1h");
    says("load --success 101", "--success 101");
    says("compare nowhere.json nowhere.json", "nowhere.json cannot be read");
}
