//! Where every value stands, by JSON pointer (RFC 6901), and what the structure of a text does that ours must not.
//!
//! `serde_yaml` gives values without places and merges what stands twice, so a second reader walks the same text event by
//! event. It never recurses, and stops at the first thing that could make it grow: an alias, or too deep a nesting.
use crate::diagnostic::{At, Diagnostic};
use crate::doc::{DEPTH_MAX, Family};
use crate::text::{Span, Text};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a value stands, and its key if it has one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spot {
    /// The value.
    pub value: Span,
    /// Its key.
    pub key: Option<Span>,
}

/// Every value's place.
#[derive(Debug, Default)]
pub struct Places {
    /// By JSON pointer.
    pub by_pointer: BTreeMap<String, Spot>,
}

/// A node that is still open.
enum Open {
    /// A list, with the index of its next value.
    List { pointer: String, start: usize, next: usize },
    /// A mapping, with its keys so far and the one that waits for its value.
    Map { pointer: String, start: usize, keys: BTreeMap<String, Span>, key: Option<(String, Span)> },
    /// A key that is itself a list or a mapping: walked, not kept.
    OddKey,
}

/// The places of a text, if it is YAML.
pub fn places(text: &Arc<Text>, family: Family) -> (Option<Places>, Vec<Diagnostic>) {
    let mut walk = Walk {
        text,
        family,
        bytes: byte_of_char(text.body()),
        places: Places::default(),
        open: vec![],
        faults: vec![],
    };
    let sound = walk.run();
    (sound.then_some(walk.places), walk.faults)
}

