//! SIP by connections: a carrier over TCP, telephones over TCP and TLS, and those who should not get in.
//!
//! Not covered here: limits of connections (`net/tests/streams`), where a message ends (`wire/sip/stream`).
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;
use switchboard_e2e::engine::AGENT_HZ;
use switchboard_e2e::{By, Centre, Day, Engine, Papers, Sipp, Site, Voice, Wiretap, on_site, until};

const SOON: Duration = Duration::from_secs(15);

#[test]
fn a_carrier_over_tcp_and_telephones_over_tls_and_tcp_talk() {
    on_site("a_carrier_over_tcp_and_telephones_over_tls_and_tcp_talk", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre { tls: Some(Papers::Ours), ..Centre::default() });
        let talk = |agent: u8| {
            let name = format!("caller-{agent}");
            let voice = Voice::new().silence(1.0).key('0').tone(440.0, 30.0);
            let caller = Sipp::at(site, &name, "caller_stays", site.caller(agent)).to(site.engine()).tcp().voice(voice);
            (caller.start(), site.caller(agent))
        };
        for (n, user, by) in [(0, "8001", By::Tls(engine.authority())), (1, "8002", By::Tcp)] {
            let phone = engine.telephone_by(n, user, by);
            engine.agent_is(user, "Ready Idle", SOON);
            let (caller, at) = talk(n);
            phone.talks(1, SOON);
            until("the caller hears the agent for 1 s", SOON, || {
                (tap.heard(at, site.engine().ip()).seconds_of(f64::from(AGENT_HZ)) >= 1.0).then_some(())
            });
            phone.hang_up();
            caller.ends_well(SOON);
            // Out of the way of the second.
            assert!(engine.ask(&["agents", "--not-ready", user]).status.success());
        }
        assert_eq!(engine.day(), Day { answered: 2, ..Day::default() });
    });
}

/// An OPTIONS with this Via transport; `length` stands in Content-Length.
fn options(transport: &str, number: u32, length: &str, body: &str) -> String {
    format!(
        "OPTIONS sip:9500@centre.example SIP/2.0\r\nVia: SIP/2.0/{transport} 10.9.0.2:5060;branch=z9hG4bK{number};rport\r\n\
         From: <sip:a@carrier.example>;tag={number}\r\nTo: <sip:9500@centre.example>\r\nCall-ID: {number}@carrier.example\r\n\
         CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[test]
fn a_stream_is_cut_where_content_length_says_and_nowhere_else() {
    on_site("a_stream_is_cut_where_content_length_says_and_nowhere_else", |site| {
        let mut engine = Engine::start(site, &Centre::default());
        let inner = options("TCP", 99, "0", "");
        // Two in one piece, the first with a whole request for a body; then one in single bytes; a ping; and one without an end.
        let first = options("TCP", 1, &inner.len().to_string(), &inner) + &options("TCP", 2, "0", "");
        let mut stream = TcpStream::connect(site.engine()).expect("the engine takes TCP");
        stream.set_read_timeout(Some(SOON)).expect("a socket has a timeout");
        stream.set_nodelay(true).expect("a socket sends at once");
        let (pieces, whole) = (options("TCP", 3, "0", ""), first + "\r\n\r\n");
        stream.write_all(whole.as_bytes()).expect("the engine listens");
        for byte in pieces.as_bytes().chunks(1) {
            stream.write_all(byte).expect("the engine listens");
        }
        // Three answers and a pong; then what has no end, and with it the end.
        let (mut said, mut chunk) = (String::new(), [0; 4096]);
        while said.matches("SIP/2.0 200 OK").count() < 3 || !(said.contains("\r\n\r\n\r\n") || said.starts_with("\r\n"))
        {
            let n = stream.read(&mut chunk).expect("three answers and a pong come");
            assert!(n > 0, "the connection was closed too early: {said}");
            said += &String::from_utf8_lossy(&chunk[..n]);
        }
        assert!(!said.contains("z9hG4bK99"), "what stands in a body is no request: {said}");
        stream.write_all(options("TCP", 4, "none", "x").as_bytes()).expect("the engine listens");
        let mut last = String::new();
        stream.read_to_string(&mut last).expect("an answer, then the end");
        assert!(last.starts_with("SIP/2.0 400 Bad Content-Length") && last.contains("z9hG4bK4"), "{last}");
        assert_eq!(engine.stop(SOON).code(), Some(0));
    });
}

#[test]
fn over_tls_papers_are_shown_asked_for_and_renewed() {
    on_site("over_tls_papers_are_shown_asked_for_and_renewed", |site| {
        let engine = Engine::start(site, &Centre { tls: Some(Papers::Both), ..Centre::default() });
        let (pem, key) = engine.certificate_for("carrier");
        let with = ["-cert", pem.to_str().expect("a path"), "-key", key.to_str().expect("a path")];
        let said = s_client(site, &engine.authority(), &with);
        assert!(said.contains("SIP/2.0 200 OK"), "{said}");
        assert!(said.contains("Via: SIP/2.0/TLS 10.9.0.2:5060"), "{said}");
        let before = certificate(&said);
        let said = s_client(site, &engine.authority(), &[]);
        assert!(!said.contains("SIP/2.0 200 OK"), "without a certificate nobody gets in: {said}");
        engine.certificate_for("centre");
        let out = engine.ask(&["reload"]);
        let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        assert!(out.status.success() && text.contains("certificates were read again"), "{text}");
        let said = s_client(site, &engine.authority(), &with);
        assert!(said.contains("SIP/2.0 200 OK") && certificate(&said) != before, "{said}");
        // A key that is none leaves the ones before in force, and says so.
        fs::write(engine.authority().with_file_name("centre.key"), "nothing").expect("the folder can be written");
        let out = engine.ask(&["reload"]);
        let text = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned();
        assert!(!out.status.success() && text.contains("centre.key") && text.contains("stay in force"), "{text}");
        assert!(s_client(site, &engine.authority(), &with).contains("SIP/2.0 200 OK"));
    });
}

/// OpenSSL's own client, from the first caller's address: asks by OPTIONS, and what it says.
fn s_client(site: &Site, authority: &Path, more: &[&str]) -> String {
    let question = authority.with_file_name("options.txt");
    fs::write(&question, options("TLS", 5, "0", "")).expect("the folder can be written");
    let at = format!("{}:5061", site.engine().ip());
    let ask = format!(
        "(cat {}; sleep 2) | openssl s_client -connect {at} -CAfile {} -verify_return_error -showcerts {} 2>&1",
        question.display(),
        authority.display(),
        more.join(" ")
    );
    let out = site.command(site.caller(0), "sh").arg("-c").arg(ask).output().expect("sh starts");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// The first certificate that was shown.
fn certificate(said: &str) -> String {
    let from = said.find("-----BEGIN CERTIFICATE-----").expect("a certificate");
    said[from..].lines().take_while(|l| !l.contains("END CERTIFICATE")).collect()
}
