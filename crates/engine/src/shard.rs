//! A shard: calls, and every leg in them.
//!
//! ```text
//!   datagram ─► sip::Endpoint ─event─► the call it belongs to ─► its state ─► Effects: SIP, matcher, contact events
//!   fact, match, time ──────────────►                              │
//!                                                                  └─► wish, if who-hears-whom changed
//! ```
//! One event at a time, in one thread; nothing in here waits. A panic inside a call's state ends that call with cause
//! `internal` and touches no other. Look-ups (`Index`, timers, ports) are derived from the calls and never written.
use crate::call::destination::named;
use crate::call::{Arriving, Call, CallEvent, DeskEvent, Newcomer, State, free};
use crate::command::{Answer, CallOrder, CallShown, Command, Order, Reply};
use crate::config::{OverloadAnswer, SharedConfig, planted};
use crate::effects::{Counters, Effects, Index, Party};
use crate::explain::EntryFacts;
use crate::holdings::{KeysBy, Who};
use crate::input::ShardInput;
use crate::output::{Arrow, Output};
use crate::ports::Ports;
use crate::tally::ShardTally;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use switchboard_acd::KeyMint;
use switchboard_matcher::Matcher;
use switchboard_media::Fact;
use switchboard_model::{
    AgentId, BadRecord, CallId, Cause, EndpointId, Instant, Record, RecordKey, RecordKind, ShardId, TrunkId,
};
use switchboard_sip::{DialogId, Endpoint, EndpointConfig, Event, Malformed, RequestId};

/// The hands of a state: every field of the shard but the calls. A macro, because the borrows must stay apart.
macro_rules! effects {
    ($shard:expr, $now:expr, $call:expr) => {
        Effects {
            now: $now,
            call: $call,
            shard: $shard.id,
            config: &$shard.config,
            sip: &mut $shard.sip,
            matcher: &$shard.matcher,
            counters: &mut $shard.counters,
            index: &mut $shard.index,
            ports: &mut $shard.ports,
            out: &mut $shard.out,
            done: &mut $shard.done,
        }
    };
}

/// What a shard is made from.
pub struct ShardSetup {
    /// Which one.
    pub id: ShardId,
    /// When the centre first started: the epoch of keys.
    pub first_start: Instant,
    /// The number of the last event it told in an earlier run whose record goes on; 0 for a new record.
    pub events_so_far: u64,
    /// Its SIP endpoint; the id must be the shard's.
    pub sip: EndpointConfig,
    /// Its RTP ports.
    pub ports: Ports,
    /// The rules.
    pub config: SharedConfig,
    /// Where callers and agents meet.
    pub matcher: Arc<Matcher>,
}

/// A shard.
pub struct Shard {
    id: ShardId,
    config: SharedConfig,
    matcher: Arc<Matcher>,
    sip: Endpoint,
    counters: Counters,
    calls: BTreeMap<CallId, Call>,
    index: Index,
    ports: Ports,
    timers: BTreeSet<(Instant, CallId)>,
    timer_of: BTreeMap<CallId, Instant>,
    /// Calls that are over and wait for a match that is on its way.
    ending: BTreeSet<CallId>,
    /// What became of the order that is being carried out.
    done: Option<Result<(), String>>,
    /// Calls that talked to an agent and were given on into a queue: they wait, and their first wait is long told.
    again: BTreeSet<CallId>,
    /// Calls that have asked for a person, found the queue full, and hear what the menu says to that.
    turned_away: BTreeSet<CallId>,
    out: VecDeque<Output>,
    changed: BTreeSet<RecordKey>,
    tally: ShardTally,
}

const COUNTERS: RecordKey = RecordKey { kind: RecordKind::Counters, id: 1 };
const COUNTERS_VERSION: u8 = 3;
/// Calls refused for want of room in one second that are still told, each with its events and a transaction that waits 32 s for its ACK:
/// about 1 600 of these at once. What comes beyond is a flood, and is answered without being kept.
const REFUSALS_TOLD_A_SECOND: u32 = 50;
/// 3: what is left of Max-Forwards, and what is left to try for a number outside. 4: what a waiting caller is told, and what ends his wait.
/// 5: the self-service of who is in a menu.
const CALL_VERSION: u8 = 5;

