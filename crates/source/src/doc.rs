//! From bytes to a document whose every value knows its place.
use crate::diagnostic::{At, Code, Diagnostic, Severity, has_errors};
use crate::item::Item;
use crate::places::{Places, places};
use crate::scan::scan;
use crate::text::{Span, Text};
use crate::yaml;
use serde_yaml::Value;
use std::sync::Arc;

/// The largest file that is read. A bank's whole menu tree is some 20 KiB; a mebibyte is a mistake or an attack.
pub const BYTES_MAX: usize = 1 << 20;
/// The deepest nesting that is read. Our files nest four levels.
pub const DEPTH_MAX: usize = 32;

/// What can be wrong with a text as YAML, by number within the family, with why it matters.
pub const TEXT_FAULTS: [(u16, &str, &str); 17] = [
    (801, "unknown-field", "A field that nobody reads is a wish that nobody fulfils."),
    (802, "missing-field", "Without it the file does not say what it must."),
    (803, "wrong-value", "The value is of another kind, or out of range."),
    (804, "not-supported", "The language has this, this version does not: it is refused, never ignored."),
    (901, "too-large", "A file over 1 MiB is a mistake or an attack."),
    (902, "not-utf8", "Chinese text in another encoding would be spoken and shown wrong."),
    (903, "empty", "An empty file is a save that failed."),
    (904, "not-yaml", "No YAML reader can read it."),
    (905, "nesting", "Nesting beyond 32 levels is an attack on the reader."),
    (906, "alias", "Anchors and aliases let a small file become a huge one, and hide what a menu says."),
    (907, "duplicate-key", "YAML readers keep one of the two and lose the other in silence."),
    (908, "tab", "Tabs look like the indentation they are not."),
    (909, "comment-key", "`#:` is a comment to YAML: the key would be lost in silence."),
    (910, "bare-star", "A bare `*` is a reference to YAML."),
    (911, "boolean-key", "Some YAML readers take yes, no, on, off for true and false."),
    (912, "documents", "Only the first document of a file would be read."),
    (913, "tag", "Tags change what a value is, and differ between YAML readers."),
];

/// Whose codes a text's faults bear: `IVR` or `CFG`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Family(pub &'static str);

impl Family {
    /// The code of a text fault, 1 to 99.
    pub(crate) fn code(self, number: u16) -> Code {
        Code { family: self.0, number: 900 + number }
    }
    /// The code of a shape fault, 1 to 99.
    pub(crate) fn shape(self, number: u16) -> Code {
        Code { family: self.0, number: 800 + number }
    }
}

/// A text that is sound YAML, with its values and their places.
#[derive(Debug)]
pub struct Doc {
    pub(crate) text: Arc<Text>,
    pub(crate) family: Family,
    pub(crate) places: Places,
    value: Value,
}

impl Doc {
    /// Its top.
    pub fn top(&self) -> Item<'_> {
        Item::new(self, String::new(), &self.value)
    }
    /// Its values without their places; none if a key is no word, number or truth.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(&self.value).ok()
    }
    /// Its text.
    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }
    /// Where the value with this JSON pointer stands; the nearest value around it if there is none.
    pub fn at(&self, pointer: &str) -> At {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.by_pointer.get(pointer) {
                return At { text: self.text.clone(), span: place.value };
            }
            match pointer.rfind('/') {
                Some(cut) => pointer = &pointer[..cut],
                None => return At { text: self.text.clone(), span: Span::default() },
            }
        }
    }
    /// Where the key that bears this value stands; the value's place if it has none.
    pub fn key_at(&self, pointer: &str) -> At {
        match self.places.by_pointer.get(pointer).and_then(|p| p.key) {
            Some(span) => At { text: self.text.clone(), span },
            None => self.at(pointer),
        }
    }
}

