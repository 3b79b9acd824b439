//! The bank's scenarios in `ivr-menus/tests` go as written, and one that is written wrong is noticed.
//!
//! Not covered: scenarios over several calls.
mod common;

use common::{Repository, bank_facts};
use switchboard_ivr::tools::scenario::{Scenario, read, texts};
use switchboard_ivr::{Menus, check};

fn bank() -> Menus {
    check("ivr-menus", &bank_facts(), &mut Repository).expect("the files are there").menus.expect("proved")
}

#[test]
fn the_banks_scenarios_go_as_written() {
    let menus = bank();
    let mut ran = 0;
    for (file, text) in texts("ivr-menus/tests", &mut Repository).expect("the scenarios") {
        if file.ends_with("README.md") {
            continue;
        }
        for scenario in read(&text).unwrap_or_else(|why| panic!("{file}: {why}")) {
            let verdict = scenario.run(&menus);
            assert!(verdict.fault.is_none(), "{}", verdict.text(&file));
            ran += 1;
        }
    }
    assert!(ran >= 12, "{ran}");
}

fn one(lines: &str) -> Scenario {
    let text = format!("## t\n- calls main at 2026-12-08T10:00+08:00\n{lines}\n");
    read(&text).unwrap_or_else(|why| panic!("{why}\n{text}")).remove(0)
}

#[test]
fn each_expectation_can_fail() {
    let menus = bank();
    for (lines, line, why) in [
        ("- presses 2 -> ends in queue cards", 3, "does not end in queue cards"),
        ("- presses 2 -> the call ends", 3, "the call does not end"),
        ("- presses 2 -> within 1 s ends in queue card_loss", 3, "more than 1.0 s"),
        ("- presses 3 -> hears 住房贷款\n- presses 0 -> ends in queue cards", 3, "he does not hear `住房贷款`"),
        ("- presses 3 -> does not hear agent\n- presses 0 -> ends in queue cards", 3, "he hears `agent`"),
        ("- presses 3 -> is in menu loans\n- presses 0 -> ends in queue cards", 3, "he is in menu cards"),
        ("- presses 8 -> in language zh-CN\n- presses 0 -> ends in queue general", 3, "he hears en, not zh-CN"),
        ("- presses 0\n- presses 1 -> ends in queue general", 4, "already left the menus"),
        // Heard before the key, so not after it.
        ("- presses 3 -> hears 欢迎致电\n- presses 0 -> ends in queue cards", 3, "he does not hear `欢迎致电`"),
        // Heard after the next key, so not before it.
        ("- presses 3 -> hears 交易有疑问\n- presses 1 -> ends in queue cards", 3, "he does not hear `交易有疑问`"),
    ] {
        let verdict = one(lines).run(&menus);
        let (at, said) = verdict.fault.clone().unwrap_or_else(|| panic!("passes: {lines}"));
        assert!(at == line && said.contains(why), "{lines}: line {at}: {said}");
        assert!(verdict.text("f.md").starts_with("FAILED  f.md:"), "{}", verdict.text("f.md"));
        assert_eq!(verdict.json("f.md")["passed"], false);
    }
    let absent =
        read("## t\n- 拨 nowhere，时间 2026-12-08T10:00+08:00\n- 不按键 → 挂断\n").expect("it can be read").remove(0);
    assert!(absent.run(&menus).fault.is_some_and(|(_, why)| why.contains("there is no menu `nowhere`")));
}

#[test]
fn what_is_not_understood_is_named_with_its_line() {
    let call = "## t\n- calls main at 2026-12-08T10:00+08:00\n";
    for (text, why) in [
        (String::new(), "there is no scenario"),
        ("## t\n".into(), "line 1: `t` has no calls"),
        ("## t\n- presses 3\n".into(), "line 2: `presses 3` is no call"),
        ("## t\n- calls main\n".into(), "line 2: no moment is named"),
        ("## t\n- calls main at noon\n".into(), "line 2: `noon` is neither"),
        (format!("{call}- presses 0\n"), "line 1: `t` does not say where the caller ends"),
        (format!("{call}- presses 0 -> ends in queue general\n- waits 2 s\n"), "does not say where"),
        (format!("{call}- jumps\n"), "line 3: `jumps` is not understood"),
        (format!("{call}- presses x -> the call ends\n"), "line 3: `x` is no key"),
        (format!("{call}- waits long -> the call ends\n"), "line 3: `waits long` is no wait"),
        (format!("{call}- presses 0 -> sings\n"), "line 3: `sings` is not understood"),
        (format!("{call}- presses 0 -> in language klingon\n"), "`klingon` is no language"),
        (format!("{call}- presses 0 -> within soon s; the call ends\n"), "names no seconds"),
        (format!("{call}- →\n"), "line 3: the line says nothing"),
        (format!("{call}{}- is silent -> the call ends\n", "- waits 1 s\n".repeat(300)), "more than 200 lines"),
    ] {
        let said = read(&text).expect_err(&text);
        assert!(said.contains(why), "{text}\n{said}");
    }
}
