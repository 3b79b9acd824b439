//! One call, all the way: menu, music, the right person, sound both ways, and either side's goodbye.
//!
//! Not covered here: how a caller or an agent can go wrong (`leaving.rs`, `refusing.rs`), the program's own life (`serving.rs`).
use std::time::Duration;
use switchboard_e2e::engine::program;
use switchboard_e2e::engine::{AGENT_HZ, GREETING_HZ, MUSIC_HZ};
use switchboard_e2e::{Centre, Day, Engine, Running, Sipp, Site, Voice, Wiretap, Written, loss, on_site, until};

const SOON: Duration = Duration::from_secs(15);
const CALLER_HZ: f64 = 440.0;

/// Waits until the caller has been sent this tone for so long.
#[track_caller]
fn caller_hears(tap: &Wiretap, site: &Site, hz: f64, seconds: f64, who: &str) {
    until(&format!("the caller hears {who} for {seconds} s"), SOON, || {
        (tap.heard(site.caller(0), site.engine().ip()).seconds_of(hz) >= seconds).then_some(())
    });
}

#[test]
fn menu_key_music_person_and_sound_both_ways() {
    on_site("menu_key_music_person_and_sound_both_ways", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let voice = Voice::new().silence(3.0).key('0').tone(CALLER_HZ, 30.0);
        let caller = Sipp::at(site, "caller", "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start();

        caller_hears(&tap, site, GREETING_HZ, 1.5, "the menu");
        caller_hears(&tap, site, MUSIC_HZ, 1.0, "the music, for no agent is there");
        let phone = engine.telephone(0, "8001");
        phone.registered(SOON);
        phone.talks(1, SOON);
        caller_hears(&tap, site, f64::from(AGENT_HZ), 2.0, "the agent");
        let music = tap.heard(site.caller(0), site.engine().ip()).seconds_of(MUSIC_HZ);
        until("the agent hears the caller for 2 s", SOON, || {
            (tap.heard(site.agent(0), site.engine().ip()).seconds_of(CALLER_HZ) >= 2.0).then_some(())
        });
        phone.hang_up();
        caller.ends_well(SOON);
        phone.hung_up(1, SOON);
        assert!(phone.heard().seconds_of(CALLER_HZ) >= 1.5, "the telephone itself recorded the caller");
        let after = tap.heard(site.caller(0), site.engine().ip()).seconds_of(MUSIC_HZ);
        assert!(after - music < 0.3, "no music while they talk, but {} s of it", after - music);
        let rung = tap.sip(site.engine().ip(), site.agent(0), "INVITE");
        assert_eq!(rung.len(), 1);
        let told = String::from_utf8_lossy(&rung[0].bytes);
        // 04, then `queue=general;lang=zh-CN;verified=no;call=`.
        let general =
            "User-to-User: 0471756575653d67656e6572616c3b6c616e673d7a682d434e3b76657269666965643d6e6f3b63616c6c3d";
        assert!(told.contains(general), "{told}");
        let urgent = |media: bool| {
            let sip = |bytes: &[u8]| bytes.first().is_some_and(u8::is_ascii_alphabetic);
            tap.seen(|d| d.from.ip() == site.engine().ip() && sip(&d.bytes) != media)
        };
        assert!(urgent(false).iter().all(|d| d.dscp == 24), "signalling is CS3");
        assert!(urgent(true).iter().all(|d| d.dscp == 46), "sound is EF");
        assert_eq!(engine.day(), Day { answered: 1, ..Day::default() });
    });
}

#[test]
fn the_caller_hangs_up_and_the_agents_leg_ends() {
    on_site("the_caller_hangs_up_and_the_agents_leg_ends", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let phone = engine.telephone(0, "8001");
        engine.agent_is("8001", "Ready Idle", SOON);
        let voice = Voice::new().silence(1.0).key('0').tone(CALLER_HZ, 30.0);
        let caller = Sipp::at(site, "caller", "caller_hangs_up", site.caller(0)).to(site.engine()).voice(voice);
        let caller = caller.pause(Duration::from_secs(12)).start();
        phone.talks(1, SOON);
        caller.ends_well(SOON);
        phone.hung_up(1, SOON);
        assert_eq!(tap.sip(site.engine().ip(), site.agent(0), "BYE").len(), 1);
        let (caller, engine_ip) = (site.caller(0), site.engine().ip());
        assert_eq!(tap.sip(engine_ip, caller, "BYE").len(), 0, "who has hung up is not told so");
        assert!(tap.heard(caller, engine_ip).seconds_of(f64::from(AGENT_HZ)) >= 2.0);
        // After-call work, and then the next.
        engine.agent_is("8001", "Ready Idle", SOON);
    });
}

