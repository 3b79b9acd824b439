//! One Via (RFC 3261 §20.42), and how it is echoed (§18.2.1, RFC 3581).
use super::params::{Params, trim};
use super::uri::{Host, host_port_of};
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// One element of a Via header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Via<'a> {
    /// `UDP`, `TCP`, `TLS`, `WS` …
    pub transport: &'a str,
    /// Sent-by.
    pub host: Host<'a>,
    /// Its port, if it is written.
    pub port: Option<u16>,
    /// From the first `;`; may be empty.
    pub params: &'a str,
}

impl<'a> Via<'a> {
    /// Reads one; white space may stand around every part.
    pub fn parse(text: &'a str) -> Option<Via<'a>> {
        let (protocol, rest) = trim(text).split_once('/')?;
        let (version, rest) = rest.split_once('/')?;
        if !trim(protocol).eq_ignore_ascii_case("SIP") || trim(version).is_empty() {
            return None;
        }
        let rest = trim(rest);
        let end = rest.find([' ', '\t', '\r', '\n'])?;
        let (transport, rest) = rest.split_at(end);
        let rest = trim(rest);
        let end = rest.find(';').unwrap_or(rest.len());
        let (host, port) = host_port_of(trim(&rest[..end]))?;
        Some(Via { transport, host, port, params: &rest[end..] })
    }

    /// Its parameters.
    pub fn params(&self) -> Params<'a> {
        Params::new(self.params)
    }
    /// The `branch`.
    pub fn branch(&self) -> Option<&'a str> {
        self.params().value("branch")
    }
    /// Whether the sender asks to be answered where he sent from (RFC 3581 §3).
    pub fn wants_rport(&self) -> bool {
        self.params().get("rport").is_some()
    }

    /// Where the response goes (RFC 3261 §18.2.2, RFC 3581 §4) over UDP, given where the request came from.
    pub fn response_address(&self, source: SocketAddr) -> SocketAddr {
        if self.wants_rport() { source } else { SocketAddr::new(source.ip(), self.port.unwrap_or(5060)) }
    }

    /// The element as a server writes it back: with `received` where the address differs or `rport` was asked for.
    pub fn echo(&self, source: SocketAddr, out: &mut String) {
        let _ = write!(out, "SIP/2.0/{} {}", self.transport, self.host);
        if let Some(port) = self.port {
            let _ = write!(out, ":{port}");
        }
        for (name, value) in self.params() {
            if name.eq_ignore_ascii_case("received") || name.eq_ignore_ascii_case("rport") {
                continue;
            }
            let _ = write!(out, ";{name}");
            if let Some(value) = value {
                let _ = write!(out, "={value}");
            }
        }
        let same = matches!(self.host, Host::Ip(ip) if ip == source.ip());
        if self.wants_rport() || !same {
            match source.ip() {
                IpAddr::V4(v4) => drop(write!(out, ";received={v4}")),
                IpAddr::V6(v6) => drop(write!(out, ";received={v6}")),
            }
        }
        if self.wants_rport() {
            let _ = write!(out, ";rport={}", source.port());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vias() {
        let check = |text: &str, wanted: Option<(&str, &str, Option<u16>, Option<&str>)>| {
            let got = Via::parse(text);
            let host = got.map(|v| v.host.to_string()).unwrap_or_default();
            assert_eq!(got.map(|v| (v.transport, host.as_str(), v.port, v.branch())), wanted, "{text}");
        };
        check("SIP/2.0/UDP 192.0.2.1:5062;branch=z9hG4bKx", Some(("UDP", "192.0.2.1", Some(5062), Some("z9hG4bKx"))));
        check(
            "SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw",
            Some(("UDP", "192.0.2.2", None, Some("390skdjuw"))),
        );
        check(
            "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9h",
            Some(("TCP", "spindle.example.com", None, Some("z9h"))),
        );
        check("SIP/2.0/UDP [2001:db8::9]:5060;rport", Some(("UDP", "[2001:db8::9]", Some(5060), None)));
        check("SIP/7.0/UDP c.example.com", Some(("UDP", "c.example.com", None, None)));
        for bad in ["", ";", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0 192.0.2.1", "HTTP/2.0/UDP h", "SIP/2.0/UDP h:port"]
        {
            check(bad, None);
        }
    }

    #[test]
    fn echo_says_where_it_came_from() {
        let check = |text: &str, source: &str, echoed: &str, answered: &str| {
            let (via, source) = (Via::parse(text).expect(text), source.parse().expect("an address"));
            let mut out = String::new();
            via.echo(source, &mut out);
            assert_eq!(out, echoed);
            assert_eq!(via.response_address(source).to_string(), answered);
        };
        check("SIP/2.0/UDP 192.0.2.1;branch=b", "192.0.2.1:5060", "SIP/2.0/UDP 192.0.2.1;branch=b", "192.0.2.1:5060");
        check(
            "SIP/2.0/UDP 10.0.0.1:5070;branch=b",
            "192.0.2.1:999",
            "SIP/2.0/UDP 10.0.0.1:5070;branch=b;received=192.0.2.1",
            "192.0.2.1:5070",
        );
        check(
            "SIP/2.0/UDP host.example;rport;received=1.2.3.4;branch=b",
            "192.0.2.1:999",
            "SIP/2.0/UDP host.example;branch=b;received=192.0.2.1;rport=999",
            "192.0.2.1:999",
        );
        check(
            "SIP/2.0/UDP [::1];rport;branch=b",
            "[::1]:7",
            "SIP/2.0/UDP [::1];branch=b;received=::1;rport=7",
            "[::1]:7",
        );
    }
}
