//! One owner's transactions and dialogs.
//!
//! ```text
//!   handle_datagram ─┬ request  ─► uas     ┐
//!                    └ response ─► uac     ├─► dialog, transaction ─► settle: index, timer, record ─► poll
//!   handle_timeout ───► whose time it is   ┘
//!   the owner's verbs: progress answer reject · invite cancel · reinvite bye (within) · request respond (outside)
//! ```
//! This file keeps the store: numbers, look-ups, timers, what changed. The verbs are in the files named above; none of them keeps a
//! look-up of its own. Look-ups and timers are derived and rebuilt by `restore`.
use crate::dialog::{Cancel, Confirmed, Dialling, Dialog, Outgoing, Stage};
use crate::event::{DialogId, Event, Malformed, Output};
use crate::owner;
use crate::timers::twice_up_to_t2;
use crate::transaction::{Act, Machine, Owner, Transaction, client_key};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use switchboard_model::{Chance, EndpointId, FlowId, Instant, RecordKey, RecordKind, Transport};
use switchboard_wire::sip::{Message, Name, Start, Unreadable, Writer};

/// Who an endpoint is, and its bounds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EndpointConfig {
    /// Stands in every branch and tag.
    pub id: EndpointId,
    /// Sent-by and Contact, of every transport but TLS.
    pub local: SocketAddr,
    /// Sent-by and Contact over TLS.
    pub secure: SocketAddr,
    /// Stands in User-Agent and Server.
    pub product: String,
    /// Tags, branches, Call-IDs.
    pub chance: Chance,
    /// With this many dialogs a new INVITE is refused.
    pub dialogs_max: usize,
    /// With this many transactions a new INVITE or REGISTER is refused.
    pub transactions_max: usize,
    /// Whether it sends REFER, as telephones do, and so takes the NOTIFYs about them.
    pub refers: bool,
    /// The answer when we are full (RFC 3261 §21.5.4: a 503 may stop a whole trunk, so it is not that).
    pub full_code: u16,
}

impl EndpointConfig {
    /// With the usual bounds.
    pub fn new(id: EndpointId, local: SocketAddr, product: &str, chance: Chance) -> Self {
        EndpointConfig {
            id,
            local,
            secure: SocketAddr::new(local.ip(), Transport::Tls.usual_port()),
            product: product.to_owned(),
            chance,
            dialogs_max: 20_000,
            transactions_max: 100_000,
            refers: false,
            full_code: 486,
        }
    }

    fn address(&self, transport: Transport) -> SocketAddr {
        if transport == Transport::Tls { self.secure } else { self.local }
    }
}

/// One owner's transactions and dialogs.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub(crate) config: EndpointConfig,
    pub(crate) counters: Counters,
    pub(crate) dialogs: BTreeMap<DialogId, Box<Dialog>>,
    pub(crate) transactions: BTreeMap<u64, Box<Transaction>>,
    by_tag: BTreeMap<String, DialogId>,
    by_key: BTreeMap<String, u64>,
    merged: BTreeMap<String, u64>,
    timers: BTreeSet<(Instant, Timed)>,
    due: BTreeMap<Timed, Instant>,
    pub(crate) changed: BTreeSet<RecordKey>,
    pub(crate) out: VecDeque<Output>,
}

/// What an endpoint counts and draws from: a record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Counters {
    pub chance: Chance,
    pub next: u64,
}

/// What a timer is of. Transactions first: at the same moment a machine gives up before its dialog does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Timed {
    Transaction(u64),
    Dialog(DialogId),
}

/// The counters' record. Its owner's own counters have other numbers.
pub(crate) const COUNTERS: RecordKey = RecordKey { kind: RecordKind::Counters, id: 0 };

/// What we do not refuse (RFC 3261 §20.5).
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, REFER";
/// What our own bodies are.
pub(crate) const SDP: &str = "application/sdp";
/// How often a request of a dialog may be passed on (RFC 3261 §8.1.1.6).
const FORWARDS: u8 = 70;
/// The extension that we know (RFC 3261 §20.37).
pub(crate) const SUPPORTED: &str = "timer";

