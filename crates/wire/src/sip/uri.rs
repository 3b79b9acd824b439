//! `sip:`, `sips:` and `tel:` URIs (RFC 3261 §19.1, RFC 3966).
//!
//! ```text
//!   sip:user;with=params:password@host:5060;transport=udp?header=value
//!       └──── user info ────────┘ └host┘     └ params ──┘ └ headers ┘
//! ```
//! Everything borrows; escapes are left in place and taken out by [`unescape`] where a value is wanted.
use super::params::Params;
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// A URI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Uri<'a> {
    /// `sip:` or `sips:`.
    Sip(SipUri<'a>),
    /// `tel:`.
    Tel(TelUri<'a>),
    /// A scheme that SIP does not route by; a Request-URI of this kind is answered 416.
    Other {
        /// Up to the colon.
        scheme: &'a str,
        /// After it.
        rest: &'a str,
    },
}

/// A `sip:` or `sips:` URI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SipUri<'a> {
    /// `sips:`.
    pub secure: bool,
    /// The user part, escapes and all, without the password.
    pub user: Option<&'a str>,
    /// The password, which nobody should use.
    pub password: Option<&'a str>,
    /// The host.
    pub host: Host<'a>,
    /// The port, if it is written.
    pub port: Option<u16>,
    /// From the first `;` after the host; may be empty.
    pub params: &'a str,
    /// What follows `?`; may be empty.
    pub headers: &'a str,
}

/// A `tel:` URI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TelUri<'a> {
    /// The number, with its visual separators.
    pub number: &'a str,
    /// From the first `;`; may be empty. `phone-context` is here.
    pub params: &'a str,
}

/// A host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host<'a> {
    /// A name.
    Name(&'a str),
    /// A literal address; IPv6 stands in brackets on the wire.
    Ip(IpAddr),
}

impl<'a> Uri<'a> {
    /// Reads one; white space, angle brackets and quotes have no place in it.
    pub fn parse(text: &'a str) -> Option<Uri<'a>> {
        if text.bytes().any(|b| b <= b' ' || matches!(b, b'<' | b'>' | b'"' | 0x7f)) {
            return None;
        }
        let (scheme, rest) = text.split_once(':')?;
        let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !scheme_ok {
            return None;
        }
        if scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips") {
            return SipUri::parse(scheme.len() == 4, rest).map(Uri::Sip);
        }
        if scheme.eq_ignore_ascii_case("tel") {
            let at = rest.find(';').unwrap_or(rest.len());
            let (number, params) = rest.split_at(at);
            return (!number.is_empty()).then_some(Uri::Tel(TelUri { number, params }));
        }
        Some(Uri::Other { scheme, rest })
    }

    /// The SIP URI, if it is one.
    pub fn sip(self) -> Option<SipUri<'a>> {
        match self {
            Uri::Sip(uri) => Some(uri),
            Uri::Tel(_) | Uri::Other { .. } => None,
        }
    }

    /// Who is meant: the user part without escapes and without parameters of its own, or the number of a `tel:`.
    pub fn user(&self) -> Cow<'a, str> {
        match self {
            Uri::Sip(uri) => {
                let user = uri.user.unwrap_or("");
                unescape(user.split(';').next().unwrap_or(""))
            }
            Uri::Tel(uri) => Cow::Borrowed(uri.number),
            Uri::Other { .. } => Cow::Borrowed(""),
        }
    }

    /// The host, for printing; empty for a `tel:`.
    pub fn host(&self) -> String {
        self.sip().map_or(String::new(), |uri| uri.host.to_string())
    }
}

impl<'a> SipUri<'a> {
    fn parse(secure: bool, rest: &'a str) -> Option<SipUri<'a>> {
        // The user part may hold `;`, `?` and `/`, but an `@` only escaped: the last one ends it.
        let (info, after) = match rest.rsplit_once('@') {
            Some((info, after)) if !info.is_empty() && !info.contains('@') => (Some(info), after),
            Some(_) => return None,
            None => (None, rest),
        };
        let (user, password) = match info {
            Some(info) => match info.split_once(':') {
                Some((user, password)) => (Some(user), Some(password)),
                None => (Some(info), None),
            },
            None => (None, None),
        };
        if user == Some("") || !user.is_none_or(escapes_are_whole) {
            return None;
        }
        let host_end = after.find([';', '?']).unwrap_or(after.len());
        let (host_port, tail) = after.split_at(host_end);
        let (host, port) = host_port_of(host_port)?;
        let (params, headers) = match tail.split_once('?') {
            Some((params, headers)) => (params, headers),
            None => (tail, ""),
        };
        Some(SipUri { secure, user, password, host, port, params, headers })
    }

    /// Its parameters.
    pub fn params(&self) -> Params<'a> {
        Params::new(self.params)
    }

