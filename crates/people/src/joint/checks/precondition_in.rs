//! RFC 3261 §8.2.2.3.
use crate::joint::{Check, Step, Way};

/// RFC 3261 §8.2.2.3.
pub const CHECK: Check = Check {
    id: "precondition-in",
    title: "Require: precondition is refused with 420",
    zh: "Require: precondition 时回 420",
    way: Way::In,
    cure: "Theirs: the carrier must not require preconditions on this trunk; 420 with Unsupported tells its core to try without.",
    steps: || {
        vec![
            Step::Say(|l| {
                let sdp = l.usual();
                l.call(&sdp).with("Require", "precondition")
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[420])),
            Step::Must(|l| l.header("Unsupported", "precondition")),
        ]
    },
};
