//! The caller hears the menu.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// The caller hears the menu.
pub const CHECK: Check = Check {
    id: "sound-in",
    title: "sound comes at once, 20 ms a packet, from the address in the answer",
    zh: "放音及时：20 ms 一包，来自应答地址",
    way: Way::In,
    cure: "Ours: `public` in centre.yaml and `rtp_ports` must be reachable from the carrier's media addresses, and the firewall must let UDP pass both ways.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Listen,
                Step::Hear(|_, s| s.packets >= 20, 2_000, "fewer than 20 packets came within 2 s"),
                Step::Hear(|_, s| s.of_20_ms == s.packets, 0, "not every packet holds 20 ms of sound"),
                Step::Hear(|_, s| s.payload_type == Some(8), 0, "the sound is not PCMA, as was agreed"),
                Step::Hear(|l, s| s.from == l.rtp, 0, "the sound comes from another address than the answer names"),
            ],
        ]
        .concat()
    },
};
