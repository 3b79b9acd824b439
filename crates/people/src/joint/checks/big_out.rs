//! Messages grow beyond one datagram of Ethernet; then fragments must pass.
use crate::joint::{Check, Step, Way};

/// Messages grow beyond one datagram of Ethernet; then fragments must pass.
pub const CHECK: Check = Check {
    id: "big-out",
    title: "a message of 3 000 bytes arrives by UDP",
    zh: "3000 字节的 UDP 报文可达（分片）",
    way: Way::Out,
    cure: "IP fragments are lost on the way: let fragments pass in every firewall between us, or agree TCP with the carrier (RFC 3261 §18.1.1).",
    steps: || {
        vec![
            Step::Say(|l| {
                let draft = l.request("OPTIONS", "");
                (0..30).fold(draft, |d, n| d.with(&format!("X-Padding-{n}"), &"0123456789".repeat(9)))
            }),
            Step::Final(5_000),
        ]
    },
};
