//! Places as the protocol counts them, and addresses of files as it writes them.
use serde_json::{Value, json};
use std::ops::Range;

/// Line and UTF-16 code unit of a byte, both from 0.
pub fn position(text: &str, byte: usize) -> Value {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |i| i + 1);
    let character: usize = before[line_start..].chars().map(char::len_utf16).sum();
    json!({ "line": before.matches('\n').count(), "character": character })
}

/// A line of a text, from 0.
pub fn line_of(text: &str, line: usize) -> Option<&str> {
    text.split('\n').nth(line).map(|l| l.trim_end_matches('\r'))
}

/// What stands before that UTF-16 code unit of a line.
pub fn before(line: &str, column: usize) -> &str {
    &line[..byte(line, column)]
}

fn byte(line: &str, column: usize) -> usize {
    let mut units = 0;
    for (i, c) in line.char_indices() {
        if units >= column {
            return i;
        }
        units += c.len_utf16();
    }
    line.len()
}

/// The name that stands at that UTF-16 code unit of a line.
pub fn word_at(line: &str, column: usize) -> Option<Range<usize>> {
    let at = byte(line, column);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let start = line[..at].rfind(|c| !is_part(c)).map_or(0, |i| i + line[i..].chars().next().map_or(1, char::len_utf8));
    let end = line[at..].find(|c| !is_part(c)).map_or(line.len(), |i| at + i);
    (start < end).then_some(start..end)
}

/// The path of a `file:` address (RFC 8089); none of another kind.
pub fn path_of(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("file://")?;
    let mut bytes = vec![];
    let mut left = rest.bytes();
    while let Some(b) = left.next() {
        if b != b'%' {
            bytes.push(b);
            continue;
        }
        let hex = [left.next()?, left.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The `file:` address of a path.
pub fn uri_of(path: &str) -> String {
    let mut uri = "file://".to_owned();
    for b in path.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(b)),
            b => uri += &format!("%{b:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_utf_16() {
        let text = "title: 主菜单\nx: 𠀀y\n";
        for (byte, line, character) in [(0, 0, 0), (7, 0, 7), (10, 0, 8), (17, 1, 0), (24, 1, 5), (99, 2, 0)] {
            assert_eq!(position(text, byte), json!({ "line": line, "character": character }), "{byte}");
        }
        assert_eq!(before("x: 𠀀y", 5), "x: 𠀀");
        for (line, column, word) in [
            ("{ prompt: agent }", 12, Some("agent")),
            ("{ prompt: agent }", 1, None),
            ("提示 a", 3, Some("a")),
            ("", 0, None),
        ] {
            assert_eq!(word_at(line, column).map(|w| &line[w]), word, "{line} {column}");
        }
    }

    #[test]
    fn addresses_are_paths_and_back() {
        for path in ["/srv/菜单/main.yaml", "/a b/c%d.yaml"] {
            assert_eq!(path_of(&uri_of(path)).as_deref(), Some(path));
        }
        assert_eq!(path_of("untitled:1"), None);
        assert_eq!(path_of("file:///a%zz"), None);
    }
}
