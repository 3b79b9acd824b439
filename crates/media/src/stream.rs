//! One stream: a port of ours and who is at its other end.
//!
//! ```text
//!   packet ─► agreed payload? ─► latch ─► arrivals ─► key? ─► Taken (to be forwarded by the machine)
//!   tick   ─► playout ─► outgoing ─► frame            forward ─► law of this listener ─► outgoing ─► packet
//! ```
//! It does not know the other streams; who hears whom is brought together in `machine`.
use crate::arrivals::{Arrival, Arrivals};
use crate::digits::Digits;
use crate::dtmf::DtmfEar;
use crate::g711::{self, FRAME_SAMPLES};
use crate::latch::{Latch, Verdict};
use crate::mixing::{Cup, Samples};
use crate::outgoing::{Forward, Outgoing};
use crate::playout::Playout;
use crate::sound::Sounds;
use crate::stats::Stats;
use crate::wish::StreamWish;
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{CallId, Chance, Digit, Instant, StreamId};
use switchboard_wire::rtp::{self, Packet, TelephoneEvent};
use switchboard_wire::sdp::{self, Codec};

/// One stream.
#[derive(Debug)]
pub struct Stream {
    /// Whose it is.
    pub call: CallId,
    wish: StreamWish,
    latch: Latch,
    arrivals: Arrivals,
    digits: Digits,
    ear: DtmfEar,
    outgoing: Outgoing,
    playout: Playout,
    /// There while its sound is mixed for others.
    cup: Option<Cup>,
    /// When something came in, or could first be expected to.
    quiet_since: Instant,
    told_silent: bool,
    told_heard: bool,
}

/// What a packet carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Sound in this law.
    Audio(Codec),
    /// A telephone-event.
    Event(TelephoneEvent),
}

/// A packet that was taken.
#[derive(Clone, Copy, Debug)]
pub struct Taken<'a> {
    /// What it carries.
    pub kind: Kind,
    /// Its numbers.
    pub forward: Forward,
    /// The payload as it came.
    pub payload: &'a [u8],
    /// A key that began with it, and when on the sender's clock.
    pub digit: Option<(Digit, u32)>,
}

/// The most sound in a packet: 180 ms, what fits into an Ethernet frame.
const AUDIO_BYTES_MAX: usize = 1_440;

impl Stream {
    /// A stream as wished for.
    pub fn open(now: Instant, call: CallId, wish: StreamWish, chance: &mut Chance) -> Self {
        Stream {
            call,
            latch: Latch::new(now, wish.remote),
            arrivals: Arrivals::default(),
            digits: Digits::default(),
            ear: DtmfEar::new(),
            outgoing: Outgoing::new(chance),
            playout: Playout::of(&wish.hears),
            cup: None,
            quiet_since: now,
            told_silent: false,
            told_heard: false,
            wish,
        }
    }

    /// Its id.
    pub fn id(&self) -> StreamId {
        self.wish.stream
    }
    /// Whether it hears this stream.
    pub fn hears(&self, other: StreamId) -> bool {
        self.playout == Playout::Party(other)
    }
    /// The streams whose sum it hears, if it hears one.
    pub fn mixes(&self) -> Option<&[StreamId]> {
        match &self.playout {
            Playout::Mix(of) => Some(of),
            Playout::Silence | Playout::Prompts(_) | Playout::Music(_) | Playout::Party(_) | Playout::Ringing => None,
        }
    }
    /// Whether its sound is being mixed for others.
    pub fn is_mixed(&mut self, mixed: bool) {
        match (mixed, &self.cup) {
            (true, None) => self.cup = Some(Cup::default()),
            (false, Some(_)) => self.cup = None,
            (true, Some(_)) | (false, None) => {}
        }
    }
    /// Its next 20 ms for the others, if it is mixed and has something to say.
    pub fn pour(&mut self) -> Option<Samples> {
        self.cup.as_mut().and_then(Cup::pour)
    }

    /// A newer wish for it.
    pub fn change(&mut self, now: Instant, wish: StreamWish) {
        assert_eq!(self.wish.stream, wish.stream, "a wish for one stream was given to another");
        self.latch.name(now, wish.remote);
        self.playout.change(&wish.hears);
        if wish.listen && (!self.wish.listen || wish.remote != self.wish.remote) {
            self.quiet_since = now;
            self.told_silent = false;
        }
        self.wish = wish;
    }

    /// The first packet has come: true once.
    pub fn first_heard(&mut self) -> bool {
        self.arrivals.epoch > 0 && !std::mem::replace(&mut self.told_heard, true)
    }
    /// Nothing has come for so long: true once until something comes.
    pub fn fell_silent(&mut self, now: Instant, after_ms: u64) -> bool {
        let silent = self.wish.listen && now.ms_since(self.quiet_since) >= after_ms;
        silent && !std::mem::replace(&mut self.told_silent, true)
    }

