//! RFC 3261 §11.2, §20.5: Allow is optional, but what it leaves out will be refused.
use crate::joint::{Check, Step, Way};

/// RFC 3261 §11.2, §20.5: Allow is optional, but what it leaves out will be refused.
pub const CHECK: Check = Check {
    id: "allow-out",
    title: "Allow, if there is one, names what a call needs",
    zh: "Allow 头域包含通话所需方法",
    way: Way::Out,
    cure: "The SBC's Allow lacks a method without which a call cannot be ended or changed: the carrier should allow INVITE, ACK, CANCEL, BYE and OPTIONS on this trunk.",
    steps: || {
        vec![
            Step::Say(|l| l.request("OPTIONS", "")),
            Step::Final(5_000),
            Step::Must(|l| {
                let Some(allow) = l.last.as_ref().and_then(|h| h.header("Allow")) else { return Ok(()) };
                let missing: Vec<&str> =
                    ["INVITE", "ACK", "CANCEL", "BYE"].into_iter().filter(|m| !allow.contains(*m)).collect();
                if missing.is_empty() { Ok(()) } else { Err(format!("Allow lacks {}", missing.join(", "))) }
            }),
        ]
    },
};
