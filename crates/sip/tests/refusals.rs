//! What an endpoint answers of itself, and what it absorbs. `check(request, answers)`: a request told by what it differs in from a
//! plain one; the answers' status codes with the headers that matter.
mod world;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};
use switchboard_sip::{DialogId, Endpoint, Event, Invite, Output};
use switchboard_wire::sip::{Message, Name};

const NOW: Instant = Instant::from_millis(1_700_000_000_000);

struct Bench {
    endpoint: Endpoint,
    events: Vec<Event>,
    sent: Vec<(SocketAddr, String)>,
}

impl Bench {
    fn new() -> Bench {
        Bench::seeded(1)
    }
    fn seeded(seed: u64) -> Bench {
        Bench { endpoint: Endpoint::new(world::config(1, seed)), events: vec![], sent: vec![] }
    }
    fn feed(&mut self, text: &str) -> Vec<String> {
        self.endpoint.handle_datagram(NOW, FlowId(0), source(), text.as_bytes());
        self.drain()
    }
    fn drain(&mut self) -> Vec<String> {
        let mut answers = vec![];
        while let Some(output) = self.endpoint.poll() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Send { to, bytes, .. } => {
                    let text = String::from_utf8(bytes.to_vec()).expect("text");
                    answers.push(text.clone());
                    self.sent.push((to, text));
                }
            }
        }
        answers
    }
}

fn source() -> SocketAddr {
    "192.0.2.9:5099".parse().expect("an address")
}

