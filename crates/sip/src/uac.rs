//! Calls we make, and every response (RFC 3261 §8.1.3, §9.1, §13.2).
//!
//! ```text
//!   INVITE ─► 1xx: Progress          ─► 200: ACK, Answered       ─► 300–699: ACK, Refused
//!          ─► 401 407: ACK, once more with digest (RFC 3261 §22)
//!   cancel ─► waits for a 1xx ─► CANCEL ─► 487: Refused          ─► 200 that crossed: ACK, BYE, LateAnswer
//! ```
//! A 200 of a second branch of a fork is acknowledged and ended with BYE; nobody hears of it.
use crate::dialog::{Cancel, Dialling, Dialog, Outgoing, Stage};
use crate::digest::Challenge;
use crate::endpoint::{Endpoint, NewClient, SDP, Within};
use crate::event::{Credentials, DialogId, Event, Invite, Malformed};
use crate::facts;
use crate::reliable;
use crate::session_timer::{self, SessionTimer};
use crate::timers::GIVE_UP;
use crate::transaction::{Ack, Act, ClientInput, ClientInvite, ClientOther, Machine, Owner, client_key};
use bytes::Bytes;
use switchboard_model::Instant;
use switchboard_wire::sip::{Message, Name, Writer, check_response, phrase, unfold};

/// Branches of one fork that are acknowledged; a proxy that makes more is out of order.
const FORKS_MAX: usize = 8;

impl Endpoint {
    /// Calls somebody.
    pub fn invite(&mut self, now: Instant, invite: Invite) -> DialogId {
        let id = DialogId(self.fresh());
        let tag = self.new_tag(invite.flow);
        let call_id = format!("{}@{}", self.chance().token(24), self.host());
        let host = invite.terms.from_host.clone().unwrap_or_else(|| self.host());
        let local = name_addr(invite.from_display.as_deref(), &invite.from_user, &host);
        let mut dialog = Box::new(Dialog {
            id,
            role: crate::dialog::Role::Caller,
            call_id,
            local_tag: tag,
            remote_tag: None,
            local,
            remote: format!("<{}>", invite.target),
            local_cseq: 0,
            remote_cseq: None,
            target: invite.target.clone(),
            routes: invite.terms.routes.clone(),
            peer: invite.to_addr,
            flow: invite.flow,
            behind_nat: true,
            credentials: invite.credentials.clone(),
            session: None,
            stage: Stage::Dialling(Dialling {
                transaction: 0,
                heard: false,
                cancel: Cancel::No,
                invite: Box::new(invite),
                tries: 0,
                branches: vec![],
            }),
        });
        self.send_invite(now, &mut dialog, None);
        self.keep_dialog(dialog);
        id
    }

    fn send_invite(&mut self, now: Instant, dialog: &mut Dialog, authorization: Option<(String, String)>) {
        let Stage::Dialling(dialling) = &dialog.stage else { unreachable!("only a dialling dialog sends its INVITE") };
        let invite = dialling.invite.clone();
        dialog.local_cseq += 1;
        let mut headers = invite.headers.clone();
        headers.extend(session_timer::wanted(&invite.terms));
        if invite.terms.reliable {
            headers.push((Name::Supported.long().to_owned(), reliable::OPTION.to_owned()));
        }
        headers.extend(authorization);
        let sdp = invite.sdp.clone().unwrap_or_default();
        let within = Within { method: "INVITE", cseq: dialog.local_cseq, headers: &headers, content: SDP, body: &sdp };
        let (branch, bytes) = self.write_within(dialog, within);
        let transaction = self.start_client(NewClient {
            machine: Machine::ClientInvite(ClientInvite::new(now, false, invite.flow.is_reliable())),
            branch,
            method: "INVITE",
            flow: invite.flow,
            to: invite.to_addr,
            bytes,
            owner: Owner::Dialog(dialog.id),
        });
        let Stage::Dialling(dialling) = &mut dialog.stage else { unreachable!("just read") };
        dialling.transaction = transaction;
        dialling.heard = false;
    }

