//! A response from elsewhere does not pass a firewall with state.
use crate::joint::{Check, Step, Way};

/// A response from elsewhere does not pass a firewall with state.
pub const CHECK: Check = Check {
    id: "symmetric-out",
    title: "responses leave from the address that was asked",
    zh: "应答来自所询问的地址和端口",
    way: Way::Out,
    cure: "The carrier answers from another address or port than it is asked at: a firewall with state drops such responses. Ask the carrier to answer from the signalling address of the trunk, or open the firewall for the other one and list it in `sources`.",
    steps: || {
        vec![
            Step::Say(|l| l.request("OPTIONS", "")),
            Step::Final(5_000),
            Step::Must(|l| match l.last.as_ref().map(|h| h.from) {
                Some(from) if from == l.at.peer => Ok(()),
                Some(from) => Err(format!("{} was asked and {from} answered", l.at.peer)),
                None => Err("nobody answered".to_owned()),
            }),
        ]
    },
};
