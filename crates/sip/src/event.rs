//! What an endpoint says, and what it is told: owned values, no bytes of a message but bodies.
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::SocketAddr;
use switchboard_model::{Digit, FlowId};

/// A dialog of this endpoint, from the INVITE to its end. Never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DialogId(pub u64);

/// A request outside a dialog, either way. Never used again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(pub u64);

/// What an endpoint wants done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Send these bytes.
    Send {
        /// By this connection; 0 is the UDP socket.
        flow: FlowId,
        /// To this address.
        to: SocketAddr,
        /// The message.
        bytes: Bytes,
    },
    /// Something happened that the owner must know.
    Event(Event),
}

/// What happened. Every dialog ends with exactly one of `Cancelled`, `Refused`, `LateAnswer`, `Ended`, or by the owner's own
/// `reject` or `bye`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A call for us. 100 has been sent.
    Invite {
        /// The new dialog.
        dialog: DialogId,
        /// By which connection.
        flow: FlowId,
        /// Where it came from.
        source: SocketAddr,
        /// What its headers say.
        facts: Box<InviteFacts>,
        /// Its SDP offer, if it has one.
        offer: Option<Bytes>,
    },
    /// The caller cancelled before our final answer; 200 and 487 have been sent. The dialog is gone.
    Cancelled {
        /// Which.
        dialog: DialogId,
    },
    /// Our 200, to an INVITE or a re-INVITE, was acknowledged.
    Confirmed {
        /// Which.
        dialog: DialogId,
        /// The answer to an offer that we made in the 200.
        sdp: Option<Bytes>,
    },
    /// A provisional response to our INVITE, 100 included.
    Progress {
        /// Which.
        dialog: DialogId,
        /// 100 to 199.
        code: u16,
        /// Its SDP, if it has one.
        sdp: Option<Bytes>,
    },
    /// Our INVITE was answered; the ACK has been sent.
    Answered {
        /// Which.
        dialog: DialogId,
        /// The SDP of the 200.
        sdp: Option<Bytes>,
    },
    /// Our INVITE was refused; the ACK has been sent. The dialog is gone.
    Refused {
        /// Which.
        dialog: DialogId,
        /// 300 to 699; 408 when nobody answered, 503 when it could not be sent, 487 when it was cancelled.
        code: u16,
        /// Retry-After, in seconds.
        retry_after: Option<u32>,
        /// The Reason header, or else the phrase.
        reason: Option<String>,
        /// Where a 3xx leads: the URIs of its Contacts, the most wanted first (RFC 3261 §8.1.3.4, §20.10).
        contacts: Vec<String>,
    },
    /// A 200 came after `cancel`. It was acknowledged and ended with BYE; nobody must be joined to it. The dialog is gone.
    LateAnswer {
        /// Which.
        dialog: DialogId,
    },
    /// A re-INVITE; to be answered by `answer` or `reject`.
    Reoffer {
        /// Which.
        dialog: DialogId,
        /// Its offer; none if we are to make one.
        sdp: Option<Bytes>,
    },
    /// Our re-INVITE was answered; the ACK has been sent.
    ReofferAnswered {
        /// Which.
        dialog: DialogId,
        /// The SDP of the 200.
        sdp: Option<Bytes>,
    },
    /// Half of the session's interval is over (RFC 4028 §10): to be refreshed by `reinvite`, with the session as it is.
    RefreshDue {
        /// Which.
        dialog: DialogId,
    },
    /// A key came by INFO, as `application/dtmf-relay` or `application/dtmf`.
    Key {
        /// Which.
        dialog: DialogId,
        /// The key.
        digit: Digit,
    },
    /// The other side asks us to send its partner elsewhere (REFER, RFC 3515); to be answered by `respond` with 202 or a refusal, and
    /// told of by `tell_referrer`.
    Refer {
        /// In which dialog.
        dialog: DialogId,
        /// For `respond`.
        request: RequestId,
        /// The user part of Refer-To.
        to: String,
    },
    /// How a REFER of ours stands.
    Notified {
        /// In which dialog.
        dialog: DialogId,
        /// The status in the NOTIFY.
        code: u16,
    },
    /// Our re-INVITE was refused; the session goes on as it was.
    ReofferRefused {
        /// Which.
        dialog: DialogId,
        /// 300 to 699.
        code: u16,
    },
    /// The dialog is gone.
    Ended {
        /// Which.
        dialog: DialogId,
        /// Why.
        why: EndedWhy,
    },
    /// An error of our own was caught (`fault`); a dialog that it cost has its own `Ended`.
    Fault,
    /// A request outside a dialog; to be answered by `respond`.
    Request(Box<Request>),
    /// The final response to a request of ours outside a dialog.
    Response {
        /// Which.
        request: RequestId,
        /// 200 to 699; 408 when nobody answered, 503 when it could not be sent.
        code: u16,
        /// Every header: name as it stands, value unfolded.
        headers: Vec<(String, String)>,
        /// Its body.
        body: Bytes,
    },
    /// Something that could not be used. It has been answered where the RFC says so.
    Malformed {
        /// What was wrong.
        kind: Malformed,
    },
}

