//! A made-up day whose answers are known: callers and agents drawn from a seed, their events, and the truth beside them.
//!
//! ```text
//!   seed ──► each caller's story, one after another ──► events sorted by moment, numbered by writer ──► cut at `now`
//!                                                  └──► the truth: one row a caller, kept apart from the events
//! ```
//! Shards 1 and 2 write calls, 0 writes agents. Not covered: transfers, overflow into another queue after an answer.
#![allow(dead_code)]
use std::collections::BTreeMap;
use switchboard_model::*;

/// 2026-11-24T08:59:30Z: half a minute before an hour, so that windows break seconds, minutes and hours.
pub const START: u64 = 1_795_510_770_000_000;

/// One caller's truth.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Truth {
    pub arrived: u64,
    pub requested: Option<u64>,
    /// How the wait ended, when, and in which queue: `a`, `b` or `f`.
    pub over: Option<(char, u64)>,
    pub queue: u16,
    pub ended: u64,
}

#[derive(Clone, Debug)]
pub struct Day {
    pub events: Vec<ContactEvent>,
    pub truth: Vec<Truth>,
    pub now: Instant,
}

struct Maker {
    chance: Chance,
    /// Apart, so that what callers want changes no moment of the day.
    wants: Chance,
    free_at: BTreeMap<u32, u64>,
    rows: Vec<(u64, u8, Option<CallId>, What)>,
    truth: Vec<Truth>,
}

impl Day {
    /// So many calls within about `span_s` seconds; what happens after `cut_s` has not happened yet.
    pub fn new(seed: u64, calls: u64, span_s: u64, cut_s: u64) -> Day {
        let mut maker = Maker {
            chance: Chance::from_number(seed),
            wants: Chance::from_number(!seed),
            free_at: BTreeMap::new(),
            rows: vec![],
            truth: vec![],
        };
        maker.rows.push((START, 0, None, What::ConfigLive { hash: format!("{seed:08x}") }));
        for agent in 1..=4 {
            maker.free_at.insert(agent, START);
            maker.agent(START, agent, AgentPresence::Ready, AgentActivity::Idle, "registered");
        }
        let mut arrivals: Vec<u64> = (0..calls).map(|_| START + maker.chance.below(span_s * 1_000_000)).collect();
        arrivals.sort_unstable();
        for (i, at) in arrivals.into_iter().enumerate() {
            let shard = ShardId(1 + (i % 2) as u8);
            maker.caller(CallId::new(shard, i as u64), shard.0, at);
        }
        let now = START + cut_s * 1_000_000;
        let mut seqs: BTreeMap<u8, u64> = BTreeMap::new();
        maker.rows.sort_by_key(|row| row.0);
        let mut events = Vec::new();
        for (at, by, call, what) in maker.rows.into_iter().filter(|row| row.0 <= now) {
            let seq = seqs.entry(by).or_default();
            *seq += 1;
            let (v, by, at) = (ContactEvent::VERSION, ShardId(by), Instant::from_micros(at));
            events.push(ContactEvent { v, by, seq: *seq, at, call, what });
        }
        Day { events, truth: maker.truth, now: Instant::from_micros(now) }
    }

    /// The callers who had arrived by now.
    pub fn callers(&self) -> impl Iterator<Item = &Truth> {
        self.truth.iter().filter(|t| t.arrived <= self.now.micros())
    }

    /// Whether a moment has come.
    pub fn past(&self, at: u64) -> bool {
        at <= self.now.micros()
    }
}

impl Maker {
    fn ms(&mut self, at_most: u64) -> u64 {
        self.chance.below(at_most * 1000)
    }

    fn agent(&mut self, at: u64, agent: u32, presence: AgentPresence, activity: AgentActivity, reason: &str) {
        let reason = reason.to_owned();
        self.rows.push((at, 0, None, What::AgentState { agent: AgentId(agent), presence, activity, reason }));
    }

