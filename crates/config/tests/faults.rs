//! Each fault between the files is found with its place; and the bad menus are refused beside the real configuration with
//! the very words that stand beside them.
//!
//! Not covered: whether the settings suit a real centre.
use std::io;
use switchboard_config::embedded::Inside;
use switchboard_config::{load, menu_facts};
use switchboard_ivr::{Disk, Entry};
use switchboard_source::{has_errors, render};

/// The files inside the program, one of them changed.
struct Changed<'c> {
    file: &'c str,
    from: &'c str,
    to: &'c str,
}

impl Disk for Changed<'_> {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = Inside.read(path)?;
        if path != self.file {
            return Ok(bytes);
        }
        let text = String::from_utf8(bytes).expect("our files are UTF-8");
        assert!(text.contains(self.from), "{path} has no `{}`", self.from);
        Ok(text.replacen(self.from, self.to, 1).into_bytes())
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        Inside.list(folder)
    }
}

/// Changes one file and compares what is found: code and the words at the place (their beginning).
#[track_caller]
fn check(file: &str, from: &str, to: &str, wants: &[(&str, &str)]) {
    let (loaded, faults) = load("config", None, &mut Changed { file, from, to });
    let seen: Vec<_> = faults
        .iter()
        .map(|d| (d.code.to_string(), d.at.as_ref().map_or("", |at| at.text.slice(at.span)).to_owned()))
        .collect();
    let fits = seen.len() == wants.len() && seen.iter().zip(wants).all(|(s, w)| s.0 == w.0 && s.1.starts_with(w.1));
    assert!(fits, "{seen:#?}\n{}", render(&faults));
    assert_eq!(loaded.is_none(), has_errors(&faults));
}

#[test]
fn queues() {
    let file = "config/queues.yaml";
    check(file, "acct >= 3", "acount >= 3", &[("CFG0004", "\"acount >= 3\"")]);
    check(file, "acct >= 3", "acct >= 10", &[("CFG0803", "\"acct >= 10\"")]);
    check(file, "- name: general", "- music: jazz\n    name: general", &[("CFG0010", "jazz")]);
    check(file, "- name: cards", "- name: loans", &[("CFG0005", "name: loans")]);
    check(file, "- name: cards", "- name: carts", &[("IVR0302", "cards"); 7]);
    check(file, "after_s: 20", "after_s: 41", &[("CFG0006", "{ after_s: 40")]);
    check(file, "after_s: 40", "after_s: 900", &[("CFG0007", "{ after_s: 900")]);
    check(file, "max_waiting: 200", "max_wating: 200", &[("CFG0802", ""), ("CFG0801", "max_wating")]);
}

#[test]
fn patience() {
    let file = "config/queues.yaml";
    let branch = "at_max_wait: { queue: duty }";
    check(file, branch, "", &[("CFG0036", "name: general")]);
    check(file, branch, "at_max_wait: { hang_up: false }", &[("CFG0036", "{ hang_up")]);
    check(file, branch, "at_max_wait: { hang_up: true, queue: duty }", &[("CFG0036", "{ hang_up")]);
    check(file, branch, "at_max_wait: { hang_up: true }", &[]);
    check(file, branch, "at_max_wait: { queue: duti }", &[("CFG0037", "{ queue: duti")]);
    check(file, branch, "at_max_wait: { queue: general }", &[("CFG0038", "{ queue: general")]);
    check(file, "{ say: no_one_free }", "{ say: nobody }", &[("CFG0037", "{ say: nobody"); 3]);
    // general → duty → general, and whoever is sent to one of them: all are named.
    check(
        file,
        "{ say: no_one_free }",
        "{ queue: general }",
        &[("CFG0038", "{ queue: duty"), ("CFG0038", "{ queue: general")],
    );
    let overflow =
        |after_s: u32, queue: &str| format!("{branch}\n    overflow: {{ after_s: {after_s}, queue: {queue} }}");
    check(file, branch, &overflow(300, "duty"), &[]);
    check(file, branch, &overflow(600, "duty"), &[("CFG0007", "{ after_s: 600")]);
    check(file, branch, &overflow(300, "dutty"), &[("CFG0037", "{ after_s: 300")]);
    let before = "steps:\n      - { after_s: 20, needs: [\"acct >= 1\"] }";
    let overflow = format!("overflow: {{ after_s: 30, queue: general }}\n    {before}");
    check(file, before, &overflow, &[("CFG0007", "{ after_s: 30")]);
    check(file, "every_s: 45", "every_s: 5", &[("CFG0803", "5")]);
    let missing = ("CFG0037", "{ queue: duty }");
    let (six, duty) = ([missing; 18], [("CFG0037", "{ say: no_one_free }"); 3]);
    check("ivr-menus/prompts.yaml", "queue_place_end:", "queue_place_ende:", &[six.as_slice(), &duty].concat());
}

