//! What a SIPp caller says: tones and keys, written as a packet capture that SIPp plays back.
//!
//! ```text
//!   Voice::new().silence(1.0).key('1').tone(440.0, 8.0)
//!        └─► Ethernet ⟨IPv4 ⟨UDP ⟨RTP 20 ms: A-law, or telephone-event (RFC 4733)⟩⟩⟩, each with its time ─► voice.pcap
//! ```
//! One stream from beginning to end: one SSRC, sequence numbers and time stamps without a gap.
use crate::sound::{Sound, to_alaw};
use std::path::Path;

/// The packet time.
const FRAME: usize = 160;
const PCMA: u8 = 8;
/// The payload type our scenarios offer for telephone-event.
const EVENT: u8 = 101;

/// A script.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    /// (when in ms, the RTP packet)
    packets: Vec<(u64, Vec<u8>)>,
    sequence: u16,
    /// Samples since the beginning.
    at: u32,
}

impl Voice {
    /// Nothing yet.
    pub fn new() -> Voice {
        Voice::default()
    }

    /// Says a tone.
    pub fn tone(self, hz: f64, seconds: f64) -> Voice {
        self.says(&Sound::tone(hz, seconds))
    }

    /// Says nothing, in packets of silence.
    pub fn silence(self, seconds: f64) -> Voice {
        self.says(&Sound::silence(seconds))
    }

    /// Presses a key for 160 ms, and is silent for 80 ms after it.
    pub fn key(mut self, key: char) -> Voice {
        let event = "0123456789*#".find(key).expect("a telephone has twelve keys") as u8;
        let start = self.at;
        for frame in 1..=10u16 {
            // RFC 4733 §2.5.1: the duration grows in place, the last packet is sent three times.
            let frames = frame.min(8);
            let end = if frame >= 8 { 0x80 } else { 0 };
            let [high, low] = (frames * FRAME as u16).to_be_bytes();
            self.packet(EVENT, frame == 1, start, &[event, end | 10, high, low]);
            self.at += FRAME as u32;
        }
        self.silence(0.08)
    }

    /// Writes it where SIPp will look for it.
    #[track_caller]
    pub fn write(&self, path: &Path) {
        let mut file = Vec::new();
        // The classic capture file: microseconds, frames of up to 64 KiB, Ethernet.
        for word in [0xa1b2_c3d4u32, 0x0004_0002, 0, 0, 65_535, 1] {
            file.extend(word.to_ne_bytes());
        }
        for (ms, rtp) in &self.packets {
            let frame = ethernet(rtp);
            for word in [(ms / 1000) as u32, (ms % 1000 * 1000) as u32, frame.len() as u32, frame.len() as u32] {
                file.extend(word.to_ne_bytes());
            }
            file.extend(frame);
        }
        std::fs::write(path, file).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    fn says(mut self, sound: &Sound) -> Voice {
        for frame in sound.0.chunks_exact(FRAME) {
            let codes: Vec<u8> = frame.iter().map(|s| to_alaw(*s)).collect();
            self.packet(PCMA, self.packets.is_empty(), self.at, &codes);
            self.at += FRAME as u32;
        }
        self
    }

    fn packet(&mut self, kind: u8, marker: bool, timestamp: u32, payload: &[u8]) {
        let mut rtp = vec![0x80, kind | if marker { 0x80 } else { 0 }];
        rtp.extend(self.sequence.to_be_bytes());
        rtp.extend(timestamp.to_be_bytes());
        rtp.extend(0x5b1c_0de5u32.to_be_bytes());
        rtp.extend(payload);
        self.packets.push((u64::from(self.at) / 8, rtp));
        self.sequence += 1;
    }
}

/// Headers that SIPp reads past: it puts its own addresses in.
fn ethernet(payload: &[u8]) -> Vec<u8> {
    let udp = 8 + payload.len() as u16;
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    frame.extend([0x45, 0]);
    frame.extend((20 + udp).to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend(40_000u16.to_be_bytes());
    frame.extend(40_000u16.to_be_bytes());
    frame.extend(udp.to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_stream_without_a_gap() {
        let voice = Voice::new().silence(0.1).key('#').tone(440.0, 0.1);
        assert_eq!(voice.packets.len(), 5 + 10 + 4 + 5);
        assert!(voice.packets.windows(2).all(|two| two[0].0 + 20 == two[1].0), "a packet every 20 ms");
        let sequences: Vec<u8> = voice.packets.iter().map(|(_, p)| p[3]).collect();
        assert_eq!(sequences, (0..24).collect::<Vec<u8>>());
        let keys: Vec<&[u8]> =
            voice.packets.iter().filter(|(_, p)| p[1] & 0x7f == EVENT).map(|(_, p)| &p[12..]).collect();
        assert_eq!(keys.first(), Some(&&[11, 10, 0, 160][..]));
        assert_eq!(keys[7..], [[11, 0x8a, 5, 0]; 3], "the end, three times");
    }
}
