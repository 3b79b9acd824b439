//! A refusal, as RFC 9457 writes it.
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Why something was not done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// In one sentence.
    pub detail: String,
    /// The field that is wrong, and the rule it breaks.
    pub field: Option<(String, String)>,
}

impl Problem {
    /// Without a field.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Problem {
        Problem { status, detail: detail.into(), field: None }
    }
    /// 400: this field breaks this rule.
    pub fn field(field: &str, rule: impl Into<String>) -> Problem {
        let rule = rule.into();
        Problem {
            status: StatusCode::BAD_REQUEST,
            detail: format!("`{field}` {rule}"),
            field: Some((field.to_owned(), rule)),
        }
    }
    /// 401: the same words whatever was wrong.
    pub fn who() -> Problem {
        Problem::new(StatusCode::UNAUTHORIZED, "log in")
    }
    /// 403: the same words whatever exists.
    pub fn may_not() -> Problem {
        Problem::new(StatusCode::FORBIDDEN, "your role does not allow this")
    }

    /// Its JSON.
    pub fn json(&self) -> Value {
        let title = self.status.canonical_reason().unwrap_or("refused");
        let mut value =
            json!({ "type": "about:blank", "title": title, "status": self.status.as_u16(), "detail": self.detail });
        if let Some((field, rule)) = &self.field {
            value["field"] = json!(field);
            value["rule"] = json!(rule);
        }
        value
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let mut response = (self.status, kind, self.json().to_string()).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}
