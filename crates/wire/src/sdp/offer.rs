//! What we offer: PCMA, PCMU, telephone-events 0–15, 20 ms.
//!
//! The same text for the same arguments, so that a retransmission, a restart and a replay say the same.
use super::{Codec, Direction, PTIME_MS, TELEPHONE_EVENT, print};
use bytes::Bytes;
use sdp_types::{Attribute, Connection, Media, Origin, Session, Time};
use std::net::SocketAddr;

/// An offer of sound both ways.
pub fn offer(local: SocketAddr, session_id: u64, version: u64) -> Bytes {
    offer_with(local, session_id, version, Direction::SendRecv)
}

/// An offer with this direction: `SendOnly` or `Inactive` puts the other side on hold (RFC 3264 §8.4).
pub fn offer_with(local: SocketAddr, session_id: u64, version: u64, direction: Direction) -> Bytes {
    let codecs = Codec::ALL.map(|codec| (codec, codec.static_payload_type()));
    let mut session = described(local, session_id, version);
    session.medias.push(audio(local.port(), "RTP/AVP", &codecs, Some(TELEPHONE_EVENT), direction));
    print(&session)
}

/// Everything above the media lines.
pub(super) fn described(local: SocketAddr, session_id: u64, version: u64) -> Session {
    let mut session = Session::new(Origin::with_ip_addr(session_id, version, local.ip()), "-");
    session.connection = Some(Connection::from_ip_addr(local.ip()));
    session.times.push(Time { start_time: 0, stop_time: 0, repeats: vec![] });
    session
}

/// An audio line with these codecs.
pub(super) fn audio(port: u16, proto: &str, codecs: &[(Codec, u8)], event: Option<u8>, direction: Direction) -> Media {
    let formats: Vec<String> = codecs.iter().map(|(_, pt)| *pt).chain(event).map(|pt| pt.to_string()).collect();
    let mut attributes: Vec<Attribute> =
        codecs.iter().map(|(codec, pt)| with_value("rtpmap", format!("{pt} {}/8000", codec.name()))).collect();
    if let Some(pt) = event {
        attributes.push(with_value("rtpmap", format!("{pt} telephone-event/8000")));
        attributes.push(with_value("fmtp", format!("{pt} 0-15")));
    }
    attributes.push(with_value("ptime", PTIME_MS.to_string()));
    attributes.push(Attribute { attribute: direction.word().to_owned(), value: None });
    Media { attributes, ..line("audio", port, proto, &formats.join(" ")) }
}

/// A media line with nothing below it.
pub(super) fn line(media: &str, port: u16, proto: &str, formats: &str) -> Media {
    Media {
        media: media.to_owned(),
        port,
        num_ports: None,
        proto: proto.to_owned(),
        fmt: formats.to_owned(),
        media_title: None,
        connections: vec![],
        bandwidths: vec![],
        key: None,
        attributes: vec![],
    }
}

fn with_value(name: &str, value: String) -> Attribute {
    Attribute { attribute: name.to_owned(), value: Some(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_reads_as_it_should() {
        let text = offer("192.0.2.1:4000".parse().expect("an address"), 7, 2);
        assert_eq!(
            std::str::from_utf8(&text).expect("text"),
            "v=0\r\no=- 7 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 0 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n\
             a=ptime:20\r\na=sendrecv\r\n"
        );
    }

    #[test]
    fn an_ipv6_offer_says_so() {
        let text = offer_with("[2001:db8::1]:4000".parse().expect("an address"), 7, 2, Direction::SendOnly);
        let text = std::str::from_utf8(&text).expect("text");
        assert!(text.contains("c=IN IP6 2001:db8::1\r\n") && text.contains("a=sendonly\r\n"), "{text}");
    }
}
