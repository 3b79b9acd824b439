//! Two endpoints and a bad network, in one thread and in made-up time.
//!
//! ```text
//!   a ──► loss, doubling, delay by seed ──► b         every event becomes a word: "b:invite", "a:180"
//!   ▲ └─ twin: restored from records, fed the same, must say the same
//! ```
//! After each input the changed records are taken into a store, and the store must equal all records: what is not announced as changed
//! would be lost in a crash.
#![allow(dead_code, reason = "each test file uses its part")]
mod damage;

use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant, Record, RecordKey};
use switchboard_sip::{DialogId, EndedWhy, Endpoint, EndpointConfig, Event, Invite, Output};

pub const A: usize = 0;
pub const B: usize = 1;
pub const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub loss: f64,
    pub doubling: f64,
    pub delay_ms_min: u64,
    pub delay_ms_max: u64,
    /// How late the clock's owner may be.
    pub late_ms_max: u64,
    /// How many datagrams arrive damaged.
    pub damage: f64,
}

impl Weather {
    pub const FAIR: Weather =
        Weather { loss: 0.0, doubling: 0.0, delay_ms_min: 5, delay_ms_max: 5, late_ms_max: 0, damage: 0.0 };
}

pub struct Side {
    pub sip: Endpoint,
    /// Restored at some moment; must from then on behave like `sip`.
    pub twin: Option<Endpoint>,
    config: EndpointConfig,
    store: BTreeMap<RecordKey, Record>,
    /// How each dialog ended. `None`: it has not.
    pub dialogs: BTreeMap<DialogId, Option<String>>,
    pub address: SocketAddr,
    /// Datagrams from here that the network loses next.
    pub lose: usize,
    /// Whether datagrams from here wait.
    pub held: Option<Vec<(SocketAddr, Bytes)>>,
}

pub struct World {
    pub now: Instant,
    pub sides: [Side; 2],
    pub weather: Weather,
    pub cut: bool,
    pub log: Vec<String>,
    /// Every start line that was sent, with the sender: for counting retransmissions.
    pub wire: Vec<(usize, Instant, String)>,
    chance: Chance,
    flying: BTreeMap<(Instant, u64), (usize, Bytes)>,
    next: u64,
    /// Compare store and records after each input; costs time.
    pub strict: bool,
}

pub fn config(id: u8, seed: u64) -> EndpointConfig {
    EndpointConfig::new(
        EndpointId(id),
        format!("192.0.2.{id}:5060").parse().expect("an address"),
        "test",
        Chance::from_number(seed),
    )
}

impl World {
    pub fn new(seed: u64, weather: Weather) -> World {
        let side = |id: u8| {
            let config = config(id, seed.wrapping_mul(2).wrapping_add(u64::from(id)));
            let mut sip = Endpoint::new(config.clone());
            while sip.poll_changed().is_some() {}
            let store = sip.records().into_iter().map(|r| (r.key, r)).collect();
            let address = config.local;
            Side { sip, twin: None, config, store, dialogs: BTreeMap::new(), address, lose: 0, held: None }
        };
        World {
            now: Instant::from_millis(1_700_000_000_000),
            sides: [side(1), side(2)],
            weather,
            cut: false,
            log: vec![],
            wire: vec![],
            chance: Chance::from_number(seed ^ 0xabcd),
            flying: BTreeMap::new(),
            next: 0,
            strict: true,
        }
    }

    pub fn chance(&mut self) -> &mut Chance {
        &mut self.chance
    }

