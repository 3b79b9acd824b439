//! What changes or refreshes a session from outside: session timers (RFC 4028), UPDATE (RFC 3311), keys by INFO. A caller's messages are
//! written by hand, time is made up; after each step the endpoint is replaced by one restored from its records.
mod world;
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};
use switchboard_sip::{DialogId, EndedWhy, Endpoint, EndpointConfig, Event, Invite, Output, Terms};
use switchboard_wire::sip::{Message, Name};

struct Bench {
    config: EndpointConfig,
    endpoint: Endpoint,
    now: Instant,
    dialog: DialogId,
    /// To with our tag, once it is known.
    to: String,
    events: Vec<Event>,
    sent: Vec<String>,
    n: u32,
}

fn source() -> SocketAddr {
    "192.0.2.9:5099".parse().expect("an address")
}

impl Bench {
    /// A caller's INVITE with these header lines, which rings.
    fn ringing(extra: &[&str]) -> Bench {
        let config = world::config(1, 1);
        let mut bench = Bench {
            endpoint: Endpoint::new(config.clone()),
            config,
            now: Instant::from_millis(1_700_000_000_000),
            dialog: DialogId(0),
            to: "<sip:95588@192.0.2.1>".to_owned(),
            events: vec![],
            sent: vec![],
            n: 0,
        };
        bench.ask("INVITE", 1, extra, "");
        if let Some(Event::Invite { dialog, .. }) = bench.events.first() {
            bench.dialog = *dialog;
        }
        bench
    }

    /// The same, answered and acknowledged.
    fn talking(extra: &[&str]) -> Bench {
        let mut bench = Bench::ringing(extra);
        bench.answer();
        bench.to = bench.last_header(Name::To).expect("a response has To");
        bench.ask("ACK", 1, &[], "");
        assert!(matches!(bench.events.last(), Some(Event::Confirmed { .. })), "{:?}", bench.events);
        bench
    }

    fn ask(&mut self, method: &str, cseq: u32, extra: &[&str], body: &str) {
        self.n += 1;
        self.ask_again(method, cseq, extra, body);
    }
    /// In the transaction of the last request.
    fn ask_again(&mut self, method: &str, cseq: u32, extra: &[&str], body: &str) {
        let (to, n) = (&self.to, self.n);
        let mut text = format!(
            "{method} sip:95588@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n\
             From: <sip:c@d>;tag=f\r\nTo: {to}\r\nCall-ID: one\r\nCSeq: {cseq} {method}\r\nContact: <sip:c@192.0.2.9:5099>\r\n"
        );
        for line in extra {
            text.push_str(&format!("{line}\r\n"));
        }
        if !body.is_empty() && !extra.iter().any(|l| l.starts_with("Content-Type")) {
            text.push_str("Content-Type: application/sdp\r\n");
        }
        text.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        self.endpoint.handle_datagram(self.now, FlowId(0), source(), text.as_bytes());
        self.drain();
    }

    fn answer(&mut self) {
        self.endpoint.answer(self.now, self.dialog, Bytes::from_static(world::SDP)).expect("it waits for an answer");
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Send { bytes, .. } => self.sent.push(String::from_utf8(bytes.to_vec()).expect("text")),
            }
        }
        let restored = Endpoint::restore(self.config.clone(), &self.endpoint.records()).expect("what was just written");
        assert_eq!(restored.records(), self.endpoint.records(), "restored records are the same");
        self.endpoint = restored;
    }

    /// Time passes; every timer has its turn.
    fn seconds(&mut self, s: u64) {
        let until = self.now + std::time::Duration::from_secs(s);
        while let Some(at) = self.endpoint.next_timeout().filter(|at| *at <= until) {
            self.now = at;
            self.endpoint.handle_timeout(at);
            self.drain();
        }
        self.now = until;
    }

    /// The first lines of what was sent since this was last asked, shortened: `200`, `BYE`.
    fn said(&mut self) -> String {
        let word = |text: &String| {
            let m = Message::parse(text.as_bytes()).expect("what we write can be read");
            m.code().map_or_else(|| text.split(' ').next().unwrap_or("").to_owned(), |c| c.to_string())
        };
        let said: Vec<String> = std::mem::take(&mut self.sent).iter().map(word).collect();
        said.join(" ")
    }
    fn last_header(&self, name: Name) -> Option<String> {
        let message = Message::parse(self.sent.last()?.as_bytes()).expect("readable");
        message.get(name).map(str::to_owned)
    }
    fn ended(&self) -> bool {
        self.events.iter().any(|e| matches!(e, Event::Ended { why: EndedWhy::NoResponse, .. }))
    }
    fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.iter().filter(|e| is(e)).count()
    }
}