/// Why a dialog ended.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum EndedWhy {
    /// The other side hung up.
    Bye {
        /// Its Reason header (RFC 3326), if it gave one.
        reason: Option<String>,
    },
    /// Our 200 was never acknowledged (RFC 3261 §13.3.1.4).
    NoAck,
    /// A request of ours in the dialog was not answered, or answered with 408 or 481 (RFC 3261 §12.2.1.2).
    NoResponse,
    /// An error of our own: the dialog is lost, and its peer was told nothing.
    Fault,
}

/// What was wrong with something that came in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Malformed {
    /// It was no SIP message.
    Unreadable,
    /// A request that was answered with this status.
    Refused(u16),
    /// A request without a Via that can be answered to.
    Unanswerable,
    /// A response that cannot be read.
    BadResponse,
    /// A response that belongs to no transaction of ours.
    StrayResponse,
    /// A request that was refused because we are full.
    Full,
}

/// What the headers of an INVITE say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InviteFacts {
    /// The Request-URI as it stands.
    pub request_uri: String,
    /// Its user part without escapes and parameters, or the number of a `tel:`.
    pub request_user: String,
    /// Its host; empty for a `tel:`.
    pub request_host: String,
    /// The user part of From.
    pub from_user: String,
    /// The host of From.
    pub from_host: String,
    /// The display name of From, without quotes; may be empty.
    pub from_display: String,
    /// The user part of To.
    pub to_user: String,
    /// The Call-ID.
    pub call_id: String,
    /// The user part of the first P-Asserted-Identity (RFC 3325). Whether it may be believed, the owner knows.
    pub p_asserted_identity: Option<String>,
    /// The user part that was dialled first, if the call has been diverted since: of the last Diversion (RFC 5806 §4), or of the first
    /// History-Info (RFC 7044 §5).
    pub first_dialled: Option<String>,
    /// The Privacy header.
    pub privacy: Option<String>,
    /// Who made the other side.
    pub user_agent: Option<String>,
    /// Max-Forwards.
    pub max_forwards: Option<u32>,
    /// The host of the first Via.
    pub via_host: String,
}

/// A request outside a dialog.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// For `respond`.
    pub request: RequestId,
    /// Its method.
    pub method: String,
    /// The Request-URI.
    pub uri: String,
    /// Where it came from.
    pub source: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// The URI of From.
    pub from: String,
    /// The URI of To.
    pub to: String,
    /// The user part of To.
    pub to_user: String,
    /// The Call-ID.
    pub call_id: String,
    /// The number of CSeq.
    pub cseq: u32,
    /// Every Contact.
    pub contacts: Vec<RequestContact>,
    /// The Expires header, in seconds.
    pub expires: Option<u32>,
    /// Every Authorization header.
    pub authorization: Vec<String>,
    /// Its body.
    pub body: Bytes,
}

/// A Contact of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RequestContact {
    /// The URI, or `*`.
    pub uri: String,
    /// Its `expires` parameter, in seconds.
    pub expires: Option<u32>,
}

/// A call to be made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Invite {
    /// The Request-URI, and To.
    pub target: String,
    /// Where the INVITE is sent.
    pub to_addr: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// The user part of From.
    pub from_user: String,
    /// The display name of From, without quotes.
    pub from_display: Option<String>,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// The offer. Without one the ACK could hold no answer to the offer in the 200, since it is sent here: so only for tests.
    pub sdp: Option<Bytes>,
    /// For a 401 or 407.
    pub credentials: Option<Credentials>,
    /// What is asked for only where the peer is a carrier.
    pub terms: Terms,
}

/// On what terms a call is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Terms {
    /// The host in From; ours if none.
    pub from_host: Option<String>,
    /// The way it goes, nearest first (Service-Route, RFC 3608 §6).
    pub routes: Vec<String>,
    /// How often it may be passed on: what is left of it where it goes on another call's behalf, 70 at first (RFC 3261 §8.1.1.6).
    pub max_forwards: u8,
    /// The session interval asked for, in seconds; none: no session timer (RFC 4028 §7.1).
    pub session_s: Option<u32>,
    /// The least interval that any server on the way takes, once a 422 has said so (RFC 4028 §7.3).
    pub session_s_min: Option<u32>,
    /// Whether provisional responses may ask to be acknowledged (RFC 3262).
    pub reliable: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            from_host: None,
            routes: vec![],
            max_forwards: 70,
            session_s: None,
            session_s_min: None,
            reliable: false,
        }
    }
}

/// A request to be made outside a dialog.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutRequest {
    /// `REGISTER`, `OPTIONS` …
    pub method: String,
    /// The Request-URI.
    pub target: String,
    /// Where it is sent.
    pub to_addr: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// The user part of From; and of To, if it is a REGISTER.
    pub from_user: String,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Bytes,
    /// For a 401 or 407.
    pub credentials: Option<Credentials>,
}

/// Requests outside a dialog that belong together: one Call-ID with rising CSeq, as registrations want it (RFC 3261 §10.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Series {
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
}

/// A user name and a password. It does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The user name for digest authentication.
    pub user: String,
    /// The password.
    pub password: String,
}

/// The dialog is gone, or is not waiting for an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the dialog is gone, or is not waiting for an answer")]
pub struct Gone;

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({})", self.user)
    }
}
impl fmt::Display for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl fmt::Debug for DialogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dialog {}", self.0)
    }
}
impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {}", self.0)
    }
}