struct Walk<'t> {
    text: &'t Arc<Text>,
    family: Family,
    bytes: Vec<u32>,
    places: Places,
    open: Vec<Open>,
    faults: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn run(&mut self) -> bool {
        let text = self.text.clone();
        let mut documents = 0;
        for step in Parser::new_from_str(text.body()) {
            let (event, span) = match step {
                Ok(step) => step,
                Err(e) => {
                    let start = self.byte(e.marker().index());
                    self.faults.push(match e.info() {
                        // The scanner looks ahead, and has a bound of its own, of 255 levels.
                        "recursion limit exceeded" => self.too_deep(start),
                        why => self
                            .fault(4, self.one_char(start), "this is not YAML")
                            .label(why.to_owned())
                            .help("look at the indentation, quotes and brackets just before"),
                    });
                    return false;
                }
            };
            let span = Span { start: self.byte(span.start.index()), end: self.byte(span.end.index()) };
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        let fault = self.fault(12, span, "a second document begins in the same file");
                        self.faults.push(
                            fault
                                .label("only the text above this line would be read")
                                .help("make it a file of its own"),
                        );
                        return false;
                    }
                }
                Event::Alias(_) => {
                    self.alias(span, "this repeats another place");
                    self.closed(span.start, span);
                }
                Event::Scalar(value, style, anchor, tag) => {
                    self.extras(anchor, tag.is_some(), span);
                    if self.awaits_key() {
                        self.key(&value, style, span);
                    } else {
                        self.closed(span.start, span);
                    }
                }
                Event::SequenceStart(anchor, tag) => {
                    self.extras(anchor, tag.is_some(), span);
                    let open = if self.awaits_key() {
                        Open::OddKey
                    } else {
                        Open::List { pointer: self.pointer(), start: span.start, next: 0 }
                    };
                    if !self.push(open, span) {
                        return false;
                    }
                }
                Event::MappingStart(anchor, tag) => {
                    self.extras(anchor, tag.is_some(), span);
                    let (pointer, start) = (self.pointer(), span.start);
                    let open = if self.awaits_key() {
                        Open::OddKey
                    } else {
                        Open::Map { pointer, start, keys: BTreeMap::new(), key: None }
                    };
                    if !self.push(open, span) {
                        return false;
                    }
                }
                Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                    Some(Open::List { start, .. } | Open::Map { start, .. }) => {
                        self.closed(start, Span { start, end: span.end })
                    }
                    Some(Open::OddKey) => {
                        let fault = self.fault(4, span, "a key is a list or a mapping");
                        self.faults.push(fault.help("keys are words or digits"));
                        return false;
                    }
                    None => {}
                },
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        true
    }

    fn push(&mut self, open: Open, span: Span) -> bool {
        self.open.push(open);
        if self.open.len() <= DEPTH_MAX {
            return true;
        }
        self.faults.push(self.too_deep(span.start));
        false
    }

    fn too_deep(&self, start: usize) -> Diagnostic {
        self.fault(5, self.one_char(start), format!("the text is nested more than {DEPTH_MAX} levels deep"))
            .label("here it becomes too deep")
            .help("our files need four levels; see whether it is the right file")
    }

    fn awaits_key(&self) -> bool {
        match self.open.last() {
            Some(Open::Map { key, .. }) => key.is_none(),
            Some(Open::OddKey | Open::List { .. }) | None => false,
        }
    }

    /// The pointer of the value that begins now.
    fn pointer(&self) -> String {
        match self.open.last() {
            Some(Open::List { pointer, next, .. }) => format!("{pointer}/{next}"),
            Some(Open::Map { pointer, key: Some((key, _)), .. }) => format!("{pointer}/{}", escape(key)),
            Some(Open::Map { .. } | Open::OddKey) | None => String::new(),
        }
    }

    fn key(&mut self, value: &str, style: ScalarStyle, span: Span) {
        const BOOLEANS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
        if style == ScalarStyle::Plain && BOOLEANS.contains(&value.to_ascii_lowercase().as_str()) {
            let fault = self.fault(11, span, format!("other YAML readers take the key `{value}` for a boolean"));
            self.faults.push(fault.help(format!("write \"{value}\": with quotes")));
        }
        let Some(Open::Map { keys, key, .. }) = self.open.last_mut() else { return };
        *key = Some((value.to_owned(), span));
        if let Some(first) = keys.insert(value.to_owned(), span) {
            keys.insert(value.to_owned(), first);
            let first = At { text: self.text.clone(), span: first };
            let fault = self.fault(7, span, format!("the key `{value}` stands twice"));
            self.faults.push(fault.label("and again here").also(&first, "first here").help("keep one of the two"));
        }
    }

    /// A value is complete.
    fn closed(&mut self, start: usize, span: Span) {
        let pointer = self.pointer();
        let key = match self.open.last_mut() {
            Some(Open::List { next, .. }) => {
                *next += 1;
                None
            }
            Some(Open::Map { key, .. }) => key.take().map(|(_, span)| span),
            Some(Open::OddKey) | None => None,
        };
        let body = self.text.body();
        let end = start + body.get(start..span.end).map_or(0, |s| s.trim_end().len());
        self.places.by_pointer.entry(pointer).or_insert(Spot { value: Span { start, end }, key });
    }

    fn extras(&mut self, anchor: usize, tag: bool, span: Span) {
        if anchor > 0 {
            let start = self.text.body()[..span.start].rfind('&').unwrap_or(span.start);
            self.alias(Span { start, end: span.start.max(start + 1) }, "this gives the place a name to repeat it by");
        }
        if tag {
            let start = self.text.body()[..span.start]
                .rfind('!')
                .map_or(span.start, |i| self.text.body()[..=i].trim_end_matches('!').len());
            let fault = self.fault(13, Span { start, end: span.start.max(start + 1) }, "a tag is used");
            self.faults.push(fault.help("write the plain value"));
        }
    }

    fn alias(&mut self, span: Span, label: &str) {
        let fault = self.fault(6, span, "anchors and aliases are not part of this language");
        self.faults.push(fault.label(label).help("write the value out"));
    }

    fn fault(&self, number: u16, span: Span, message: impl Into<String>) -> Diagnostic {
        let end = span.start + self.text.slice(span).trim_end().len().max(usize::from(span.end > span.start));
        Diagnostic::error(
            self.family.code(number),
            &At { text: self.text.clone(), span: Span { start: span.start, end } },
            message,
        )
    }

    fn byte(&self, char: usize) -> usize {
        self.bytes.get(char).map_or(self.text.body().len(), |&b| b as usize)
    }

    fn one_char(&self, start: usize) -> Span {
        let len = self.text.body()[start..].chars().next().map_or(0, char::len_utf8);
        Span { start, end: start + len }
    }
}

fn byte_of_char(body: &str) -> Vec<u32> {
    body.char_indices().map(|(i, _)| i as u32).collect()
}

/// A key as a JSON pointer writes it (RFC 6901 §3).
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
