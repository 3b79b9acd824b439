//! A media thread without the thread: time by hand, everything that comes out is kept.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_media::tone::{Ear, Tone};
use switchboard_media::{Codec, Fact, Hears, Input, Media, MediaConfig, Output, Sound, Sounds, StreamWish, Wish};
use switchboard_model::{CallId, Chance, Instant, PromptId, ShardId, StreamId};
use switchboard_wire::rtp::{self, Header, Incoming, TelephoneEvent};

pub const CALLER: StreamId = StreamId { slot: 3, generation: 0 };
pub const AGENT: StreamId = StreamId { slot: 5, generation: 2 };
/// 0: 400 ms of 500 Hz. 1: 200 ms of 700 Hz. 2: music, 1 s of 1 500 Hz.
pub const SOUNDS: [(f64, usize); 3] = [(500.0, 400), (700.0, 200), (1_500.0, 1_000)];
pub const MUSIC: Hears = Hears::Music(PromptId(2));

pub struct Sent {
    pub at: Instant,
    pub slot: u32,
    pub to: SocketAddr,
    pub header: Header,
    pub payload: Vec<u8>,
}

pub struct Rig {
    pub media: Media,
    pub now: Instant,
    pub sent: Vec<Sent>,
    pub facts: Vec<Fact>,
    pub closed: Vec<u32>,
}

pub fn call() -> CallId {
    CallId::new(ShardId(1), 81)
}

pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

pub fn sounds() -> Arc<Sounds> {
    let sound = |(n, (hz, ms)): (usize, &(f64, usize))| {
        (PromptId(n as u32), Arc::new(Sound::from_samples(&Tone::new(*hz, 8_000).samples(ms * 8))))
    };
    Arc::new(SOUNDS.iter().enumerate().map(sound).collect())
}

/// The caller's stream, A-law with telephone-events, both ways.
pub fn caller(hears: Hears) -> StreamWish {
    StreamWish {
        stream: CALLER,
        remote: address("10.0.0.1:4000"),
        codec: Codec::Pcma,
        payload_type: 8,
        telephone_event: Some(101),
        send: true,
        listen: true,
        hears,
    }
}
/// The agent's.
pub fn agent(hears: Hears) -> StreamWish {
    StreamWish { stream: AGENT, remote: address("10.0.0.2:6000"), ..caller(hears) }
}
pub fn prompts(play: u32, list: &[u32]) -> Hears {
    Hears::Prompts { play, list: list.iter().map(|n| PromptId(*n)).collect() }
}

impl Rig {
    pub fn new() -> Self {
        Rig::with(MediaConfig::default(), 1)
    }
    pub fn with(config: MediaConfig, seed: u64) -> Self {
        Rig {
            media: Media::new(sounds(), Chance::from_number(seed), config),
            now: Instant::from_millis(1_000_000),
            sent: vec![],
            facts: vec![],
            closed: vec![],
        }
    }

    pub fn handle(&mut self, input: Input<'_>) {
        self.media.handle(self.now, input);
        while let Some(output) = self.media.poll() {
            match output {
                Output::Send { slot, to, bytes } => {
                    let Ok(Incoming::Rtp(packet)) = rtp::read(&bytes) else { panic!("what we send is RTP") };
                    let (header, payload) = (packet.header, packet.payload.to_vec());
                    self.sent.push(Sent { at: self.now, slot, to, header, payload });
                }
                Output::Fact { call: of, fact } => {
                    assert_eq!(of, call());
                    self.facts.push(fact);
                }
                Output::Closed { slot } => self.closed.push(slot),
            }
        }
    }
    pub fn wish(&mut self, version: u32, streams: Vec<StreamWish>) {
        self.handle(Input::Wish(Wish { call: call(), version, streams }));
    }
    pub fn pass(&mut self, ms: u64) {
        self.now = self.now + Duration::from_millis(ms);
    }
    pub fn ticks(&mut self, n: usize) {
        for _ in 0..n {
            self.pass(20);
            self.handle(Input::Tick);
        }
    }
    pub fn packet(&mut self, slot: u32, from: &str, bytes: &[u8]) {
        self.handle(Input::Packet { slot, from: address(from), bytes });
    }

    /// What was sent from this port since the beginning.
    pub fn sent_from(&self, slot: u32) -> Vec<&Sent> {
        self.sent.iter().filter(|s| s.slot == slot).collect()
    }
    /// For how many ms each of these tones was heard at this port's other end. What came of other payload types is not sound.
    pub fn heard(&self, slot: u32, codec: Codec, tones: &[f64]) -> Vec<u64> {
        let mut ears: Vec<Ear> = tones.iter().map(|hz| Ear::new(*hz)).collect();
        for sent in self.sent_from(slot) {
            if sent.header.payload_type == codec.static_payload_type() {
                ears.iter_mut().for_each(|ear| ear.hear_encoded(codec, &sent.payload));
            }
        }
        ears.iter().map(Ear::heard_ms).collect()
    }
    /// The keys told of this stream.
    pub fn keys(&self, of: StreamId) -> String {
        let key = |f: &Fact| match f {
            Fact::Digit { stream, digit, .. } if *stream == of => Some(digit.face()),
            Fact::Digit { .. } | Fact::PromptDone { .. } | Fact::Silent { .. } | Fact::Heard { .. } => None,
        };
        self.facts.iter().filter_map(key).collect()
    }
    pub fn done(&self, of: StreamId) -> Vec<u32> {
        let done = |f: &Fact| match f {
            Fact::PromptDone { stream, play } if *stream == of => Some(*play),
            Fact::PromptDone { .. } | Fact::Digit { .. } | Fact::Silent { .. } | Fact::Heard { .. } => None,
        };
        self.facts.iter().filter_map(done).collect()
    }
}

/// A telephone at the other end of a stream.
pub struct Person {
    pub slot: u32,
    pub from: &'static str,
    pub codec: Codec,
    pub header: Header,
    pub tone: Tone,
}

impl Person {
    pub fn new(slot: u32, from: &'static str, hz: f64) -> Self {
        let header =
            Header { payload_type: 8, marker: false, sequence: 65_000, timestamp: u32::MAX - 900, ssrc: slot + 1 };
        Person { slot, from, codec: Codec::Pcma, header, tone: Tone::new(hz, 8_000) }
    }
    /// The next 20 ms of his voice.
    pub fn frame(&mut self) -> Vec<u8> {
        let header = Header { payload_type: self.codec.static_payload_type(), ..self.header };
        let bytes = rtp::write(&header, &self.tone.frame(self.codec));
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(160);
        bytes.to_vec()
    }
    pub fn talk(&mut self, rig: &mut Rig) {
        let bytes = self.frame();
        rig.packet(self.slot, self.from, &bytes);
    }
    /// The packets of one key, 100 ms long: five on the way, three ends. The voice goes on after it.
    pub fn key(&mut self, event: u8) -> Vec<Vec<u8>> {
        let packets = (1..=8u16).map(|n| {
            let event = TelephoneEvent { event, end: n > 5, volume: 10, duration: n.min(5) * 160 };
            let header = Header { payload_type: 101, marker: n == 1, ..self.header };
            self.header.sequence = self.header.sequence.wrapping_add(1);
            rtp::write(&header, &event.write()).to_vec()
        });
        let packets = packets.collect();
        self.header.timestamp = self.header.timestamp.wrapping_add(160 * 8);
        packets
    }
    pub fn press(&mut self, rig: &mut Rig, event: u8) {
        for bytes in self.key(event) {
            rig.packet(self.slot, self.from, &bytes);
            rig.ticks(1);
        }
    }
}
