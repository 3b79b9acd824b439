//! RFC 3261 §14, RFC 3264 §8.3.2: another codec in mid-call.
use crate::joint::checks::{again, call_in};
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 3261 §14, RFC 3264 §8.3.2: another codec in mid-call.
pub const CHECK: Check = Check {
    id: "codec-change-in",
    title: "a re-INVITE changes the codec to PCMU",
    zh: "通话中改用 PCMU",
    way: Way::In,
    cure: "Ours: a re-INVITE with PCMU alone must be answered, and sound must follow. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            again(|l| {
                let sdp = l.offer("0 101", &[EVENT_LINES[0]]);
                l.invite("", &sdp)
            }),
            vec![
                Step::Must(|l| match l.sdp()?.first().as_deref() {
                    Some("0") => Ok(()),
                    first => Err(format!("the answer's first payload type is {first:?}, not 0 (PCMU)")),
                }),
                Step::Wait(100),
                Step::Listen,
                Step::Hear(
                    |_, s| s.packets > 5 && s.payload_type == Some(0),
                    2_000,
                    "the sound did not change to PCMU",
                ),
            ],
        ]
        .concat()
    },
};
