//! An IMS core writes long messages: fragments must pass.
use crate::joint::checks::call_with;
use crate::joint::{Check, Way};

/// An IMS core writes long messages: fragments must pass.
pub const CHECK: Check = Check {
    id: "big-in",
    title: "an INVITE of 4 000 bytes arrives by UDP",
    zh: "4000 字节的 INVITE（UDP 分片）",
    way: Way::In,
    cure: "Fragments are lost between the carrier and us: let IP fragments pass in every firewall, or ask the carrier to send less (no multipart bodies, short headers) or TCP.",
    steps: || {
        call_with(|l| {
            let sdp = l.usual();
            let draft = l.call(&sdp);
            (0..40).fold(draft, |d, n| d.with(&format!("X-Padding-{n}"), &"0123456789".repeat(9)))
        })
    },
};
