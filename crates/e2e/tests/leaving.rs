//! Callers who do not stay: in the menu, in the queue, while it rings; and what their leaving must do to the agent's leg.
use std::time::Duration;
use switchboard_e2e::engine::MUSIC_HZ;
use switchboard_e2e::{Centre, Day, Engine, Sipp, Site, Voice, Wiretap, on_site};

const SOON: Duration = Duration::from_secs(15);

fn caller(site: &Site, stays_s: u64) -> Sipp {
    let voice = Voice::new().silence(1.0).key('0').tone(440.0, 30.0);
    let caller = Sipp::at(site, "caller", "caller_hangs_up", site.caller(0)).to(site.engine()).voice(voice);
    caller.pause(Duration::from_secs(stays_s)).start()
}

#[test]
fn in_the_menu() {
    on_site("in_the_menu", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let mut agent = engine.scripted_telephone(0, "8001", "agent_never_answers");
        let silent = Sipp::at(site, "caller", "caller_hangs_up", site.caller(0)).to(site.engine());
        silent.voice(Voice::new().silence(4.0)).pause(Duration::from_secs(3)).start().ends_well(SOON);
        engine.agent_is("8001", "Ready Idle", SOON);
        assert_eq!(tap.sip(site.engine().ip(), site.agent(0), "INVITE").len(), 0, "nobody was rung");
        assert!(agent.runs());
        assert_eq!(engine.day(), Day::default(), "he never asked for a person");
    });
}

#[test]
fn while_waiting() {
    on_site("while_waiting", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        caller(site, 5).ends_well(SOON);
        assert!(tap.heard(site.caller(0), site.engine().ip()).seconds_of(MUSIC_HZ) >= 1.0);
        // Whoever comes afterwards finds nobody waiting.
        let _agent = engine.scripted_telephone(0, "8001", "agent_never_answers");
        assert_eq!(tap.sip(site.engine().ip(), site.agent(0), "INVITE").len(), 0);
        assert_eq!(engine.day(), Day { abandoned: 1, ..Day::default() });
    });
}

#[test]
fn while_it_rings() {
    on_site("while_it_rings", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let agent = engine.scripted_telephone(0, "8001", "agent_never_answers");
        let caller = caller(site, 5);
        tap.sip_within(site.engine().ip(), site.agent(0), "INVITE", SOON);
        caller.ends_well(SOON);
        tap.sip_within(site.engine().ip(), site.agent(0), "CANCEL", SOON);
        agent.ends_well(SOON);
        engine.agent_is("8001", "Ready Idle", SOON);
        assert_eq!(engine.day(), Day { abandoned: 1, ..Day::default() });
    });
}

#[test]
fn and_is_answered_afterwards() {
    on_site("and_is_answered_afterwards", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let agent = engine.scripted_telephone(0, "8001", "agent_answers_late");
        let caller = caller(site, 5);
        tap.sip_within(site.engine().ip(), site.agent(0), "INVITE", SOON);
        caller.ends_well(SOON);
        // ACK and BYE are in the scenario: it ends well only if both came.
        agent.ends_well(SOON);
        let heard = tap.heard(site.agent(0), site.engine().ip()).seconds_of(440.0);
        assert_eq!(heard, 0.0, "never bridged, yet the agent heard {heard} s of a caller who had gone");
        engine.agent_is("8001", "Ready Idle", SOON);
        assert_eq!(engine.day(), Day { abandoned: 1, ..Day::default() });
    });
}
