//! One walk over a datagram: the start line, where each header lies, and the body that Content-Length says.
//!
//! ```text
//!   INVITE sip:95588@… SIP/2.0␍␊   start
//!   v: SIP/2.0/UDP …␍␊              index[0] = {Via, value 14..53}       compact and long names alike
//!   Subject: a␍␊                    index[1] = {Other, name …, value …}
//!    folded line␍␊                  (the value goes on; `unfold` makes it one line)
//!   ␍␊
//!   v=0…                            body: as long as Content-Length says, whatever else the datagram holds
//! ```
//! It allocates nothing unless the head is no UTF-8, which is repaired in a copy (display names in GBK exist). It judges nothing
//! but whether the bytes can be a SIP message at all; whether a request is a good one is asked of `check`.
use super::address::Address;
use super::header::Name;
use super::method::{Method, method};
use super::params::{split_commas, trim};
use super::via::Via;
use std::borrow::Cow;

/// More headers than this are no message of a telephone (a long one has 60).
pub const HEADERS_MAX: usize = 128;
/// A head longer than this is refused; a UDP datagram cannot be longer, and the index keeps 16-bit places.
pub const HEAD_BYTES_MAX: usize = u16::MAX as usize;

/// A SIP message, as places in a datagram.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    head: Cow<'a, str>,
    start: Lines,
    index: [Field; HEADERS_MAX],
    fields: usize,
    length: Length,
    tail: &'a [u8],
}

/// The start line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Start<'m> {
    /// A request.
    Request {
        /// The method's name as it stands.
        method: &'m str,
        /// The Request-URI as it stands, faults included.
        uri: &'m str,
        /// `2.0`, if it is well.
        version: &'m str,
    },
    /// A response.
    Response {
        /// 100 to 699.
        code: u16,
        /// The reason phrase.
        phrase: &'m str,
    },
}

/// Why bytes are no SIP message. Nothing can be answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// Nothing but line ends: a keep-alive (RFC 5626 §3.5.1).
    #[error("a keep-alive")]
    KeepAlive,
    /// The first line is neither a request line nor a status line.
    #[error("the first line is not SIP")]
    NotSip,
    /// A status code that is none (RFC 4475 §3.1.2.19).
    #[error("a status code that is none")]
    BadStatus,
    /// More than [`HEADERS_MAX`] headers.
    #[error("too many headers")]
    TooManyHeaders,
    /// A head longer than [`HEAD_BYTES_MAX`].
    #[error("the head is too long")]
    TooLong,
}

/// There is no length to be believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NoLength;

#[derive(Clone, Copy, Debug, Default)]
struct Field {
    name: Name,
    name_at: (u16, u16),
    value_at: (u16, u16),
}

#[derive(Clone, Copy, Debug)]
enum Lines {
    Request { method: (u16, u16), uri: (u16, u16), version: (u16, u16) },
    Response { code: u16, phrase: (u16, u16) },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Length {
    Absent,
    Is(usize),
    /// No number, or several that differ.
    Bad,
}

impl<'a> Message<'a> {
    /// Reads the head of a datagram.
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, Unreadable> {
        let begin = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n')).ok_or(Unreadable::KeepAlive)?;
        let bytes = &bytes[begin..];
        let (head_end, tail_at) = head_end(bytes);
        if head_end > HEAD_BYTES_MAX {
            return Err(Unreadable::TooLong);
        }
        let head = match std::str::from_utf8(&bytes[..head_end]) {
            Ok(head) => Cow::Borrowed(head),
            Err(_) => String::from_utf8_lossy(&bytes[..head_end]),
        };
        if head.len() > HEAD_BYTES_MAX {
            return Err(Unreadable::TooLong);
        }
        let mut lines = RawLines { text: &head, at: 0 };
        let first = lines.next().ok_or(Unreadable::NotSip)?;
        let start = start_line(&head, first)?;
        let mut index = [Field::default(); HEADERS_MAX];
        let mut fields = 0;
        let mut length = Length::Absent;
        for (from, to) in lines {
            let line = &head[from..to];
            // A line without a colon is no header; it is passed over, as a header nobody knows is.
            let Some(colon) = memchr::memchr(b':', line.as_bytes()) else { continue };
            if fields == HEADERS_MAX {
                return Err(Unreadable::TooManyHeaders);
            }
            let name_at = within(&head, from, from + colon);
            let value_at = within(&head, from + colon + 1, to);
            let name = Name::of(slice(&head, name_at));
            if name == Name::ContentLength {
                length = length.and(slice(&head, value_at));
            }
            index[fields] = Field { name, name_at, value_at };
            fields += 1;
        }
        Ok(Message { start, index, fields, length, tail: &bytes[tail_at..], head })
    }

