//! Requests that come in, and the owner's answers to INVITE (RFC 3261 §8.2, §13.3, §9.2).
//!
//! ```text
//!   ACK ───────────────► its INVITE transaction, or the dialog
//!   unreadable parts ──► 400 416 501 505      ┐
//!   seen before ───────► its transaction      │ refusals leave nothing behind here: they are made
//!   CANCEL ────────────► 200, 487 · 481       │ from the request alone, with the same tag each time
//!   Require ───────────► 420                  │
//!   our tag in To ─────► within               │
//!   INVITE ────────────► 403 482 483 406 415 422 full ┘─► 100, Event::Invite
//!   OPTIONS ───────────► 200        REGISTER ──► Event::Request        others ──► 405 · 481
//! ```
use crate::dialog::{Confirmed, Dialog, Incoming, Stage, Unacked};
use crate::endpoint::{ALLOW, Admits, Endpoint, SUPPORTED};
use crate::event::{DialogId, Event, Gone, InviteFacts, Malformed, Request, RequestId};
use crate::facts;
use crate::reliable;
use crate::reply::Reply;
use crate::session_timer::{self, Agreed, Asked, SESSION_S_MIN, SessionTimer};
use crate::transaction::{
    Act, Machine, Owner, ServerInput, ServerInvite, ServerOther, Transaction, merge_key, server_key,
};
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};
use switchboard_wire::sip::{Message, Method, Name, check_request};

impl Endpoint {
    pub(crate) fn on_request(
        &mut self,
        now: Instant,
        flow: FlowId,
        from: SocketAddr,
        message: &Message<'_>,
        admits: Admits,
    ) {
        if message.method() == Some(Method::Ack) {
            return self.on_ack(now, message);
        }
        let Some(reply) = Reply::new(message, from, flow) else {
            return self.malformed(Malformed::Unanswerable);
        };
        if let Err(refusal) = check_request(message) {
            return self.refuse(&reply, refusal.code, Some(&refusal.why.to_string()), &[]);
        }
        let method = message.method().expect("a request that was looked over has a method");
        let Some(key) = server_key(message, switchboard_wire::sip::method_name(method)) else {
            return self.malformed(Malformed::Unanswerable);
        };
        if let Some(id) = self.find_transaction(&key) {
            let transaction = self.transactions.get_mut(&id).expect("a look-up leads to a transaction");
            if transaction.server(now, ServerInput::Request) == Act::Send {
                self.send_again(id);
            }
            return self.settle_transaction(id);
        }
        if method == Method::Cancel {
            return self.on_cancel(now, &reply, message);
        }
        let known = |option: &str| [SUPPORTED, reliable::OPTION].iter().any(|o| option.trim().eq_ignore_ascii_case(o));
        let required: Vec<&str> = message.list(Name::Require).filter(|r| !known(r)).collect();
        if !required.is_empty() {
            return self.refuse(&reply, 420, None, &[(Name::Unsupported, &required.join(", "))]);
        }
        if message.to().is_some_and(|to| to.tag().is_some()) {
            return self.on_within(now, key, reply, method, message, from);
        }
        match method {
            Method::Invite => match admits {
                Admits::Calls => self.on_invite(now, key, reply, message, from),
                Admits::NoCalls => self.refuse(&reply, 403, None, &[]),
                Admits::NoRoom { code, retry_after } => self.no_room(&reply, code, retry_after),
            },
            Method::Options => self.on_options(&reply),
            Method::Register => self.on_outside(now, key, reply, message, from),
            Method::Bye | Method::Info | Method::PRack => self.refuse(&reply, 481, None, &[]),
            Method::Ack
            | Method::Cancel
            | Method::Message
            | Method::Notify
            | Method::Publish
            | Method::Refer
            | Method::Subscribe
            | Method::Update => self.refuse(&reply, 405, None, &[(Name::Allow, ALLOW)]),
        }
    }

    /// A refusal that is counted and leaves nothing behind (RFC 3261 §8.2.7).
    pub(crate) fn refuse(&mut self, reply: &Reply, code: u16, phrase: Option<&str>, headers: &[(Name, &str)]) {
        self.reply_only(reply, code, phrase, headers);
        self.malformed(Malformed::Refused(code));
    }

