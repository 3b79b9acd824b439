//! An access code comes bare, with area code, with country code, or as a `tel:` URI with a phone-context.
use crate::joint::checks::call_with;
use crate::joint::{Check, Draft, Leg, Step, Way};

/// Every form in which carriers write the dialled number.
pub const CHECK: Check = Check {
    id: "dialled-in",
    title: "every form of the dialled number leads to its menu",
    zh: "各种被叫（接入码）格式可达",
    way: Way::In,
    cure: "Ours: set `area` of the trunk in trunks.yaml, and write the number in `numbers` as callers dial it. Theirs: the number should come as it is, without additions.",
    steps: || {
        let forms: [fn(&mut Leg) -> Draft; 4] = [
            |l| to(l, &format!("sip:{}{}@{}", with_zero(&l.plan.area), l.plan.dials, l.at.peer)),
            |l| to(l, &format!("sip:+{}{}{}@{}", l.plan.country, l.plan.area, l.plan.dials, l.at.peer)),
            |l| to(l, &format!("tel:{};phone-context=+{}", l.plan.dials, l.plan.country)),
            |l| to(l, &format!("sip:{};phone-context=+{}@{};user=phone", l.plan.dials, l.plan.country, l.at.peer)),
        ];
        forms.into_iter().flat_map(|form| [call_with(form), vec![Step::NewCall, Step::Wait(100)]].concat()).collect()
    },
};

fn with_zero(area: &str) -> String {
    if area.is_empty() { String::new() } else { format!("0{area}") }
}

fn to(l: &mut Leg, uri: &str) -> Draft {
    let sdp = l.usual();
    l.invite(uri, &sdp)
}
