//! Where a request inside a dialog goes, and what it says about its way (RFC 3261 §12.2.1.1).
//!
//! ```text
//!   loose (;lr)  Request-URI: target        Route: r1, r2
//!   strict       Request-URI: r1            Route: r2, <target>
//! ```
//! There is no DNS here. A literal address in the first route, or else in the target, is used; a name, or an address that the other
//! side cannot be reached at from here (it speaks from another), leads to where it speaks from.
use super::Dialog;
use std::net::SocketAddr;
use switchboard_wire::sip::{Address, Uri};

impl Dialog {
    /// Request-URI and Route.
    pub fn way(&self) -> (String, Vec<String>) {
        let first = self.routes.first().and_then(|r| Address::parse(r));
        let strict = first.and_then(|a| a.uri.sip()).filter(|uri| uri.params().get("lr").is_none()).and(first);
        match strict {
            Some(first) => {
                let rest = self.routes[1..].iter().cloned().chain([format!("<{}>", self.target)]);
                (first.uri_text.to_owned(), rest.collect())
            }
            None => (self.target.clone(), self.routes.clone()),
        }
    }

    /// The address of the next hop.
    pub fn next_hop(&self) -> SocketAddr {
        if self.behind_nat {
            return self.peer;
        }
        let first = self.routes.first().and_then(|r| Address::parse(r)).map_or(self.target.as_str(), |a| a.uri_text);
        literal(first).unwrap_or(self.peer)
    }
}

/// The literal address in a URI that can be sent to.
pub(crate) fn literal(uri: &str) -> Option<SocketAddr> {
    Uri::parse(uri)?.sip()?.socket().filter(|a| !a.ip().is_unspecified())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DialogId;
    use switchboard_model::FlowId;
    use switchboard_wire::sip::Message;

    fn dialog(routes: &str, contact: &str, via: &str) -> Dialog {
        let text = format!(
            "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bKx\r\nFrom: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\n\
             Call-ID: i\r\nCSeq: 1 INVITE\r\nContact: {contact}\r\n{routes}\r\n"
        );
        let message = Message::parse(text.as_bytes()).expect("a message");
        Dialog::called(
            DialogId(1),
            &message,
            "192.0.2.1:5060".parse().expect("an address"),
            FlowId(0),
            "t".to_owned(),
            1,
        )
    }

    #[test]
    fn ways() {
        let check = |routes: &str, contact: &str, via: &str, uri: &str, route: &[&str], hop: &str| {
            let d = dialog(routes, contact, via);
            assert_eq!(d.way(), (uri.to_owned(), route.iter().map(|r| (*r).to_owned()).collect()), "{routes}");
            assert_eq!(d.next_hop().to_string(), hop, "{routes} {contact} {via}");
        };
        let here = "192.0.2.1";
        check("", "<sip:c@192.0.2.7:5070>", here, "sip:c@192.0.2.7:5070", &[], "192.0.2.7:5070");
        check("", "<sip:c@name.example>", here, "sip:c@name.example", &[], "192.0.2.1:5060");
        check("", "<sip:c@10.0.0.7>", "10.0.0.7", "sip:c@10.0.0.7", &[], "192.0.2.1:5060");
        check("", "<sip:c@0.0.0.0>", here, "sip:c@0.0.0.0", &[], "192.0.2.1:5060");
        let two = "Record-Route: <sip:192.0.2.8;lr>, <sip:p2;lr>\r\n";
        check(two, "<sip:c@x>", here, "sip:c@x", &["<sip:192.0.2.8;lr>", "<sip:p2;lr>"], "192.0.2.8:5060");
        let strict = "Record-Route: <sip:192.0.2.8>\r\nRecord-Route: <sip:p2;lr>\r\n";
        check(strict, "<sip:c@x>", here, "sip:192.0.2.8", &["<sip:p2;lr>", "<sip:c@x>"], "192.0.2.8:5060");
    }
}
