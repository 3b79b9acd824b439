//! What the other side reports of our sound (RFC 3550 §6.4), over rtcp-types.
//!
//! Reads reception reports and BYE out of a compound packet; everything else in it is stepped over. Writes nothing.
use rtcp_types::{Compound, Packet, ReportBlock};

/// How one of our streams arrives there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reception {
    /// Whose stream.
    pub ssrc: u32,
    /// Lost since the last report, in 256ths.
    pub lost_fraction: u8,
    /// Lost since the beginning; may be negative when packets came twice.
    pub lost: i32,
    /// Interarrival jitter, in samples.
    pub jitter: u32,
}

/// What a compound packet says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    /// One for each of our streams it hears.
    pub receptions: Vec<Reception>,
    /// It leaves.
    pub bye: bool,
}

/// Reads a compound packet; none if it is not RTCP.
pub fn read(bytes: &[u8]) -> Option<Report> {
    let mut report = Report::default();
    for packet in Compound::parse(bytes).ok()? {
        match packet.ok()? {
            Packet::Sr(sender) => report.receptions.extend(sender.report_blocks().map(reception)),
            Packet::Rr(receiver) => report.receptions.extend(receiver.report_blocks().map(reception)),
            Packet::Bye(_) => report.bye = true,
            _ => {}
        }
    }
    Some(report)
}

fn reception(block: ReportBlock<'_>) -> Reception {
    // 24 bits with a sign (RFC 3550 §6.4.1).
    let lost = ((block.cumulative_lost() << 8) as i32) >> 8;
    Reception { ssrc: block.ssrc(), lost_fraction: block.fraction_lost(), lost, jitter: block.interarrival_jitter() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_receiver_report_and_a_bye() {
        let report = [
            0x81, 201, 0, 7, 0, 0, 0, 1, // one block, from source 1
            0, 0, 0, 9, 64, 0xff, 0xff, 0xfe, 0, 0, 0, 5, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0, 0, // about source 9
            0x81, 203, 0, 1, 0, 0, 0, 1, // source 1 leaves
        ];
        let reception = Reception { ssrc: 9, lost_fraction: 64, lost: -2, jitter: 33 };
        assert_eq!(read(&report), Some(Report { receptions: vec![reception], bye: true }));
        assert_eq!(read(&report[..report.len() - 1]), None);
        assert_eq!(read(&[]), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_it(kind in 192u8..=223, rest in proptest::collection::vec(any::<u8>(), 0..80)) {
            let words = (rest.len() / 4) as u8;
            let _ = read(&[&[0x81, kind, 0, words][..], &rest].concat());
            let _ = read(&rest);
        }
    }
}
