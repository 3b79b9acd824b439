//! The page's files, as `web/` was built; or, where it was not, a page that says how.
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The three files.
pub struct Assets {
    html: &'static [u8],
    js: &'static [u8],
    css: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Whether the program was built with the page.
pub fn built() -> bool {
    ASSETS.is_some()
}

const UNBUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>Switchboard</title><p>The wallboard's page was not built into this \
                       program: build it with <code>make build</code> (it needs npm). The figures are at \
                       <a href=\"/board.json\">/board.json</a> and <a href=\"/metrics\">/metrics</a>.</p>";

/// Only what comes from here runs or is shown; nothing can put the page in a frame.
const POLICY: (HeaderName, &str) = (
    header::CONTENT_SECURITY_POLICY,
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'",
);

fn file(kind: &'static str, bytes: fn(&Assets) -> &'static [u8]) -> Response {
    match &ASSETS {
        // A newer program has a newer page: it is asked for each time.
        Some(a) => {
            ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache"), POLICY], bytes(a)).into_response()
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], UNBUILT)
            .into_response(),
    }
}

/// `GET /`
pub async fn html() -> Response {
    file("text/html; charset=utf-8", |a| a.html)
}

/// `GET /board.js`
pub async fn js() -> Response {
    file("text/javascript; charset=utf-8", |a| a.js)
}

/// `GET /board.css`
pub async fn css() -> Response {
    file("text/css; charset=utf-8", |a| a.css)
}
