//! We hang up.
use crate::joint::checks::call_out;
use crate::joint::{Check, Step, Way};

/// We hang up.
pub const CHECK: Check = Check {
    id: "bye-out",
    title: "BYE ends the call",
    zh: "BYE 正常拆线",
    way: Way::OutCall,
    cure: "The carrier must answer our BYE with 200 (RFC 3261 §15.1.2): otherwise calls stay up, and are charged, until a timer of the carrier ends them.",
    steps: || {
        [call_out(), vec![Step::Say(|l| l.request("BYE", "")), Step::Final(5_000), Step::Must(|l| l.code(&[200]))]]
            .concat()
    },
};
