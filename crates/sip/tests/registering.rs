//! A telephone's endpoint and a registrar behind another endpoint: REGISTER with digest, refreshed, refused, expired, restored.
mod world;
use bytes::Bytes;
use std::time::Duration;
use switchboard_model::{Chance, FlowId, Instant, Record};
use switchboard_sip::digest::Algorithm;
use switchboard_sip::registrar::{Account, Password, Registrar, RegistrarConfig};
use switchboard_sip::{Credentials, Endpoint, Event, OutRequest, Output, Request};

const START: Instant = Instant::from_millis(1_700_000_000_000);

struct Office {
    now: Instant,
    phone: Endpoint,
    floor: Endpoint,
    registrar: Registrar,
    changes: Vec<String>,
    requests: Vec<Request>,
    codes: Vec<u16>,
}

fn config() -> RegistrarConfig {
    RegistrarConfig::new("office", Chance::from_number(5))
}
fn accounts() -> Vec<Account> {
    let account = |user: &str, password| Account { user: user.to_owned(), password };
    vec![
        account("8001", Password::Plain("secret".to_owned())),
        account("8002", Password::Ha1 { md5: Some(Algorithm::Md5.ha1("8002", "office", "secret")), sha256: None }),
        account("8003", Password::Ha1 { md5: None, sha256: Some(Algorithm::Sha256.ha1("8003", "office", "secret")) }),
    ]
}

impl Office {
    fn new() -> Office {
        Office {
            now: START,
            phone: Endpoint::new(world::config(1, 1)),
            floor: Endpoint::new(world::config(2, 2)),
            registrar: Registrar::new(config(), accounts()),
            changes: vec![],
            requests: vec![],
            codes: vec![],
        }
    }

    /// Returns the final status, and after it the number of contacts the 200 names.
    fn register(&mut self, user: &str, password: &str, headers: &[(&str, &str)]) -> (u16, usize) {
        let request = OutRequest {
            method: "REGISTER".to_owned(),
            target: "sip:192.0.2.2".to_owned(),
            to_addr: "192.0.2.2:5060".parse().expect("an address"),
            flow: FlowId(0),
            from_user: user.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
            body: Bytes::new(),
            credentials: Some(Credentials { user: user.to_owned(), password: password.to_owned() }),
        };
        self.phone.request(self.now, request);
        let mut answer = None;
        for _ in 0..4 {
            while let Some(output) = self.phone.poll() {
                match output {
                    Output::Send { bytes, .. } => {
                        self.floor.handle_datagram(
                            self.now,
                            FlowId(0),
                            "192.0.2.1:5060".parse().expect("an address"),
                            &bytes,
                        );
                    }
                    Output::Event(Event::Response { code, headers, .. }) => {
                        answer = Some((code, headers.iter().filter(|(n, _)| n == "Contact").count()));
                    }
                    Output::Event(event) => panic!("{event:?}"),
                }
            }
            while let Some(output) = self.floor.poll() {
                match output {
                    Output::Send { bytes, .. } => {
                        self.phone.handle_datagram(
                            self.now,
                            FlowId(0),
                            "192.0.2.2:5060".parse().expect("an address"),
                            &bytes,
                        );
                    }
                    Output::Event(Event::Request(request)) => {
                        let answer = self.registrar.handle(self.now, &request);
                        self.codes.push(answer.code);
                        self.changes.extend(answer.changed);
                        self.floor.respond(self.now, request.request, answer.code, answer.headers, Bytes::new());
                        self.requests.push(*request);
                    }
                    Output::Event(event) => panic!("{event:?}"),
                }
            }
        }
        answer.expect("an answer")
    }

    fn uris(&self, user: &str) -> Vec<&str> {
        self.registrar.contacts(user).iter().map(|c| c.uri.as_str()).collect()
    }
}

const DESK: (&str, &str) = ("Contact", "<sip:8001@10.0.0.7:5062>");

#[test]
fn passwords() {
    let check = |user: &str, password: &str, wanted: u16| {
        let mut office = Office::new();
        assert_eq!(office.register(user, password, &[DESK]).0, wanted, "{user} {password}");
        assert_eq!(office.registrar.contacts(user).len(), usize::from(wanted == 200));
        assert_eq!(office.codes, [401, wanted], "asked once, answered once");
    };
    check("8001", "secret", 200);
    check("8002", "secret", 200);
    check("8003", "secret", 200);
    check("8001", "wrong", 401);
    check("8002", "wrong", 401);
    check("nobody", "secret", 401);
}