const TIMER: [&str; 2] = ["Supported: timer", "Session-Expires: 1800;refresher=uac"];

#[test]
fn a_session_that_they_do_not_refresh_is_ended() {
    let mut bench = Bench::ringing(&TIMER);
    bench.answer();
    assert_eq!(bench.last_header(Name::SessionExpires).as_deref(), Some("1800;refresher=uac"));
    assert_eq!(bench.last_header(Name::Require).as_deref(), Some("timer"));
    let mut bench = Bench::talking(&TIMER);
    bench.said();
    bench.seconds(1_767);
    assert!(!bench.ended() && bench.said().is_empty());
    bench.seconds(2);
    assert!(bench.ended() && bench.said().starts_with("BYE"), "1 800 s less 32 s");
}

#[test]
fn a_reinvite_or_an_update_refreshes_and_one_without_a_timer_ends_it() {
    for method in ["INVITE", "UPDATE"] {
        let mut bench = Bench::talking(&TIMER);
        bench.seconds(900);
        let body = if method == "INVITE" { std::str::from_utf8(world::SDP).expect("text") } else { "" };
        bench.ask(method, 2, &TIMER, body);
        if method == "INVITE" {
            bench.answer();
        }
        assert_eq!(bench.last_header(Name::SessionExpires).as_deref(), Some("1800;refresher=uac"), "{method}");
        if method == "INVITE" {
            bench.ask("ACK", 2, &[], "");
        }
        bench.seconds(1_700);
        assert!(!bench.ended(), "{method}");
        bench.seconds(100);
        assert!(bench.ended(), "{method}");

        let mut bench = Bench::talking(&TIMER);
        bench.ask(method, 2, &[], body);
        if method == "INVITE" {
            bench.answer();
            bench.ask("ACK", 2, &[], "");
        }
        bench.seconds(100_000);
        assert!(!bench.ended(), "{method} without Session-Expires");
    }
}

#[test]
fn a_refused_reinvite_leaves_the_timer_as_it_was() {
    let mut bench = Bench::talking(&TIMER);
    bench.seconds(900);
    bench.ask(
        "INVITE",
        2,
        &["Supported: timer", "Session-Expires: 7200"],
        std::str::from_utf8(world::SDP).expect("text"),
    );
    bench.endpoint.reject(bench.now, bench.dialog, 488, &[]);
    bench.drain();
    bench.ask("ACK", 2, &[], "");
    bench.seconds(900);
    assert!(bench.ended());
}

#[test]
fn we_refresh_when_they_say_so() {
    let mut bench = Bench::talking(&["Supported: timer", "Session-Expires: 1800;refresher=uas"]);
    bench.said();
    let due = |b: &Bench| b.count(|e| matches!(e, Event::RefreshDue { .. }));
    bench.seconds(899);
    assert_eq!(due(&bench), 0);
    bench.seconds(2);
    assert_eq!(due(&bench), 1);
    bench.endpoint.reinvite(bench.now, bench.dialog, Bytes::from_static(world::SDP));
    bench.drain();
    assert_eq!(bench.last_header(Name::SessionExpires).as_deref(), Some("1800;refresher=uac"), "uac is who sends it");
    assert_eq!(bench.last_header(Name::Supported).as_deref(), Some("timer"));
    let invite = bench.sent.last().expect("sent").clone();
    let m = Message::parse(invite.as_bytes()).expect("readable");
    let line = |name: Name| format!("{}: {}\r\n", name.long(), m.get(name).expect("there"));
    let lines: String = [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq].map(line).concat();
    let ok = format!("SIP/2.0 200 OK\r\n{lines}Session-Expires: 1800;refresher=uac\r\nRequire: timer\r\n\r\n");
    bench.endpoint.handle_datagram(bench.now, FlowId(0), source(), ok.as_bytes());
    bench.drain();
    bench.seconds(899);
    assert_eq!(due(&bench), 1);
    bench.seconds(2);
    assert_eq!(due(&bench), 2, "again at half of the new interval");
    // An owner who does nothing about it loses the call in the end.
    bench.seconds(880);
    assert!(bench.ended());
}

