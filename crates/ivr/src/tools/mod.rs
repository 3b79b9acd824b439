//! What operations staff do with menus that are proved: try a call, draw them, compare two versions, hold them to scenarios.
//!
//! ```text
//!   Menus ──► call (the interpreter, with a clock that is moved) ──► scenario (Markdown)
//!        ├──► graph (SVG, Mermaid)
//!        └──► diff (two of them)
//! ```
//! Works on `Menus`, so on nothing that the compiler has refused.
pub mod call;
pub mod diff;
pub mod fix;
pub mod graph;
pub mod lsp;
pub mod scenario;
pub mod schema;