    /// An answer that leaves nothing behind.
    pub(crate) fn reply_only(&mut self, reply: &Reply, code: u16, phrase: Option<&str>, headers: &[(Name, &str)]) {
        let bytes = reply.stateless(self.config.id, code, phrase, &self.config.product, headers);
        self.send(reply.flow, reply.address, bytes);
    }

    /// RFC 3261 §11.2.
    pub(crate) fn on_options(&mut self, reply: &Reply) {
        let headers = [(Name::Allow, ALLOW), (Name::Accept, "application/sdp"), (Name::Supported, SUPPORTED)];
        self.reply_only(reply, 200, None, &headers);
    }

    fn on_outside(&mut self, now: Instant, key: String, reply: Reply, message: &Message<'_>, from: SocketAddr) {
        if self.transactions.len() >= self.config.transactions_max {
            return self.full(&reply);
        }
        let id = self.fresh();
        let request = Request::read(RequestId(id), message, from, reply.flow);
        let machine = Machine::ServerOther(ServerOther::new(now));
        self.add_transaction(id, server(machine, key, None, reply, Owner::Nobody));
        self.tell(Event::Request(Box::new(request)));
    }

    /// RFC 4028 §6.
    pub(crate) fn interval_too_short(&mut self, reply: &Reply) {
        self.refuse(reply, 422, None, &[(Name::MinSe, &SESSION_S_MIN.to_string())]);
    }

    fn no_room(&mut self, reply: &Reply, code: u16, retry_after: Option<u32>) {
        let seconds = retry_after.map(|s| s.to_string());
        let headers: Vec<(Name, &str)> = seconds.iter().map(|s| (Name::RetryAfter, s.as_str())).collect();
        self.reply_only(reply, code, None, &headers);
        self.malformed(Malformed::Full);
    }

    fn full(&mut self, reply: &Reply) {
        self.reply_only(reply, self.config.full_code, None, &[]);
        self.malformed(Malformed::Full);
    }

    fn on_invite(&mut self, now: Instant, key: String, reply: Reply, message: &Message<'_>, from: SocketAddr) {
        let merge_key = merge_key(message);
        if merge_key.as_ref().is_some_and(|key| self.is_merged(key)) {
            return self.refuse(&reply, 482, None, &[]);
        }
        if message.number(Name::MaxForwards) == Some(0) {
            return self.refuse(&reply, 483, None, &[]);
        }
        let Ok(offer) = facts::sdp(message) else {
            return self.refuse(&reply, 415, None, &[(Name::Accept, "application/sdp")]);
        };
        if !facts::accepts_sdp(message) {
            return self.refuse(&reply, 406, None, &[]);
        }
        let session = match session_timer::asked(message) {
            Asked::TooShort => return self.interval_too_short(&reply),
            Asked::Nothing => None,
            Asked::Timer(agreed) => Some(SessionTimer::start(now, agreed)),
        };
        if self.dialogs.len() >= self.config.dialogs_max || self.transactions.len() >= self.config.transactions_max {
            return self.full(&reply);
        }
        let (transaction, id) = (self.fresh(), DialogId(self.fresh()));
        let flow = reply.flow;
        let tag = self.new_tag(flow);
        let mut dialog = Box::new(Dialog::called(id, message, from, flow, tag, transaction));
        dialog.session = session;
        let trying = reply.start(100, None, "").finish("", b"");
        let machine = Machine::ServerInvite(ServerInvite::new());
        self.add_transaction(transaction, server(machine, key, merge_key, reply, Owner::Dialog(id)));
        self.respond_on(now, transaction, 100, trying);
        self.keep_dialog(dialog);
        self.tell(Event::Invite { dialog: id, flow, source: from, facts: Box::new(InviteFacts::read(message)), offer });
    }

