//! Who calls stands in From, or is asserted by the carrier.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// Who calls stands in From, or is asserted by the carrier.
pub const CHECK: Check = Check {
    id: "caller-in",
    title: "the caller's number arrives",
    zh: "主叫号码可识别",
    way: Way::In,
    cure: "Theirs: the caller's number must come in P-Asserted-Identity (RFC 3325) or in From; ask the carrier to send it on this trunk. Without it, callers are anonymous to routing, screen and report.",
    steps: || {
        [
            call_in(),
            vec![Step::Look(|l, calls| l.is_in(calls, "Menu"), 2_000, "the centre does not know the caller's number")],
        ]
        .concat()
    },
};
