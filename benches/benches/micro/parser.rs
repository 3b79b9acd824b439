//! An INVITE as a trunk sends it, from bytes to something that can be asked.
use divan::{Bencher, black_box};
use switchboard_wire::sip::{Message, Name};

/// With an offer of 200 bytes; some 900 in all, as carriers send.
pub fn invite() -> Vec<u8> {
    let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 101\r\n\
               a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\na=ptime:20\r\na=sendrecv\r\n";
    format!(
        "INVITE sip:95001@192.0.2.1:5060;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK776asdhds;rport\r\n\
         Max-Forwards: 69\r\nFrom: \"13800138000\" <sip:13800138000@192.0.2.10;user=phone>;tag=1928301774\r\n\
         To: <sip:95001@192.0.2.1;user=phone>\r\nCall-ID: a84b4c76e66710@192.0.2.10\r\nCSeq: 314159 INVITE\r\n\
         Contact: <sip:13800138000@192.0.2.10:5060>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK\r\n\
         Supported: 100rel, timer\r\nSession-Expires: 1800;refresher=uac\r\nP-Asserted-Identity: <sip:+8613800138000@192.0.2.10>\r\n\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    )
    .into_bytes()
}

#[divan::bench]
fn ours(bencher: Bencher<'_, '_>) {
    let bytes = invite();
    bencher.bench(|| {
        let message = Message::parse(black_box(&bytes)).expect("it is SIP");
        black_box((message.cseq(), message.get(Name::CallId).map(str::len), message.via().is_some()));
    });
}

#[divan::bench]
fn baseline_rsip(bencher: Bencher<'_, '_>) {
    let bytes = invite();
    bencher.bench(|| black_box(rsip::SipMessage::try_from(black_box(&bytes[..])).expect("it is SIP")));
}
