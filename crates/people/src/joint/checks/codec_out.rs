//! A call outwards comes up with A-law.
use crate::joint::checks::call_out;
use crate::joint::{Check, Step, Way};

/// A call outwards comes up with A-law.
pub const CHECK: Check = Check {
    id: "codec-out",
    title: "PCMA is answered when it is offered first",
    zh: "PCMA 优先并被选用，20 ms",
    way: Way::OutCall,
    cure: "The carrier should answer the first codec we offer: PCMA (payload type 8), 20 ms. If it transcodes, sound gets worse and DTMF in the sound may be lost: ask for A-law on this trunk.",
    steps: || {
        [
            call_out(),
            vec![Step::Must(|l| match l.sdp()?.first().as_deref() {
                Some("8") => Ok(()),
                first => Err(format!("the answer's first payload type is {}, not 8 (PCMA)", first.unwrap_or("none"))),
            })],
        ]
        .concat()
    },
};
