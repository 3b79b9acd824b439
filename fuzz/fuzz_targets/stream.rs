//! Any bytes as a stream: what is cut off is never more than there is, and the lexer sees in it the body that was framed.
#![no_main]
use libfuzzer_sys::fuzz_target;
use switchboard_wire::sip::{Framed, Message, frame};

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    loop {
        match frame(rest) {
            Framed::Message(n) => {
                let message = Message::parse(&rest[..n]).expect("what was framed can be read");
                assert_eq!(message.body().map(<[u8]>::len), Some(message.rest().len()), "the body ends where the message does");
                rest = &rest[n..];
            }
            Framed::Ping(n) | Framed::Blank(n) => rest = &rest[n..],
            Framed::More | Framed::Fault(..) => break,
        }
    }
});
