//! Two proxies stand between the caller and us.
use crate::joint::checks::call_with;
use crate::joint::{Check, Step, Way};

/// Two proxies stand between the caller and us.
pub const CHECK: Check = Check {
    id: "routes-in",
    title: "Record-Route comes back in order",
    zh: "Record-Route 原序返回",
    way: Way::In,
    cure: "Ours: RFC 3261 §12.1.1. If this fails, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let (sdp, at) = (l.usual(), l.at.sip);
                l.call(&sdp).with("Record-Route", &format!("<sip:{at};lr>, <sip:second.invalid;lr>"))
            }),
            vec![Step::Must(|l| {
                let at = l.at.sip;
                l.header("Record-Route", &format!("<sip:{at};lr>, <sip:second.invalid;lr>"))
            })],
        ]
        .concat()
    },
};