    /// One input to an endpoint, and to its twin.
    pub fn to<T: PartialEq + std::fmt::Debug>(&mut self, who: usize, input: impl Fn(&mut Endpoint, Instant) -> T) -> T {
        let now = self.now;
        let side = &mut self.sides[who];
        let answer = input(&mut side.sip, now);
        let outputs: Vec<Output> = std::iter::from_fn(|| side.sip.poll()).collect();
        if let Some(twin) = &mut side.twin {
            assert_eq!(input(twin, now), answer, "the twin answered otherwise");
            let of_twin: Vec<Output> = std::iter::from_fn(|| twin.poll()).collect();
            assert_eq!(of_twin, outputs, "the twin did otherwise");
            assert_eq!(twin.next_timeout(), side.sip.next_timeout());
        }
        while let Some(key) = side.sip.poll_changed() {
            match side.sip.record(key) {
                Some(record) => drop(side.store.insert(key, record)),
                None => drop(side.store.remove(&key)),
            }
        }
        if self.strict {
            assert!(side.store.values().eq(side.sip.records().iter()), "a record changed that was not announced");
        }
        for output in outputs {
            match output {
                Output::Send { to, bytes, .. } => self.send(who, to, bytes),
                Output::Event(event) => self.event(who, event),
            }
        }
        answer
    }

    /// From now on a restored endpoint goes along.
    pub fn restore(&mut self, who: usize) {
        let side = &mut self.sides[who];
        let records: Vec<Record> = side.store.values().cloned().collect();
        let twin = Endpoint::restore(side.config.clone(), &records).expect("its own records");
        assert_eq!(twin.records(), records, "restored records are the same, byte for byte");
        assert_eq!(twin.next_timeout(), side.sip.next_timeout());
        side.twin = Some(twin);
    }

    fn send(&mut self, from: usize, to: SocketAddr, bytes: Bytes) {
        let line = bytes.split(|b| *b == b'\r').next().unwrap_or(b"");
        self.wire.push((from, self.now, String::from_utf8_lossy(line).into_owned()));
        let side = &mut self.sides[from];
        if side.lose > 0 {
            side.lose -= 1;
            return;
        }
        if let Some(held) = &mut side.held {
            held.push((to, bytes));
            return;
        }
        let Some(receiver) = self.sides.iter().position(|s| s.address == to) else { return };
        if self.cut || self.chance.happens(self.weather.loss) {
            return;
        }
        let copies = 1 + usize::from(self.chance.happens(self.weather.doubling));
        for _ in 0..copies {
            let span = self.weather.delay_ms_max - self.weather.delay_ms_min + 1;
            let delay = self.weather.delay_ms_min + self.chance.below(span);
            self.next += 1;
            let hurt = self.chance.happens(self.weather.damage);
            let arrives = if hurt { damage::damage(&mut self.chance, &bytes) } else { bytes.clone() };
            self.flying.insert((self.now + Duration::from_millis(delay), self.next), (receiver, arrives));
        }
    }

    pub fn release(&mut self, who: usize) {
        for (to, bytes) in self.sides[who].held.take().unwrap_or_default() {
            self.send(who, to, bytes);
        }
    }

