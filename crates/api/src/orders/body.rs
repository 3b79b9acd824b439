//! A body or query against the fields of its row: the first field that breaks its rule is named with the rule.
use super::problem::Problem;
use serde_json::{Map, Value};
use switchboard_engine::command::table::{Field, Kind};

/// A body is some fields; more is no command of ours.
pub const BODY_MAX: usize = 65_536;

/// What an Idempotency-Key may be.
pub const KEY_PATTERN: &str = "^[A-Za-z0-9_.-]{1,64}$";

/// Whether it is one.
pub fn is_key(key: &str) -> bool {
    (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Reads a JSON body; none stands for no fields.
pub fn read(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::field("body", "must be a JSON object")),
        Err(e) => Err(Problem::field("body", format!("must be JSON: {e}"))),
    }
}

/// A query's values are texts; what should be a number or a truth becomes one if it can.
pub fn typed(fields: &[Field], query: impl IntoIterator<Item = (String, String)>) -> Map<String, Value> {
    let typed = |(name, text): (String, String)| {
        let kind = fields.iter().find(|f| f.name == name).map(|f| f.kind);
        let value = match kind {
            Some(Kind::Number { .. }) => text.parse::<u64>().map_or(Value::String(text), Value::from),
            Some(Kind::Truth) => text.parse::<bool>().map_or(Value::String(text), Value::from),
            Some(Kind::Text { .. } | Kind::Word(_) | Kind::List { .. }) | None => Value::String(text),
        };
        (name, value)
    };
    query.into_iter().map(typed).collect()
}

/// Whether every field is known, there if it must be, and what it must be.
pub fn check(fields: &[Field], given: &Map<String, Value>) -> Result<(), Problem> {
    within("", fields, given)
}

fn within(path: &str, fields: &[Field], given: &Map<String, Value>) -> Result<(), Problem> {
    if let Some(unknown) = given.keys().find(|k| fields.iter().all(|f| f.name != k.as_str())) {
        let known: Vec<&str> = fields.iter().map(|f| f.name).collect();
        let rule = if known.is_empty() {
            "is not known; no field is".to_owned()
        } else {
            format!("is not known; there are {}", known.join(", "))
        };
        return Err(Problem::field(&format!("{path}{unknown}"), rule));
    }
    for field in fields {
        let name = format!("{path}{}", field.name);
        match given.get(field.name) {
            None if field.must => return Err(Problem::field(&name, "must be there")),
            None => {}
            Some(value) => value_is(&name, field.kind, value)?,
        }
    }
    Ok(())
}

fn value_is(name: &str, kind: Kind, value: &Value) -> Result<(), Problem> {
    let sound = match (kind, value) {
        (Kind::Text { max }, Value::String(text)) => {
            (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
        }
        (Kind::Word(words), Value::String(text)) => words.contains(&text.as_str()),
        (Kind::Number { min, max }, Value::Number(n)) => n.as_u64().is_some_and(|n| (min..=max).contains(&n)),
        (Kind::Truth, Value::Bool(_)) => true,
        (Kind::List { max, of }, Value::Array(items)) if (1..=max).contains(&items.len()) => {
            for (n, item) in items.iter().enumerate() {
                let Value::Object(fields) = item else {
                    return Err(Problem::field(&format!("{name}[{n}]"), "must be an object"));
                };
                within(&format!("{name}[{n}]."), of, fields)?;
            }
            true
        }
        (Kind::Text { .. } | Kind::Word(_) | Kind::Number { .. } | Kind::Truth | Kind::List { .. }, _) => false,
    };
    if sound { Ok(()) } else { Err(Problem::field(name, rule(kind))) }
}

/// A kind in words.
pub fn rule(kind: Kind) -> String {
    match kind {
        Kind::Text { max } => format!("must be a text of 1 to {max} characters without control characters"),
        Kind::Word(words) => format!("must be one of {}", words.join(", ")),
        Kind::Number { min, max } => format!("must be a whole number from {min} to {max}"),
        Kind::Truth => "must be true or false".to_owned(),
        Kind::List { max, .. } => format!("must be a list of 1 to {max} objects"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_engine::command::table::row;

    fn refused(command: &str, body: &str) -> Option<String> {
        let row = row(command).expect("a command");
        let checked = read(body.as_bytes()).and_then(|given| check(row.fields, &given));
        checked.err().map(|p| p.field.expect("a 400 names its field").0)
    }

    #[test]
    fn the_field_is_named() {
        for (command, body, field) in [
            ("agent_ready", "", None),
            ("agent_ready", "{}", None),
            ("agent_ready", "[]", Some("body")),
            ("agent_ready", "{", Some("body")),
            ("agent_ready", r#"{"x":1}"#, Some("x")),
            ("agent_not_ready", r#"{"reason":"lunch","minutes":480}"#, None),
            ("agent_not_ready", r#"{"minutes":481}"#, Some("minutes")),
            ("agent_not_ready", r#"{"minutes":-1}"#, Some("minutes")),
            ("agent_not_ready", r#"{"minutes":1.5}"#, Some("minutes")),
            ("agent_not_ready", r#"{"reason":""}"#, Some("reason")),
            ("agent_next", "{}", Some("next")),
            ("agent_next", r#"{"next":"asleep"}"#, Some("next")),
            ("agent_approve", r#"{"granted":"yes"}"#, Some("granted")),
            ("dispose", r#"{"needs":[]}"#, Some("needs")),
            ("dispose", r#"{"needs":[1]}"#, Some("needs[0]")),
            ("dispose", r#"{"needs":[{"topic":"card","outcome":"done"},{"topic":"x"}]}"#, Some("needs[1].outcome")),
            ("dispose", r#"{"needs":[{"topic":"card","outcome":"done","x":1}]}"#, Some("needs[0].x")),
            ("dispose", r#"{"needs":[{"topic":"card","outcome":"done"}]}"#, None),
        ] {
            assert_eq!(refused(command, body).as_deref(), field, "{command} {body}");
        }
    }
}
