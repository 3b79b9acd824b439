//! One party's dialog with the target, and the messages it says, written into a buffer that is used again.
//!
//! A telephone of a load must cost little beside what it measures, so these are texts. Everything bears the caller's number, which
//! therefore tells whose call a message is of, on either leg.
use std::fmt::Write;
use std::net::SocketAddr;
use switchboard_wire::sip::{Message, Name};

/// A dialog (RFC 3261 §12), seen from our side.
#[derive(Clone, Debug, Default)]
pub struct Leg {
    /// From as we say it, with our tag.
    pub from: String,
    /// To as we say it, with the target's tag once there is one.
    pub to: String,
    /// Call-ID.
    pub call_id: String,
    /// The remote target: what stands in the request line of what we say within the dialog.
    pub remote_target: String,
}

impl Leg {
    /// A request of ours; `more` are whole header lines.
    #[allow(clippy::too_many_arguments, reason = "each is one header of the message")]
    pub fn request(
        &self,
        w: &mut String,
        method: &str,
        cseq: u32,
        branch: &str,
        local: SocketAddr,
        more: &str,
        sdp: &[u8],
    ) {
        let Leg { from, to, call_id, remote_target } = self;
        w.clear();
        let _ = write!(
            w,
            "{method} {remote_target} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n\
             From: {from}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{more}"
        );
        body(w, sdp);
    }
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
    for route in request.all(Name::RecordRoute) {
        let _ = write!(w, "Record-Route: {route}\r\n");
    }
    let get = |name| request.get(name).unwrap_or("");
    let _ = write!(w, "From: {}\r\nTo: {}", get(Name::From), get(Name::To));
    if let Some(tag) = tag {
        let _ = write!(w, ";tag={tag}");
    }
    let _ = write!(
        w,
        "\r\nCall-ID: {}\r\nCSeq: {}\r\nContact: <sip:bench@{contact}>\r\n",
        get(Name::CallId),
        get(Name::CSeq)
    );
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

/// The number of the `k`th caller.
pub fn number(k: u64) -> String {
    format!("139{:08}", k % 100_000_000)
}

/// Which caller's call a message is of: his number ends the user of From or of To.
pub fn caller_of(message: &Message<'_>) -> Option<u64> {
    [Name::From, Name::To].into_iter().find_map(|name| {
        let user = user_of(message.get(name)?)?;
        let number = user.get(user.len().checked_sub(11)?..)?;
        number.strip_prefix("139")?.parse().ok()
    })
}

/// The user of the first SIP URI in this text.
pub fn user_of(text: &str) -> Option<&str> {
    Some(text.split_once("sip:")?.1.split_once('@')?.0)
}

/// The URI in a Contact.
pub fn contact_uri(message: &Message<'_>) -> Option<String> {
    let value = message.get(Name::Contact)?;
    let uri = match value.split_once('<') {
        Some((_, rest)) => rest.split_once('>')?.0,
        None => value.split(';').next()?,
    };
    Some(uri.trim().to_owned())
}

/// Where `m=audio` says that sound is wanted, at this address.
pub fn audio_at(sdp: &[u8], at: SocketAddr) -> Option<SocketAddr> {
    let text = std::str::from_utf8(sdp).ok()?;
    let port = text.split_once("m=audio ")?.1.split(' ').next()?.parse().ok().filter(|p| *p != 0)?;
    let said = text.split_once("c=IN IP4 ").and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
    let ip = said.filter(|ip: &std::net::IpAddr| !ip.is_unspecified()).unwrap_or(at.ip());
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_back_and_names_its_caller() {
        let local: SocketAddr = "127.0.0.1:4000".parse().expect("an address");
        let leg = Leg {
            from: format!("<sip:{}@{local}>;tag=a", number(42)),
            to: "<sip:9500@127.0.0.1:5060>".into(),
            call_id: "x".into(),
            remote_target: "sip:9500@127.0.0.1:5060".into(),
        };
        let mut text = String::new();
        let sdp = b"v=0\r\nc=IN IP4 127.0.0.2\r\nm=audio 4002 RTP/AVP 8\r\n";
        leg.request(&mut text, "INVITE", 1, "b", local, "Contact: <sip:bench@127.0.0.1:4000>;x=1\r\n", sdp);
        let message = Message::parse(text.as_bytes()).expect("SIP");
        assert_eq!((caller_of(&message), message.cseq()), (Some(42), Some((1, "INVITE"))));
        assert_eq!(contact_uri(&message).as_deref(), Some("sip:bench@127.0.0.1:4000"));
        assert_eq!(
            audio_at(message.body().expect("a body"), local),
            Some("127.0.0.2:4002".parse().expect("an address"))
        );
    }
}