    /// The start line.
    pub fn start(&self) -> Start<'_> {
        match self.start {
            Lines::Request { method, uri, version } => Start::Request {
                method: slice(&self.head, method),
                uri: slice(&self.head, uri),
                version: slice(&self.head, version),
            },
            Lines::Response { code, phrase } => Start::Response { code, phrase: slice(&self.head, phrase) },
        }
    }
    /// The request's method, if it is one we know.
    pub fn method(&self) -> Option<Method> {
        match self.start() {
            Start::Request { method: name, .. } => method(name),
            Start::Response { .. } => None,
        }
    }
    /// The Request-URI as it stands, without angle brackets that should not be there; empty for a response.
    pub fn request_uri(&self) -> &str {
        match self.start() {
            Start::Request { uri, .. } => uri.strip_prefix('<').and_then(|u| u.strip_suffix('>')).unwrap_or(uri),
            Start::Response { .. } => "",
        }
    }
    /// The status code of a response.
    pub fn code(&self) -> Option<u16> {
        match self.start {
            Lines::Response { code, .. } => Some(code),
            Lines::Request { .. } => None,
        }
    }

    /// Every header in order: which, its name as it stands, its value as it stands (folds included).
    pub fn headers(&self) -> impl Iterator<Item = (Name, &str, &str)> {
        self.index[..self.fields].iter().map(|f| (f.name, slice(&self.head, f.name_at), slice(&self.head, f.value_at)))
    }
    /// The values of every header of this name.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &str> {
        self.index[..self.fields].iter().filter(move |f| f.name == name).map(|f| slice(&self.head, f.value_at))
    }
    /// The first value of this name.
    pub fn get(&self, name: Name) -> Option<&str> {
        self.all(name).next()
    }
    /// The first value of a header this program has no name for.
    pub fn get_other(&self, name: &str) -> Option<&str> {
        self.headers().find(|(_, n, _)| n.eq_ignore_ascii_case(name)).map(|(_, _, v)| v)
    }
    /// Every element of every header of this name, parted at commas; empty ones are left out.
    pub fn list(&self, name: Name) -> impl Iterator<Item = &str> {
        self.all(name).flat_map(split_commas).filter(|v| !v.is_empty())
    }

    /// The topmost Via.
    pub fn via(&self) -> Option<Via<'_>> {
        Via::parse(split_commas(self.get(Name::Via)?).next()?)
    }
    /// From.
    pub fn from(&self) -> Option<Address<'_>> {
        Address::parse(self.get(Name::From)?)
    }
    /// To.
    pub fn to(&self) -> Option<Address<'_>> {
        Address::parse(self.get(Name::To)?)
    }
    /// Call-ID.
    pub fn call_id(&self) -> Option<&str> {
        self.get(Name::CallId).filter(|id| !id.is_empty())
    }
    /// CSeq: its number, below 2³¹ (RFC 3261 §8.1.1.5), and the method's name.
    pub fn cseq(&self) -> Option<(u32, &str)> {
        let value = self.get(Name::CSeq)?;
        let end = value.find([' ', '\t', '\r', '\n'])?;
        let number = digits(&value[..end]).filter(|&n| n < 1 << 31)?;
        let name = trim(&value[end..]);
        (!name.is_empty()).then_some((number as u32, name))
    }
    /// A header that is a number, such as Max-Forwards or Expires; a number too large reads as the largest.
    pub fn number(&self, name: Name) -> Option<u32> {
        let value = trim(self.get(name)?);
        let end = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
        (end > 0).then(|| digits(&value[..end]).map_or(u32::MAX, |n| n.min(u64::from(u32::MAX)) as u32))
    }

    /// The body; `None` if Content-Length is no number, contradicts itself, or promises more than there is.
    pub fn body(&self) -> Option<&'a [u8]> {
        match self.length {
            Length::Absent => Some(self.tail),
            Length::Is(n) => self.tail.get(..n),
            Length::Bad => None,
        }
    }
    /// What Content-Length says; an error if it is absent, no number, or contradicts itself.
    pub(super) fn declared_length(&self) -> Result<usize, NoLength> {
        match self.length {
            Length::Is(n) => Ok(n),
            Length::Absent | Length::Bad => Err(NoLength),
        }
    }
    /// The bytes after the head, whatever Content-Length says.
    pub fn rest(&self) -> &'a [u8] {
        self.tail
    }
    /// Whether the body is of this media type.
    pub fn body_is(&self, media_type: &str) -> bool {
        self.get(Name::ContentType)
            .is_some_and(|t| trim(t.split(';').next().unwrap_or("")).eq_ignore_ascii_case(media_type))
    }
}

