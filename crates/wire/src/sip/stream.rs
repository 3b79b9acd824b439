//! Where a message ends in a stream (RFC 3261 §18.3), and where one must not be believed.
//!
//! ```text
//!   ␍␊␍␊  ─► Ping      a keep-alive that wants a pong (RFC 5626 §3.5.1)        ␍␊ ─► Blank
//!   head ␍␊␍␊ body … next message
//!   └ Content-Length: once, a number, no more than MESSAGE_BYTES_MAX ─► Message(n)
//!     absent, several that differ, no number, too long, no SIP       ─► Fault: nothing after it can be found, so the stream ends
//! ```
//! The end is found by the same walk that later reads the message, so two readers cannot disagree about where the body begins: what
//! stands in a body is never taken for a request. Keeps nothing: it is asked again when more has come.
use super::header::Name;
use super::lexer::{Message, Unreadable};

/// Head and body together; no datagram is longer either.
pub const MESSAGE_BYTES_MAX: usize = 65_535;

/// What a stream begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framed {
    /// Not yet enough.
    More,
    /// Line ends of no meaning, so many bytes.
    Blank(usize),
    /// A keep-alive of so many bytes, to be answered with one line end.
    Ping(usize),
    /// A message of so many bytes.
    Message(usize),
    /// What follows cannot be told apart: the stream must end. The head, if there is one, has so many bytes.
    Fault(StreamFault, usize),
}

/// Why a stream must end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum StreamFault {
    /// It is not SIP.
    #[error("not SIP")]
    NotSip,
    /// No Content-Length, which a stream needs (RFC 3261 §20.14).
    #[error("Missing Content-Length")]
    NoLength,
    /// A Content-Length that is no number, or several that differ.
    #[error("Bad Content-Length")]
    BadLength,
    /// Longer than [`MESSAGE_BYTES_MAX`].
    #[error("Message Too Large")]
    TooLong,
}

