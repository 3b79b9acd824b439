//! A 200 that comes again has not been acknowledged.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// A 200 that comes again has not been acknowledged.
pub const CHECK: Check = Check {
    id: "ack-in",
    title: "the answered call is acknowledged",
    zh: "应答得到 ACK",
    way: Way::In,
    cure: "Theirs: ACK must be sent to the Contact of our 200, by its Record-Route (RFC 3261 §13.2.2.4). See that `public` in centre.yaml is an address that the SBC reaches: it stands in Contact.",
    steps: || {
        [
            call_in(),
            vec![Step::Quiet(
                |h| h.method == "INVITE" && h.code == Some(200),
                1_200,
                "our 200 had to be repeated: no ACK reached us",
            )],
        ]
        .concat()
    },
};
