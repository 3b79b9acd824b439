//! RFC 3581: a Via that names another port, with `rport`, is answered at the port it came from.
use crate::joint::{Check, Line, Step, Way};

/// RFC 3581: a Via that names another port, with `rport`, is answered at the port it came from.
pub const CHECK: Check = Check {
    id: "rport-out",
    title: "responses come back to the port we sent from (RFC 3581)",
    zh: "应答回到源端口（rport）",
    way: Way::Out,
    cure: "The carrier must send responses to the source port and fill `rport` and `received` in Via (RFC 3581 §4): ask for symmetric response routing on the trunk. Otherwise no address translator and no firewall with state may stand between us.",
    steps: || {
        vec![
            Step::Say(|l| {
                let decoy = l.at.other;
                let draft = l.request("OPTIONS", "");
                let via = draft.get("Via").unwrap_or("").replace(&l.at.sip.to_string(), &decoy.to_string());
                draft.set("Via", &via)
            }),
            Step::Final(5_000),
            Step::Must(|l| match &l.last {
                Some(h) if h.line == Line::Sip => Ok(()),
                Some(_) | None => {
                    Err("the response came to the port that Via names, not to the port we sent from".to_owned())
                }
            }),
            Step::Must(|l| l.header("Via", &format!("rport={}", l.at.sip.port()))),
        ]
    },
};
