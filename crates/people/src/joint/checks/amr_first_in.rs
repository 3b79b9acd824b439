//! An IMS offers AMR first; we take what we have.
use crate::joint::checks::call_with;
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// An IMS offers AMR first; we take what we have.
pub const CHECK: Check = Check {
    id: "amr-first-in",
    title: "an offer with AMR before PCMA is answered with PCMA",
    zh: "AMR 在前的媒体协商落到 PCMA",
    way: Way::In,
    cure: "Ours: what we cannot decode is passed over. If this fails although PCMA is offered, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let sdp = l.offer(
                    "98 97 8 101",
                    &["a=rtpmap:98 AMR-WB/16000", "a=rtpmap:97 AMR/8000", "a=rtpmap:8 PCMA/8000", EVENT_LINES[0]],
                );
                l.call(&sdp)
            }),
            vec![Step::Must(|l| match l.sdp()?.first().as_deref() {
                Some("8") => Ok(()),
                first => Err(format!("the answer's first payload type is {first:?}, not 8 (PCMA)")),
            })],
        ]
        .concat()
    },
};
