//! What a tester has heard: messages, each readable again, and sound by its figures.
use super::line::Line;
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::Instant;
use switchboard_wire::rtp::{self, Incoming};
use switchboard_wire::sip::{Address, Message, Name};

/// A SIP message that came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heard {
    /// When.
    pub at: Instant,
    /// To which socket.
    pub line: Line,
    /// From where.
    pub from: SocketAddr,
    /// Its bytes; they can be read.
    pub bytes: Bytes,
    /// The status, if it is a response.
    pub code: Option<u16>,
    /// The method in CSeq.
    pub method: String,
    /// The number in CSeq.
    pub cseq: u32,
}

impl Heard {
    /// Reads one; none if it is no SIP message with a CSeq.
    pub fn read(at: Instant, line: Line, from: SocketAddr, bytes: &[u8]) -> Option<Heard> {
        let message = Message::parse(bytes).ok()?;
        let (cseq, method) = message.cseq()?;
        let (code, method) = (message.code(), method.to_owned());
        Some(Heard { at, line, from, bytes: Bytes::copy_from_slice(bytes), code, method, cseq })
    }
    /// The message.
    pub fn message(&self) -> Message<'_> {
        Message::parse(&self.bytes).expect("it was read when it came")
    }
    /// A header's first value.
    pub fn header(&self, name: &str) -> Option<String> {
        let message = self.message();
        let (_, _, value) = message.headers().find(|(_, n, _)| n.eq_ignore_ascii_case(name))?;
        Some(value.to_owned())
    }
    /// Whether this is a request of that method.
    pub fn asks(&self, method: &str) -> bool {
        self.code.is_none() && self.method == method
    }
    /// The tag in To.
    pub fn to_tag(&self) -> Option<String> {
        self.message().to()?.tag().map(str::to_owned)
    }
    /// The address in Contact.
    pub fn contact(&self) -> Option<String> {
        let message = self.message();
        message.list(Name::Contact).next().and_then(Address::parse).map(|a| a.uri_text.to_owned())
    }
    /// The session description, line by line.
    pub fn sdp(&self) -> Sdp {
        Sdp(String::from_utf8_lossy(self.message().body().unwrap_or(b"")).lines().map(str::to_owned).collect())
    }
}

/// The Call-ID in these bytes, by which a message finds its tester.
pub fn call_id(bytes: &[u8]) -> Option<String> {
    Message::parse(bytes).ok()?.call_id().map(str::to_owned)
}

/// A session description as lines: a second reader, that shares nothing with the one under test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sdp(Vec<String>);

impl Sdp {
    /// Whether there is one at all.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }
    /// The media lines: kind, port, payload types.
    pub fn media(&self) -> Vec<(String, u16, Vec<String>)> {
        let of = |line: &String| {
            let mut words = line.strip_prefix("m=")?.split(' ');
            let (kind, port) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
            Some((kind, port, words.skip(1).map(str::to_owned).collect()))
        };
        self.0.iter().filter_map(of).collect()
    }
    /// Whether a line stands there.
    pub fn has(&self, line: &str) -> bool {
        self.0.iter().any(|l| l == line)
    }
    /// The first payload type of the first audio line that is open.
    pub fn first(&self) -> Option<String> {
        self.media().into_iter().find(|(kind, port, _)| kind == "audio" && *port != 0)?.2.into_iter().next()
    }
    /// The payload type of telephone-events at 8 000 Hz.
    pub fn events(&self) -> Option<u8> {
        let of = |l: &String| l.strip_prefix("a=rtpmap:")?.strip_suffix(" telephone-event/8000")?.parse().ok();
        self.0.iter().find_map(of)
    }
    /// The direction.
    pub fn direction(&self) -> &'static str {
        ["sendonly", "recvonly", "inactive"].into_iter().find(|d| self.has(&format!("a={d}"))).unwrap_or("sendrecv")
    }
    /// Where sound is to be sent; none while the line is closed.
    pub fn rtp(&self) -> Option<SocketAddr> {
        let ip = self.0.iter().find_map(|l| l.strip_prefix("c=IN IP4 ").or_else(|| l.strip_prefix("c=IN IP6 ")))?;
        let (_, port, _) = self.media().into_iter().find(|(kind, port, _)| kind == "audio" && *port != 0)?;
        Some(SocketAddr::new(ip.parse().ok()?, port))
    }
}

/// The sound that came since a tester began to listen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sound {
    /// Packets.
    pub packets: u32,
    /// Of which so many had the length of 20 ms.
    pub of_20_ms: u32,
    /// The last one's payload type.
    pub payload_type: Option<u8>,
    /// Where the last one came from.
    pub from: Option<SocketAddr>,
}

impl Sound {
    /// A packet came.
    pub fn hear(&mut self, from: SocketAddr, bytes: &[u8]) {
        if let Ok(Incoming::Rtp(packet)) = rtp::read(bytes) {
            self.packets += 1;
            self.of_20_ms += u32::from(packet.payload.len() == 160);
            (self.payload_type, self.from) = (Some(packet.header.payload_type), Some(from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_by_its_lines() {
        let text = "v=0\r\nc=IN IP4 192.0.2.1\r\nm=video 0 RTP/AVP 96\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=recvonly\r\n";
        let sdp = Sdp(text.lines().map(str::to_owned).collect());
        assert_eq!(sdp.media()[0], ("video".to_owned(), 0, vec!["96".to_owned()]));
        assert_eq!((sdp.first().as_deref(), sdp.events(), sdp.direction()), (Some("8"), Some(101), "recvonly"));
        assert_eq!(sdp.rtp(), "192.0.2.1:4000".parse().ok());
        assert!(!sdp.is_none() && Sdp(vec![]).is_none());
    }
}
