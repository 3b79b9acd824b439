//! What stands after a semicolon, between commas, inside quotes, on folded lines.
use std::borrow::Cow;

/// `;name=value;name` — quoted values are kept whole, white space (folds included) around every part is dropped.
#[derive(Clone, Debug)]
pub struct Params<'a> {
    rest: &'a str,
}

impl<'a> Params<'a> {
    /// Over a text that begins with `;`, or is empty.
    pub fn new(text: &'a str) -> Self {
        Params { rest: text }
    }
    /// The value of the first parameter of this name: `Some(None)` if it stands there without one.
    pub fn get(&self, name: &str) -> Option<Option<&'a str>> {
        self.clone().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v)
    }
    /// Its value, if it has one that is not empty.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.get(name).flatten().filter(|v| !v.is_empty())
    }
}

impl<'a> Iterator for Params<'a> {
    type Item = (&'a str, Option<&'a str>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = trim(self.rest);
            let text = text.strip_prefix(';').unwrap_or(text);
            if text.is_empty() {
                return None;
            }
            let end = find_outside(text, b';', false).unwrap_or(text.len());
            self.rest = &text[end..];
            let part = trim(&text[..end]);
            if part.is_empty() {
                continue;
            }
            return Some(match find_outside(part, b'=', false) {
                Some(at) => (trim(&part[..at]), Some(trim(&part[at + 1..]))),
                None => (part, None),
            });
        }
    }
}

/// The parts of a comma-separated list; commas in quotes and in `<>` do not part. Empty parts are given too.
pub fn split_commas(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match find_outside(text, b',', true) {
            Some(at) => {
                rest = Some(&text[at + 1..]);
                Some(trim(&text[..at]))
            }
            None => {
                rest = None;
                Some(trim(text))
            }
        }
    })
}

/// Without white space at both ends, folds included.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// The first `wanted` outside quotes and, if `angles`, outside `<>`.
pub(crate) fn find_outside(text: &str, wanted: u8, angles: bool) -> Option<usize> {
    let (mut quoted, mut angle, mut escaped) = (false, false, false);
    for (i, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'<' if angles => angle = true,
            b'>' if angles => angle = false,
            b if b == wanted && !angle => return Some(i),
            _ => {}
        }
    }
    None
}

/// Folded lines as one (RFC 3261 §7.3.1), and no control character that could start a new line.
pub fn unfold(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b == b'\r' || b == b'\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut folding = false;
    for c in text.chars() {
        match c {
            '\r' | '\n' => folding = true,
            ' ' | '\t' if folding => {}
            c => {
                if folding && !out.is_empty() {
                    out.push(' ');
                }
                folding = false;
                out.push(c);
            }
        }
    }
    Cow::Owned(out)
}

/// A quoted string's content; a token as it is.
pub fn unquote(text: &str) -> Cow<'_, str> {
    let text = trim(text);
    let Some(inner) = text.strip_prefix('"') else { return Cow::Borrowed(text) };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn params() {
        let check = |text: &str, wanted: &[(&str, Option<&str>)]| {
            assert_eq!(Params::new(text).collect::<Vec<_>>(), wanted, "{text}");
        };
        check("", &[]);
        check(";;;", &[]);
        check(";tag=a", &[("tag", Some("a"))]);
        check(";  \r\n tag \t = 98asjd8\r\n", &[("tag", Some("98asjd8"))]);
        check(";a=\"x;y=z\";lr;b=", &[("a", Some("\"x;y=z\"")), ("lr", None), ("b", Some(""))]);
        check(";a=\"un\\\"even\";q=1", &[("a", Some("\"un\\\"even\"")), ("q", Some("1"))]);
        assert_eq!(Params::new(";TAG=x").value("tag"), Some("x"));
        assert_eq!(Params::new(";rport").get("rport"), Some(None));
    }

    #[test]
    fn commas() {
        let check = |text: &str, wanted: &[&str]| assert_eq!(split_commas(text).collect::<Vec<_>>(), wanted, "{text}");
        check("a", &["a"]);
        check("a , b,\r\n c", &["a", "b", "c"]);
        check("\"x, y\" <sip:a,b@c>, <sip:d>", &["\"x, y\" <sip:a,b@c>", "<sip:d>"]);
        check(",", &["", ""]);
    }

    #[test]
    fn folds_and_quotes() {
        assert_eq!(unfold("a\r\n  b\n\tc"), "a b c");
        assert_eq!(unfold("\r\n sip:x"), "sip:x");
        assert_eq!(unquote("\"J \\\\\\\"\""), "J \\\"");
        assert_eq!(unquote(" plain "), "plain");
        assert_eq!(unquote("\"open"), "open");
    }
}
