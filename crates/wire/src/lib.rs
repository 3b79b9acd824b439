//! Bytes to values and back, without state.
//!
//! ```text
//!   datagram ─► sip  ─► methods, headers, URIs        values ─► byte templates ─► datagram
//!            ─► sdp  ─► sessions
//!            ─► rtp  ─► packets, reports, key events
//! ```
//! Nothing here remembers anything, waits for anything, or panics on what a stranger sent. What a message means to a call is
//! decided in `sip` and `media`.
pub mod rtp;
pub mod sdp;
pub mod sip;