    /// Gives up an INVITE of ours. If no response has come yet, CANCEL waits for one (RFC 3261 §9.1). `reason`: a whole Reason value,
    /// such as `SIP;cause=200;text="Call completed elsewhere"`. If it has been answered already, it is ended with BYE.
    pub fn cancel(&mut self, now: Instant, dialog: DialogId, reason: Option<String>) {
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        match &mut d.stage {
            Stage::Dialling(dialling) if dialling.cancel == Cancel::No => {
                if dialling.heard {
                    self.send_cancel(now, &mut d, reason);
                } else {
                    dialling.cancel = Cancel::Wanted(reason);
                }
                self.keep_dialog(d);
            }
            Stage::Confirmed(_) => {
                self.keep_dialog(d);
                self.bye(now, dialog, None);
            }
            Stage::Dialling(_) | Stage::Ringing { .. } | Stage::Leaving { .. } => self.keep_dialog(d),
        }
    }

    fn send_cancel(&mut self, now: Instant, dialog: &mut Dialog, reason: Option<String>) {
        let Stage::Dialling(dialling) = &mut dialog.stage else { unreachable!("only a dialling dialog is cancelled") };
        dialling.cancel = Cancel::Sent { give_up_at: now + GIVE_UP };
        let Some(transaction) = self.transactions.get(&dialling.transaction) else { return };
        let (request, flow, to) = (transaction.last.clone(), transaction.flow, transaction.to);
        let request = Message::parse(&request).expect("we wrote it");
        let branch = request.via().and_then(|via| via.branch()).expect("we wrote it").to_owned();
        let headers: Vec<(Name, &str)> = reason.iter().map(|r| (Name::Reason, r.as_str())).collect();
        let bytes = follow(&request, "CANCEL", request.get(Name::To).unwrap_or(""), &headers);
        self.start_client(NewClient {
            machine: Machine::ClientOther(ClientOther::new(now, flow.is_reliable())),
            branch,
            method: "CANCEL",
            flow,
            to,
            bytes,
            owner: Owner::Nobody,
        });
    }

    /// CANCEL was sent and no final response has come for 64·T1, or the other side has hung up before we heard its answer.
    pub(crate) fn no_answer_will_come(&mut self, dialog: Box<Dialog>) {
        let Stage::Dialling(dialling) = &dialog.stage else { unreachable!("only a dialling dialog has no answer") };
        if let Some(transaction) = self.transactions.get_mut(&dialling.transaction) {
            transaction.machine.terminate();
            self.settle_transaction(dialling.transaction);
        }
        self.refused(dialog, 487, None);
    }

    // ── responses ────────────────────────────────────────────────────────────────────────────────────────────────────────

    pub(crate) fn on_response(&mut self, now: Instant, code: u16, message: &Message<'_>) {
        if check_response(message).is_err() {
            return self.malformed(Malformed::BadResponse);
        }
        let branch = message.via().and_then(|via| via.branch());
        let key = branch.zip(message.cseq()).map(|(branch, (_, method))| client_key(branch, method));
        let Some(id) = key.and_then(|key| self.find_transaction(&key)) else { return self.stray_response() };
        let transaction = self.transactions.get_mut(&id).expect("a look-up leads to a transaction");
        let is_invite = matches!(transaction.machine, Machine::ClientInvite(_));
        let act = transaction.client(now, ClientInput::Response(code));
        let owner = transaction.owner.clone();
        match act {
            Act::Nothing | Act::TimedOut => {}
            Act::Send => self.send_again(id),
            Act::Pass if is_invite && (200..300).contains(&code) => self.on_invite_success(now, id, message, owner),
            Act::AckAndPass => {
                self.ack_refusal(id, message);
                self.on_invite_failure(now, code, message, owner);
            }
            Act::Pass if is_invite => self.on_invite_progress(now, code, message, owner),
            Act::Pass => match owner {
                Owner::Dialog(dialog) if code >= 200 => self.on_bye_answered(now, id, dialog, code, Some(message)),
                Owner::Outside(asked) if code >= 200 => self.on_outside_answered(now, *asked, code, Some(message)),
                Owner::Dialog(_) | Owner::Outside(_) | Owner::Nobody => {}
            },
        }
        self.settle_transaction(id);
    }

