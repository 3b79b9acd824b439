//! Sound and picture are offered; sound is taken.
use crate::joint::checks::call_with;
use crate::joint::{Check, Step, Way};

/// Sound and picture are offered; sound is taken.
pub const CHECK: Check = Check {
    id: "video-in",
    title: "a video line is answered with port 0 and the call goes on",
    zh: "含视频的 offer：视频端口置 0",
    way: Way::In,
    cure: "Ours: RFC 3264 §6 wants one line for each of the offer. If this fails, report it as our fault.",
    steps: || {
        [
            call_with(|l| {
                let sdp = l.usual() + "m=video 40002 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n";
                l.call(&sdp)
            }),
            vec![Step::Must(|l| match l.sdp()?.media().as_slice() {
                [(audio, port, _), (video, 0, _)] if audio == "audio" && *port != 0 && video == "video" => Ok(()),
                lines => Err(format!("the answer's media lines are {lines:?}")),
            })],
        ]
        .concat()
    },
};