#[test]
fn an_interval_below_90_s_is_refused() {
    let short = ["Supported: timer", "Session-Expires: 60"];
    let mut bench = Bench::ringing(&short);
    assert_eq!(bench.last_header(Name::MinSe).as_deref(), Some("90"));
    assert_eq!((bench.said().as_str(), bench.endpoint.dialogs()), ("422", 0));
    for method in ["INVITE", "UPDATE"] {
        let mut bench = Bench::talking(&[]);
        bench.said();
        bench.ask(method, 2, &short, "");
        assert_eq!(bench.said(), "422", "{method}");
    }
    // Require: timer asks for what we know.
    let mut bench = Bench::ringing(&["Require: timer", "Session-Expires: 90"]);
    assert_eq!(bench.said(), "100");
}

#[test]
fn update_refreshes_or_offers() {
    let sdp = std::str::from_utf8(world::SDP).expect("text");
    let reoffers = |b: &Bench| b.count(|e| matches!(e, Event::Reoffer { sdp: Some(_), .. }));
    let mut bench = Bench::talking(&[]);
    bench.said();
    bench.ask("UPDATE", 2, &[], "");
    assert_eq!(bench.last_header(Name::Contact).as_deref(), Some("<sip:192.0.2.1:5060>"));
    assert_eq!((bench.said().as_str(), reoffers(&bench)), ("200", 0));
    // With an offer the owner answers, and nobody acknowledges.
    bench.ask("UPDATE", 3, &[], sdp);
    assert_eq!((bench.said().as_str(), reoffers(&bench)), ("", 1));
    // Another one meanwhile, and a re-INVITE of ours, have to wait.
    bench.n += 1;
    bench.ask_again("UPDATE", 4, &[], sdp);
    assert_eq!(bench.said(), "500");
    bench.endpoint.reinvite(bench.now, bench.dialog, Bytes::from_static(world::SDP));
    bench.drain();
    assert_eq!(bench.said(), "");
    bench.answer();
    assert!(bench.sent[0].starts_with("SIP/2.0 200") && bench.sent[0].ends_with(sdp));
    assert_eq!(bench.said(), "200 INVITE");
    // While ours is on its way, theirs gets 491.
    bench.ask("UPDATE", 5, &[], sdp);
    assert_eq!((bench.said().as_str(), reoffers(&bench)), ("491", 1));
    bench.ask("UPDATE", 6, &["Content-Type: text/plain"], "hello");
    assert_eq!(bench.said(), "415");
}

#[test]
fn an_updates_answer_is_sent_again_to_the_same_update_only() {
    let sdp = std::str::from_utf8(world::SDP).expect("text");
    let mut bench = Bench::talking(&[]);
    bench.said();
    bench.ask("UPDATE", 2, &[], sdp);
    bench.answer();
    assert_eq!(bench.said(), "200");
    bench.ask_again("UPDATE", 2, &[], sdp);
    assert_eq!(bench.said(), "200");
    assert_eq!(bench.count(|e| matches!(e, Event::Reoffer { .. })), 1);
    bench.seconds(40);
    assert_eq!(bench.said(), "", "a 200 to UPDATE waits for no ACK");
    bench.ask("UPDATE", 3, &[], sdp);
    bench.endpoint.reject(bench.now, bench.dialog, 488, &[]);
    bench.drain();
    assert_eq!(bench.said(), "488");
}

