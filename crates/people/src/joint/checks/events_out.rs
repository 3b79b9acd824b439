//! Keys outwards by RFC 4733.
use crate::joint::checks::call_out;
use crate::joint::{Check, Step, Way};

/// Keys outwards by RFC 4733.
pub const CHECK: Check = Check {
    id: "events-out",
    title: "telephone-events are answered (RFC 4733)",
    zh: "telephone-event 协商成功",
    way: Way::OutCall,
    cure: "The carrier does not take telephone-events: keys that our agents press go out in the sound and may be lost by compression. Ask for RFC 4733 (payload type 101) on this trunk.",
    steps: || {
        [
            call_out(),
            vec![Step::Must(|l| match l.sdp()?.events() {
                Some(_) => Ok(()),
                None => Err("the answer has no telephone-event".to_owned()),
            })],
        ]
        .concat()
    },
};
