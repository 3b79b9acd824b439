//! RFC 3261 §21.4.26: 488 with a Warning that says why.
use crate::joint::{Check, Step, Way};

/// RFC 3261 §21.4.26: 488 with a Warning that says why.
pub const CHECK: Check = Check {
    id: "amr-only-in",
    title: "an offer of AMR alone is refused with 488 and a Warning",
    zh: "仅 AMR 时回 488 并带 Warning",
    way: Way::In,
    cure: "Theirs: the carrier must offer G.711 on this trunk (its media gateway transcodes); a call with AMR alone cannot be served.",
    steps: || {
        vec![
            Step::Say(|l| {
                let sdp = l.offer("97", &["a=rtpmap:97 AMR/8000"]);
                l.call(&sdp)
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[488])),
            Step::Must(|l| l.header("Warning", "305")),
        ]
    },
};
