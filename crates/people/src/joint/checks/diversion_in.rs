//! A branch's telephones are forwarded to the centre: which branch was dialled stands in Diversion or History-Info.
use crate::joint::checks::call_with;
use crate::joint::{Check, Leg, SeenCall, Step, Way};

/// The number that was dialled first is kept with the call.
pub const CHECK: Check = Check {
    id: "diversion-in",
    title: "the number that was dialled first is read from Diversion and History-Info",
    zh: "Diversion、History-Info 中的原被叫可识别",
    way: Way::In,
    cure: "Ours: RFC 5806 §4, RFC 7044 §5. If this fails, report it as our fault. Theirs: a forwarded call should bear one of these headers.",
    steps: || {
        let seen = || {
            vec![
                Step::Look(is_there, 2_000, "the number that was dialled first is not known to the centre"),
                Step::NewCall,
                Step::Wait(150),
            ]
        };
        [
            call_with(|l| {
                let sdp = l.usual();
                l.call(&sdp)
                    .with("Diversion", &format!("<sip:{BRANCH}@carrier.invalid;user=phone>;reason=unconditional"))
            }),
            seen(),
            call_with(|l| {
                let (sdp, dials) = (l.usual(), l.plan.dials.clone());
                let history =
                    format!("<sip:{BRANCH}@carrier.invalid>;index=1, <sip:{dials}@carrier.invalid>;index=1.1;mp=1");
                l.call(&sdp).with("History-Info", &history)
            }),
            seen(),
        ]
        .concat()
    },
};

/// A branch's number, in a form that needs no area code of the trunk.
const BRANCH: &str = "+862162349999";

fn is_there(l: &Leg, calls: &[SeenCall]) -> bool {
    let (mine, branch) = (l.masked(&l.caller), l.masked(BRANCH));
    calls.iter().any(|c| c.from == mine && c.first_dialled.as_ref() == Some(&branch))
}
