//! A change of the bank's menus is told in a caller's words, and what is worse for him is called so.
//!
//! Not covered: several entries at once beside their names in front of the subject.
mod common;

use common::{Repository, bank_facts};
use switchboard_ivr::tools::diff::{Verdict, diff};
use switchboard_ivr::{Menus, Sources, compile, gather};

/// The bank with some texts changed: file, what stands there, what stands there instead.
fn bank(changes: &[(&str, &str, &str)]) -> Menus {
    let mut sources: Sources = gather("ivr-menus", &mut Repository).expect("the files are there");
    for (file, from, to) in changes {
        let path = format!("ivr-menus/{file}");
        let text = String::from_utf8(sources.file(&path).expect(file).to_vec()).expect("UTF-8");
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        sources.add(path, text.replace(from, to).into_bytes());
    }
    let (menus, faults) = compile(&sources, &bank_facts());
    menus.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)))
}

#[track_caller]
fn check(changes: &[(&str, &str, &str)], wants: &[&str]) {
    let lines: Vec<String> = diff(&bank(&[]), &bank(changes)).iter().map(ToString::to_string).collect();
    assert_eq!(lines, wants, "{changes:?}");
}

const LOSS: &str = "  \"2\": { prompt: card_loss, queue: card_loss }\n";

#[test]
fn what_stays_the_same_is_not_told() {
    check(&[], &[]);
    check(&[("main.yaml", "title: 主菜单", "title: 总菜单")], &[]);
}

#[test]
fn a_choice_is_followed_to_its_new_key() {
    let moved = ("main.yaml", LOSS, "  \"5\": { prompt: card_loss, queue: card_loss }\n");
    let words = [
        ("prompts.yaml", "text: 银行卡挂失请按二。", "text: 银行卡挂失请按五。"),
        ("prompts.yaml", "text: \"For a lost card, press two.\"", "text: \"For a lost card, press five.\""),
        ("prompts.yaml", "text: 銀行卡掛失請按二。", "text: 銀行卡掛失請按五。"),
    ];
    check(
        &[moved, words[0], words[1], words[2]],
        &[
            "· 银行卡挂失 (card_loss): key 2 → 5",
            "· prompt card_loss (zh-CN): says “银行卡挂失请按二。” → “银行卡挂失请按五。”",
            "· prompt card_loss (en): says “For a lost card, press two.” → “For a lost card, press five.”",
            "· prompt card_loss (yue): says “銀行卡掛失請按二。” → “銀行卡掛失請按五。”",
        ],
    );
}

#[test]
fn a_longer_way_is_worse_and_a_shorter_one_better() {
    let into_accounts =
        [("main.yaml", LOSS, ""), ("accounts.yaml", "  \"2\": { prompt: account_transfer, queue: accounts }\n", LOSS)];
    let found = diff(&bank(&[]), &bank(&into_accounts));
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert!(lines.contains(&"✗ 银行卡挂失 (card_loss): key 2 → 1 2, said after 8.2 → 11.9 s".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"✗ 转账和汇款 (account_transfer): key 1 2: no longer offered".to_owned()), "{lines:#?}");
    let sooner = "✓ choices under their old keys, 16 of them: said up to 2.0 s sooner, most of all ";
    assert!(lines.iter().any(|l| l.starts_with(sooner)), "{lines:#?}");
    let back = diff(&bank(&into_accounts), &bank(&[]));
    let lines: Vec<String> = back.iter().map(ToString::to_string).collect();
    assert!(lines.contains(&"✓ 银行卡挂失 (card_loss): key 1 2 → 2, said after 11.9 → 8.2 s".to_owned()), "{lines:#?}");
    assert!(lines.contains(&"✓ 转账和汇款 (account_transfer): new, key 1 2, queue accounts".to_owned()), "{lines:#?}");
}

#[test]
fn the_worst_way_the_hours_and_the_patience_are_compared() {
    check(
        &[("calendars.yaml", "from: \"08:30\", to: \"17:30\"", "from: \"09:00\", to: \"17:30\"")],
        &["✗ menu loans 贷款: 周一至周五 08:30–17:30 (Asia/Shanghai) → 周一至周五 09:00–17:30 (Asia/Shanghai)"],
    );
    check(
        &[("calendars.yaml", "to: \"17:30\"", "to: \"21:00\"")],
        &["✓ menu loans 贷款: 周一至周五 08:30–17:30 (Asia/Shanghai) → 周一至周五 08:30–21:00 (Asia/Shanghai)"],
    );
    check(
        &[("cards.yaml", "no_input: { after_s: 6,", "no_input: { after_s: 5,")],
        &["✗ menu cards 信用卡: waits for a key 6 → 5 s"],
    );
    // Who finds the queue full was led to others, and is now hung up on.
    let hung_up = [(
        "main.yaml",
        "queue_full: { prompt: queue_full, then: { queue: duty } }",
        "queue_full: { prompt: busy, then: { hang_up: true } }",
    )];
    let found = diff(&bank(&[]), &bank(&hung_up));
    let worse: Vec<String> = found.iter().filter(|c| c.verdict == Verdict::Worse).map(ToString::to_string).collect();
    let nobody =
        "main, queue full, zh-CN, keys: best way to a person 1 → 2 keys, worst way to a person 2 keys → nobody";
    assert!(worse.iter().any(|w| w.contains(nobody)), "{worse:#?}");
}
