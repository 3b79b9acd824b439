//! Old gateways send keys as application/dtmf-relay.
use crate::joint::checks::call_with;
use crate::joint::{Check, Step, Way};

/// Old gateways send keys as application/dtmf-relay.
pub const CHECK: Check = Check {
    id: "info-in",
    title: "a key by INFO is heard where no events were agreed",
    zh: "INFO 按键可识别",
    way: Way::In,
    cure: "Ours: `application/dtmf-relay` in INFO must count as a key. If this fails, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let sdp = l.offer("8", &["a=ptime:20"]);
                l.call(&sdp)
            }),
            vec![
                Step::Look(|l, calls| l.is_in(calls, "Menu"), 2_000, "the call did not come into the menu"),
                Step::Say(|l| {
                    let key = l.plan.key.map_or(String::new(), |k| k.to_string());
                    let signal = format!("Signal={key}\r\nDuration=160\r\n");
                    l.request("INFO", "").body("application/dtmf-relay", &signal)
                }),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
                Step::Look(|l, calls| l.is_in(calls, "Waiting"), 1_500, "the key was not heard"),
            ],
        ]
        .concat()
    },
};
