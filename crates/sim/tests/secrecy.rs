//! A caller keys an account and a PIN that we know; then everything that was written about his call is searched for them.
//!
//! ```text
//!   records, contact events, arrows, answers, what a debugger's print of every output shows, every SIP message
//!        └─ searched for the digits as text, hex, base64, key codes (as RTP telephone-events and records would hold them)
//! ```
//! Not covered here: the sound that is recorded (there is no recording), and the question to the back-end itself, which must have them.
#[allow(dead_code, reason = "the other tests use the rest of it")]
mod rig;

use rig::{Rig, START, address};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use switchboard_engine::command::{CallOrder, Command, Order};
use switchboard_engine::config::Verification;
use switchboard_engine::lookup::{Answer, Backend, Lookup, Question};
use switchboard_engine::{Config, Floor, FloorInput, FloorSetup, Output, Shard, ShardInput};
use switchboard_matcher::Matcher;
use switchboard_media::Fact;
use switchboard_model::{AgentId, CallId, Chance, Digit, ENDPOINT_FLOOR, FlowId, Instant, ShardId, StreamId};
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;

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

/// A shard and the floor, spoken to by hand; all they say is kept.
struct Centre {
    now: Instant,
    floor: Floor,
    shard: Shard,
    written: Vec<Vec<u8>>,
    sent: Vec<String>,
    call: Option<(CallId, StreamId)>,
    lookup: Option<Lookup>,
}

impl Centre {
    fn new() -> Centre {
        let mut config: Config = Config::clone(&Rig::config());
        config.verification = Some(Verification {
            account_digits: (6, 19),
            pin_digits: 6,
            attempts: 3,
            backend: Backend {
                address: address("192.0.2.9:80"),
                host: "bank".to_owned(),
                verify_path: "/verify".to_owned(),
                within: Duration::from_secs(3),
            },
            ask_account: BTreeMap::new(),
            ask_pin: BTreeMap::new(),
            again: BTreeMap::new(),
            failed: BTreeMap::new(),
        });
        let config = Arc::new(config);
        let matcher = Arc::new(Matcher::new(config.layout.plan().expect("a plan")));
        let setup = FloorSetup {
            first_start: START,
            events_so_far: 0,
            sip: EndpointConfig::new(ENDPOINT_FLOOR, address("198.51.100.1:5060"), "test", Chance::from_number(2)),
            config: config.clone(),
            matcher: matcher.clone(),
            registrar: RegistrarConfig::new(&config.realm, Chance::from_number(3)),
        };
        let floor = Floor::new(setup, START);
        let shard = Shard::new(Rig::setup(ShardId(1), &config, matcher));
        Centre { now: START, floor, shard, written: vec![], sent: vec![], call: None, lookup: None }
    }

    fn later(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    fn tell_shard(&mut self, input: ShardInput<'_>) {
        self.shard.handle(self.now, input);
        self.listen();
    }

    fn tell_floor(&mut self, input: FloorInput<'_>) {
        self.floor.handle(self.now, input);
        self.listen();
    }

    /// What both say, and what of it the other must hear.
    fn listen(&mut self) {
        loop {
            let (output, of_floor) = match (self.shard.poll(), self.floor.poll()) {
                (None, None) => break,
                (Some(output), None) => (output, None),
                (None, Some(output)) => (output, None),
                (Some(output), Some(other)) => (output, Some(other)),
            };
            for output in [Some(output), of_floor].into_iter().flatten() {
                self.written.push(format!("{output:?}").into_bytes());
                self.heard(output);
            }
        }
        self.written.extend(self.shard.records().into_iter().map(|r| r.bytes));
        self.written.extend(self.floor.records().into_iter().map(|r| r.bytes));
    }

    fn heard(&mut self, output: Output) {
        match output {
            Output::Send { bytes, .. } => {
                self.written.push(bytes.to_vec());
                self.sent.push(String::from_utf8_lossy(&bytes).into_owned());
            }
            Output::Wish(wish) => self.call = wish.streams.first().map(|l| (wish.call, l.stream)).or(self.call),
            Output::ToFloor(word) => self.floor.handle(self.now, FloorInput::FromShard(word)),
            Output::ToShard(_, matched) => self.shard.handle(self.now, ShardInput::Matched(matched)),
            Output::Claimed(_, claimed) => self.shard.handle(self.now, ShardInput::Claimed(claimed)),
            Output::Event(event) => self.written.push(serde_json::to_vec(&event).expect("plain data")),
            Output::Answer(answer) => self.written.push(serde_json::to_vec(&answer).expect("plain data")),
            Output::Lookup(lookup) => self.lookup = Some(lookup),
            Output::Arrow(arrow) => self.written.push(arrow.to_string().into_bytes()),
        }
    }

    fn datagram(&mut self, from: &str, text: &str) {
        let input = ShardInput::Datagram { flow: FlowId(0), from: address(from), bytes: text.as_bytes() };
        self.tell_shard(input);
    }

    fn keys(&mut self, faces: &str) {
        let (call, stream) = self.call.expect("a stream has been wished for");
        for (n, face) in faces.chars().enumerate() {
            self.later(200);
            let digit = Digit::from_char(face).expect("a key");
            self.tell_shard(ShardInput::Media(call, Fact::Digit { stream, digit, rtp_timestamp: 160 * n as u32 }));
        }
    }
}

fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
    line.trim_end()
}

