//! A call on paper tells what the interpreter does, at the seconds that the proof counts.
//!
//! Not covered: the words on the screen of the interactive call; whoever uses it sees them.
mod common;

use common::{Repository, bank_facts};
use switchboard_ivr::tools::call::{Act, Call, Scene, Step, What, language_key, read_keys};
use switchboard_ivr::{Caller, Conditions, Exit, Menus, Situation, Visitor, check, moment};
use switchboard_model::{Digit, Instant, Language};

fn bank() -> Menus {
    check("ivr-menus", &bank_facts(), &mut Repository).expect("the files are there").menus.expect("proved")
}

/// A Tuesday, when the loans desk is open, and the same day in the evening.
fn day() -> Instant {
    moment("2026-12-08T10:00+08:00").expect("a moment")
}
fn evening() -> Instant {
    moment("2026-12-08T20:00+08:00").expect("a moment")
}

/// The loans desk keeps the holidays.
fn holiday() -> Instant {
    moment("2026-10-01T10:00+08:00").expect("a moment")
}

fn told<'m>(menus: &'m Menus, keys: &str, at: Instant, full: bool) -> Call<'m> {
    let mut call = Call::begin(menus, "main", at, Scene { full, ..Scene::default() }).expect("there is a main menu");
    read_keys(keys).expect("keys").into_iter().for_each(|act| call.act(act));
    call.be_silent();
    call
}

#[track_caller]
fn ends(menus: &Menus, keys: &str, at: Instant, full: bool, heard: &[&str], queue: Option<&str>) {
    let call = told(menus, keys, at, full);
    let names: Vec<String> = call
        .steps()
        .iter()
        .filter_map(|s| match &s.what {
            What::Heard { prompt, cut, .. } => Some(if *cut { format!("{prompt}✂") } else { prompt.clone() }),
            What::Pressed(key) => Some(key.to_string()),
            What::QueueFull(_) => Some("full".into()),
            What::Entered { .. } | What::Served { .. } | What::Ended(_) => None,
        })
        .collect();
    assert_eq!(names, heard, "{keys}");
    match (call.exit().expect("it is over"), queue) {
        (Exit::Queue { queue: found, .. }, Some(wanted)) => assert_eq!(found, wanted),
        (Exit::HangUp, None) => {}
        other => panic!("{keys}: {other:?}"),
    }
}

#[test]
fn what_is_heard_is_told_up_to_the_key_that_stops_it() {
    let menus = bank();
    let main = ["welcome", "agent", "accounts", "card_loss"];
    ends(&menus, "2", day(), false, &[&main[..], &["2"]].concat(), Some("card_loss"));
    ends(&menus, "3 0", day(), false, &[&main[..], &["cards", "3", "agent", "0"]].concat(), Some("cards"));
    // At once: the second key does not wait for its choice.
    ends(&menus, "30", day(), false, &[&main[..], &["cards", "3", "0"]].concat(), Some("cards"));
    // Half a second into the greeting.
    ends(&menus, "0.5s 2", day(), false, &["welcome", "agent", "accounts", "card_loss", "2"], Some("card_loss"));
    let mut call = Call::begin(&menus, "main", day(), Scene::default()).expect("a menu");
    call.act(Act::Wait(std::time::Duration::from_millis(500)));
    call.act(Act::PressAtOnce(Digit::from_char('2').expect("a key")));
    let first = call.steps().into_iter().nth(1).expect("a greeting");
    assert!(matches!(first, Step { at_ms: 0, what: What::Heard { heard_ms: 500, cut: true, .. } }), "{first:?}");
}

#[test]
fn closed_and_full_are_told_as_they_are_heard() {
    let menus = bank();
    let to_loans = ["welcome", "agent", "accounts", "card_loss", "cards", "loans", "4"];
    ends(&menus, "4", evening(), false, &[&to_loans[..], &["loans_closed"]].concat(), Some("general"));
    ends(
        &menus,
        "2",
        day(),
        true,
        &["welcome", "agent", "accounts", "card_loss", "2", "full", "queue_full"],
        Some("duty"),
    );
    ends(&menus, "4 0", day(), true, &[&to_loans[..], &["agent", "0", "full", "busy"]].concat(), Some("general"));
}

