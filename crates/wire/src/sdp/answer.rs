//! What comes of an offer (RFC 3264 §6, §7).
//!
//! ```text
//!                       codec                        payload types            direction (ours)
//!   we answer           the offerer's first of ours  the offer's              theirs reversed
//!   they answer         the answerer's first         the answer's             ours and theirs reversed
//! ```
//! One codec and telephone-events are answered, never more, so that nobody changes the codec in mid-sentence.
use super::line::Line;
use super::offer::{audio, described, line};
use super::{Direction, Negotiated, SdpError, parse, print};
use bytes::Bytes;
use std::net::SocketAddr;

/// Our answer to their offer, and what is agreed by it.
pub fn answer(offer: &[u8], local: SocketAddr, session_id: u64, version: u64) -> Result<(Bytes, Negotiated), SdpError> {
    let offer = parse(offer)?;
    let theirs = Line::of(&offer)?;
    let negotiated = negotiated(&theirs, Direction::SendRecv)?;
    if !theirs.remote.ip().is_unspecified() && theirs.remote.is_ipv4() != local.is_ipv4() {
        return Err(SdpError::NoAddress);
    }
    let mut session = described(local, session_id, version);
    // One line for each of the offer, in its order; port 0 where we take no part (RFC 3264 §6).
    session.medias.extend(offer.typed().medias.iter().enumerate().map(|(index, media)| {
        if index == theirs.index {
            let codec = [(negotiated.codec, negotiated.payload_type)];
            audio(local.port(), &media.proto, &codec, negotiated.telephone_event, negotiated.direction)
        } else {
            line(&media.media, 0, &media.proto, &media.fmt)
        }
    }));
    Ok((print(&session), negotiated))
}

/// What their answer makes of our offer.
pub fn read_answer(offer: &[u8], answer: &[u8]) -> Result<Negotiated, SdpError> {
    let (offer, answer) = (parse(offer)?, parse(answer)?);
    let ours = Line::of(&offer)?;
    let (offered, answered) = (offer.typed().medias.len(), answer.typed().medias.len());
    if offered != answered {
        return Err(SdpError::LinesDiffer { offered, answered });
    }
    let mut theirs = Line::at(&answer, ours.index)?;
    theirs.codecs.retain(|(codec, _)| ours.codecs.iter().any(|(c, _)| c == codec));
    if ours.telephone_event.is_none() {
        theirs.telephone_event = None;
    }
    let negotiated = negotiated(&theirs, ours.direction)?;
    if !theirs.remote.ip().is_unspecified() && theirs.remote.is_ipv4() != ours.remote.is_ipv4() {
        return Err(SdpError::NoAddress);
    }
    Ok(negotiated)
}