fn sdp(ip: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
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
    let mut centre = Centre::new();
    let invite = |cseq: &str, body: &str| {
        format!(
            "INVITE sip:9500@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{cseq}\r\nFrom: <sip:13900000001@192.0.2.1>;tag=f\r\n\
             To: <sip:9500@198.51.100.1>\r\nCall-ID: early\r\nCSeq: 1 INVITE\r\nContact: <sip:13900000001@192.0.2.1>\r\nMax-Forwards: 70\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    centre.datagram("192.0.2.1:5060", &invite("a", &sdp("192.0.2.1")));
    let ok = centre.sent.last().expect("answered").clone();
    let ack = format!(
        "ACK sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKb\r\nFrom: <sip:13900000001@192.0.2.1>;tag=f\r\n\
         {}\r\nCall-ID: early\r\nCSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
        header(&ok, "To:")
    );
    centre.datagram("192.0.2.1:5060", &ack);
    centre.keys("0");
    centre.agent_registers();
    let invite = centre.sent.iter().rfind(|m| m.starts_with("INVITE sip:")).expect("the agent is rung").clone();
    let body = sdp("192.0.2.7");
    let answer = format!(
        "SIP/2.0 200 OK\r\n{}\r\n{}\r\n{};tag=g\r\n{}\r\n{}\r\nContact: <sip:8001@192.0.2.7:5060>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        header(&invite, "Via:"),
        header(&invite, "From:"),
        header(&invite, "To:"),
        header(&invite, "Call-ID:"),
        header(&invite, "CSeq:"),
        body.len()
    );
    centre.datagram("192.0.2.7:5060", &answer);
    centre.later(20_000);
    centre.tell_shard(ShardInput::Timeout);
    let call = centre.call.expect("a call").0;
    let agent = agent_8001(&centre);
    let what = Order::OnCall { call, agent, what: CallOrder::Verify };
    centre.tell_shard(ShardInput::Command(Command { id: 1, what }));
    assert_eq!(centre.shard.each_call().next().expect("a call").state.name(), "Verifying", "{:?}", centre.sent.last());

    centre.keys(&format!("{ACCOUNT}#{PIN}"));
    let Lookup { id, question: Question::Verify { account, pin }, .. } = centre.lookup.take().expect("asked");
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

fn agent_8001(centre: &Centre) -> AgentId {
    let holdings = &centre.shard.each_call().next().expect("a call").body.holdings;
    holdings.agent.as_ref().expect("an agent talks").agent
}

impl Centre {
    /// His telephone proves its password.
    fn agent_registers(&mut self) {
        let register = |n: u32, authorization: &str| {
            format!(
                "REGISTER sip:198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKr{n}\r\nFrom: <sip:8025@198.51.100.1>;tag=r\r\n\
                 To: <sip:8025@198.51.100.1>\r\nCall-ID: reg\r\nCSeq: {n} REGISTER\r\nContact: <sip:8025@192.0.2.7:5060>\r\nExpires: 600\r\nMax-Forwards: 70\r\n\
                 {authorization}Content-Length: 0\r\n\r\n"
            )
        };
        let from = address("192.0.2.7:5060");
        let first = register(1, "");
        self.tell_floor(FloorInput::Datagram { flow: FlowId(0), from, bytes: first.as_bytes() });
        let challenge = self.sent.iter().rfind(|m| m.contains("WWW-Authenticate")).expect("a challenge").clone();
        let value =
            challenge.lines().find_map(|l| l.strip_prefix("WWW-Authenticate: ")).expect("a challenge").to_owned();
        let chosen = switchboard_sip::digest::Challenge::choose([value.as_str()].into_iter()).expect("one we know");
        let credentials = switchboard_sip::Credentials { user: "8025".to_owned(), password: "demo-8025".to_owned() };
        let answer = chosen.answer(&credentials, "REGISTER", "sip:198.51.100.1", "0a0b0c0d");
        let second = register(2, &format!("Authorization: {answer}\r\n"));
        self.tell_floor(FloorInput::Datagram { flow: FlowId(0), from, bytes: second.as_bytes() });
    }
}