/// What these bytes of a stream begin with.
pub fn frame(bytes: &[u8]) -> Framed {
    match bytes {
        [] | [b'\r'] => return Framed::More,
        [b'\r', b'\n', b'\r', b'\n', ..] => return Framed::Ping(4),
        // The second line end of a keep-alive may be on its way; alone, the first means nothing.
        [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => return Framed::More,
        [b'\r', b'\n', ..] => return Framed::Blank(2),
        [b'\n', ..] => return Framed::Blank(1),
        _ => {}
    }
    let Some(head) = head_bytes(bytes) else {
        return match bytes.len() {
            n if n >= MESSAGE_BYTES_MAX => Framed::Fault(StreamFault::TooLong, 0),
            // A line that is no start of a message will not become one by waiting.
            _ if first_line(bytes).is_some_and(|line| !is_start(line)) => Framed::Fault(StreamFault::NotSip, 0),
            _ => Framed::More,
        };
    };
    let message = match Message::parse(&bytes[..head]) {
        Ok(message) => message,
        Err(Unreadable::TooLong | Unreadable::TooManyHeaders) => return Framed::Fault(StreamFault::TooLong, 0),
        Err(Unreadable::KeepAlive | Unreadable::NotSip | Unreadable::BadStatus) => {
            return Framed::Fault(StreamFault::NotSip, 0);
        }
    };
    let length = match message.declared_length() {
        Ok(length) => length,
        Err(_) if message.get(Name::ContentLength).is_none() => return Framed::Fault(StreamFault::NoLength, head),
        Err(_) => return Framed::Fault(StreamFault::BadLength, head),
    };
    match head.checked_add(length) {
        Some(whole) if whole <= MESSAGE_BYTES_MAX => match bytes.len() >= whole {
            true => Framed::Message(whole),
            false => Framed::More,
        },
        _ => Framed::Fault(StreamFault::TooLong, head),
    }
}

/// The head with its empty line, as the lexer finds it.
fn head_bytes(bytes: &[u8]) -> Option<usize> {
    let (end, body) = super::lexer::head_end(bytes);
    // A lone `\r` after the line end may be the half of the empty line.
    (body > end).then_some(body)
}

fn first_line(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memchr(b'\n', bytes).map(|end| &bytes[..end])
}

fn is_start(line: &[u8]) -> bool {
    let with_end = [line, b"\n"].concat();
    Message::parse(&with_end).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn options(headers: &str, body: &str) -> String {
        format!("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n{headers}\r\n{body}")
    }

    #[test]
    fn messages_and_line_ends() {
        let check = |text: &str, wanted: Framed| assert_eq!(frame(text.as_bytes()), wanted, "{text:?}");
        let five = options("l: 5\r\n", "abcde");
        check("", Framed::More);
        check("\r\n", Framed::More);
        check("\r\n\r\nOPT", Framed::Ping(4));
        check("\r\nOPTIONS", Framed::Blank(2));
        check("\n", Framed::Blank(1));
        check(&five, Framed::Message(five.len()));
        check(&format!("{five}BYE sip:a@b SIP/2.0\r\n"), Framed::Message(five.len()));
        check(&five[..five.len() - 1], Framed::More);
        check(&five[..40], Framed::More);
        // A body that looks like a request stays a body.
        let inner = options("l: 0\r\n", "");
        let outer = options(&format!("Content-Length: {}\r\n", inner.len()), &inner);
        check(&outer, Framed::Message(outer.len()));
        let lf_only = "OPTIONS sip:a SIP/2.0\nl: 1\n\nxBYE";
        check(lf_only, Framed::Message(lf_only.len() - 3));
    }

    #[test]
    fn what_ends_a_stream() {
        let check = |text: String, wanted: StreamFault| match frame(text.as_bytes()) {
            Framed::Fault(fault, _) => assert_eq!(fault, wanted, "{text:?}"),
            other => panic!("{other:?}: {text:?}"),
        };
        check(options("", ""), StreamFault::NoLength);
        check(options("Content-Length: 3\r\nl: 4\r\n", "abcd"), StreamFault::BadLength);
        check(options("Content-Length: +3\r\n", "abc"), StreamFault::BadLength);
        check(options("Content-Length: 3, 3\r\n", "abc"), StreamFault::BadLength);
        check(options("Content-Length: -1\r\n", ""), StreamFault::BadLength);
        check(options("Content-Length: 0x10\r\n", ""), StreamFault::BadLength);
        check(options("Content-Length: 65535\r\n", ""), StreamFault::TooLong);
        check(options("Content-Length: 18446744073709551615\r\n", ""), StreamFault::BadLength);
        check("GET / HTTP/1.1\r\n".to_owned(), StreamFault::NotSip);
        check("\u{16}\u{3}\u{1}\n".to_owned(), StreamFault::NotSip);
        check("OPTIONS sip:a SIP/2.0\r\nX: ".to_owned() + &"y".repeat(70_000), StreamFault::TooLong);
        check("OPTIONS sip:a SIP/2.0\r\n".to_owned() + &"X: y\r\n".repeat(200) + "\r\n", StreamFault::TooLong);
        let twice = options("l: 3\r\nContent-Length: 3\r\n", "abc");
        assert_eq!(frame(twice.as_bytes()), Framed::Message(twice.len()), "twice the same is no contradiction");
    }

    proptest! {
        /// Cut anywhere, the stream gives the same messages; and the lexer sees in each exactly what was framed.
        #[test]
        fn a_stream_may_be_cut_anywhere(bodies in proptest::collection::vec("[a-z\r\n]{0,40}", 1..5), cuts in proptest::collection::vec(1usize..60, 1..60)) {
            let messages: Vec<String> =
                bodies.iter().map(|b| options(&format!("Content-Length: {}\r\n", b.len()), b)).collect();
            let whole = messages.concat();
            let (mut held, mut sent, mut got) = (Vec::new(), 0, vec![]);
            for cut in cuts.iter().cycle() {
                let to = (sent + cut).min(whole.len());
                held.extend_from_slice(&whole.as_bytes()[sent..to]);
                sent = to;
                while let Framed::Message(n) = frame(&held) {
                    let rest = held.split_off(n);
                    got.push(String::from_utf8(std::mem::replace(&mut held, rest)).expect("what was sent"));
                }
                if sent == whole.len() {
                    break;
                }
            }
            prop_assert!(held.is_empty());
            prop_assert_eq!(&got, &messages);
            for (message, body) in got.iter().zip(&bodies) {
                prop_assert_eq!(Message::parse(message.as_bytes()).expect("a message").body(), Some(body.as_bytes()));
            }
        }

        #[test]
        fn no_bytes_panic_it(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            match frame(&bytes) {
                Framed::Message(n) | Framed::Ping(n) | Framed::Blank(n) => prop_assert!(n > 0 && n <= bytes.len()),
                Framed::More | Framed::Fault(..) => {}
            }
        }
    }
}
