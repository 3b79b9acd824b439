//! What needs no decision is mended: quotes where YAML would misread a key, spaces for tabs, the language's version.
//!
//! ```text
//!   faults of the text ──► places ──► the same text with a few characters more ──► read again, until nothing is left to mend
//! ```
//! Changes nothing that a caller would hear: what a name was meant to be, or who is to be reached, is for a person.
use crate::lint;
use switchboard_source::{Diagnostic, Span, read};

/// A mended text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fixed {
    /// All of it.
    pub text: String,
    /// What was done, with the line of the text as it was then.
    pub done: Vec<(usize, &'static str)>,
}

/// Rounds of mending: a fault may hide another, but not for ever.
const ROUNDS_MAX: usize = 8;

/// Mends a file's text; none if there is nothing to mend.
pub fn fix(path: &str, bytes: &[u8]) -> Option<Fixed> {
    let mut text = std::str::from_utf8(bytes).ok()?.to_owned();
    let mut done = vec![];
    for _ in 0..ROUNDS_MAX {
        let mut changes = changes(path, &text);
        if changes.is_empty() {
            break;
        }
        // From the end, so that places before it stay right.
        changes.sort_by_key(|(span, ..)| std::cmp::Reverse(*span));
        changes.dedup_by_key(|(span, ..)| *span);
        for (span, instead, what) in changes {
            done.push((text[..span.start].matches('\n').count() + 1, what));
            text.replace_range(span.start..span.end, &instead);
        }
    }
    done.sort_unstable();
    (!done.is_empty()).then_some(Fixed { text, done })
}

fn changes(path: &str, text: &str) -> Vec<(Span, String, &'static str)> {
    let (doc, faults) = read(lint::FAMILY, path, text.as_bytes());
    // A byte order mark is not part of what places are counted in.
    let skipped = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
    let mut changes: Vec<_> = faults.iter().filter_map(|f| change(f, text, skipped)).collect();
    if let Some(doc) = doc
        && doc.json().is_some_and(|v| v.is_object() && v.get("version").is_none())
    {
        let at = Span { start: skipped, end: skipped };
        changes.push((at, format!("version: {}\n", lint::LANGUAGE_VERSION), "写上语言版本 the version is written"));
    }
    changes
}

/// The tab that indents; a key that YAML takes for something else.
fn change(fault: &Diagnostic, text: &str, skipped: usize) -> Option<(Span, String, &'static str)> {
    const TAB: u16 = 908;
    const COMMENT_KEY: u16 = 909;
    const BARE_STAR: u16 = 910;
    const BOOLEAN_KEY: u16 = 911;
    let span = fault.at.as_ref()?.span;
    let span = Span { start: span.start + skipped, end: span.end + skipped };
    let words = text.get(span.start..span.end)?;
    match fault.code.number {
        TAB => Some((span, "  ".to_owned(), "制表符改为空格 a tab became spaces")),
        COMMENT_KEY | BARE_STAR | BOOLEAN_KEY if !words.contains(['"', '\n']) => {
            Some((span, format!("\"{words}\""), "键加上引号 a key is quoted"))
        }
        _ => None,
    }
}
