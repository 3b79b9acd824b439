//! RFC 3264 §8.4: the connection address 0.0.0.0.
use crate::joint::checks::{again, call_in, direction};
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 3264 §8.4: the connection address 0.0.0.0.
pub const CHECK: Check = Check {
    id: "hold-zero-in",
    title: "hold in the old way (c=0.0.0.0), and back",
    zh: "旧式保持 c=0.0.0.0 与恢复",
    way: Way::In,
    cure: "Ours: while the address is 0.0.0.0 nothing may be sent, and afterwards sound must come again. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            again(|l| {
                let sdp = l.offer_at("0.0.0.0", "8 101", &[EVENT_LINES[0]]);
                l.invite("", &sdp)
            }),
            vec![
                Step::Must(|l| direction(l, &["recvonly", "inactive"])),
                Step::Wait(200),
                Step::Listen,
                Step::Wait(400),
            ],
            vec![Step::Hear(|_, s| s.packets == 0, 0, "sound came on while the call was held")],
            again(|l| {
                let sdp = l.offer("8 101", &[EVENT_LINES[0]]);
                l.invite("", &sdp)
            }),
            vec![Step::Listen, Step::Hear(|_, s| s.packets > 5, 2_000, "no sound came after the hold")],
        ]
        .concat()
    },
};
