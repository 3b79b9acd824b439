//! Whether a request is one that can be worked on, and the answer if it is not.
//!
//! ```text
//!   version ─► Via ─► To, From, Call-ID, CSeq, lengths ─► method ─► Request-URI
//!     505      (no answer possible)        400              501         416
//! ```
//! These are the answers rsip's types cannot express. What depends on who we are (405, 415, 420, 481, 483) is the endpoint's.
use super::address::Address;
use super::header::Name;
use super::lexer::{Message, Start};
use super::method::method;
use super::params::split_commas;
use super::uri::Uri;
use super::via::Via;

/// An answer to a request that cannot be worked on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// The status code.
    pub code: u16,
    /// What was wrong, for the reason phrase and for counting.
    pub why: Why,
}

/// What was wrong with a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum Why {
    /// Not SIP/2.0.
    #[error("Version Not Supported")]
    Version,
    /// A method that nobody has defined.
    #[error("Not Implemented")]
    Method,
    /// A Request-URI of a scheme we do not route by.
    #[error("Unsupported URI Scheme")]
    Scheme,
    /// A Request-URI that is none.
    #[error("Bad Request-URI")]
    RequestUri,
    /// No Via, or one that cannot be read.
    #[error("Bad Via")]
    Via,
    /// From, To, Call-ID or CSeq is missing.
    #[error("Missing Header")]
    Missing,
    /// From, To or Contact cannot be read.
    #[error("Bad Address")]
    Address,
    /// CSeq cannot be read, or names another method.
    #[error("Bad CSeq")]
    CSeq,
    /// A header that may stand once stands several times.
    #[error("Header Repeated")]
    Repeated,
    /// Content-Length is no number, contradicts itself or promises more than there is.
    #[error("Bad Content-Length")]
    Length,
    /// Max-Forwards is no number.
    #[error("Bad Max-Forwards")]
    MaxForwards,
}

/// Looks a request over.
pub fn check_request(message: &Message<'_>) -> Result<(), Refusal> {
    let Start::Request { method: name, version, .. } = message.start() else { return Ok(()) };
    let bad = |why: Why| Err(Refusal { code: 400, why });
    if version != "2.0" {
        return Err(Refusal { code: 505, why: Why::Version });
    }
    if let Some(why) = common_fault(message) {
        return bad(why);
    }
    if method(name).is_none() {
        return Err(Refusal { code: 501, why: Why::Method });
    }
    if message.cseq().is_some_and(|(_, m)| m != name) {
        return bad(Why::CSeq);
    }
    if message.get(Name::MaxForwards).is_some() && message.number(Name::MaxForwards).is_none() {
        return bad(Why::MaxForwards);
    }
    if message.list(Name::Contact).any(|c| c != "*" && Address::parse(c).is_none()) {
        return bad(Why::Address);
    }
    match Uri::parse(message.request_uri()) {
        None => bad(Why::RequestUri),
        Some(Uri::Other { .. }) => Err(Refusal { code: 416, why: Why::Scheme }),
        Some(Uri::Sip(_) | Uri::Tel(_)) => Ok(()),
    }
}

/// Looks a response over; one with a fault is dropped, there being nobody to tell.
pub fn check_response(message: &Message<'_>) -> Result<(), Why> {
    // RFC 3261 §18.1.2: the topmost Via is ours, and more than one means it strayed here.
    match common_fault(message) {
        Some(why) => Err(why),
        None if message.list(Name::Via).count() != 1 => Err(Why::Via),
        None => Ok(()),
    }
}

fn common_fault(message: &Message<'_>) -> Option<Why> {
    let mut seen = 0u64;
    for (name, _, _) in message.headers().filter(|(name, ..)| name.is_single() && *name != Name::ContentLength) {
        let bit = 1 << name as u64;
        if seen & bit != 0 {
            return Some(Why::Repeated);
        }
        seen |= bit;
    }
    let missing =
        [Name::From, Name::To, Name::CallId, Name::CSeq].into_iter().any(|name| seen & (1 << name as u64) == 0);
    if missing || message.call_id().is_none() {
        return Some(Why::Missing);
    }
    let mut vias = 0;
    for via in message.all(Name::Via).flat_map(split_commas) {
        vias += 1;
        if Via::parse(via).is_none() {
            return Some(Why::Via);
        }
    }
    if vias == 0 {
        return Some(Why::Via);
    }
    if message.from().is_none() || message.to().is_none() {
        return Some(Why::Address);
    }
    if message.cseq().is_none() {
        return Some(Why::CSeq);
    }
    message.body().is_none().then_some(Why::Length)
}
