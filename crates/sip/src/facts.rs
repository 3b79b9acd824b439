//! Reading what goes up to the owner: owned values, cut out of a message that is about to be forgotten.
use crate::event::{InviteFacts, Request, RequestContact, RequestId};
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{Digit, FlowId};
use switchboard_wire::sip::{Address, Message, Name, Params, Start, Uri, unfold, unquote};

impl InviteFacts {
    pub(crate) fn read(message: &Message<'_>) -> InviteFacts {
        let uri = Uri::parse(message.request_uri());
        let from = message.from();
        let text = |name: Name| message.get(name).map(|v| unfold(v).into_owned());
        let identity =
            message.list(Name::PAssertedIdentity).find_map(|v| Some(Address::parse(v)?.uri.user().into_owned()));
        InviteFacts {
            request_uri: message.request_uri().to_owned(),
            request_user: uri.map_or(String::new(), |u| u.user().into_owned()),
            request_host: uri.map_or(String::new(), |u| u.host()),
            from_user: from.map_or(String::new(), |a| a.uri.user().into_owned()),
            from_host: from.map_or(String::new(), |a| a.uri.host()),
            from_display: from.map_or(String::new(), |a| unfold(&a.name()).into_owned()),
            to_user: message.to().map_or(String::new(), |a| a.uri.user().into_owned()),
            call_id: message.call_id().unwrap_or("").to_owned(),
            p_asserted_identity: identity,
            first_dialled: first_dialled(message),
            privacy: text(Name::Privacy),
            user_agent: text(Name::UserAgent),
            max_forwards: message.number(Name::MaxForwards),
            via_host: message.via().map_or(String::new(), |via| via.host.to_string()),
        }
    }
}

impl InviteFacts {
    /// Whether the caller asks that who he is be kept from those he calls (RFC 3323 §4.2, RFC 3325 §9.3).
    pub fn withholds_identity(&self) -> bool {
        let hides = |value: &str| ["id", "user", "header"].iter().any(|v| value.trim().eq_ignore_ascii_case(v));
        self.privacy.as_deref().is_some_and(|p| p.split([';', ',']).any(hides))
    }
}

/// Diversion grows at its head, so the last one is the oldest; History-Info grows at its end.
fn first_dialled(message: &Message<'_>) -> Option<String> {
    let user = |text: &str| Some(Address::parse(text)?.uri.user().into_owned()).filter(|u| !u.is_empty());
    let oldest = message.list(Name::Diversion).last().or_else(|| message.list(Name::HistoryInfo).next());
    let now = Uri::parse(message.request_uri()).map(|uri| uri.user().into_owned());
    // A history of one entry is where the call is now.
    oldest.and_then(user).filter(|first| now.as_ref() != Some(first))
}

/// The URIs of a 3xx's Contacts, by falling `q`; those of the same stay in their order (RFC 3261 §20.10). What has none is meant most.
pub(crate) fn targets(message: &Message<'_>) -> Vec<String> {
    let q = |a: &Address<'_>| {
        let q = a.params().value("q").and_then(|q| q.trim().parse::<f32>().ok()).filter(|q| (0.0..=1.0).contains(q));
        (q.unwrap_or(1.0) * 1_000.0) as u32
    };
    let mut targets: Vec<(u32, String)> = message
        .list(Name::Contact)
        .filter_map(Address::parse)
        .take(TARGETS_MAX)
        .map(|a| (q(&a), unfold(a.uri_text).into_owned()))
        .collect();
    targets.sort_by_key(|(q, _)| std::cmp::Reverse(*q));
    targets.into_iter().map(|(_, uri)| uri).collect()
}

/// Contacts of one 3xx that are looked at; nobody has a reason to send more.
const TARGETS_MAX: usize = 8;

impl Request {
    pub(crate) fn read(request: RequestId, message: &Message<'_>, source: SocketAddr, flow: FlowId) -> Request {
        let Start::Request { method, .. } = message.start() else { unreachable!("only a request is read as one") };
        let contacts = message.list(Name::Contact).map(|text| match Address::parse(text) {
            Some(a) => {
                let expires = a.params().value("expires").map(|e| seconds(&unquote(e)));
                RequestContact { uri: unfold(a.uri_text).into_owned(), expires }
            }
            None => RequestContact { uri: text.to_owned(), expires: None },
        });
        Request {
            request,
            method: method.to_owned(),
            uri: message.request_uri().to_owned(),
            source,
            flow,
            from: message.from().map_or(String::new(), |a| a.uri_text.to_owned()),
            to: message.to().map_or(String::new(), |a| a.uri_text.to_owned()),
            to_user: message.to().map_or(String::new(), |a| a.uri.user().into_owned()),
            call_id: message.call_id().unwrap_or("").to_owned(),
            cseq: message.cseq().map_or(0, |(n, _)| n),
            contacts: contacts.collect(),
            expires: message.number(Name::Expires),
            authorization: message.all(Name::Authorization).map(|v| unfold(v).into_owned()).collect(),
            body: Bytes::copy_from_slice(message.body().unwrap_or(b"")),
        }
    }
}