#[test]
fn a_bad_line_loses_a_fifth_and_calls_go_through() {
    on_site("a_bad_line_loses_a_fifth_and_calls_go_through", |site| {
        let engine = Engine::start(site, &Centre::default());
        let phone = engine.telephone(0, "8001");
        engine.agent_is("8001", "Ready Idle", SOON);
        let tap = Wiretap::start();
        loss::lose_percent(20, site.engine());
        loss::lose_percent(20, (site.caller(0), 5060).into());
        loss::lose_percent(20, (site.agent(0), 5060).into());
        for n in 1..=3 {
            let name = format!("caller-{n}");
            // He presses when the ACK has surely come through, and again as people do.
            let voice = Voice::new().silence(4.0).key('0').silence(3.0).key('0').tone(CALLER_HZ, 60.0);
            let caller = Sipp::at(site, &name, "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start();
            phone.talks(n, Duration::from_secs(30));
            let heard = tap.heard(site.agent(0), site.engine().ip()).seconds_of(CALLER_HZ);
            until("the agent hears the caller", SOON, || {
                (tap.heard(site.agent(0), site.engine().ip()).seconds_of(CALLER_HZ) >= heard + 1.0).then_some(())
            });
            phone.hang_up();
            caller.ends_well(Duration::from_secs(40));
            engine.agent_is("8001", "Ready Idle", Duration::from_secs(40));
        }
        assert_eq!(engine.day(), Day { answered: 3, ..Day::default() });
    });
}

/// "Your balance is", as a tone.
const BALANCE_HZ: f64 = 750.0;
const ACCOUNT: &str = "6217003820";
const PIN: &str = "918273";

#[test]
fn a_balance_is_said_then_a_person_comes_and_nothing_that_was_written_holds_account_or_pin() {
    on_site("a_balance_is_said_then_a_person_comes_and_nothing_that_was_written_holds_account_or_pin", |site| {
        let tap = Wiretap::start();
        let engine = Engine::start(site, &Centre::default());
        let folder = site.folder("engine");
        let account = format!("{ACCOUNT}={PIN}");
        let mut backend = site.command(site.engine().ip(), program());
        let backend = Running::start("backend", &folder, backend.args(["backend", "--account", &account]));
        backend.says("back-end on", SOON);
        engine.record_anew("zh-CN/balance_is.wav", BALANCE_HZ, 1.0);
        engine.reload();
        let phone = engine.telephone(0, "8001");
        engine.agent_is("8001", "Ready Idle", SOON);
        let keys = |voice: Voice, keys: &str| keys.chars().fold(voice, Voice::key);
        let voice = keys(Voice::new().silence(1.0), "14").silence(0.5);
        let voice = keys(keys(voice, ACCOUNT).key('#').silence(0.3), PIN);
        // A third of the answer, and then he wants a person after all.
        let voice = voice.silence(2.5).key('0').tone(CALLER_HZ, 20.0);
        let caller = Sipp::at(site, "caller", "caller_stays", site.caller(0)).to(site.engine()).voice(voice).start();
        backend.says("asked: verified", SOON);
        caller_hears(&tap, site, BALANCE_HZ, 0.8, "that his balance is …");
        phone.talks(1, SOON);
        let mut written = Written::default();
        for path in ["/board.json", "/metrics"] {
            written.add(path, engine.get(path));
        }
        for words in [&["trace", "--last"][..], &["call", "list"], &["agents"]] {
            let out = engine.ask(words);
            written.add(&words.join(" "), [out.stdout, out.stderr].concat());
        }
        phone.hang_up();
        caller.ends_well(SOON);
        assert_eq!(engine.day(), Day { answered: 1, ..Day::default() });
        written.add_folder(&folder);
        for sent in tap.seen(|d| d.from == site.engine() || d.from.ip() == site.engine().ip()) {
            written.add(&format!("what was sent to {}", sent.to), sent.bytes);
        }
        // It is there that something would be found.
        assert!(!written.places(b"balance_enquiry").is_empty(), "the record says what was asked for");
        assert!(!written.finds("139000").is_empty() || !written.places(b"INVITE sip:").is_empty(), "messages are read");
        for digits in [ACCOUNT, PIN] {
            // The back-end's command line is not the centre's: it has its accounts from there.
            assert_eq!(written.finds(digits), Vec::<String>::new(), "{digits}");
        }
    });
}