#[test]
fn an_update_before_the_answer_changes_no_session() {
    let mut bench = Bench::ringing(&[]);
    bench.endpoint.progress(bench.now, bench.dialog, 180, None);
    bench.drain();
    bench.to = bench.last_header(Name::To).expect("a response has To");
    bench.said();
    bench.ask("UPDATE", 2, &[], "");
    assert_eq!(bench.said(), "200");
    bench.ask("UPDATE", 3, &[], std::str::from_utf8(world::SDP).expect("text"));
    assert_eq!(bench.said(), "500", "our answer to the INVITE's offer comes first (RFC 3311 §5.2)");
}

#[test]
fn a_key_by_info_is_told_once() {
    let mut bench = Bench::talking(&[]);
    bench.said();
    let relay = ["Content-Type: application/dtmf-relay"];
    let keys = |b: &Bench| b.count(|e| matches!(e, Event::Key { .. }));
    bench.ask("INFO", 2, &relay, "Signal=5\r\nDuration=160\r\n");
    bench.ask_again("INFO", 2, &relay, "Signal=5\r\nDuration=160\r\n");
    assert_eq!((bench.said().as_str(), keys(&bench)), ("200 200", 1), "one that comes again is no second key");
    bench.ask("INFO", 3, &relay, "Signal=5\r\nDuration=160\r\n");
    assert_eq!(keys(&bench), 2);
    bench.ask("INFO", 4, &["Content-Type: text/plain"], "5");
    assert_eq!((bench.said().as_str(), keys(&bench)), ("200 200", 2));
}