/// A number of seconds; what is too large is the largest, what is none is 3600 (RFC 3261 §20.19).
fn seconds(text: &str) -> u32 {
    let well = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if well { text.parse().unwrap_or(u32::MAX) } else { 3600 }
}

/// The SDP in a message: the body, or the first such part of a multipart body (carriers add ISUP beside it).
/// `Err` if there is a body that is not of these.
pub(crate) fn sdp(message: &Message<'_>) -> Result<Option<Bytes>, NoSdp> {
    let body = message.body().unwrap_or(b"");
    if body.is_empty() {
        return Ok(None);
    }
    let encoding = message.get(Name::ContentEncoding).map(unfold);
    if encoding.is_some_and(|e| !e.trim().eq_ignore_ascii_case("identity")) {
        return Err(NoSdp);
    }
    if message.body_is("application/sdp") {
        return Ok(Some(Bytes::copy_from_slice(body)));
    }
    if !message.body_is("multipart/mixed") {
        return Err(NoSdp);
    }
    let content_type = message.get(Name::ContentType).map(unfold).unwrap_or_default();
    let params = content_type.find(';').map_or("", |at| &content_type[at..]);
    let boundary = Params::new(params).value("boundary").map(unquote).ok_or(NoSdp)?;
    sdp_part(body, &format!("--{boundary}")).map(|part| Some(Bytes::copy_from_slice(part))).ok_or(NoSdp)
}

/// The key in an INFO: `Signal=5` of `application/dtmf-relay`, or the bare key of `application/dtmf`.
pub(crate) fn key(message: &Message<'_>) -> Option<Digit> {
    let body = std::str::from_utf8(message.body()?).ok()?;
    let signal = if message.body_is("application/dtmf-relay") {
        body.lines().find_map(|line| {
            let (name, value) = line.split_once('=')?;
            name.trim().eq_ignore_ascii_case("signal").then_some(value)
        })?
    } else if message.body_is("application/dtmf") {
        body
    } else {
        return None;
    };
    match signal.trim() {
        "10" => Digit::from_char('*'),
        "11" => Digit::from_char('#'),
        one => {
            let mut faces = one.chars();
            let digit = Digit::from_char(faces.next()?)?;
            faces.next().is_none().then_some(digit)
        }
    }
}

/// A body that is no session description.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoSdp;

fn sdp_part<'b>(body: &'b [u8], boundary: &str) -> Option<&'b [u8]> {
    let mut starts: Vec<usize> = vec![];
    let mark = boundary.as_bytes();
    let mut at = 0;
    while let Some(found) = body[at..].windows(mark.len()).position(|w| w == mark) {
        starts.push(at + found);
        at += found + mark.len();
    }
    starts.windows(2).find_map(|pair| {
        let part = &body[pair[0] + mark.len()..pair[1]];
        let head_end = part.windows(4).position(|w| w == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&part[..head_end]);
        let is_sdp = head.lines().any(|line| {
            let (name, value) = line.split_once(':').unwrap_or(("", ""));
            Name::of(name.trim()) == Name::ContentType
                && value.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("application/sdp"))
        });
        let content = &part[head_end + 4..];
        // The line end before the next boundary belongs to the boundary (RFC 2046 §5.1.1); SDP wants its own.
        is_sdp.then_some(content)
    })
}

