//! The bank in `ivr-menus/` is proved; each example in `ivr-menus/bad/` is refused by exactly its rule.
//!
//! Not covered: what callers hear (only that each sound is there and has the right form).
mod common;

use common::{Repository, bank_facts};
use std::collections::BTreeSet;
use switchboard_ivr::{Caller, Disk, Entry, Report, Situation, check};
use switchboard_source::Severity;

fn report(path: &str) -> Report {
    check(path, &bank_facts(), &mut Repository).expect("the files are there")
}

#[test]
fn the_bank_is_proved_and_a_person_is_one_key_away() {
    let report = report("ivr-menus");
    assert!(report.is_proved(), "{}", report.text());
    let proof = report.proof.expect("proved");
    for row in &proof.rows {
        assert!(row.keys_max.is_some(), "{row:?}");
        // When the systems are down, nobody is asked for a key.
        if row.situation == Situation::SystemsDown {
            assert_eq!(row.keys_max, Some(0), "{row:?}");
            continue;
        }
        match row.caller {
            Caller::Keys => assert_eq!(row.keys_min, Some(1 + u32::from(row.language.tag() != "zh-CN")), "{row:?}"),
            Caller::Silent | Caller::Elderly => assert_eq!(row.keys_max, Some(0), "{row:?}"),
            Caller::WrongKeys => assert_eq!(row.keys_max, Some(2), "{row:?}"),
        }
    }
    assert!(proof.waivers.is_empty());
}

#[test]
fn a_file_is_checked_with_its_folder() {
    let one = report("ivr-menus/main.yaml");
    assert_eq!(one.proof, report("ivr-menus").proof);
    assert!(check("ivr-menus/none.yaml", &bank_facts(), &mut Repository).is_err());
}

#[test]
fn each_bad_example_is_refused_by_its_rule_alone() {
    let folders = Repository.list("ivr-menus/bad").expect("the examples");
    assert!(folders.len() >= 40, "{}", folders.len());
    for (name, _) in folders.into_iter().filter(|(_, entry)| *entry == Entry::Folder) {
        let wants = name.split('-').next().expect("IVRnnnn-name").to_owned();
        let report = report(&format!("ivr-menus/bad/{name}"));
        let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let codes: BTreeSet<String> = errors.map(|d| d.code.to_string()).collect();
        assert!(codes.iter().eq([&wants]) && !report.is_proved(), "{name}\n{}", report.text());
        let file = format!("{}/../../ivr-menus/bad/{name}/expected.txt", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("RENEW_EXPECTED").is_some() {
            std::fs::write(&file, report.text()).expect("the example's folder");
        }
        let expected = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(expected, report.text(), "{name}: bad/README.md says how to renew it");
    }
}

#[test]
fn the_report_speaks_json_and_sarif() {
    let proved = report("ivr-menus").json();
    assert_eq!(proved["proved"], true);
    let row = &proved["proof"]["rows"][0];
    for field in ["state", "language", "caller", "keys_min", "keys_max", "seconds_max", "path"] {
        assert!(!row[field].is_null(), "{field}");
    }
    let refused = report("ivr-menus/bad/IVR0907-duplicate-key").sarif();
    assert_eq!(refused["runs"][0]["results"][0]["ruleId"], "IVR0907");
    let index = refused["runs"][0]["results"][0]["ruleIndex"].as_u64().expect("the rule is listed") as usize;
    assert_eq!(refused["runs"][0]["tool"]["driver"]["rules"][index]["id"], "IVR0907");
}