impl Length {
    fn and(self, text: &str) -> Length {
        match (self, digits(trim(text))) {
            (Length::Absent, Some(n)) if n <= u64::from(u32::MAX) => Length::Is(n as usize),
            (Length::Is(before), Some(n)) if before as u64 == n => self,
            _ => Length::Bad,
        }
    }
}

/// A number of digits only; `None` for anything else, and where it does not fit.
fn digits(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn start_line(head: &str, (from, to): (usize, usize)) -> Result<Lines, Unreadable> {
    let (from, to) = within(head, from, to);
    let line = slice(head, (from, to));
    let at = |offset: usize, length: usize| within(head, from as usize + offset, from as usize + offset + length);
    if line.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("SIP/")) {
        let space = line.find(' ').ok_or(Unreadable::NotSip)?;
        if &line[4..space] != "2.0" {
            return Err(Unreadable::NotSip);
        }
        let rest = line[space..].trim_start();
        let end = rest.find(' ').unwrap_or(rest.len());
        let code = digits(&rest[..end]).filter(|c| end == 3 && (100..700).contains(c)).ok_or(Unreadable::BadStatus)?;
        let phrase_at = line.len() - rest.len() + end;
        return Ok(Lines::Response { code: code as u16, phrase: at(phrase_at, line.len() - phrase_at) });
    }
    let method_end = line.find(' ').ok_or(Unreadable::NotSip)?;
    let uri_end = line.rfind(' ').filter(|&e| e > method_end).ok_or(Unreadable::NotSip)?;
    let protocol = &line[uri_end + 1..];
    let token = |b: u8| b.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&b);
    if !line[..method_end].bytes().all(token) || !protocol.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("SIP/")) {
        return Err(Unreadable::NotSip);
    }
    Ok(Lines::Request {
        method: at(0, method_end),
        uri: at(method_end, uri_end - method_end),
        version: at(uri_end + 5, protocol.len() - 4),
    })
}

/// Where the head ends and where the body begins.
pub(super) fn head_end(bytes: &[u8]) -> (usize, usize) {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\n', &bytes[at..]) {
        let end = at + found + 1;
        match &bytes[end..] {
            [b'\r', b'\n', ..] => return (end, end + 2),
            [b'\n', ..] => return (end, end + 1),
            _ => at = end,
        }
    }
    (bytes.len(), bytes.len())
}

/// Logical lines: a line that begins with white space goes on with the one before.
struct RawLines<'h> {
    text: &'h str,
    at: usize,
}

impl Iterator for RawLines<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let bytes = self.text.as_bytes();
        let from = self.at;
        if from >= bytes.len() {
            return None;
        }
        let mut end = from;
        loop {
            end = memchr::memchr(b'\n', &bytes[end..]).map_or(bytes.len(), |i| end + i + 1);
            if !matches!(bytes.get(end), Some(b' ' | b'\t')) {
                self.at = end;
                return Some((from, end));
            }
        }
    }
}

/// The place without white space at both ends. All white space is one byte, so the places stay between characters.
fn within(head: &str, mut from: usize, mut to: usize) -> (u16, u16) {
    let bytes = head.as_bytes();
    let white = |b: u8| matches!(b, b' ' | b'\t' | b'\r' | b'\n');
    while from < to && white(bytes[from]) {
        from += 1;
    }
    while from < to && white(bytes[to - 1]) {
        to -= 1;
    }
    (from as u16, to as u16)
}

