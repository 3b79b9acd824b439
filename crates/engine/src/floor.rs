//! The floor: agents' states, their telephones' registrations, and the word that goes to both sides of a match.
//!
//! ```text
//!   REGISTER ─► registrar ─► logged in, ready ──► matcher.ready ──┐
//!   shard ─► Taken(match) ─────────────────────────────────────► matched: Ringing, turn + 1 ─► Matched{contacts} ─► the entry's shard
//!   shard ─► PickedUp ─► engage, Talking     TalkOver ─► after-call work ─► ready
//!   shard ─► RingEnded ─► give back (caller left) or engage + not ready (RONA, device)
//! ```
//! Only the floor changes an agent, and only it touches his chair in the matcher. Does not own calls. What people order is in
//! `floor/orders`, why a match was made in `floor/decisions`, a new configuration in `floor/adopt`.
mod adopt;
mod decisions;
mod orders;

use crate::carrier::Carriers;
use crate::config::{SharedConfig, planted};
use crate::explain::Decision;
use crate::input::{AgentContact, AskWays, FloorInput, Matched, ToFloor, Ways};
use crate::output::Output;
use decisions::Decisions;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;
use switchboard_acd::{Activity, Agent, Choice, Consequence, KeyMint, Passing, Presence, shard_of};
use switchboard_matcher::{Chair, ChairGen, ChairState, Match, Matcher, Unready};
use switchboard_model::{
    AgentId, BadRecord, ContactEvent, ENDPOINT_FLOOR, Instant, Record, RecordKey, RecordKind, RingEnd, ShardId, What,
};
use switchboard_sip::registrar::{self, Registrar, RegistrarConfig};
use switchboard_sip::{Endpoint, EndpointConfig, Event};
use switchboard_wire::sip::Uri;

/// What the floor is made from.
pub struct FloorSetup {
    /// When the centre first started: the epoch of keys.
    pub first_start: Instant,
    /// The number of the last event it told in an earlier run whose record goes on; 0 for a new record.
    pub events_so_far: u64,
    /// Its SIP endpoint; the id must be [`ENDPOINT_FLOOR`].
    pub sip: EndpointConfig,
    /// The rules.
    pub config: SharedConfig,
    /// Where callers and agents meet.
    pub matcher: Arc<Matcher>,
    /// Where nonces come from.
    pub registrar: RegistrarConfig,
}

/// The floor.
pub struct Floor {
    config: SharedConfig,
    matcher: Arc<Matcher>,
    sip: Endpoint,
    registrar: Registrar,
    carriers: Carriers,
    counters: FloorCounters,
    agents: BTreeMap<AgentId, Agent>,
    /// Each logged-in agent's chair, and its generation while he rests or is held. Derived.
    chairs: BTreeMap<AgentId, (Chair, Option<ChairGen>)>,
    agent_of: BTreeMap<Chair, AgentId>,
    timers: BTreeSet<(Instant, AgentId)>,
    timer_of: BTreeMap<AgentId, Instant>,
    out: VecDeque<Output>,
    changed: BTreeSet<RecordKey>,
    /// Leases that ended because a shard never spoke.
    leases_expired: u64,
    /// Errors of our own that were caught.
    faults: u64,
    /// Why the last matches were made. For who asks; not a record.
    decisions: Decisions,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct FloorCounters {
    keys: KeyMint,
    seq: u64,
}

const COUNTERS: RecordKey = RecordKey { kind: RecordKind::Counters, id: 2 };
const COUNTERS_VERSION: u8 = 1;
/// 2: kinds of failure, what he asks for and promised, work extended, how long he has been occupied.
const AGENT_VERSION: u8 = 2;
/// The floor's mark in keys and events: no shard has it.
const FLOOR: ShardId = ShardId(0);

impl Floor {
    /// A floor where nobody is logged in.
    pub fn new(setup: FloorSetup, now: Instant) -> Self {
        assert_eq!(setup.sip.id, ENDPOINT_FLOOR, "the floor has an endpoint of its own");
        let agents: BTreeMap<AgentId, Agent> =
            setup.config.agents.iter().map(|a| (a.id, Agent::new(a.id, now))).collect();
        let changed = agents.keys().map(|id| agent_key(*id)).chain([COUNTERS]).collect();
        let accounts = setup.config.accounts();
        let mut sip = Endpoint::new(setup.sip);
        let mut carriers = Carriers::default();
        carriers.follow(now, &setup.config.trunks, &mut sip);
        Floor {
            registrar: Registrar::new(setup.registrar, accounts),
            carriers,
            counters: FloorCounters { keys: KeyMint::new(setup.first_start, FLOOR), seq: setup.events_so_far },
            config: setup.config,
            matcher: setup.matcher,
            sip,
            agents,
            chairs: BTreeMap::new(),
            agent_of: BTreeMap::new(),
            timers: BTreeSet::new(),
            timer_of: BTreeMap::new(),
            out: VecDeque::new(),
            changed,
            leases_expired: 0,
            faults: 0,
            decisions: Decisions::default(),
        }
    }

