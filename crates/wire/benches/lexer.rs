//! What reading a SIP message costs: an INVITE of a carrier, 900 bytes.
//!
//! `cargo bench -p switchboard-wire --bench lexer`. Compare `parse` with `rsip_itself`, which is what the lexer is instead of.
use divan::{Bencher, black_box};
use switchboard_wire::sip::{Message, Writer, check_request, typed};

const INVITE: &str = "INVITE sip:95588@192.0.2.1:5060 SIP/2.0\r\n\
Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK8f1a77c2b6d94e0;rport\r\n\
Record-Route: <sip:192.0.2.9;lr;ftag=as7d1>\r\n\
Max-Forwards: 69\r\n\
From: \"13800000000\" <sip:+8613800000000@carrier.example;user=phone>;tag=as7d1f2e3c\r\n\
To: <sip:95588@192.0.2.1>\r\n\
Call-ID: 5f0e7c3a-1a2b-4c5d-8e9f-0a1b2c3d4e5f@192.0.2.9\r\n\
CSeq: 101 INVITE\r\n\
Contact: <sip:+8613800000000@192.0.2.9:5060>\r\n\
P-Asserted-Identity: <sip:+8613800000000@carrier.example>\r\n\
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, UPDATE, PRACK, INFO\r\n\
User-Agent: SBC 7.4\r\n\
Content-Type: application/sdp\r\n\
Content-Length: 185\r\n\r\n\
v=0\r\no=- 1234 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0 101\r\n\
a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\n";

fn main() {
    let message = Message::parse(INVITE.as_bytes()).expect("a message");
    assert!(check_request(&message).is_ok() && typed(&message).is_some(), "the bench measures the good case");
    divan::main();
}

#[divan::bench]
fn parse(b: Bencher<'_, '_>) {
    b.bench(|| Message::parse(black_box(INVITE.as_bytes())).map(|m| m.headers().count()));
}

#[divan::bench]
fn parse_and_check(b: Bencher<'_, '_>) {
    b.bench(|| {
        let message = Message::parse(black_box(INVITE.as_bytes())).expect("a message");
        check_request(&message)
    });
}

#[divan::bench]
fn to_rsips_types(b: Bencher<'_, '_>) {
    b.bench(|| typed(&Message::parse(black_box(INVITE.as_bytes())).expect("a message")));
}

#[divan::bench]
fn rsip_itself(b: Bencher<'_, '_>) {
    b.bench(|| rsip::SipMessage::try_from(black_box(INVITE.as_bytes())).map(drop));
}

#[divan::bench]
fn write_a_response(b: Bencher<'_, '_>) {
    let lines = "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK8f1a77c2b6d94e0\r\nFrom: <sip:a@b>;tag=1\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n";
    b.bench(|| {
        let mut w = Writer::response(200, None);
        w.lines(black_box(lines)).named("To", "<sip:95588@192.0.2.1>;tag=01000000000123456789abcdef");
        w.finish("application/sdp", b"v=0\r\n")
    });
}
