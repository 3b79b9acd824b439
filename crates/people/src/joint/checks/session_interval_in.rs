//! RFC 4028 §6: the least interval is 90 s.
use crate::joint::{Check, Step, Way};

/// RFC 4028 §6: the least interval is 90 s.
pub const CHECK: Check = Check {
    id: "session-interval-in",
    title: "a session interval below 90 s is refused with 422",
    zh: "会话间隔过小时回 422",
    way: Way::In,
    cure: "Theirs: Session-Expires must be 90 s or more (RFC 4028 §4); 422 with Min-SE tells the carrier so.",
    steps: || {
        vec![
            Step::Say(|l| {
                let sdp = l.usual();
                l.call(&sdp).with("Supported", "timer").with("Session-Expires", "30")
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[422])),
            Step::Must(|l| l.header("Min-SE", "90")),
        ]
    },
};
