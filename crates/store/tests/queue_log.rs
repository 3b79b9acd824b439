//! The adapter's lines against a made-up day whose truth is known.
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use common::{Day, Truth};
use std::collections::BTreeMap;
use switchboard_model::*;
use switchboard_store::{Names, QueueLog};

fn lines(day: &Day, names: &Names) -> Vec<Vec<String>> {
    let mut log = QueueLog::new(names, false);
    let lines = day.events.iter().filter_map(|event| log.line(event));
    lines.map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

#[test]
fn every_wait_enters_once_and_leaves_once_as_it_did() {
    let (mut answered, mut abandoned) = (0, 0);
    for seed in 0..6 {
        let day = Day::new(seed, 80, 300, 4000);
        let mut words: BTreeMap<&str, usize> = BTreeMap::new();
        let lines = lines(&day, &Names::default());
        lines.iter().for_each(|l| *words.entry(l[4].as_str()).or_default() += 1);
        let count = |word: &str| words.get(word).copied().unwrap_or(0);
        let truth = |kind| day.callers().filter(|t: &&Truth| t.over.is_some_and(|(k, _)| k == kind)).count();
        assert_eq!(count("CONNECT"), truth('a'), "seed {seed}");
        assert_eq!(count("ABANDON"), truth('b'), "seed {seed}");
        assert_eq!(count("COMPLETECALLER") + count("COMPLETEAGENT"), truth('a'), "seed {seed}");
        let left = count("CONNECT") + count("ABANDON") + count("EXITWITHTIMEOUT") + count("WITHDRAW");
        assert_eq!(count("ENTERQUEUE"), left, "seed {seed}: {words:?}");
        answered += count("CONNECT");
        abandoned += count("ABANDON");
    }
    assert!(answered > 50 && abandoned > 10, "{answered} and {abandoned}");
}

fn event(seq: u64, ms: u64, call: Option<u64>, what: What) -> ContactEvent {
    let call = call.map(|n| CallId::new(ShardId(1), n));
    ContactEvent { v: 1, by: ShardId(1), seq, at: Instant::from_millis(ms), call, what }
}

#[test]
fn the_lines_of_one_call_word_by_word() {
    let (queue, agent) = (QueueId(1), AgentId(4));
    let names = Names {
        queues: [(queue, "ca|rds".to_owned())].into(),
        agents: [(agent, "4012".to_owned())].into(),
        ..Names::default()
    };
    let from = Number::read("13800138000", "86", "21");
    let arrived = What::Arrived {
        trunk: TrunkId(0),
        from,
        dialled: Number::default(),
        sip_call_id: String::new(),
        first_dialled: None,
    };
    let queued = || What::Queued { queue, language: Language::Mandarin, since: Instant::from_millis(0) };
    let state = |presence, reason: &str| What::AgentState {
        agent,
        presence,
        activity: AgentActivity::Idle,
        reason: reason.to_owned(),
    };
    let events = [
        event(1, 500, None, state(AgentPresence::Ready, "registered")),
        event(2, 1_000, Some(1), arrived),
        event(3, 2_000, Some(1), queued()),
        event(4, 2_500, Some(2), queued()),
        event(5, 3_000, Some(1), What::Ringing { queue, agent, ring: 1 }),
        event(6, 18_000, Some(1), What::RingEnded { agent, end: RingEnd::NoAnswer }),
        event(7, 18_000, None, state(AgentPresence::NotReadyRona, "rona")),
        event(8, 20_000, Some(1), What::Ringing { queue, agent, ring: 2 }),
        event(9, 23_900, Some(1), What::PickedUp { queue, agent, wait_ms: 21_900 }),
        event(
            10,
            30_000,
            Some(2),
            What::Ended { cause: Cause::AbandonedWaiting, queue: Some(queue), wait_ms: Some(27_500) },
        ),
        event(11, 84_000, Some(1), What::TalkEnded { agent, talk_ms: 60_000, hung_up: HungUp::Caller }),
        event(12, 84_000, Some(1), What::Ended { cause: Cause::CallerDone, queue: Some(queue), wait_ms: None }),
    ];
    let mut log = QueueLog::new(&names, true);
    let lines: Vec<String> = events.iter().filter_map(|event| log.line(event)).collect();
    let (one, two) = (CallId::new(ShardId(1), 1).0, CallId::new(ShardId(1), 2).0);
    let want = [
        "0|NONE|NONE|4012|ADDMEMBER|registered".to_owned(),
        format!("2|{one}|ca_rds|NONE|ENTERQUEUE||13800138000|1"),
        format!("2|{two}|ca_rds|NONE|ENTERQUEUE|||2"),
        format!("18|{one}|ca_rds|4012|RINGNOANSWER|15000"),
        "18|NONE|NONE|4012|PAUSE|rona".to_owned(),
        format!("23|{one}|ca_rds|4012|CONNECT|21|{one}|3"),
        format!("30|{two}|ca_rds|NONE|ABANDON|1|2|27"),
        format!("84|{one}|ca_rds|4012|COMPLETECALLER|21|60|1"),
    ];
    assert_eq!(lines, want);
    let masked = QueueLog::new(&names, false).line(&events[1]);
    assert_eq!(masked, None);
    let mut log = QueueLog::new(&names, false);
    let masked: Vec<String> = events[1..3].iter().filter_map(|event| log.line(event)).collect();
    assert!(!masked[0].contains("13800138000") && masked[0].contains("|ENTERQUEUE||"), "{masked:?}");
}