/// The keys of a path like `main → 3 → cards → 0 → queue cards`.
fn keys_of(path: &str) -> Vec<Act> {
    let faces = path.split(" → ").filter(|w| w.len() == 1).filter_map(|w| Digit::from_char(w.chars().next()?));
    faces.map(Act::Press).collect()
}

#[test]
fn the_proofs_rows_can_be_called() {
    let menus = bank();
    let proof = switchboard_ivr::prove(&menus);
    let mut called = 0;
    for row in proof.rows.iter().filter(|r| r.situation != Situation::QueueFull) {
        let at = match row.situation {
            Situation::Closed => evening(),
            Situation::Holiday => holiday(),
            _ => day(),
        };
        let emergency = match &row.situation {
            Situation::Emergency(plan) => Some(plan.clone()),
            _ => None,
        };
        let menus = &menus.under(Conditions { emergency, systems_down: row.situation == Situation::SystemsDown });
        let visitor = if row.caller == Caller::Elderly { Visitor::Elderly } else { Visitor::Anybody };
        let mut call = Call::begin(menus, &row.entry, at, Scene { full: false, visitor }).expect("a menu");
        match row.caller {
            Caller::Keys => keys_of(&row.path).into_iter().for_each(|act| call.act(act)),
            Caller::Silent | Caller::Elderly => {}
            // Five is no choice of the main menu.
            Caller::WrongKeys => (0..2).for_each(|_| call.act(Act::Press(Digit::from_char('5').expect("a key")))),
        }
        call.be_silent();
        assert!(matches!(call.exit(), Some(Exit::Queue { language, .. }) if *language == row.language), "{row:?}");
        assert_eq!(Some(call.keys()), row.keys_max, "{row:?}");
        match row.caller {
            Caller::Silent | Caller::Elderly | Caller::WrongKeys => {
                assert_eq!(Some(call.at_ms()), row.millis_max, "{row:?}")
            }
            // The most keys and the most seconds may be two ways.
            Caller::Keys => assert!(Some(call.at_ms()) <= row.millis_max, "{row:?} {}", call.at_ms()),
        }
        called += 1;
    }
    assert!(called >= 6, "{called}");
}

#[test]
fn a_language_is_chosen_by_its_key_and_scripts_are_read_strictly() {
    let menus = bank();
    assert_eq!(language_key(&menus, "main", Language::English), Digit::from_char('8'));
    assert_eq!(language_key(&menus, "main", Language::Cantonese), Digit::from_char('7'));
    assert_eq!(language_key(&menus, "loans", Language::Cantonese), None);
    let key = |c: char| Digit::from_char(c).expect("a key");
    let wait = |ms| Act::Wait(std::time::Duration::from_millis(ms));
    for (script, wants) in [
        ("3 0", Some(vec![Act::Press(key('3')), Act::Press(key('0'))])),
        ("30,2.5s -", Some(vec![Act::Press(key('3')), Act::PressAtOnce(key('0')), wait(2500), Act::Listen])),
        ("", Some(vec![])),
        ("*#", Some(vec![Act::Press(key('*')), Act::PressAtOnce(key('#'))])),
        ("A", None),
        ("x", None),
        ("9999s", None),
        ("-1s", None),
    ] {
        assert_eq!(read_keys(script).ok(), wants, "{script}");
    }
    assert!(read_keys(&"1".repeat(1_000)).is_err());
}

#[test]
fn a_call_tells_programs_the_same() {
    let menus = bank();
    let json = told(&menus, "3 0", day(), false).json();
    assert_eq!(
        (json["queue"].as_str(), json["keys"].as_u64(), json["over"].as_bool()),
        (Some("cards"), Some(2), Some(true))
    );
    let steps = json["steps"].as_array().expect("a list");
    assert_eq!(steps.first().map(|s| s["event"].clone()), Some("entered".into()));
    assert_eq!(steps.last().map(|s| (s["event"].clone(), s["by"].clone())), Some(("ended".into(), "key".into())));
    assert!(steps.is_sorted_by(|a, b| a["at_s"].as_f64() <= b["at_s"].as_f64()));
}
