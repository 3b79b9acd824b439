//! One telephone's sound: its own tone out in frames of 20 ms, keys as telephone-events, and an ear for the others' tones.
use crate::phone::{FRAME, PhoneOutput};
use std::collections::VecDeque;
use std::net::SocketAddr;
use switchboard_media::g711;
use switchboard_media::tone::{Ear, Tone};
use switchboard_model::{Digit, Instant};
use switchboard_wire::rtp::{self, Header, Incoming, TelephoneEvent};
use switchboard_wire::sdp::{Codec, Negotiated};

/// A stream of sound each way.
pub struct Audio {
    tone: Tone,
    ears: Vec<Ear>,
    codec: Codec,
    payload_type: u8,
    event_type: Option<u8>,
    remote: SocketAddr,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
    next: Instant,
    first: bool,
    /// The last sequence number heard: what comes twice or too late is not heard.
    last_heard: Option<u16>,
    /// Keys to be pressed, and how far the first of them has got: frames so far, and the timestamp at which it began.
    keys: VecDeque<Digit>,
    pressing: Option<(Digit, u32, u16)>,
}

/// A key is held for 100 ms, and its end is said three times (RFC 4733 §2.5.1.4).
const KEY_FRAMES: u16 = 5;
const KEY_ENDS: u16 = 3;
/// A quarter of full scale: loud enough, and far from clipping.
const AMPLITUDE: i16 = 8_192;
/// Samples of a frame at 8 kHz.
const SAMPLES: u32 = 160;
/// After a key as much silence as the key lasted, so that two equal keys stay two.
const KEY_PAUSE: u16 = 5;

impl Audio {
    /// A stream that begins now.
    pub fn new(own: f64, others: &[f64], negotiated: &Negotiated, ssrc: u32, now: Instant) -> Self {
        Audio {
            tone: Tone::new(own, AMPLITUDE),
            ears: others.iter().map(|hz| Ear::new(*hz)).collect(),
            codec: negotiated.codec,
            payload_type: negotiated.payload_type,
            event_type: negotiated.telephone_event,
            remote: negotiated.remote,
            sequence: ssrc as u16,
            timestamp: ssrc.rotate_left(7),
            ssrc,
            next: now,
            first: true,
            last_heard: None,
            keys: VecDeque::new(),
            pressing: None,
        }
    }

    /// When the next frame is due.
    pub fn next_frame(&self) -> Instant {
        self.next
    }

    /// Sends what is due; at most three frames of what was missed.
    pub fn tick(&mut self, now: Instant, out: &mut VecDeque<PhoneOutput>) {
        if self.next + FRAME * 3 < now {
            self.next = now;
        }
        while self.next <= now {
            self.frame(out);
            self.next = self.next + FRAME;
        }
    }

    /// Presses a key after those that are being pressed.
    pub fn press(&mut self, _now: Instant, digit: Digit) {
        self.keys.push_back(digit);
    }

    /// Hears a packet.
    pub fn hear(&mut self, bytes: &[u8]) {
        if let Ok(Incoming::Rtp(packet)) = rtp::read(bytes)
            && let Some(codec) = Codec::from_static_payload_type(packet.header.payload_type)
        {
            let ahead = self.last_heard.map_or(1, |last| packet.header.sequence.wrapping_sub(last));
            if ahead == 0 || ahead > 0x8000 {
                return;
            }
            self.last_heard = Some(packet.header.sequence);
            let samples: Vec<i16> = packet.payload.iter().map(|b| g711::decode(codec, *b)).collect();
            self.ears.iter_mut().for_each(|ear| ear.hear(samples.iter().copied()));
        }
    }

    /// How long each tone was heard, in ms; only those heard at all.
    pub fn heard(&self) -> Vec<(f64, u64)> {
        self.ears.iter().map(|ear| (ear.hz(), ear.heard_ms())).filter(|(_, ms)| *ms > 0).collect()
    }

    fn frame(&mut self, out: &mut VecDeque<PhoneOutput>) {
        self.timestamp = self.timestamp.wrapping_add(SAMPLES);
        let payload = self.tone.frame(self.codec);
        if self.pressing.is_none()
            && let Some(digit) = self.keys.pop_front()
        {
            self.pressing = Some((digit, self.timestamp, 0));
        }
        if let (Some((digit, began, frames)), Some(event_type)) = (self.pressing, self.event_type) {
            let frames = frames + 1;
            self.pressing = (frames < KEY_FRAMES + KEY_PAUSE).then_some((digit, began, frames));
            if frames <= KEY_FRAMES {
                let end = frames == KEY_FRAMES;
                let event = TelephoneEvent { event: digit.event(), end, volume: 10, duration: frames * SAMPLES as u16 };
                for copy in 0..if end { KEY_ENDS } else { 1 } {
                    let header = self.header(event_type, began, frames == 1 && copy == 0);
                    out.push_back(PhoneOutput::Rtp { to: self.remote, bytes: rtp::write(&header, &event.write()) });
                }
                return;
            }
        }
        let marker = std::mem::take(&mut self.first);
        let header = self.header(self.payload_type, self.timestamp, marker);
        out.push_back(PhoneOutput::Rtp { to: self.remote, bytes: rtp::write(&header, &payload) });
    }

    fn header(&mut self, payload_type: u8, timestamp: u32, marker: bool) -> Header {
        self.sequence = self.sequence.wrapping_add(1);
        Header { payload_type, marker, sequence: self.sequence, timestamp, ssrc: self.ssrc }
    }
}
