//! Typed reading that collects every fault instead of stopping at the first.
//!
//! A `Fields` must be told all its fields and then asked what is left: a field that nobody took is reported, so a slip of
//! the pen is an error and never a silent default.
use crate::diagnostic::{At, Diagnostic};
use crate::doc::Doc;
use crate::places::escape;
use crate::yaml::key_text;
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: At,
}

/// One value of a document.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    doc: &'a Doc,
    pointer: String,
    value: &'a Value,
}

impl<'a> Item<'a> {
    pub(crate) fn new(doc: &'a Doc, pointer: String, value: &'a Value) -> Self {
        Item { doc, pointer, value }
    }
    /// Where it stands.
    pub fn at(&self) -> At {
        self.doc.at(&self.pointer)
    }
    /// Where its key stands.
    pub fn key_at(&self) -> At {
        self.doc.key_at(&self.pointer)
    }
    /// The fault that it is of the wrong kind or out of range.
    pub fn wrong(&self, wanted: &str) -> Diagnostic {
        let found = kind(self.value);
        Diagnostic::error(self.doc.family.shape(3), &self.at(), format!("expected {wanted}, found {found}"))
    }
    /// The fault that this version does not support it.
    pub fn unsupported(&self, what: &str, instead: &str) -> Diagnostic {
        let message = format!("{what} is not supported in this version");
        Diagnostic::error(self.doc.family.shape(4), &self.key_at(), message).help(instead)
    }
    /// Its text; numbers count as text, since `8001` is a name to whoever writes it.
    pub fn text(&self, faults: &mut Vec<Diagnostic>) -> Option<Spanned<String>> {
        let text = match self.value {
            Value::String(s) => Some(s.clone()),
            Value::Number(_) => Some(self.doc.text.slice(self.at().span).to_owned()),
            Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
        };
        let Some(text) = text.filter(|t| !t.trim().is_empty()) else {
            faults.push(self.wrong("a text"));
            return None;
        };
        Some(Spanned { value: text, at: self.at() })
    }
    /// Its number, if within the range.
    pub fn number(&self, range: RangeInclusive<u64>, faults: &mut Vec<Diagnostic>) -> Option<u64> {
        let number = self.value.as_u64().filter(|n| range.contains(n));
        if number.is_none() {
            faults.push(self.wrong(&format!("a whole number from {} to {}", range.start(), range.end())));
        }
        number
    }
    /// Its number with decimals, if within the range.
    pub fn decimal(&self, range: RangeInclusive<f64>, faults: &mut Vec<Diagnostic>) -> Option<f64> {
        let number = self.value.as_f64().filter(|n| range.contains(n));
        if number.is_none() {
            faults.push(self.wrong(&format!("a number from {} to {}", range.start(), range.end())));
        }
        number
    }
    /// Whether it says true.
    pub fn truth(&self, faults: &mut Vec<Diagnostic>) -> Option<bool> {
        let truth = self.value.as_bool();
        if truth.is_none() {
            faults.push(self.wrong("true or false"));
        }
        truth
    }
    /// What `read` makes of its text.
    pub fn parse<T>(
        &self,
        wanted: &str,
        faults: &mut Vec<Diagnostic>,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Spanned<T>> {
        let text = self.text(faults)?;
        match read(&text.value) {
            Some(value) => Some(Spanned { value, at: text.at }),
            None => {
                let message = format!("expected {wanted}, found `{}`", text.value);
                faults.push(Diagnostic::error(self.doc.family.shape(3), &text.at, message));
                None
            }
        }
    }
    /// Its values, if it is a list.
    pub fn list(&self, faults: &mut Vec<Diagnostic>) -> Vec<Item<'a>> {
        let Value::Sequence(values) = self.value else {
            faults.push(self.wrong("a list"));
            return vec![];
        };
        let item = |(i, value)| Item::new(self.doc, format!("{}/{i}", self.pointer), value);
        values.iter().enumerate().map(item).collect()
    }
    /// Its keys and values in the order of the text, if it is a mapping.
    pub fn entries(&self, faults: &mut Vec<Diagnostic>) -> Vec<(String, Item<'a>)> {
        let Value::Mapping(map) = self.value else {
            faults.push(self.wrong("a mapping (key: value)"));
            return vec![];
        };
        let mut entries = vec![];
        for (key, value) in map {
            match key_text(key) {
                Some(key) => {
                    let pointer = format!("{}/{}", self.pointer, escape(&key));
                    entries.push((key, Item::new(self.doc, pointer, value)));
                }
                None => faults.push(self.wrong("keys that are words or digits")),
            }
        }
        entries
    }
    /// Its fields, if it is a mapping.
    pub fn fields(&self, faults: &mut Vec<Diagnostic>) -> Option<Fields<'a>> {
        let before = faults.len();
        let entries = self.entries(faults);
        let sound = faults.len() == before;
        sound.then(|| Fields { whole: self.clone(), left: entries.into_iter().collect(), known: vec![] })
    }
}

