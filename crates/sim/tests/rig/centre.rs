//! A shard and the floor, spoken to by hand: a caller has come through, and an agent talks to him.
use super::{Rig, START, address};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_engine::lookup::Lookup;
use switchboard_engine::{Config, Floor, FloorInput, FloorSetup, Output, Shard, ShardInput};
use switchboard_matcher::Matcher;
use switchboard_media::Fact;
use switchboard_model::{AgentId, CallId, Chance, Digit, ENDPOINT_FLOOR, FlowId, Instant, ShardId, StreamId};
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;

/// A shard and the floor, spoken to by hand; all they say is kept.
pub struct Centre {
    pub now: Instant,
    pub floor: Floor,
    pub shard: Shard,
    pub written: Vec<Vec<u8>>,
    pub sent: Vec<String>,
    /// Where each of these went.
    pub sent_to: Vec<SocketAddr>,
    pub call: Option<(CallId, StreamId)>,
    pub lookup: Option<Lookup>,
}

impl Centre {
    /// Nobody calls yet.
    pub fn new(config: Config) -> Centre {
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
        Centre { now: START, floor, shard, written: vec![], sent: vec![], sent_to: vec![], call: None, lookup: None }
    }

    pub fn later(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }

    pub fn tell_shard(&mut self, input: ShardInput<'_>) {
        self.shard.handle(self.now, input);
        self.listen();
    }

    pub fn tell_floor(&mut self, input: FloorInput<'_>) {
        self.floor.handle(self.now, input);
        self.listen();
    }

    /// What both say, and what of it the other must hear.
    pub fn listen(&mut self) {
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

    pub fn heard(&mut self, output: Output) {
        match output {
            Output::Send { to, bytes, .. } => {
                self.sent_to.push(to);
                self.written.push(bytes.to_vec());
                self.sent.push(String::from_utf8_lossy(&bytes).into_owned());
            }
            Output::Wish(wish) => self.call = wish.streams.first().map(|l| (wish.call, l.stream)).or(self.call),
            Output::ToFloor(word) => self.floor.handle(self.now, FloorInput::FromShard(word)),
            Output::ToShard(_, matched) => self.shard.handle(self.now, ShardInput::Matched(matched)),
            Output::Claimed(_, claimed) => self.shard.handle(self.now, ShardInput::Claimed(claimed)),
            Output::Ways(_, ways) => self.shard.handle(self.now, ShardInput::Ways(ways)),
            Output::Event(event) => self.written.push(serde_json::to_vec(&event).expect("plain data")),
            Output::Answer(answer) => self.written.push(serde_json::to_vec(&answer).expect("plain data")),
            Output::Lookup(lookup) => self.lookup = Some(lookup),
            Output::Arrow(arrow) => self.written.push(arrow.to_string().into_bytes()),
        }
    }

    pub fn datagram(&mut self, from: &str, text: &str) {
        let input = ShardInput::Datagram { flow: FlowId(0), from: address(from), bytes: text.as_bytes() };
        self.tell_shard(input);
    }

    pub fn keys(&mut self, faces: &str) {
        let (call, stream) = self.call.expect("a stream has been wished for");
        for (n, face) in faces.chars().enumerate() {
            self.later(200);
            let digit = Digit::from_char(face).expect("a key");
            self.tell_shard(ShardInput::Media(call, Fact::Digit { stream, digit, rtp_timestamp: 160 * n as u32 }));
        }
    }
}

/// A header's line.
pub fn header<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
    line.trim_end()
}

/// An offer or answer from there.
pub fn sdp(ip: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
}

/// The caller has asked for a person, and agent 8025 talks to him.
pub fn talking(config: Config) -> Centre {
    talking_after(config, 70)
}

/// The same; the caller's INVITE may be passed on so often still.
pub fn talking_after(config: Config, forwards: u8) -> Centre {
    let mut centre = Centre::new(config);
    let invite = |cseq: &str, body: &str| {
        format!(
            "INVITE sip:9500@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{cseq}\r\nFrom: <sip:13900000001@192.0.2.1>;tag=f\r\n\
             To: <sip:9500@198.51.100.1>\r\nCall-ID: early\r\nCSeq: 1 INVITE\r\nContact: <sip:13900000001@192.0.2.1>\r\nMax-Forwards: {forwards}\r\n\
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
    centre
}

/// Who talks.
pub fn agent_8001(centre: &Centre) -> AgentId {
    let holdings = &centre.shard.each_call().next().expect("a call").body.holdings;
    holdings.agent.as_ref().expect("an agent talks").agent
}

impl Centre {
    /// His telephone proves its password.
    pub fn agent_registers(&mut self) {
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
