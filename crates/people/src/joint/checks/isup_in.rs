//! A soft switch sends ISUP beside the session description.
use crate::joint::checks::call_with;
use crate::joint::{Check, Way};

/// A soft switch sends ISUP beside the session description.
pub const CHECK: Check = Check {
    id: "isup-in",
    title: "a body with ISUP beside the offer is read",
    zh: "SDP 与 ISUP 的 multipart 可解析",
    way: Way::In,
    cure: "Ours: RFC 3261 §20.15, RFC 3204: the session description is found among the parts. If this fails, report it as our fault.",
    steps: || {
        call_with(|l| {
            let sdp = l.usual();
            let draft = l.call("");
            let parts = format!(
                "--b1\r\nContent-Type: application/ISUP;version=itu-t92+\r\n\r\n0123\r\n--b1\r\nContent-Type: application/sdp\r\n\r\n{sdp}\r\n--b1--\r\n"
            );
            draft.body("multipart/mixed;boundary=b1", &parts)
        })
    },
};
