//! The numbers under which a stream sends: one SSRC for life, sequence and timestamp without a seam.
//!
//! ```text
//!   frames of ours   seq 10 11 12 │                │ 16 17        one after the other, 160 samples each
//!   forwarded                     │ 13 14 15       │              theirs plus an offset: what they lost or mixed up stays visible
//!   timestamp        ───────────────────────────────────────►     with the clock; never backwards
//!   marker                         ▲                 ▲             where the source changes, or after a pause (RFC 3551 §4.1)
//! ```
//! The listener's jitter buffer must not notice whether a prompt, music or a person is speaking.
use switchboard_model::{Chance, Instant, StreamId};
use switchboard_wire::rtp::Header;

/// One stream's outgoing numbers.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ssrc: u32,
    /// The sequence number after the last.
    sequence: u16,
    /// The sample that was due when the last packet was sent.
    start: u32,
    /// The sample after its last.
    end: u32,
    /// When it was sent; none before the first.
    at: Option<Instant>,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    /// Nobody just now; who comes next gets the marker.
    Nobody,
    /// Our own frames.
    Frames,
    /// Another stream's packets.
    Relay(Relay),
}

#[derive(Clone, Debug)]
struct Relay {
    from: StreamId,
    epoch: u32,
    /// Ours less theirs.
    sequence: u16,
    timestamp: u32,
    /// Their packets before this one cannot be placed any more.
    floor: u16,
}

/// A packet to be forwarded.
#[derive(Clone, Copy, Debug)]
pub struct Forward {
    /// Which stream it came in on, and which epoch of its numbers it belongs to.
    pub from: StreamId,
    /// See [`Arrivals`](crate::arrivals::Arrivals).
    pub epoch: u32,
    /// Whether others overtook it.
    pub late: bool,
    /// Its header as it came.
    pub header: Header,
    /// The samples it covers from its timestamp on.
    pub samples: u32,
    /// Whether its timestamp says when it was sent. A telephone-event's says when the key went down.
    pub timely: bool,
}

/// A source whose timestamps are this far from the clock has begun to count anew: 2 s.
const CLOCK_SAMPLES_MAX: i32 = 16_000;

impl Outgoing {
    /// Begins with numbers nobody can guess (RFC 3550 §5.1).
    pub fn new(chance: &mut Chance) -> Self {
        let start = chance.u32();
        Outgoing {
            ssrc: chance.u32(),
            sequence: chance.u32() as u16,
            start,
            end: start,
            at: None,
            source: Source::Nobody,
        }
    }

    /// The header of a frame of ours with so many samples.
    pub fn frame(&mut self, now: Instant, payload_type: u8, samples: u32) -> Header {
        let (marker, timestamp) = match self.source {
            Source::Frames => (false, self.end),
            Source::Nobody | Source::Relay(_) => (true, self.timestamp_at(now)),
        };
        self.source = Source::Frames;
        let header = Header { payload_type, marker, sequence: self.sequence, timestamp, ssrc: self.ssrc };
        self.sent(now, &header, samples, true);
        header
    }

    /// The header under which this packet is forwarded; none if it can no longer be placed.
    pub fn forward(&mut self, now: Instant, payload_type: u8, packet: &Forward) -> Option<Header> {
        let theirs = &packet.header;
        let known = match &self.source {
            Source::Relay(relay) if relay.from == packet.from && relay.epoch == packet.epoch => Some(relay.clone()),
            Source::Relay(_) | Source::Frames | Source::Nobody => None,
        };
        let begins = known.is_none();
        let mut relay = known.unwrap_or_else(|| Relay {
            from: packet.from,
            epoch: packet.epoch,
            sequence: self.sequence.wrapping_sub(theirs.sequence),
            timestamp: self.timestamp_at(now).wrapping_sub(theirs.timestamp),
            floor: theirs.sequence,
        });
        if (theirs.sequence.wrapping_sub(relay.floor) as i16) < 0 {
            return None;
        }
        let mut timestamp = theirs.timestamp.wrapping_add(relay.timestamp);
        let off_the_clock = (timestamp.wrapping_sub(self.clock(now)) as i32).abs() > CLOCK_SAMPLES_MAX;
        let leapt = packet.timely && !packet.late && !begins && off_the_clock;
        if leapt {
            relay.timestamp = self.timestamp_at(now).wrapping_sub(theirs.timestamp);
            timestamp = theirs.timestamp.wrapping_add(relay.timestamp);
        }
        let header = Header {
            payload_type,
            marker: theirs.marker || begins || leapt,
            sequence: theirs.sequence.wrapping_add(relay.sequence),
            timestamp,
            ssrc: self.ssrc,
        };
        self.source = Source::Relay(relay);
        self.sent(now, &header, packet.samples, packet.timely);
        Some(header)
    }