#[test]
fn calls() {
    let file = "config/calls.yaml";
    check(file, "hold_max_s: 600", "hold_max_s: 5", &[("CFG0803", "5")]);
    let outside = "outside: { allow: [\"0216*\"] }\nhold_max_s: 600";
    check(file, "hold_max_s: 600", outside, &[("CFG0028", "{ allow")]);
    let number = "outside: { gateway: 192.0.2.1:5060, allow: [\"021-6\"] }\nhold_max_s: 600";
    check(file, "hold_max_s: 600", number, &[("CFG0803", "\"021-6\"")]);
    let by = |way: &str| format!("outside: {{ {way}, allow: [\"0216*\"] }}\nhold_max_s: 600");
    check(file, "hold_max_s: 600", &by("trunk: nobody"), &[("CFG0028", "nobody")]);
    // The demo's carrier is an address that calls come from, and has no SBC.
    check(file, "hold_max_s: 600", &by("trunk: demo-carrier"), &[("CFG0028", "demo-carrier")]);
    let both = by("trunk: nobody, gateway: 192.0.2.1:5060");
    check(file, "hold_max_s: 600", &both, &[("CFG0028", "nobody"), ("CFG0028", "nobody")]);
    check(file, "hold_max_s: 600", &by("gateway: 192.0.2.1:5060, ring_s: 4"), &[("CFG0803", "4")]);
    check(file, "hold_max_s: 600", "hold_max: 600", &[("CFG0801", "hold_max")]);
}

#[test]
fn trunks() {
    let file = "config/trunks.yaml";
    check(file, "[127.0.0.1]", "[carrier.example]", &[("CFG0803", "carrier.example")]);
    check(file, "\"9500\": main", "\"9500\": mian", &[("CFG0003", "mian")]);
    let more = |line: &str| format!("max_calls: 400\n    {line}");
    check(file, "max_calls: 400", &more("shown: \"021-1\""), &[("CFG0803", "\"021-1\"")]);
    check(file, "max_calls: 400", &more("shown_in: rpid"), &[("CFG0803", "rpid")]);
    check(file, "max_calls: 400", &more("session_s: 60"), &[("CFG0803", "60")]);
    check(file, "max_calls: 400", "max_calls: 0", &[("CFG0803", "0")]);
    check(file, "max_calls: 400", &more("max_cps: 0"), &[("CFG0803", "0")]);
    let twin = "trunks:\n  - { name: twin, sources: [127.0.0.1], numbers: { \"1\": main } }";
    check(file, "trunks:", twin, &[("CFG0015", "name: demo-carrier")]);
}

#[test]
fn agents() {
    let file = "config/agents.yaml";
    check(file, "agent_id: \"8001\"", "agent_id: \"80a1\"", &[("CFG0803", "\"80a1\"")]);
    check(
        file,
        "agent_id: \"8002\"",
        "agent_id: \"8001\"",
        &[("CFG0005", "{ agent_id: \"8001\""), ("CFG0005", "{ agent_id: \"8001\"")],
    );
    check(file, "password: demo-8001, ", "", &[("CFG0014", "{ agent_id: \"8001\"")]);
    check(file, "password: demo-8001", "ha1: abc", &[("CFG0014", "{ agent_id: \"8001\""), ("CFG0803", "abc")]);
    check(file, "lang.cmn: 9", "lang.cmn: 10", &[("CFG0803", "10")]);
}