/// A call of ours that asks for a timer, and a carrier's answers to it, written by hand.
#[test]
fn a_call_of_ours_asks_for_a_timer_takes_a_longer_one_and_refreshes_it() {
    let mut phone = Endpoint::new(world::config(1, 1));
    let mut now = Instant::from_millis(1_700_000_000_000);
    let terms = Terms { session_s: Some(1_800), max_forwards: 7, ..Terms::default() };
    let invite = Invite {
        target: "sip:02162340001@192.0.2.9".to_owned(),
        to_addr: source(),
        flow: FlowId(0),
        from_user: "95588".to_owned(),
        from_display: None,
        headers: vec![],
        sdp: Some(Bytes::from_static(world::SDP)),
        credentials: None,
        terms: terms.clone(),
    };
    let dialog = phone.invite(now, invite);
    let said = |phone: &mut Endpoint| -> (Vec<String>, Vec<Event>) {
        let (mut sent, mut events) = (vec![], vec![]);
        while let Some(output) = phone.poll() {
            match output {
                Output::Send { bytes, .. } => sent.push(String::from_utf8(bytes.to_vec()).expect("text")),
                Output::Event(event) => events.push(event),
            }
        }
        (sent, events)
    };
    let answer = |request: &str, code: u16, more: &str, body: &[u8]| {
        let lines: Vec<&str> = request
            .lines()
            .filter(|l| ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|n| l.starts_with(n)))
            .collect();
        let (head, kind) =
            (lines.join("\r\n").replace("@192.0.2.9>", "@192.0.2.9>;tag=t"), "Content-Type: application/sdp");
        let body = String::from_utf8_lossy(body);
        format!(
            "SIP/2.0 {code} x\r\n{head}\r\nContact: <sip:sbc@192.0.2.9:5099>\r\n{more}{kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let (first, _) = said(&mut phone);
    assert!(first[0].contains("Max-Forwards: 7\r\n") && first[0].contains("Session-Expires: 1800\r\n"), "{}", first[0]);
    assert!(first[0].contains("Supported: timer\r\n") && first[0].contains("Min-SE: 90\r\n"), "{}", first[0]);
    phone.handle_datagram(now, FlowId(0), source(), answer(&first[0], 422, "Min-SE: 3600\r\n", b"").as_bytes());
    let (second, events) = said(&mut phone);
    assert!(events.is_empty() && second[1].contains("Session-Expires: 3600\r\n"), "{second:?} {events:?}");
    assert!(second[1].contains("Min-SE: 3600\r\n") && second[1].contains("CSeq: 2 INVITE"), "{}", second[1]);
    let ok = answer(&second[1], 200, "Require: timer\r\nSession-Expires: 3600;refresher=uac\r\n", world::SDP);
    phone.handle_datagram(now, FlowId(0), source(), ok.as_bytes());
    let (third, events) = said(&mut phone);
    assert!(third[0].starts_with("ACK ") && matches!(&events[..], [Event::Answered { dialog: d, .. }] if *d == dialog));
    let mut phone = Endpoint::restore(world::config(1, 1), &phone.records()).expect("its own records");
    now = now + std::time::Duration::from_secs(1_800);
    phone.handle_timeout(now);
    let (_, events) = said(&mut phone);
    assert_eq!(events, [Event::RefreshDue { dialog }], "half of it is over, and we refresh");
    // One that asks for less than was offered asks for nothing that could be given.
    let mut stubborn = Endpoint::new(world::config(1, 1));
    let invite = Invite {
        target: "sip:1@192.0.2.9".to_owned(),
        to_addr: source(),
        flow: FlowId(0),
        from_user: "1".to_owned(),
        from_display: None,
        headers: vec![],
        sdp: None,
        credentials: None,
        terms,
    };
    let dialog = stubborn.invite(now, invite);
    let (sent, _) = said(&mut stubborn);
    stubborn.handle_datagram(now, FlowId(0), source(), answer(&sent[0], 422, "Min-SE: 1800\r\n", b"").as_bytes());
    let (sent, events) = said(&mut stubborn);
    assert_eq!(sent.len(), 1, "the ACK alone");
    assert!(matches!(&events[..], [Event::Refused { dialog: d, code: 422, .. }] if *d == dialog), "{events:?}");
}

/// What an endpoint says next: messages as text, and events.
fn said_by(endpoint: &mut Endpoint) -> (Vec<String>, Vec<Event>) {
    let (mut sent, mut events) = (vec![], vec![]);
    while let Some(output) = endpoint.poll() {
        match output {
            Output::Send { bytes, .. } => sent.push(String::from_utf8(bytes.to_vec()).expect("text")),
            Output::Event(event) => events.push(event),
        }
    }
    (sent, events)
}

#[test]
fn what_a_carrier_says_reliably_is_acknowledged_in_order_and_its_early_answer_counts() {
    let now = Instant::from_millis(1_700_000_000_000);
    let mut phone = Endpoint::new(world::config(1, 1));
    let dialog = phone.invite(
        now,
        Invite {
            target: "sip:02162340001@192.0.2.9".to_owned(),
            to_addr: source(),
            flow: FlowId(0),
            from_user: "95588".to_owned(),
            from_display: None,
            headers: vec![],
            sdp: Some(Bytes::from_static(world::SDP)),
            credentials: None,
            terms: Terms { reliable: true, ..Terms::default() },
        },
    );
    let (sent, _) = said_by(&mut phone);
    let invite = sent[0].clone();
    assert!(invite.contains("Supported: 100rel\r\n"), "{invite}");
    let mut hears = |code: u16, tag: &str, more: &str, body: &str| {
        let names = ["Via:", "From:", "Call-ID:", "CSeq:"];
        let lines: Vec<&str> = invite.lines().filter(|l| names.iter().any(|n| l.starts_with(n))).collect();
        let text = format!(
            "SIP/2.0 {code} x\r\n{}\r\nTo: <sip:02162340001@192.0.2.9>;tag={tag}\r\nContact: <sip:{tag}@192.0.2.9:5099>\r\n\
             Record-Route: <sip:192.0.2.9:5099;lr;{tag}>\r\n{more}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            lines.join("\r\n"),
            body.len()
        );
        phone.handle_datagram(now, FlowId(0), source(), text.as_bytes());
        let all = said_by(&mut phone);
        phone = Endpoint::restore(world::config(1, 1), &phone.records()).expect("its own records");
        all
    };
    let reliable = |n: u32| format!("Require: 100rel\r\nRSeq: {n}\r\n");
    let (early, other) = ("v=0\r\no=- 1 1 IN IP4 192.0.2.30\r\n", "v=0\r\no=- 1 1 IN IP4 192.0.2.31\r\n");
    let (sent, events) = hears(183, "a", &reliable(7), early);
    assert!(matches!(&events[..], [Event::Progress { code: 183, sdp: Some(_), .. }]), "{events:?}");
    assert!(sent[0].starts_with("PRACK sip:a@192.0.2.9:5099 ") && sent.len() == 1, "{sent:?}");
    assert!(sent[0].contains("RAck: 7 1 INVITE\r\n") && sent[0].contains("CSeq: 2 PRACK\r\n"), "{}", sent[0]);
    assert!(sent[0].contains(";tag=a\r\n") && sent[0].contains("Route: <sip:192.0.2.9:5099;lr;a>\r\n"), "{}", sent[0]);
    assert_eq!(hears(183, "a", &reliable(7), early), (vec![], vec![]), "it came again, and PRACK repeats itself");
    assert_eq!(hears(183, "a", &reliable(9), ""), (vec![], vec![]), "8 is missing");
    let (sent, events) = hears(183, "b", &reliable(40), other);
    assert!(sent[0].contains("RAck: 40 1 INVITE\r\n") && sent[0].contains("CSeq: 3 PRACK\r\n"), "{sent:?} {events:?}");
    let (sent, events) = hears(180, "a", &reliable(8), "");
    assert!(sent[0].contains("RAck: 8 1 INVITE\r\n") && sent[0].contains("CSeq: 4 PRACK\r\n"), "{sent:?} {events:?}");
    // Not every 1xx wants it, also of a branch that did.
    let (sent, events) = hears(180, "a", "", "");
    assert!(sent.is_empty() && matches!(&events[..], [Event::Progress { code: 180, .. }]), "{sent:?} {events:?}");
    let (sent, events) = hears(200, "a", "", "");
    assert!(sent[0].starts_with("ACK ") && sent[0].contains("CSeq: 1 ACK\r\n"), "{sent:?}");
    let answer = Some(Bytes::copy_from_slice(early.as_bytes()));
    assert_eq!(
        events,
        [Event::Answered { dialog, sdp: answer }],
        "the answer that branch a gave early, and no other's"
    );
    phone.bye(now, dialog, None);
    let (sent, _) = said_by(&mut phone);
    assert!(sent[0].starts_with("BYE ") && sent[0].contains("CSeq: 5 BYE\r\n"), "beyond the PRACKs: {sent:?}");
}

#[test]
fn who_requires_acknowledged_progress_gets_none_and_is_answered() {
    let mut bench = Bench::ringing(&["Require: 100rel"]);
    let before = bench.sent.len();
    bench.endpoint.progress(bench.now, bench.dialog, 180, None);
    bench.drain();
    assert_eq!(bench.sent.len(), before, "no 180 that he could not acknowledge (RFC 3262 §3): {:?}", bench.sent);
    bench.answer();
    assert!(bench.sent.last().is_some_and(|m| m.starts_with("SIP/2.0 200 ")), "{:?}", bench.sent);
    bench.to = bench.last_header(Name::To).expect("a response has To");
    bench.ask("ACK", 1, &[], "");
    bench.ask("PRACK", 2, &["RAck: 1 1 INVITE"], "");
    assert!(bench.sent.last().is_some_and(|m| m.starts_with("SIP/2.0 481 ")), "{:?}", bench.sent);
    // Who rings for a caller that does not require it is heard ringing.
    let mut bench = Bench::ringing(&["Supported: 100rel"]);
    bench.endpoint.progress(bench.now, bench.dialog, 180, None);
    bench.drain();
    assert!(bench.sent.last().is_some_and(|m| m.starts_with("SIP/2.0 180 ")), "{:?}", bench.sent);
}
