//! A small day told by hand, every indicator of it, and the display at its end.
mod common;
use common::START;
use std::time::Duration;
use switchboard_model::*;
use switchboard_stats::*;

struct Told {
    fold: Fold,
    seq: u64,
}

impl Told {
    fn at(&mut self, ms: u64, call: u64, what: What) {
        self.seq += 1;
        let at = Instant::from_micros(START + ms * 1000);
        let call = (call > 0).then(|| CallId::new(ShardId(1), call));
        self.fold.add(&ContactEvent { v: 1, by: ShardId(1), seq: self.seq, at, call, what });
    }
    fn agent(&mut self, ms: u64, presence: AgentPresence, activity: AgentActivity) {
        self.at(ms, 0, What::AgentState { agent: AgentId(7), presence, activity, reason: "told".to_owned() });
    }
    fn enter_menu(&mut self, ms: u64, call: u64) {
        let (trunk, from, dialled) = (TrunkId(1), Number::default(), Number::default());
        self.at(ms, call, What::Arrived { trunk, from, dialled, first_dialled: None, sip_call_id: "x".to_owned() });
        self.at(ms, call, What::Answered);
        self.at(ms, call, What::MenuEntered { menu: "main".to_owned(), language: Language::Mandarin });
    }
    fn enter_queue(&mut self, ms: u64, call: u64) {
        self.enter_menu(ms, call);
        let (queue, language, since) = (QueueId(1), Language::Mandarin, Instant::from_micros(START + ms * 1000));
        self.at(ms, call, What::MenuChoice { menu: "main".to_owned(), key: '0' });
        self.at(ms, call, What::HumanRequested { queue, by: RequestedBy::Key });
        self.at(ms, call, What::Queued { queue, language, since });
    }
    fn ring(&mut self, ms: u64, call: u64, ring: u32) {
        self.at(ms, call, What::Ringing { queue: QueueId(1), agent: AgentId(7), ring });
        self.agent(ms, AgentPresence::Ready, AgentActivity::Ringing);
    }
}

/// Call 1 rings unanswered, then waits 20.000 s in all and talks 60 s; 2 gives up after 4 s; 3 leaves in the menu; 4 is
/// rejected; 5 waits too long (30 s); 6 still waits.
fn day() -> Fold {
    let mut t = Told { fold: Fold::new(), seq: 0 };
    t.agent(0, AgentPresence::Ready, AgentActivity::Idle);
    t.enter_queue(1_000, 1);
    t.ring(1_000, 1, 1);
    t.at(16_000, 1, What::RingEnded { agent: AgentId(7), end: RingEnd::NoAnswer });
    t.agent(16_000, AgentPresence::NotReadyRona, AgentActivity::Idle);
    t.agent(18_000, AgentPresence::Ready, AgentActivity::Idle);
    t.ring(18_500, 1, 2);
    t.at(21_000, 1, What::PickedUp { queue: QueueId(1), agent: AgentId(7), wait_ms: 20_000 });
    t.agent(21_000, AgentPresence::Ready, AgentActivity::Talking);
    t.at(22_000, 1, What::Connected { agent: AgentId(7) });
    t.enter_queue(30_000, 2);
    let ended = |cause, wait_ms| What::Ended { cause, queue: Some(QueueId(1)), wait_ms };
    t.at(34_000, 2, ended(Cause::AbandonedWaiting, Some(4_000)));
    t.enter_menu(40_000, 3);
    t.at(45_000, 3, What::Ended { cause: Cause::LeftInMenu, queue: None, wait_ms: None });
    let (trunk, from, dialled) = (TrunkId(1), Number::default(), Number::default());
    t.at(46_000, 4, What::Arrived { trunk, from, dialled, first_dialled: None, sip_call_id: "y".to_owned() });
    t.at(46_000, 4, What::Ended { cause: Cause::NoRoute, queue: None, wait_ms: None });
    t.enter_queue(50_000, 5);
    t.at(80_000, 5, ended(Cause::WaitedTooLong, Some(30_000)));
    t.at(82_000, 1, What::TalkEnded { agent: AgentId(7), talk_ms: 60_000, hung_up: HungUp::Caller });
    t.at(82_000, 1, ended(Cause::CallerDone, Some(20_000)));
    t.agent(82_000, AgentPresence::Ready, AgentActivity::AfterCallWork);
    t.agent(92_000, AgentPresence::Ready, AgentActivity::Idle);
    t.enter_queue(95_000, 6);
    t.fold
}

