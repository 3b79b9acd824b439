//! How an SBC sees whether a call still lives.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// How an SBC sees whether a call still lives.
pub const CHECK: Check = Check {
    id: "options-dialog-in",
    title: "OPTIONS within a call is answered, and 481 after it",
    zh: "通话中 OPTIONS 应答 200，拆线后 481",
    way: Way::In,
    cure: "Theirs: CSeq must grow with every request of a call (RFC 3261 §12.2.1.1). Ours: 200 within a call, 481 for one that is over.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Say(|l| l.request("OPTIONS", "")),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
                Step::Say(|l| l.request("BYE", "")),
                Step::Final(4_000),
                Step::Say(|l| l.request("OPTIONS", "")),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[481])),
            ],
        ]
        .concat()
    },
};
