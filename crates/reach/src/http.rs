//! One question over HTTP/1.1: connect, POST, read to the end, all within one deadline.
use crate::Wiped;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_net::Clock;

/// Where a back-end is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backend {
    /// Its address.
    pub address: SocketAddr,
    /// For `Host`.
    pub host: String,
    /// The path that is posted to.
    pub path: String,
    /// Waiting for a free thread, connecting, asking and reading together.
    pub within: Duration,
}

/// What it said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// 100 to 599.
    pub status: u16,
    /// At most 16 KiB.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failed {
    /// Nobody listens, or the way there is closed.
    #[error("the back-end cannot be reached")]
    Unreachable,
    /// Its time was over.
    #[error("the back-end did not answer in time")]
    Late,
    /// What came is no HTTP answer, or too long.
    #[error("the back-end's answer cannot be read")]
    Unreadable,
    /// Too many questions wait already.
    #[error("too many questions wait for the back-end")]
    Full,
}

/// An answer is a line of JSON.
const BODY_MAX: usize = 16 * 1024;
const HEAD_MAX: usize = 8 * 1024;

/// Posts this body, which is JSON, and waits for the answer until then.
pub fn post(clock: Clock, backend: &Backend, until: Instant, body: &Wiped) -> Result<Reply, Failed> {
    let left = || Some(clock.until(until)).filter(|d| !d.is_zero()).ok_or(Failed::Late);
    let mut stream =
        TcpStream::connect_timeout(&backend.address, left()?).map_err(|e| failed(&e, Failed::Unreachable))?;
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        backend.path,
        backend.host,
        body.bytes().len()
    );
    stream.set_write_timeout(Some(left()?)).map_err(|_| Failed::Unreachable)?;
    stream.write_all(head.as_bytes()).map_err(|e| failed(&e, Failed::Unreachable))?;
    stream.write_all(body.bytes()).map_err(|e| failed(&e, Failed::Unreachable))?;
    let mut answer = vec![];
    let mut piece = [0; 4_096];
    loop {
        if let Some(reply) = read(&answer, false)? {
            return Ok(reply);
        }
        stream.set_read_timeout(Some(left()?)).map_err(|_| Failed::Unreachable)?;
        match stream.read(&mut piece).map_err(|e| failed(&e, Failed::Unreadable))? {
            0 => return read(&answer, true)?.ok_or(Failed::Unreadable),
            n => answer.extend_from_slice(&piece[..n]),
        }
        if answer.len() > HEAD_MAX + BODY_MAX {
            return Err(Failed::Unreadable);
        }
    }
}

fn failed(error: &std::io::Error, else_: Failed) -> Failed {
    match error.kind() {
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => Failed::Late,
        _ => else_,
    }
}

/// The answer, if all of it is there. Without Content-Length it lasts until the connection is closed.
fn read(answer: &[u8], closed: bool) -> Result<Option<Reply>, Failed> {
    let Some(end) = answer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if answer.len() > HEAD_MAX { Err(Failed::Unreadable) } else { Ok(None) };
    };
    let head = std::str::from_utf8(&answer[..end]).map_err(|_| Failed::Unreadable)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok());
    let status = status.filter(|s| (100..600).contains(s)).ok_or(Failed::Unreadable)?;
    let (mut length, mut chunked) = (None, false);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Failed::Unreadable)?;
        if name.eq_ignore_ascii_case("content-length") {
            let n: usize = value.trim().parse().map_err(|_| Failed::Unreadable)?;
            length = Some(n).filter(|n| *n <= BODY_MAX);
            if length.is_none() {
                return Err(Failed::Unreadable);
            }
        }
        chunked |= name.eq_ignore_ascii_case("transfer-encoding");
    }
    // We said that we are done with the connection after this; a back-end that chunks all the same is not understood.
    if chunked {
        return Err(Failed::Unreadable);
    }
    let body = &answer[end + 4..];
    match length {
        Some(length) if body.len() >= length => Ok(Some(Reply { status, body: body[..length].to_vec() })),
        None if closed => Ok(Some(Reply { status, body: body.to_vec() })),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_or_waited_for_or_unreadable() {
        let check = |text: &str, closed: bool, wanted: Result<Option<(u16, &str)>, Failed>| {
            let got = read(text.as_bytes(), closed);
            let wanted = wanted.map(|w| w.map(|(status, body)| Reply { status, body: body.as_bytes().to_vec() }));
            assert_eq!(got, wanted, "{text:?} {closed}");
        };
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
        check(&format!("{head}ok"), false, Ok(Some((200, "ok"))));
        check(&format!("{head}o"), false, Ok(None));
        check(&format!("{head}o"), true, Ok(None));
        check("HTTP/1.1 200 OK\r\n\r\nok", false, Ok(None));
        check("HTTP/1.0 503 No\r\n\r\nok", true, Ok(Some((503, "ok"))));
        check("HTTP/1.1 200", false, Ok(None));
        for broken in [
            "SSH-2.0-x\r\n\r\n",
            "HTTP/1.1 abc\r\n\r\n",
            "HTTP/1.1 999 x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        ] {
            check(broken, true, Err(Failed::Unreadable));
        }
        check(&"x".repeat(HEAD_MAX + 1), false, Err(Failed::Unreadable));
    }
}
