//! A key pressed, as a payload of its own (RFC 4733 §2.3).
//!
//! ```text
//!    event (8)  |E R volume (6)|  duration (16), in samples since the packet's timestamp
//! ```
//! What a row of such packets means — one key or two — is for `media` to say.
use switchboard_model::Digit;

/// The payload of one telephone-event packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TelephoneEvent {
    /// Which event: 0–15 are keys, 16 is flash.
    pub event: u8,
    /// Whether the key has been let go.
    pub end: bool,
    /// Power in −dBm0, 0–63.
    pub volume: u8,
    /// How long it has lasted, in samples.
    pub duration: u16,
}

impl TelephoneEvent {
    /// Reads a payload; none if it is shorter than one event. A payload of several events is read for its first.
    pub fn read(payload: &[u8]) -> Option<TelephoneEvent> {
        let &[event, flags, high, low, ..] = payload else { return None };
        let duration = u16::from_be_bytes([high, low]);
        Some(TelephoneEvent { event, end: flags & 0x80 != 0, volume: flags & 0x3f, duration })
    }
    /// The payload.
    pub fn write(&self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.event, u8::from(self.end) << 7 | (self.volume & 0x3f), high, low]
    }
    /// The key, if it is one.
    pub fn digit(&self) -> Option<Digit> {
        Digit::from_event(self.event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bits_are_where_the_rfc_has_them() {
        let event = TelephoneEvent { event: 11, end: true, volume: 10, duration: 0x0320 };
        assert_eq!(event.write(), [11, 0x8a, 0x03, 0x20]);
        assert_eq!(event.digit().map(|d| d.face()), Some('#'));
        assert_eq!(TelephoneEvent::read(&[16, 0, 0]), None);
        assert_eq!(TelephoneEvent::read(&[16, 0, 0, 0]).and_then(|e| e.digit()), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(event: u8, end: bool, volume in 0u8..64, duration: u16) {
            let event = TelephoneEvent { event, end, volume, duration };
            prop_assert_eq!(TelephoneEvent::read(&event.write()), Some(event));
        }
    }
}
