//! The 49 torture messages of RFC 4475, sent to an endpoint: what it answers, and that it lives on.
//!
//! `up` is what is handed to the owner. The bytes are those of the `wire` crate's tests.
mod world;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};
use switchboard_sip::registrar::{Registrar, RegistrarConfig};
use switchboard_sip::{Endpoint, Event, Output};
use switchboard_wire::sip::{Message, Name};

/// Sends it; the status codes that come back (100 left out), and what was handed up.
fn outcome(name: &str) -> (Vec<u16>, Vec<String>) {
    let path = format!("{}/../wire/tests/rfc4475/{name}.dat", env!("CARGO_MANIFEST_DIR"));
    let torture = std::fs::read(&path).expect(&path);
    let now = Instant::from_millis(1_700_000_000_000);
    let source: SocketAddr = "192.0.2.77:5060".parse().expect("an address");
    let mut endpoint = Endpoint::new(world::config(1, 1));
    let mut registrar =
        Registrar::new(RegistrarConfig::new("example.com", switchboard_model::Chance::from_number(1)), vec![]);
    endpoint.handle_datagram(now, FlowId(0), source, &torture);
    let (mut codes, mut up) = (vec![], vec![]);
    while let Some(output) = endpoint.poll() {
        match output {
            Output::Send { bytes, .. } => {
                let answer = Message::parse(&bytes).expect("what we write can be read");
                let code = answer.code().expect("only responses answer a request");
                let asked = Message::parse(&torture).expect("what was answered could be read");
                for name in [Name::Via, Name::From, Name::To, Name::CallId, Name::CSeq] {
                    assert_eq!(answer.get(name).is_some(), asked.get(name).is_some(), "{name:?} is repeated");
                }
                if code == 401 {
                    assert_eq!(answer.all(Name::WwwAuthenticate).count(), 2, "MD5 and SHA-256");
                }
                if code != 100 {
                    codes.push(code);
                }
            }
            Output::Event(Event::Request(request)) => {
                up.push(request.method.clone());
                let answer = registrar.handle(now, &request);
                endpoint.respond(now, request.request, answer.code, answer.headers, bytes::Bytes::new());
            }
            Output::Event(Event::Invite { dialog, facts, offer, .. }) => {
                up.push(format!("INVITE {} {}", facts.request_user, offer.is_some()));
                endpoint.reject(now, dialog, 404, &[]);
            }
            Output::Event(Event::Malformed { kind }) => up.push(format!("{kind:?}")),
            Output::Event(event) => panic!("{name}: {event:?}"),
        }
    }
    // A good request afterwards is answered as if nothing had been.
    let options = "OPTIONS sip:a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.77;branch=z9hG4bKok\r\nFrom: <sip:b@c>;tag=1\r\n\
        To: <sip:a@192.0.2.1>\r\nCall-ID: after\r\nCSeq: 1 OPTIONS\r\n\r\n";
    endpoint.handle_datagram(now, FlowId(0), source, options.as_bytes());
    let Some(Output::Send { bytes, .. }) = endpoint.poll() else { panic!("{name}: it does not answer any more") };
    assert!(bytes.starts_with(b"SIP/2.0 200 OK\r\n"));
    (codes, up)
}

#[test]
fn forty_nine_of_forty_nine() {
    let cases: &[(&str, &[u16], &str)] = &[
        // Valid, and processed by their meaning.
        ("wsinv", &[481], "Refused(481)"), // it has a To tag, so it belongs to a dialog that is not
        ("esc01", &[404], "INVITE sips:user@example.com true"),
        ("escnull", &[401], "REGISTER"),
        ("lwsdisp", &[200], ""),
        ("longreq", &[404], "INVITE user true"),
        ("semiuri", &[200], ""),
        ("transports", &[200], ""),
        ("cparam01", &[401], "REGISTER"),
        ("cparam02", &[401], "REGISTER"),
        ("regescrt", &[401], "REGISTER"),
        ("inv2543", &[404], "INVITE UserB true"),
        ("badbranch", &[200], ""),
        ("dblreq", &[401], "REGISTER"),
        ("regaut01", &[401], "REGISTER"),
        ("zeromf", &[200], ""),
        // Methods, bodies and extensions that are not ours.
        ("intmeth", &[501], "Refused(501)"),
        ("esc02", &[501], "Refused(501)"),
        ("mpart01", &[405], "Refused(405)"),
        ("bext01", &[420], "Refused(420)"),
        ("invut", &[415], "Refused(415)"),
        ("sdp01", &[406], "Refused(406)"),
        ("badvers", &[505], "Refused(505)"),
        ("mismatch02", &[501], "Refused(501)"),
        ("unkscm", &[416], "Refused(416)"),
        ("novelsc", &[416], "Refused(416)"),
        // Responses that are nobody's.
        ("unreason", &[], "StrayResponse"),
        ("noreason", &[], "StrayResponse"),
        ("scalarlg", &[], "BadResponse"),
        ("bigcode", &[], "Unreadable"),
        ("bcast", &[], "BadResponse"),
        // Malformed.
        ("badinv01", &[400], "Refused(400)"),
        ("ncl", &[400], "Refused(400)"),
        ("scalar02", &[400], "Refused(400)"),
        ("lwsruri", &[400], "Refused(400)"),
        ("regbadct", &[400], "Refused(400)"),
        ("mismatch01", &[400], "Refused(400)"),
        ("insuf", &[400], "Refused(400)"),
        ("multi01", &[400], "Refused(400)"),
        ("mcl01", &[400], "Refused(400)"),
        ("clerr", &[400], "Refused(400)"),
        ("quotbal", &[400], "Refused(400)"),
        // Malformed, but what is meant is plain.
        ("ltgtruri", &[404], "INVITE user true"),
        ("lwsstart", &[404], "INVITE user true"),
        ("trws", &[200], ""),
        ("escruri", &[404], "INVITE user true"),
        ("baddate", &[404], "INVITE user true"),
        ("badaspec", &[200], ""),
        ("baddn", &[200], ""),
        ("unksm2", &[401], "REGISTER"),
    ];
    assert_eq!(cases.len(), 49);
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(name, codes, up)| {
            let (got, told) = outcome(name);
            let told = told.join(" ");
            (got != *codes || told != *up)
                .then(|| format!("{name}: answered {got:?} and told `{told}`, wanted {codes:?} and `{up}`"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