#[test]
fn a_binding_comes_is_refreshed_moves_and_goes() {
    let mut office = Office::new();
    assert_eq!(office.register("8001", "secret", &[DESK, ("Expires", "120")]), (200, 1));
    assert_eq!(office.changes, ["8001"]);
    let contact = office.registrar.contacts("8001")[0].clone();
    assert_eq!(contact.source.to_string(), "192.0.2.1:5060", "the way through the NAT is where it came from");
    assert_eq!(contact.expires_at, START + Duration::from_secs(120));
    // A refresh is no change.
    office.now = START + Duration::from_secs(60);
    assert_eq!(office.register("8001", "secret", &[DESK, ("Expires", "120")]), (200, 1));
    assert_eq!(office.changes, ["8001"]);
    // A second telephone; the last one is rung first.
    assert_eq!(office.register("8001", "secret", &[("Contact", "<sip:8001@10.0.0.8>;expires=600")]), (200, 2));
    assert_eq!(office.uris("8001"), ["sip:8001@10.0.0.8", "sip:8001@10.0.0.7:5062"]);
    // The first is not refreshed any more.
    assert_eq!(office.registrar.next_timeout(), Some(START + Duration::from_secs(180)));
    assert_eq!(office.registrar.handle_timeout(START + Duration::from_secs(179)), Vec::<String>::new());
    assert_eq!(office.registrar.handle_timeout(START + Duration::from_secs(180)), ["8001"]);
    assert_eq!(office.uris("8001"), ["sip:8001@10.0.0.8"]);
    // Asking without a contact shows and changes nothing.
    assert_eq!(office.register("8001", "secret", &[]), (200, 1));
    assert_eq!(office.register("8001", "secret", &[("Contact", "*"), ("Expires", "0")]), (200, 0));
    assert_eq!(office.changes, ["8001", "8001", "8001"]);
    assert!(office.uris("8001").is_empty());
}

#[test]
fn what_is_refused() {
    let check = |headers: &[(&str, &str)], wanted: u16| {
        let mut office = Office::new();
        assert_eq!(office.register("8001", "secret", headers).0, wanted, "{headers:?}");
        assert!(office.uris("8001").is_empty());
    };
    check(&[DESK, ("Expires", "30")], 423);
    check(&[("Contact", "<sip:8001@h>;expires=1")], 423);
    check(&[("Contact", "*")], 400);
    check(&[("Contact", "*"), DESK, ("Expires", "0")], 400);
    check(&[("Contact", "<mailto:a@b>")], 400);
    // Another one's address of record.
    let mut office = Office::new();
    office.register("8001", "secret", &[DESK]);
    let mut theirs = office.requests.pop().expect("the one with the digest");
    theirs.to_user = "8002".to_owned();
    let mut fresh = Registrar::new(config(), accounts());
    assert_eq!(fresh.handle(START, &theirs).code, 403);
    assert!(fresh.contacts("8002").is_empty());
    // The bounds.
    let mut office = Office::new();
    office.register("8001", "secret", &[DESK, ("Expires", "99999999")]);
    assert_eq!(office.registrar.contacts("8001")[0].expires_at, START + Duration::from_secs(3600));
    for port in 1..=9 {
        office.register("8001", "secret", &[("Contact", &format!("<sip:8001@10.0.0.7:{port}>"))]);
    }
    assert_eq!(office.registrar.contacts("8001").len(), config().contacts_max);
}

#[test]
fn nothing_is_accepted_twice() {
    let mut office = Office::new();
    office.register("8001", "secret", &[DESK]);
    let proved = office.requests.pop().expect("the one with the digest");
    let stale = |registrar: &mut Registrar, now: Instant, request: &Request| {
        let answer = registrar.handle(now, request);
        (answer.code, answer.headers.iter().any(|(_, v)| v.contains("stale=true")))
    };
    assert_eq!(stale(&mut office.registrar, START, &proved), (401, true), "a replay: the count is not higher");
    // A nonce that is too old, of another registrar, or altered.
    let mut other = Registrar::new(RegistrarConfig { chance: Chance::from_number(6), ..config() }, accounts());
    assert_eq!(stale(&mut other, START, &proved), (401, true));
    let mut fresh = Registrar::new(config(), accounts());
    assert_eq!(stale(&mut fresh, START + Duration::from_secs(3600), &proved), (401, true));
    assert_eq!(fresh.handle(START + Duration::from_secs(3599), &proved).code, 200);
    // What falls out of the bound is stale, not free again.
    let mut small = Office::new();
    small.registrar = Registrar::new(RegistrarConfig { nonces_max: 1, ..config() }, accounts());
    small.register("8001", "secret", &[DESK]);
    let first = small.requests.pop().expect("the one with the digest");
    small.now = START + Duration::from_secs(1);
    small.register("8001", "secret", &[DESK]);
    assert_eq!(stale(&mut small.registrar, small.now, &first), (401, true));
}