/// A request; `extra` are whole header lines that replace plain ones of the same name or are added.
fn request(method: &str, extra: &[&str], body: &str) -> String {
    let plain = [
        "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKone".to_owned(),
        "Max-Forwards: 70".to_owned(),
        "From: <sip:c@d>;tag=f".to_owned(),
        "To: <sip:95588@192.0.2.1>".to_owned(),
        "Call-ID: one".to_owned(),
        format!("CSeq: 1 {method}"),
        "Contact: <sip:c@192.0.2.9:5099>".to_owned(),
    ];
    let name = |line: &str| line.split(':').next().unwrap_or("").to_owned();
    let mut text = format!("{method} sip:95588@192.0.2.1 SIP/2.0\r\n");
    for line in plain.iter().filter(|line| !extra.iter().any(|e| name(e) == name(line))) {
        text.push_str(&format!("{line}\r\n"));
    }
    for line in extra {
        text.push_str(&format!("{line}\r\n"));
    }
    format!("{text}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn shown(answers: &[String]) -> String {
    let shown: Vec<String> = answers
        .iter()
        .map(|text| {
            let m = Message::parse(text.as_bytes()).expect("what we write can be read");
            let mut out = m.code().map_or_else(|| m.request_uri().to_owned(), |c| c.to_string());
            for name in [Name::Allow, Name::Accept, Name::Unsupported] {
                if m.code() != Some(200) && m.get(name).is_some() {
                    out.push_str(&format!("+{}", name.long()));
                }
            }
            out
        })
        .collect();
    shown.join(" ")
}

#[test]
fn answered_without_the_owner() {
    let check = |method: &str, extra: &[&str], body: &str, wanted: &str| {
        let mut bench = Bench::new();
        let text = request(method, extra, body);
        let first = bench.feed(&text);
        assert_eq!(shown(&first), wanted, "{text}");
        assert_eq!(bench.feed(&text), first, "the same request has the same answer, tag included");
        assert_eq!(
            (bench.endpoint.dialogs(), bench.endpoint.transactions()),
            (0, 0),
            "a refusal leaves nothing behind"
        );
        assert!(bench.events.iter().all(|e| matches!(e, Event::Malformed { .. })), "{:?}", bench.events);
    };
    check("OPTIONS", &[], "", "200");
    check("MESSAGE", &[], "", "405+Allow");
    check("UPDATE", &[], "", "405+Allow");
    check("PRACK", &[], "", "481");
    check("REFER", &[], "", "405+Allow");
    check("SUBSCRIBE", &[], "", "405+Allow");
    check("FETCH", &[], "", "501");
    check("BYE", &[], "", "481");
    check("INFO", &[], "", "481");
    check("BYE", &["To: <sip:95588@x>;tag=wrong"], "", "481");
    check("INVITE", &["To: <sip:95588@x>;tag=wrong"], "", "481");
    check("CANCEL", &[], "", "481");
    check("INVITE", &["Max-Forwards: 0"], "", "483");
    check("INVITE", &["Content-Type: application/isup"], "x", "415+Accept");
    check("INVITE", &["Content-Type: application/sdp", "Content-Encoding: gzip"], "x", "415+Accept");
    check("INVITE", &["Accept: text/plain"], "", "406");
    check("INVITE", &["Require: precondition"], "", "420+Unsupported");
    check("OPTIONS", &["Require: a, b"], "", "420+Unsupported");
}

#[test]
fn a_strangers_invite_gets_one_answer_and_leaves_nothing() {
    let mut bench = Bench::new();
    let invite = request("INVITE", &["Content-Type: application/sdp"], std::str::from_utf8(world::SDP).expect("text"));
    let mut stranger = |text: &str| {
        bench.endpoint.handle_stranger(NOW, FlowId(0), source(), text.as_bytes());
        let answers = bench.drain();
        assert_eq!((bench.endpoint.dialogs(), bench.endpoint.transactions()), (0, 0));
        assert_eq!(bench.endpoint.next_timeout(), None, "nothing will be repeated");
        answers
    };
    let answers = stranger(&invite);
    assert_eq!(shown(&answers), "403");
    assert!(answers[0].len() <= 3 * invite.len());
    assert_eq!(stranger(&invite), answers, "the same each time");
    assert_eq!(shown(&stranger(&request("CANCEL", &[], ""))), "481");
    assert_eq!(stranger(&request("ACK", &[], "")), Vec::<String>::new());
}

#[test]
fn above_the_limit_an_invite_leaves_nothing_and_what_runs_goes_on() {
    let (mut bench, _, to) = talking(Bench::new());
    let before = (bench.endpoint.dialogs(), bench.endpoint.transactions());
    let flood = |n: u32| {
        let more = [format!("Call-ID: flood{n}"), format!("Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKf{n}")];
        request("INVITE", &[&more[0], &more[1]], "")
    };
    let mut first = vec![];
    for n in [0, 1, 2, 0] {
        bench.endpoint.handle_without_room(NOW, FlowId(0), source(), flood(n).as_bytes(), 503, Some(7));
        let answers = bench.drain();
        assert_eq!(shown(&answers), "503");
        assert!(answers[0].contains("Retry-After: 7\r\n") && answers[0].len() <= 3 * flood(n).len());
        assert_eq!((bench.endpoint.dialogs(), bench.endpoint.transactions()), before, "nothing is kept");
        if n == 0 {
            first.extend(answers);
        }
    }
    assert_eq!(first[0], first[1], "the same to the same");
    let bye = request("BYE", &[&to, "CSeq: 2 BYE", "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKbye"], "");
    bench.endpoint.handle_without_room(NOW, FlowId(0), source(), bye.as_bytes(), 503, Some(7));
    assert_eq!(shown(&bench.drain()), "200", "who talks may end it");
}

#[test]
fn who_may_start_no_call_may_still_speak_within_one() {
    let (mut bench, _, to) = talking(Bench::new());
    let text = request("BYE", &[&to, "CSeq: 2 BYE", "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKbye"], "");
    bench.endpoint.handle_stranger(NOW, FlowId(0), source(), text.as_bytes());
    assert_eq!(shown(&bench.drain()), "200");
    assert!(matches!(bench.events.last(), Some(Event::Ended { .. })));
}

#[test]
fn an_ack_is_never_answered() {
    for extra in [&[][..], &["CSeq: 1 INVITE"], &["To: <sip:x@y>;tag=01000000000123456789abcdef"]] {
        let mut bench = Bench::new();
        assert_eq!(bench.feed(&request("ACK", extra, "")), Vec::<String>::new());
        assert!(bench.events.is_empty());
    }
}

#[test]
fn responses_go_where_the_via_says() {
    let check = |via: &str, to: &str, echoed: &str| {
        let mut bench = Bench::new();
        bench.feed(&request("OPTIONS", &[&format!("Via: {via}")], ""));
        let (address, text) = &bench.sent[0];
        assert_eq!(address.to_string(), to, "{via}");
        assert_eq!(Message::parse(text.as_bytes()).expect("readable").get(Name::Via), Some(echoed));
    };
    check("SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa", "192.0.2.9:5060", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa");
    check(
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa",
        "192.0.2.9:5060",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.9",
    );
    check(
        "SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKa, SIP/2.0/UDP p2;branch=z9hG4bKb",
        "192.0.2.9:5099",
        "SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=192.0.2.9;rport=5099, SIP/2.0/UDP p2;branch=z9hG4bKb",
    );
}

#[test]
fn a_merged_request_is_a_loop() {
    // RFC 3261 §8.2.2.2.
    let mut bench = Bench::new();
    assert_eq!(shown(&bench.feed(&request("INVITE", &[], ""))), "100");
    assert_eq!(
        shown(&bench.feed(&request("INVITE", &["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKtwo"], ""))),
        "482"
    );
    let fork = ["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKtwo", "Call-ID: two"];
    assert_eq!(shown(&bench.feed(&request("INVITE", &fork, ""))), "100");
    // Another sender may draw the same branch (RFC 3261 §17.2.3).
    let other = ["Via: SIP/2.0/UDP 192.0.2.8:5099;branch=z9hG4bKone", "Call-ID: three"];
    assert_eq!(shown(&bench.feed(&request("INVITE", &other, ""))), "100");
    assert_eq!(bench.endpoint.dialogs(), 3);
}

fn ringing(mut bench: Bench) -> (Bench, DialogId) {
    bench.feed(&request("INVITE", &["Record-Route: <sip:192.0.2.50;lr>"], ""));
    let Event::Invite { dialog, .. } = bench.events.pop().expect("a call") else { panic!("a call") };
    (bench, dialog)
}

#[test]
fn a_repeated_invite_gets_the_last_response() {
    let (mut bench, dialog) = ringing(Bench::new());
    assert_eq!(shown(&bench.feed(&request("INVITE", &[], ""))), "100");
    bench.endpoint.progress(NOW, dialog, 180, None);
    let ringing = bench.drain();
    assert_eq!(bench.feed(&request("INVITE", &[], "")), ringing);
    bench.endpoint.reject(NOW, dialog, 486, &[("Reason", "Q.850;cause=17\r\nInjected: yes".to_owned())]);
    let busy = bench.drain();
    assert_eq!(bench.feed(&request("INVITE", &[], "")), busy);
    assert!(Message::parse(busy[0].as_bytes()).expect("readable").get_other("Injected").is_none());
    assert!(bench.events.is_empty());
    // Its ACK ends the repeating.
    let tag =
        Message::parse(busy[0].as_bytes()).expect("readable").to().and_then(|t| t.tag()).expect("a tag").to_owned();
    bench.feed(&request("ACK", &[&format!("To: <sip:95588@192.0.2.1>;tag={tag}")], ""));
    assert_eq!(bench.feed(&request("INVITE", &[], "")), Vec::<String>::new());
}

fn talking(bench: Bench) -> (Bench, DialogId, String) {
    let (mut bench, dialog) = ringing(bench);
    bench.endpoint.answer(NOW, dialog, bytes::Bytes::from_static(world::SDP)).expect("it rings");
    let ok = bench.drain();
    let m = Message::parse(ok[0].as_bytes()).expect("readable");
    assert_eq!(m.get(Name::RecordRoute), Some("<sip:192.0.2.50;lr>"), "a proxy that wants to stay is told so");
    assert_eq!(m.get(Name::Contact), Some("<sip:192.0.2.1:5060>"));
    let to = format!("To: {}", m.get(Name::To).expect("there"));
    bench.feed(&request("ACK", &[&to, "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKack"], ""));
    assert!(matches!(bench.events.pop(), Some(Event::Confirmed { sdp: None, .. })));
    (bench, dialog, to)
}

#[test]
fn inside_a_dialog() {
    let (mut bench, dialog, to) = talking(Bench::new());
    let mut n = 0;
    let mut check = |bench: &mut Bench, method: &str, cseq: u32, from: &str, wanted: &str| {
        n += 1;
        let (via, cseq) =
            (format!("Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKin{n}"), format!("CSeq: {cseq} {method}"));
        let text = request(method, &[&to, &via, &cseq, from], "");
        assert_eq!(shown(&bench.feed(&text)), wanted, "{text}");
    };
    let known = "From: <sip:c@d>;tag=f";
    check(&mut bench, "OPTIONS", 2, known, "200");
    check(&mut bench, "INFO", 3, known, "200");
    check(&mut bench, "INFO", 3, known, "200");
    check(&mut bench, "INFO", 2, known, "500");
    check(&mut bench, "UPDATE", 4, known, "200");
    check(&mut bench, "REFER", 4, known, "400");
    check(&mut bench, "BYE", 5, "From: <sip:c@d>;tag=stranger", "481");
    check(&mut bench, "INVITE", 6, known, "");
    assert!(matches!(bench.events.last(), Some(Event::Reoffer { sdp: None, .. })));
    check(&mut bench, "INVITE", 7, known, "500");
    assert!(bench.endpoint.answer(NOW, dialog, bytes::Bytes::from_static(world::SDP)).is_ok());
    assert_eq!(shown(&bench.drain()), "200");
    check(&mut bench, "INVITE", 8, known, "491");
    // Our requests take the way that was recorded.
    bench.endpoint.bye(NOW, dialog, None);
    assert_eq!(bench.drain(), Vec::<String>::new(), "BYE waits for the ACK of the 200 (RFC 3261 §15)");
    let old = ["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKold", "CSeq: 1 ACK", &to];
    assert_eq!(bench.feed(&request("ACK", &old, "")), Vec::<String>::new(), "the ACK of the first INVITE, late");
    assert!(!bench.events.iter().any(|e| matches!(e, Event::Confirmed { .. })));
    let ack =
        ["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKack2", "CSeq: 6 ACK", &to, "Content-Type: application/sdp"];
    let sent = bench.feed(&request("ACK", &ack, "v=0\r\n"));
    assert!(
        bench.events.iter().any(|e| matches!(e, Event::Confirmed { sdp: Some(sdp), .. } if &sdp[..] == b"v=0\r\n")),
        "{:?}",
        bench.events
    );
    let bye = Message::parse(sent[0].as_bytes()).expect("readable");
    assert_eq!(bye.get(Name::Route), Some("<sip:192.0.2.50;lr>"));
    assert_eq!(bye.request_uri(), "sip:c@192.0.2.9:5099");
    assert_eq!(bench.sent.last().expect("sent").0.to_string(), "192.0.2.50:5060");
}

#[test]
fn who_is_full_says_so_and_keeps_nothing() {
    let mut config = world::config(1, 1);
    config.dialogs_max = 1;
    let mut bench = Bench { endpoint: Endpoint::new(config), events: vec![], sent: vec![] };
    assert_eq!(shown(&bench.feed(&request("INVITE", &[], ""))), "100");
    let second = request("INVITE", &["Call-ID: two", "Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKtwo"], "");
    assert_eq!(shown(&bench.feed(&second)), "486");
    assert_eq!((bench.endpoint.dialogs(), bench.endpoint.transactions()), (1, 1));
}

#[test]
fn every_branch_of_a_fork_is_acknowledged_and_all_but_one_ended() {
    let mut bench = Bench::new();
    let dialog = bench.endpoint.invite(
        NOW,
        Invite {
            target: "sip:8001@192.0.2.9:5099".to_owned(),
            to_addr: source(),
            flow: FlowId(0),
            from_user: "95588".to_owned(),
            from_display: Some("a \"b".to_owned()),
            headers: vec![("X-Queue".to_owned(), "loans".to_owned())],
            sdp: None,
            credentials: None,
            terms: Default::default(),
        },
    );
    let invite = bench.drain().remove(0);
    let m = Message::parse(invite.as_bytes()).expect("readable");
    assert_eq!(m.from().map(|f| f.name().into_owned()).as_deref(), Some("a \"b"));
    assert_eq!(m.get_other("X-Queue"), Some("loans"));
    let ok = |tag: &str, port: u16| {
        let line = |name: Name| format!("{}: {}\r\n", name.long(), m.get(name).expect("there"));
        format!(
            "SIP/2.0 200 OK\r\n{}{}To: <sip:8001@x>;tag={tag}\r\n{}{}Contact: <sip:8001@10.0.0.1>\r\n\
             Record-Route: <sip:far;lr>, <sip:192.0.2.9:{port};lr>\r\n\r\n",
            line(Name::Via),
            line(Name::From),
            line(Name::CallId),
            line(Name::CSeq)
        )
    };
    let methods = |sent: Vec<String>| {
        sent.iter().map(|t| t.split(' ').next().unwrap_or("").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(methods(bench.feed(&ok("one", 1111))), "ACK");
    let (to, ack) = bench.sent.last().expect("sent");
    assert_eq!(to.port(), 1111, "the way back begins with the proxy nearest to us");
    let ack = Message::parse(ack.as_bytes()).expect("readable");
    assert_eq!(ack.all(Name::Route).collect::<Vec<_>>(), ["<sip:192.0.2.9:1111;lr>", "<sip:far;lr>"]);
    assert_eq!((ack.request_uri(), ack.cseq()), ("sip:8001@10.0.0.1", Some((1, "ACK"))));
    assert_eq!(methods(bench.feed(&ok("two", 2222))), "ACK BYE");
    assert_eq!(bench.sent.last().expect("sent").0.port(), 2222);
    assert_eq!(methods(bench.feed(&ok("one", 1111))), "ACK");
    assert_eq!(methods(bench.feed(&ok("two", 2222))), "ACK");
    assert_eq!(bench.events, [Event::Answered { dialog, sdp: None }]);
}

#[test]
fn an_address_that_cannot_be_reached_refuses_at_once() {
    let mut bench = Bench::new();
    let invite = Invite {
        target: "sip:a@192.0.2.9".to_owned(),
        to_addr: source(),
        flow: FlowId(0),
        from_user: "x".to_owned(),
        from_display: None,
        headers: vec![],
        sdp: None,
        credentials: None,
        terms: Default::default(),
    };
    let dialog = bench.endpoint.invite(NOW, invite);
    bench.endpoint.handle_unreachable(NOW, FlowId::UDP, "192.0.2.8:1".parse().expect("an address"));
    bench.drain();
    assert!(bench.events.is_empty());
    bench.endpoint.handle_unreachable(NOW, FlowId::UDP, source());
    bench.drain();
    assert_eq!(bench.events, [Event::Refused { dialog, code: 503, retry_after: None, reason: None, contacts: vec![] }]);
    assert_eq!((bench.endpoint.dialogs(), bench.endpoint.transactions()), (0, 0));
}

#[test]
fn a_reinvite_that_is_heard_but_never_answered_ends_the_dialog() {
    let (mut bench, dialog, _) = talking(Bench::new());
    bench.endpoint.reinvite(NOW, dialog, bytes::Bytes::from_static(world::SDP));
    let invite = bench.drain().remove(0);
    bench.feed(&response_to(&invite, "100 Trying"));
    let later = bench.endpoint.next_timeout().expect("it does not wait for ever");
    assert_eq!(later.ms_since(NOW), 32_000);
    bench.endpoint.handle_timeout(later);
    assert!(bench.drain()[0].starts_with("BYE "));
    assert_eq!(bench.events.pop(), Some(Event::Ended { dialog, why: switchboard_sip::EndedWhy::NoResponse }));
}

fn response_to(request: &str, status: &str) -> String {
    let m = Message::parse(request.as_bytes()).expect("readable");
    let lines: Vec<String> = [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq]
        .iter()
        .map(|n| format!("{}: {}\r\n", n.long(), m.get(*n).expect("there")))
        .collect();
    format!("SIP/2.0 {status}\r\n{}\r\n", lines.concat())
}

#[test]
fn two_things_of_one_dialog_that_are_due_at_once_are_both_done() {
    // Which of them is due first is chance: 10 ms to 2 s after the 491, 500 ms after the 200.
    for seed in 0..20 {
        both_due(talking(Bench::seeded(seed)));
    }
}

fn both_due((mut bench, dialog, to): (Bench, DialogId, String)) {
    bench.endpoint.reinvite(NOW, dialog, bytes::Bytes::from_static(world::SDP));
    let invite = bench.drain().remove(0);
    bench.feed(&response_to(&invite, "491 Request Pending"));
    let again = ["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKagain", "CSeq: 2 INVITE", &to];
    bench.feed(&request("INVITE", &again, ""));
    bench.endpoint.answer(NOW, dialog, bytes::Bytes::from_static(world::SDP)).expect("a re-INVITE waits");
    bench.drain();
    // The clock's owner is late: our waiting after 491 is over, and the 200 is to be sent again.
    bench.endpoint.handle_timeout(NOW + std::time::Duration::from_secs(10));
    assert_eq!(shown(&bench.drain()), "200");
    // The ACK comes, and our re-INVITE follows.
    let ack = ["Via: SIP/2.0/UDP 192.0.2.9:5099;branch=z9hG4bKack2", "CSeq: 2 ACK", &to];
    assert!(bench.feed(&request("ACK", &ack, ""))[0].starts_with("INVITE "));
}
