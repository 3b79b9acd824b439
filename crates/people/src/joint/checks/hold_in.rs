//! RFC 3264 §8.4: a=sendonly, then a=sendrecv.
use crate::joint::checks::{again, call_in, direction};
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 3264 §8.4: a=sendonly, then a=sendrecv.
pub const CHECK: Check = Check {
    id: "hold-in",
    title: "hold by direction, and back",
    zh: "方向属性保持与恢复",
    way: Way::In,
    cure: "Ours: sendonly must be answered with recvonly, sendrecv with sendrecv. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            again(|l| {
                let sdp = l.offer("8 101", &[EVENT_LINES[0], "a=sendonly"]);
                l.invite("", &sdp)
            }),
            vec![Step::Must(|l| direction(l, &["recvonly", "inactive"]))],
            again(|l| {
                let sdp = l.offer("8 101", &[EVENT_LINES[0], "a=sendrecv"]);
                l.invite("", &sdp)
            }),
            vec![
                Step::Must(|l| direction(l, &["sendrecv"])),
                Step::Listen,
                Step::Hear(|_, s| s.packets > 5, 2_000, "no sound came after the hold"),
            ],
        ]
        .concat()
    },
};
