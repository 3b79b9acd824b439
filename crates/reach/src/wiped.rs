//! A buffer with secrets in it, overwritten when it goes.
use std::fmt;
use switchboard_model::Secret;

/// Bytes that are overwritten when they are dropped, and do not print. It never grows, so no copy stays behind.
pub struct Wiped(Vec<u8>);

impl Wiped {
    /// An empty one with room for so many bytes.
    pub fn with_room(bytes: usize) -> Wiped {
        Wiped(Vec::with_capacity(bytes))
    }
    /// Appends.
    pub fn push(&mut self, bytes: &[u8]) {
        assert!(self.0.len() + bytes.len() <= self.0.capacity(), "a buffer of {} bytes is full", self.0.capacity());
        self.0.extend_from_slice(bytes);
    }
    /// Appends the faces of these digits.
    pub fn push_secret(&mut self, secret: &Secret) {
        for digit in secret.reveal() {
            self.push(&[FACES[usize::from(*digit)]]);
        }
    }
    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

const FACES: [u8; 16] = *b"0123456789*#ABCD";

impl Drop for Wiped {
    fn drop(&mut self) {
        self.0.fill(0xff);
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for Wiped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wiped")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::Digit;

    #[test]
    fn digits_are_written_by_their_faces_and_never_printed() {
        let mut secret = Secret::new();
        "19*#".chars().for_each(|face| assert!(secret.push(Digit::from_char(face).expect("a key"))));
        let mut wiped = Wiped::with_room(16);
        wiped.push(b"pin=");
        wiped.push_secret(&secret);
        assert_eq!(wiped.bytes(), b"pin=19*#");
        assert_eq!(format!("{wiped:?}"), "Wiped");
    }
}