/// Whether an Accept header, if there is one, lets us answer with SDP (RFC 3261 §20.1).
pub(crate) fn accepts_sdp(message: &Message<'_>) -> bool {
    if message.get(Name::Accept).is_none() {
        return true;
    }
    message.list(Name::Accept).any(|range| {
        let range = range.split(';').next().unwrap_or("").trim();
        ["application/sdp", "application/*", "*/*"].iter().any(|r| r.eq_ignore_ascii_case(range))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privacy_and_what_the_network_asserts() {
        let check = |headers: &str, identity: Option<&str>, withheld: bool| {
            let text =
                format!("INVITE sip:a@b SIP/2.0\r\nFrom: <sip:anonymous@anonymous.invalid>\r\n{headers}\r\n\r\n");
            let facts = InviteFacts::read(&Message::parse(text.as_bytes()).expect("a message"));
            assert_eq!(
                (facts.p_asserted_identity.as_deref(), facts.withholds_identity()),
                (identity, withheld),
                "{headers}"
            );
        };
        check("P-Asserted-Identity: <tel:+8613812345678>", Some("+8613812345678"), false);
        check(
            "P-Asserted-Identity: \"x\" <sip:13812345678@ims.example;user=phone>\r\nPrivacy: id",
            Some("13812345678"),
            true,
        );
        check("Privacy: critical; user", None, true);
        check("Privacy: None", None, false);
        check("Privacy: session", None, false);
    }

    #[test]
    fn what_was_dialled_before_the_call_was_diverted() {
        let check = |headers: &str, first: Option<&str>| {
            let text = format!("INVITE sip:95588@b SIP/2.0\r\n{headers}\r\n\r\n");
            let facts = InviteFacts::read(&Message::parse(text.as_bytes()).expect("a message"));
            assert_eq!(facts.first_dialled.as_deref(), first, "{headers}");
        };
        check("Subject: none", None);
        check("Diversion: <sip:62340001@b>;reason=unconditional", Some("62340001"));
        check("Diversion: <sip:2@b>;counter=1, \"x\" <tel:+862162340001>;reason=no-answer", Some("+862162340001"));
        check("Diversion: <sip:2@b>\r\nDiversion: <sip:1@b>", Some("1"));
        check(
            "History-Info: <sip:62340001@b>;index=1, <sip:95588@b?Reason=SIP%3Bcause%3D302>;index=1.1;mp=1",
            Some("62340001"),
        );
        check("History-Info: <sip:95588@b>;index=1", None);
        check("Diversion: <sip:95588@b>", None);
        check("Diversion: rubbish", None);
    }

    #[test]
    fn a_redirection_is_read_by_falling_q() {
        let check = |contacts: &str, wanted: &[&str]| {
            let text = format!("SIP/2.0 302 Moved\r\n{contacts}\r\n\r\n");
            assert_eq!(targets(&Message::parse(text.as_bytes()).expect("a message")), wanted, "{contacts}");
        };
        check("Contact: <sip:1@a;x=y>;q=0.2, <sip:2@a>;q=0.9", &["sip:2@a", "sip:1@a;x=y"]);
        check("m: sip:1@a\r\nm: <tel:+8621>;q=1.0, <sip:3@a>;q=0.5, rubbish", &["sip:1@a", "tel:+8621", "sip:3@a"]);
        check("m: <sip:1@a>;q=nan, <sip:2@a>;q=7", &["sip:1@a", "sip:2@a"]);
        check("x-none: 1", &[]);
    }

    #[test]
    fn a_key_by_info_is_read_as_gateways_write_it() {
        let check = |content_type: &str, body: &str, wanted: Option<char>| {
            let length = body.len();
            let text =
                format!("INFO sip:a SIP/2.0\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}");
            let message = Message::parse(text.as_bytes()).expect("a message");
            assert_eq!(key(&message).map(Digit::face), wanted, "{content_type} {body}");
        };
        check("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", Some('5'));
        check("application/dtmf-relay", "Signal= *\nDuration= 250\n", Some('*'));
        check("Application/DTMF-Relay", "signal=11\r\n", Some('#'));
        check("application/dtmf", "0", Some('0'));
        check("application/dtmf", "a\r\n", Some('A'));
        for (content_type, body) in [
            ("application/dtmf-relay", "Signal=55\r\n"),
            ("application/dtmf-relay", "Duration=5\r\n"),
            ("application/dtmf", ""),
            ("application/dtmf", "x"),
            ("text/plain", "5"),
        ] {
            check(content_type, body, None);
        }
    }

    #[test]
    fn sdp_is_found_beside_isup() {
        let check = |content_type: &str, body: &str, wanted: Result<Option<&str>, NoSdp>| {
            let text = format!("INVITE sip:a SIP/2.0\r\nContent-Type: {content_type}\r\n\r\n{body}");
            let message = Message::parse(text.as_bytes()).expect("a message");
            let got = sdp(&message);
            assert_eq!(got, wanted.map(|w| w.map(|w| Bytes::copy_from_slice(w.as_bytes()))), "{content_type}");
        };
        check("application/sdp", "v=0\r\n", Ok(Some("v=0\r\n")));
        check("application/sdp", "", Ok(None));
        check("application/isup", "x", Err(NoSdp));
        let both = "--b1\r\nContent-Type: application/ISUP;version=x\r\n\r\n\x01\x02\r\n--b1\r\nc: application/sdp\r\n\r\nv=0\r\n--b1--\r\n";
        check("multipart/mixed;boundary=b1", both, Ok(Some("v=0\r\n")));
        check("multipart/mixed; boundary=\"b1\"", both, Ok(Some("v=0\r\n")));
        check("multipart/mixed;boundary=other", both, Err(NoSdp));
        check("multipart/mixed", both, Err(NoSdp));
    }
}
