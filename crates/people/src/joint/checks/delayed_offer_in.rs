//! RFC 3264 §4, RFC 3261 §13.2.1: the offer comes in the 200, the answer in the ACK.
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 3264 §4, RFC 3261 §13.2.1: the offer comes in the 200, the answer in the ACK.
pub const CHECK: Check = Check {
    id: "delayed-offer-in",
    title: "an INVITE without an offer gets one in the 200",
    zh: "无 SDP 的 INVITE（延迟 offer）",
    way: Way::In,
    cure: "Ours: the 200 must offer PCMA first, and the answer in the ACK must be taken. If this fails, report it as our fault.",
    steps: || {
        vec![
            Step::Say(|l| l.call("")),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[200])),
            Step::Must(|l| match l.sdp()?.first().as_deref() {
                Some("8") => Ok(()),
                first => Err(format!("our offer begins with payload type {first:?}, not 8 (PCMA)")),
            }),
            Step::Say(|l| {
                let sdp = l.offer("8 101", &[EVENT_LINES[0], EVENT_LINES[1], "a=ptime:20"]);
                l.ack(&sdp)
            }),
            Step::Listen,
            Step::Hear(|_, s| s.packets > 5, 3_000, "no sound came after the ACK with the answer"),
        ]
    },
};
