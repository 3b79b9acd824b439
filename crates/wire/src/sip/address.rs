//! `"Display" <uri>;params` and `uri;params`: From, To, Contact, Route, P-Asserted-Identity (RFC 3261 §20.10).
use super::params::{Params, find_outside, trim, unquote};
use super::uri::Uri;
use std::borrow::Cow;

/// One name-addr or addr-spec with the header's parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Address<'a> {
    /// The display name as it stands, quotes included; none if there is none.
    pub display: Option<&'a str>,
    /// The URI's text.
    pub uri_text: &'a str,
    /// The URI.
    pub uri: Uri<'a>,
    /// From the first `;` that belongs to the header, not to the URI; may be empty.
    pub params: &'a str,
}

impl<'a> Address<'a> {
    /// Reads one. Without `<>` every parameter is the header's, and the URI may hold no `?` and no `,` (RFC 3261 §20).
    pub fn parse(text: &'a str) -> Option<Address<'a>> {
        let text = trim(text);
        let Some(open) = find_outside(text, b'<', false) else {
            let end = text.find(';').unwrap_or(text.len());
            let (uri_text, params) = text.split_at(end);
            let uri_text = trim(uri_text);
            if uri_text.contains(['?', ',', '"']) {
                return None;
            }
            return Some(Address { display: None, uri_text, uri: Uri::parse(uri_text)?, params });
        };
        let display = trim(&text[..open]);
        let (inner, params) = text[open + 1..].split_once('>')?;
        let params = trim(params);
        if !params.is_empty() && !params.starts_with(';') {
            return None;
        }
        let uri_text = trim(inner);
        Some(Address {
            display: (!display.is_empty()).then_some(display),
            uri_text,
            uri: Uri::parse(uri_text)?,
            params,
        })
    }

    /// The header's parameters.
    pub fn params(&self) -> Params<'a> {
        Params::new(self.params)
    }
    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&'a str> {
        self.params().value("tag")
    }
    /// The display name without quotes; empty if there is none.
    pub fn name(&self) -> Cow<'a, str> {
        self.display.map_or(Cow::Borrowed(""), unquote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let check = |text: &str, wanted: Option<(&str, &str, Option<&str>)>| {
            let got = Address::parse(text);
            let got = got.as_ref().map(|a| (a.name().into_owned(), a.uri_text, a.tag()));
            assert_eq!(got, wanted.map(|(n, u, t)| (n.to_owned(), u, t)), "{text}");
        };
        check("sip:a@b;tag=x", Some(("", "sip:a@b", Some("x"))));
        check("<sip:a@b;lr>;tag=x", Some(("", "sip:a@b;lr", Some("x"))));
        check("\"J \\\\\\\"\"   <sip:a@b>\r\n  ;\r\n  tag = x", Some(("J \\\"", "sip:a@b", Some("x"))));
        check("caller<sip:a@b>;tag=1", Some(("caller", "sip:a@b", Some("1"))));
        check("Bell, Alexander <sip:a@b>;tag=43", Some(("Bell, Alexander", "sip:a@b", Some("43"))));
        check("\"<sip:trap@x>\" <sip:a@b>", Some(("<sip:trap@x>", "sip:a@b", None)));
        check("< sip:a@b >", Some(("", "sip:a@b", None)));
        check("<tel:+8613800000000>", Some(("", "tel:+8613800000000", None)));
        check("isbn:2983792873", Some(("", "isbn:2983792873", None)));
        for bad in ["", "<sip:a@b", "\"open <sip:a@b>", "sip:a@b?Route=%3Cx%3E", "<sip:a@b> rubbish", "<>", ";tag=x"] {
            check(bad, None);
        }
    }
}
