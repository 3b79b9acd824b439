//! Keys inwards by RFC 4733.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// Keys inwards by RFC 4733.
pub const CHECK: Check = Check {
    id: "events-in",
    title: "telephone-events are answered with the offer's payload type",
    zh: "来话 telephone-event 负载类型一致",
    way: Way::In,
    cure: "Theirs: telephone-event/8000 must be in the offer; ours answers with the number that was offered (RFC 3264 §6.1).",
    steps: || {
        [
            call_in(),
            vec![Step::Must(|l| match l.sdp()?.events() {
                Some(101) => Ok(()),
                other => Err(format!("101 was offered for telephone-events, the answer has {other:?}")),
            })],
        ]
        .concat()
    },
};