    /// A transaction of ours got no answer (408), or could not be sent (503).
    pub(crate) fn client_failed(&mut self, now: Instant, id: u64, owner: Owner, code: u16) {
        match owner {
            Owner::Nobody => {}
            Owner::Outside(asked) => self.on_outside_answered(now, *asked, code, None),
            Owner::Dialog(dialog) => {
                let Some(d) = self.dialogs.remove(&dialog) else { return };
                match &d.stage {
                    Stage::Dialling(dialling) if dialling.transaction == id => {
                        self.refused(d, code, None);
                    }
                    Stage::Confirmed(c) if matches!(&c.outgoing, Outgoing::Sent { transaction, .. } if *transaction == id) =>
                    {
                        self.nobody_there(now, d);
                    }
                    Stage::Leaving { .. } => {
                        self.keep_dialog(d);
                        self.on_bye_answered(now, id, dialog, code, None);
                    }
                    Stage::Dialling(_) | Stage::Ringing { .. } | Stage::Confirmed(_) => self.keep_dialog(d),
                }
            }
        }
    }

    fn on_invite_progress(&mut self, now: Instant, code: u16, message: &Message<'_>, owner: Owner) {
        let Owner::Dialog(id) = owner else { return };
        let Some(mut dialog) = self.dialogs.remove(&id) else { return };
        let sdp = facts::sdp(message).ok().flatten();
        if !self.prack(now, &mut dialog, message, sdp.clone()) {
            return self.keep_dialog(dialog);
        }
        if let Stage::Dialling(dialling) = &mut dialog.stage {
            dialling.heard = true;
            match &dialling.cancel {
                Cancel::Wanted(reason) => {
                    let reason = reason.clone();
                    self.send_cancel(now, &mut dialog, reason);
                }
                Cancel::No => self.tell(Event::Progress { dialog: id, code, sdp }),
                Cancel::Sent { .. } => {}
            }
        }
        self.keep_dialog(dialog);
    }

    fn on_invite_success(&mut self, now: Instant, id: u64, message: &Message<'_>, owner: Owner) {
        let tag = message.to().and_then(|to| to.tag()).unwrap_or("").to_owned();
        let transaction = &self.transactions[&id];
        // The 200 came again, since its ACK was lost.
        if let Some(ack) = transaction.acks.iter().find(|a| a.tag == tag) {
            let (flow, to, bytes) = (transaction.flow, ack.to, ack.bytes.clone());
            return self.send(flow, to, bytes);
        }
        if transaction.acks.len() >= FORKS_MAX {
            return;
        }
        let first = transaction.acks.is_empty();
        let request = transaction.last.clone();
        let request = Message::parse(&request).expect("we wrote it");
        let mut agreed = Box::new(Dialog::caller(DialogId(0), &request, message, transaction.to, transaction.flow));
        self.acknowledge(id, &agreed, tag.clone());
        let kept = match owner {
            Owner::Dialog(dialog) if first => self.dialogs.remove(&dialog),
            Owner::Dialog(_) | Owner::Outside(_) | Owner::Nobody => None,
        };
        let initial = request.to().is_none_or(|to| to.tag().is_none());
        let Some(kept) = kept else {
            // Another branch of the fork, or an INVITE that nobody waits for any more. A re-INVITE's dialog is ended by its own BYE.
            if initial {
                let bye = Within {
                    method: "BYE",
                    cseq: agreed.local_cseq + 1 + reliable::PRACKS_MAX,
                    headers: &[],
                    content: "",
                    body: b"",
                };
                let (branch, bytes) = self.write_within(&agreed, bye);
                let machine = Machine::ClientOther(ClientOther::new(now, agreed.flow.is_reliable()));
                let (flow, to) = (agreed.flow, agreed.next_hop());
                self.start_client(NewClient { machine, branch, method: "BYE", flow, to, bytes, owner: Owner::Nobody });
            }
            return;
        };
        let sdp = facts::sdp(message).ok().flatten();
        match kept.stage {
            Stage::Dialling(Dialling { cancel, invite, branches, .. }) => {
                agreed.id = kept.id;
                // What was acknowledged before has used numbers beyond the INVITE's.
                agreed.local_cseq = agreed.local_cseq.max(kept.local_cseq);
                let sdp = sdp.or_else(|| reliable::early_answer(&branches, &tag));
                agreed.credentials = kept.credentials;
                agreed.session = invite.terms.session_s.and_then(|_| SessionTimer::of_answer(now, message));
                match cancel {
                    Cancel::No => self.tell(Event::Answered { dialog: agreed.id, sdp }),
                    Cancel::Wanted(_) | Cancel::Sent { .. } => {
                        self.leave(now, &mut agreed, None, true);
                        self.tell(Event::LateAnswer { dialog: agreed.id });
                    }
                }
                self.keep_dialog(agreed);
            }
            Stage::Confirmed(_) => {
                let mut dialog = kept;
                dialog.refresh_target(message);
                if let Some(session) = &mut dialog.session {
                    session.refreshed_by_us(now, message);
                }
                if let Stage::Confirmed(c) = &mut dialog.stage
                    && matches!(&c.outgoing, Outgoing::Sent { transaction, .. } if *transaction == id)
                {
                    c.outgoing = Outgoing::None;
                    self.tell(Event::ReofferAnswered { dialog: dialog.id, sdp });
                }
                self.keep_dialog(dialog);
            }
            Stage::Ringing { .. } | Stage::Leaving { .. } => self.keep_dialog(kept),
        }
    }

