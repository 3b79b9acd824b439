//! RFC 4028 §9: the carrier refreshes, we answer.
use crate::joint::checks::{again, call_with};
use crate::joint::leg::EVENT_LINES;
use crate::joint::{Check, Step, Way};

/// RFC 4028 §9: the carrier refreshes, we answer.
pub const CHECK: Check = Check {
    id: "session-timer-in",
    title: "a session timer is taken and refreshed (RFC 4028)",
    zh: "会话定时器协商与刷新",
    way: Way::In,
    cure: "Ours: Session-Expires of the INVITE must come back in the 200, and a refresh must be answered. If this fails, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let sdp = l.usual();
                l.call(&sdp)
                    .with("Supported", "timer")
                    .with("Session-Expires", "1800;refresher=uac")
                    .with("Min-SE", "90")
            }),
            vec![
                Step::Must(|l| l.header("Session-Expires", "1800")),
                Step::Must(|l| l.header("Session-Expires", "refresher=uac")),
                Step::Must(|l| l.header("Require", "timer")),
            ],
            again(|l| {
                let sdp = l.offer("8 101", &[EVENT_LINES[0]]);
                l.invite("", &sdp).with("Supported", "timer").with("Session-Expires", "1800;refresher=uac")
            }),
            vec![Step::Must(|l| l.header("Session-Expires", "1800"))],
        ]
        .concat()
    },
};