/// Reads one file. Time and memory are bounded by the file's size; a document is given only if the text is sound.
pub fn read(family: &'static str, path: &str, bytes: &[u8]) -> (Option<Doc>, Vec<Diagnostic>) {
    let family = Family(family);
    let refuse = |number, message: String, help: &str| {
        (None, vec![Diagnostic::of_file(family.code(number), path, message).help(help)])
    };
    if bytes.len() > BYTES_MAX {
        let message = format!("the file is too large: {} bytes, at most {BYTES_MAX}", bytes.len());
        return refuse(1, message, "split it, or see whether it is the right file");
    }
    let body = match std::str::from_utf8(bytes) {
        Ok(body) => body,
        Err(e) => {
            let line = bytes[..e.valid_up_to()].iter().filter(|&&b| b == b'\n').count() + 1;
            let message =
                format!("the file is not UTF-8: byte {} on line {line} is of another encoding", e.valid_up_to() + 1);
            return refuse(2, message, "save it as UTF-8 (GBK and UTF-16 are not read)");
        }
    };
    if body.trim_start_matches('\u{feff}').trim().is_empty() {
        return refuse(3, "the file is empty".into(), "restore it from the last version that was live");
    }
    let text = Text::new(path, body);
    let mut faults = scan(&text, family);
    if has_errors(&faults) {
        return (None, faults);
    }
    let (places, more) = places(&text, family);
    faults.extend(more);
    let Some(places) = places.filter(|_| !has_errors(&faults)) else { return (None, faults) };
    match yaml::value(&text, family) {
        Ok(value) => (Some(Doc { text, family, places, value }), faults),
        Err(fault) => (None, [faults, vec![fault.severity(Severity::Error)]].concat()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(body: &str, wants: &[(u16, usize, usize)]) {
        let (doc, faults) = read("IVR", "a.yaml", body.as_bytes());
        let seen: Vec<_> = faults
            .iter()
            .map(|d| {
                (
                    d.code.number,
                    d.at.as_ref().map_or(0, |a| a.place().line),
                    d.at.as_ref().map_or(0, |a| a.place().column),
                )
            })
            .collect();
        assert_eq!(seen, wants, "{body}\n{faults:#?}");
        assert_eq!(doc.is_some(), wants.is_empty());
    }

    #[test]
    fn each_fault_of_the_text_is_named_with_its_place() {
        check("a: 1\nb: { c: [2, 3] }\n", &[]);
        check("\u{feff}a: 1\n", &[]);
        check("", &[(903, 0, 0)]);
        check(" \n\n", &[(903, 0, 0)]);
        check("a: 1\nb: 2\na: 3\n", &[(907, 3, 1)]);
        check("o:\n  \"0\": 1\n  0: 2\n", &[(907, 3, 3)]);
        check("o: { a: 1, a: 2, a: 3 }\n", &[(907, 1, 12), (907, 1, 18)]);
        check("o:\n\ta: 1\n", &[(908, 2, 1)]);
        check("o:\n  #: 1\n  a: 2\n", &[(909, 2, 3)]);
        check("o: { #: 1 }\n", &[(909, 1, 6)]);
        check("# a comment: yes\no: 1 # and: *: here\n", &[]);
        check("o:\n  *: 1\n", &[(910, 2, 3)]);
        check("o: { \"1\": 2, *: 1 }\n", &[(910, 1, 14)]);
        check("o:\n  \"*\": 1\n  \"#\": 2\n", &[]);
        check("no: 1\n", &[(911, 1, 1)]);
        check("\"no\": 1\n", &[]);
        check("a: &x 1\nb: *x\n", &[(906, 1, 4), (906, 2, 4)]);
        check("a: !!str 1\n", &[(913, 1, 4)]);
        check("a: 1\n---\nb: 2\n", &[(912, 2, 1)]);
        check("a: [1\n", &[(904, 2, 1)]);
        check("a: 'x\n", &[(904, 1, 4)]);
    }

    #[test]
    fn what_is_no_text_of_ours_is_refused_at_once() {
        for (bytes, number) in [
            (vec![b'a'; BYTES_MAX + 1], 901),
            (b"\xc4\xe3\xba\xc3: 1\n".to_vec(), 902),
            (b"\xff\xfea\0:\0 \0".to_vec(), 902),
            (vec![b'['; 100_000], 905),
            ([vec![b'['; 100_000], vec![b']'; 100_000]].concat(), 905),
            ("{a: ".repeat(100_000).into_bytes(), 905),
            ("- ".repeat(100_000).into_bytes(), 905),
            (alias_bomb().into_bytes(), 906),
        ] {
            let (doc, faults) = read("CFG", "a.yaml", &bytes);
            assert!(doc.is_none());
            assert_eq!(faults.first().map(|d| d.code.number), Some(number), "{faults:?}");
        }
    }

    fn alias_bomb() -> String {
        let mut body = "a0: &a0 [x, x]\n".to_owned();
        for i in 1..40 {
            body += &format!("a{i}: &a{i} [*a{}, *a{}]\n", i - 1, i - 1);
        }
        body
    }

    proptest! {
        #[test]
        fn no_bytes_panic_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read("IVR", "a.yaml", &bytes);
        }
        #[test]
        fn no_yaml_like_text_panics_the_reader(body in "[a-c0-2:{}\\[\\],\"'#*&!|>\\- \n\t\u{4e2d}]{0,60}") {
            let (doc, faults) = read("IVR", "a.yaml", body.as_bytes());
            prop_assert!(doc.is_some() || has_errors(&faults), "refused without a word");
            crate::render(&faults);
        }
    }
}
