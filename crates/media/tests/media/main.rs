//! Media from outside: wishes, packets and ticks in; packets and facts out.
//!
//! ```text
//!   wishes   any order ends as the newest; closing; ports lent anew; sound goes on after a restart
//!   line     one stream: prompts, silence, keys, latching, garbage, late ticks
//!   joined   two streams: one numbering across prompt, music and party; both laws; keys; holding
//!   conference  three streams: each hears the sum of the others
//! ```
//! Not covered: sockets and the clock (`net`), and whether a real telephone likes what it hears (end-to-end tests).
mod conference;
mod joined;
mod line;
mod rig;
mod wishes;
