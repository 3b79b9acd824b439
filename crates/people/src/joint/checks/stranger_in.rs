//! An INVITE from an address that belongs to no trunk: one refusal, and nothing that a spoofed source could multiply.
use crate::joint::{Check, Line, Step, Way};

/// An INVITE from an address that belongs to no trunk.
pub const CHECK: Check = Check {
    id: "stranger-in",
    title: "a stranger's call is refused, once and without a trace",
    zh: "非中继地址的呼叫被拒绝",
    way: Way::In,
    cure: "Ours: `sources` of a trunk is too wide, and lets in whom it should not: name the carrier's addresses only. If it was refused more than once, report it as our fault.",
    steps: || {
        vec![
            Step::SayFrom(Line::Stranger, |l| {
                let (sdp, ip) = (l.usual(), l.at.stranger);
                let draft = l.call(&sdp);
                let via = draft.get("Via").unwrap_or("").replace(&l.at.sip.to_string(), &ip.to_string());
                draft.set("Via", &via)
            }),
            Step::Final(4_000),
            Step::Must(|l| l.code(&[403])),
            // He acknowledges nothing, as one who writes another's address would.
            Step::Quiet(
                |h| h.code.is_some(),
                1_200,
                "the refusal was repeated: a spoofed source would be sent more than it sent",
            ),
            Step::Must(|l| match l.heard.len() {
                1 => Ok(()),
                n => Err(format!("{n} responses came where one refuses")),
            }),
        ]
    },
};