    fn on_cancel(&mut self, now: Instant, reply: &Reply, message: &Message<'_>) {
        let invite = server_key(message, "INVITE").and_then(|key| self.find_transaction(&key));
        let Some(transaction) = invite else { return self.refuse(reply, 481, None, &[]) };
        let owner = self.transactions[&transaction].owner.clone();
        let dialog = match owner {
            Owner::Dialog(id) => self.dialogs.remove(&id),
            Owner::Outside(_) | Owner::Nobody => None,
        };
        let Some(mut dialog) = dialog else {
            // Too late: the INVITE has had its final answer (RFC 3261 §9.2).
            return self.reply_only(reply, 200, None, &[]);
        };
        // RFC 3261 §9.2: the same tag as in the answer to the INVITE.
        let mut w = reply.start(200, None, &dialog.local_tag);
        w.header(Name::Server, &self.config.product);
        self.send(reply.flow, reply.address, w.finish("", b""));
        match &mut dialog.stage {
            Stage::Ringing { transaction: ringing, .. } if *ringing == transaction => {
                self.final_refusal(now, transaction, &dialog.local_tag, 487, &[]);
                self.forget_dialog(&dialog);
                self.tell(Event::Cancelled { dialog: dialog.id });
            }
            Stage::Confirmed(c) if c.incoming.as_ref().is_some_and(|i| i.transaction == transaction) => {
                c.incoming = None;
                self.final_refusal(now, transaction, &dialog.local_tag, 487, &[]);
                self.try_queued(now, &mut dialog);
                self.keep_dialog(dialog);
            }
            Stage::Ringing { .. } | Stage::Dialling(_) | Stage::Confirmed(_) | Stage::Leaving { .. } => {
                self.keep_dialog(dialog)
            }
        }
    }

    fn on_ack(&mut self, now: Instant, message: &Message<'_>) {
        let transaction = server_key(message, "INVITE").and_then(|key| self.find_transaction(&key));
        if let Some(id) = transaction {
            let act =
                self.transactions.get_mut(&id).expect("a look-up leads to a transaction").server(now, ServerInput::Ack);
            self.settle_transaction(id);
            if act != Act::Pass {
                return;
            }
        }
        // An ACK that belongs to nothing answers a refusal that was forgotten, or comes again: it is absorbed.
        let Some(mut dialog) = self.dialog_of(message).and_then(|id| self.dialogs.remove(&id)) else { return };
        let cseq = message.cseq().map(|(n, _)| n);
        if let Stage::Confirmed(c) = &mut dialog.stage
            && let Some(unacked) = c.unacked.take_if(|u| Some(u.cseq) == cseq)
        {
            let sdp = if unacked.delayed { facts::sdp(message).ok().flatten() } else { None };
            let bye = c.bye_after_ack.take();
            self.tell(Event::Confirmed { dialog: dialog.id, sdp });
            match bye {
                Some(reason) => self.leave(now, &mut dialog, reason, false),
                None => self.try_queued(now, &mut dialog),
            }
        }
        self.keep_dialog(dialog);
    }

    // ── the owner's answers ──────────────────────────────────────────────────────────────────────────────────────────────

    /// 101 to 199 to an INVITE that rings: 180, or 183 with early media. Not sent to who would have to acknowledge it.
    pub fn progress(&mut self, now: Instant, dialog: DialogId, code: u16, sdp: Option<Bytes>) {
        assert!((101..200).contains(&code), "{code} is no provisional response of an owner");
        let Some(d) = self.dialogs.get(&dialog) else { return };
        let Stage::Ringing { transaction, silent: false, .. } = d.stage else { return };
        let tag = d.local_tag.clone();
        let bytes = self.establishing(transaction, code, &tag, None, &sdp.unwrap_or_default());
        self.respond_on(now, transaction, code, bytes);
    }

    /// 200 to an INVITE or re-INVITE, sent again until its ACK comes.
    pub fn answer(&mut self, now: Instant, dialog: DialogId, sdp: Bytes) -> Result<(), Gone> {
        let mut d = self.dialogs.remove(&dialog).ok_or(Gone)?;
        let (transaction, offered, update) = match &mut d.stage {
            Stage::Ringing { transaction, offered, .. } => {
                let waiting = (*transaction, *offered, false);
                d.stage = Stage::Confirmed(Confirmed::default());
                waiting
            }
            Stage::Confirmed(Confirmed { incoming: incoming @ Some(_), .. }) => {
                let incoming = incoming.take().expect("just matched");
                d.session = incoming.session.map(|agreed| SessionTimer::start(now, agreed));
                (incoming.transaction, incoming.offered, incoming.update)
            }
            Stage::Confirmed(_) | Stage::Dialling(_) | Stage::Leaving { .. } => {
                self.keep_dialog(d);
                return Err(Gone);
            }
        };
        // An UPDATE, or a re-INVITE, that was not answered in 64·T1 is nobody's question any more.
        if self.transactions.get(&transaction).is_none_or(|t| t.reply.is_none()) {
            self.keep_dialog(d);
            return Err(Gone);
        }
        d.session = d.session.map(|s| SessionTimer::start(now, s.agreed));
        let agreed = d.session.as_ref().map(|s| &s.agreed);
        let bytes = self.establishing(transaction, 200, &d.local_tag, agreed, &sdp);
        let (to, flow) = (self.transactions[&transaction].to, self.transactions[&transaction].flow);
        self.respond_on(now, transaction, 200, bytes.clone());
        if update {
            self.try_queued(now, &mut d);
            self.keep_dialog(d);
            return Ok(());
        }
        let cseq = d.remote_cseq.expect("who was sent an INVITE has seen a CSeq");
        let Stage::Confirmed(c) = &mut d.stage else { unreachable!("just confirmed") };
        c.unacked = Some(Unacked::new(now, cseq, bytes, to, flow, !offered));
        self.keep_dialog(d);
        Ok(())
    }

