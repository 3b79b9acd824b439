//! Bytes as a script: messages, time and an owner's wishes; see `driven`.
#![no_main]
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/sip/tests/driven/mod.rs"]
mod driven;

fuzz_target!(|bytes: &[u8]| driven::drive(bytes));