    /// Takes one thing that happened.
    pub fn handle(&mut self, now: Instant, input: FloorInput<'_>) {
        match input {
            FloorInput::Datagram { flow, from, bytes } => self.sip.handle_datagram(now, flow, from, bytes),
            FloorInput::FlowLost { flow, to } => {
                self.sip.handle_unreachable(now, flow, to);
                for user in self.registrar.flow_lost(flow) {
                    self.registration_changed(now, &user);
                }
            }
            FloorInput::FromShard(word) => self.on_word(now, word),
            FloorInput::Config(config) => {
                self.config = config;
                for user in self.registrar.set_accounts(self.config.accounts()) {
                    self.registration_changed(now, &user);
                }
                let config = self.config.clone();
                self.carriers.follow(now, &config.trunks, &mut self.sip);
            }
            FloorInput::Command(command) => self.on_command(now, command),
            FloorInput::Timeout => self.on_timeout(now),
        }
        self.drain_sip(now);
    }

    /// What to do next.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// When it wants `FloorInput::Timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let agents = self.timers.first().map(|(at, _)| *at);
        agents
            .into_iter()
            .chain(self.sip.next_timeout())
            .chain(self.registrar.next_timeout())
            .chain(self.carriers.next_timeout())
            .min()
    }

    /// Every agent, for boards and for the laws.
    pub fn each_agent(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values()
    }

    /// The number of the last event it told.
    pub fn events_written(&self) -> u64 {
        self.counters.seq
    }

    /// Why the last match was made, if one was.
    pub fn last_decision(&self) -> Option<&Decision> {
        self.decisions.last()
    }

    /// How often a passing state ended by its lease because nobody spoke. Zero in a healthy centre.
    pub fn leases_expired(&self) -> u64 {
        self.leases_expired
    }

    /// How often an error of our own was caught, outside of calls. Zero in a healthy centre.
    pub fn faults(&self) -> u64 {
        self.faults
    }

    // ── telephones ───────────────────────────────────────────────────────────────────────────────────────────────────────

    fn drain_sip(&mut self, now: Instant) {
        while let Some(output) = self.sip.poll() {
            match output {
                switchboard_sip::Output::Send { flow, to, bytes } => {
                    self.out.push_back(Output::Send { flow, to, bytes })
                }
                switchboard_sip::Output::Event(Event::Request(request)) => self.on_request(now, &request),
                // The floor makes no calls and takes none; the endpoint has answered what is no request for it.
                switchboard_sip::Output::Event(Event::Invite { dialog, .. }) => self.sip.reject(now, dialog, 403, &[]),
                switchboard_sip::Output::Event(Event::Response { request, code, headers, .. }) => {
                    let config = self.config.clone();
                    self.carriers.on_response(now, request, code, &headers, &config.trunks, &mut self.sip);
                }
                switchboard_sip::Output::Event(Event::Fault) => self.faults += 1,
                switchboard_sip::Output::Event(_) => {}
            }
        }
    }

