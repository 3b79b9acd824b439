//! The key that leads to a person is pressed in the menu.
use crate::joint::checks::call_in;
use crate::joint::{Check, Line, Step, Way};

/// The key that leads to a person is pressed in the menu.
pub const CHECK: Check = Check {
    id: "dtmf-in",
    title: "a key by telephone-event is heard",
    zh: "RFC 4733 按键可识别",
    way: Way::In,
    cure: "Theirs: keys must come as telephone-events with the payload type of the answer (RFC 4733 §2.1), each with its end. Ours listens for keys in the sound only where no events were agreed.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Talk(true),
                Step::Look(|l, calls| l.is_in(calls, "Menu"), 2_000, "the call did not come into the menu"),
                Step::Wait(300),
                Step::Press(Line::Rtp),
                Step::Look(|l, calls| l.is_in(calls, "Waiting"), 1_500, "the key was not heard"),
            ],
        ]
        .concat()
    },
};
