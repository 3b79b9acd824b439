//! The same caller in the forms that carriers write his number in.
use crate::joint::checks::call_with;
use crate::joint::{Check, Draft, Leg, Step, Way};

/// Every form of a mobile's number is the same caller.
pub const CHECK: Check = Check {
    id: "numbers-in",
    title: "every form of the caller's number is understood",
    zh: "各种主叫号码格式归一",
    way: Way::In,
    cure: "Ours: set `country` and `area` of the trunk in trunks.yaml. Theirs: numbers should come in one form, best as +86….",
    steps: || {
        let forms: [fn(&mut Leg) -> Draft; 4] =
            [|l| from(l, "0"), |l| from(l, "+86"), |l| from(l, "0086"), |l| from(l, "86")];
        let understood = vec![
            Step::Look(
                |l, calls| l.is_in(calls, "Menu"),
                2_000,
                "the caller's number was not understood in the last form",
            ),
            Step::NewCall,
            Step::Wait(150),
        ];
        forms.into_iter().flat_map(|form| [call_with(form), understood.clone()].concat()).collect()
    },
};

fn from(l: &mut Leg, prefix: &str) -> Draft {
    let (sdp, number) = (l.usual(), l.caller.clone());
    let draft = l.call(&sdp);
    let from = draft.get("From").unwrap_or("").replace(&number, &format!("{prefix}{number}"));
    draft.set("From", &from)
}
