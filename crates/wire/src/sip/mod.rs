//! SIP messages (RFC 3261 §7, §25): a tolerant lexer that copies nothing, and byte templates that write.
//!
//! ```text
//!   bytes ─► Message (lexer: start line, header index, body) ─► check ─► Refusal: 400 416 501 505 …
//!               │ via · address · uri · params: read on demand
//!               └► typed: rsip's model, for whoever wants values that own themselves
//!   Writer ─► bytes
//! ```
//! The lexer keeps places, not values: a message that nobody asks about costs one walk over its head. Whatever rsip's own reader
//! refuses though it is valid (`tel:` and IPv6 URIs, folding, compact names, several Via in one header, binary bodies) is read
//! here. Nothing here knows a transaction, a dialog or a socket.
mod address;
mod check;
mod header;
mod lexer;
mod method;
mod params;
mod print;
mod stream;
mod typed;
mod uri;
mod via;

pub use address::Address;
pub use check::{Refusal, Why, check_request, check_response};
pub use header::Name;
pub use lexer::{HEAD_BYTES_MAX, HEADERS_MAX, Message, Start, Unreadable};
pub use method::{Method, method, method_name};
pub use params::{Params, split_commas, unfold, unquote};
pub use print::{Writer, phrase};
pub use stream::{Framed, MESSAGE_BYTES_MAX, StreamFault, frame};
pub use typed::typed;
pub use uri::{Host, SipUri, TelUri, Uri, unescape};
pub use via::Via;
