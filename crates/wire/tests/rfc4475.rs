//! The 49 torture messages of RFC 4475 (§3, byte for byte), read and looked over.
//!
//! `ok`: a request that can be worked on; a number: the answer it deserves; `response`, `bad response`, `unreadable`. What depends on
//! who we are (405, 415, 420) is tested where endpoints are.
use switchboard_wire::sip::{Message, Name, Start, Unreadable, Uri, check_request, check_response, typed, unfold};

fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/rfc4475/{name}.dat", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).expect(&path)
}

fn outcome(name: &str) -> String {
    let bytes = bytes(name);
    match Message::parse(&bytes) {
        Err(_) => "unreadable".to_owned(),
        Ok(m) if matches!(m.start(), Start::Response { .. }) => {
            if check_response(&m).is_ok() {
                "response".to_owned()
            } else {
                "bad response".to_owned()
            }
        }
        Ok(m) => check_request(&m).map_or_else(|r| r.code.to_string(), |()| "ok".to_owned()),
    }
}

#[test]
fn each_is_taken_as_it_should() {
    let cases = [
        (
            "ok",
            "wsinv esc01 escnull lwsdisp longreq dblreq semiuri transports cparam01 cparam02 regescrt inv2543 badbranch mpart01 sdp01",
        ),
        ("ok", "zeromf bext01 invut regaut01 ltgtruri lwsstart trws escruri baddate badaspec baddn unksm2"),
        ("501", "intmeth esc02 mismatch02"),
        ("505", "badvers"),
        ("416", "unkscm novelsc"),
        ("400", "badinv01 ncl scalar02 lwsruri regbadct mismatch01 insuf multi01 mcl01 clerr quotbal"),
        ("response", "unreason noreason"),
        ("bad response", "scalarlg bcast"),
        ("unreadable", "bigcode"),
    ];
    let mut count = 0;
    for (wanted, names) in cases {
        for name in names.split(' ') {
            assert_eq!(outcome(name), wanted, "{name}");
            count += 1;
        }
    }
    assert_eq!(count, 49);
}

#[test]
fn what_wsinv_means() {
    let bytes = bytes("wsinv");
    let m = Message::parse(&bytes).expect("readable");
    assert_eq!(m.to().and_then(|t| t.tag()), Some("1918181833n"));
    assert_eq!(m.from().map(|f| f.name().into_owned()).as_deref(), Some("J Rosenberg \\\""));
    assert_eq!(m.from().and_then(|f| f.tag()), Some("98asjd8"));
    assert_eq!(m.number(Name::MaxForwards), Some(68));
    assert_eq!(m.cseq(), Some((9, "INVITE")));
    let vias: Vec<String> = m.list(Name::Via).map(|v| unfold(v).into_owned()).collect();
    assert_eq!(vias.len(), 3);
    assert_eq!(m.via().and_then(|v| v.branch()), Some("390skdjuw"));
    assert_eq!(
        m.get_other("NewFangledHeader").map(|v| unfold(v).into_owned()).as_deref(),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(m.body().map(<[u8]>::len), Some(150));
}

#[test]
fn a_parameter_is_the_contacts_or_the_uris() {
    for (name, on_contact) in [("cparam01", true), ("cparam02", false)] {
        let bytes = bytes(name);
        let m = Message::parse(&bytes).expect("readable");
        let contact = switchboard_wire::sip::Address::parse(m.get(Name::Contact).expect("there")).expect("good");
        assert_eq!(contact.params().get("unknownparam").is_some(), on_contact);
        let Uri::Sip(uri) = contact.uri else { panic!("a SIP URI") };
        assert_eq!(uri.params().get("unknownparam").is_some(), !on_contact);
    }
}

#[test]
fn bodies_end_where_they_should() {
    let length = |name: &str| Message::parse(&bytes(name)).expect("readable").body().map(<[u8]>::len);
    assert_eq!(length("dblreq"), Some(0), "a second request in the datagram is no part of the first");
    assert_eq!(length("mpart01"), Some(553), "binary, and whole");
    assert_eq!(length("ncl"), None);
    assert_eq!(length("clerr"), None);
    assert_eq!(length("mcl01"), None);
    assert!(matches!(Message::parse(&bytes("bigcode")), Err(Unreadable::BadStatus)));
}

#[test]
fn what_is_good_can_be_held_in_rsips_types() {
    for name in ["wsinv", "esc01", "longreq", "dblreq", "mpart01", "transports", "unreason"] {
        let bytes = bytes(name);
        let m = Message::parse(&bytes).expect("readable");
        let held = typed(&m).expect(name);
        let (headers, body) = match &held {
            rsip::SipMessage::Request(r) => (&r.headers, &r.body),
            rsip::SipMessage::Response(r) => (&r.headers, &r.body),
        };
        let vias = headers.iter().filter(|h| matches!(h, rsip::Header::Via(_))).count();
        assert_eq!(vias, m.list(Name::Via).count(), "{name}");
        assert_eq!(Some(body.as_slice()), m.body(), "{name}");
    }
}
