//! Any bytes as a SIP message: every question the program asks of one.
#![no_main]
use libfuzzer_sys::fuzz_target;
use switchboard_wire::sip::{Message, check_request, check_response, typed};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(m) = Message::parse(bytes) {
        let _ = (m.via(), m.from(), m.to(), m.cseq(), m.body(), m.call_id(), m.request_uri().len());
        let _ = (check_request(&m), check_response(&m), typed(&m));
        assert!(m.body().is_none_or(|b| b.len() <= bytes.len()));
    }
});
