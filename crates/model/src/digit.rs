//! What a caller presses, and what must never be written down.
use serde::{Deserialize, Serialize};
use std::fmt;

/// A key of the telephone: `0`–`9`, `*`, `#`, `A`–`D` (RFC 4733 §3.2 events 0–15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digit(u8);

impl Digit {
    /// The key that an RFC 4733 event code names; `None` for flash and everything above 15.
    pub const fn from_event(code: u8) -> Option<Digit> {
        if code < 16 { Some(Digit(code)) } else { None }
    }
    /// The RFC 4733 event code, 0–15.
    pub const fn event(self) -> u8 {
        self.0
    }
    /// The key with this face; `None` if there is no such key.
    pub fn from_char(c: char) -> Option<Digit> {
        FACES.iter().position(|&f| f == c.to_ascii_uppercase()).map(|i| Digit(i as u8))
    }
    /// Its face: `0`–`9`, `*`, `#`, `A`–`D`.
    pub fn face(self) -> char {
        FACES[self.0 as usize]
    }
}

const FACES: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#', 'A', 'B', 'C', 'D'];

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.face())
    }
}
impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.face())
    }
}

/// Digits that are secret from birth: a PIN. It does not print, has no `Serialize`, and is overwritten when dropped.
#[derive(Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// The most digits a secret takes; more are refused, so the buffer never moves and leaves no copy behind.
    pub const DIGITS_MAX: usize = 32;

    /// An empty one.
    pub fn new() -> Self {
        Secret(Vec::with_capacity(Self::DIGITS_MAX))
    }
    /// Appends a digit; false if it is full.
    pub fn push(&mut self, digit: Digit) -> bool {
        if self.0.len() == Self::DIGITS_MAX {
            return false;
        }
        self.0.push(digit.event());
        true
    }
    /// How many digits it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// The digits' event codes, for the one who must compare or send them.
    pub fn reveal(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|b| *b = 0xff);
        std::hint::black_box(&self.0);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_face() {
        for code in 0..16 {
            let digit = Digit::from_event(code).expect("0 to 15 are keys");
            assert_eq!(Digit::from_char(digit.face()), Some(digit));
        }
        assert_eq!(Digit::from_event(16), None);
        assert_eq!(Digit::from_char('x'), None);
    }

    #[test]
    fn a_secret_prints_nothing_and_has_a_bound() {
        let mut secret = Secret::new();
        for _ in 0..Secret::DIGITS_MAX {
            assert!(secret.push(Digit::from_char('7').expect("a key")));
        }
        assert!(!secret.push(Digit::from_char('7').expect("a key")));
        assert!(!format!("{secret:?}").contains('7'));
    }
}
