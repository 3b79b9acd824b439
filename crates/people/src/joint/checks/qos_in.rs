//! An IMS core puts preconditions into its offers.
use crate::joint::checks::call_with;
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Way};

/// An IMS core puts preconditions into its offers.
pub const CHECK: Check = Check {
    id: "qos-in",
    title: "a=curr:qos without Require is passed over",
    zh: "未要求 precondition 的 a=curr:qos 被忽略",
    way: Way::In,
    cure: "Ours: preconditions that nobody requires must not hinder a call (RFC 3312 §11). If this fails, report it as our fault.",
    steps: || {
        call_with(|l| {
            let lines = ["a=curr:qos local none", "a=curr:qos remote none", "a=des:qos mandatory local sendrecv"];
            let sdp = l.offer("8 101", &[&EVENT_LINES[..], &lines].concat());
            l.call(&sdp).with("Supported", "precondition, 100rel")
        })
    },
};
