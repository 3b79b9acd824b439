//! A carrier as a list of words, and what we say to it.
//!
//! Not covered: digest (`sip/tests/registering`), the wire (`e2e/tests/transports`).
use super::*;
use crate::config::Registering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, ENDPOINT_FLOOR, FlowId, Transport, TrunkId};
use switchboard_sip::{EndpointConfig, Event, Output};
use switchboard_wire::sip::{Message, Name};

struct Bench {
    now: Instant,
    sip: Endpoint,
    carriers: Carriers,
    trunks: Vec<Trunk>,
    /// Requests that were sent and not yet answered: to where, and what.
    sent: Vec<(SocketAddr, String)>,
    seen: BTreeSet<String>,
}

fn at(n: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, n], 5060))
}

fn trunk(health: HealthCheck, registering: bool) -> Trunk {
    let sbc = |n: u8, priority| Sbc { at: at(n), transport: Transport::Udp, priority, weight: 0 };
    let registering = registering.then(|| Registering {
        identity: "+862195588@ims.example".to_owned(),
        user: "private@ims.example".to_owned(),
        password: "secret".to_owned(),
        contact_user: "+862195588".to_owned(),
        expires_s: 3_600,
    });
    Trunk {
        id: TrunkId(0),
        name: "ims".to_owned(),
        sources: vec![],
        country: "86".to_owned(),
        area: "21".to_owned(),
        calls_max: 10,
        cps_max: None,
        answer_after: Duration::ZERO,
        numbers: BTreeMap::new(),
        overload: Default::default(),
        sbcs: vec![sbc(2, 2), sbc(1, 1)],
        health,
        registering,
        out: Default::default(),
    }
}

impl Bench {
    fn new(trunk: Trunk) -> Bench {
        let now = Instant::from_millis(1_700_000_000_000);
        let local = "198.51.100.9:5060".parse().expect("an address");
        let mut bench = Bench {
            now,
            sip: Endpoint::new(EndpointConfig::new(ENDPOINT_FLOOR, local, "test", Chance::from_number(7))),
            carriers: Carriers::default(),
            trunks: vec![trunk],
            sent: vec![],
            seen: BTreeSet::new(),
        };
        bench.carriers.follow(now, &bench.trunks, &mut bench.sip);
        bench.pass(0);
        bench
    }

    fn pump(&mut self) {
        while let Some(output) = self.sip.poll() {
            match output {
                Output::Send { to, bytes, .. } => {
                    let text = String::from_utf8(bytes.to_vec()).expect("we write UTF-8");
                    // What SIP sends again is no new question.
                    if self.seen.insert(text.clone()) {
                        self.sent.push((to, text));
                    }
                }
                Output::Event(Event::Response { request, code, headers, .. }) => {
                    assert!(self.carriers.on_response(self.now, request, code, &headers, &self.trunks, &mut self.sip));
                }
                Output::Event(_) => {}
            }
        }
    }

    /// Lets time pass, and what is due be done; and the records are what they came from.
    fn pass(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        loop {
            let due = self.carriers.next_timeout().into_iter().chain(self.sip.next_timeout()).min();
            match due.filter(|at| *at <= until) {
                Some(at) => self.now = self.now.max(at),
                None => break,
            }
            self.sip.handle_timeout(self.now);
            self.carriers.handle_timeout(self.now, &self.trunks, &mut self.sip);
            self.pump();
        }
        self.now = until;
        let records: Vec<Record> = self.carriers.records().collect();
        let restored = Carriers::restore(&records).expect("its own records");
        assert!(restored.records().eq(records.iter().cloned()));
        assert_eq!((restored.next_timeout(), &restored.asked), (self.carriers.next_timeout(), &self.carriers.asked));
    }

    /// Answers the newest request of this method that was sent there.
    fn answer(&mut self, n: u8, method: &str, code: u16, more: &str) {
        let place = self.sent.iter().rposition(|(to, text)| *to == at(n) && text.starts_with(method));
        let (_, text) = self.sent.remove(place.unwrap_or_else(|| panic!("no {method} to {n}: {:?}", self.sent)));
        let m = Message::parse(text.as_bytes()).expect("we wrote it");
        let get = |name| m.get(name).unwrap_or_default().to_owned();
        let answer = format!(
            "SIP/2.0 {code} x\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=theirs\r\nCall-ID: {}\r\nCSeq: {}\r\n{more}\r\n",
            get(Name::Via),
            get(Name::From),
            get(Name::To),
            get(Name::CallId),
            get(Name::CSeq)
        );
        self.sip.handle_datagram(self.now, FlowId::UDP, at(n), answer.as_bytes());
        self.pump();
    }

    /// `2 OPTIONS, 1 REGISTER`: what was sent and not answered, without what SIP repeats; forgets it.
    fn sends(&mut self) -> String {
        let said: Vec<String> = self
            .sent
            .drain(..)
            .map(|(to, text)| {
                format!(
                    "{} {}",
                    to.ip().to_string().rsplit('.').next().unwrap_or(""),
                    text.split(' ').next().unwrap_or("")
                )
            })
            .collect();
        said.join(", ")
    }

