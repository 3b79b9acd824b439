//! Every code that check can print has a page, whose bad example raises exactly that code and whose good example is proved.
//!
//! Not covered: whether the words of a page are true; a reader decides on that.
use std::collections::BTreeSet;
use std::path::Path;
use switchboard_ivr::lint::{page, pages};
use switchboard_source::{Diagnostic, Severity, render};

#[test]
fn each_bad_example_raises_its_code_and_each_good_one_is_proved() {
    let mut wrong = vec![];
    for page in pages() {
        let bad = page.bad_report();
        // An error keeps the rest from counting: what has no way to a person cannot have one for complaints.
        let counts = |d: &&Diagnostic| page.severity != Severity::Error || d.severity == Severity::Error;
        let codes: BTreeSet<String> = bad.diagnostics.iter().filter(counts).map(|d| d.code.to_string()).collect();
        if !codes.iter().eq([&page.code()]) || bad.is_proved() != (page.severity != Severity::Error) {
            wrong.push(format!("{} raises {codes:?}\n{}", page.code(), render(&bad.diagnostics)));
        }
        let good = page.good_report();
        if !good.is_proved() || !good.diagnostics.is_empty() {
            wrong.push(format!("{} good\n{}", page.code(), good.text()));
        }
        for way in [page.code(), page.code().to_lowercase(), page.number.to_string(), page.name.to_owned()] {
            assert_eq!(self::page(&way).map(|p| p.number), Some(page.number), "{way}");
        }
        let text = page.text();
        for part in [page.what, page.why, page.zh, &format!("[{}]", page.code()), page.name] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(page("IVR9999").is_none() && page("").is_none());
}

/// The numbers written in the code that raises them: `number: 203,` of a rule, `Code { family, number: 305 }`, `faults.code(7)`.
fn numbers_in(folder: &Path, found: &mut BTreeSet<u16>) {
    for entry in std::fs::read_dir(folder).expect("the sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            numbers_in(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("a text");
            let after = |m: &str| text.match_indices(m).map(|(i, _)| i + m.len()).collect::<Vec<_>>();
            for at in after("number: ") {
                let digits: String = text[at..].chars().take_while(char::is_ascii_digit).collect();
                found.extend(digits.parse::<u16>());
            }
        }
    }
}

#[test]
fn no_code_is_without_a_page() {
    let mut raised = BTreeSet::new();
    numbers_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut raised);
    raised.extend(switchboard_source::TEXT_FAULTS.iter().map(|(number, ..)| *number));
    assert!(raised.len() >= 50, "{raised:?}");
    let written: BTreeSet<u16> = pages().iter().map(|p| p.number).collect();
    assert_eq!(raised, written);
    // The folders of `ivr-menus/bad` bear code and name.
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ivr-menus/bad");
    for entry in std::fs::read_dir(examples).expect("the examples").map(|e| e.expect("an entry")) {
        if entry.path().is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let (code, rest) = name.split_once('-').expect("IVRnnnn-name");
            assert_eq!(page(code).map(|p| p.name), Some(rest), "{name}");
        }
    }
}
