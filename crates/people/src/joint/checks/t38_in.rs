//! A fax tone is heard by the gateway, and it wants to change to T.38.
use crate::joint::checks::call_in;
use crate::joint::{Check, Step, Way};

/// A fax tone is heard by the gateway, and it wants to change to T.38.
pub const CHECK: Check = Check {
    id: "t38-in",
    title: "a re-INVITE to T.38 is refused with 488 and the call goes on",
    zh: "T.38 re-INVITE 回 488 且通话继续",
    way: Way::In,
    cure: "Ours: RFC 3261 §14.2 wants the session as it was. Theirs: T.38 need not be offered on this trunk.",
    steps: || {
        [
            call_in(),
            vec![
                Step::Say(|l| {
                    let ip = l.at.rtp.ip();
                    let sdp = format!(
                        "v=0\r\no=- 4711 9 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=image 40004 udptl t38\r\n"
                    );
                    l.invite("", &sdp)
                }),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[488])),
                Step::Listen,
                Step::Hear(|_, s| s.packets > 5, 2_000, "the sound ended with the refusal"),
                Step::Say(|l| l.request("OPTIONS", "")),
                Step::Final(4_000),
                Step::Must(|l| l.code(&[200])),
            ],
        ]
        .concat()
    },
};
