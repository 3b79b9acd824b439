//! RFC 3325, RFC 3323: the caller withholds his number from people, not from the network.
use crate::joint::checks::call_with;
use crate::joint::{Check, Step, Way};

/// RFC 3325, RFC 3323: the caller withholds his number from people, not from the network.
pub const CHECK: Check = Check {
    id: "asserted-in",
    title: "P-Asserted-Identity goes before an anonymous From (RFC 3325)",
    zh: "P-Asserted-Identity 优先于匿名 From",
    way: Way::In,
    cure: "Ours: what the carrier asserts is believed on a trunk. If this fails, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let (sdp, number) = (l.usual(), l.caller.clone());
                let draft = l.call(&sdp);
                let tag = draft.get("From").unwrap_or("").split("tag=").nth(1).unwrap_or("").to_owned();
                draft
                    .set("From", &format!("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag={tag}"))
                    .with("P-Asserted-Identity", &format!("<tel:+86{number}>"))
                    .with("Privacy", "id")
            }),
            vec![Step::Look(|l, calls| l.is_in(calls, "Menu"), 2_000, "the asserted number was not taken")],
        ]
        .concat()
    },
};
