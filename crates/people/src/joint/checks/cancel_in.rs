//! The caller gives up while it rings.
use crate::joint::{Check, Step, Way};

/// The caller gives up while it rings.
pub const CHECK: Check = Check {
    id: "cancel-in",
    title: "CANCEL with a Reason ends a call that rings",
    zh: "振铃中 CANCEL（带 Reason）",
    way: Way::InRinging,
    cure: "Ours: 200 to CANCEL and 487 to the INVITE (RFC 3261 §9.2). If this fails, report it as our fault.",
    steps: || {
        vec![
            Step::Say(|l| {
                let sdp = l.usual();
                l.call(&sdp)
            }),
            Step::Progress(4_000),
            Step::Must(|l| l.code(&[180, 183])),
            Step::Say(|l| l.cancel().with("Reason", "SIP;cause=200;text=\"call completed elsewhere\"")),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[200])),
            Step::Await(|h| h.method == "INVITE" && h.code == Some(487), 4_000, "the INVITE was not answered with 487"),
        ]
    },
};