    fn on_request(&mut self, now: Instant, request: &switchboard_sip::Request) {
        if request.method != "REGISTER" {
            self.sip.respond(
                now,
                request.request,
                405,
                vec![("Allow".to_owned(), "REGISTER, OPTIONS".to_owned())],
                bytes::Bytes::new(),
            );
            return;
        }
        // An error of our own costs this REGISTER, whose telephone will come again, and nobody's call.
        let answer = catch_unwind(AssertUnwindSafe(|| self.registrar.handle(now, request)));
        let answer = answer.unwrap_or_else(|_| {
            self.faults += 1;
            registrar::Answer { code: 500, headers: vec![], changed: None }
        });
        self.sip.respond(now, request.request, answer.code, answer.headers, bytes::Bytes::new());
        if let Some(aor) = answer.changed {
            self.registration_changed(now, &aor);
        }
    }

    fn registration_changed(&mut self, now: Instant, aor: &str) {
        let Some(id) = self.config.agents.iter().find(|a| !a.gone && a.account.user == aor).map(|a| a.id) else {
            return;
        };
        let reachable = !self.registrar.contacts(aor).is_empty();
        let logged_in = self.agents[&id].presence != Presence::LoggedOut;
        if reachable && !logged_in {
            self.log_in(now, id);
        } else if !reachable && logged_in {
            self.set_presence(now, id, Presence::LoggedOut, "unregistered");
        }
    }

    pub(crate) fn contacts(&self, id: AgentId) -> Vec<AgentContact> {
        let contacts = self.registrar.contacts(&self.config.agent(id).account.user);
        contacts
            .iter()
            .map(|c| AgentContact { uri: c.uri.clone(), address: way_to(&c.uri, c.source), flow: c.flow })
            .collect()
    }