    fn event(&mut self, who: usize, event: Event) {
        let mut ended: Option<DialogId> = None;
        let word = match event {
            Event::Invite { dialog, offer, .. } => {
                self.sides[who].dialogs.insert(dialog, None);
                if offer.is_some() { "invite".to_owned() } else { "invite?".to_owned() }
            }
            Event::Cancelled { dialog } => {
                ended = Some(dialog);
                "cancelled".to_owned()
            }
            Event::Confirmed { sdp, .. } => if sdp.is_some() { "acked+sdp" } else { "acked" }.to_owned(),
            Event::Progress { code, .. } => code.to_string(),
            Event::Answered { .. } => "answered".to_owned(),
            Event::Refused { dialog, code, .. } => {
                ended = Some(dialog);
                format!("refused{code}")
            }
            Event::LateAnswer { dialog } => {
                ended = Some(dialog);
                "late".to_owned()
            }
            Event::Reoffer { sdp, .. } => if sdp.is_some() { "reoffer" } else { "reoffer?" }.to_owned(),
            Event::ReofferAnswered { .. } => "reanswered".to_owned(),
            Event::RefreshDue { .. } => "refresh".to_owned(),
            Event::Key { digit, .. } => format!("key{digit}"),
            Event::Refer { to, .. } => format!("refer:{to}"),
            Event::Notified { code, .. } => format!("notified{code}"),
            Event::ReofferRefused { code, .. } => format!("rerefused{code}"),
            Event::Ended { dialog, why } => {
                ended = Some(dialog);
                match why {
                    EndedWhy::Bye { .. } => "bye",
                    EndedWhy::NoAck => "noack",
                    EndedWhy::NoResponse => "noresponse",
                    EndedWhy::Fault => panic!("an error of our own"),
                }
                .to_owned()
            }
            Event::Request(request) => request.method.clone(),
            Event::Response { code, .. } => format!("response{code}"),
            Event::Malformed { kind } => format!("{kind:?}"),
            Event::Fault => panic!("an error of our own was caught"),
        };
        let word = format!("{}:{word}", ["a", "b"][who]);
        if let Some(dialog) = ended {
            let end = self.sides[who].dialogs.get_mut(&dialog).expect("an event of a dialog that was opened");
            match end.as_deref() {
                None => *end = Some(word.clone()),
                // Whoever hung up himself may still be told that nobody answered his BYE.
                Some("own bye" | "own end") if word.ends_with("noresponse") => *end = Some(word.clone()),
                Some("own cancel" | "own end") if word.contains("refused") || word.ends_with("late") => {
                    *end = Some(word.clone())
                }
                Some(before) => panic!("{dialog:?} ended twice: {before}, then {word}"),
            }
        }
        self.log.push(word);
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let flight = self.flying.first_key_value().map(|((at, _), _)| *at);
            let timer = self.sides.iter().filter_map(|s| s.sip.next_timeout()).min();
            let Some(at) = flight.into_iter().chain(timer).min().filter(|at| *at <= end) else { break };
            let late = self.chance.below(self.weather.late_ms_max + 1);
            self.now = self.now.max(at + Duration::from_millis(late)).min(end);
            if flight == Some(at) {
                let (_, (who, bytes)) = self.flying.pop_first().expect("just seen");
                let from = self.sides[1 - who].address;
                self.to(who, |e, now| e.handle_datagram(now, FlowId(0), from, &bytes));
                continue;
            }
            for who in [A, B] {
                if self.sides[who].sip.next_timeout().is_some_and(|t| t <= self.now) {
                    self.to(who, |e, now| e.handle_timeout(now));
                }
            }
        }
        self.now = end;
    }

    pub fn ms(&mut self, ms: u64) {
        self.run(Duration::from_millis(ms));
    }

    pub fn invite(&mut self, who: usize, sdp: bool) -> DialogId {
        let to_addr = self.sides[1 - who].address;
        let invite = Invite {
            target: format!("sip:95588@{to_addr}"),
            to_addr,
            flow: FlowId(0),
            from_user: "+8613800000000".to_owned(),
            from_display: None,
            headers: vec![],
            sdp: sdp.then(|| Bytes::from_static(SDP)),
            credentials: None,
            terms: Default::default(),
        };
        let dialog = self.to(who, |e, now| e.invite(now, invite.clone()));
        self.sides[who].dialogs.insert(dialog, None);
        dialog
    }

    /// The newest dialog of a side that has not ended.
    pub fn dialog(&self, who: usize) -> Option<DialogId> {
        self.sides[who].dialogs.iter().rev().find(|(_, end)| end.is_none()).map(|(id, _)| *id)
    }

    pub fn own_end(&mut self, who: usize, dialog: DialogId, word: &str) {
        if let Some(end @ None) = self.sides[who].dialogs.get_mut(&dialog) {
            *end = Some(word.to_owned());
        }
    }

    /// Nothing is left, and everything ended.
    pub fn assert_empty(&self) {
        for side in &self.sides {
            assert_eq!(
                (side.sip.dialogs(), side.sip.transactions()),
                (0, 0),
                "something is left at {}: {:#?}",
                side.address,
                self.log
            );
            assert_eq!(side.sip.next_timeout(), None);
            let open: BTreeSet<_> = side.dialogs.iter().filter(|(_, end)| end.is_none()).map(|(id, _)| id).collect();
            assert!(open.is_empty(), "{open:?} of {} never ended: {:#?}", side.address, self.log);
        }
    }
}