    /// A packet of this source is not forwarded: the numbers close up, so that it does not look lost.
    pub fn leave_out(&mut self, from: StreamId, epoch: u32, late: bool, sequence: u16) {
        if let Source::Relay(relay) = &mut self.source
            && relay.from == from
            && relay.epoch == epoch
            && !late
        {
            relay.sequence = relay.sequence.wrapping_sub(1);
            relay.floor = sequence.wrapping_add(1);
        }
    }

    /// Nothing is sent for a while; time goes on.
    pub fn pause(&mut self) {
        self.source = Source::Nobody;
    }

    fn sent(&mut self, now: Instant, header: &Header, samples: u32, timely: bool) {
        let next = header.sequence.wrapping_add(1);
        if (next.wrapping_sub(self.sequence) as i16) > 0 {
            self.sequence = next;
        }
        let end = header.timestamp.wrapping_add(samples);
        if self.at.is_none() || (end.wrapping_sub(self.end) as i32) > 0 {
            self.start = if timely { header.timestamp } else { end };
            self.end = end;
            self.at = Some(now);
        }
    }

    /// Where the clock stands, in samples.
    fn clock(&self, now: Instant) -> u32 {
        let elapsed = self.at.map_or(0, |at| now.since(at).as_micros() as u64 / 125);
        self.start.wrapping_add(elapsed as u32)
    }
    /// The same, but not before the end of what was sent.
    fn timestamp_at(&self, now: Instant) -> u32 {
        let clock = self.clock(now);
        if (clock.wrapping_sub(self.end) as i32) < 0 { self.end } else { clock }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: StreamId = StreamId { slot: 1, generation: 0 };
    const B: StreamId = StreamId { slot: 2, generation: 0 };

    fn ms(ms: u64) -> Instant {
        Instant::from_millis(1_000 + ms)
    }
    fn theirs(from: StreamId, sequence: u16, timestamp: u32) -> Forward {
        let header = Header { payload_type: 8, marker: false, sequence, timestamp, ssrc: 99 };
        Forward { from, epoch: 1, late: false, header, samples: 160, timely: true }
    }
    fn steps(from: &Header, to: &Header) -> (u16, u32, bool) {
        assert_eq!(from.ssrc, to.ssrc);
        (to.sequence.wrapping_sub(from.sequence), to.timestamp.wrapping_sub(from.timestamp), to.marker)
    }

    #[test]
    fn no_seam_between_sources() {
        let mut out = Outgoing::new(&mut Chance::from_number(1));
        let a = out.frame(ms(0), 8, 160);
        assert!(a.marker);
        let b = out.frame(ms(20), 8, 160);
        assert_eq!(steps(&a, &b), (1, 160, false));
        // A person, 5 ms after the last frame: not before that frame has ended.
        let c = out.forward(ms(25), 8, &theirs(A, 40_000, 7)).expect("placed");
        assert_eq!(steps(&b, &c), (1, 160, true));
        // One of his was lost, and the next two mixed up.
        let e = out.forward(ms(85), 8, &theirs(A, 40_003, 7 + 480)).expect("placed");
        assert_eq!(steps(&c, &e), (3, 480, false));
        let d = out.forward(ms(86), 8, &Forward { late: true, ..theirs(A, 40_002, 7 + 320) }).expect("placed");
        assert_eq!(steps(&c, &d), (2, 320, false));
        // Another person, 100 ms later by the clock; then music.
        let f = out.forward(ms(185), 8, &theirs(B, 3, 99)).expect("placed");
        assert_eq!(steps(&e, &f), (1, 800, true));
        let g = out.frame(ms(205), 8, 160);
        assert_eq!(steps(&f, &g), (1, 160, true));
    }

    #[test]
    fn what_cannot_be_placed() {
        let mut out = Outgoing::new(&mut Chance::from_number(1));
        let a = out.forward(ms(0), 8, &theirs(A, 10, 1_600)).expect("placed");
        assert!(
            out.forward(ms(1), 8, &Forward { late: true, ..theirs(A, 9, 1_440) }).is_none(),
            "before the beginning"
        );
        // 12 is not for this listener: the numbers close up behind it, and 11 comes too late to be placed.
        out.leave_out(A, 1, false, 12);
        assert!(out.forward(ms(41), 8, &Forward { late: true, ..theirs(A, 11, 1_760) }).is_none());
        let b = out.forward(ms(60), 8, &theirs(A, 13, 2_080)).expect("placed");
        assert_eq!(steps(&a, &b), (2, 480, false));
    }

    #[test]
    fn a_source_that_counts_anew() {
        let mut out = Outgoing::new(&mut Chance::from_number(1));
        let a = out.forward(ms(0), 8, &theirs(A, 10, 1_600)).expect("placed");
        let b = out.forward(ms(20), 8, &theirs(A, 11, 900_000)).expect("placed");
        assert_eq!(steps(&a, &b), (1, 160, true), "its clock leapt, ours does not");
        let c = out.forward(ms(5_020), 8, &theirs(A, 12, 940_000)).expect("placed");
        assert_eq!(steps(&b, &c), (1, 40_000, false), "a pause of 5 s by both clocks");
        let d = out.forward(ms(5_040), 8, &Forward { epoch: 2, ..theirs(A, 60_000, 5) }).expect("placed");
        assert_eq!(steps(&c, &d), (1, 160, true), "another epoch");
        // The key went down 7 s ago.
        let event = Forward { samples: 56_000, timely: false, ..theirs(A, 60_001, 165) };
        let event = Forward { epoch: 2, ..event };
        let e = out.forward(ms(12_040), 101, &event).expect("placed");
        assert_eq!(steps(&d, &e), (1, 160, false));
        let f = out.frame(ms(12_060), 8, 160);
        assert_eq!(steps(&e, &f), (1, 56_160, true));
    }

    #[test]
    fn a_pause_is_by_the_clock() {
        let mut out = Outgoing::new(&mut Chance::from_number(1));
        let a = out.frame(ms(0), 8, 160);
        out.pause();
        let b = out.frame(ms(1_000), 8, 160);
        assert_eq!(steps(&a, &b), (1, 8_000, true));
    }

    proptest! {
        /// Whoever speaks, in whatever turn: no sequence number twice, none left out, and the timestamp goes forward by no
        /// less than what was sent and stays with the clock.
        #[test]
        fn a_listener_notices_nothing(turns in proptest::collection::vec((0u8..4, 1u64..30), 1..60)) {
            let mut out = Outgoing::new(&mut Chance::from_number(3));
            let mut now = 0;
            let mut last: Option<Header> = None;
            let (mut sequences, mut timestamps) = ([500u16, 60_000], [u32::MAX - 4_000, 12]);
            for (who, packets) in turns {
                for _ in 0..packets {
                    now += 20;
                    sequences.iter_mut().for_each(|s| *s = s.wrapping_add(1));
                    timestamps.iter_mut().for_each(|t| *t = t.wrapping_add(160));
                    let header = match who {
                        0 => out.frame(ms(now), 8, 160),
                        1 => out.forward(ms(now), 8, &theirs(A, sequences[0], timestamps[0])).expect("placed"),
                        2 => out.forward(ms(now), 8, &theirs(B, sequences[1], timestamps[1])).expect("placed"),
                        _ => {
                            out.pause();
                            continue;
                        }
                    };
                    if let Some(last) = &last {
                        let (sequence, timestamp, _) = steps(last, &header);
                        prop_assert_eq!(sequence, 1);
                        prop_assert!(timestamp >= 160 && timestamp % 160 == 0 && timestamp < 160 * 1_800);
                    }
                    last = Some(header);
                }
            }
        }
    }
}
