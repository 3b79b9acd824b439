//! One record of the journal: a checksum, a blank, one JSON object, a line feed.
//!
//! ```text
//!   5f0c1a77 {"v":1,"by":1,"seq":7,"at":1800000000000000,"call":281474976710659,"what":"answered"}⏎
//!   └ CRC-32 of the JSON, so that a torn or damaged line is known from a whole one
//! ```
//! JSON holds no line feed of its own, so a line is a record, and `cut -c10-` makes plain JSON lines of a file. The first line
//! of every file is its head: how far each writer had come before it, so that nobody reads older files to go on counting.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{ContactEvent, ShardId};

/// The first record of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Head {
    /// The version of the format: 1.
    pub(crate) journal: u8,
    /// The last number of each writer before this file.
    pub(crate) after: BTreeMap<ShardId, u64>,
}

/// What a line says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Line {
    Head(Head),
    Event(ContactEvent),
}

/// Appends a record to `out`.
pub(crate) fn write<T: Serialize>(out: &mut Vec<u8>, value: &T) {
    let json = serde_json::to_vec(value).expect("plain data with text keys, which JSON always writes");
    out.extend_from_slice(format!("{:08x} ", crc32(&json)).as_bytes());
    out.extend_from_slice(&json);
    out.push(b'\n');
}

/// Reads a line, with or without its line feed; `None` if it is torn, damaged or of a newer format.
pub(crate) fn read(line: &[u8]) -> Option<Line> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (sum, json) = (line.get(..8)?, line.get(9..)?);
    let sum = u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()?;
    if line[8] != b' ' || sum != crc32(json) {
        return None;
    }
    if let Ok(event) = serde_json::from_slice(json) {
        return Some(Line::Event(event));
    }
    serde_json::from_slice(json).ok().filter(|head: &Head| head.journal == 1).map(Line::Head)
}

/// CRC-32 as in ISO 3309 and in gzip, so that other tools can check a line.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(!0, |crc, &byte| TABLE[((crc ^ u32::from(byte)) & 0xff) as usize] ^ (crc >> 8))
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            read(&bytes);
        }

        #[test]
        fn a_line_with_one_byte_changed_is_refused(at in 0usize..30, with in any::<u8>()) {
            let mut line = Vec::new();
            write(&mut line, &Head { journal: 1, after: BTreeMap::from([(ShardId(1), 7)]) });
            let was = std::mem::replace(&mut line[at], with);
            // The checksum's own digits may change case and mean the same.
            prop_assert_eq!(read(&line).is_some(), was == with || at < 8 && was.eq_ignore_ascii_case(&with));
        }
    }
}