    fn caller(&mut self, id: CallId, by: u8, arrived: u64) {
        let mut tell = Vec::new();
        let truth = self.story(arrived, &mut tell);
        self.truth.push(truth);
        self.want(id, &mut tell);
        self.rows.extend(tell.into_iter().map(|(at, what)| (at, by, Some(id), what)));
    }

    /// What the agent says of it after the call: twice now and then, and the last word counts.
    fn want(&mut self, of_call: CallId, tell: &mut [(u64, What)]) {
        let Some((over, What::TalkEnded { agent, .. })) =
            tell.iter().rev().find(|(_, w)| matches!(w, What::TalkEnded { .. }))
        else {
            return;
        };
        for nth in 1..=self.wants.below(3) {
            let mut need = || Disposed {
                topic: ["card", "loan", "bill"][self.wants.below(3) as usize].to_owned(),
                outcome: ["resolved", "forwarded", "RESOLVED", "erased"][self.wants.below(4) as usize].to_owned(),
            };
            let needs = vec![need(), need()];
            self.rows.push((over + nth, 0, None, What::Disposed { agent: *agent, of_call, needs }));
        }
    }

    fn story(&mut self, arrived: u64, tell: &mut Vec<(u64, What)>) -> Truth {
        let number = |raw: &str| Number::read(raw, "86", "21");
        // Five customers, and one who withholds his number.
        let from = match self.wants.below(6) {
            0 => Number::default(),
            n => number(&format!("1381234567{n}")),
        };
        let dialled = number("95588");
        tell.push((
            arrived,
            What::Arrived {
                trunk: TrunkId(1),
                from,
                dialled,
                first_dialled: None,
                sip_call_id: format!("{arrived}@carrier"),
            },
        ));
        let queue = self.chance.below(3) as u16;
        let mut truth = Truth { arrived, requested: None, over: None, queue, ended: 0 };
        let mut at = arrived + 1 + self.ms(200);
        let mut end = |at: u64, cause: Cause, queue: Option<u16>, wait_ms: Option<u64>, truth: &mut Truth| {
            truth.ended = at;
            tell.push((at, What::Ended { cause, queue: queue.map(QueueId), wait_ms }));
        };
        if self.chance.happens(0.1) {
            let cause = if self.chance.happens(0.5) { Cause::CallerCancelled } else { Cause::Overload };
            end(at, cause, None, None, &mut truth);
            return truth;
        }
        let (mut menu, language) = ("main".to_owned(), Language::Mandarin);
        tell.push((at, What::Answered));
        tell.push((at, What::MenuEntered { menu: menu.clone(), language }));
        at += self.ms(9_000);
        if self.chance.happens(0.4) {
            tell.push((at, What::MenuChoice { menu, key: '2' }));
            menu = "cards".to_owned();
            tell.push((at, What::MenuEntered { menu: menu.clone(), language }));
            at += self.ms(4_000);
        }
        if self.chance.happens(0.2) {
            let cause = if self.chance.happens(0.5) { Cause::LeftInMenu } else { Cause::MenuDone };
            truth.ended = at;
            tell.push((at, What::Ended { cause, queue: None, wait_ms: None }));
            return truth;
        }
        let by = if self.chance.happens(0.7) { RequestedBy::Key } else { RequestedBy::NoInput };
        if by == RequestedBy::Key {
            tell.push((at, What::MenuChoice { menu, key: '0' }));
        }
        let since = at;
        truth.requested = Some(since);
        tell.push((at, What::HumanRequested { queue: QueueId(queue), by }));
        at += self.ms(2) / 100;
        tell.push((at, What::Queued { queue: QueueId(queue), language, since: Instant::from_micros(since) }));
        self.wait(at, since, truth, tell)
    }

