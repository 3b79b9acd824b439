//! Inside a dialog: re-INVITE both ways, BYE both ways, and what else may come (RFC 3261 §12.2, §14, §15).
//!
//! ```text
//!   their re-INVITE    ours pending ─► 491     theirs pending ─► 500     else Event::Reoffer
//!   our re-INVITE      200 ─► ACK, ReofferAnswered       491 ─► wait (§14.1), again       408 481 ─► BYE, Ended
//! ```
use crate::dialog::{Confirmed, Dialog, Incoming, Outgoing, Role, Stage};
use crate::endpoint::{ALLOW, Endpoint, NewClient, SDP, Within};
use crate::event::{DialogId, EndedWhy, Event, Malformed};
use crate::facts;
use crate::reply::Reply;
use crate::session_timer::{self, Agreed, Asked, SessionTimer};
use crate::timers::GIVE_UP;
use crate::transaction::{ClientInvite, ClientOther, Machine, Owner, ServerInvite, ServerOther};
use crate::uas::server;
use bytes::Bytes;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_wire::sip::{Message, Method, Name, unfold};

/// After this many 491 in a row the re-INVITE is given up.
const GLARES_MAX: u8 = 5;

impl Endpoint {
    pub(crate) fn on_within(
        &mut self,
        now: Instant,
        key: String,
        reply: Reply,
        method: Method,
        message: &Message<'_>,
        from: SocketAddr,
    ) {
        let Some(id) = self.dialog_of(message) else {
            return self.refuse(&reply, 481, None, &[]);
        };
        let mut dialog = self.dialogs.remove(&id).expect("a look-up leads to a dialog");
        // RFC 3261 §12.2.2: what is older than what we have seen came out of order.
        let cseq = message.cseq().map_or(0, |(n, _)| n);
        if dialog.remote_cseq.is_some_and(|seen| cseq < seen) {
            self.refuse(&reply, 500, Some("CSeq Out Of Order"), &[]);
            return self.keep_dialog(dialog);
        }
        if dialog.behind_nat {
            dialog.peer = from;
        }
        // They have made a new connection; the old one may be gone.
        if reply.flow.is_reliable() {
            (dialog.flow, dialog.peer) = (reply.flow, from);
        }
        match method {
            Method::Invite => self.on_reinvite(key, reply, message, cseq, &mut dialog),
            Method::Update => self.on_update(now, key, reply, message, cseq, &mut dialog),
            Method::Bye => {
                dialog.remote_cseq = Some(cseq);
                return self.on_bye(now, key, reply, message, dialog);
            }
            Method::Options => {
                dialog.remote_cseq = Some(cseq);
                self.on_options(&reply);
            }
            Method::Info => {
                // It leaves nothing behind, so that one that comes again is known by its number alone.
                let is_new = dialog.remote_cseq.is_none_or(|seen| cseq > seen);
                dialog.remote_cseq = Some(cseq);
                self.on_options(&reply);
                let confirmed = matches!(dialog.stage, Stage::Confirmed(_));
                if let Some(digit) = facts::key(message).filter(|_| is_new && confirmed) {
                    self.tell(Event::Key { dialog: id, digit });
                }
            }
            Method::Refer => {
                dialog.remote_cseq = Some(cseq);
                match dialog.is_confirmed() {
                    true => self.on_refer(now, key, reply, message, id),
                    false => self.refuse(&reply, 481, None, &[]),
                }
            }
            Method::Notify => {
                dialog.remote_cseq = Some(cseq);
                self.on_notify(&reply, message, id);
            }
            // RFC 3262 §3: none of ours waits for it.
            Method::PRack => self.refuse(&reply, 481, None, &[]),
            Method::Ack | Method::Cancel | Method::Message | Method::Publish | Method::Register | Method::Subscribe => {
                self.refuse(&reply, 405, None, &[(Name::Allow, ALLOW)])
            }
        }
        self.keep_dialog(dialog);
    }

