//! rsip's typed model of a message, built from our index.
//!
//! For whoever wants a message that owns itself and can be asked by type: traces, tests, tools. The way of a call does not pass
//! here. Header values are given unfolded and by their long names; a value rsip's typed headers would refuse is still carried as
//! text. A URI that rsip cannot hold (`tel:`) makes the whole request untyped.
use super::header::Name;
use super::lexer::{Message, Start};
use super::method::method;
use super::params::{split_commas, trim, unfold};
use super::uri::{Host, Uri};
use rsip::headers::{self, UntypedHeader};

/// The message in rsip's types; `None` if it has a method or a Request-URI that they cannot express, or a broken body length.
pub fn typed(message: &Message<'_>) -> Option<rsip::SipMessage> {
    let body = message.body()?.to_vec();
    let headers: Vec<rsip::Header> = message
        .headers()
        .flat_map(|(name, text, value)| {
            // rsip drops the second Via of one header; so each gets a header of its own.
            let parts: Vec<&str> = if name == Name::Via { split_commas(value).collect() } else { vec![value] };
            parts.into_iter().map(move |part| header(name, text, unfold(part).into_owned()))
        })
        .collect();
    let headers = rsip::Headers::from(headers);
    match message.start() {
        Start::Request { method: name, .. } => Some(rsip::SipMessage::Request(rsip::Request {
            method: method(name)?,
            uri: uri(message.request_uri())?,
            version: rsip::Version::V2,
            headers,
            body,
        })),
        Start::Response { code, .. } => Some(rsip::SipMessage::Response(rsip::Response {
            status_code: rsip::StatusCode::from(code),
            version: rsip::Version::V2,
            headers,
            body,
        })),
    }
}

fn uri(text: &str) -> Option<rsip::Uri> {
    let sip = Uri::parse(text)?.sip()?;
    let auth = sip.user.map(|user| rsip::Auth { user: user.to_owned(), password: sip.password.map(str::to_owned) });
    let host = match sip.host {
        Host::Name(name) => rsip::Host::Domain(rsip::Domain::from(name)),
        Host::Ip(ip) => rsip::Host::IpAddr(ip),
    };
    let params = sip.params().map(|(name, value)| {
        rsip::Param::Other(rsip::param::OtherParam::from(name), value.map(rsip::param::OtherParamValue::from))
    });
    Some(rsip::Uri {
        scheme: Some(if sip.secure { rsip::Scheme::Sips } else { rsip::Scheme::Sip }),
        auth,
        host_with_port: rsip::HostWithPort { host, port: sip.port.map(rsip::Port::from) },
        params: params.collect(),
        headers: vec![],
    })
}

fn header(name: Name, text: &str, value: String) -> rsip::Header {
    let value = trim(&value).to_owned();
    match name {
        Name::Via => headers::Via::new(value).into(),
        Name::From => headers::From::new(value).into(),
        Name::To => headers::To::new(value).into(),
        Name::CallId => headers::CallId::new(value).into(),
        Name::CSeq => headers::CSeq::new(value).into(),
        Name::MaxForwards => headers::MaxForwards::new(value).into(),
        Name::Contact => headers::Contact::new(value).into(),
        Name::Route => headers::Route::new(value).into(),
        Name::RecordRoute => headers::RecordRoute::new(value).into(),
        Name::ContentLength => headers::ContentLength::new(value).into(),
        Name::ContentType => headers::ContentType::new(value).into(),
        Name::Require => headers::Require::new(value).into(),
        Name::Supported => headers::Supported::new(value).into(),
        Name::Expires => headers::Expires::new(value).into(),
        Name::UserAgent => headers::UserAgent::new(value).into(),
        Name::Authorization => headers::Authorization::new(value).into(),
        Name::WwwAuthenticate => headers::WwwAuthenticate::new(value).into(),
        Name::Other => rsip::Header::Other(text.to_owned(), value),
        known => rsip::Header::Other(known.long().to_owned(), value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rsip::prelude::*;

    #[test]
    fn what_rsip_cannot_read_it_can_hold() {
        let text = "INVITE sip:a.b@[2001:db8::1]:5070;lr SIP/2.0\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1,SIP/2.0/UDP b;branch=z9hG4bK2\r\n\
            t: <sip:a@b>\r\nf: <sip:c@d>;tag=x\r\ni: 1\r\nCSeq: 1\r\n INVITE\r\nl: 2\r\n\r\n\0\u{1}junk";
        let message = Message::parse(text.as_bytes()).expect("a message");
        let Some(rsip::SipMessage::Request(request)) = typed(&message) else { panic!("a request") };
        assert_eq!(request.method, rsip::Method::Invite);
        assert_eq!(request.uri.auth.as_ref().map(|a| a.user.as_str()), Some("a.b"));
        assert_eq!(request.uri.host_with_port.to_string(), "2001:db8::1:5070".to_owned());
        assert_eq!(request.headers.iter().filter(|h| matches!(h, rsip::Header::Via(_))).count(), 2);
        assert_eq!(request.cseq_header().expect("there").value(), "1 INVITE");
        assert_eq!(request.body.len(), 2);
    }
}
