//! The harness itself, before the engine is trusted to it: the same callers and telephones, with each other.
//!
//! Not covered here: anything of ours. If one of these fails, no other end-to-end test says anything.
use std::time::Duration;
use switchboard_e2e::phone::Account;
use switchboard_e2e::{By, Phone, Running, Sipp, Voice, Wiretap, loss, on_site, until};

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_caller_and_a_scripted_telephone_hear_each_other_and_keys_arrive() {
    on_site("a_caller_and_a_scripted_telephone_hear_each_other_and_keys_arrive", |site| {
        let tap = Wiretap::start();
        let agent = Sipp::at(site, "agent", "agent_answers", site.agent(0)).number("8001");
        let agent = agent.pause(Duration::from_secs(4)).voice(Voice::new().tone(1000.0, 3.0)).start();
        let caller = Sipp::at(site, "caller", "caller_stays", site.caller(0)).to((site.agent(0), 5060).into());
        let caller = caller.voice(Voice::new().tone(440.0, 1.0).key('5').tone(440.0, 1.0)).start();
        caller.ends_well(SOON);
        agent.ends_well(SOON);
        let (caller, agent) = (site.caller(0), site.agent(0));
        let heard = tap.heard(agent, caller);
        assert!((1.8..=2.1).contains(&heard.seconds_of(440.0)), "the agent heard {} s", heard.seconds_of(440.0));
        let heard = tap.heard(caller, agent);
        assert!((2.8..=3.1).contains(&heard.seconds_of(1000.0)), "the caller heard {} s", heard.seconds_of(1000.0));
        let keys = tap.seen(|d| d.from.ip() == caller && d.bytes.len() == 16 && d.bytes[1] & 0x7f == 101);
        assert_eq!(keys.len(), 10);
        assert!(keys.iter().all(|k| k.bytes[12] == 5));
        assert_eq!(tap.sip(agent, caller, "BYE").len(), 1);
    });
}

#[test]
fn a_telephone_registers_answers_and_records_what_it_hears() {
    on_site("a_telephone_registers_answers_and_records_what_it_hears", |site| {
        let registrar = Sipp::at(site, "registrar", "registrar", site.caller(8)).start();
        let account = Account {
            user: "8001",
            password: "secret",
            registrar: Some((site.caller(8), 5060).into()),
            hz: 1000,
            answers: true,
            by: By::Udp,
        };
        let tap = Wiretap::start();
        let phone = Phone::start(site, site.agent(0), &account);
        phone.registered(SOON);
        registrar.ends_well(SOON);
        assert_eq!(tap.sip(site.agent(0), site.caller(8), "REGISTER").len(), 2, "one without and one with an answer");
        let caller = Sipp::at(site, "caller", "caller_hangs_up", site.caller(0)).to((site.agent(0), 5060).into());
        let caller = caller.number("8001").voice(Voice::new().tone(440.0, 3.0)).pause(Duration::from_secs(4)).start();
        phone.talks(1, SOON);
        phone.hung_up(1, SOON);
        caller.ends_well(SOON);
        let heard = phone.heard().seconds_of(440.0);
        assert!((2.5..=3.2).contains(&heard), "the telephone recorded {heard} s of the caller");
        let heard = tap.heard(site.caller(0), site.agent(0)).seconds_of(1000.0);
        assert!(heard > 2.0, "the telephone sent {heard} s of its tone");
    });
}

#[test]
fn a_telephone_answers_and_hangs_up_on_command() {
    on_site("a_telephone_answers_and_hangs_up_on_command", |site| {
        let account =
            Account { user: "8002", password: "secret", registrar: None, hz: 700, answers: false, by: By::Udp };
        let phone = Phone::start(site, site.agent(1), &account);
        let tap = Wiretap::start();
        let caller = Sipp::at(site, "caller", "caller_stays", site.caller(0)).to((site.agent(1), 5060).into());
        let caller = caller.number("8002").voice(Voice::new().tone(440.0, 1.0)).start();
        tap.sip_within(site.agent(1), site.caller(0), "SIP/2.0 180", SOON);
        assert_eq!(phone.talked(), 0, "it waits for the button");
        phone.answer();
        phone.talks(1, SOON);
        until("the caller is heard", SOON, || {
            (tap.heard(site.agent(1), site.caller(0)).seconds_loud() > 0.2).then_some(())
        });
        phone.hang_up();
        phone.hung_up(1, SOON);
        caller.ends_well(SOON);
    });
}

#[test]
fn misbehaving_telephones_misbehave_as_written() {
    on_site("misbehaving_telephones_misbehave_as_written", |site| {
        let tap = Wiretap::start();
        let agent = Sipp::at(site, "busy", "agent_busy", site.agent(0)).start();
        let mut caller =
            Sipp::at(site, "caller", "caller_stays", site.caller(0)).to((site.agent(0), 5060).into()).start();
        agent.ends_well(SOON);
        assert!(!caller.ends(SOON).success(), "486 is not what this caller was told to expect: {}", caller.why());
        assert_eq!(tap.sip(site.agent(0), site.caller(0), "SIP/2.0 486").len(), 1);

        let agent = Sipp::at(site, "never", "agent_never_answers", site.agent(1)).start();
        let caller =
            Sipp::at(site, "gives-up", "caller_cancels", site.caller(1)).to((site.agent(1), 5060).into()).start();
        caller.ends_well(SOON);
        agent.ends_well(SOON);

        let agent = Sipp::at(site, "late", "agent_answers_late", site.agent(2)).start();
        let caller = Sipp::at(site, "crosses", "caller_cancels_too_late", site.caller(2));
        let caller = caller.to((site.agent(2), 5060).into()).start();
        caller.ends_well(SOON);
        agent.ends_well(SOON);
    });
}

#[test]
fn a_bad_line_loses_what_it_was_told_to_and_is_tried_again() {
    on_site("a_bad_line_loses_what_it_was_told_to_and_is_tried_again", |site| {
        let tap = Wiretap::start();
        let _agent = Sipp::at(site, "agent", "agent_busy", site.agent(0)).start();
        loss::lose_percent(100, (site.agent(0), 5060).into());
        let _caller = Sipp::at(site, "caller", "caller_stays", site.caller(0)).to((site.agent(0), 5060).into()).start();
        let invites = until("the INVITE is sent again", SOON, || {
            let sent = tap.sip(site.caller(0), site.agent(0), "INVITE");
            (sent.len() >= 3).then_some(sent)
        });
        assert!(invites[1].at - invites[0].at > Duration::from_millis(400));
        assert_eq!(
            tap.sip(site.agent(0), site.caller(0), "SIP/2.0").len(),
            0,
            "nothing arrived, so nothing was answered"
        );
    });
}

#[test]
fn a_process_that_says_nothing_is_told_so() {
    on_site("a_process_that_says_nothing_is_told_so", |site| {
        let folder = site.folder("quiet");
        let mut echo =
            Running::start("echo", &folder, std::process::Command::new("sh").args(["-c", "echo one; echo two >&2"]));
        echo.says("two", SOON);
        echo.says("one", SOON);
        echo.ends_well(SOON);
        let silent = std::panic::catch_unwind(|| echo.says("three", Duration::from_millis(50)));
        assert!(silent.is_err(), "nobody said three");
    });
}
