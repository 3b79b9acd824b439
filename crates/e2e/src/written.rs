//! Everything that a centre has written, searched for digits that nobody may read.
//!
//! ```text
//!   the folder: log, journal, record database, reports ─┐
//!   what its API and its commands answer                ├─ searched for the digits as text, hex, base64, key codes, telephone-events
//!   every datagram it has sent, INFO bodies included   ─┘
//! ```
use std::fs;
use std::path::Path;

/// What was written, each with where.
#[derive(Debug, Default)]
pub struct Written(Vec<(String, Vec<u8>)>);

impl Written {
    /// Adds something.
    pub fn add(&mut self, place: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.to_owned(), bytes.into()));
    }

    /// Adds every file below a folder.
    #[track_caller]
    pub fn add_folder(&mut self, folder: &Path) {
        for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => self.add_folder(&path),
                false => self.0.extend(fs::read(&path).ok().map(|bytes| (path.display().to_string(), bytes))),
            }
        }
    }

    /// Where these bytes stand.
    pub fn places(&self, bytes: &[u8]) -> Vec<&str> {
        let has = |written: &[u8]| written.windows(bytes.len()).any(|part| part == bytes);
        self.0.iter().filter(|(_, written)| has(written)).map(|(place, _)| place.as_str()).collect()
    }

    /// In which form these digits stand where, if they do.
    pub fn finds(&self, digits: &str) -> Vec<String> {
        let mut found = vec![];
        for (form, bytes) in forms(digits) {
            found.extend(self.places(&bytes).into_iter().map(|place| format!("as {form} in {place}")));
        }
        found
    }
}

/// The ways in which six digits or more could stand somewhere.
fn forms(digits: &str) -> Vec<(&'static str, Vec<u8>)> {
    assert!(digits.len() >= 6, "fewer are found by chance");
    let codes: Vec<u8> = digits.bytes().map(|b| b - b'0').collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes();
    let listed = codes.iter().map(u8::to_string).collect::<Vec<_>>();
    // The last packet of each, as a telephone of ours sends it (RFC 4733 §2.3): event, end and volume, duration.
    let events: Vec<u8> = codes.iter().flat_map(|code| [*code, 0x8a, 0x05, 0x00]).collect();
    let mut forms = vec![
        ("text", digits.as_bytes().to_vec()),
        ("key codes", codes.clone()),
        ("hex of text", hex(digits.as_bytes())),
        ("hex of key codes", hex(&codes)),
        ("a list", listed.join(",").into_bytes()),
        ("a printed list", listed.join(", ").into_bytes()),
        ("telephone-events", events),
    ];
    // A base64 text holds whole groups of three, and these may begin at any of the first three digits.
    for from in 0..3 {
        let bytes = &digits.as_bytes()[from..];
        forms.push(("base64", base64(&bytes[..bytes.len() / 3 * 3])));
    }
    forms
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const FACES: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |g: &[u8]| {
        let n = u32::from(g[0]) << 16 | u32::from(g[1]) << 8 | u32::from(g[2]);
        [18, 12, 6, 0].map(|shift| FACES[(n >> shift & 63) as usize])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_would_be_found_in_each_form() {
        for (form, bytes) in forms("9182736405") {
            let mut written = Written::default();
            written.add("somewhere", [b"before ".as_slice(), &bytes, b" after"].concat());
            assert!(!written.finds("9182736405").is_empty(), "{form}");
            assert!(written.finds("9182736404").iter().all(|f| f.contains("base64")), "{form}");
        }
        assert_eq!(base64(b"918273"), b"OTE4Mjcz");
    }
}
