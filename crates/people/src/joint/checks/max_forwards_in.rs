//! RFC 3261 §8.1.1.6, RFC 7332: an INVITE that has used up its hops.
use crate::joint::{Check, Step, Way};

/// RFC 3261 §8.1.1.6, RFC 7332: an INVITE that has used up its hops.
pub const CHECK: Check = Check {
    id: "max-forwards-in",
    title: "Max-Forwards 0 is refused with 483",
    zh: "Max-Forwards 为 0 时回 483",
    way: Way::In,
    cure: "Theirs: a call with Max-Forwards 0 has gone in a circle; look for the loop in the carrier's routing.",
    steps: || {
        vec![
            Step::Say(|l| {
                let sdp = l.usual();
                l.call(&sdp).set("Max-Forwards", "0")
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[483])),
        ]
    },
};
