//! A text with the place of every word, and what is wrong with it.
//!
//! ```text
//!   bytes ──cap, UTF-8──► Text ──saphyr-parser──► Places (pointer → span) ┐
//!                           │                     duplicates, aliases …   ├─► Doc ──► Item, Fields: typed reading that
//!                           └──────serde_yaml───► values ────────────────┘            collects every fault, not the first
//!   Diagnostic ──► text as rustc prints it │ JSON │ SARIF 2.1.0
//! ```
//! Knows YAML and places; does not know menus, queues or any other noun.
mod diagnostic;
mod doc;
mod item;
mod json;
mod places;
mod render;
mod sarif;
mod scan;
mod text;
mod yaml;

pub use diagnostic::{At, Code, Diagnostic, Severity, has_errors, sort};
pub use doc::{BYTES_MAX, DEPTH_MAX, Doc, TEXT_FAULTS, read};
pub use item::{Fields, Item, Spanned, nearest};
pub use json::json;
pub use render::render;
pub use sarif::{RuleText, sarif};
pub use text::{Place, Span, Text};
