//! Methods: rsip's enumeration, our own reading.
//!
//! Names are case-sensitive (RFC 3261 §7.1). A method that is in no RFC we know reads as `None` and is answered 501.
pub use rsip::Method;

const METHODS: [(&str, Method); 14] = [
    ("INVITE", Method::Invite),
    ("ACK", Method::Ack),
    ("BYE", Method::Bye),
    ("CANCEL", Method::Cancel),
    ("OPTIONS", Method::Options),
    ("REGISTER", Method::Register),
    ("INFO", Method::Info),
    ("UPDATE", Method::Update),
    ("PRACK", Method::PRack),
    ("REFER", Method::Refer),
    ("NOTIFY", Method::Notify),
    ("SUBSCRIBE", Method::Subscribe),
    ("MESSAGE", Method::Message),
    ("PUBLISH", Method::Publish),
];

/// The method of this name.
pub fn method(name: &str) -> Option<Method> {
    METHODS.iter().find(|(n, _)| *n == name).map(|(_, m)| *m)
}

/// Its name on the wire.
pub fn method_name(method: Method) -> &'static str {
    METHODS.iter().find(|(_, m)| *m == method).map_or("", |(n, _)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_methods_go_both_ways() {
        for (name, m) in METHODS {
            assert_eq!(method(name), Some(m));
            assert_eq!(method_name(m), name);
        }
        assert_eq!(method("invite"), None);
        assert_eq!(method("RE%47IST%45R"), None);
    }
}