fn slice(head: &str, (from, to): (u16, u16)) -> &str {
    &head[from as usize..to as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const INVITE: &str = "INVITE sip:95588@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa,SIP/2.0/TCP b\r\nMax-Forwards : 70\r\n\
        Subject: folded\r\n\ttwice\r\n over\r\nf: \"A, B\" <sip:a@b>;tag=1\r\nt: sip:95588@x\r\ni: c@d\r\nCSeq:  7\r\n INVITE\r\nl: 3\r\n\r\nabcdef";

    #[test]
    fn a_message_is_read_by_place() {
        let m = Message::parse(INVITE.as_bytes()).expect("a message");
        assert_eq!(m.start(), Start::Request { method: "INVITE", uri: "sip:95588@192.0.2.1", version: "2.0" });
        assert_eq!(m.cseq(), Some((7, "INVITE")));
        assert_eq!(m.list(Name::Via).count(), 2);
        assert_eq!(m.number(Name::MaxForwards), Some(70));
        assert_eq!(super::super::unfold(m.get_other("subject").expect("there")), "folded twice over");
        assert_eq!(m.from().expect("good").tag(), Some("1"));
        assert_eq!(m.body(), Some(&b"abc"[..]), "the rest of the datagram is not the body");
        assert_eq!(m.rest(), b"abcdef");
    }

    #[test]
    fn what_is_no_message() {
        let check = |text: &str, wanted| assert_eq!(Message::parse(text.as_bytes()).map(|_| ()), Err(wanted), "{text}");
        check("", Unreadable::KeepAlive);
        check("\r\n\r\n", Unreadable::KeepAlive);
        check("GET / HTTP/1.1\r\n\r\n", Unreadable::NotSip);
        check("INVITE\r\n\r\n", Unreadable::NotSip);
        check("INVITE SIP/2.0\r\n\r\n", Unreadable::NotSip);
        check("SIP/2.0 42 x\r\n\r\n", Unreadable::BadStatus);
        check("SIP/2.0 4294967301 x\r\n\r\n", Unreadable::BadStatus);
        check("SIP/3.0 200 x\r\n\r\n", Unreadable::NotSip);
        check(&format!("OPTIONS sip:a SIP/2.0\r\n{}\r\n", "X: y\r\n".repeat(129)), Unreadable::TooManyHeaders);
        check(&format!("OPTIONS sip:a SIP/2.0\r\nX: {}\r\n\r\n", "y".repeat(70_000)), Unreadable::TooLong);
    }

    #[test]
    fn content_length_rules_the_body() {
        let check = |headers: &str, body: &str, wanted: Option<&str>| {
            let text = format!("OPTIONS sip:a SIP/2.0\r\n{headers}\r\n{body}");
            let m = Message::parse(text.as_bytes()).expect("a message");
            assert_eq!(m.body(), wanted.map(str::as_bytes), "{headers}");
        };
        check("", "abc", Some("abc"));
        check("l: 2\r\n", "abc", Some("ab"));
        check("l: 2\r\nContent-Length: 2\r\n", "abc", Some("ab"));
        check("l: 2\r\nContent-Length: 3\r\n", "abc", None);
        check("l: 4\r\n", "abc", None);
        check("l: -1\r\n", "abc", None);
        check("l: 99999999999999999999999\r\n", "abc", None);
    }

    #[test]
    fn a_head_that_is_no_utf8_is_repaired() {
        let m =
            Message::parse(b"OPTIONS sip:a SIP/2.0\r\nFrom: \"\xb1\xb1\" <sip:a@b>;tag=7\r\n\r\n").expect("a message");
        assert_eq!(m.from().expect("good").tag(), Some("7"));
    }

    proptest! {
        #[test]
        fn no_bytes_panic_it(bytes in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..400) {
            let mut damaged = INVITE.as_bytes().to_vec();
            let at = at.min(damaged.len());
            damaged.splice(at..at, bytes.iter().copied());
            for text in [&bytes[..], &damaged[..], &damaged[at..]] {
                if let Ok(m) = Message::parse(text) {
                    let _ = (m.via(), m.from(), m.to(), m.cseq(), m.body(), m.call_id(), m.request_uri().len());
                    let _ = (super::super::check_request(&m), super::super::check_response(&m), super::super::typed(&m));
                }
            }
        }
    }
}