    /// Where it leads without asking anybody: a literal address, with 5060 if no port is written.
    pub fn socket(&self) -> Option<SocketAddr> {
        match self.host {
            Host::Ip(ip) => Some(SocketAddr::new(ip, self.port.unwrap_or(if self.secure { 5061 } else { 5060 }))),
            Host::Name(_) => None,
        }
    }
}

/// `host`, `host:port`, `[v6]`, `[v6]:port`.
pub(crate) fn host_port_of(text: &str) -> Option<(Host<'_>, Option<u16>)> {
    let (host, port) = if let Some(inner) = text.strip_prefix('[') {
        let (v6, after) = inner.split_once(']')?;
        (Host::Ip(IpAddr::V6(v6.parse::<Ipv6Addr>().ok()?)), after.trim_start())
    } else {
        let end = text.find([':', ' ', '\t', '\r', '\n']).unwrap_or(text.len());
        let name = &text[..end];
        let plain =
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let host = match name.parse() {
            Ok(v4) => Host::Ip(IpAddr::V4(v4)),
            Err(_) if plain => Host::Name(name),
            Err(_) => return None,
        };
        (host, text[end..].trim_start())
    };
    if port.is_empty() {
        return Some((host, None));
    }
    let port = port.strip_prefix(':')?.trim();
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((host, Some(port.parse().ok().filter(|&p| p != 0)?)))
}

fn escapes_are_whole(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|p| p.len() >= 2 && p.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit))
}

/// Takes `%41` for `A`; what is no UTF-8 afterwards is replaced, what is no escape stays.
pub fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[i], hex(i + 1), hex(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
            }
            (b, _, _) => {
                out.push(b);
                i += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Ip(IpAddr::V4(v4)) => write!(f, "{v4}"),
            Host::Ip(IpAddr::V6(v6)) => write!(f, "[{v6}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        let check = |text: &str, wanted: &str| {
            let got = match Uri::parse(text) {
                None => "no".to_owned(),
                Some(Uri::Sip(u)) => format!(
                    "{} user={} host={} port={:?} params={} headers={}",
                    if u.secure { "sips" } else { "sip" },
                    unescape(u.user.unwrap_or("-")),
                    u.host,
                    u.port,
                    u.params,
                    u.headers
                ),
                Some(Uri::Tel(t)) => format!("tel {} {}", t.number, t.params),
                Some(Uri::Other { scheme, .. }) => format!("other {scheme}"),
            };
            assert_eq!(got, wanted, "{text}");
        };
        check("sip:a.b@example.com", "sip user=a.b host=example.com port=None params= headers=");
        check("sips:example.com:5061", "sips user=- host=example.com port=Some(5061) params= headers=");
        check("SIP:x@[2001:db8::1]:5070;lr", "sip user=x host=[2001:db8::1] port=Some(5070) params=;lr headers=");
        check("sip:[::1]", "sip user=- host=[::1] port=None params= headers=");
        check(
            "sip:user;par=u%40example.net@example.com",
            "sip user=user;par=u@example.net host=example.com port=None params= headers=",
        );
        check(
            "sip:sips%3Auser%40example.com@example.net",
            "sip user=sips:user@example.com host=example.net port=None params= headers=",
        );
        check("sip:u@h?Route=%3Csip:x%3E", "sip user=u host=h port=None params= headers=Route=%3Csip:x%3E");
        check("tel:+86-10-95588;phone-context=+86", "tel +86-10-95588 ;phone-context=+86");
        check("isbn:2983792873", "other isbn");
        check("soap.beep://192.0.2.103:3002", "other soap.beep");
        for bad in [
            "",
            "sip:",
            "sip:@h",
            "sip:u@",
            "sip:u@h:",
            "sip:u@h:x",
            "sip:u@h:0",
            "sip:u@h:70000",
            "sip:a@b@c",
            "sip:u@h x",
        ] {
            check(bad, "no");
        }
        for bad in ["<sip:u@h>", "sip:u@[::1", "sip:%4@h", "sip:u@h\0", "tel:", "1sip:x", "nocolon"] {
            check(bad, "no");
        }
    }

    #[test]
    fn the_user_has_no_escapes_and_no_parameters() {
        for (text, user) in [
            ("sip:%75se%72@h", "user"),
            ("sip:null-%00-null@h", "null-\0-null"),
            ("sip:+8613800000000;phone-context=x@h", "+8613800000000"),
            ("tel:95588;phone-context=+86", "95588"),
            ("sip:h", ""),
            ("sip:%E5%AE%A2@h", "客"),
        ] {
            assert_eq!(Uri::parse(text).expect(text).user(), user, "{text}");
        }
        assert_eq!(unescape("100%"), "100%");
        assert_eq!(unescape("%zz%4"), "%zz%4");
    }
}
