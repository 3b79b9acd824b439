//! RFC 3261 §9: we give up while it rings.
use crate::joint::{Check, Step, Way};

/// RFC 3261 §9: we give up while it rings.
pub const CHECK: Check = Check {
    id: "cancel-out",
    title: "CANCEL ends a call that rings",
    zh: "振铃中 CANCEL 生效（487）",
    way: Way::OutCall,
    cure: "The carrier must answer CANCEL with 200 and the INVITE with 487 (RFC 3261 §9.2): otherwise telephones ring on after we have given up, and a late answer is charged.",
    steps: || {
        vec![
            Step::Say(|l| {
                let (callee, sdp) = (l.plan.callee.clone(), l.usual());
                l.invite(&callee, &sdp)
            }),
            Step::Progress(10_000),
            Step::Must(|l| match l.code(&[200]) {
                Ok(()) => {
                    Err("it was answered at once, so that nothing could be cancelled: dial a telephone that rings"
                        .to_owned())
                }
                Err(_) => l.code(&[180, 181, 182, 183]),
            }),
            Step::Say(|l| l.cancel()),
            Step::Final(5_000),
            Step::Must(|l| l.code(&[200])),
            Step::Await(|h| h.method == "INVITE" && h.code == Some(487), 5_000, "the INVITE was not answered with 487"),
        ]
    },
};
