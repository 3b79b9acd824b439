//! A SIP message as a tester writes it: lines that can be left out, doubled or bent, since a test wants what a stack would never send.
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_wire::sip::{Message, Name};

/// A message that is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// Request line or status line.
    pub first: String,
    /// Names and values, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The body; Content-Length follows from it.
    pub body: String,
    /// Where it goes, if not where the others go.
    pub to: Option<SocketAddr>,
}

impl Draft {
    /// One with this first line.
    pub fn new(first: String) -> Draft {
        Draft { first, headers: vec![], body: String::new(), to: None }
    }

    /// What stands in these bytes; none if they are no SIP message of text.
    pub fn read(bytes: &[u8]) -> Option<Draft> {
        let message = Message::parse(bytes).ok()?;
        let text = std::str::from_utf8(bytes).ok()?;
        let first = text.split("\r\n").next()?.to_owned();
        let keep = |(name, text, value): (Name, &str, &str)| {
            (name != Name::ContentLength).then(|| (text.to_owned(), value.to_owned()))
        };
        let headers = message.headers().filter_map(keep).collect();
        let body = String::from_utf8(message.body().unwrap_or(b"").to_vec()).ok()?;
        Some(Draft { first, headers, body, to: None })
    }

    /// One more header.
    pub fn with(mut self, name: &str, value: &str) -> Draft {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
    /// Without any header of this name.
    pub fn without(mut self, name: &str) -> Draft {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self
    }
    /// With this value in place of what the header says.
    pub fn set(mut self, name: &str, value: &str) -> Draft {
        match self.headers.iter_mut().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            Some((_, old)) => value.clone_into(old),
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
        self
    }
    /// With a body of this type.
    pub fn body(mut self, content_type: &str, body: &str) -> Draft {
        body.clone_into(&mut self.body);
        self.set("Content-Type", content_type)
    }
    /// What a header says.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
    /// Whether it is a request of this method.
    pub fn is(&self, method: &str) -> bool {
        self.first.strip_prefix(method).is_some_and(|rest| rest.starts_with(' '))
    }
    /// Its status, if it is a response.
    pub fn code(&self) -> Option<u16> {
        self.first.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// Its bytes.
    pub fn write(&self) -> Bytes {
        let mut text = format!("{}\r\n", self.first);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{}", self.body.len(), self.body));
        Bytes::from(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let draft = Draft::new("OPTIONS sip:a SIP/2.0".to_owned())
            .with("Via", "SIP/2.0/UDP x")
            .with("X", "1")
            .set("x", "2")
            .with("Gone", "")
            .without("gone")
            .body("application/sdp", "v=0\r\n");
        let read = Draft::read(&draft.write()).expect("a message");
        assert_eq!(read, draft);
        assert!(read.is("OPTIONS") && !read.is("OPT") && read.code().is_none());
        assert_eq!((read.get("X"), read.get("Gone")), (Some("2"), None));
        assert_eq!(Draft::read(b"SIP/2.0 488 No\r\n\r\n").and_then(|d| d.code()), Some(488));
    }
}