    /// A final refusal of an INVITE (the dialog is gone) or of a re-INVITE (the session goes on as it was).
    pub fn reject(&mut self, now: Instant, dialog: DialogId, code: u16, headers: &[(&str, String)]) {
        assert!((300..700).contains(&code), "{code} is no refusal");
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        match &mut d.stage {
            Stage::Ringing { transaction, .. } => {
                let transaction = *transaction;
                self.final_refusal(now, transaction, &d.local_tag, code, headers);
                self.forget_dialog(&d);
            }
            Stage::Confirmed(c) => {
                if let Some(Incoming { transaction, .. }) = c.incoming.take() {
                    self.final_refusal(now, transaction, &d.local_tag, code, headers);
                    self.try_queued(now, &mut d);
                }
                self.keep_dialog(d);
            }
            Stage::Dialling(_) | Stage::Leaving { .. } => self.keep_dialog(d),
        }
    }

    pub(crate) fn final_refusal(
        &mut self,
        now: Instant,
        transaction: u64,
        tag: &str,
        code: u16,
        headers: &[(&str, String)],
    ) {
        let Some(reply) = self.transactions.get(&transaction).and_then(|t| t.reply.as_ref()) else { return };
        let mut w = reply.start(code, None, tag);
        for (name, value) in headers {
            w.named(name, value);
        }
        w.header(Name::Server, &self.config.product);
        self.respond_on(now, transaction, code, w.finish("", b""));
    }

    /// A response that makes a dialog: with Record-Route and Contact (RFC 3261 §12.1.1).
    fn establishing(&self, transaction: u64, code: u16, tag: &str, session: Option<&Agreed>, sdp: &[u8]) -> Bytes {
        let reply = self.transactions[&transaction].reply.as_ref().expect("a server's transaction can be answered");
        let mut w = reply.start(code, None, tag);
        w.lines(reply.routes()).header(Name::Contact, &self.contact(reply.flow)).header(Name::Allow, ALLOW);
        for (name, value) in session.map(Agreed::in_answer).unwrap_or_default() {
            w.header(name, &value);
        }
        w.header(Name::Server, &self.config.product);
        w.finish("application/sdp", sdp)
    }

    /// The machine decides whether it is still time for this response.
    pub(crate) fn respond_on(&mut self, now: Instant, id: u64, code: u16, bytes: Bytes) {
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        if transaction.server(now, ServerInput::Respond(code)) == Act::Send {
            transaction.last = bytes;
            self.send_again(id);
            self.forget_what_was_answered(id, code);
        }
        self.settle_transaction(id);
    }

    /// After the final answer there is nothing left to be written; and a 2xx to an INVITE is the dialog's to repeat. What waits for an
    /// ACK that never comes should be small.
    fn forget_what_was_answered(&mut self, id: u64, code: u16) {
        let Some(transaction) = self.transactions.get_mut(&id).filter(|_| code >= 200) else { return };
        transaction.reply = None;
        if matches!(transaction.machine, Machine::ServerInvite(_)) && code < 300 {
            transaction.last = Bytes::new();
        }
    }
}

pub(crate) fn server(
    machine: Machine,
    key: String,
    merge_key: Option<String>,
    reply: Reply,
    owner: Owner,
) -> Transaction {
    let (flow, to) = (reply.flow, reply.address);
    Transaction { machine, key, merge_key, flow, to, last: Bytes::new(), acks: vec![], reply: Some(reply), owner }
}
