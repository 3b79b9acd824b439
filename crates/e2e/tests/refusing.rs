//! Agents who do not take the call, and callers we do not take.
use std::net::UdpSocket;
use std::time::Duration;
use switchboard_e2e::{Centre, Day, Engine, Sipp, Site, Voice, Wiretap, on_site};

const SOON: Duration = Duration::from_secs(15);

fn caller(site: &Site) -> Sipp {
    let voice = Voice::new().silence(1.0).key('0').tone(440.0, 40.0);
    Sipp::at(site, "caller", "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start()
}

#[test]
fn an_agent_who_lets_it_ring_is_passed_over_after_three_rings() {
    on_site("an_agent_who_lets_it_ring_is_passed_over_after_three_rings", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let agent = engine.scripted_telephone(0, "8001", "agent_never_answers");
        let caller = caller(site);
        let rung = tap.sip_within(site.engine().ip(), site.agent(0), "INVITE", SOON);
        let phone = engine.telephone(1, "8002");
        let cancelled = tap.sip_within(site.engine().ip(), site.agent(0), "CANCEL", Duration::from_secs(20));
        let rang = (cancelled.at - rung.at).as_secs_f32();
        assert!((14.5..=16.5).contains(&rang), "it rang {rang} s and not 15");
        agent.ends_well(SOON);
        phone.talks(1, SOON);
        engine.agent_is("8001", "NotReady", SOON);
        phone.hang_up();
        caller.ends_well(SOON);
        assert_eq!(engine.day(), Day { answered: 1, ..Day::default() });
    });
}

#[test]
fn an_agent_who_is_busy_is_passed_over_at_once() {
    on_site("an_agent_who_is_busy_is_passed_over_at_once", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let agent = engine.scripted_telephone(0, "8001", "agent_busy");
        let caller = caller(site);
        agent.ends_well(SOON);
        let phone = engine.telephone(1, "8002");
        phone.talks(1, SOON);
        phone.hang_up();
        caller.ends_well(SOON);
        assert_eq!(tap.sip(site.engine().ip(), site.agent(0), "INVITE").len(), 1, "he was not asked twice");
    });
}

#[test]
fn strangers_unknown_numbers_and_questions_are_answered_as_they_should() {
    on_site("strangers_unknown_numbers_and_questions_are_answered_as_they_should", |site| {
        let tap = Wiretap::start();
        let _engine = Engine::start(site, &Centre::default());
        let options = Sipp::at(site, "options", "asks_options", site.caller(0)).to(site.engine()).start();
        options.ends_well(SOON);
        let nobody =
            Sipp::at(site, "nobody", "caller_finds_nobody", site.caller(0)).to(site.engine()).number("9999").start();
        nobody.ends_well(SOON);
        // Caller 8 is in no trunk's sources.
        let mut stranger = Sipp::at(site, "stranger", "caller_stays", site.caller(8)).to(site.engine()).start();
        assert!(!stranger.ends(SOON).success(), "a stranger got through");
        let answers = tap.sip(site.engine().ip(), site.caller(8), "SIP/2.0 ");
        let refused =
            answers.iter().any(|a| a.bytes.starts_with(b"SIP/2.0 403") || a.bytes.starts_with(b"SIP/2.0 404"));
        assert!(refused, "a stranger is refused, not ignored: {} answers", answers.len());
    });
}

#[test]
fn garbage_harms_no_call() {
    on_site("garbage_harms_no_call", |site| {
        let tap = Wiretap::start();
        let mut engine = Engine::start(site, &Centre::default());
        let phone = engine.telephone(0, "8001");
        engine.agent_is("8001", "Ready Idle", SOON);
        let caller = caller(site);
        phone.talks(1, SOON);
        let before = tap.heard(site.agent(0), site.engine().ip()).seconds();
        let socket = UdpSocket::bind("0.0.0.0:0").expect("a port");
        let mut word = 0x9e37_79b9_u32;
        for n in 0..2000u32 {
            let bytes: Vec<u8> = (0..n % 700)
                .map(|_| {
                    word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (word >> 24) as u8
                })
                .collect();
            let port = if n % 2 == 0 { 5060 } else { 20_000 + (n / 2 % 40) as u16 * 2 };
            socket.send_to(&bytes, (site.engine().ip(), port)).expect("a datagram leaves");
        }
        for text in ["INVITE", "INVITE sip:9500@10.9.0.1 SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n", "\r\n\r\n"] {
            socket.send_to(text.as_bytes(), site.engine()).expect("a datagram leaves");
        }
        switchboard_e2e::until("the caller is heard afterwards", SOON, || {
            (tap.heard(site.agent(0), site.engine().ip()).seconds() > before + 2.0).then_some(())
        });
        assert!(engine.running().runs(), "the engine fell over");
        phone.hang_up();
        caller.ends_well(SOON);
    });
}
