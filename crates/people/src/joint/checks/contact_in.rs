//! After 10 s without sound we ask by re-INVITE whether the caller is still there; that must arrive.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// After 10 s without sound we ask by re-INVITE whether the caller is still there; that must arrive.
pub const CHECK: Check = Check {
    id: "contact-in",
    title: "our requests in a call reach the Contact of the INVITE",
    zh: "呼叫内请求可到达 Contact",
    way: Way::In,
    cure: "Theirs: INVITE must have a Contact at which the SBC takes requests of the call (RFC 3261 §8.1.1.8). Without it we cannot hang up, and dead calls cannot be told from silent ones.",
    steps: || {
        [
            call_in(),
            vec![Step::Await(
                |h| h.asks("INVITE"),
                14_000,
                "our re-INVITE after 10 s of silence did not reach the caller's Contact",
            )],
        ]
        .concat()
    },
};
