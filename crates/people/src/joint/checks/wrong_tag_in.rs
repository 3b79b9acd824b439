//! Somebody who guesses the Call-ID cannot end a call.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// Somebody who guesses the Call-ID cannot end a call.
pub const CHECK: Check = Check {
    id: "wrong-tag-in",
    title: "a BYE with a foreign tag changes nothing",
    zh: "标签错误的 BYE 不影响通话",
    way: Way::In,
    cure: "Ours: RFC 3261 §12.2.2 wants 481 and the call to go on. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Say(|l| {
                    let draft = l.request("BYE", "");
                    let to = draft.get("To").unwrap_or("").replace("tag=", "tag=x");
                    draft.set("To", &to)
                }),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[481])),
                Step::Say(|l| l.request("OPTIONS", "")),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
            ],
        ]
        .concat()
    },
};