/// The fields of one mapping, being taken one by one.
#[derive(Clone, Debug)]
pub struct Fields<'a> {
    whole: Item<'a>,
    left: BTreeMap<String, Item<'a>>,
    known: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    /// The mapping itself.
    pub fn whole(&self) -> &Item<'a> {
        &self.whole
    }
    /// A field that may be missing.
    pub fn may(&mut self, name: &'static str) -> Option<Item<'a>> {
        self.known.push(name);
        self.left.remove(name)
    }
    /// A field that must be there.
    pub fn must(&mut self, name: &'static str, faults: &mut Vec<Diagnostic>) -> Option<Item<'a>> {
        let item = self.may(name);
        if item.is_none() {
            let message = format!("the field `{name}` is missing");
            let mut at = self.whole.at();
            // One line is enough to show where it is missing.
            let first_line = at.text.slice(at.span).split('\n').next().map_or(0, str::len);
            at.span.end = at.span.start + first_line;
            faults.push(Diagnostic::error(self.whole.doc.family.shape(2), &at, message));
        }
        item
    }
    /// Reports every field that nobody took.
    pub fn done(self, faults: &mut Vec<Diagnostic>) {
        for (name, item) in &self.left {
            let fault =
                Diagnostic::error(self.whole.doc.family.shape(1), &item.key_at(), format!("unknown field `{name}`"));
            let known = self.known.join(", ");
            faults.push(match nearest(name, self.known.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help(format!("known here: {known}")),
            });
        }
    }
}

/// The name most like this one, if any is like it at all: at most half of its letters differ.
pub fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let near = names.into_iter().map(|n| (distance(name, n), n)).min()?;
    (near.0 * 2 <= name.chars().count()).then_some(near.1)
}

/// How many letters must be put in, taken out or changed (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let changed = corner + usize::from(ca != *cb);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

fn kind(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(b) => format!("`{b}`"),
        Value::Number(n) => format!("`{n}`"),
        Value::String(s) if s.chars().count() <= 40 => format!("`{s}`"),
        Value::String(_) => "a long text".into(),
        Value::Sequence(_) => "a list".into(),
        Value::Mapping(_) => "a mapping".into(),
        Value::Tagged(_) => "a tagged value".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    #[test]
    fn every_fault_is_collected_with_its_place() {
        let body = "nmae: x\ncount: many\nlist: 3\nid: 007\n";
        let (doc, faults) = read("CFG", "a.yaml", body.as_bytes());
        assert!(faults.is_empty(), "{faults:?}");
        let doc = doc.expect("sound YAML");
        let mut faults = vec![];
        let mut fields = doc.top().fields(&mut faults).expect("a mapping");
        assert!(fields.must("name", &mut faults).is_none());
        assert_eq!(fields.must("count", &mut faults).and_then(|i| i.number(1..=9, &mut faults)), None);
        fields.may("list").map(|i| i.list(&mut faults));
        let id = fields.may("id").and_then(|i| i.text(&mut faults)).expect("a text");
        assert_eq!(id.value, "007", "as it was written");
        fields.done(&mut faults);
        let seen: Vec<_> =
            faults.iter().map(|d| (d.code.to_string(), d.at.as_ref().expect("a place").place().line)).collect();
        assert_eq!(
            seen,
            [("CFG0802".into(), 1), ("CFG0803".into(), 2), ("CFG0803".into(), 3), ("CFG0801".to_owned(), 1)],
            "{faults:#?}"
        );
        assert_eq!(faults[3].help.as_deref(), Some("did you mean `name`?"));
    }

    #[test]
    fn the_nearest_name_is_near() {
        for (name, wants) in
            [("acounts", Some("accounts")), ("card-loss", Some("card_loss")), ("zzz", None), ("", None)]
        {
            assert_eq!(nearest(name, ["accounts", "card_loss", "loans"]), wants, "{name}");
        }
    }
}
