//! The whole program, seen from outside: real callers (SIPp) and real telephones (baresip) that others wrote.
//!
//! ```text
//!   one test = one process = one small network, gone with it
//!
//!     SIPp caller 10.9.0.2 ──SIP/RTP──► engine 10.9.0.1:5060 ──SIP/RTP──► baresip 10.9.0.11
//!          │ voice.pcap: tone, digits        ▲                                │ a sine; records what it hears
//!          └───────────── wiretap: every datagram, with its time ─────────────┘
//! ```
//! Sound is proved by frequency: who is heard is told by the tone he sends. Nothing waits for luck: every wait has a condition,
//! a deadline and a sentence that says what did not happen. The logs of all parties are kept when a test fails
//! (`target/e2e/<test>/`, or always with `E2E_KEEP=1`).
//!
//! Knows nothing of the engine's crates: what it says about SIP, RTP and sound, it says in its own words, as a carrier would.
pub mod browser;
pub mod engine;
pub mod loss;
pub mod papers;
pub mod phone;
pub mod running;
pub mod sipp;
pub mod site;
pub mod sound;
pub mod until;
pub mod voice;
pub mod wiretap;
pub mod written;

pub use browser::Browser;
pub use engine::{Centre, Day, Engine, Papers};
pub use phone::{By, Phone};
pub use running::Running;
pub use sipp::Sipp;
pub use site::{Site, on_site};
pub use sound::Sound;
pub use until::until;
pub use voice::Voice;
pub use wiretap::Wiretap;
pub use written::Written;
