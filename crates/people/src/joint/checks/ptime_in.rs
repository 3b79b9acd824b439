//! RFC 8866 §6.4: ptime is a wish.
use crate::joint::checks::call_with;
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Way};

/// RFC 8866 §6.4: ptime is a wish.
pub const CHECK: Check = Check {
    id: "ptime-in",
    title: "a wish for 30 ms packets does not hinder the call",
    zh: "ptime 30 的 offer 可接通",
    way: Way::In,
    cure: "Ours: what we send is 20 ms whatever is wished; what comes may have any length. If this fails, report it as our fault.",
    steps: || {
        call_with(|l| {
            let sdp = l.offer("8 101", &[EVENT_LINES[0], "a=ptime:30", "a=maxptime:60"]);
            l.call(&sdp)
        })
    },
};
