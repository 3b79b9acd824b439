//! `switchboard bench` against targets that are not this program: SIPp, which others wrote, over UDP and TCP; and the bare loop with the
//! manners of other ACDs: callers who must say who they are, agents at fixed addresses, agents who dial a feature code.
//!
//! No speed is asserted. SIPp comes with `make test`; without it these tests fail.
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::process::{Child, Command, Output, Stdio};
use switchboard_benches::bare::{Bare, Lie, PASSWORD};
use switchboard_benches::child::Folder;
use switchboard_net::Clock;

fn bench(line: &str) -> (Output, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_switchboard")).arg("bench").args(line.split(' ')).output();
    let out = out.expect("the program runs");
    let text = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out, text)
}

const PATIENT: &str = "--latency-ms 60000 --success 60";

/// A port that nobody has now.
fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.local_addr().expect("it is bound").port()
}

fn file(folder: &Folder, name: &str, text: &str) -> String {
    let file = folder.path().join(name);
    fs::write(&file, text).expect("a file");
    file.to_string_lossy().into_owned()
}

/// SIPp's own scenario of somebody who answers: no ACD, no agents.
struct Sipp(Child);

impl Sipp {
    fn answers(folder: &Folder, transport: &str) -> (Sipp, SocketAddr) {
        let port = free_port();
        let at: SocketAddr = ([127, 0, 0, 1], port).into();
        let child = Command::new("sipp")
            .args(["-sn", "uas", "-i", "127.0.0.1", "-p", &port.to_string(), "-t", transport, "-nostdin"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("SIPp is installed: `make test` does it");
        (Sipp(child), at)
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn no_agents(folder: &Folder, name: &str, at: SocketAddr, transport: &str) -> String {
    let text = format!(
        "version: 1\nname: {name}\nsip: {at}\ntransport: {transport}\nnumber: \"9500\"\nagents: {{ login: none }}\n"
    );
    file(folder, &format!("{name}.yaml"), &text)
}

#[test]
fn sipp_is_loaded_over_udp_and_beside_the_bare_loop() {
    let folder = Folder::new().expect("a folder");
    let (_sipp, at) = Sipp::answers(&folder, "u1");
    let target = no_agents(&folder, "sipp", at, "udp");
    let bare = Bare::start(None, 4, Clock::start(), None).expect("a loop");
    let other = no_agents(&folder, "bare", bare.at(), "udp");
    let ratios = folder.path().join("ratios.json").to_string_lossy().into_owned();
    let (out, text) = bench(&format!(
        "versus --target {target} --other {other} --rate 10 --for 2s --rounds 2 {PATIENT} --ratios {ratios}"
    ));
    assert_eq!(out.status.code(), Some(0), "{text}");
    assert!(text.contains("PASS versus: the same") && text.contains("goodput"), "{text}");
    let ratios: serde_json::Value = serde_json::from_str(&fs::read_to_string(&ratios).expect("written")).expect("JSON");
    let success = ratios.as_array().and_then(|all| all.iter().find(|r| r["what"] == "success, %")).expect("a ratio");
    assert!(success["a"].as_f64() > Some(90.0) && success["b"].as_f64() > Some(90.0), "{success}");
}

#[test]
fn sipp_is_loaded_over_tcp() {
    let folder = Folder::new().expect("a folder");
    let (mut sipp, at) = Sipp::answers(&folder, "t1");
    let target = no_agents(&folder, "sipp", at, "tcp");
    let (out, text) = bench(&format!("load --target {target} --rate 10 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), text.contains("PASS load")), (Some(0), true), "{text}");
    assert!(text.contains("over TCP"), "{text}");
    drop(sipp.0.kill());
    drop(sipp.0.wait());
    let (out, text) = bench(&format!("load --target {target} --rate 10 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), text.contains("takes no connection")), (Some(2), true), "{text}");
}

#[test]
fn callers_and_agents_say_who_they_are() {
    let folder = Folder::new().expect("a folder");
    let bare = Bare::start(Some(Lie::Asks), 30, Clock::start(), None).expect("a loop");
    let text = |password: &str, callers: &str| {
        format!(
            "version: 1\nname: bare\nsip: {}\nnumber: \"9500\"\nkey: \"0\"\n{callers}\
             agents: {{ login: register, first_user: 7000, count: 30, password: {password} }}\n",
            bare.at()
        )
    };
    let callers = format!("callers: {{ user: trunk1, password: {PASSWORD} }}\n");
    let good = file(&folder, "good.yaml", &text(PASSWORD, &callers));
    let (out, said) = bench(&format!("load --target {good} --rate 5 --for 2s --sound 100 {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("PASS load")), (Some(0), true), "{said}");
    let wrong = file(&folder, "wrong.yaml", &text("other", &callers));
    let (out, said) = bench(&format!("load --target {wrong} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("is the password right?")), (Some(2), true), "{said}");
    let nobody = file(&folder, "nobody.yaml", &text(PASSWORD, ""));
    let (out, said) = bench(&format!("load --target {nobody} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("lets these callers not in")), (Some(2), true), "{said}");
}

#[test]
fn agents_at_fixed_addresses_and_agents_who_dial_a_code() {
    let folder = Folder::new().expect("a folder");
    let desk: SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let fixed: Vec<(String, SocketAddr)> = (7_000..7_030).map(|n| (n.to_string(), desk)).collect();
    let bare = Bare::start_knowing(None, 30, Clock::start(), None, &fixed).expect("a loop");
    let text = |sip: SocketAddr, login: &str| {
        format!(
            "version: 1\nname: bare\nsip: {sip}\nnumber: \"9500\"\nkeys: {{ \"0\": 9, \"10\": 1 }}\nkey_gap_ms: 60\n\
             agents: {{ {login}, at: \"{desk}\", first_user: 7000, count: 30 }}\n"
        )
    };
    let target = file(&folder, "fixed.yaml", &text(bare.at(), "login: static"));
    let (out, said) = bench(&format!("load --target {target} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("PASS load")), (Some(0), true), "{said}");
    // The port at which the target looks for them is taken.
    let taken = UdpSocket::bind(desk).expect("it is free");
    let (out, said) = bench(&format!("load --target {target} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("another program has that port")), (Some(2), true), "{said}");
    assert!(said.contains(&desk.to_string()), "{said}");
    drop(taken);
    let other = Bare::start(None, 30, Clock::start(), None).expect("a loop");
    let target = file(&folder, "code.yaml", &text(other.at(), "login: code, code: \"*45\""));
    let (out, said) = bench(&format!("load --target {target} --rate 5 --for 2s {PATIENT}"));
    assert_eq!((out.status.code(), said.contains("PASS load")), (Some(0), true), "{said}");
}
