//! One party's dialog with the target, and the messages it says, written into a buffer that is used again.
//!
//! A telephone of a load must cost little beside what it measures, so these are texts. Everything bears the caller's number, which
//! therefore tells whose call a message is of, on either leg.
use super::link::Own;
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
    /// The route set as header lines (RFC 3261 §12.1.2).
    pub routes: String,
}

impl Leg {
    /// A request of ours; `more` are whole header lines.
    #[allow(clippy::too_many_arguments, reason = "each is one header of the message")]
    pub fn request(&self, w: &mut String, method: &str, cseq: u32, branch: &str, own: Own, more: &str, sdp: &[u8]) {
        let Leg { from, to, call_id, remote_target, routes } = self;
        w.clear();
        let mut number = Digits::default();
        let cseq = number.of(cseq);
        // Pieces, since this is most of what a load writes.
        for piece in [method, " ", remote_target, " SIP/2.0\r\nVia: SIP/2.0/", own.transport.name(), " "] {
            w.push_str(piece);
        }
        let _ = write!(w, "{}", own.at);
        for piece in [
            ";branch=z9hG4bK",
            branch,
            ";rport\r\nMax-Forwards: 70\r\n",
            routes,
            "From: ",
            from,
            "\r\nTo: ",
            to,
            "\r\nCall-ID: ",
            call_id,
            "\r\nCSeq: ",
            cseq,
            " ",
            method,
            "\r\n",
            more,
        ] {
            w.push_str(piece);
        }
        body(w, sdp);
    }

    /// The route set that a response has told us, the nearest first.
    pub fn routes_of(response: &Message<'_>) -> String {
        let all: Vec<&str> = response.list(Name::RecordRoute).collect();
        all.iter().rev().map(|route| format!("Route: {}\r\n", route.trim())).collect()
    }
}

/// A response with everything that must be said again (RFC 3261 §8.2.6.2).
pub fn response(w: &mut String, request: &Message<'_>, status: &str, tag: Option<&str>, contact: Own, sdp: &[u8]) {
    w.clear();
    for piece in ["SIP/2.0 ", status, "\r\n"] {
        w.push_str(piece);
    }
    for via in request.all(Name::Via) {
        for piece in ["Via: ", via, "\r\n"] {
            w.push_str(piece);
        }
    }
    for route in request.all(Name::RecordRoute) {
        for piece in ["Record-Route: ", route, "\r\n"] {
            w.push_str(piece);
        }
    }
    let get = |name| request.get(name).unwrap_or("");
    for piece in ["From: ", get(Name::From), "\r\nTo: ", get(Name::To)] {
        w.push_str(piece);
    }
    if let Some(tag) = tag {
        w.push_str(";tag=");
        w.push_str(tag);
    }
    for piece in ["\r\nCall-ID: ", get(Name::CallId), "\r\nCSeq: ", get(Name::CSeq), "\r\n"] {
        w.push_str(piece);
    }
    let _ = write!(w, "Contact: <{}>\r\n", contact.uri("bench"));
    body(w, sdp);
}

fn body(w: &mut String, sdp: &[u8]) {
    if sdp.is_empty() {
        w.push_str("Content-Length: 0\r\n\r\n");
        return;
    }
    let mut number = Digits::default();
    let sdp = std::str::from_utf8(sdp).expect("SDP of ours is text");
    for piece in ["Content-Type: application/sdp\r\nContent-Length: ", number.of(sdp.len() as u32), "\r\n\r\n", sdp] {
        w.push_str(piece);
    }
}

/// A number as text, without the formatter.
#[derive(Default)]
struct Digits([u8; 10]);

impl Digits {
    fn of(&mut self, mut n: u32) -> &str {
        let mut at = self.0.len();
        loop {
            at -= 1;
            self.0[at] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        std::str::from_utf8(&self.0[at..]).expect("digits")
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
            routes: "Route: <sip:p1;lr>\r\nRoute: <sip:p2;lr>\r\n".into(),
        };
        let mut text = String::new();
        let sdp = b"v=0\r\nc=IN IP4 127.0.0.2\r\nm=audio 4002 RTP/AVP 8\r\n";
        let own = Own { transport: super::super::link::Transport::Udp, at: local };
        leg.request(&mut text, "INVITE", 120, "b", own, "Contact: <sip:bench@127.0.0.1:4000>;x=1\r\n", sdp);
        let message = Message::parse(text.as_bytes()).expect("SIP");
        assert_eq!((caller_of(&message), message.cseq()), (Some(42), Some((120, "INVITE"))));
        assert_eq!(message.all(Name::Route).collect::<Vec<_>>(), ["<sip:p1;lr>", "<sip:p2;lr>"]);
        assert_eq!(contact_uri(&message).as_deref(), Some("sip:bench@127.0.0.1:4000"));
        assert_eq!(
            audio_at(message.body().expect("a body"), local),
            Some("127.0.0.2:4002".parse().expect("an address"))
        );
    }
}
