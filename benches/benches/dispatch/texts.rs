//! The messages of both telephones, written into one buffer that is used again: the load must cost little beside the centre.
//!
//! Everything that is said twice bears the caller's number (139 and eight digits): Call-ID, branches, tags. So a message tells whose
//! call it is of, on either leg.
use std::fmt::Write;
use std::net::SocketAddr;
use switchboard_wire::sip::{Message, Name};

/// The number of the `k`th caller.
pub fn number(k: usize) -> String {
    format!("139{:08}", k % 100_000_000)
}

/// Which caller's call a message is of: his number ends the user of From or of To.
pub fn number_in<'m>(message: &'m Message<'_>) -> Option<&'m str> {
    [Name::From, Name::To].into_iter().find_map(|name| {
        let value = message.get(name)?;
        let user = value.split_once("sip:")?.1.split_once('@')?.0;
        let number = user.get(user.len().checked_sub(11)?..)?;
        number.starts_with("139").then_some(number)
    })
}

/// The place of this number's caller in the list of calls.
pub fn place(number: &str) -> Option<usize> {
    number.get(3..)?.parse().ok()
}

/// A caller's call, as his telephone knows it.
pub struct CallerLeg<'a> {
    /// His number.
    pub number: &'a str,
    /// Where the trunk is.
    pub local: SocketAddr,
    /// The centre.
    pub centre: SocketAddr,
    /// To, with the centre's tag once there is one.
    pub to: &'a str,
}

impl CallerLeg<'_> {
    fn head(&self, w: &mut String, method: &str, cseq: u32) {
        let CallerLeg { number, local, centre, to } = self;
        w.clear();
        let _ = write!(
            w,
            "{method} sip:9500@{centre} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKload{method}{number};rport\r\n\
             Max-Forwards: 70\r\nFrom: \"{number}\" <sip:{number}@{local}>;tag=caller{number}\r\nTo: {to}\r\n\
             Call-ID: {number}@{local}\r\nCSeq: {cseq} {method}\r\n"
        );
    }

    /// His INVITE.
    pub fn invite(&self, w: &mut String, sdp: &[u8]) {
        self.head(w, "INVITE", 1);
        let CallerLeg { number, local, .. } = self;
        let _ = write!(
            w,
            "Contact: <sip:{number}@{local}>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK\r\n\
             Supported: 100rel, timer\r\nUser-Agent: load\r\n"
        );
        body(w, sdp);
    }
    /// His ACK to a 200.
    pub fn ack(&self, w: &mut String) {
        self.head(w, "ACK", 1);
        w.push_str("Content-Length: 0\r\n\r\n");
    }
    /// His BYE.
    pub fn bye(&self, w: &mut String) {
        self.head(w, "BYE", 2);
        w.push_str("Content-Length: 0\r\n\r\n");
    }
}

/// An agent's BYE, in the dialog of an INVITE with these headers.
pub fn agent_bye(w: &mut String, invite: &AgentLeg, local: SocketAddr, centre: SocketAddr) {
    w.clear();
    let AgentLeg { from, to, call_id, number } = invite;
    let _ = write!(
        w,
        "BYE sip:{centre} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bKdeskBYE{number};rport\r\nMax-Forwards: 70\r\n\
         From: {to}\r\nTo: {from}\r\nCall-ID: {call_id}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
    );
}

/// What an agent's telephone keeps of the INVITE that rang it.
#[derive(Clone, Debug)]
pub struct AgentLeg {
    /// Its From.
    pub from: String,
    /// Its To, with our tag.
    pub to: String,
    /// Its Call-ID.
    pub call_id: String,
    /// The caller's number.
    pub number: String,
}

/// A response with everything that must be said again (RFC 3261 §8.2.6.2).
pub fn response(
    w: &mut String,
    request: &Message<'_>,
    status: &str,
    tag: Option<&str>,
    contact: SocketAddr,
    sdp: &[u8],
) {
    w.clear();
    let _ = write!(w, "SIP/2.0 {status}\r\n");
    for via in request.all(Name::Via) {
        let _ = write!(w, "Via: {via}\r\n");
    }
    let say = |w: &mut String, name: &str, value: Option<&str>| {
        let _ = write!(w, "{name}: {}", value.unwrap_or(""));
    };
    say(w, "From", request.get(Name::From));
    say(w, "\r\nTo", request.get(Name::To));
    if let Some(tag) = tag {
        let _ = write!(w, ";tag={tag}");
    }
    say(w, "\r\nCall-ID", request.get(Name::CallId));
    say(w, "\r\nCSeq", request.get(Name::CSeq));
    let _ = write!(w, "\r\nContact: <sip:desk@{contact}>\r\nUser-Agent: load\r\n");
    body(w, sdp);
}

fn body(w: &mut String, sdp: &[u8]) {
    if sdp.is_empty() {
        w.push_str("Content-Length: 0\r\n\r\n");
    } else {
        let sdp = std::str::from_utf8(sdp).expect("SDP of ours is text");
        let _ = write!(w, "Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len());
    }
}
