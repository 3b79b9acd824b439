//! One packet: header and payload, over rtp-rs.
//!
//! A header extension, contributing sources and padding are read over; we send none of them.
use bytes::Bytes;
use rtp_rs::{RtpPacketBuilder, RtpReader, RtpReaderError};

/// The fields of an RTP header that we use (RFC 3550 §5.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Header {
    /// 0–127.
    pub payload_type: u8,
    /// The first packet after silence (RFC 3551 §4.1), or of a telephone-event (RFC 4733 §2.5.1.1).
    pub marker: bool,
    /// One more for each packet.
    pub sequence: u16,
    /// One more for each sample.
    pub timestamp: u32,
    /// Whose numbers these are.
    pub ssrc: u32,
}

/// A packet that was read; the payload without padding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Packet<'a> {
    /// Its header.
    pub header: Header,
    /// What it carries.
    pub payload: &'a [u8],
}

/// What came in on an RTP port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Incoming<'a> {
    /// RTP.
    Rtp(Packet<'a>),
    /// RTCP on the same port (RFC 5761), unread: see [`rtcp::read`](super::rtcp::read).
    Rtcp(&'a [u8]),
}

/// Why bytes are not RTP.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotRtp {
    /// Shorter than its header says.
    #[error("too short")]
    TooShort,
    /// Not version 2: STUN, DTLS, or anything at all.
    #[error("not RTP version 2")]
    Version,
    /// The padding is longer than the packet, or 0.
    #[error("impossible padding")]
    Padding,
}

/// Reads what came in on an RTP port.
pub fn read(bytes: &[u8]) -> Result<Incoming<'_>, NotRtp> {
    // RFC 5761 §4: packet types 192 to 223 are RTCP's, and RTP must not use payload types 64 to 95.
    if let [first, 192..=223, ..] = bytes
        && first >> 6 == 2
    {
        return Ok(Incoming::Rtcp(bytes));
    }
    let reader = RtpReader::new(bytes).map_err(|e| match e {
        RtpReaderError::BufferTooShort(_) | RtpReaderError::HeadersTruncated { .. } => NotRtp::TooShort,
        RtpReaderError::UnsupportedVersion(_) => NotRtp::Version,
        RtpReaderError::PaddingLengthInvalid(_) => NotRtp::Padding,
    })?;
    let header = Header {
        payload_type: reader.payload_type(),
        marker: reader.mark(),
        sequence: reader.sequence_number().into(),
        timestamp: reader.timestamp(),
        ssrc: reader.ssrc(),
    };
    Ok(Incoming::Rtp(Packet { header, payload: reader.payload() }))
}

/// Writes a packet.
pub fn write(header: &Header, payload: &[u8]) -> Bytes {
    let packet = RtpPacketBuilder::new()
        .payload_type(header.payload_type)
        .marked(header.marker)
        .sequence(header.sequence.into())
        .timestamp(header.timestamp)
        .ssrc(header.ssrc)
        .payload(payload)
        .build();
    Bytes::from(packet.expect("a payload type agreed by SDP is below 128"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_what() {
        let header = [0x80, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        let with = |i: usize, byte: u8| {
            let mut packet = header.to_vec();
            packet[i] = byte;
            packet
        };
        assert!(matches!(read(&header), Ok(Incoming::Rtp(Packet { payload: [], .. }))));
        assert!(matches!(read(&with(1, 200)), Ok(Incoming::Rtcp(_))), "a sender report");
        assert!(matches!(read(&with(1, 223)), Ok(Incoming::Rtcp(_))));
        assert!(matches!(read(&with(1, 224)), Ok(Incoming::Rtp(_))));
        assert!(matches!(read(&with(1, 191)), Ok(Incoming::Rtp(_))));
        assert_eq!(read(&[]), Err(NotRtp::TooShort));
        assert_eq!(read(&header[..11]), Err(NotRtp::TooShort));
        assert_eq!(read(&with(0, 0x00)), Err(NotRtp::Version), "STUN begins with two zero bits");
        assert_eq!(read(&with(0, 0x8f)), Err(NotRtp::TooShort), "15 contributing sources that are not there");
        assert_eq!(read(&with(0, 0x90)), Err(NotRtp::TooShort), "an extension that is not there");
        assert_eq!(read(&with(0, 0xa0)), Err(NotRtp::TooShort), "padding that is not there");
        let padded = [&with(0, 0xa0)[..], &[1, 2, 9]].concat();
        assert_eq!(read(&padded), Err(NotRtp::Padding));
        let padded = [&with(0, 0xa0)[..], &[1, 2, 2]].concat();
        assert!(matches!(read(&padded), Ok(Incoming::Rtp(Packet { payload: [1], .. }))));
        let extended = [&with(0, 0x91)[..], &[9, 9, 9, 9], &[0xbe, 0xde, 0, 1], &[1, 2, 3, 4], &[7]].concat();
        assert!(matches!(read(&extended), Ok(Incoming::Rtp(Packet { payload: [7], .. }))));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(pt in (0u8..64).prop_union(96u8..128), marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
                                   payload in proptest::collection::vec(any::<u8>(), 0..200)) {
            let header = Header { payload_type: pt, marker, sequence, timestamp, ssrc };
            let bytes = write(&header, &payload);
            prop_assert_eq!(read(&bytes), Ok(Incoming::Rtp(Packet { header, payload: &payload })));
        }
        #[test]
        fn no_bytes_panic_it(first in 0x80u8..=0xbf, rest in proptest::collection::vec(any::<u8>(), 0..80)) {
            let bytes = [&[first][..], &rest].concat();
            let _ = read(&bytes);
            let _ = read(&rest);
        }
    }
}
