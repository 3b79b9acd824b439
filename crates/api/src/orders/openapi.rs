//! The OpenAPI document: the command table's columns, and the few routes that are no commands.
use super::body::{KEY_PATTERN, rule};
use serde_json::{Map, Value, json};
use switchboard_engine::command::table::{COMMANDS, Field, Kind, Row};

/// OpenAPI 3.1.
pub fn document() -> Value {
    let mut paths = Map::new();
    for row in COMMANDS {
        let operation = of_row(row);
        let path = paths.entry(row.path.to_owned()).or_insert_with(|| json!({}));
        path[row.method.to_lowercase()] = operation;
    }
    for (path, method, operation) in fixed() {
        paths.insert(path.to_owned(), json!({ method: operation }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Switchboard",
            "version": "1",
            "description": "Orders and questions to a running contact centre. Every refusal is problem+json (RFC 9457).",
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "session": [] }],
        "components": {
            "securitySchemes": { "session": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Problem": problem() },
        },
        "paths": paths,
    })
}

fn of_row(row: &Row) -> Value {
    let mut parameters: Vec<Value> = vec![];
    if row.path.contains("{agent}") {
        parameters.push(json!({
            "name": "agent", "in": "path", "required": true, "description": "An agent ID (工号).",
            "schema": { "type": "string", "pattern": "^[0-9]{1,10}$" },
        }));
    }
    if row.path.contains("{call}") {
        parameters.push(json!({
            "name": "call", "in": "path", "required": true, "description": "A call's number.",
            "schema": { "type": "integer", "minimum": 0, "maximum": u64::MAX },
        }));
    }
    let posts = row.method == "POST";
    if posts {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The same request with the same key is done once.",
            "schema": { "type": "string", "pattern": KEY_PATTERN },
        }));
    } else {
        parameters.extend(row.fields.iter().map(|f| {
            json!({ "name": f.name, "in": "query", "required": f.must, "description": f.says, "schema": schema(f.kind) })
        }));
    }
    let mut refusals = vec!["401", "403"];
    if posts {
        refusals.extend(["400", "409", "413", "415", "422"]);
    } else if !row.fields.is_empty() {
        refusals.push("400");
    } else {
        refusals.push("409");
    }
    if row.path.contains('{') {
        refusals.push("404");
    }
    let mut operation = json!({
        "operationId": row.name,
        "summary": row.says,
        "parameters": parameters,
        "responses": responses(json!({ "type": "object", "required": ["reply"], "properties": { "reply": { "type": "string" } } }), &refusals),
    });
    if posts {
        operation["requestBody"] = json!({
            "required": row.fields.iter().any(|f| f.must),
            "content": { "application/json": { "schema": object(row.fields) } },
        });
    }
    if let Some(code) = row.code {
        operation["x-feature-code"] = json!(code);
    }
    operation
}

fn fixed() -> Vec<(&'static str, &'static str, Value)> {
    let text = |max: usize| json!({ "type": "string", "minLength": 1, "maxLength": max });
    let body = |fields: Value, must: Vec<&str>| {
        json!({ "required": true, "content": { "application/json": { "schema": {
            "type": "object", "required": must, "properties": fields, "additionalProperties": false } } } })
    };
    let any = || json!({ "type": "object" });
    vec![
        (
            "/login",
            "post",
            json!({
                "operationId": "log_in", "summary": "Opens a session of ten hours.", "security": [],
                "requestBody": body(json!({ "user": text(64), "password": text(512) }), vec!["user", "password"]),
                "responses": responses(json!({ "type": "object", "required": ["token"], "properties": { "token": { "type": "string" } } }), &["400", "401", "403", "413", "415"]),
            }),
        ),
        (
            "/password",
            "post",
            json!({
                "operationId": "change_password", "summary": "Sets a new password; all sessions of the user end.", "security": [],
                "requestBody": body(json!({ "user": text(64), "old": text(512), "new": text(512) }), vec!["user", "old", "new"]),
                "responses": responses(any(), &["400", "401", "413", "415"]),
            }),
        ),
        (
            "/logout",
            "post",
            json!({ "operationId": "log_out", "summary": "Ends the session.", "responses": responses(any(), &["401"]) }),
        ),
        (
            "/me",
            "get",
            json!({ "operationId": "me", "summary": "Who is logged in, and what he may do.", "responses": responses(any(), &["401"]) }),
        ),
        (
            "/openapi.json",
            "get",
            json!({ "operationId": "openapi", "summary": "This document.", "security": [], "responses": responses(any(), &[]) }),
        ),
    ]
}

fn responses(good: Value, refusals: &[&str]) -> Value {
    let mut all = json!({
        "200": { "description": "Done.", "content": { "application/json": { "schema": good } } },
        "503": { "description": "Too much at once; ask again.", "content": refusal() },
    });
    for status in refusals {
        all[*status] = json!({ "description": meaning(status), "content": refusal() });
    }
    all
}

fn refusal() -> Value {
    json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } })
}

fn meaning(status: &str) -> &'static str {
    match status {
        "400" => "A field breaks a rule; both are named.",
        "401" => "Not logged in.",
        "403" => "Not allowed.",
        "404" => "There is no such thing.",
        "409" => "The present state forbids it.",
        "413" => "The body is too large.",
        "415" => "The body is not application/json.",
        _ => "This Idempotency-Key was used for another request.",
    }
}

fn problem() -> Value {
    json!({
        "type": "object", "required": ["title", "status", "detail"],
        "properties": {
            "type": { "type": "string" }, "title": { "type": "string" }, "status": { "type": "integer" },
            "detail": { "type": "string" }, "field": { "type": "string" }, "rule": { "type": "string" },
        },
    })
}

fn object(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|f| {
            let mut value = schema(f.kind);
            value["description"] = json!(format!("{} It {}.", f.says, rule(f.kind)));
            (f.name.to_owned(), value)
        })
        .collect();
    let must: Vec<&str> = fields.iter().filter(|f| f.must).map(|f| f.name).collect();
    json!({ "type": "object", "properties": properties, "required": must, "additionalProperties": false })
}

fn schema(kind: Kind) -> Value {
    match kind {
        Kind::Text { max } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$" })
        }
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Number { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::List { max, of } => json!({ "type": "array", "minItems": 1, "maxItems": max, "items": object(of) }),
    }
}
