//! A whole endpoint, driven by bytes: messages, time, and what its owner wants. Shared by the fuzz target `endpoint` and the test that
//! replays its corpus.
//!
//! ```text
//!   t n          time goes on by n² · 10 ms          d n n bytes…   a datagram of so many bytes      s n n bytes…   the same by TCP
//!   i            we call somebody                    a              the newest caller is answered
//!   r            … is refused                        b              the newest dialog is ended       c   the newest call of ours is cancelled
//! ```
//! In a message `@T` stands for our newest tag and `@B` for the branch of our newest request, which no fuzzer could guess. Laws: what it
//! writes can be read; and when its owner has let go of everything and nobody speaks any more, nothing is left of it.
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant, Transport};
use switchboard_sip::{DialogId, Endpoint, EndpointConfig, Event, Invite, Output};
use switchboard_wire::sip::{Message, Name};

const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";

struct Driven {
    endpoint: Endpoint,
    now: Instant,
    dialogs: BTreeSet<DialogId>,
    tag: String,
    branch: String,
}

/// Plays the script, and checks the laws.
pub fn drive(script: &[u8]) {
    let local: SocketAddr = ([192, 0, 2, 1], 5060).into();
    let config = EndpointConfig::new(EndpointId(1), local, "driven", Chance::from_number(1));
    let mut driven = Driven {
        endpoint: Endpoint::new(config),
        now: Instant::from_millis(1_700_000_000_000),
        dialogs: BTreeSet::new(),
        tag: "none".to_owned(),
        branch: "none".to_owned(),
    };
    let mut rest = script;
    while let Some((op, after)) = rest.split_first() {
        rest = driven.step(*op, after);
    }
    driven.rest();
}

impl Driven {
    fn step<'s>(&mut self, op: u8, rest: &'s [u8]) -> &'s [u8] {
        let now = self.now;
        match (op, rest) {
            (b't', [n, rest @ ..]) => {
                self.pass(Duration::from_millis(u64::from(*n).pow(2) * 10));
                return rest;
            }
            (b'd' | b's', [low, high, rest @ ..]) => {
                let n = usize::from(u16::from_le_bytes([*low, *high])).min(rest.len());
                let text = self.fill(&rest[..n]);
                let flow = if op == b's' { FlowId::of(Transport::Tcp, 7) } else { FlowId::UDP };
                self.endpoint.handle_datagram(now, flow, peer(), &text);
                self.drain();
                return &rest[n..];
            }
            (b'i', _) => {
                let invite = Invite {
                    target: "sip:8001@192.0.2.9".to_owned(),
                    to_addr: peer(),
                    flow: FlowId::UDP,
                    from_user: "1".to_owned(),
                    from_display: None,
                    headers: vec![],
                    sdp: Some(bytes::Bytes::from_static(SDP)),
                    credentials: None,
                    terms: Default::default(),
                };
                let dialog = self.endpoint.invite(now, invite);
                self.dialogs.insert(dialog);
            }
            (b'a', _) => {
                if let Some(dialog) = self.dialogs.last() {
                    let _ = self.endpoint.answer(now, *dialog, bytes::Bytes::from_static(SDP));
                }
            }
            (b'r', _) => {
                if let Some(dialog) = self.dialogs.last() {
                    self.endpoint.reject(now, *dialog, 486, &[]);
                }
            }
            (b'b', _) => {
                if let Some(dialog) = self.dialogs.last() {
                    self.endpoint.bye(now, *dialog, None);
                }
            }
            (b'c', _) => {
                if let Some(dialog) = self.dialogs.last() {
                    self.endpoint.cancel(now, *dialog, None);
                }
            }
            _ => {}
        }
        self.drain();
        rest
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.endpoint.next_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.endpoint.handle_timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    /// Everything is let go, and nobody speaks any more.
    fn rest(&mut self) {
        for dialog in self.dialogs.clone() {
            self.endpoint.cancel(self.now, dialog, None);
            self.endpoint.bye(self.now, dialog, None);
            self.drain();
        }
        // The slowest: an INVITE that is not answered and then cancelled, and the BYE of a dialog that nobody acknowledged.
        self.pass(Duration::from_secs(3_600));
        for dialog in self.dialogs.clone() {
            self.endpoint.bye(self.now, dialog, None);
            self.drain();
        }
        self.pass(Duration::from_secs(3_600));
        let left = (self.endpoint.dialogs(), self.endpoint.transactions());
        assert_eq!(left, (0, 0), "something is left for ever");
        assert_eq!(self.endpoint.next_timeout(), None);
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Send { bytes, .. } => {
                    let message = Message::parse(&bytes).expect("what it writes can be read");
                    let address = if message.code().is_some() { message.to() } else { message.from() };
                    if let Some(tag) = address.and_then(|a| a.tag()) {
                        self.tag = tag.to_owned();
                    }
                    if let (None, Some(branch)) = (message.code(), message.via().and_then(|v| v.branch())) {
                        self.branch = branch.to_owned();
                    }
                    assert!(message.get(Name::CallId).is_some() || message.code().is_some());
                }
                Output::Event(Event::Invite { dialog, .. }) => drop(self.dialogs.insert(dialog)),
                Output::Event(Event::Request(request)) => {
                    self.endpoint.respond(self.now, request.request, 200, vec![], bytes::Bytes::new());
                }
                Output::Event(Event::Fault) => panic!("an error of its own was caught"),
                Output::Event(_) => {}
            }
        }
    }

    fn fill(&self, text: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(text.len() + 64);
        let mut rest = text;
        while let Some((first, after)) = rest.split_first() {
            match (first, after.first()) {
                (b'@', Some(b'T')) => out.extend_from_slice(self.tag.as_bytes()),
                (b'@', Some(b'B')) => out.extend_from_slice(self.branch.as_bytes()),
                _ => {
                    out.push(*first);
                    rest = after;
                    continue;
                }
            }
            rest = &after[1..];
        }
        out
    }
}

fn peer() -> SocketAddr {
    ([192, 0, 2, 9], 5060).into()
}
