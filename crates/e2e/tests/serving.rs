//! The program's own life: it starts or says why not, and it ends in peace.
use std::net::UdpSocket;
use std::time::Duration;
use switchboard_e2e::{Centre, Engine, Sipp, Voice, Wiretap, on_site};

const SOON: Duration = Duration::from_secs(15);

#[test]
fn a_port_in_use_is_one_sentence_and_exit_code_2() {
    on_site("a_port_in_use_is_one_sentence_and_exit_code_2", |site| {
        let _first = Engine::start(site, &Centre::default());
        let out = _first.ask(&["serve", "--config", "config", "--data", "other-data"]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{said}");
        assert!(said.contains("10.9.0.1:5060 is in use"), "{said}");
    });
}

#[test]
fn sigterm_refuses_new_calls_and_lets_running_ones_end() {
    on_site("sigterm_refuses_new_calls_and_lets_running_ones_end", |site| {
        let tap = Wiretap::start();
        let mut engine = Engine::start(site, &Centre::default());
        let phone = engine.telephone(0, "8001");
        engine.agent_is("8001", "Ready Idle", SOON);
        let voice = Voice::new().silence(1.0).key('0').tone(440.0, 40.0);
        let talking = Sipp::at(site, "talking", "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start();
        phone.talks(1, SOON);
        engine.running().terminate();
        engine.running().says("draining", SOON);
        let mut late = Sipp::at(site, "late", "caller_stays", site.caller(1)).to(site.engine()).start();
        assert!(!late.ends(SOON).success(), "a new call was taken after SIGTERM");
        assert_eq!(tap.sip(site.engine().ip(), site.caller(1), "SIP/2.0 503").len(), 1);
        let before = tap.heard(site.agent(0), site.engine().ip()).seconds_of(440.0);
        switchboard_e2e::until("the running call goes on", SOON, || {
            (tap.heard(site.agent(0), site.engine().ip()).seconds_of(440.0) > before + 1.0).then_some(())
        });
        phone.hang_up();
        talking.ends_well(SOON);
        assert_eq!(engine.running().ends(SOON).code(), Some(0));
        assert_eq!(engine.running().said("stopped: 0 calls were cut off"), 1);
    });
}

#[test]
fn after_the_limit_what_still_runs_is_ended() {
    on_site("after_the_limit_what_still_runs_is_ended", |site| {
        let tap = Wiretap::start();
        let mut engine = Engine::start(site, &Centre { drain_s: 3, ..Centre::default() });
        let voice = Voice::new().silence(1.0).key('0').tone(440.0, 40.0);
        let waiting = Sipp::at(site, "waiting", "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start();
        tap.sip_within(site.caller(0), site.engine().ip(), "ACK", SOON);
        assert_eq!(engine.stop(SOON).code(), Some(0));
        waiting.ends_well(SOON);
    });
}

#[test]
fn a_flood_of_nothing_is_no_call() {
    on_site("a_flood_of_nothing_is_no_call", |site| {
        let mut engine = Engine::start(site, &Centre::default());
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a port");
        for _ in 0..5000 {
            socket.send_to(b"", site.engine()).expect("a datagram leaves");
        }
        let options = Sipp::at(site, "options", "asks_options", site.caller(0)).to(site.engine()).start();
        options.ends_well(SOON);
        assert_eq!(engine.stop(SOON).code(), Some(0));
    });
}
