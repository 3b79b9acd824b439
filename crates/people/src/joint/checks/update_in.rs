//! RFC 3311 §5.2: without and with an offer.
use crate::joint::checks::{call_in, direction};
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 3311 §5.2: without and with an offer.
pub const CHECK: Check = Check {
    id: "update-in",
    title: "UPDATE within a call is answered (RFC 3311)",
    zh: "通话中 UPDATE 有应答",
    way: Way::In,
    cure: "Ours: UPDATE without an offer is a refresh, UPDATE with one a change of the session. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Say(|l| l.request("UPDATE", "")),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
                Step::Say(|l| {
                    let sdp = l.offer("8 101", &[EVENT_LINES[0], "a=sendonly"]);
                    l.request("UPDATE", "").body("application/sdp", &sdp)
                }),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
                Step::Must(|l| direction(l, &["recvonly", "inactive"])),
            ],
        ]
        .concat()
    },
};
