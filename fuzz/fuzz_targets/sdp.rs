//! Any bytes as an offer: read, answered, and the answer read as an answer to it.
#![no_main]
use libfuzzer_sys::fuzz_target;
use switchboard_wire::sdp;

fuzz_target!(|bytes: &[u8]| {
    let local = std::net::SocketAddr::from(([192, 0, 2, 1], 4000));
    if let Ok((answer, _)) = sdp::answer(bytes, local, 1, 1) {
        assert!(answer.starts_with(b"v=0\r\n"));
    }
    let _ = sdp::read_answer(&sdp::offer(local, 1, 1), bytes);
});
