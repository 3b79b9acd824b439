//! Diagnostics as SARIF 2.1.0 (OASIS), which code hosts and editors show at the line.
use crate::diagnostic::{Diagnostic, Severity};
use serde_json::{Value, json as object};
use std::collections::BTreeMap;

/// What a rule says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleText {
    /// `IVR0203`.
    pub code: String,
    /// `no-key-to-person`.
    pub name: String,
    /// Why it matters, in one sentence.
    pub why: String,
}

/// One run of `tool` with its findings; `rules` names those it may speak of.
pub fn sarif(tool: &str, version: &str, rules: &[RuleText], diagnostics: &[Diagnostic]) -> Value {
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(i, r)| (r.code.as_str(), i)).collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|r| object!({ "id": r.code, "name": r.name, "shortDescription": { "text": r.why } }))
        .collect();
    let results: Vec<Value> = diagnostics.iter().map(|d| result(d, &index)).collect();
    object!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": tool, "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(d: &Diagnostic, index: &BTreeMap<&str, usize>) -> Value {
    let code = d.code.to_string();
    let mut physical = object!({ "artifactLocation": { "uri": d.file.replace('\\', "/").replace(' ', "%20") } });
    if let Some(at) = &d.at {
        let (from, to) = (at.place(), at.text.place(at.span.end));
        physical["region"] = object!({
            "startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column,
        });
    }
    let sentences =
        [vec![d.message.clone()], d.notes.clone(), d.help.iter().map(|h| format!("help: {h}")).collect()].concat();
    let mut result = object!({
        "ruleId": code,
        "level": match d.severity { Severity::Error => "error", Severity::Warning => "warning", Severity::Advice => "note" },
        "message": { "text": sentences.join("\n") },
        "locations": [{ "physicalLocation": physical }],
    });
    if let Some(i) = index.get(code.as_str()) {
        result["ruleIndex"] = object!(i);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    #[test]
    fn a_finding_stands_at_its_line_and_names_its_rule() {
        let (_, faults) = read("IVR", "a b.yaml", b"x: 1\nx: 2\n");
        let rule = RuleText { code: "IVR0907".into(), name: "duplicate-key".into(), why: "why".into() };
        let log = sarif("switchboard", "1", &[rule], &faults);
        let result = &log["runs"][0]["results"][0];
        assert_eq!(log["version"], "2.1.0");
        assert_eq!(result["ruleIndex"], 0);
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "a%20b.yaml");
        assert_eq!(location["region"]["startLine"], 2);
        assert_eq!(location["region"]["endColumn"], 2);
    }
}
