//! The plainest call there is.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// The plainest call there is.
pub const CHECK: Check = Check {
    id: "codec-in",
    title: "a call with PCMA is answered with PCMA and 20 ms",
    zh: "来话 PCMA 应答，20 ms",
    way: Way::In,
    cure: "Ours: the trunk's number must lead to a menu and a codec of G.711 must be offered. Theirs: the offer must name PCMA (8).",
    steps: || {
        [
            call_in(),
            vec![Step::Must(|l| {
                let sdp = l.sdp()?;
                if sdp.first().as_deref() != Some("8") {
                    return Err(format!("the answer's first payload type is {:?}, not 8 (PCMA)", sdp.first()));
                }
                if !sdp.has("a=ptime:20") {
                    return Err("the answer does not say a=ptime:20".to_owned());
                }
                if sdp.rtp().is_none() { Err("the answer names no address for sound".to_owned()) } else { Ok(()) }
            })],
        ]
        .concat()
    },
};