#[test]
fn an_old_register_that_was_delayed_changes_nothing() {
    let mut office = Office::new();
    office.register("8001", "secret", &[DESK, ("Expires", "600")]);
    let proved = office.requests.pop().expect("the one with the digest");
    let mut fresh = Registrar::new(RegistrarConfig { nonces_max: 0, ..config() }, accounts());
    assert_eq!(fresh.handle(START, &proved).code, 200);
    // The same Call-ID with the same CSeq, proved anew.
    let mut again = office.registrar.clone();
    let mut late = proved.clone();
    late.authorization.clear();
    let challenge = again.handle(START + Duration::from_secs(1), &late);
    let values: Vec<&str> = challenge.headers.iter().map(|(_, v)| v.as_str()).collect();
    let challenge = switchboard_sip::digest::Challenge::choose(values.into_iter()).expect("a challenge");
    let credentials = Credentials { user: "8001".to_owned(), password: "secret".to_owned() };
    late.authorization = vec![challenge.answer(&credentials, "REGISTER", &late.uri, "cn")];
    late.expires = Some(0);
    assert_eq!(again.handle(START + Duration::from_secs(1), &late).code, 500);
    assert_eq!(again.contacts("8001").len(), 1);
}

#[test]
fn restored_it_knows_everybody() {
    let mut office = Office::new();
    office.register("8001", "secret", &[DESK, ("Expires", "120")]);
    office.register("8002", "secret", &[("Contact", "<sip:8002@10.0.0.9>")]);
    let proved = office.requests.last().expect("the one with the digest").clone();
    let mut announced: Vec<Record> = vec![];
    while let Some(key) = office.registrar.poll_changed() {
        announced.extend(office.registrar.record(key));
    }
    let records = office.registrar.records();
    assert_eq!(announced, records, "everything that is to be kept was announced");
    let mut heir = Registrar::restore(config(), accounts(), &records).expect("its own records");
    assert_eq!(heir.records(), records);
    assert_eq!(heir.next_timeout(), office.registrar.next_timeout());
    assert_eq!(heir.handle(START, &proved), office.registrar.handle(START, &proved));
    let later = START + Duration::from_secs(120);
    assert_eq!(heir.handle_timeout(later), ["8001"]);
    // Who has no account any more is not taken up.
    let few = Registrar::restore(config(), accounts()[..1].to_vec(), &records).expect("its own records");
    assert!(few.contacts("8002").is_empty() && !few.contacts("8001").is_empty());
    // Nor does he stay when the configuration changes.
    assert_eq!(heir.set_accounts(accounts()[..1].to_vec()), ["8002"]);
}

#[test]
fn a_call_is_challenged_and_asked_again() {
    let mut phone = Endpoint::new(world::config(1, 1));
    let to_addr = "192.0.2.2:5060".parse().expect("an address");
    let credentials = Some(Credentials { user: "u".to_owned(), password: "p".to_owned() });
    let target = "sip:95588@192.0.2.2".to_owned();
    let from_user = "u".to_owned();
    let invite = switchboard_sip::Invite {
        target,
        to_addr,
        flow: FlowId(0),
        from_user,
        from_display: None,
        headers: vec![],
        sdp: None,
        credentials,
        terms: Default::default(),
    };
    let dialog = phone.invite(START, invite);
    let sent = |phone: &mut Endpoint| -> (Vec<String>, Vec<Event>) {
        let (mut sent, mut events) = (vec![], vec![]);
        while let Some(output) = phone.poll() {
            match output {
                Output::Send { bytes, .. } => sent.push(String::from_utf8(bytes.to_vec()).expect("text")),
                Output::Event(event) => events.push(event),
            }
        }
        (sent, events)
    };
    let line = |text: &str, name: &str| {
        text.lines().find(|l| l.starts_with(name)).unwrap_or_else(|| panic!("{name} in {text}")).to_owned()
    };
    let challenged = |text: &str, stale: &str| {
        let lines: Vec<String> = ["Via", "From", "To", "Call-ID", "CSeq"].iter().map(|n| line(text, n)).collect();
        format!(
            "SIP/2.0 407 x\r\n{}\r\nProxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"{stale}\r\n\r\n",
            lines.join("\r\n")
        )
    };
    let (first, _) = sent(&mut phone);
    phone.handle_datagram(START, FlowId(0), to_addr, challenged(&first[0], "").as_bytes());
    let (second, events) = sent(&mut phone);
    assert!(
        events.is_empty() && second[0].starts_with("ACK ") && second[1].starts_with("INVITE "),
        "{second:?} {events:?}"
    );
    assert!(
        line(&second[1], "CSeq").ends_with("2 INVITE")
            && line(&second[1], "Proxy-Authorization").contains("username=\"u\"")
    );
    assert_eq!(line(&second[1], "Call-ID"), line(&first[0], "Call-ID"));
    assert_ne!(line(&second[1], "Via"), line(&first[0], "Via"));
    // Only the nonce was too old: once more. Then it is the password.
    phone.handle_datagram(START, FlowId(0), to_addr, challenged(&second[1], ", stale=true").as_bytes());
    let (third, events) = sent(&mut phone);
    assert!(events.is_empty() && line(&third[1], "CSeq").ends_with("3 INVITE"));
    phone.handle_datagram(START, FlowId(0), to_addr, challenged(&third[1], ", stale=true").as_bytes());
    let (fourth, events) = sent(&mut phone);
    assert_eq!(fourth.len(), 1, "nothing but the ACK");
    assert!(matches!(&events[..], [Event::Refused { dialog: d, code: 407, .. }] if *d == dialog));
}