impl Endpoint {
    /// One that knows nobody yet.
    pub fn new(config: EndpointConfig) -> Self {
        let counters = Counters { chance: config.chance.clone(), next: 1 };
        Endpoint {
            config,
            counters,
            dialogs: BTreeMap::new(),
            transactions: BTreeMap::new(),
            by_tag: BTreeMap::new(),
            by_key: BTreeMap::new(),
            merged: BTreeMap::new(),
            timers: BTreeSet::new(),
            due: BTreeMap::new(),
            changed: BTreeSet::from([COUNTERS]),
            out: VecDeque::new(),
        }
    }

    /// A datagram, or one message of a stream, came from there.
    pub fn handle_datagram(&mut self, now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) {
        self.guarded(None, |e| e.read(now, flow, from, bytes, Admits::Calls));
    }

    /// The same from somebody who may start no call: his INVITE gets one 403, which leaves nothing behind and is never repeated by
    /// us, so that no spoofed source is sent more than it sent.
    pub fn handle_stranger(&mut self, now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8]) {
        self.guarded(None, |e| e.read(now, flow, from, bytes, Admits::NoCalls));
    }

    /// The same while there is no room for another call: an INVITE gets this answer before a transaction is opened for it, so that a
    /// flood above the limit costs time and no memory. What is within a dialog, or of an INVITE that was taken, goes its way.
    pub fn handle_without_room(
        &mut self,
        now: Instant,
        flow: FlowId,
        from: SocketAddr,
        bytes: &[u8],
        code: u16,
        retry_after: Option<u32>,
    ) {
        assert!((400..700).contains(&code), "{code} is no refusal");
        self.guarded(None, |e| e.read(now, flow, from, bytes, Admits::NoRoom { code, retry_after }));
    }

    fn read(&mut self, now: Instant, flow: FlowId, from: SocketAddr, bytes: &[u8], admits: Admits) {
        match Message::parse(bytes) {
            Err(Unreadable::KeepAlive) => {}
            Err(Unreadable::NotSip | Unreadable::BadStatus | Unreadable::TooManyHeaders | Unreadable::TooLong) => {
                self.malformed(Malformed::Unreadable);
            }
            Ok(message) => match message.start() {
                Start::Request { .. } => self.on_request(now, flow, from, &message, admits),
                Start::Response { code, .. } => self.on_response(now, code, &message),
            },
        }
    }

    /// Time has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, what)) = self.timers.first()
            && at <= now
        {
            self.guarded(Some(what), |e| {
                match what {
                    Timed::Transaction(id) => e.transaction_timeout(now, id),
                    Timed::Dialog(id) => e.dialog_timeout(now, id),
                }
                assert!(!e.timers.contains(&(at, what)), "{what:?} did not use its time {at:?}");
            });
        }
    }

    /// Nothing can be sent there, or the connection is gone: whoever waits for an answer from there is told 503 (RFC 3261 §8.1.3.1,
    /// §18.4). Dialogs stay; over a stream, what they send next opens another.
    pub fn handle_unreachable(&mut self, now: Instant, flow: FlowId, to: SocketAddr) {
        let one = flow.number() != 0;
        let of = |t: &Transaction| (one && t.flow == flow) || (t.flow.transport() == flow.transport() && t.to == to);
        let waiting = |t: &Transaction| of(t) && t.machine.waits_for_final();
        let ids: Vec<u64> = self.transactions.iter().filter(|(_, t)| waiting(t)).map(|(id, _)| *id).collect();
        for id in ids {
            let transaction = self.transactions.get_mut(&id).expect("just listed");
            transaction.machine.terminate();
            let owner = transaction.owner.clone();
            self.settle_transaction(id);
            self.client_failed(now, id, owner, 503);
        }
    }

    /// When it wants `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// What to do next. Call until `None`.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// How many dialogs there are, those that only wait for the end of their BYE included.
    pub fn dialogs(&self) -> usize {
        self.dialogs.len()
    }

    /// How many transactions there are.
    pub fn transactions(&self) -> usize {
        self.transactions.len()
    }

    // ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn transaction_timeout(&mut self, now: Instant, id: u64) {
        let transaction = self.transactions.get_mut(&id).expect("a timer of a transaction that is there");
        let act = transaction.timeout(now);
        let owner = transaction.owner.clone();
        match act {
            Act::Send => self.send_again(id),
            Act::TimedOut if matches!(transaction.machine, Machine::ClientInvite(_) | Machine::ClientOther(_)) => {
                self.settle_transaction(id);
                return self.client_failed(now, id, owner, 408);
            }
            // A final response that is never acknowledged concerns nobody: its dialog never was.
            Act::TimedOut | Act::Nothing | Act::Pass | Act::AckAndPass => {}
        }
        self.settle_transaction(id);
    }

    /// Several things of one dialog may be due, since the clock's owner may be late: all are done.
    fn dialog_timeout(&mut self, now: Instant, id: DialogId) {
        let mut dialog = self.dialogs.remove(&id).expect("a timer of a dialog that is there");
        let confirmed = matches!(dialog.stage, Stage::Confirmed(_));
        if confirmed && dialog.session.as_ref().is_some_and(|s| s.is_over(now)) {
            return self.nobody_there(now, dialog);
        }
        if confirmed && dialog.session.as_mut().is_some_and(|s| s.is_due(now)) {
            self.tell(Event::RefreshDue { dialog: id });
        }
        match &mut dialog.stage {
            Stage::Dialling(Dialling { cancel: Cancel::Sent { give_up_at }, .. }) if *give_up_at <= now => {
                return self.no_answer_will_come(dialog);
            }
            Stage::Confirmed(Confirmed { unacked: Some(unacked), .. }) if unacked.give_up_at <= now => {
                return self.never_acked(now, dialog);
            }
            Stage::Confirmed(Confirmed { outgoing: Outgoing::Sent { transaction, give_up_at, .. }, .. })
                if *give_up_at <= now =>
            {
                let transaction = *transaction;
                return self.reinvite_unanswered(now, dialog, transaction);
            }
            Stage::Confirmed(confirmed) => {
                if let Some(unacked) = confirmed.unacked.as_mut().filter(|u| u.resend_at <= now) {
                    unacked.interval = twice_up_to_t2(unacked.interval);
                    unacked.resend_at = now + unacked.interval;
                    self.out.push_back(Output::Send {
                        flow: unacked.flow,
                        to: unacked.to,
                        bytes: unacked.bytes.clone(),
                    });
                }
                if let Outgoing::Glare { at, sdp, glares } = &confirmed.outgoing
                    && *at <= now
                {
                    let (sdp, glares) = (sdp.clone(), *glares);
                    self.after_glare(now, &mut dialog, sdp, glares);
                }
            }
            Stage::Ringing { .. } | Stage::Dialling(_) | Stage::Leaving { .. } => {}
        }
        self.keep_dialog(dialog);
    }

    // ── transactions ─────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A request of ours leaves.
    pub(crate) fn start_client(&mut self, client: NewClient) -> u64 {
        let id = self.fresh();
        let NewClient { machine, branch, method, flow, to, bytes, owner } = client;
        let key = client_key(&branch, method);
        self.out.push_back(Output::Send { flow, to, bytes: bytes.clone() });
        let transaction =
            Transaction { machine, key, merge_key: None, flow, to, last: bytes, acks: vec![], reply: None, owner };
        self.add_transaction(id, transaction);
        id
    }

    pub(crate) fn add_transaction(&mut self, id: u64, transaction: Transaction) {
        self.index_transaction(id, &transaction);
        self.transactions.insert(id, Box::new(transaction));
        self.settle_transaction(id);
    }

    pub(crate) fn index_transaction(&mut self, id: u64, transaction: &Transaction) {
        self.by_key.insert(transaction.key.clone(), id);
        if let Some(key) = &transaction.merge_key {
            self.merged.insert(key.clone(), id);
        }
    }

    /// Brings timer, look-ups and record in step with the machine; forgets it when it is over.
    pub(crate) fn settle_transaction(&mut self, id: u64) {
        self.changed.insert(transaction_key(id));
        let Some(transaction) = self.transactions.get(&id) else { return };
        let deadline = transaction.machine.deadline();
        if transaction.machine.is_over() {
            let transaction = self.transactions.remove(&id).expect("just read");
            self.by_key.remove(&transaction.key);
            if let Some(key) = &transaction.merge_key {
                self.merged.remove(key);
            }
        }
        self.set_timer(Timed::Transaction(id), deadline);
    }

    pub(crate) fn find_transaction(&self, key: &str) -> Option<u64> {
        self.by_key.get(key).copied()
    }
    pub(crate) fn is_merged(&self, key: &str) -> bool {
        self.merged.contains_key(key)
    }

    /// Its last message leaves again, if there is one yet.
    pub(crate) fn send_again(&mut self, id: u64) {
        let Some(t) = self.transactions.get(&id) else { return };
        // A client that is done repeats its ACK, not its request.
        let bytes = match (&t.machine, t.acks.first()) {
            (Machine::ClientInvite(m), Some(ack)) if !m.is_calling() => ack.bytes.clone(),
            _ => t.last.clone(),
        };
        if !bytes.is_empty() {
            self.out.push_back(Output::Send { flow: t.flow, to: t.to, bytes });
        }
    }

    // ── dialogs ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Puts a dialog (back) in its place.
    pub(crate) fn keep_dialog(&mut self, dialog: Box<Dialog>) {
        let id = dialog.id;
        self.changed.insert(dialog_key(id));
        self.set_timer(Timed::Dialog(id), dialog.deadline());
        if !self.by_tag.contains_key(&dialog.local_tag) {
            self.by_tag.insert(dialog.local_tag.clone(), id);
        }
        self.dialogs.insert(id, dialog);
    }

    /// It is over; it must have been taken out.
    pub(crate) fn forget_dialog(&mut self, dialog: &Dialog) {
        assert!(!self.dialogs.contains_key(&dialog.id), "{:?} is forgotten while it is kept", dialog.id);
        self.changed.insert(dialog_key(dialog.id));
        self.by_tag.remove(&dialog.local_tag);
        self.set_timer(Timed::Dialog(dialog.id), None);
    }

    /// The dialog that a request with our tag in To is of.
    pub(crate) fn dialog_of(&self, message: &Message<'_>) -> Option<DialogId> {
        let id = self.by_tag.get(message.to()?.tag()?)?;
        self.dialogs[id].is_of(message).then_some(*id)
    }

    /// Takes every look-up away that leads to nothing, and says whose dialog it was. Only after a fault.
    pub(crate) fn forget_the_lost(&mut self) -> BTreeSet<DialogId> {
        let lost = self.by_tag.values().filter(|id| !self.dialogs.contains_key(id)).copied().collect();
        self.by_tag.retain(|_, id| self.dialogs.contains_key(id));
        self.by_key.retain(|_, id| self.transactions.contains_key(id));
        self.merged.retain(|_, id| self.transactions.contains_key(id));
        lost
    }

    // ── messages of ours ─────────────────────────────────────────────────────────────────────────────────────────────────

    /// A request inside a dialog, and the branch it has.
    pub(crate) fn write_within(&mut self, dialog: &Dialog, within: Within<'_>) -> (String, Bytes) {
        let branch = self.new_branch(dialog.flow);
        let (uri, routes) = dialog.way();
        let forwards = match &dialog.stage {
            Stage::Dialling(dialling) => dialling.invite.terms.max_forwards,
            Stage::Ringing { .. } | Stage::Confirmed(_) | Stage::Leaving { .. } => FORWARDS,
        };
        let mut w = Writer::request(within.method, &uri);
        w.header(Name::Via, &self.via(dialog.flow, &branch))
            .header(Name::MaxForwards, &forwards.to_string())
            .header(Name::From, &dialog.local_with_tag())
            .header(Name::To, &dialog.remote_with_tag())
            .header(Name::CallId, &dialog.call_id)
            .header(Name::CSeq, &format!("{} {}", within.cseq, within.method));
        for route in &routes {
            w.header(Name::Route, route);
        }
        if within.method == "INVITE" {
            w.header(Name::Contact, &self.contact(dialog.flow)).header(Name::Allow, ALLOW);
        }
        for (name, value) in within.headers {
            w.named(name, value);
        }
        w.header(Name::UserAgent, &self.config.product);
        (branch, w.finish(within.content, within.body))
    }

    /// `alias`: whoever is called over TLS may call back by the same connection (RFC 5923 §6).
    pub(crate) fn via(&self, flow: FlowId, branch: &str) -> String {
        let (transport, alias) = (flow.transport(), if flow.transport() == Transport::Tls { ";alias" } else { "" });
        format!("SIP/2.0/{} {};rport{alias};branch={branch}", transport.in_via(), self.config.address(transport))
    }
    pub(crate) fn contact(&self, flow: FlowId) -> String {
        let address = self.config.address(flow.transport());
        match flow.transport() {
            Transport::Udp => format!("<sip:{address}>"),
            stream => format!("<sip:{address};transport={}>", stream.word()),
        }
    }
    /// The host in URIs of ours.
    pub(crate) fn host(&self) -> String {
        match self.config.local.ip() {
            std::net::IpAddr::V4(v4) => v4.to_string(),
            std::net::IpAddr::V6(v6) => format!("[{v6}]"),
        }
    }

    // ── numbers and chance ───────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn fresh(&mut self) -> u64 {
        self.changed.insert(COUNTERS);
        self.counters.next += 1;
        self.counters.next - 1
    }
    pub(crate) fn chance(&mut self) -> &mut Chance {
        self.changed.insert(COUNTERS);
        &mut self.counters.chance
    }
    pub(crate) fn new_branch(&mut self, flow: FlowId) -> String {
        let id = self.config.id;
        owner::branch(id, flow, self.chance())
    }
    pub(crate) fn new_tag(&mut self, flow: FlowId) -> String {
        let id = self.config.id;
        owner::tag(id, flow, self.chance())
    }

    // ── out ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn send(&mut self, flow: FlowId, to: SocketAddr, bytes: Bytes) {
        self.out.push_back(Output::Send { flow, to, bytes });
    }
    pub(crate) fn tell(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }
    pub(crate) fn malformed(&mut self, kind: Malformed) {
        self.tell(Event::Malformed { kind });
    }

    pub(crate) fn set_timer(&mut self, what: Timed, at: Option<Instant>) {
        if let Some(before) = self.due.remove(&what) {
            self.timers.remove(&(before, what));
        }
        if let Some(at) = at {
            self.timers.insert((at, what));
            self.due.insert(what, at);
        }
    }

    #[cfg(test)]
    pub(crate) fn first_timer(&self) -> Option<(Instant, Timed)> {
        self.timers.first().copied()
    }
}

/// What becomes of an INVITE that begins a dialog.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Admits {
    /// It is a call.
    Calls,
    /// Its sender may start none.
    NoCalls,
    /// There is no room for it.
    NoRoom { code: u16, retry_after: Option<u32> },
}

/// A request of ours that is about to leave.
pub(crate) struct NewClient {
    pub machine: Machine,
    pub branch: String,
    pub method: &'static str,
    pub flow: FlowId,
    pub to: SocketAddr,
    pub bytes: Bytes,
    pub owner: Owner,
}

/// A request inside a dialog that is about to be written.
pub(crate) struct Within<'a> {
    pub method: &'static str,
    pub cseq: u32,
    pub headers: &'a [(String, String)],
    /// Of the body.
    pub content: &'a str,
    pub body: &'a [u8],
}

pub(crate) fn dialog_key(id: DialogId) -> RecordKey {
    RecordKey { kind: RecordKind::Dialog, id: id.0 }
}
pub(crate) fn transaction_key(id: u64) -> RecordKey {
    RecordKey { kind: RecordKind::Transaction, id }
}