    /// The ACK to a 2xx: a request of its own, kept to be sent again (RFC 3261 §13.2.2.4).
    fn acknowledge(&mut self, id: u64, agreed: &Dialog, tag: String) {
        let (_, bytes) = self.write_within(
            agreed,
            Within { method: "ACK", cseq: agreed.local_cseq, headers: &[], content: "", body: b"" },
        );
        let to = agreed.next_hop();
        self.send(agreed.flow, to, bytes.clone());
        if let Some(transaction) = self.transactions.get_mut(&id) {
            transaction.acks.push(Ack { tag, to, bytes });
        }
    }

    /// The ACK to a refusal: of the same transaction, to the same address (RFC 3261 §17.1.1.3).
    fn ack_refusal(&mut self, id: u64, message: &Message<'_>) {
        let transaction = &self.transactions[&id];
        let (request, flow, to) = (transaction.last.clone(), transaction.flow, transaction.to);
        let request = Message::parse(&request).expect("we wrote it");
        let bytes = follow(&request, "ACK", &unfold(message.get(Name::To).unwrap_or("")), &[]);
        self.send(flow, to, bytes.clone());
        self.transactions.get_mut(&id).expect("just read").acks.push(Ack { tag: String::new(), to, bytes });
    }

    fn on_invite_failure(&mut self, now: Instant, code: u16, message: &Message<'_>, owner: Owner) {
        let Owner::Dialog(id) = owner else { return };
        let Some(mut dialog) = self.dialogs.remove(&id) else { return };
        let (uri, _) = dialog.way();
        match &mut dialog.stage {
            Stage::Dialling(dialling) => {
                let wanted = dialling.cancel == Cancel::No;
                let tries = dialling.tries;
                if code == 422 && wanted && session_timer::longer(&mut dialling.invite.terms, message) {
                    self.send_invite(now, &mut dialog, None);
                    return self.keep_dialog(dialog);
                }
                match self.authorization(
                    dialog.credentials.clone().filter(|_| wanted),
                    tries,
                    code,
                    message,
                    "INVITE",
                    &uri,
                ) {
                    Some(header) => {
                        dialling.tries += 1;
                        self.send_invite(now, &mut dialog, Some(header));
                        self.keep_dialog(dialog);
                    }
                    None => self.refused(dialog, code, Some(message)),
                }
            }
            Stage::Confirmed(c) => {
                let Outgoing::Sent { sdp, glares, tries, .. } = std::mem::take(&mut c.outgoing) else {
                    return self.keep_dialog(dialog);
                };
                match code {
                    491 => self.on_glare(now, &mut dialog, sdp, glares),
                    408 | 481 => return self.nobody_there(now, dialog),
                    _ => match self.authorization(dialog.credentials.clone(), tries, code, message, "INVITE", &uri) {
                        Some(header) => self.send_reinvite(now, &mut dialog, sdp, glares, tries + 1, vec![header]),
                        None => self.tell(Event::ReofferRefused { dialog: id, code }),
                    },
                }
                self.keep_dialog(dialog);
            }
            Stage::Ringing { .. } | Stage::Leaving { .. } => self.keep_dialog(dialog),
        }
    }

