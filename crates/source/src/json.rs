//! Diagnostics for programs: one JSON object each.
use crate::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json as object};

/// A list of objects: code, severity, message, file, line, column, length, label, notes, help.
pub fn json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(one).collect()
}

fn one(d: &Diagnostic) -> Value {
    let place = d.at.as_ref().map(|at| (at.place(), at.text.slice(at.span).chars().count()));
    object!({
        "code": d.code.to_string(),
        "severity": word(d.severity),
        "message": d.message,
        "file": d.file,
        "line": place.map(|(p, _)| p.line),
        "column": place.map(|(p, _)| p.column),
        "length": place.map(|(_, length)| length),
        "label": d.label,
        "notes": d.notes,
        "help": d.help,
    })
}

/// The severity as JSON says it.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Advice => "advice",
    }
}
