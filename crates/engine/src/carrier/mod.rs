//! Our side of each carrier's trunk: which of its SBCs live, and whether we are registered where that is asked.
//!
//! ```text
//!   carriers/   peer          one SBC: OPTIONS, and what its silence means
//!               registration  REGISTER out: refreshed in time, moved to the next SBC, backed off
//!               ways          by which SBC a call goes out
//!               mod           all for every trunk; questions by number; records
//! ```
//! Health never decides who may call us: an SBC that we take for dead is still believed when it sends a call. Does not read DNS.
mod peer;
mod registration;
mod ways;

use crate::command::{PeerShown, TrunkShown};
use crate::config::{HealthCheck, Sbc, Trunk};
use crate::input::WayOut;
use peer::Peer;
use registration::Registration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use switchboard_model::{BadRecord, FlowId, Instant, Record, RecordKey, RecordKind};
use switchboard_sip::{Endpoint, RequestId};

/// Every trunk that has SBCs.
#[derive(Debug, Default)]
pub(crate) struct Carriers {
    /// By a number that is its record's.
    all: BTreeMap<u64, Carrier>,
    /// Derived: whose question a request of ours is.
    asked: BTreeMap<RequestId, u64>,
    changed: BTreeSet<RecordKey>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Carrier {
    /// The trunk's name: numbers move when the configuration does.
    trunk: String,
    peers: Vec<Peer>,
    registration: Option<Registration>,
}

const VERSION: u8 = 1;

/// The hands of a carrier's machines.
pub(crate) struct Hands<'a> {
    pub now: Instant,
    pub trunk: &'a Trunk,
    pub sip: &'a mut Endpoint,
}

impl Carriers {
    /// The trunks of this configuration: those known go on where nothing of theirs has changed, new ones begin, those gone are left.
    pub fn follow(&mut self, now: Instant, trunks: &[Trunk], sip: &mut Endpoint) {
        let mut kept = BTreeMap::new();
        let mut last = self.all.keys().next_back().copied().unwrap_or(0);
        let mut before = std::mem::take(&mut self.all);
        for trunk in trunks.iter().filter(|t| !t.sbcs.is_empty()) {
            let mut hands = Hands { now, trunk, sip };
            let known = before.iter().find(|(_, c)| c.trunk == trunk.name).map(|(id, _)| *id);
            let (id, carrier) = match known.and_then(|id| before.remove_entry(&id)) {
                Some((id, mut carrier)) => {
                    carrier.follow(&mut hands);
                    (id, carrier)
                }
                None => {
                    last += 1;
                    (last, Carrier::new(&mut hands))
                }
            };
            self.changed.insert(key(id));
            kept.insert(id, carrier);
        }
        for (id, carrier) in before {
            if let Some(registration) = carrier.registration {
                registration.leave(&carrier.peers, now, sip);
            }
            self.changed.insert(key(id));
        }
        self.all = kept;
        self.index();
    }

    /// Time has come.
    pub fn handle_timeout(&mut self, now: Instant, trunks: &[Trunk], sip: &mut Endpoint) {
        for (id, carrier) in &mut self.all {
            if carrier.next_timeout().is_some_and(|at| at <= now)
                && let Some(trunk) = trunks.iter().find(|t| t.name == carrier.trunk)
            {
                carrier.on_time(&mut Hands { now, trunk, sip });
                self.changed.insert(key(*id));
            }
        }
        self.index();
    }

    /// The final response to a question of ours. False: it was none of a carrier's.
    pub fn on_response(
        &mut self,
        now: Instant,
        request: RequestId,
        code: u16,
        headers: &[(String, String)],
        trunks: &[Trunk],
        sip: &mut Endpoint,
    ) -> bool {
        let Some(id) = self.asked.remove(&request) else { return false };
        let Some(carrier) = self.all.get_mut(&id) else { return true };
        if let Some(trunk) = trunks.iter().find(|t| t.name == carrier.trunk) {
            carrier.on_response(request, code, headers, &mut Hands { now, trunk, sip });
            self.changed.insert(key(id));
        }
        self.index();
        true
    }

