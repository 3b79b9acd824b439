//! One file's text, and where in it a byte stands.
use std::fmt;
use std::sync::Arc;

/// A stretch of a text, in bytes; the end is not included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// A position as editors count it: both from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A file's text under the name by which it was asked for. Printed by its name.
pub struct Text {
    path: String,
    body: String,
    line_starts: Vec<usize>,
}

impl Text {
    /// A text; a byte order mark at its beginning is dropped.
    pub fn new(path: &str, body: &str) -> Arc<Text> {
        let body = body.strip_prefix('\u{feff}').unwrap_or(body).to_owned();
        let line_starts = std::iter::once(0).chain(body.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Arc::new(Text { path: path.to_owned(), body, line_starts })
    }
    /// The name by which it was asked for.
    pub fn path(&self) -> &str {
        &self.path
    }
    /// All of it.
    pub fn body(&self) -> &str {
        &self.body
    }
    /// Line and column of a byte; the end of the text for bytes beyond it.
    pub fn place(&self, byte: usize) -> Place {
        let byte = byte.min(self.body.len());
        let line = self.line_starts.partition_point(|&s| s <= byte).max(1);
        let column = self.body.get(self.line_starts[line - 1]..byte).map_or(0, |s| s.chars().count());
        Place { line, column: column + 1 }
    }
    /// The words of a span; empty if it is none of this text.
    pub fn slice(&self, span: Span) -> &str {
        self.body.get(span.start..span.end).unwrap_or_default()
    }
    /// Each line with its first byte, without the line break.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.line_starts.iter().map(|&start| {
            let rest = &self.body[start..];
            (start, rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r'))
        })
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({})", self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = Text::new("a.yaml", "\u{feff}甲乙: 1\nx: 2\n");
        for (byte, line, column) in [(0, 1, 1), (3, 1, 2), (6, 1, 3), (10, 2, 1), (13, 2, 4), (15, 3, 1), (99, 3, 1)] {
            assert_eq!(text.place(byte), Place { line, column }, "byte {byte}");
        }
        assert_eq!(text.slice(Span { start: 3, end: 6 }), "乙");
        assert_eq!(text.slice(Span { start: 1, end: 6 }), "", "not at a character's edge");
    }
}
