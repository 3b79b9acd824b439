//! SIP without sockets: one [`Endpoint`] owns the transactions and dialogs of a shard, of the floor, or of a simulated telephone.
//!
//! ```text
//!   datagram, time ─► Endpoint ─► Output::Send            (bytes to an address)
//!                        │        Output::Event           (what the owner must know)
//!                        ├─ transaction/  four machines, one figure of RFC 3261 §17 a file
//!                        ├─ dialog/       what a dialog knows, and where it sends
//!                        ├─ uas uac within outside refer   what comes in, calls made, inside a dialog, outside one, REFER
//!                        ├─ fault         an error of our own costs one dialog
//!                        ├─ session_timer  whether a call has been refreshed in time
//!                        └─ records       what must survive the process
//!   Registrar ◄─ Event::Request            digest: challenge and answer, both sides
//!   classify(bytes) ─► which endpoint      (for the router; needs no state)
//! ```
//! Retransmission, the ACK, CANCEL, glare and refusals that the RFCs dictate happen in here. What a call is, whom to answer and
//! what to say is the owner's. There is no DNS here: the owner names the address, and inside a dialog a literal address or the
//! address the other side speaks from is used.
pub mod digest;
pub mod registrar;
pub mod timers;

mod dialog;
mod endpoint;
mod event;
mod facts;
mod fault;
mod outside;
mod owner;
mod records;
mod refer;
mod reliable;
mod reply;
mod session_timer;
mod transaction;
mod uac;
mod uas;
mod within;

pub use endpoint::{Endpoint, EndpointConfig};
pub use event::{
    Credentials, DialogId, EndedWhy, Event, Gone, Invite, InviteFacts, Malformed, OutRequest, Output, Request,
    RequestContact, RequestId, Series, Terms,
};
pub use owner::{Route, classify, owner_of_branch, owner_of_tag};
pub use reply::unframed;
