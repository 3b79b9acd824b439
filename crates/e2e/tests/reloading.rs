//! Menus and prompts change while calls run.
//!
//! Not covered here: what a reload refuses (`config`'s own tests), and menus that change under a caller's fingers (`ivr`'s).
use std::time::Duration;
use switchboard_e2e::engine::{AGENT_HZ, GREETING_HZ, MUSIC_HZ};
use switchboard_e2e::{Centre, Day, Engine, Sipp, Site, Voice, Wiretap, on_site, until};

const SOON: Duration = Duration::from_secs(15);

#[track_caller]
fn hears(tap: &Wiretap, site: &Site, caller: u8, hz: f64, who: &str) {
    until(&format!("caller {caller} hears {who} for a second"), SOON, || {
        (tap.heard(site.caller(caller), site.engine().ip()).seconds_of(hz) >= 1.0).then_some(())
    });
}

#[test]
fn recordings_change_while_callers_wait_and_nobody_is_left_in_silence() {
    on_site("recordings_change_while_callers_wait_and_nobody_is_left_in_silence", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let voice = || Voice::new().silence(3.0).key('0').tone(440.0, 60.0);
        let call = |name, n| Sipp::at(site, name, "caller_stays", site.caller(n)).to(site.engine());
        let first = call("first", 0).voice(voice()).start();
        hears(&tap, site, 0, GREETING_HZ, "the first greeting");
        hears(&tap, site, 0, MUSIC_HZ, "the first music");

        // Twice, for of two reloads ago nothing is kept.
        for (greeting, music) in [(500.0, 1_600.0), (800.0, 1_900.0)] {
            engine.record_anew("zh-CN/welcome.wav", greeting, 2.0);
            engine.record_anew("music.wav", music, 4.0);
            engine.reload();
            hears(&tap, site, 0, music, "the new music, waiting all the time");
        }
        let second = call("second", 1).voice(voice()).start();
        hears(&tap, site, 1, 800.0, "the new greeting");
        hears(&tap, site, 1, 1_900.0, "the new music");

        let phone = engine.telephone(0, "8001");
        phone.talks(1, SOON);
        hears(&tap, site, 0, f64::from(AGENT_HZ), "the agent");
        phone.hang_up();
        first.ends_well(SOON);
        phone.talks(2, SOON);
        phone.hang_up();
        second.ends_well(SOON);
        assert_eq!(engine.day(), Day { answered: 2, ..Day::default() });
    });
}
