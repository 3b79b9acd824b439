//! What YAML would misread in silence, found by looking at the lines before any YAML reader does.
//!
//! ```text
//!   #: { replay: true }     a comment to YAML: the key is lost without a word
//!   *: { replay: true }     an alias to YAML: the message would speak of anchors
//!   <tab>menu: main         YAML forbids tabs to indent; the message would speak of tokens
//! ```
//! Looks at lines only; a line inside a block text (`|`) that begins so is reported too.
use crate::diagnostic::{At, Diagnostic};
use crate::doc::Family;
use crate::text::{Span, Text};
use std::sync::Arc;

/// The faults of the lines.
pub fn scan(text: &Arc<Text>, family: Family) -> Vec<Diagnostic> {
    text.lines().flat_map(|(start, line)| line_faults(text, family, start, line)).collect()
}

fn line_faults(text: &Arc<Text>, family: Family, start: usize, line: &str) -> Vec<Diagnostic> {
    let mut faults = vec![];
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    let at = |from: usize, len: usize| At {
        text: text.clone(),
        span: Span { start: start + from, end: start + from + len },
    };
    if let Some(tab) = line[..indent].find('\t')
        && indent < line.len()
    {
        let fault = Diagnostic::error(family.code(8), &at(tab, 1), "a tab is used to indent");
        faults.push(fault.label("this is a tab").help("use two spaces for each level"));
    }
    for (i, c) in line.char_indices().filter(|&(_, c)| c == '#' || c == '*') {
        let begins = line[..i].trim_end().is_empty()
            || line[..i].trim_end().ends_with(['{', ',']) && line[..i].ends_with([' ', '{', ',']);
        if !begins || !line[i + 1..].trim_start_matches(' ').starts_with(':') {
            if c == '#' && (i == 0 || line[..i].ends_with(' ')) {
                break; // The rest is a comment.
            }
            continue;
        }
        let after_colon = line[i + 1..].trim_start_matches(' ')[1..].chars().next();
        if after_colon.is_some_and(|c| c != ' ') {
            continue;
        }
        let (number, message, what) = match c {
            '#' => {
                (9, "the key `#` is taken for a comment", "YAML reads this line as a comment, so the key does nothing")
            }
            _ => (10, "the key `*` is not quoted", "YAML reads a bare `*` as a reference to another place"),
        };
        let fault = Diagnostic::error(family.code(number), &at(i, 1), message);
        faults.push(fault.label(what).help(format!("write \"{c}\": with quotes")));
        if c == '#' {
            break;
        }
    }
    faults
}
