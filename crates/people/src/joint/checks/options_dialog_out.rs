//! Proof of life within a call.
use crate::joint::checks::call_out;
use crate::joint::{Check, Step, Way};

/// Proof of life within a call.
pub const CHECK: Check = Check {
    id: "options-dialog-out",
    title: "OPTIONS within a call is answered",
    zh: "通话中 OPTIONS 有应答",
    way: Way::OutCall,
    cure: "OPTIONS within a call is how we see whether the other side still lives: ask the carrier to let it pass, or calls that have died stay on our books until the session timer ends them.",
    steps: || {
        [call_out(), vec![Step::Say(|l| l.request("OPTIONS", "")), Step::Final(5_000), Step::Must(|l| l.code(&[200]))]]
            .concat()
    },
};