    /// The end of a call of ours that never was.
    pub(crate) fn refused(&mut self, dialog: Box<Dialog>, code: u16, message: Option<&Message<'_>>) {
        self.forget_dialog(&dialog);
        let reason = message.and_then(|m| m.get(Name::Reason)).map(|r| unfold(r).into_owned());
        let own_phrase = || message.map(|_| phrase(code).to_owned());
        self.tell(Event::Refused {
            dialog: dialog.id,
            code,
            retry_after: message.and_then(|m| m.number(Name::RetryAfter)),
            reason: reason.or_else(own_phrase),
            contacts: message.filter(|_| (300..400).contains(&code)).map_or(vec![], facts::targets),
        });
    }

    fn on_bye_answered(&mut self, now: Instant, id: u64, dialog: DialogId, code: u16, message: Option<&Message<'_>>) {
        let Some(mut d) = self.dialogs.remove(&dialog) else { return };
        let Stage::Leaving { transaction, told, tries, reason } = d.stage.clone() else { return self.keep_dialog(d) };
        if transaction != id {
            return self.keep_dialog(d);
        }
        let (uri, _) = d.way();
        let header = message.and_then(|m| self.authorization(d.credentials.clone(), tries, code, m, "BYE", &uri));
        if let Some(header) = header {
            self.send_bye(now, &mut d, reason, told, tries + 1, vec![header]);
            return self.keep_dialog(d);
        }
        self.forget_dialog(&d);
        if !told && matches!(code, 408 | 481 | 503) {
            self.tell(Event::Ended { dialog, why: crate::EndedWhy::NoResponse });
        }
    }

    /// The header that answers a challenge: once, and once more if only the nonce was too old (RFC 3261 §22.2).
    pub(crate) fn authorization(
        &mut self,
        credentials: Option<Credentials>,
        tries: u8,
        code: u16,
        message: &Message<'_>,
        method: &str,
        uri: &str,
    ) -> Option<(String, String)> {
        let (asks, answers) = match code {
            401 => (Name::WwwAuthenticate, Name::Authorization),
            407 => (Name::ProxyAuthenticate, Name::ProxyAuthorization),
            _ => return None,
        };
        let credentials = credentials?;
        let challenge = Challenge::choose(message.all(asks))?;
        if tries > u8::from(challenge.stale) {
            return None;
        }
        let cnonce = self.chance().token(16);
        Some((answers.long().to_owned(), challenge.answer(&credentials, method, uri, &cnonce)))
    }
}

/// A request that belongs to another one's transaction: ACK to a refusal, CANCEL (RFC 3261 §9.1, §17.1.1.3).
fn follow(request: &Message<'_>, method: &str, to: &str, headers: &[(Name, &str)]) -> Bytes {
    let mut w = Writer::request(method, request.request_uri());
    w.header(Name::Via, request.get(Name::Via).unwrap_or(""))
        .header(Name::MaxForwards, "70")
        .header(Name::From, request.get(Name::From).unwrap_or(""))
        .header(Name::To, to)
        .header(Name::CallId, request.call_id().unwrap_or(""))
        .header(Name::CSeq, &format!("{} {method}", request.cseq().map_or(0, |(n, _)| n)));
    for route in request.all(Name::Route) {
        w.header(Name::Route, route);
    }
    for (name, value) in headers {
        w.header(*name, value);
    }
    w.finish("", b"")
}

/// `"Display" <sip:user@host>`.
pub(crate) fn name_addr(display: Option<&str>, user: &str, host: &str) -> String {
    let uri = match escape(user) {
        user if user.is_empty() => format!("<sip:{host}>"),
        user => format!("<sip:{user}@{host}>"),
    };
    match display {
        Some(display) => format!("\"{}\" {uri}", display.replace('\\', "\\\\").replace('"', "\\\"")),
        None => uri,
    }
}

/// What has a meaning in a URI is escaped in its user part (RFC 3261 §25.1 `user`).
pub(crate) fn escape(user: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&b);
    user.bytes().fold(String::new(), |mut out, b| {
        match plain(b) {
            true => out.push(b as char),
            false => out.push_str(&format!("%{b:02X}")),
        }
        out
    })
}
