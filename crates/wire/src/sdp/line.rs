//! The one audio line of a description that we can use.
//!
//! ```text
//!   m=video …                    ─┐
//!   m=audio 4000 RTP/SAVP 8       │ not this one: port 0 in the answer
//!   m=audio 0    RTP/AVP  8      ─┘
//!   m=audio 4002 RTP/AVP  18 8 101 ─► Line{ index, codecs in their order, telephone-event, address, direction, ptime }
//! ```
//! It only says what stands there; who may send what follows in `answer`.
use super::{Codec, Direction, PTIME_MS, SdpError, Session};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An audio line over plain RTP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// Its place among the media lines.
    pub index: usize,
    /// The codecs we know, with their payload types, best first.
    pub codecs: Vec<(Codec, u8)>,
    /// Telephone-events at 8 000 Hz.
    pub telephone_event: Option<u8>,
    /// Where he listens.
    pub remote: SocketAddr,
    /// His direction.
    pub direction: Direction,
    /// The packet time he would like.
    pub ptime_ms: u8,
}

impl Line {
    /// The first audio line that has a codec of ours; if none has, the reason.
    pub fn of(session: &Session) -> Result<Line, SdpError> {
        let mut why = SdpError::NoAudio;
        for index in 0..session.typed().medias.len() {
            match Line::at(session, index) {
                Ok(line) => return Ok(line),
                // The last reason that is more than "no audio" tells most.
                Err(SdpError::NoAudio) => {}
                Err(e) => why = e,
            }
        }
        Err(why)
    }

    /// The line at this place.
    pub fn at(session: &Session, index: usize) -> Result<Line, SdpError> {
        let media = session.typed().medias.get(index).ok_or(SdpError::NoAudio)?;
        let plain = media.proto.eq_ignore_ascii_case("RTP/AVP") || media.proto.eq_ignore_ascii_case("RTP/AVPF");
        if !media.media.eq_ignore_ascii_case("audio") || media.port == 0 || !plain {
            return Err(SdpError::NoAudio);
        }
        let mut codecs = Vec::new();
        let mut telephone_event = None;
        for payload_type in media.fmt.split(' ').filter_map(|f| f.parse::<u8>().ok()).filter(|pt| *pt < 128) {
            match encoding(media, payload_type) {
                Some(Encoding::Audio(codec)) => codecs.push((codec, payload_type)),
                Some(Encoding::TelephoneEvent) => telephone_event = telephone_event.or(Some(payload_type)),
                None => {}
            }
        }
        if codecs.is_empty() {
            return Err(SdpError::NoCommonCodec);
        }
        let ip = address(session, media).ok_or(SdpError::NoAddress)?;
        let direction = direction(&media.attributes).or_else(|| direction(&session.typed().attributes));
        Ok(Line {
            index,
            codecs,
            telephone_event,
            remote: SocketAddr::new(ip, media.port),
            // RFC 3264 §8.4: the unspecified address means that he does not listen, whatever the direction says.
            direction: match direction.unwrap_or(Direction::SendRecv) {
                said if ip.is_unspecified() => Direction::of(said.sends(), false),
                said => said,
            },
            ptime_ms: ptime_ms(media).unwrap_or(PTIME_MS),
        })
    }
}

enum Encoding {
    Audio(Codec),
    TelephoneEvent,
}

/// By `a=rtpmap`; the static payload types need none (RFC 3551 §6).
fn encoding(media: &sdp_types::Media, payload_type: u8) -> Option<Encoding> {
    let Some(map) = values(&media.attributes, "rtpmap").find_map(|value| {
        let (number, map) = value.trim().split_once(char::is_whitespace)?;
        (number.parse() == Ok(payload_type)).then_some(map.trim())
    }) else {
        return Codec::from_static_payload_type(payload_type).map(Encoding::Audio);
    };
    let mut parts = map.split('/').map(str::trim);
    let (name, rate, channels) = (parts.next()?, parts.next()?, parts.next());
    if rate != "8000" || channels.is_some_and(|c| c != "1") {
        return None;
    }
    if name.eq_ignore_ascii_case("telephone-event") {
        return Some(Encoding::TelephoneEvent);
    }
    Codec::ALL.into_iter().find(|c| name.eq_ignore_ascii_case(c.name())).map(Encoding::Audio)
}

fn direction(attributes: &[sdp_types::Attribute]) -> Option<Direction> {
    attributes.iter().find_map(|a| match a.attribute.as_str().trim() {
        "sendrecv" => Some(Direction::SendRecv),
        "sendonly" => Some(Direction::SendOnly),
        "recvonly" => Some(Direction::RecvOnly),
        "inactive" => Some(Direction::Inactive),
        _ => None,
    })
}

/// The line's own `c=`, or the session's. Only what one packet can be sent to.
fn address(session: &Session, media: &sdp_types::Media) -> Option<IpAddr> {
    let connection = media.connections.first().or(session.typed().connection.as_ref())?;
    let ip: IpAddr = connection.connection_address.split('/').next()?.parse().ok()?;
    let group = ip.is_multicast() || ip == IpAddr::V4(Ipv4Addr::BROADCAST);
    (!group).then_some(ip)
}

fn ptime_ms(media: &sdp_types::Media) -> Option<u8> {
    let ms: u8 = values(&media.attributes, "ptime").next()?.trim().parse().ok()?;
    (ms > 0).then_some(ms)
}

fn values<'a>(attributes: &'a [sdp_types::Attribute], name: &'a str) -> impl Iterator<Item = &'a str> {
    attributes.iter().filter(move |a| a.attribute.trim() == name).filter_map(|a| a.value.as_deref())
}
