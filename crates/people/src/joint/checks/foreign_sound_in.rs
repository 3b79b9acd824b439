//! While the caller speaks, a key comes from a port that nobody named.
use crate::joint::checks::call_in;
use crate::joint::{Check, Line, Step, Way};

/// While the caller speaks, a key comes from a port that nobody named.
pub const CHECK: Check = Check {
    id: "foreign-sound-in",
    title: "sound from another port is not heard",
    zh: "非协商来源的 RTP 不被接受",
    way: Way::In,
    cure: "Ours: a stream belongs to who speaks already; a stranger's key must change nothing. If this fails, report it as our fault.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Talk(true),
                Step::Look(|l, calls| l.is_in(calls, "Menu"), 2_000, "the call did not come into the menu"),
                Step::Wait(300),
                Step::Press(Line::RtpOther),
                Step::LookNot(|l, calls| l.is_in(calls, "Waiting"), 800, "a key from a foreign port was taken"),
                Step::Press(Line::Rtp),
                Step::Look(|l, calls| l.is_in(calls, "Waiting"), 1_500, "the caller's own key was not heard"),
            ],
        ]
        .concat()
    },
};
