//! Writing messages: byte templates, nothing parsed twice.
//!
//! Order is ours: what a proxy reads first comes first. A value that came from outside cannot start a line of its own: line ends in
//! it become spaces, so that no header is smuggled in.
use super::header::Name;
use bytes::Bytes;

/// A message being written.
#[derive(Debug)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// A request.
    pub fn request(method: &str, uri: &str) -> Writer {
        let mut w = Writer { out: Vec::with_capacity(1024) };
        w.raw(method);
        w.raw(" ");
        w.clean(uri);
        w.raw(" SIP/2.0\r\n");
        w
    }
    /// A response with the usual phrase, or with one of its own.
    pub fn response(code: u16, own_phrase: Option<&str>) -> Writer {
        assert!((100..700).contains(&code), "status {code} does not exist");
        let mut w = Writer { out: Vec::with_capacity(768) };
        w.raw("SIP/2.0 ");
        w.number(u64::from(code));
        w.raw(" ");
        w.clean(own_phrase.unwrap_or_else(|| phrase(code)));
        w.raw("\r\n");
        w
    }
    /// A header by its name.
    pub fn header(&mut self, name: Name, value: &str) -> &mut Self {
        self.named(name.long(), value)
    }
    /// A header by the text of its name.
    pub fn named(&mut self, name: &str, value: &str) -> &mut Self {
        self.clean(name);
        self.raw(": ");
        self.clean(value);
        self.raw("\r\n");
        self
    }
    /// Whole lines, written by this program before and each ended by CR LF.
    pub fn lines(&mut self, lines: &str) -> &mut Self {
        self.raw(lines);
        self
    }
    /// Content-Length, the empty line and the body; and Content-Type, if there is one.
    pub fn finish(mut self, content_type: &str, body: &[u8]) -> Bytes {
        if !body.is_empty() && !content_type.is_empty() {
            self.header(Name::ContentType, content_type);
        }
        self.raw("Content-Length: ");
        self.number(body.len() as u64);
        self.raw("\r\n\r\n");
        self.out.extend_from_slice(body);
        // Exactly as long as it is: it may be kept to be sent again.
        Bytes::from(self.out.into_boxed_slice())
    }

    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }
    fn clean(&mut self, text: &str) {
        let start = self.out.len();
        self.raw(text);
        self.out[start..].iter_mut().filter(|b| matches!(b, b'\r' | b'\n' | 0)).for_each(|b| *b = b' ');
    }
    fn number(&mut self, n: u64) {
        let mut digits = [0; 20];
        let (mut at, mut n) = (digits.len(), n);
        loop {
            at -= 1;
            digits[at] = b'0' + (n % 10) as u8;
            n /= 10;
            if n == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[at..]);
    }
}

/// The usual reason phrase (RFC 3261 §21).
pub fn phrase(code: u16) -> &'static str {
    match code {
        100 => "Trying",
        180 => "Ringing",
        181 => "Call Is Being Forwarded",
        182 => "Queued",
        183 => "Session Progress",
        200 => "OK",
        202 => "Accepted",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Moved Temporarily",
        305 => "Use Proxy",
        380 => "Alternative Service",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        410 => "Gone",
        413 => "Request Entity Too Large",
        414 => "Request-URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Unsupported URI Scheme",
        420 => "Bad Extension",
        421 => "Extension Required",
        422 => "Session Interval Too Small",
        423 => "Interval Too Brief",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        482 => "Loop Detected",
        483 => "Too Many Hops",
        484 => "Address Incomplete",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        491 => "Request Pending",
        500 => "Server Internal Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        513 => "Message Too Large",
        600 => "Busy Everywhere",
        603 => "Decline",
        604 => "Does Not Exist Anywhere",
        606 => "Not Acceptable",
        _ => match code / 100 {
            1 => "Progress",
            2 => "Success",
            3 => "Redirection",
            4 => "Request Failure",
            5 => "Server Failure",
            _ => "Global Failure",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sip::Message;

    #[test]
    fn what_is_written_can_be_read() {
        let mut w = Writer::request("INVITE", "sip:a@b");
        w.header(Name::To, "<sip:a@b>").named("X-Note", "one\r\nInjected: yes");
        let bytes = w.finish("application/sdp", b"v=0\r\n");
        let m = Message::parse(&bytes).expect("a message");
        assert_eq!(m.get(Name::To), Some("<sip:a@b>"));
        assert_eq!(m.get_other("Injected"), None);
        assert_eq!(m.get_other("x-note"), Some("one  Injected: yes"));
        assert_eq!(m.body(), Some(&b"v=0\r\n"[..]));
        assert!(m.body_is("application/SDP"));
    }

    #[test]
    fn responses() {
        let bytes = Writer::response(200, None).finish("", b"");
        assert_eq!(&bytes[..], b"SIP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n");
        let bytes = Writer::response(488, Some("No Codec")).finish("", b"");
        assert!(bytes.starts_with(b"SIP/2.0 488 No Codec\r\n"));
    }
}