    /// A packet came in.
    pub fn take<'a>(
        &mut self,
        now: Instant,
        from: SocketAddr,
        packet: &Packet<'a>,
        stats: &mut Stats,
    ) -> Option<Taken<'a>> {
        let Packet { header, payload } = *packet;
        let Some(kind) = self.kind_of(header.payload_type, payload) else {
            stats.payload_unknown += 1;
            return None;
        };
        match self.latch.judge(now, from) {
            Verdict::Known => {}
            Verdict::Latched => stats.latched += 1,
            Verdict::Moved => stats.relatched += 1,
            Verdict::Ignored => {
                stats.source_ignored += 1;
                return None;
            }
        }
        self.quiet_since = now;
        self.told_silent = false;
        let arrival = self.arrivals.take(header.ssrc, header.sequence);
        match arrival {
            Arrival::Next { gap } => stats.gaps += u64::from(gap),
            Arrival::Restart | Arrival::Late => {}
            Arrival::Double | Arrival::TooLate => {
                stats.late_or_double += 1;
                return None;
            }
        }
        if !self.wish.listen {
            return None;
        }
        let late = arrival == Arrival::Late;
        let digit = match kind {
            Kind::Event(event) => self.digits.take(header.ssrc, header.timestamp, event),
            Kind::Audio(codec) if self.wish.telephone_event.is_none() && !late => {
                self.ear.hear(payload.iter().map(|b| g711::decode(codec, *b)))
            }
            Kind::Audio(_) => None,
        };
        if let (Kind::Audio(codec), Some(cup), false) = (kind, &mut self.cup, late) {
            cup.fill(codec, payload);
        }
        let samples = match kind {
            Kind::Audio(_) => payload.len() as u32,
            Kind::Event(event) => u32::from(event.duration),
        };
        let timely = matches!(kind, Kind::Audio(_));
        let forward = Forward { from: self.id(), epoch: self.arrivals.epoch, late, header, samples, timely };
        Some(Taken { kind, forward, payload, digit: digit.map(|d| (d, header.timestamp)) })
    }

    /// By what was agreed. Who was offered PCMA and PCMU may send either, and events under the number we gave them.
    fn kind_of(&self, payload_type: u8, payload: &[u8]) -> Option<Kind> {
        let event = self.wish.telephone_event;
        let is_event = event == Some(payload_type)
            || event.is_some() && payload_type == sdp::TELEPHONE_EVENT && payload_type != self.wish.payload_type;
        if is_event {
            return TelephoneEvent::read(payload).map(Kind::Event);
        }
        let codec = if payload_type == self.wish.payload_type {
            self.wish.codec
        } else {
            Codec::from_static_payload_type(payload_type)?
        };
        (1..=AUDIO_BYTES_MAX).contains(&payload.len()).then_some(Kind::Audio(codec))
    }

    /// Another stream's packet for this listener; what to send, if anything.
    pub fn forward(&mut self, now: Instant, taken: &Taken<'_>) -> Option<(SocketAddr, Bytes)> {
        let to = self.target()?;
        let Taken { kind, forward, payload, .. } = taken;
        match *kind {
            Kind::Event(_) => {
                let Some(payload_type) = self.wish.telephone_event else {
                    self.outgoing.leave_out(forward.from, forward.epoch, forward.late, forward.header.sequence);
                    return None;
                };
                let header = self.outgoing.forward(now, payload_type, forward)?;
                Some((to, rtp::write(&header, payload)))
            }
            Kind::Audio(codec) => {
                let header = self.outgoing.forward(now, self.wish.payload_type, forward)?;
                if codec == self.wish.codec {
                    return Some((to, rtp::write(&header, payload)));
                }
                let translated: Vec<u8> = payload.iter().map(|b| g711::translate(codec, self.wish.codec, *b)).collect();
                Some((to, rtp::write(&header, &translated)))
            }
        }
    }

    /// The next frame: what to send, if anything, and the play that ended with it.
    /// `mixed` is the sum that it hears, if it hears one.
    pub fn frame(
        &mut self,
        now: Instant,
        sounds: &Sounds,
        age: u64,
        mixed: Option<&Samples>,
    ) -> (Option<(SocketAddr, Bytes)>, Option<u32>) {
        if let Playout::Party(_) = self.playout {
            return (None, None);
        }
        let mut frame = [0; FRAME_SAMPLES];
        let done = self.playout.fill(&mut frame, self.wish.codec, sounds, age);
        if let Some(mixed) = mixed {
            frame = mixed.map(|sample| g711::encode(self.wish.codec, sample));
        }
        let Some(to) = self.target() else {
            self.outgoing.pause();
            return (None, done);
        };
        let header = self.outgoing.frame(now, self.wish.payload_type, FRAME_SAMPLES as u32);
        (Some((to, rtp::write(&header, &frame))), done)
    }

    /// Frames were left out: what comes next is by the clock again.
    pub fn skip(&mut self) {
        self.outgoing.pause();
    }

    fn target(&self) -> Option<SocketAddr> {
        if self.wish.send { self.latch.target() } else { None }
    }
}
