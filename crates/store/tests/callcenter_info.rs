//! The other adapter's events against a made-up day whose truth is known.
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use common::{Day, Truth};
use serde_json::Value;
use std::collections::BTreeMap;
use switchboard_store::{CallcenterInfo, Names};

#[test]
fn every_member_starts_and_ends_once_as_he_did() {
    let (mut answered, mut abandoned) = (0, 0);
    for seed in 0..6 {
        let day = Day::new(seed, 80, 300, 4000);
        let names = Names::default();
        let mut info = CallcenterInfo::new(&names, false);
        let lines: Vec<String> = day.events.iter().flat_map(|event| info.lines(event)).collect();
        let mut words: BTreeMap<String, usize> = BTreeMap::new();
        let mut open: BTreeMap<String, String> = BTreeMap::new();
        for line in &lines {
            let json: Value = serde_json::from_str(line).expect("one object a line");
            let text = |name: &str| json[name].as_str().unwrap_or("-").to_owned();
            assert_eq!(
                (text("Event-Name"), text("Event-Subclass")),
                ("CUSTOM".to_owned(), "callcenter::info".to_owned())
            );
            let (action, member) = (text("CC-Action"), text("CC-Member-UUID"));
            *words.entry([action.clone(), text("CC-Cause"), text("CC-Cancel-Reason")].join(" ")).or_default() += 1;
            let before = open.insert(member.clone(), action.clone()).unwrap_or_default();
            let follows: &[&str] = match action.as_str() {
                "member-queue-start" => &[""],
                "agent-offering" => &["member-queue-start", "bridge-agent-fail"],
                "bridge-agent-fail" | "bridge-agent-start" => &["agent-offering"],
                "bridge-agent-end" => &["bridge-agent-start"],
                "member-queue-end" => &["member-queue-start", "bridge-agent-fail", "bridge-agent-end"],
                _ => continue, // an agent's
            };
            assert!(follows.contains(&before.as_str()), "seed {seed}: {before} then {line}");
            assert!(!line.contains("13812345678"), "the number is masked: {line}");
        }
        let count = |word: &str| words.iter().filter(|(w, _)| w.starts_with(word)).map(|(_, n)| n).sum::<usize>();
        let truth = |kind| day.callers().filter(|t: &&Truth| t.over.is_some_and(|(k, _)| k == kind)).count();
        assert_eq!(count("bridge-agent-start"), truth('a'), "seed {seed}");
        assert_eq!(count("member-queue-end Terminated"), truth('a'), "seed {seed}");
        assert_eq!(count("member-queue-end Cancel NONE"), truth('b'), "seed {seed}: {words:?}");
        assert_eq!(count("member-queue-start"), count("member-queue-end"), "seed {seed}");
        assert!(count("agent-status-change") > 0 && count("agent-state-change") > 0, "{words:?}");
        answered += truth('a');
        abandoned += truth('b');
    }
    assert!(answered > 50 && abandoned > 10, "{answered} and {abandoned}");
}