#[test]
fn centre() {
    let file = "config/centre.yaml";
    check(file, "control: 127.0.0.1:5070", "control: 0.0.0.0:5070", &[("CFG0008", "0.0.0.0:5070")]);
    check(file, "20000-20998", "20001-20998", &[("CFG0803", "20001-20998")]);
    check(file, "media: 46", "media: 64", &[("CFG0803", "64")]);
    check(file, "signalling: 24", "signaling: 24", &[("CFG0801", "signaling")]);
    check(file, "[zh-CN, en, yue]", "[de, zh-CN, en, yue]", &[("CFG0803", "de")]);
}

#[test]
fn prompts() {
    let file = "ivr-menus/prompts.yaml";
    let missing = ("CFG0016", "name: ");
    check(file, "agent_id_suffix:", "agent_id_sufix:", &[missing; 21]);
}

/// The repository's files, by paths from its root.
struct Repository;

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

impl Disk for Repository {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(root(path))
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        let entries = std::fs::read_dir(root(folder))?.collect::<io::Result<Vec<_>>>()?;
        let kind = |e: &std::fs::DirEntry| if e.path().is_dir() { Entry::Folder } else { Entry::File };
        Ok(entries.iter().map(|e| (e.file_name().to_string_lossy().into_owned(), kind(e))).collect())
    }
}

#[test]
fn menus_are_checked_beside_the_real_configuration() {
    let facts = menu_facts("config", None, &mut Repository);
    let bank = switchboard_ivr::check("ivr-menus", &facts, &mut Repository).expect("the bank's menus");
    assert!(bank.is_proved() && bank.diagnostics.is_empty(), "{}", bank.text());
    for (name, entry) in Repository.list("ivr-menus/bad").expect("the examples") {
        if entry == Entry::Folder {
            let report =
                switchboard_ivr::check(&format!("ivr-menus/bad/{name}"), &facts, &mut Repository).expect("it is there");
            let expected =
                std::fs::read_to_string(root(&format!("ivr-menus/bad/{name}/expected.txt"))).expect("its text");
            assert_eq!(report.text(), expected, "{name}");
        }
    }
}

#[test]
fn a_waiver_ends_after_its_last_day() {
    let waiver =
        "waivers: [{ rule: IVR0207, menu: cards, approver: 张三, reason: 试行, until: \"2027-01-31\" }]\nversion: 1";
    let on = |day: Option<&str>| {
        let mut changed = Waived { policy: waiver };
        let today = day.map(|d| switchboard_ivr::Day::read(d).expect("a day"));
        let (loaded, faults) = load("config", today, &mut changed);
        (loaded.map(|l| l.menus.waivers().len()), faults.iter().map(|f| f.code.to_string()).collect::<Vec<_>>())
    };
    assert_eq!(on(Some("2027-01-31")), (Some(1), vec![]));
    assert_eq!(on(None), (Some(1), vec![]));
    // The menu that it let pass is refused, and the waiver is shown as what has ended.
    assert_eq!(on(Some("2027-02-01")), (None, vec!["IVR0207".to_owned(), "IVR0207".to_owned()]));
}

/// The repository, with a card menu that waits too short a time and a policy of its own.
struct Waived {
    policy: &'static str,
}

impl Disk for Waived {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let bytes = Repository.read(path)?;
        let changed =
            |from: &str, to: &str| String::from_utf8(bytes.clone()).expect("UTF-8").replacen(from, to, 1).into_bytes();
        Ok(match path {
            "ivr-menus/cards.yaml" => changed("after_s: 6", "after_s: 3"),
            "ivr-menus/policy.yaml" => changed("version: 1", self.policy),
            _ => bytes,
        })
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        Repository.list(folder)
    }
}
