//! The people of the simulated world, where they are, and what they went through.
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use switchboard_model::{AgentId, CallId, Cause, ContactEvent, Destination, HandEnd, Instant, What};
use switchboard_people::{AgentPerson, Caller, CallerReport, PhoneOutput};

/// Somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Who {
    /// The nth caller.
    Caller(usize),
    /// The nth agent.
    Agent(usize),
}

/// One conversation, by the record, held against what was heard.
#[derive(Clone, PartialEq, Debug)]
pub struct Talk {
    /// Whose call.
    pub call: CallId,
    /// What is wrong with it, if anything.
    pub wrong: Option<String>,
}

/// All people.
#[derive(Default)]
pub struct PeopleSide {
    /// Callers.
    pub callers: Vec<Caller>,
    /// Agents.
    pub agents: Vec<AgentPerson>,
    /// Whose telephone is at an address (SIP or RTP).
    pub at: BTreeMap<SocketAddr, Who>,
    /// Whose telephone has died.
    pub dead: BTreeSet<Who>,
    reports: BTreeMap<String, CallerReport>,
    caller_of: BTreeMap<CallId, String>,
    /// Talks by the record: agent, and for how long.
    talks: BTreeMap<CallId, Vec<(AgentId, u64)>>,
    /// Who answers outside, and the calls that were given on to him or joined with him, by the record.
    outside: Option<usize>,
    went_outside: BTreeSet<CallId>,
    /// When each call ended, by the record.
    ended: BTreeMap<CallId, Instant>,
    /// Calls that ended by an error of the engine's own.
    internal: std::collections::BTreeSet<CallId>,
    /// In depth told: which agents each caller was told to hear.
    heard: BTreeMap<usize, BTreeSet<usize>>,
    sounded: bool,
}

impl PeopleSide {
    /// Nobody yet.
    pub fn new(sounded: bool) -> Self {
        PeopleSide { sounded, ..PeopleSide::default() }
    }

    /// Adds a caller.
    pub fn add_caller(&mut self, mut caller: Caller) {
        let who = Who::Caller(self.callers.len());
        let address = caller.phone().address();
        self.at.insert(address.sip, who);
        self.at.insert(address.rtp, who);
        self.callers.push(caller);
    }
    /// Adds an agent.
    pub fn add_agent(&mut self, mut agent: AgentPerson) {
        let who = Who::Agent(self.agents.len());
        let address = agent.phone().address();
        self.at.insert(address.sip, who);
        self.at.insert(address.rtp, who);
        self.agents.push(agent);
    }

    /// Something reaches a telephone.
    pub fn deliver(&mut self, now: Instant, who: Who, rtp: bool, from: SocketAddr, bytes: &[u8]) {
        match (who, rtp) {
            (Who::Caller(n), false) => self.callers[n].sip(now, from, bytes),
            (Who::Caller(n), true) => self.callers[n].rtp(now, from, bytes),
            (Who::Agent(n), false) => self.agents[n].sip(now, from, bytes),
            (Who::Agent(n), true) => self.agents[n].rtp(now, from, bytes),
        }
    }
    /// Somebody's time has come.
    pub fn timeout(&mut self, now: Instant, who: Who) {
        match who {
            Who::Caller(n) => self.callers[n].timeout(now),
            Who::Agent(n) => self.agents[n].timeout(now),
        }
    }
    /// When somebody wants his time-out.
    pub fn next_timeout(&self, who: Who) -> Option<Instant> {
        match who {
            Who::Caller(n) => self.callers[n].next_timeout(),
            Who::Agent(n) => self.agents[n].next_timeout(),
        }
    }
    /// Adds whoever answers outside.
    pub fn add_outside(&mut self, person: AgentPerson) {
        self.outside = Some(self.agents.len());
        self.add_agent(person);
    }
    /// What leaves somebody's telephone.
    pub fn poll(&mut self, who: Who) -> Option<PhoneOutput> {
        match who {
            Who::Caller(n) => self.callers[n].poll(),
            Who::Agent(n) => self.agents[n].poll(),
        }
    }
    /// Where somebody's telephone is.
    pub fn address(&mut self, who: Who) -> switchboard_people::PhoneAddress {
        match who {
            Who::Caller(n) => self.callers[n].phone().address(),
            Who::Agent(n) => self.agents[n].phone().address(),
        }
    }

    /// In depth told: whoever is at `at` hears whoever is at `other`, or no person.
    pub fn told(&mut self, now: Instant, at: SocketAddr, others: &[SocketAddr]) {
        let Some(who) = self.at.get(&at).copied() else { return };
        if self.dead.contains(&who) {
            return;
        }
        for other in others {
            if let (Who::Caller(n), Some(Who::Agent(a))) = (who, self.at.get(other).copied()) {
                self.heard.entry(n).or_default().insert(a);
            }
        }
        match who {
            Who::Caller(n) => self.callers[n].told(now, !others.is_empty()),
            Who::Agent(n) => self.agents[n].told(now, !others.is_empty()),
        }
    }