    /// When it wants `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.all.values().filter_map(Carrier::next_timeout).min()
    }

    /// By which of the trunk's SBCs a call goes out now, in the order in which they are tried.
    pub fn ways(&self, now: Instant, trunk: &str, sip: &mut Endpoint) -> Vec<WayOut> {
        self.all.values().find(|c| c.trunk == trunk).map_or(vec![], |c| ways::of(c, now, sip))
    }

    /// For `switchboard trunk state`.
    pub fn shown(&self) -> Vec<TrunkShown> {
        self.all.values().map(Carrier::shown).collect()
    }

    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        self.changed.pop_first()
    }
    pub fn record(&self, of: RecordKey) -> Option<Record> {
        self.all.get(&of.id).map(|carrier| Record::write(of, VERSION, carrier))
    }
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.all.iter().map(|(id, carrier)| Record::write(key(*id), VERSION, carrier))
    }
    pub fn restore<'r>(records: impl IntoIterator<Item = &'r Record>) -> Result<Carriers, BadRecord> {
        let mut carriers = Carriers::default();
        for record in records {
            carriers.all.insert(record.key.id, record.read(VERSION)?);
        }
        carriers.index();
        Ok(carriers)
    }

    fn index(&mut self) {
        let of = |(id, c): (&u64, &Carrier)| c.asked().map(|r| (r, *id)).collect::<Vec<_>>();
        self.asked = self.all.iter().flat_map(of).collect();
    }
}

impl Carrier {
    fn new(hands: &mut Hands<'_>) -> Carrier {
        let mut carrier = Carrier { trunk: hands.trunk.name.clone(), peers: vec![], registration: None };
        carrier.follow(hands);
        carrier
    }

    /// As the trunk is configured now. What is the same goes on as it was.
    fn follow(&mut self, hands: &mut Hands<'_>) {
        let before = std::mem::take(&mut self.peers);
        let places = before.iter().map(|p| (p.at, p.flow)).eq(hands
            .trunk
            .sbcs
            .iter()
            .map(|s| (s.at, FlowId::towards(s.transport))));
        let same = |p: &Peer, sbc: &Sbc| p.at == sbc.at && p.flow.transport() == sbc.transport;
        let peer = |sbc: &Sbc| before.iter().find(|p| same(p, sbc)).cloned().unwrap_or_else(|| Peer::new(sbc));
        self.peers = hands.trunk.sbcs.iter().map(peer).collect();
        let left = before;
        for peer in &mut self.peers {
            peer.watch(hands.trunk.health == HealthCheck::Options, hands.now);
        }
        let wanted = hands.trunk.registering.as_ref();
        match (self.registration.take(), wanted) {
            (Some(registration), Some(wanted)) if places && registration.is_for(wanted) => {
                self.registration = Some(registration);
            }
            (before, wanted) => {
                if let Some(before) = before {
                    before.leave(&left, hands.now, hands.sip);
                }
                self.registration = wanted.map(|wanted| Registration::new(wanted, hands));
            }
        }
    }

    fn on_time(&mut self, hands: &mut Hands<'_>) {
        for peer in &mut self.peers {
            peer.on_time(hands);
        }
        if let Some(registration) = &mut self.registration {
            registration.on_time(&mut self.peers, hands);
        }
    }

    fn on_response(&mut self, request: RequestId, code: u16, headers: &[(String, String)], hands: &mut Hands<'_>) {
        if let Some(registration) = &mut self.registration
            && registration.asked() == Some(request)
        {
            return registration.on_response(code, headers, &mut self.peers, hands);
        }
        for peer in &mut self.peers {
            peer.on_response(request, code, hands.now);
        }
    }

    fn next_timeout(&self) -> Option<Instant> {
        let registration = self.registration.as_ref().and_then(Registration::next_timeout);
        self.peers.iter().filter_map(Peer::next_timeout).chain(registration).min()
    }

    fn asked(&self) -> impl Iterator<Item = RequestId> {
        self.peers.iter().flat_map(Peer::asked).chain(self.registration.as_ref().and_then(Registration::asked))
    }

    fn shown(&self) -> TrunkShown {
        TrunkShown {
            trunk: self.trunk.clone(),
            sbcs: self
                .peers
                .iter()
                .map(|p| PeerShown {
                    at: p.at,
                    transport: p.flow.transport(),
                    health: p.health.word().to_owned(),
                    heard_at: p.heard_at,
                })
                .collect(),
            registration: self.registration.as_ref().map(|r| r.shown(&self.peers)),
        }
    }
}

fn key(id: u64) -> RecordKey {
    RecordKey { kind: RecordKind::Carrier, id }
}

#[cfg(test)]
mod tests;
