//! The one module that reads values with `serde_yaml`; another YAML reader would change this file alone.
use crate::diagnostic::{At, Diagnostic};
use crate::doc::Family;
use crate::text::{Span, Text};
use serde_yaml::Value;
use std::sync::Arc;

/// The values of a text that `places` found sound.
pub fn value(text: &Arc<Text>, family: Family) -> Result<Value, Box<Diagnostic>> {
    serde_yaml::from_str(text.body()).map_err(|e| {
        let start = e.location().map_or(0, |l| l.index()).min(text.body().len());
        let start = (0..=start).rev().find(|&i| text.body().is_char_boundary(i)).unwrap_or(0);
        let end = text.body()[start..].chars().next().map_or(start, |c| start + c.len_utf8());
        let at = At { text: text.clone(), span: Span { start, end } };
        Box::new(Diagnostic::error(family.code(4), &at, "this is not YAML").label(e.to_string()))
    })
}

/// A key as text: `0` and `"0"` are the same key.
pub fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}
