//! RFC 3398 §8.2.6.1: 404 with Q.850 cause 1.
use crate::joint::{Check, Step, Way};

/// RFC 3398 §8.2.6.1: 404 with Q.850 cause 1.
pub const CHECK: Check = Check {
    id: "unknown-number-in",
    title: "a number that leads nowhere is refused with 404",
    zh: "未配置的被叫回 404",
    way: Way::In,
    cure: "Ours: the number is not in `numbers` of the trunk. Theirs: calls to numbers that are not ours must not be sent here.",
    steps: || {
        vec![
            Step::Say(|l| {
                let (unknown, sdp) = (l.plan.unknown.clone(), l.usual());
                l.invite(&unknown, &sdp)
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[404])),
            Step::Must(|l| l.header("Reason", "Q.850;cause=1")),
        ]
    },
};