#[test]
fn every_indicator_of_the_day() {
    let fold = day();
    let question = Question { short_s: 5, ..fold.whole().expect("events") };
    let now = Instant::from_micros(START + 100_000_000);
    let list = fold.indicators(&question, now);
    let value = |id: &str| list.iter().find(|i| i.id == id).unwrap_or_else(|| panic!("no {id}")).value;
    for (id, want) in [
        ("offered", Some(3.0)), // the one who waits at 100 s belongs to a window that holds 100 s
        ("answered", Some(1.0)),
        ("abandoned", Some(1.0)),
        ("abandoned_short", Some(1.0)),
        ("failed", Some(1.0)),
        ("waiting", Some(0.0)),
        ("answer_rate", Some(33.33)),
        ("answer_rate_without_short", Some(50.0)),
        ("abandonment", Some(50.0)),
        ("abandonment_without_short", Some(0.0)),
        ("asa_ms", Some(20_000.0)),
        ("time_to_abandon_ms", Some(4_000.0)),
        ("longest_wait_ms", Some(30_000.0)),
        ("wait_s_p95", Some(20.0)),
        ("handled", Some(1.0)),
        ("talk_ms", Some(60_000.0)),
        ("after_call_work_ms", Some(10_000.0)),
        ("aht_ms", Some(70_000.0)),
        ("ring_ms", Some(2_500.0)),
        ("ring_end.no_answer", Some(1.0)),
        ("hung_up.caller", Some(1.0)),
        ("exit.main.0.key", Some(4.0)),
        ("exit.main.-.left_in_menu", Some(1.0)),
        ("agent.7.no_answer", Some(1.0)),
        ("agent.7.picked_up", Some(1.0)),
        ("agent.7.ringing_ms", Some(17_500.0)),
        ("agent.7.talking_ms", Some(61_000.0)),
        ("agent.7.not_ready_ms", Some(2_000.0)),
        ("agent.7.after_call_work_ms", Some(10_000.0)),
        ("agent.7.idle_ms", Some(5_500.0)),
        ("agent.7.occupancy", Some(75.53)),
        ("agent.7.utilisation", Some(73.96)),
    ] {
        assert_eq!(value(id), want, "{id}");
    }
    let arrival = Question { by: By::Arrival, ..question };
    let offered = fold.indicators(&arrival, now).into_iter().find(|i| i.id == "offered").and_then(|i| i.value);
    assert_eq!(offered, Some(4.0), "by arrival the one who still waits is among them");
    let empty = Question { from: now, to: now + Duration::from_secs(60), ..question };
    let none = fold.indicators(&Question { queue: Some(QueueId(9)), ..empty }, now);
    assert_eq!(none.iter().find(|i| i.id == "answer_rate").and_then(|i| i.value), None, "no data, and not 100 %");
}

#[test]
fn exactly_x_is_within() {
    let fold = day();
    for (within_s, want) in [(19, Some(0.0)), (20, Some(50.0))] {
        let question = Question { within_s, formula: Formula::F3, ..fold.whole().expect("events") };
        assert_eq!(fold.answer(&question, question.to).percent, want, "within {within_s} s");
    }
}

#[test]
fn the_display_at_the_end() {
    let now = Instant::from_micros(START + 100_500_000);
    let ask = Ask { within_s: 4, formula: Formula::F8, short_s: 5 };
    let live = day().live(now, Duration::from_secs(600), ask);
    assert_eq!((live.in_menu, live.with_agent), (0, 0));
    assert_eq!((live.all.waiting, live.all.ringing, live.all.longest_wait_ms), (1, 0, Some(5_500)));
    let level = &live.queues[0].level;
    assert_eq!((level.counts.answered, level.counts.abandoned, level.counts.waiting_over), (1, 1, 1));
    assert_eq!((level.id, level.numerator, level.denominator), ("F8", 0, 3));
    let state = live.agents[&AgentId(7)];
    assert_eq!((state.presence, state.activity), (AgentPresence::Ready, AgentActivity::Idle));
    assert_eq!(state.since, Instant::from_micros(START + 92_000_000));
}