    fn on_reinvite(&mut self, key: String, reply: Reply, message: &Message<'_>, cseq: u32, dialog: &mut Dialog) {
        let Stage::Confirmed(c) = &mut dialog.stage else {
            let code = if matches!(dialog.stage, Stage::Leaving { .. }) { 481 } else { 500 };
            return self.refuse(&reply, code, None, &[]);
        };
        if matches!(c.outgoing, Outgoing::Sent { .. }) || c.unacked.is_some() {
            return self.reply_only(&reply, 491, None, &[]);
        }
        if c.incoming.is_some() {
            return self.later(&reply);
        }
        let Ok(sdp) = facts::sdp(message) else {
            return self.refuse(&reply, 415, None, &[(Name::Accept, "application/sdp")]);
        };
        let session = match session_timer::asked(message) {
            Asked::TooShort => return self.interval_too_short(&reply),
            Asked::Nothing => None,
            Asked::Timer(agreed) => Some(agreed),
        };
        let id = self.fresh();
        c.incoming = Some(Incoming { transaction: id, offered: sdp.is_some(), update: false, session });
        dialog.remote_cseq = Some(cseq);
        dialog.refresh_target(message);
        // No 100: the answer follows at once, or the INVITE comes again.
        self.add_transaction(
            id,
            server(Machine::ServerInvite(ServerInvite::new()), key, None, reply, Owner::Dialog(dialog.id)),
        );
        self.tell(Event::Reoffer { dialog: dialog.id, sdp });
    }

