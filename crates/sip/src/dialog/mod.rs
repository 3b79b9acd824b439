//! A dialog: two tags and a Call-ID, who speaks next, and where to (RFC 3261 §12).
//!
//! ```text
//!   INVITE in ──► Ringing ──answer──┐                          ┌─► gone
//!                    │reject, CANCEL│                          │BYE answered, given up
//!                    ▼              ▼        bye               │
//!                   gone        Confirmed ─────────────────► Leaving
//!                    ▲              ▲  │ BYE in ─► gone        ▲
//!                    │refused       │  └ re-INVITE, either way │
//!   INVITE out ─► Dialling ──200────┘                          │
//!                    └──200 after cancel──────────────────────-┘
//! ```
//! Here is only what a dialog knows, and how it addresses a request; what happens to it is in `uas`, `uac` and `within`.
mod route_set;

pub(crate) use route_set::literal;

use crate::event::{Credentials, DialogId, Invite};
use crate::reliable::{self, Branch};
use crate::session_timer::{Agreed, SessionTimer};
use crate::timers::{GIVE_UP, T1};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{FlowId, Instant};
use switchboard_wire::sip::{Address, Host, Message, Name, unfold};

/// Who sent the INVITE that made the dialog, and so owns its Call-ID (RFC 3261 §14.1 asks).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Role {
    Caller,
    Called,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Dialog {
    pub id: DialogId,
    pub role: Role,
    pub call_id: String,
    pub local_tag: String,
    /// None until the other side has named itself, or if it is of RFC 2543 and never does.
    pub remote_tag: Option<String>,
    /// Our From or To, without tag.
    pub local: String,
    /// Theirs, without tag.
    pub remote: String,
    pub local_cseq: u32,
    pub remote_cseq: Option<u32>,
    /// Their Contact.
    pub target: String,
    /// In the order in which a request of ours visits them.
    pub routes: Vec<String>,
    /// Where they speak from.
    pub peer: SocketAddr,
    pub flow: FlowId,
    /// What they call their address is not where they speak from, so the latter is used.
    pub behind_nat: bool,
    pub credentials: Option<Credentials>,
    /// Runs while the dialog is confirmed.
    pub session: Option<SessionTimer>,
    pub stage: Stage,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// Their INVITE waits for our answer.
    /// `silent`: it wants every provisional response acknowledged, so it gets none (RFC 3262 §3).
    Ringing { transaction: u64, offered: bool, silent: bool },
    /// Our INVITE waits for theirs.
    Dialling(Dialling),
    /// Both agree.
    Confirmed(Confirmed),
    /// Our BYE waits for its answer. `told`: the owner needs no word about the end.
    Leaving { transaction: u64, told: bool, tries: u8, reason: Option<String> },
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Dialling {
    pub transaction: u64,
    /// A response has come, so that a CANCEL may be sent (RFC 3261 §9.1).
    pub heard: bool,
    pub cancel: Cancel,
    /// To ask again with a digest.
    pub invite: Box<Invite>,
    pub tries: u8,
    /// Who has said something reliably (RFC 3262).
    pub branches: Vec<Branch>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Cancel {
    No,
    /// As soon as a response has come.
    Wanted(Option<String>),
    /// Waits for 487; RFC 3261 §9.1 gives it 64·T1.
    Sent {
        give_up_at: Instant,
    },
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Confirmed {
    /// Our 200 that waits for its ACK.
    pub unacked: Option<Unacked>,
    /// Their re-INVITE that waits for our answer.
    pub incoming: Option<Incoming>,
    pub outgoing: Outgoing,
    /// A BYE that waits for the ACK (RFC 3261 §15): its Reason.
    pub bye_after_ack: Option<Option<String>>,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Incoming {
    pub transaction: u64,
    pub offered: bool,
    /// Whether it is an UPDATE, whose 200 nobody acknowledges.
    pub update: bool,
    /// The session timer that its 200 agrees to.
    pub session: Option<Agreed>,
}

/// Our re-INVITE.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) enum Outgoing {
    #[default]
    None,
    /// Waits until nothing else of the offer/answer kind is going on.
    Queued { sdp: Bytes },
    /// Waits for its answer, and not for ever even if a 1xx came: it also asks whether the other side still lives.
    Sent { transaction: u64, sdp: Bytes, glares: u8, tries: u8, give_up_at: Instant },
    /// 491 came; RFC 3261 §14.1.
    Glare { at: Instant, sdp: Bytes, glares: u8 },
}

/// RFC 3261 §13.3.1.4.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Unacked {
    pub cseq: u32,
    pub bytes: Bytes,
    pub to: SocketAddr,
    pub flow: FlowId,
    /// Whether the 200 held our offer, so that the ACK holds an answer.
    pub delayed: bool,
    pub resend_at: Instant,
    pub interval: Duration,
    pub give_up_at: Instant,
}

impl Unacked {
    pub fn new(now: Instant, cseq: u32, bytes: Bytes, to: SocketAddr, flow: FlowId, delayed: bool) -> Self {
        Unacked { cseq, bytes, to, flow, delayed, resend_at: now + T1, interval: T1, give_up_at: now + GIVE_UP }
    }
}

impl Dialog {
    /// As the caller's INVITE makes it (RFC 3261 §12.1.1).
    pub fn called(
        id: DialogId,
        invite: &Message<'_>,
        source: SocketAddr,
        flow: FlowId,
        tag: String,
        transaction: u64,
    ) -> Dialog {
        let from = invite.get(Name::From).map(|f| unfold(f).into_owned()).unwrap_or_default();
        let contact = invite.list(Name::Contact).next().and_then(Address::parse);
        let target = contact.or(invite.from()).map_or(String::new(), |a| a.uri_text.to_owned());
        let offered = invite.body().is_some_and(|b| !b.is_empty());
        let sent_by = invite.via().map(|via| via.host);
        Dialog {
            id,
            role: Role::Called,
            call_id: invite.call_id().unwrap_or("").to_owned(),
            local_tag: tag,
            remote_tag: invite.from().and_then(|f| f.tag()).map(str::to_owned),
            local: without_tag(invite.get(Name::To).unwrap_or("")),
            remote: without_tag(&from),
            local_cseq: 0,
            remote_cseq: invite.cseq().map(|(n, _)| n),
            target,
            routes: invite.list(Name::RecordRoute).map(|r| unfold(r).into_owned()).collect(),
            peer: source,
            flow,
            behind_nat: matches!(sent_by, Some(Host::Ip(ip)) if ip != source.ip()),
            credentials: None,
            session: None,
            stage: Stage::Ringing { transaction, offered, silent: reliable::requires(invite) },
        }
    }

    /// As a 2xx to our INVITE or re-INVITE makes it (RFC 3261 §12.1.2, §12.2.1.2), `to` being where that was sent.
    pub fn caller(id: DialogId, invite: &Message<'_>, ok: &Message<'_>, to: SocketAddr, flow: FlowId) -> Dialog {
        let initial = invite.to().is_none_or(|t| t.tag().is_none());
        let routes: Vec<String> = if initial {
            let mut routes: Vec<String> = ok.list(Name::RecordRoute).map(|r| unfold(r).into_owned()).collect();
            routes.reverse();
            routes
        } else {
            invite.list(Name::Route).map(|r| unfold(r).into_owned()).collect()
        };
        let contact = ok.list(Name::Contact).next().and_then(Address::parse);
        let addressed =
            invite.list(Name::Route).next().and_then(Address::parse).map_or(invite.request_uri(), |r| r.uri_text);
        Dialog {
            id,
            role: Role::Caller,
            call_id: invite.call_id().unwrap_or("").to_owned(),
            local_tag: invite.from().and_then(|f| f.tag()).unwrap_or("").to_owned(),
            remote_tag: ok.to().and_then(|t| t.tag()).map(str::to_owned),
            local: without_tag(invite.get(Name::From).unwrap_or("")),
            remote: without_tag(invite.get(Name::To).unwrap_or("")),
            local_cseq: invite.cseq().map_or(0, |(n, _)| n),
            remote_cseq: None,
            target: contact.map_or_else(|| invite.request_uri().to_owned(), |c| c.uri_text.to_owned()),
            routes,
            peer: to,
            flow,
            behind_nat: literal(addressed).is_some_and(|a| a != to),
            credentials: None,
            session: None,
            stage: Stage::Confirmed(Confirmed::default()),
        }
    }

    /// Whether both agree.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.stage, Stage::Confirmed(_))
    }

    /// When it wants time.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Dialling(Dialling { cancel: Cancel::Sent { give_up_at }, .. }) => Some(*give_up_at),
            Stage::Confirmed(c) => {
                let unacked = c.unacked.as_ref().map(|u| u.resend_at.min(u.give_up_at));
                let outgoing = match &c.outgoing {
                    Outgoing::Glare { at, .. } => Some(*at),
                    Outgoing::Sent { give_up_at, .. } => Some(*give_up_at),
                    Outgoing::None | Outgoing::Queued { .. } => None,
                };
                let session = self.session.as_ref().map(SessionTimer::deadline);
                unacked.into_iter().chain(outgoing).chain(session).min()
            }
            Stage::Ringing { .. } | Stage::Dialling(_) | Stage::Leaving { .. } => None,
        }
    }

    /// Whether a request with these marks is of this dialog.
    pub fn is_of(&self, message: &Message<'_>) -> bool {
        let tag = message.from().and_then(|f| f.tag()).map(str::to_owned);
        // Who has not answered yet has no tag that we know, or several (RFC 3261 §12.1.2).
        let theirs = tag == self.remote_tag || matches!(self.stage, Stage::Dialling(_));
        message.call_id() == Some(self.call_id.as_str()) && theirs
    }

    /// Our From with tag, and theirs.
    pub fn local_with_tag(&self) -> String {
        format!("{};tag={}", self.local, self.local_tag)
    }
    pub fn remote_with_tag(&self) -> String {
        match &self.remote_tag {
            Some(tag) => format!("{};tag={tag}", self.remote),
            None => self.remote.clone(),
        }
    }

    /// Their Contact may move with every INVITE and its answer (RFC 3261 §12.2).
    pub fn refresh_target(&mut self, message: &Message<'_>) {
        if let Some(contact) = message.list(Name::Contact).next().and_then(Address::parse) {
            self.target = contact.uri_text.to_owned();
        }
    }
}

/// The address without its parameters: an addr-spec becomes a name-addr, so that a tag can be put to it.
fn without_tag(text: &str) -> String {
    let text = unfold(text);
    match Address::parse(&text) {
        Some(address) => match address.display {
            Some(display) => format!("{display} <{}>", address.uri_text),
            None => format!("<{}>", address.uri_text),
        },
        None => text.into_owned(),
    }
}