impl Shard {
    /// A shard without calls.
    pub fn new(setup: ShardSetup) -> Self {
        assert_eq!(setup.sip.id, EndpointId(setup.id.0), "a shard's endpoint bears its number");
        Shard {
            counters: Counters {
                // A call has more events than one, so its number is new even where a record of earlier runs goes on.
                next_call: setup.events_so_far + 1,
                arrived: 0,
                keys: KeyMint::new(setup.first_start, setup.id),
                next_generation: 0,
                port_cursor: 0,
                seq: setup.events_so_far,
                draining: false,
                refused_in: (0, 0),
                begun_in: BTreeMap::new(),
            },
            id: setup.id,
            config: setup.config,
            matcher: setup.matcher,
            sip: Endpoint::new(setup.sip),
            calls: BTreeMap::new(),
            index: Index::default(),
            ports: setup.ports,
            timers: BTreeSet::new(),
            timer_of: BTreeMap::new(),
            ending: BTreeSet::new(),
            done: None,
            again: BTreeSet::new(),
            turned_away: BTreeSet::new(),
            out: VecDeque::new(),
            changed: BTreeSet::from([COUNTERS]),
            tally: ShardTally::default(),
        }
    }

    /// Which shard this is.
    pub fn id(&self) -> ShardId {
        self.id
    }

    /// Takes one thing that happened. Call `poll` until it has no more to say, then keep `poll_changed`'s records, then let the
    /// outputs go.
    pub fn handle(&mut self, now: Instant, input: ShardInput<'_>) {
        self.changed.insert(COUNTERS);
        match input {
            ShardInput::Datagram { flow, from, bytes } => match self.config.trunk_of(flow, from) {
                Some(trunk) if self.refusal(now, trunk).is_some() && !self.may_tell_refusal(now) => {
                    let OverloadAnswer { code, retry_after_s } = trunk.overload;
                    self.sip.handle_without_room(now, flow, from, bytes, code, retry_after_s);
                }
                Some(_) => self.sip.handle_datagram(now, flow, from, bytes),
                // An agent's telephone, within its calls, or nobody we know.
                None => self.sip.handle_stranger(now, flow, from, bytes),
            },
            ShardInput::FlowLost { flow, to } => self.sip.handle_unreachable(now, flow, to),
            ShardInput::Media(call, fact) => self.on_fact(now, call, fact),
            ShardInput::Matched(matched) => self.on_matched(now, matched),
            ShardInput::LookedUp(call, id, answer) => self.step(now, call, CallEvent::LookedUp(id, answer)),
            ShardInput::Claimed(claimed) => self.on_claimed(now, claimed),
            ShardInput::Ways(ways) => self.step(now, ways.call, CallEvent::Desk(DeskEvent::Ways(ways))),
            ShardInput::Config(config) => self.on_config(config),
            ShardInput::Command(command) => self.on_command(now, command),
            ShardInput::Timeout => self.on_timeout(now),
        }
        self.drain_sip(now);
    }