    /// A contact event was told: what should people have gone through?
    pub fn note(&mut self, event: &ContactEvent) {
        let Some(call) = event.call else { return };
        match &event.what {
            What::Arrived { from, .. } => drop(self.caller_of.insert(call, from.raw.clone())),
            What::Ended { cause, .. } => {
                self.ended.insert(call, event.at);
                if *cause == Cause::Internal {
                    self.internal.insert(call);
                }
            }
            What::TransferEnded { to: Destination::Outside(_), end: HandEnd::Done, .. }
            | What::Conferenced { with: Destination::Outside(_), .. } => drop(self.went_outside.insert(call)),
            What::TalkEnded { agent, talk_ms, .. } => self.talks.entry(call).or_default().push((*agent, *talk_ms)),
            _ => {}
        }
    }

    /// Collects what callers have to tell.
    pub fn collect(&mut self) {
        for caller in &mut self.callers {
            if let Some(report) = caller.take_report() {
                self.reports.insert(report.number.clone(), report);
            }
        }
    }

    /// Every conversation of the record.
    pub fn talks(&self) -> Vec<Talk> {
        let numbers: BTreeMap<&str, usize> =
            self.callers.iter().enumerate().map(|(n, c)| (c.plan().number.as_str(), n)).collect();
        let mut talks = vec![];
        for (call, with) in &self.talks {
            let Some(n) = self.caller_of.get(call).and_then(|number| numbers.get(number.as_str())).copied() else {
                continue;
            };
            talks.push(Talk { call: *call, wrong: self.wrong(*call, n, with) });
        }
        talks
    }

    fn wrong(&self, call: CallId, n: usize, with: &[(AgentId, u64)]) -> Option<String> {
        let should: BTreeSet<usize> = with.iter().map(|(agent, _)| agent.0 as usize).collect();
        let dead = self.dead.contains(&Who::Caller(n)) || should.iter().any(|a| self.dead.contains(&Who::Agent(*a)));
        // Whoever hangs up, the other's leg ends too; a BYE that is lost is repeated for 32 s at most.
        let over = self.reports.get(&self.callers[n].plan().number).map(|r| r.ended);
        if let (Some(over), Some(ended)) = (over, self.ended.get(&call))
            && !dead
            && over > *ended + std::time::Duration::from_secs(33)
        {
            return Some(format!("{call:?} ended at {ended:?}, and its caller was left in it until {over:?}"));
        }
        if !self.sounded {
            let mut heard = self.heard.get(&n).cloned().unwrap_or_default();
            if let Some(outside) = self.outside.filter(|_| self.went_outside.contains(&call)) {
                heard.remove(&outside);
            }
            let strangers: Vec<_> = heard.difference(&should).collect();
            if !strangers.is_empty() {
                return Some(format!(
                    "{call:?}: the caller heard agents {strangers:?}, with whom he had no conversation"
                ));
            }
            let unheard: Vec<_> = should.difference(&heard).collect();
            return (!unheard.is_empty() && !dead)
                .then(|| format!("{call:?}: the caller never heard agents {unheard:?}"));
        }
        let report = self.reports.get(&self.callers[n].plan().number)?;
        for (tone, ms) in &report.heard {
            let whose = (0..self.agents.len()).find(|a| switchboard_people::tones::of_agent(*a) == *tone);
            if *ms >= 200 && !whose.is_some_and(|a| should.contains(&a)) {
                return Some(format!(
                    "{call:?}: the caller heard {tone} Hz for {ms} ms, which is nobody's he talked to"
                ));
            }
        }
        for (agent, ms) in with {
            let tone = switchboard_people::tones::of_agent(agent.0 as usize);
            let heard = report.heard.iter().find(|(t, _)| *t == tone).map_or(0, |(_, ms)| *ms);
            // Lost packets spoil the windows they fall into; half of the time is far more than any wrong connection gives.
            if *ms >= 2_000 && !dead && heard < (ms - 1_000) / 2 {
                return Some(format!("{call:?}: {ms} ms of conversation with {agent:?}, {heard} ms of him heard"));
            }
        }
        None
    }

    /// A call that ended by an error of the engine's own, though nobody provoked one: the key for it is A.
    pub fn unprovoked(&self) -> Option<CallId> {
        let provoked = |call: &CallId| {
            let number = self.caller_of.get(call);
            let caller = number.and_then(|number| self.callers.iter().find(|c| c.plan().number == *number));
            caller.is_some_and(|c| c.plan().keys.iter().any(|(_, key)| key.face() == 'A'))
        };
        self.internal.iter().find(|call| !provoked(call)).copied()
    }

    /// How many calls ended by an error of the engine's own that somebody provoked. Ask `unprovoked` first.
    pub fn provoked(&self) -> u64 {
        self.internal.len() as u64
    }

    /// Somebody who should have been through with it and is not.
    pub fn left_over(&self) -> Option<String> {
        let alive = |who| !self.dead.contains(&who);
        for (n, caller) in self.callers.iter().enumerate() {
            if alive(Who::Caller(n)) && !caller.is_gone() {
                return Some(format!("caller {n} ({}) is still at his telephone", caller.plan().number));
            }
        }
        for (n, agent) in self.agents.iter().enumerate() {
            if alive(Who::Agent(n)) && !agent.is_idle() {
                return Some(format!("agent {n} is still in a call, as his telephone knows it"));
            }
        }
        None
    }
}