    /// From the queue to the end.
    fn wait(&mut self, mut at: u64, since: u64, mut truth: Truth, tell: &mut Vec<(u64, What)>) -> Truth {
        let queue = QueueId(truth.queue);
        let patience = since + 1000 + if self.chance.happens(0.3) { self.ms(8_000) } else { self.ms(60_000) };
        for ring in 1.. {
            let (&agent, &free) = self.free_at.iter().min_by_key(|(_, free)| **free).expect("four agents");
            // Whole seconds now and then, so that waits of exactly X occur.
            let mut rings = free.max(at) + 1 + self.ms(500);
            if self.chance.happens(0.3) {
                rings = since + (rings - since).div_ceil(1_000_000) * 1_000_000;
            }
            if rings > patience {
                let gave_up = self.chance.happens(0.8);
                let cause = if gave_up { Cause::AbandonedWaiting } else { Cause::WaitedTooLong };
                return self.over(patience, since, truth, if gave_up { 'b' } else { 'f' }, cause, tell);
            }
            tell.push((rings, What::Ringing { queue, agent: AgentId(agent), ring }));
            self.agent(rings, agent, AgentPresence::Ready, AgentActivity::Ringing, "ring");
            let (rang, id) = (rings + if self.chance.happens(0.3) { 0 } else { self.ms(6_000) }, AgentId(agent));
            if rang > patience {
                tell.push((patience, What::RingEnded { agent: id, end: RingEnd::CallerLeft }));
                self.agent(patience, agent, AgentPresence::Ready, AgentActivity::Idle, "caller_left");
                self.free_at.insert(agent, patience + 1);
                return self.over(patience, since, truth, 'b', Cause::AbandonedRinging, tell);
            }
            if self.chance.happens(0.15) {
                let end = if self.chance.happens(0.5) { RingEnd::NoAnswer } else { RingEnd::Rejected };
                tell.push((rang, What::RingEnded { agent: id, end }));
                self.agent(rang, agent, AgentPresence::NotReadyRona, AgentActivity::Idle, "rona");
                let back = rang + 1 + self.ms(20_000);
                self.agent(back, agent, AgentPresence::Ready, AgentActivity::Idle, "command");
                self.free_at.insert(agent, back + 1);
                at = rang;
                continue;
            }
            tell.push((rang, What::PickedUp { queue, agent: id, wait_ms: (rang - since) / 1000 }));
            truth.over = Some(('a', rang));
            self.agent(rang, agent, AgentPresence::Ready, AgentActivity::Talking, "picked_up");
            truth.ended = self.talk(rang, (rang - since) / 1000, queue, agent, tell);
            return truth;
        }
        unreachable!("the loop above has no end")
    }

    fn over(
        &mut self,
        at: u64,
        since: u64,
        truth: Truth,
        how: char,
        cause: Cause,
        tell: &mut Vec<(u64, What)>,
    ) -> Truth {
        let (queue, wait_ms) = (Some(QueueId(truth.queue)), Some((at - since) / 1000));
        tell.push((at, What::Ended { cause, queue, wait_ms }));
        Truth { over: Some((how, at)), ended: at, ..truth }
    }

    fn talk(&mut self, at: u64, wait_ms: u64, queue: QueueId, agent: u32, tell: &mut Vec<(u64, What)>) -> u64 {
        let id = AgentId(agent);
        tell.push((at + 10, What::AgentIdAnnounced { agent: id }));
        let connected = at + 1_500_000;
        tell.push((connected, What::Connected { agent: id }));
        let over = connected + 1 + self.ms(40_000);
        let (cause, hung_up) = match self.chance.below(3) {
            0 => (Cause::CallerDone, HungUp::Caller),
            1 => (Cause::AgentDone, HungUp::Agent),
            _ => (Cause::AgentLost, HungUp::System),
        };
        tell.push((over, What::TalkEnded { agent: id, talk_ms: (over - connected) / 1000, hung_up }));
        tell.push((over, What::Ended { cause, queue: Some(queue), wait_ms: Some(wait_ms) }));
        self.agent(over, agent, AgentPresence::Ready, AgentActivity::AfterCallWork, "talk_ended");
        if self.chance.happens(0.2) {
            self.agent(over + 5, agent, AgentPresence::NotReady, AgentActivity::AfterCallWork, "command");
        }
        let done = over + 6 + self.ms(10_000);
        self.agent(done, agent, AgentPresence::Ready, AgentActivity::Idle, "work_over");
        self.free_at.insert(agent, done + 1);
        over
    }
}