    // ── agents ───────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn log_in(&mut self, now: Instant, id: AgentId) {
        let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
        agent.presence = Presence::Ready;
        agent.since = now;
        self.agent_changed(now, id, "registered");
        self.rest_if_ready(now, id);
    }

    /// Whoever is ready and idle has a chair and rests on it; this is the one way there, and it may match him at once.
    fn rest_if_ready(&mut self, now: Instant, id: AgentId) {
        if !self.agents[&id].rests() {
            return;
        }
        let key = self.key_of(now, id);
        self.agents.get_mut(&id).expect("just read").idle_key = key;
        self.changed.extend([agent_key(id), COUNTERS]);
        self.rest_with(now, id, key);
    }

    /// What his team sends first, as a key: the smaller goes first.
    fn key_of(&mut self, now: Instant, id: AgentId) -> u64 {
        let agent = &self.agents[&id];
        match self.config.choice_of(id) {
            Choice::RoundRobin if agent.turn_key != 0 => agent.turn_key,
            Choice::LongestIdle | Choice::RoundRobin => self.counters.keys.next(now),
            Choice::LeastOccupied => {
                let occupied = Duration::from_millis(agent.occupied_ms(now));
                let taken: BTreeSet<u64> = self.agents.values().filter(|a| a.id != id).map(|a| a.idle_key).collect();
                let first = KeyMint::of_amount(occupied, 0);
                (first..).find(|key| !taken.contains(key)).expect("there are more keys than agents")
            }
        }
    }

    pub(crate) fn rest_with(&mut self, now: Instant, id: AgentId, key: u64) {
        let chair = self.chair(id);
        let mut brought = vec![];
        // Not out: he asked to leave while another thread had him in hand, and has come back before that thread's word (a match, or
        // that he has left) arrived. The word follows, and `on_left` lets him rest.
        let Some(generation) = self.matcher.ready(chair, key, &mut |event| brought.push(event)) else { return };
        self.chairs.insert(id, (chair, Some(generation)));
        self.told_by_matcher(now, brought);
    }

    fn chair(&mut self, id: AgentId) -> Chair {
        if let Some((chair, _)) = self.chairs.get(&id) {
            return *chair;
        }
        let profile = self.config.layout.profile(id).expect("an agent of the configuration has a profile");
        let chair = self.matcher.seat(profile).expect("there is a chair for every agent of a profile");
        self.chairs.insert(id, (chair, None));
        self.agent_of.insert(chair, id);
        chair
    }

    fn told_by_matcher(&mut self, now: Instant, events: Vec<switchboard_matcher::Event>) {
        for event in events {
            match event {
                switchboard_matcher::Event::Met(met) => self.on_taken(now, met, now),
                switchboard_matcher::Event::Left(chair) => self.on_left(now, chair),
            }
        }
    }

    fn set_presence(&mut self, now: Instant, id: AgentId, presence: Presence, reason: &str) {
        self.change(now, id, reason, |agent| agent.presence = presence);
    }

    /// Changes an agent, says so, and keeps his chair in step: the one way for what people want of him.
    fn change<R>(&mut self, now: Instant, id: AgentId, reason: &str, change: impl FnOnce(&mut Agent) -> R) -> R {
        let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
        let rested = agent.rests();
        let answer = change(agent);
        agent.since = now;
        let rests = agent.rests();
        self.agent_changed(now, id, reason);
        match (rested, rests) {
            (true, false) => self.withdraw(id),
            (false, true) => self.rest_if_ready(now, id),
            (true, true) | (false, false) => {}
        }
        answer
    }

    /// Out of the matcher. If another thread has him in hand, a match or `Left` follows.
    fn withdraw(&mut self, id: AgentId) {
        let Some((chair, Some(generation))) = self.chairs.get(&id).copied() else { return };
        match self.matcher.unready(chair, generation) {
            Unready::Left => {
                self.chairs.insert(id, (chair, None));
            }
            Unready::Pending => {}
            answer @ (Unready::WasOut | Unready::Stale) => {
                unreachable!("{id:?} rested, and his chair {chair:?} says {answer:?}")
            }
        }
    }

    /// Out of the matcher, for one who is asked for by name.
    pub(crate) fn leave_chair(&mut self, id: AgentId) -> Unready {
        let Some((chair, generation)) = self.chairs.get(&id).copied() else { return Unready::WasOut };
        let Some(generation) = generation else { return Unready::WasOut };
        if !self.agents[&id].rests() {
            // He has asked to leave already, and the word that he has is on its way.
            return Unready::Pending;
        }
        let left = self.matcher.unready(chair, generation);
        if left == Unready::Left {
            self.chairs.insert(id, (chair, None));
        }
        left
    }

    /// He rings for who asked for him; returns his turn.
    pub(crate) fn claimed(&mut self, now: Instant, id: AgentId) -> u64 {
        let rules = self.config.rules.clone();
        // No place in a queue belongs to it: the key is nobody's.
        let turn = self.agents.get_mut(&id).expect("an agent of the configuration").matched(now, 0, &rules);
        self.agent_changed(now, id, "claimed");
        turn
    }

    pub(crate) fn push(&mut self, output: Output) {
        self.out.push_back(output);
    }

    fn on_left(&mut self, now: Instant, chair: Chair) {
        if let Some(id) = self.agent_of.get(&chair).copied() {
            // The word may be older than his next readiness: he came back before it arrived. Then he is not out, and it is void.
            if self.matcher.chair_state(chair).state != ChairState::Out {
                return;
            }
            self.chairs.insert(id, (chair, None));
            // He has changed his mind meanwhile.
            if self.agents[&id].rests() {
                self.rest_with(now, id, self.agents[&id].idle_key);
            }
        }
    }

    fn agent_changed(&mut self, now: Instant, id: AgentId, reason: &str) {
        let agent = &self.agents[&id];
        let (presence, activity) = agent.shown();
        self.schedule(id);
        self.changed.extend([agent_key(id), COUNTERS]);
        self.counters.seq += 1;
        self.out.push_back(Output::Event(ContactEvent {
            v: ContactEvent::VERSION,
            by: FLOOR,
            seq: self.counters.seq,
            at: now,
            call: None,
            what: What::AgentState { agent: id, presence, activity, reason: reason.to_owned() },
        }));
    }

    fn on_timeout(&mut self, now: Instant) {
        self.sip.handle_timeout(now);
        let config = self.config.clone();
        self.carriers.handle_timeout(now, &config.trunks, &mut self.sip);
        for aor in self.registrar.handle_timeout(now) {
            self.registration_changed(now, &aor);
        }
        while let Some(&(at, id)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            if planted!(self.config, DeafToTime) {
                continue;
            }
            let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
            let reason = agent.overdue(now).map_or("time", Passing::timed_out);
            let lease = matches!(agent.activity, Activity::Ringing { .. });
            let rested = agent.rests();
            if !agent.tick(now) {
                self.schedule(id);
                continue;
            }
            if lease && agent.activity == Activity::Idle {
                self.leases_expired += 1;
                self.out_of_chair(id);
            }
            self.agent_changed(now, id, reason);
            if !rested {
                self.rest_if_ready(now, id);
            }
        }
    }

    /// His next deadline, and no older one.
    fn schedule(&mut self, id: AgentId) {
        if let Some(at) = self.timer_of.remove(&id) {
            self.timers.remove(&(at, id));
        }
        if let Some(at) = self.agents[&id].next_timeout() {
            self.timers.insert((at, id));
            self.timer_of.insert(id, at);
        }
    }

    /// Held → out.
    fn out_of_chair(&mut self, id: AgentId) {
        if let Some((chair, Some(generation))) = self.chairs.get(&id).copied() {
            self.matcher.engage(chair, generation);
            self.chairs.insert(id, (chair, None));
        }
    }

    // ── the shards' words ────────────────────────────────────────────────────────────────────────────────────────────────

    fn on_word(&mut self, now: Instant, word: ToFloor) {
        match word {
            ToFloor::Taken { met, at } => self.on_taken(now, met, at),
            ToFloor::Left(chair) => self.on_left(now, chair),
            ToFloor::Claim(claim) => self.on_claim(now, claim),
            ToFloor::AskWays(AskWays { trunk, call, ask }) => {
                let name = self.config.trunks.get(usize::from(trunk.0)).map_or("", |t| t.name.as_str());
                let ways = self.carriers.ways(now, name, &mut self.sip);
                self.out.push_back(Output::Ways(call.shard(), Ways { call, ask, ways }));
            }
            ToFloor::PickedUp { agent, turn, call } => {
                if self.agents.get_mut(&agent).expect("an agent of the configuration").picked_up(now, turn, call) {
                    self.out_of_chair(agent);
                    self.decisions.picked_up(agent, turn, call);
                    self.agent_changed(now, agent, "picked_up");
                }
            }
            ToFloor::RingEnded { agent, turn, end } => self.on_ring_ended(now, agent, turn, end),
            ToFloor::TalkOver { agent, turn } => {
                let rules = self.config.rules.clone();
                if self.agents.get_mut(&agent).expect("an agent of the configuration").talk_over(now, turn, &rules) {
                    self.agent_changed(now, agent, "talk_over");
                    // No after-call work at all: the time for it is over at once.
                    if self.agents.get_mut(&agent).expect("just read").tick(now) {
                        self.agent_changed(now, agent, Passing::AfterCallWork.timed_out());
                        self.rest_if_ready(now, agent);
                    }
                }
            }
        }
    }

    /// A match was made, by this thread or another: the agent rings, and the entry's shard is told.
    fn on_taken(&mut self, now: Instant, met: Match, made: Instant) {
        let id = *self.agent_of.get(&met.chair).expect("a chair that was matched is somebody's");
        let (chair, _) = self.chairs[&id];
        self.chairs.insert(id, (chair, Some(met.chair_gen)));
        let shard = shard_of(met.key);
        let rules = self.config.rules.clone();
        // Among those it knows to be at rest: not who came to rest after the match was made, nor whom another match has in hand.
        let (matcher, chairs) = (&self.matcher, &self.chairs);
        let there = |a: &Agent| {
            let chair = chairs.get(&a.id).map(|(chair, _)| matcher.chair_state(*chair).state);
            a.id == id || (a.rests() && a.since <= made && matches!(chair, Some(ChairState::Rests { .. })))
        };
        self.decisions.note(made, &self.config, self.agents.values().filter(|a| there(a)), id, &met);
        let turn_key = self.counters.keys.next(now);
        let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
        agent.turn_key = turn_key;
        let turn = agent.matched(now, met.key, &rules);
        self.agent_changed(now, id, "matched");
        let contacts = self.contacts(id);
        self.out.push_back(Output::ToShard(shard, Matched { met, agent: id, turn, contacts }));
    }

    fn on_ring_ended(&mut self, now: Instant, id: AgentId, turn: u64, end: RingEnd) {
        let rules = self.config.rules.clone();
        let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
        let end = if planted!(self.config, ForgetsRona) { RingEnd::CallerLeft } else { end };
        let Some(consequence) = agent.ring_ended(now, turn, end, &rules) else { return };
        let rests = agent.rests();
        let reason = match (consequence, end) {
            (Consequence::RestsAgain, _) => "caller_left",
            (_, RingEnd::Rejected) => "rejected",
            (_, RingEnd::Busy) => "busy",
            (_, RingEnd::Unreachable) => "unreachable",
            (Consequence::Rona(_), _) => "rona",
            (Consequence::Device(_), _) => "device",
        };
        self.agent_changed(now, id, reason);
        let Some((chair, Some(generation))) = self.chairs.get(&id).copied() else {
            return self.unclaimed(now, id);
        };
        if rests {
            // Nobody's fault: he rests again with his old idle time.
            let mut brought = vec![];
            self.matcher.give_back(chair, generation, &mut |event| brought.push(event));
            self.told_by_matcher(now, brought);
        } else {
            self.out_of_chair(id);
        }
    }

    // ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A record that the last event touched.
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        self.changed
            .pop_first()
            .or_else(|| self.registrar.poll_changed())
            .or_else(|| self.carriers.poll_changed())
            .or_else(|| self.sip.poll_changed())
    }

    /// That record as it is now; `None` if it is gone.
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        match key.kind {
            RecordKind::Counters if key == COUNTERS => Some(Record::write(key, COUNTERS_VERSION, &self.counters)),
            RecordKind::Agent => {
                self.agents.get(&AgentId(key.id as u32)).map(|agent| Record::write(key, AGENT_VERSION, agent))
            }
            RecordKind::Registration | RecordKind::Nonce => self.registrar.record(key),
            RecordKind::Carrier => self.carriers.record(key),
            _ => self.sip.record(key),
        }
    }

    /// All of them, in the order of their keys.
    pub fn records(&self) -> Vec<Record> {
        let agents = self.agents.keys().map(|id| agent_key(*id));
        let ours = agents.chain([COUNTERS]).filter_map(|key| self.record(key));
        let mut records: Vec<Record> =
            ours.chain(self.registrar.records()).chain(self.carriers.records()).chain(self.sip.records()).collect();
        records.sort_by_key(|r| r.key);
        records
    }

    /// From records. Chairs are not in them: `restore::engine` takes them anew.
    pub fn from_records(setup: FloorSetup, now: Instant, records: &[Record]) -> Result<Floor, BadRecord> {
        let (sip_config, registrar_config) = (setup.sip.clone(), setup.registrar.clone());
        let accounts = setup.config.accounts();
        let mut floor = Floor::new(setup, now);
        floor.changed.clear();
        let (mut sip, mut registrar, mut carriers) = (vec![], vec![], vec![]);
        for record in records {
            match record.key.kind {
                RecordKind::Counters if record.key == COUNTERS => floor.counters = record.read(COUNTERS_VERSION)?,
                RecordKind::Agent => {
                    let agent: Agent = record.read(AGENT_VERSION)?;
                    let id = agent.id;
                    floor.agents.insert(id, agent);
                    floor.schedule(id);
                }
                RecordKind::Registration | RecordKind::Nonce => registrar.push(record.clone()),
                RecordKind::Carrier => carriers.push(record),
                _ => sip.push(record.clone()),
            }
        }
        floor.sip = Endpoint::restore(sip_config, &sip)?;
        floor.carriers = Carriers::restore(carriers)?;
        floor.registrar = Registrar::restore(registrar_config, accounts, &registrar)?;
        Ok(floor)
    }

    // ── after a restart ──────────────────────────────────────────────────────────────────────────────────────────────────

    /// An agent's chair, taken anew if need be.
    pub(crate) fn chair_again(&mut self, id: AgentId) -> Chair {
        self.chair(id)
    }
    pub(crate) fn held_again(&mut self, id: AgentId, chair: Chair, generation: ChairGen) {
        self.chairs.insert(id, (chair, Some(generation)));
    }
    pub(crate) fn agent(&self, id: AgentId) -> &Agent {
        &self.agents[&id]
    }
    /// What the calls say of an agent stands above what the floor wrote.
    pub(crate) fn correct(&mut self, now: Instant, id: AgentId, activity: Activity) {
        let agent = self.agents.get_mut(&id).expect("an agent of the configuration");
        agent.activity = activity;
        agent.since = now;
        self.agent_changed(now, id, "recovered");
    }
    /// Those at rest announce themselves with their old keys, the longest idle first.
    pub(crate) fn rest_all_again(&mut self, now: Instant) {
        let mut resting: Vec<(u64, AgentId)> =
            self.agents.values().filter(|a| a.rests()).map(|a| (a.idle_key, a.id)).collect();
        resting.sort_unstable();
        for (key, id) in resting {
            self.rest_with(now, id, key);
        }
    }
}