    /// RFC 3311 §5.2: without an offer it refreshes target and timer; with one it is a re-INVITE that nobody acknowledges.
    fn on_update(
        &mut self,
        now: Instant,
        key: String,
        reply: Reply,
        message: &Message<'_>,
        cseq: u32,
        dialog: &mut Dialog,
    ) {
        let Ok(sdp) = facts::sdp(message) else {
            return self.refuse(&reply, 415, None, &[(Name::Accept, "application/sdp")]);
        };
        let session = match session_timer::asked(message) {
            Asked::TooShort => return self.interval_too_short(&reply),
            Asked::Nothing => None,
            Asked::Timer(agreed) => Some(agreed),
        };
        dialog.remote_cseq = Some(cseq);
        let c = match (&mut dialog.stage, &sdp) {
            (Stage::Leaving { .. }, _) => return self.refuse(&reply, 481, None, &[]),
            (Stage::Confirmed(c), Some(_)) => c,
            // Their own offer waits for our answer, or ours for theirs.
            (Stage::Ringing { .. }, Some(_)) => return self.later(&reply),
            (Stage::Dialling(_), Some(_)) => return self.reply_only(&reply, 491, None, &[]),
            (Stage::Confirmed(_) | Stage::Ringing { .. } | Stage::Dialling(_), None) => {
                dialog.refresh_target(message);
                let mut headers = vec![(Name::Contact, self.contact(dialog.flow)), (Name::Allow, ALLOW.to_owned())];
                headers.extend(session.as_ref().map(Agreed::in_answer).unwrap_or_default());
                let headers: Vec<(Name, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
                self.reply_only(&reply, 200, None, &headers);
                if matches!(dialog.stage, Stage::Confirmed(_)) {
                    dialog.session = session.map(|agreed| SessionTimer::start(now, agreed));
                }
                return;
            }
        };
        if matches!(c.outgoing, Outgoing::Sent { .. }) || c.unacked.as_ref().is_some_and(|u| u.delayed) {
            return self.reply_only(&reply, 491, None, &[]);
        }
        if c.incoming.is_some() {
            return self.later(&reply);
        }
        let id = self.fresh();
        c.incoming = Some(Incoming { transaction: id, offered: true, update: true, session });
        dialog.refresh_target(message);
        let machine = Machine::ServerOther(ServerOther::new(now));
        self.add_transaction(id, server(machine, key, None, reply, Owner::Dialog(dialog.id)));
        self.tell(Event::Reoffer { dialog: dialog.id, sdp });
    }

    /// RFC 3261 §14.2, RFC 3311 §5.2: an offer is still to be answered.
    fn later(&mut self, reply: &Reply) {
        let seconds = self.chance().below(10).to_string();
        self.reply_only(reply, 500, None, &[(Name::RetryAfter, &seconds)]);
    }

    fn on_bye(&mut self, now: Instant, key: String, reply: Reply, message: &Message<'_>, dialog: Box<Dialog>) {
        let id = self.fresh();
        let mut w = reply.start(200, None, &dialog.local_tag);
        w.header(Name::Server, &self.config.product);
        self.add_transaction(id, server(Machine::ServerOther(ServerOther::new(now)), key, None, reply, Owner::Nobody));
        self.respond_on(now, id, 200, w.finish("", b""));
        if matches!(dialog.stage, Stage::Dialling(_)) {
            // Whoever answered, and whose answer we never heard, gives up so (RFC 3261 §13.3.1.4). No other answer will come.
            return self.no_answer_will_come(dialog);
        }
        self.forget_dialog(&dialog);
        let reason = message.get(Name::Reason).map(|r| unfold(r).into_owned());
        match dialog.stage {
            // RFC 3261 §15.1.2: what is still unanswered is answered 487.
            Stage::Ringing { transaction, .. } => {
                self.final_refusal(now, transaction, &dialog.local_tag, 487, &[]);
                self.tell(Event::Cancelled { dialog: dialog.id });
            }
            Stage::Confirmed(c) => {
                if let Some(Incoming { transaction, .. }) = c.incoming {
                    self.final_refusal(now, transaction, &dialog.local_tag, 487, &[]);
                }
                // Whose own BYE waited for the ACK has said all he wanted.
                if c.bye_after_ack.is_none() {
                    self.tell(Event::Ended { dialog: dialog.id, why: EndedWhy::Bye { reason } });
                }
            }
            // Both hung up at once.
            Stage::Leaving { .. } => {}
            Stage::Dialling(_) => unreachable!("dealt with above"),
        }
    }

    // ── re-INVITE ────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Offers another session. Waits while something else of the kind is going on; a newer offer that waits replaces an older one.
    pub fn reinvite(&mut self, now: Instant, dialog: DialogId, sdp: Bytes) {
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        if let Stage::Confirmed(c) = &mut d.stage {
            match &mut c.outgoing {
                Outgoing::None | Outgoing::Queued { .. } => c.outgoing = Outgoing::Queued { sdp },
                Outgoing::Glare { sdp: waiting, .. } => *waiting = sdp,
                // One at a time; the owner hears of its end and can ask again.
                Outgoing::Sent { .. } => {}
            }
            self.try_queued(now, &mut d);
        }
        self.keep_dialog(d);
    }

    /// Sends the re-INVITE that waits, if nothing hinders it any more.
    pub(crate) fn try_queued(&mut self, now: Instant, dialog: &mut Dialog) {
        if let Stage::Confirmed(Confirmed {
            unacked: None,
            incoming: None,
            outgoing: outgoing @ Outgoing::Queued { .. },
            ..
        }) = &mut dialog.stage
        {
            let Outgoing::Queued { sdp } = std::mem::take(outgoing) else { unreachable!("just matched") };
            self.send_reinvite(now, dialog, sdp, 0, 0, vec![]);
        }
    }

    pub(crate) fn send_reinvite(
        &mut self,
        now: Instant,
        dialog: &mut Dialog,
        sdp: Bytes,
        glares: u8,
        tries: u8,
        headers: Vec<(String, String)>,
    ) {
        dialog.local_cseq += 1;
        let timer = dialog.session.as_ref().map(SessionTimer::in_request).unwrap_or_default();
        let headers = [headers, timer].concat();
        let within = Within { method: "INVITE", cseq: dialog.local_cseq, headers: &headers, content: SDP, body: &sdp };
        let (branch, bytes) = self.write_within(dialog, within);
        let transaction = self.start_client(NewClient {
            machine: Machine::ClientInvite(ClientInvite::new(now, true, dialog.flow.is_reliable())),
            branch,
            method: "INVITE",
            flow: dialog.flow,
            to: dialog.next_hop(),
            bytes,
            owner: Owner::Dialog(dialog.id),
        });
        if let Stage::Confirmed(c) = &mut dialog.stage {
            c.outgoing = Outgoing::Sent { transaction, sdp, glares, tries, give_up_at: now + GIVE_UP };
        }
    }

    /// RFC 3261 §14.1: the owner of the Call-ID waits longer, so that the two do not meet again.
    pub(crate) fn on_glare(&mut self, now: Instant, dialog: &mut Dialog, sdp: Bytes, glares: u8) {
        if glares >= GLARES_MAX {
            return self.tell(Event::ReofferRefused { dialog: dialog.id, code: 491 });
        }
        let tens = match dialog.role {
            Role::Caller => 210 + self.chance().below(191),
            Role::Called => self.chance().below(201),
        };
        // Never at this very moment: time must pass between two events of one dialog.
        let at = now + Duration::from_millis((tens * 10).max(10));
        if let Stage::Confirmed(c) = &mut dialog.stage {
            c.outgoing = Outgoing::Glare { at, sdp, glares: glares + 1 };
        }
    }

    pub(crate) fn after_glare(&mut self, now: Instant, dialog: &mut Dialog, sdp: Bytes, glares: u8) {
        match &mut dialog.stage {
            Stage::Confirmed(Confirmed { unacked: None, incoming: None, .. }) => {
                self.send_reinvite(now, dialog, sdp, glares, 0, vec![]);
            }
            // Theirs is still going on; ours follows it.
            Stage::Confirmed(c) => c.outgoing = Outgoing::Queued { sdp },
            Stage::Ringing { .. } | Stage::Dialling(_) | Stage::Leaving { .. } => {}
        }
    }

    // ── BYE ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Hangs up. A dialog of ours whose 200 was not acknowledged waits for the ACK first (RFC 3261 §15); one that is not answered
    /// yet is cancelled or refused. `reason`: a Q.850 cause and a text (RFC 3326).
    pub fn bye(&mut self, now: Instant, dialog: DialogId, reason: Option<(u8, String)>) {
        let reason =
            reason.map(|(cause, text)| format!("Q.850;cause={cause};text=\"{}\"", text.replace(['"', '\\'], "'")));
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        match &mut d.stage {
            Stage::Confirmed(c) if c.unacked.is_some() => {
                c.bye_after_ack = Some(reason);
                self.keep_dialog(d);
            }
            Stage::Confirmed(_) => {
                self.leave(now, &mut d, reason, false);
                self.keep_dialog(d);
            }
            Stage::Dialling(_) => {
                self.keep_dialog(d);
                self.cancel(now, dialog, reason);
            }
            Stage::Ringing { .. } => {
                self.keep_dialog(d);
                let headers: Vec<(&str, String)> = reason.into_iter().map(|r| ("Reason", r)).collect();
                self.reject(now, dialog, 480, &headers);
            }
            Stage::Leaving { .. } => self.keep_dialog(d),
        }
    }

    /// Sends BYE; the dialog stays until it is answered or given up.
    pub(crate) fn leave(&mut self, now: Instant, dialog: &mut Dialog, reason: Option<String>, told: bool) {
        if let Stage::Confirmed(Confirmed { incoming: Some(Incoming { transaction, .. }), .. }) = dialog.stage {
            self.final_refusal(now, transaction, &dialog.local_tag, 487, &[]);
        }
        self.send_bye(now, dialog, reason, told, 0, vec![]);
    }

    pub(crate) fn send_bye(
        &mut self,
        now: Instant,
        dialog: &mut Dialog,
        reason: Option<String>,
        told: bool,
        tries: u8,
        mut headers: Vec<(String, String)>,
    ) {
        dialog.local_cseq += 1;
        headers.extend(reason.iter().map(|r| ("Reason".to_owned(), r.clone())));
        let within = Within { method: "BYE", cseq: dialog.local_cseq, headers: &headers, content: "", body: b"" };
        let (branch, bytes) = self.write_within(dialog, within);
        let transaction = self.start_client(NewClient {
            machine: Machine::ClientOther(ClientOther::new(now, dialog.flow.is_reliable())),
            branch,
            method: "BYE",
            flow: dialog.flow,
            to: dialog.next_hop(),
            bytes,
            owner: Owner::Dialog(dialog.id),
        });
        dialog.stage = Stage::Leaving { transaction, told, tries, reason };
    }

    /// 64·T1 without ACK.
    pub(crate) fn never_acked(&mut self, now: Instant, mut dialog: Box<Dialog>) {
        let Stage::Confirmed(c) = &mut dialog.stage else { unreachable!("only a confirmed dialog waits for an ACK") };
        match c.bye_after_ack.take() {
            Some(reason) => self.leave(now, &mut dialog, reason, true),
            None => {
                self.leave(now, &mut dialog, Some("SIP;cause=408;text=\"ACK missing\"".to_owned()), true);
                self.tell(Event::Ended { dialog: dialog.id, why: EndedWhy::NoAck });
            }
        }
        self.keep_dialog(dialog);
    }

    /// Our re-INVITE was heard, but in 64·T1 not answered.
    pub(crate) fn reinvite_unanswered(&mut self, now: Instant, dialog: Box<Dialog>, transaction: u64) {
        if let Some(t) = self.transactions.get_mut(&transaction) {
            t.machine.terminate();
            self.settle_transaction(transaction);
        }
        self.nobody_there(now, dialog);
    }

    /// A request of ours within the dialog found nobody: it is over (RFC 3261 §12.2.1.2).
    pub(crate) fn nobody_there(&mut self, now: Instant, mut dialog: Box<Dialog>) {
        self.tell(Event::Ended { dialog: dialog.id, why: EndedWhy::NoResponse });
        self.leave(now, &mut dialog, Some("SIP;cause=408".to_owned()), true);
        self.keep_dialog(dialog);
    }

    pub(crate) fn stray_response(&mut self) {
        self.malformed(Malformed::StrayResponse);
    }
}
