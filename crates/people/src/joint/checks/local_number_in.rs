//! The same subscriber of the trunk's own city in the forms that carriers write his number in.
use crate::joint::checks::call_with;
use crate::joint::{Check, Draft, Leg, SeenCall, Step, Way};

/// A number of the fixed network is the same caller with and without its area code.
pub const CHECK: Check = Check {
    id: "local-number-in",
    title: "a fixed-line number is the same with and without its area code",
    zh: "本地固话号码（8 位、带区号、+86）归一",
    way: Way::In,
    cure: "Ours: set `area` of the trunk in trunks.yaml to the area code, without its 0, of the city whose numbers come without one.",
    steps: || {
        let forms: [fn(&mut Leg) -> Draft; 3] = [
            |l| from(l, String::new()),
            |l| from(l, format!("0{}", l.plan.area)),
            |l| from(l, format!("+{}{}", l.plan.country, l.plan.area)),
        ];
        let understood = vec![
            Step::Look(is_there, 2_000, "the last form was not understood as the number with country and area code"),
            Step::NewCall,
            Step::Wait(150),
        ];
        forms.into_iter().flat_map(|form| [call_with(form), understood.clone()].concat()).collect()
    },
};

/// Eight digits that no other tester has.
fn local(l: &Leg) -> String {
    format!("6{}000", &l.caller[3..7])
}

fn is_there(l: &Leg, calls: &[SeenCall]) -> bool {
    let whole = l.masked(&format!("+{}{}{}", l.plan.country, l.plan.area, local(l)));
    calls.iter().any(|c| c.from == whole && c.state == "Menu")
}

fn from(l: &mut Leg, prefix: String) -> Draft {
    let (sdp, number, local) = (l.usual(), l.caller.clone(), local(l));
    let draft = l.call(&sdp);
    let from = draft.get("From").unwrap_or("").replace(&number, &format!("{prefix}{local}"));
    draft.set("From", &from)
}