fn negotiated(theirs: &Line, ours: Direction) -> Result<Negotiated, SdpError> {
    let &(codec, payload_type) = theirs.codecs.first().ok_or(SdpError::NoCommonCodec)?;
    Ok(Negotiated {
        codec,
        payload_type,
        telephone_event: theirs.telephone_event,
        remote: theirs.remote,
        direction: ours.and(theirs.direction.reversed()),
        ptime_ms: theirs.ptime_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdp::{Codec, offer, offer_with};
    use proptest::prelude::*;

    fn local() -> SocketAddr {
        "192.0.2.1:4000".parse().expect("an address")
    }

    /// A description of one address with these lines.
    fn sdp(lines: &str) -> String {
        format!(
            "v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\nt=0 0\r\n{}\r\n",
            lines.replace("; ", "\r\n")
        )
    }

    /// `codec/pt event remote direction ptime | port of each line`, or the error.
    fn told(result: Result<(Bytes, Negotiated), SdpError>) -> String {
        match result {
            Err(e) => format!("{e:?}"),
            Ok((text, n)) => {
                let ports: Vec<_> = parse(&text)
                    .expect("we read what we write")
                    .typed()
                    .medias
                    .iter()
                    .map(|m| m.port.to_string())
                    .collect();
                format!("{} | {}", said(&n), ports.join(" "))
            }
        }
    }
    fn said(n: &Negotiated) -> String {
        let event = n.telephone_event.map_or("-".to_owned(), |e| e.to_string());
        format!("{}/{} {event} {} {} {}", n.codec.name(), n.payload_type, n.remote, n.direction.word(), n.ptime_ms)
    }

    fn check(lines: &str, expected: &str) {
        assert_eq!(told(answer(sdp(lines).as_bytes(), local(), 7, 1)), expected, "{lines}");
    }

    #[test]
    fn answers() {
        check(
            "m=audio 5000 RTP/AVP 8 0 101; a=rtpmap:101 telephone-event/8000",
            "PCMA/8 101 198.51.100.9:5000 sendrecv 20 | 4000",
        );
        // The offerer's order decides.
        check("m=audio 5000 RTP/AVP 18 0 8; a=ptime:30", "PCMU/0 - 198.51.100.9:5000 sendrecv 30 | 4000");
        // Dynamic numbers, odd letters, channel counts, rates.
        check(
            "m=audio 5000 RTP/AVP 98 99; a=rtpmap:98 pcmu/8000/1; a=rtpmap:99 Telephone-Event/8000",
            "PCMU/98 99 198.51.100.9:5000 sendrecv 20 | 4000",
        );
        check(
            "m=audio 5000 RTP/AVP 8 100 101; a=rtpmap:100 telephone-event/48000; a=rtpmap:101 telephone-event/8000",
            "PCMA/8 101 198.51.100.9:5000 sendrecv 20 | 4000",
        );
        check("m=audio 5000 RTP/AVP 8; a=rtpmap:8 PCMA/16000", "NoCommonCodec");
        // AMR alone; nothing but video; encrypted only; switched off.
        check("m=audio 5000 RTP/AVP 96; a=rtpmap:96 AMR/8000", "NoCommonCodec");
        check("m=video 5000 RTP/AVP 96; a=rtpmap:96 H264/90000", "NoAudio");
        check("m=audio 5000 RTP/SAVP 8", "NoAudio");
        check("m=audio 0 RTP/AVP 8", "NoAudio");
        // Lines that are not ours get port 0, in their places.
        check(
            "m=video 6000 RTP/AVP 96; m=audio 5000 RTP/SAVP 8; m=audio 5002 RTP/AVP 8; m=image 5004 udptl t38",
            "PCMA/8 - 198.51.100.9:5002 sendrecv 20 | 0 0 4000 0",
        );
        // A line that is of no use does not hide a later one that is.
        check(
            "m=audio 5000 RTP/AVP 96; a=rtpmap:96 AMR/8000; m=audio 5002 RTP/AVP 8",
            "PCMA/8 - 198.51.100.9:5002 sendrecv 20 | 0 4000",
        );
        // Addresses.
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 203.0.113.5", "PCMA/8 - 203.0.113.5:5000 sendrecv 20 | 4000");
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 phone.example.org", "NoAddress");
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 239.1.1.1/127", "NoAddress");
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 255.255.255.255", "NoAddress");
        check("m=audio 5000 RTP/AVP 8; c=IN IP6 2001:db8::1", "NoAddress");
    }

    #[test]
    fn directions_are_ours() {
        check("m=audio 5000 RTP/AVP 8; a=sendonly", "PCMA/8 - 198.51.100.9:5000 recvonly 20 | 4000");
        check("m=audio 5000 RTP/AVP 8; a=recvonly", "PCMA/8 - 198.51.100.9:5000 sendonly 20 | 4000");
        check("m=audio 5000 RTP/AVP 8; a=inactive", "PCMA/8 - 198.51.100.9:5000 inactive 20 | 4000");
        // The session's direction holds where the line says none.
        check("a=sendonly; m=audio 5000 RTP/AVP 8", "PCMA/8 - 198.51.100.9:5000 recvonly 20 | 4000");
        check("a=sendonly; m=audio 5000 RTP/AVP 8; a=sendrecv", "PCMA/8 - 198.51.100.9:5000 sendrecv 20 | 4000");
        // The old way to hold.
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 0.0.0.0", "PCMA/8 - 0.0.0.0:5000 recvonly 20 | 4000");
        check("m=audio 5000 RTP/AVP 8; c=IN IP4 0.0.0.0; a=recvonly", "PCMA/8 - 0.0.0.0:5000 inactive 20 | 4000");
    }

    fn check_answered(ours: Direction, lines: &str, expected: &str) {
        let offer = offer_with(local(), 7, 1, ours);
        let told = read_answer(&offer, sdp(lines).as_bytes()).map_or_else(|e| format!("{e:?}"), |n| said(&n));
        assert_eq!(told, expected, "{lines}");
    }

    #[test]
    fn their_answers() {
        use Direction::{SendOnly, SendRecv};
        check_answered(
            SendRecv,
            "m=audio 5000 RTP/AVP 0 101; a=rtpmap:101 telephone-event/8000",
            "PCMU/0 101 198.51.100.9:5000 sendrecv 20",
        );
        check_answered(
            SendRecv,
            "m=audio 5000 RTP/AVP 8 96; a=rtpmap:96 telephone-event/8000",
            "PCMA/8 96 198.51.100.9:5000 sendrecv 20",
        );
        check_answered(SendRecv, "m=audio 5000 RTP/AVP 18", "NoCommonCodec");
        check_answered(SendRecv, "m=audio 0 RTP/AVP 8", "NoAudio");
        check_answered(SendRecv, "", "LinesDiffer { offered: 1, answered: 0 }");
        check_answered(
            SendRecv,
            "m=audio 5000 RTP/AVP 8; m=video 0 RTP/AVP 96",
            "LinesDiffer { offered: 1, answered: 2 }",
        );
        check_answered(SendOnly, "m=audio 5000 RTP/AVP 8; a=recvonly", "PCMA/8 - 198.51.100.9:5000 sendonly 20");
        // An answer cannot allow more than was offered.
        check_answered(SendOnly, "m=audio 5000 RTP/AVP 8; a=sendrecv", "PCMA/8 - 198.51.100.9:5000 sendonly 20");
        check_answered(SendOnly, "m=audio 5000 RTP/AVP 8; a=inactive", "PCMA/8 - 198.51.100.9:5000 inactive 20");
    }

    #[test]
    fn an_answer_counts_only_as_far_as_it_was_offered() {
        let offered = sdp("m=audio 5000 RTP/AVP 8");
        let check = |lines: &str, expected: &str| {
            let told = read_answer(offered.as_bytes(), sdp(lines).as_bytes());
            assert_eq!(told.map_or_else(|e| format!("{e:?}"), |n| said(&n)), expected, "{lines}");
        };
        check("m=audio 6000 RTP/AVP 0", "NoCommonCodec");
        check(
            "m=audio 6000 RTP/AVP 0 8 101; a=rtpmap:101 telephone-event/8000",
            "PCMA/8 - 198.51.100.9:6000 sendrecv 20",
        );
        check("m=audio 6000 RTP/AVP 8; c=IN IP6 2001:db8::1", "NoAddress");
    }

    #[test]
    fn our_answer_names_one_codec_and_the_events() {
        let (text, _) =
            answer(&offer("192.0.2.7:6000".parse().expect("an address"), 1, 1), local(), 7, 3).expect("agreement");
        assert_eq!(
            std::str::from_utf8(&text).expect("text"),
            "v=0\r\no=- 7 3 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
        );
    }

    proptest! {
        /// Both sides come to the same conclusion, each from its own end.
        #[test]
        fn both_ends_agree(sends: bool, receives: bool, caller_port in 1u16.., callee_port in 1u16..) {
            let caller = SocketAddr::new([192, 0, 2, 1].into(), caller_port);
            let callee = SocketAddr::new([198, 51, 100, 9].into(), callee_port);
            let offered = offer_with(caller, 1, 1, Direction::of(sends, receives));
            let (answered, theirs) = answer(&offered, callee, 2, 1).expect("agreement");
            let ours = read_answer(&offered, &answered).expect("agreement");
            prop_assert_eq!(ours.codec, Codec::Pcma);
            prop_assert_eq!(ours.codec, theirs.codec);
            prop_assert_eq!(ours.telephone_event, theirs.telephone_event);
            prop_assert_eq!(ours.direction, theirs.direction.reversed());
            prop_assert_eq!((ours.remote, theirs.remote), (callee, caller));
        }
        #[test]
        fn no_offer_panics_it(lines in proptest::collection::vec("(m=audio [0-9]{1,5} RTP/AVP [0-9 ]{1,9}|a=rtpmap:[0-9 ]{0,5}[A-Za-z/0-9-]{0,20}|[acmo]=[ -~]{0,24})", 0..10)) {
            let text = format!("v=0\r\nc=IN IP4 10.0.0.1\r\n{}\r\n", lines.join("\r\n"));
            if let Ok((ours, _)) = answer(text.as_bytes(), local(), 1, 1) {
                let _ = read_answer(text.as_bytes(), &ours).expect("our answer fits the offer");
            }
        }
    }
}