/// Where a telephone is reached: at the address its Contact names, if that is on the host the REGISTER came from; else behind
/// a translator of addresses, which only the source leads through (RFC 5626 §1 tells why).
fn way_to(contact: &str, source: SocketAddr) -> SocketAddr {
    let named = Uri::parse(contact).and_then(Uri::sip).and_then(|uri| uri.socket());
    named.filter(|address| address.ip() == source.ip()).unwrap_or(source)
}

fn agent_key(id: AgentId) -> RecordKey {
    RecordKey { kind: RecordKind::Agent, id: u64::from(id.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telephone_is_reached_where_it_says_or_through_its_translator() {
        for (contact, source, way) in [
            ("sip:8001@192.0.2.7:5070", "192.0.2.7:40000", "192.0.2.7:5070"),
            ("sip:8001@192.0.2.7", "192.0.2.7:40000", "192.0.2.7:5060"),
            ("sip:8001@10.0.0.7:5070", "192.0.2.7:40000", "192.0.2.7:40000"),
            ("sip:8001@phone.example", "192.0.2.7:40000", "192.0.2.7:40000"),
        ] {
            let address = |text: &str| text.parse::<SocketAddr>().expect("an address");
            assert_eq!(way_to(contact, address(source)), address(way), "{contact} from {source}");
        }
    }
}
