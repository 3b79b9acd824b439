//! Who withholds his number, or whose number the network does not know, is served like everybody else.
use crate::joint::checks::call_with;
use crate::joint::{Check, Draft, Leg, Step, Way};

/// Callers without a number are answered.
pub const CHECK: Check = Check {
    id: "anonymous-in",
    title: "a caller without a number is answered",
    zh: "匿名、空号码、unavailable 主叫可接通",
    way: Way::In,
    cure: "Ours: RFC 3323 §4.1.1.3: From may be anonymous, unavailable, or without a user. If this fails, report it as our fault.",
    steps: || {
        let forms: [fn(&mut Leg) -> Draft; 3] = [
            |l| from(l, "\"Anonymous\" <sip:anonymous@anonymous.invalid>"),
            |l| from(l, "<sip:unavailable@unknown.invalid>"),
            |l| from(l, "<sip:192.0.2.1>"),
        ];
        forms.into_iter().flat_map(|form| [call_with(form), vec![Step::NewCall, Step::Wait(100)]].concat()).collect()
    },
};

fn from(l: &mut Leg, who: &str) -> Draft {
    let sdp = l.usual();
    let draft = l.call(&sdp);
    let tag = draft.get("From").unwrap_or("").split("tag=").nth(1).unwrap_or("").to_owned();
    draft.set("From", &format!("{who};tag={tag}"))
}