    fn health(&self) -> String {
        let shown = self.carriers.shown();
        shown[0].sbcs.iter().map(|s| s.health.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn registration(&self) -> crate::command::RegistrationShown {
        self.carriers.shown()[0].registration.clone().expect("it wants one")
    }
}

#[test]
fn any_answer_is_life_and_silence_is_doubted_before_it_is_death() {
    let mut bench = Bench::new(trunk(HealthCheck::Options, false));
    assert_eq!(bench.health(), "unknown unknown");
    bench.answer(1, "OPTIONS", 405, "");
    bench.answer(2, "OPTIONS", 200, "");
    assert_eq!(bench.health(), "up up");
    bench.pass(29);
    assert_eq!(bench.sends(), "", "they live, and half a minute is not over");
    bench.pass(1);
    bench.answer(1, "OPTIONS", 503, "");
    assert_eq!(bench.sends(), "2 OPTIONS");
    bench.pass(5);
    assert_eq!(bench.health(), "suspect up", "one that answers 503 is there; one that is silent for 4 s is doubted");
    bench.pass(4 + 5);
    assert_eq!(bench.health(), "suspect up");
    bench.pass(5);
    assert_eq!(bench.health(), "down up");
    // A late answer is life too.
    bench.answer(2, "OPTIONS", 200, "");
    assert_eq!(bench.health(), "up up");
}

#[test]
fn a_registration_is_refreshed_in_time_by_one_call_id_and_rising_cseq() {
    let mut bench = Bench::new(trunk(HealthCheck::Register, true));
    let (to, first) = bench.sent[0].clone();
    assert_eq!((to, bench.sent.len()), (at(1), 1), "the SBC of lower priority number first, and no OPTIONS");
    let m = Message::parse(first.as_bytes()).expect("we wrote it");
    assert_eq!(m.request_uri(), "sip:ims.example");
    assert_eq!(m.to().map(|t| t.uri_text.to_owned()), Some("sip:+862195588@ims.example".to_owned()));
    assert_eq!(m.get(Name::Contact), Some("<sip:+862195588@198.51.100.9:5060>;expires=3600"));
    assert_eq!(m.get_other("Supported"), Some("path"));
    // The realm is neither the proxy's address nor the domain, and who proves himself is not who is registered.
    bench.answer(1, "REGISTER", 401, "WWW-Authenticate: Digest realm=\"hss.example\", nonce=\"n\", qop=\"auth\"\r\n");
    assert!(bench.sent[0].1.contains("username=\"private@ims.example\", realm=\"hss.example\""), "{}", bench.sent[0].1);
    let given = "Contact: <sip:other@203.0.113.5>;expires=60, <sip:+862195588@198.51.100.9:5060>;expires=3000\r\n\
                 Service-Route: <sip:orig@scscf.example;lr>\r\nP-Associated-URI: <sip:+862195588@ims.example>, <tel:+862195588>\r\n";
    bench.answer(1, "REGISTER", 200, given);
    let shown = bench.registration();
    assert_eq!((shown.by, shown.refused), (Some(at(1)), None));
    assert_eq!(shown.until, Some(bench.now + Duration::from_secs(3_000)));
    assert_eq!(shown.service_route, ["<sip:orig@scscf.example;lr>"]);
    assert_eq!(shown.associated, ["<sip:+862195588@ims.example>", "<tel:+862195588>"]);
    bench.pass(2_399);
    assert_eq!(bench.sends(), "");
    bench.pass(1);
    let (_, again) = bench.sent[0].clone();
    let (m, again) = (Message::parse(first.as_bytes()).expect("ours"), Message::parse(again.as_bytes()).expect("ours"));
    assert_eq!(again.call_id(), m.call_id());
    assert!(again.cseq().map(|c| c.0) > m.cseq().map(|c| c.0 + 1), "after the one that answered the challenge");
    bench.answer(1, "REGISTER", 200, "Expires: 120\r\n");
    bench.pass(60);
    assert_eq!(bench.sends(), "1 REGISTER", "at half of what is short");
}

#[test]
fn a_longer_time_is_asked_for_once_and_the_next_sbc_is_tried_before_waiting() {
    let mut bench = Bench::new(trunk(HealthCheck::Register, true));
    bench.answer(1, "REGISTER", 423, "Min-Expires: 7200\r\n");
    assert!(bench.sent[0].1.contains("Expires: 7200\r\n"), "{}", bench.sent[0].1);
    bench.answer(1, "REGISTER", 503, "");
    assert_eq!(bench.health(), "unknown suspect");
    assert_eq!(bench.sent.len(), 1);
    bench.answer(2, "REGISTER", 200, "Expires: 7200\r\n");
    assert_eq!(bench.registration().by, Some(at(2)));
    // The refresh goes where we are registered; when that is silent, to the other; when both are, we wait, and stay registered.
    bench.pass(6_600);
    assert_eq!(bench.sends(), "2 REGISTER");
    bench.pass(32);
    assert_eq!(bench.sends(), "1 REGISTER");
    bench.pass(32);
    assert_eq!(bench.sends(), "", "backed off");
    let shown = bench.registration();
    assert!(shown.until.is_some_and(|u| u > bench.now) && shown.refused == Some(408), "{shown:?}");
    let wait = shown.next_at.expect("it goes on").since(bench.now).as_secs_f64();
    assert!((15.0 - 0.1..=30.0).contains(&wait), "half of 30 s to all of it: {wait}");
}

#[test]
fn who_is_refused_waits_ever_longer_and_never_more_than_half_an_hour() {
    let mut bench = Bench::new(trunk(HealthCheck::Register, true));
    let mut waits = vec![];
    for _ in 0..9 {
        bench.answer(1, "REGISTER", 403, "");
        let wait = bench.registration().next_at.expect("it goes on").since(bench.now);
        waits.push(wait.as_secs_f64());
        bench.pass(wait.as_secs() + 1);
    }
    for (n, wait) in waits.iter().enumerate() {
        let whole = (30.0 * f64::from(1u32 << n.min(6))).min(1_800.0);
        assert!((whole / 2.0..=whole).contains(wait), "attempt {n}: {wait} of {whole}");
    }
    // Retry-After is obeyed, within reason.
    bench.answer(1, "REGISTER", 503, "");
    bench.answer(2, "REGISTER", 503, "Retry-After: 1700;duration=3\r\n");
    assert!(bench.registration().next_at.expect("it goes on").since(bench.now) >= Duration::from_secs(1_700));
}

#[test]
fn a_new_configuration_lets_go_on_what_is_the_same_and_takes_leave_of_what_is_not() {
    let mut bench = Bench::new(trunk(HealthCheck::Register, true));
    bench.answer(1, "REGISTER", 200, "Expires: 3600\r\n");
    bench.carriers.follow(bench.now, &bench.trunks.clone(), &mut bench.sip);
    bench.pass(1);
    assert_eq!(bench.sends(), "", "nothing has changed");
    bench.trunks[0].registering.as_mut().expect("there").identity = "+862195599@ims.example".to_owned();
    bench.carriers.follow(bench.now, &bench.trunks.clone(), &mut bench.sip);
    bench.pass(0);
    assert!(bench.sent[0].1.contains("Expires: 0\r\n"), "leave is taken of the old one: {}", bench.sent[0].1);
    assert!(bench.sent[1].1.contains("sip:+862195599@ims.example"), "{}", bench.sent[1].1);
    bench.answer(1, "REGISTER", 200, "Expires: 3600\r\n");
    bench.trunks.clear();
    bench.carriers.follow(bench.now, &bench.trunks.clone(), &mut bench.sip);
    bench.pump();
    assert!(bench.sent.iter().any(|(_, t)| t.contains("Expires: 0\r\n") && t.contains("+862195599")));
    assert!(bench.carriers.shown().is_empty() && bench.carriers.next_timeout().is_none());
}

#[test]
fn calls_go_out_where_we_are_registered_then_by_those_that_live_and_by_weight() {
    let ways = |bench: &mut Bench| -> Vec<String> {
        let ways = bench.carriers.ways(bench.now, "ims", &mut bench.sip);
        ways.iter()
            .map(|w| format!("{}{}", w.at.ip().to_string().trim_start_matches("192.0.2."), w.routes.join("")))
            .collect()
    };
    let mut bench = Bench::new(trunk(HealthCheck::Options, false));
    assert_eq!(ways(&mut bench), ["1", "2"], "by priority");
    bench.answer(2, "OPTIONS", 200, "");
    bench.pass(4 + 5 + 5 + 5);
    assert_eq!((bench.health().as_str(), ways(&mut bench)), ("up down", vec!["2".to_owned(), "1".to_owned()]));
    assert!(bench.carriers.ways(bench.now, "other", &mut bench.sip).is_empty());

    let mut bench = Bench::new(trunk(HealthCheck::Register, true));
    bench.answer(1, "REGISTER", 503, "");
    bench.answer(2, "REGISTER", 200, "Expires: 600\r\nService-Route: <sip:orig@scscf;lr>\r\n");
    assert_eq!(ways(&mut bench), ["2<sip:orig@scscf;lr>", "1"], "its registration is with 2");
    bench.now = bench.now + Duration::from_secs(601);
    assert_eq!(ways(&mut bench), ["1", "2"], "and has ended");

    let mut weighed = trunk(HealthCheck::Passive, false);
    (weighed.sbcs[0].priority, weighed.sbcs[0].weight, weighed.sbcs[1].weight) = (1, 30, 10);
    let mut bench = Bench::new(weighed);
    let first = (0..4_000).filter(|_| ways(&mut bench)[0] == "2").count();
    assert!((2_800..3_200).contains(&first), "three of four: {first} of 4000");
}
