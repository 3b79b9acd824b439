//! A caller keys an account and a PIN that we know; then everything that was written about his call is searched for them.
//!
//! ```text
//!   records, contact events, arrows, answers, what a debugger's print of every output shows, every SIP message
//!        └─ searched for the digits as text, hex, base64, key codes (as RTP telephone-events and records would hold them)
//! ```
//! Not covered here: the sound that is recorded (there is no recording), and the question to the back-end itself, which must have them.
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod rig;

use rig::centre::{agent_8001, talking};
use rig::{Rig, address};
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_engine::command::{CallOrder, Command, Order};
use switchboard_engine::config::Verification;
use switchboard_engine::lookup::{Answer, Backend, Lookup, Question};
use switchboard_engine::{Config, ShardInput};

const ACCOUNT: &str = "6217003820";
const PIN: &str = "918273";

/// The ways in which digits could stand somewhere.
fn forms(digits: &str) -> Vec<(&'static str, Vec<u8>)> {
    let codes: Vec<u8> = digits.bytes().map(|b| b - b'0').collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>().into_bytes();
    let listed = codes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    vec![
        ("text", digits.as_bytes().to_vec()),
        ("key codes", codes.clone()),
        ("hex of text", hex(digits.as_bytes())),
        ("hex of key codes", hex(&codes)),
        ("a printed list", listed.into_bytes()),
        ("base64", base64(digits.as_bytes())),
        ("base64, one byte later", base64(&digits.as_bytes()[2..])),
        ("base64, two bytes later", base64(&digits.as_bytes()[1..])),
    ]
}

/// Of whole groups of three: what stands in any base64 that holds them at this alignment.
fn base64(bytes: &[u8]) -> Vec<u8> {
    const FACES: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |g: &[u8]| {
        let n = u32::from(g[0]) << 16 | u32::from(g[1]) << 8 | u32::from(g[2]);
        [18, 12, 6, 0].map(|shift| FACES[(n >> shift & 63) as usize])
    };
    bytes.chunks_exact(3).flat_map(group).collect()
}

fn found(written: &[Vec<u8>], digits: &str) -> Option<&'static str> {
    let in_any = |form: &[u8]| written.iter().any(|w| w.windows(form.len()).any(|part| part == form));
    forms(digits).into_iter().find(|(_, form)| form.len() >= 4 && in_any(form)).map(|(name, _)| name)
}

fn config() -> Config {
    let mut config: Config = Config::clone(&Rig::config());
    config.verification = Some(Verification {
        account_digits: (6, 19),
        pin_digits: 6,
        attempts: 3,
        backend: Backend {
            address: address("192.0.2.9:80"),
            host: "bank".to_owned(),
            path: "/verify".to_owned(),
            within: Duration::from_secs(3),
        },
        ask_account: BTreeMap::new(),
        ask_pin: BTreeMap::new(),
        again: BTreeMap::new(),
        failed: BTreeMap::new(),
    });
    config
}

#[test]
fn what_is_searched_for_would_be_found() {
    for (name, form) in forms(ACCOUNT).into_iter().chain(forms(PIN)).filter(|(_, form)| form.len() >= 4) {
        let mut written = b"before ".to_vec();
        written.extend(&form);
        written.extend(b" after");
        let hit = found(&[b"nothing".to_vec(), written], ACCOUNT).is_some();
        let written = [b"before ".as_slice(), &form, b" after"].concat();
        assert!(hit || found(&[written], PIN).is_some(), "{name}");
    }
    assert_eq!(found(&[b"account 6217003821, pin 918274".to_vec()], ACCOUNT), None);
}

#[test]
fn after_a_verification_nothing_that_was_written_holds_account_or_pin() {
    let mut centre = talking(config());
    let call = centre.call.expect("a call").0;
    let agent = agent_8001(&centre);
    let what = Order::OnCall { call, agent, what: CallOrder::Verify };
    centre.tell_shard(ShardInput::Command(Command { id: 1, what }));
    assert_eq!(centre.shard.each_call().next().expect("a call").state.name(), "Verifying", "{:?}", centre.sent.last());

    centre.keys(&format!("{ACCOUNT}#{PIN}"));
    let lookup = centre.lookup.take().expect("asked");
    let Lookup { id, question: Question::Verify { account, pin }, .. } = lookup else { panic!("asked for {lookup:?}") };
    let faces = |codes: &[u8]| codes.iter().map(|c| char::from(b'0' + c)).collect::<String>();
    assert_eq!(
        (faces(account.reveal()).as_str(), faces(pin.reveal()).as_str()),
        (ACCOUNT, PIN),
        "the back-end has them"
    );
    centre.tell_shard(ShardInput::LookedUp(call, id, Answer::Verified { customer: "C1".to_owned() }));
    centre.later(3_000);
    centre.tell_shard(ShardInput::Timeout);
    let state = centre.shard.each_call().next().expect("a call");
    assert_eq!(state.state.name(), "Talking");
    assert!(state.body.facts.verified.is_some(), "verified");
    centre.tell_shard(ShardInput::Command(Command { id: 2, what: Order::Calls }));

    assert!(centre.written.len() > 100, "{} things were written", centre.written.len());
    for digits in [ACCOUNT, PIN] {
        assert_eq!(found(&centre.written, digits), None, "of {digits}");
    }
}
