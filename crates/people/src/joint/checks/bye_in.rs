//! The caller hangs up.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// The caller hangs up.
pub const CHECK: Check = Check {
    id: "bye-in",
    title: "BYE ends the call",
    zh: "BYE 正常拆线",
    way: Way::In,
    cure: "Theirs: BYE must bear both tags and the Call-ID of the call (RFC 3261 §12.2.1.1); one with other tags is answered 481 and ends nothing.",
    steps: || {
        [call_in(), vec![Step::Say(|l| l.request("BYE", "")), Step::Final(4_000), Step::Must(|l| l.code(&[200]))]]
            .concat()
    },
};
