//! Hold by direction, outwards.
use crate::joint::checks::call_out;
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// Hold by direction, outwards.
pub const CHECK: Check = Check {
    id: "hold-out",
    title: "a hold is answered as a hold (RFC 3264 §8.4)",
    zh: "保持（sendonly）应答为 recvonly 或 inactive",
    way: Way::OutCall,
    cure: "The carrier must answer `a=sendonly` with `recvonly` or `inactive` (RFC 3264 §6.1): its answer says that it goes on sending where it should listen only. Ask for hold support on the trunk.",
    steps: || {
        [
            call_out(),
            vec![
                Step::Say(|l| {
                    let sdp = l.offer("8 101", &[EVENT_LINES[0], EVENT_LINES[1], "a=sendonly"]);
                    l.invite("", &sdp)
                }),
                Step::Final(5_000),
                Step::Must(|l| l.code(&[200])),
                Step::Say(|l| l.ack("")),
                Step::Must(|l| match l.sdp()?.direction() {
                    "recvonly" | "inactive" => Ok(()),
                    other => Err(format!("the answer to sendonly is {other}")),
                }),
            ],
        ]
        .concat()
    },
};
