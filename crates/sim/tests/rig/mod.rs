//! One shard, spoken to by hand.
#[allow(dead_code, reason = "each test file uses its part")]
pub mod centre;

use std::net::SocketAddr;
use std::sync::Arc;
use switchboard_engine::config::Source;
use switchboard_engine::{Config, Output, Ports, Shard, ShardInput, ShardSetup};
use switchboard_matcher::Matcher;
use switchboard_media::Fact;
use switchboard_model::{Chance, Digit, EndpointId, FlowId, Instant, ShardId, What};
use switchboard_sim::Base;
use switchboard_sip::EndpointConfig;

/// When it begins.
pub const START: Instant = Instant::from_millis(1_800_000_000_000);

pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A shard with one trunk, whose messages are written by hand.
pub struct Rig {
    pub shard: Shard,
    now: Instant,
    caller: SocketAddr,
    ok: String,
    facts: Vec<(switchboard_model::CallId, switchboard_model::StreamId)>,
    pub told: Vec<What>,
}

impl Rig {
    /// The embedded centre's configuration, with this rig's caller in a trunk.
    pub fn config() -> Arc<Config> {
        let mut config = Base::embedded().expect("the embedded configuration is sound").config;
        let caller = address("192.0.2.1:5060");
        config.trunks[0].sources.push(Source { address: caller.ip(), prefix: 32, port: None });
        Arc::new(config)
    }

    pub fn new(id: ShardId, config: &Arc<Config>, now: Instant) -> Rig {
        let setup = Rig::setup(id, config, Arc::new(Matcher::new(config.layout.plan().expect("a plan"))));
        Rig {
            shard: Shard::new(setup),
            now,
            caller: address("192.0.2.1:5060"),
            ok: String::new(),
            facts: vec![],
            told: vec![],
        }
    }

    pub fn setup(id: ShardId, config: &Arc<Config>, matcher: Arc<Matcher>) -> ShardSetup {
        let local = address("198.51.100.1:5060");
        ShardSetup {
            id,
            first_start: START,
            events_so_far: 0,
            sip: EndpointConfig::new(EndpointId(id.0), local, "test", Chance::from_number(1)),
            ports: Ports::new(0, [20_000, 20_002, 20_004, 20_006].map(|p| SocketAddr::new(local.ip(), p)).to_vec()),
            matcher,
            config: config.clone(),
        }
    }

    pub fn sip(&mut self, text: &str) {
        let input = ShardInput::Datagram { flow: FlowId(0), from: self.caller, bytes: text.as_bytes() };
        self.handle(input);
    }

    #[allow(dead_code, reason = "each test file uses its part")]
    pub fn at(&mut self, now: Instant) {
        self.now = now;
    }

    /// The last message it sent.
    #[allow(dead_code, reason = "each test file uses its part")]
    pub fn said(&self) -> &str {
        &self.ok
    }

    #[allow(dead_code, reason = "each test file uses its part")]
    pub fn key(&mut self, face: char) {
        let (call, stream) = *self.facts.last().expect("a stream has been wished for");
        let digit = Digit::from_char(face).expect("a key");
        self.handle(ShardInput::Media(call, Fact::Digit { stream, digit, rtp_timestamp: 160 }));
    }

    fn handle(&mut self, input: ShardInput<'_>) {
        self.shard.handle(self.now, input);
        while let Some(output) = self.shard.poll() {
            match output {
                Output::Send { bytes, .. } => self.ok = String::from_utf8_lossy(&bytes).into_owned(),
                Output::Wish(wish) => self.facts.extend(wish.streams.first().map(|line| (wish.call, line.stream))),
                Output::Event(event) => self.told.push(event.what),
                _ => {}
            }
        }
    }

    #[allow(dead_code, reason = "each test file uses its part")]
    pub fn call(&mut self) {
        let sdp = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
        self.sip(&format!(
            "INVITE sip:9500@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:13900000001@192.0.2.1>;tag=f\r\n\
             To: <sip:9500@198.51.100.1>\r\nCall-ID: early\r\nCSeq: 1 INVITE\r\nContact: <sip:13900000001@192.0.2.1>\r\nMax-Forwards: 70\r\n\
             Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
            sdp.len()
        ));
    }

    #[allow(dead_code, reason = "each test file uses its part")]
    pub fn ack(&mut self) {
        let to = self.ok.lines().find(|l| l.starts_with("To:")).expect("the 200 has a To").to_owned();
        self.sip(&format!(
            "ACK sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK2\r\nFrom: <sip:13900000001@192.0.2.1>;tag=f\r\n\
             {to}\r\nCall-ID: early\r\nCSeq: 1 ACK\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        ));
    }
}