    /// What to do next.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When it wants `ShardInput::Timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let call = self.timers.first().map(|(at, _)| *at);
        call.into_iter().chain(self.sip.next_timeout()).min()
    }

    /// Figures from the shard's own sources, for the conservation laws.
    pub fn tally(&self) -> ShardTally {
        let ending = self.ending.len() as u64;
        let first = self.index.keys.len() as u64 - self.again.len() as u64;
        let waiting = first - ending + self.turned_away.len() as u64;
        ShardTally { arrived: self.counters.arrived, waiting, ending, calls: self.calls.len() as u64, ..self.tally }
    }

    /// The number of the last contact event it told.
    pub fn events_written(&self) -> u64 {
        self.counters.seq
    }

    /// How many RTP ports are lent.
    pub fn ports_lent(&self) -> usize {
        self.ports.lent()
    }

    /// How many calls there are.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    /// How many calls a trunk has.
    pub fn of_trunk(&self, trunk: TrunkId) -> u32 {
        self.index.calls_of.get(&trunk).copied().unwrap_or(0)
    }

    /// Every call, for boards and for the laws.
    pub fn each_call(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    fn drain_sip(&mut self, now: Instant) {
        while let Some(output) = self.sip.poll() {
            match output {
                switchboard_sip::Output::Send { flow, to, bytes } => {
                    self.out.push_back(Output::Send { flow, to, bytes })
                }
                switchboard_sip::Output::Event(event) => self.on_sip(now, event),
            }
        }
    }

    fn on_sip(&mut self, now: Instant, event: Event) {
        match event {
            Event::Invite { dialog, flow, source, facts, offer } => {
                let config = self.config.clone();
                let trunk = config.trunk_of(flow, source).expect("the endpoint refuses calls that come by no trunk");
                let refused = self.refusal(now, trunk);
                self.on_invite(now, &Newcomer { dialog, trunk, invite: &facts, offer, refused });
            }
            Event::Confirmed { dialog, sdp } => self.on_dialog(now, dialog, |party| match party {
                Party::Caller => CallEvent::Acked { sdp },
                // The ACK to our answer to his re-INVITE.
                Party::Agent | Party::Second => CallEvent::ReofferAnswered(party, sdp),
            }),
            Event::Cancelled { dialog } => self.on_dialog(now, dialog, |_| CallEvent::Cancelled),
            Event::Progress { dialog, code, .. } => self.on_dialog(now, dialog, |party| match party {
                Party::Second => CallEvent::Desk(DeskEvent::Progress(code)),
                Party::Agent | Party::Caller => CallEvent::AgentProgress(code),
            }),
            Event::Answered { dialog, sdp } => self.on_dialog(now, dialog, |party| match party {
                Party::Second => CallEvent::Desk(DeskEvent::Answered(sdp)),
                Party::Agent | Party::Caller => CallEvent::AgentAnswered(sdp),
            }),
            Event::Refused { dialog, code, contacts, .. } => self.on_dialog(now, dialog, |party| match party {
                Party::Second => CallEvent::Desk(DeskEvent::Refused(code, contacts)),
                Party::Agent | Party::Caller => CallEvent::AgentRefused(code),
            }),
            Event::Refer { dialog, request, to } => self.on_refer(now, dialog, request, to),
            Event::Notified { .. } => {}
            Event::Reoffer { dialog, sdp } => {
                if !self.index.dialogs.contains_key(&dialog) {
                    self.sip.reject(now, dialog, 481, &[]);
                }
                self.on_dialog(now, dialog, |party| CallEvent::Reoffer(party, sdp));
            }
            Event::ReofferAnswered { dialog, sdp } => {
                self.on_dialog(now, dialog, |party| CallEvent::ReofferAnswered(party, sdp))
            }
            Event::ReofferRefused { dialog, .. } => {
                self.on_dialog(now, dialog, |party| CallEvent::ReofferAnswered(party, None))
            }
            // The refresh is what asks whether a silent party lives: a re-INVITE with the session as it is.
            Event::RefreshDue { dialog } => self.on_dialog(now, dialog, CallEvent::Silent),
            Event::Key { dialog, digit } => self.on_key(now, dialog, digit),
            Event::Ended { dialog, why } => self.on_dialog(now, dialog, |party| CallEvent::Gone(party, why)),
            Event::LateAnswer { .. } => self.tally.late_answers += 1,
            Event::Malformed { kind: Malformed::Full } => self.tally.shed += 1,
            Event::Malformed { kind: Malformed::Refused(403) } => self.tally.strangers += 1,
            Event::Malformed { .. } => self.tally.malformed += 1,
            // The router sends what belongs to no call to the floor; one that strays here has no taker.
            Event::Request(request) => self.sip.respond(now, request.request, 481, vec![], bytes::Bytes::new()),
            Event::Fault => self.tally.panics += 1,
            Event::Response { .. } => {}
        }
    }

    fn refusal(&self, now: Instant, trunk: &crate::config::Trunk) -> Option<Cause> {
        if self.counters.draining {
            Some(Cause::Draining)
        } else if self.calls.len() >= self.config.limits.calls_max as usize
            || self.of_trunk(trunk.id) >= self.config.limits.share(trunk.calls_max, self.id)
            || trunk
                .cps_max
                .is_some_and(|max| self.counters.begun(now, trunk.id) >= self.config.limits.share(max, self.id))
        {
            Some(Cause::Overload)
        } else {
            None
        }
    }

    /// Whether a refusal at this moment is one of few.
    fn may_tell_refusal(&self, now: Instant) -> bool {
        self.counters.refused_in.0 != now.seconds() || self.counters.refused_in.1 < REFUSALS_TOLD_A_SECOND
    }

    fn on_invite(&mut self, now: Instant, new: &Newcomer<'_>) {
        if new.refused.is_some() {
            let (second, n) = self.counters.refused_in;
            self.counters.refused_in = (now.seconds(), if second == now.seconds() { n + 1 } else { 1 });
        } else if new.trunk.cps_max.is_some() {
            let begun = self.counters.begun(now, new.trunk.id) + 1;
            self.counters.begun_in.insert(new.trunk.id, (now.seconds(), begun));
        }
        let id = CallId::new(self.id, self.counters.next_call);
        self.counters.next_call += 1;
        self.counters.arrived += 1;
        let mut fx = effects!(self, now, id);
        if let Some((body, state)) = Arriving::enter(new, &mut fx) {
            self.out.push_back(Output::Arrow(Arrow {
                call: id,
                from: "INVITE",
                to: state.name(),
                detail: String::new(),
            }));
            self.settle(Call::new(body, state));
        }
    }

    fn on_dialog(&mut self, now: Instant, dialog: DialogId, event: impl FnOnce(Party) -> CallEvent) {
        // A dialog that no call holds any more is only being wound up by the endpoint.
        if let Some((call, party)) = self.index.dialogs.get(&dialog).copied() {
            self.step(now, call, event(party));
        }
    }

    fn on_fact(&mut self, now: Instant, call: CallId, fact: Fact) {
        let party = |stream| self.calls.get(&call).and_then(|c| c.party_of(stream));
        let event = match fact {
            Fact::Digit { stream, digit, .. } => {
                party(stream).filter(|p| self.takes_key(call, *p, KeysBy::Sound)).map(|p| CallEvent::Digit(p, digit))
            }
            Fact::PromptDone { stream, play } => party(stream).map(|p| CallEvent::PromptsDone(p, play)),
            Fact::Silent { stream } => party(stream).map(CallEvent::Silent),
            Fact::Heard { .. } => None,
        };
        if let Some(event) = event {
            self.step(now, call, event);
        }
    }

    fn on_key(&mut self, now: Instant, dialog: DialogId, digit: switchboard_model::Digit) {
        if let Some((call, party)) = self.index.dialogs.get(&dialog).copied()
            && self.takes_key(call, party, KeysBy::Info)
        {
            self.step(now, call, CallEvent::Digit(party, digit));
        }
    }

    fn takes_key(&mut self, call: CallId, party: Party, by: KeysBy) -> bool {
        let leg = self.calls.get_mut(&call).and_then(|c| c.body.holdings.leg_mut(party));
        leg.is_some_and(|leg| leg.takes_key(by))
    }

    fn on_matched(&mut self, now: Instant, matched: crate::input::Matched) {
        match self.index.keys.get(&matched.met.key).copied() {
            Some(call) => self.step(now, call, CallEvent::Matched(matched)),
            // Its caller has gone, and the deadline for this word too: nobody is rung.
            None => {
                let _ = self.matcher.finish(matched.met);
                self.out.push_back(Output::ToFloor(crate::input::ToFloor::RingEnded {
                    agent: matched.agent,
                    turn: matched.turn,
                    end: switchboard_model::RingEnd::CallerLeft,
                }));
            }
        }
    }

    /// Every call goes on by the new rules at its next event. What it hears (music, say) is said anew at once: of sounds that two
    /// reloads have replaced, nobody may be left hearing one.
    fn on_config(&mut self, config: SharedConfig) {
        self.config = config;
        for (id, call) in &mut self.calls {
            if let Some(wish) = call.new_wish(&self.config) {
                self.out.push_back(Output::Wish(wish));
                self.changed.insert(RecordKey { kind: RecordKind::Call, id: id.0 });
            }
        }
    }

    fn on_timeout(&mut self, now: Instant) {
        self.sip.handle_timeout(now);
        while let Some(&(at, call)) = self.timers.first()
            && at <= now
        {
            if planted!(self.config, SleepsOn) {
                self.timers.pop_first();
                continue;
            }
            self.step(now, call, CallEvent::Timeout);
            // A state that lets its deadline stand must not be asked for ever.
            if self.timers.contains(&(at, call)) {
                unreachable!("{call:?} did not use its deadline in state {}", self.calls[&call].state.name());
            }
        }
    }

    fn step(&mut self, now: Instant, id: CallId, event: CallEvent) {
        let Some(mut call) = self.calls.remove(&id) else { return };
        self.index.calls_of.entry(call.body.facts.trunk).and_modify(|n| *n -= 1);
        let mut fx = effects!(self, now, id);
        if catch_unwind(AssertUnwindSafe(|| call.handle(event, &mut fx))).is_err() {
            self.tally.panics += 1;
            let mut fx = effects!(self, now, id);
            call.state = match catch_unwind(AssertUnwindSafe(|| free(&mut call.body, Cause::Internal, None, &mut fx))) {
                Ok(state) => state,
                // Even its holdings are in disorder. It is forgotten; leases and time-outs bring home what it held.
                Err(_) => State::Over,
            };
            self.out.push_back(Output::Arrow(Arrow {
                call: id,
                from: "panic",
                to: call.state.name(),
                detail: String::new(),
            }));
        }
        self.settle(call);
    }

    /// Puts a call back in its place, or forgets it; keeps its timer, its wish and its record in step.
    fn settle(&mut self, mut call: Call) {
        let id = call.body.facts.id;
        if let Some(wish) = call.new_wish(&self.config) {
            self.out.push_back(Output::Wish(wish));
        }
        self.changed.insert(RecordKey { kind: RecordKind::Call, id: id.0 });
        if let Some(at) = self.timer_of.remove(&id) {
            self.timers.remove(&(at, id));
        }
        self.ending.remove(&id);
        self.turned_away.remove(&id);
        self.again.remove(&id);
        if !matches!(call.state, State::Over) {
            self.place(call);
        }
    }

    fn place(&mut self, call: Call) {
        let id = call.body.facts.id;
        if matches!(call.state, State::Ending(_)) {
            self.ending.insert(id);
        }
        let facts = &call.body.facts;
        if call.body.holdings.entry.is_some() && facts.waited_ms.is_some() && !matches!(call.state, State::Ending(_)) {
            self.again.insert(id);
        }
        if matches!(call.state, State::Menu(_)) && facts.human_request.is_some() && facts.waited_ms.is_none() {
            self.turned_away.insert(id);
        }
        if let Some(at) = call.deadline() {
            self.timers.insert((at, id));
            self.timer_of.insert(id, at);
        }
        *self.index.calls_of.entry(call.body.facts.trunk).or_default() += 1;
        self.calls.insert(id, call);
    }

    fn on_command(&mut self, now: Instant, command: Command) {
        let what = match command.what {
            Order::Drain => {
                self.counters.draining = true;
                Reply::Done
            }
            Order::EndAll => {
                for id in self.calls.keys().copied().collect::<Vec<_>>() {
                    self.step(now, id, CallEvent::End(Cause::ShutDown));
                }
                Reply::Done
            }
            Order::Calls => Reply::Calls { calls: self.calls.values().map(|c| shown(c, &self.config)).collect() },
            Order::Waiting => {
                let mut entries: Vec<EntryFacts> = self.calls.values().filter_map(|c| self.entry_facts(c)).collect();
                entries.sort_by_key(|e| (e.since, e.key));
                Reply::Waiting { entries }
            }
            Order::OnCall { call, agent, what } => self.on_call_order(now, call, agent, &what),
            Order::AgentReady { .. }
            | Order::AgentNotReady { .. }
            | Order::AgentNext { .. }
            | Order::AgentApprove { .. }
            | Order::AcwExtend { .. }
            | Order::AcwDone { .. }
            | Order::Dispose { .. }
            | Order::Agents { .. }
            | Order::Trunks
            | Order::CallOf { .. }
            | Order::ExplainAgent { .. }
            | Order::ExplainMatch { .. }
            | Order::Explain { .. } => {
                Reply::Refused { why: "agents are the floor's business, not a shard's".to_owned() }
            }
        };
        self.out.push_back(Output::Answer(Answer { id: command.id, what }));
    }

    /// An agent's order about the call he talks in. His hand is the witness of who talks: another's is refused.
    fn on_call_order(&mut self, now: Instant, id: CallId, agent: AgentId, what: &CallOrder) -> Reply {
        let Some(call) = self.calls.get(&id) else {
            return Reply::Unknown { why: format!("there is no call {id}") };
        };
        let (state, party) = (call.state.name(), call.party_of_agent(agent));
        let Some(by) = party.filter(|_| !matches!(call.state, State::Ringing(_))) else {
            return Reply::Refused { why: format!("agent {agent} is not in call {id}") };
        };
        if matches!((&call.state, by, what), (State::Greeting(_), Party::Agent, CallOrder::HangUp)) {
            self.step(now, id, CallEvent::End(Cause::AgentDone));
            return Reply::Done;
        }
        match self.desk_step(now, id, DeskEvent::Act { by, act: what.clone() }) {
            Some(Ok(())) => Reply::Done,
            Some(Err(why)) => Reply::Refused { why },
            None => Reply::Refused { why: format!("`{}` is of no use in state {state}", what.name()) },
        }
    }

    /// One event at a desk, and what became of it, if the state spoke of it.
    fn desk_step(&mut self, now: Instant, id: CallId, event: DeskEvent) -> Option<Result<(), String>> {
        self.done = None;
        self.step(now, id, CallEvent::Desk(event));
        self.done.take()
    }

    /// An agent's telephone sends the caller elsewhere (RFC 3515). It is told at once that it was heard, and how it ended when it has.
    fn on_refer(&mut self, now: Instant, dialog: DialogId, request: RequestId, to: String) {
        let of = self.index.dialogs.get(&dialog).copied();
        let Some((call, Party::Agent)) = of else {
            return self.sip.respond(now, request, 403, vec![], bytes::Bytes::new());
        };
        self.sip.respond(now, request, 202, vec![], bytes::Bytes::new());
        self.sip.tell_referrer(now, dialog, 100);
        match self.desk_step(now, call, DeskEvent::Refer { to }) {
            Some(Ok(())) => {}
            Some(Err(_)) | None => self.sip.tell_referrer(now, dialog, 603),
        }
    }

    /// The floor's word about an agent who was asked for. One whom nobody wants any more goes back.
    fn on_claimed(&mut self, now: Instant, claimed: crate::input::Claimed) {
        let call = claimed.call;
        let wanted = self.calls.get(&call).is_some_and(|c| {
            let second = c.body.holdings.second.as_ref().map(|s| &s.who);
            matches!(second, Some(Who::Agent { claim, turn: None, .. }) if *claim == claimed.claim)
        });
        match (wanted, &claimed.outcome) {
            (true, _) => self.step(now, call, CallEvent::Desk(DeskEvent::Claimed(claimed))),
            (false, Ok((turn, _))) => self.out.push_back(Output::ToFloor(crate::input::ToFloor::RingEnded {
                agent: claimed.agent,
                turn: *turn,
                end: switchboard_model::RingEnd::CallerLeft,
            })),
            (false, Err(_)) => {}
        }
    }

    fn entry_facts(&self, call: &Call) -> Option<EntryFacts> {
        let State::Waiting(waiting) = &call.state else { return None };
        let entry = call.body.holdings.entry.as_ref()?;
        let queue = &self.config.queue(entry.queue).queue;
        Some(EntryFacts {
            call: call.body.facts.id,
            queue: entry.queue,
            language: entry.language,
            step: usize::from(entry.step),
            since: waiting.since(),
            key: entry.key,
            ahead: self.matcher.position(entry.handle?),
            next_step_at: switchboard_acd::next_step_at(queue, waiting.since(), usize::from(entry.step)),
        })
    }

    // ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A record that the last event touched.
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        self.changed.pop_first().or_else(|| self.sip.poll_changed())
    }

    /// That record as it is now; `None` if it is gone.
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        match key.kind {
            RecordKind::Counters if key == COUNTERS => Some(Record::write(key, COUNTERS_VERSION, &self.counters)),
            RecordKind::Call => {
                let call = self.calls.get(&CallId(key.id))?;
                #[cfg(feature = "mutants")]
                if planted!(self.config, RecordForgetsStep) {
                    return Some(Record::write(key, CALL_VERSION, &call.without_step()));
                }
                Some(Record::write(key, CALL_VERSION, call))
            }
            _ => self.sip.record(key),
        }
    }

    /// All of them, in the order of their keys.
    pub fn records(&self) -> Vec<Record> {
        let calls = self.calls.keys().map(|id| RecordKey { kind: RecordKind::Call, id: id.0 });
        let mut records: Vec<Record> =
            calls.chain([COUNTERS]).filter_map(|key| self.record(key)).chain(self.sip.records()).collect();
        records.sort_by_key(|r| r.key);
        records
    }

    /// From records. What the matcher held is not in them: `restore::engine` claims it anew.
    pub fn from_records(setup: ShardSetup, records: &[Record]) -> Result<Shard, BadRecord> {
        let sip_config = setup.sip.clone();
        let mut shard = Shard::new(setup);
        shard.changed.clear();
        let (ours, theirs): (Vec<&Record>, Vec<&Record>) =
            records.iter().partition(|r| r.key == COUNTERS || r.key.kind == RecordKind::Call);
        for record in ours {
            if record.key == COUNTERS {
                shard.counters = record.read(COUNTERS_VERSION)?;
            } else {
                let mut call: Call = record.read(CALL_VERSION)?;
                call.derive_wish(&shard.config);
                shard.adopt(call);
            }
        }
        let theirs: Vec<Record> = theirs.into_iter().cloned().collect();
        shard.sip = Endpoint::restore(sip_config, &theirs)?;
        Ok(shard)
    }

    fn adopt(&mut self, call: Call) {
        let id = call.body.facts.id;
        let holdings = &call.body.holdings;
        if let Some(dialog) = holdings.caller.dialog {
            self.index.dialogs.insert(dialog, (id, Party::Caller));
        }
        if let Some(dialog) = holdings.agent.as_ref().and_then(|a| a.leg.dialog) {
            self.index.dialogs.insert(dialog, (id, Party::Agent));
        }
        if let Some(dialog) = holdings.second.as_ref().and_then(|s| s.leg.as_ref()?.dialog) {
            self.index.dialogs.insert(dialog, (id, Party::Second));
        }
        if let Some(entry) = &holdings.entry {
            self.index.keys.insert(entry.key, id);
        }
        if !matches!(call.state, State::Ending(_)) {
            self.ports.lend_again(holdings.caller.stream.slot);
            self.ports.lend_again(holdings.agent_slot);
            if let Some(second) = &holdings.second {
                self.ports.lend_again(second.slot);
            }
        }
        self.place(call);
    }

    /// Another configuration over another matcher, which is empty: `restore::engine` claims in it what the calls hold.
    pub(crate) fn adopt_config(&mut self, config: SharedConfig, matcher: Arc<Matcher>) {
        self.matcher = matcher;
        self.on_config(config);
    }

    pub(crate) fn each_call_mut(&mut self) -> impl Iterator<Item = &mut Call> {
        self.calls.values_mut()
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    /// Every wish once more, for a media thread that has started again.
    pub fn say_wishes_again(&mut self) {
        self.out.extend(self.calls.values().map(|c| Output::Wish(c.wish_again())));
    }
}

fn shown(call: &Call, config: &crate::Config) -> CallShown {
    let facts = &call.body.facts;
    CallShown {
        call: facts.id,
        state: call.state.name().to_owned(),
        from: facts.from.masked(),
        first_dialled: facts.first_dialled.as_ref().map(switchboard_model::Number::masked),
        arrived: facts.arrived,
        verified: facts.verified.as_ref().map(|v| v.what().to_owned()),
        agents: call.with().iter().map(|whom| named(whom, config)).collect(),
    }
}
