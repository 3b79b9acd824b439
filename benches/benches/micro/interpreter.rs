//! A caller enters the embedded main menu and presses 0 as soon as something is played: to a person, in every case.
use divan::{Bencher, black_box};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use switchboard_ivr::{Input, Interpreter, Output, Visitor};
use switchboard_model::{Digit, Instant};

#[divan::bench]
fn ours(bencher: Bencher<'_, '_>) {
    let (loaded, faults) = switchboard_config::embedded::load();
    let loaded = loaded.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)));
    let (menus, zero) = (&loaded.menus, Digit::from_char('0').expect("a key"));
    let start = Instant::from_millis(1_767_578_400_000);
    bencher.bench_local(|| {
        let mut now = start;
        let mut caller = Interpreter::enter(menus, "main", Visitor::Anybody).expect("there is a main menu");
        caller.handle(menus, now, Input::Start);
        // Notices that must be heard come first; each is over after a while.
        loop {
            let mut played = None;
            while let Some(output) = caller.poll() {
                match output {
                    Output::Play { play, .. } => played = Some(play),
                    Output::Leave(_) => return black_box(now),
                    Output::Stop | Output::Entered { .. } | Output::Chose { .. } | Output::Serve { .. } => {}
                }
            }
            now = now + Duration::from_millis(500);
            caller.handle(menus, now, Input::Digit(zero));
            if let Some(play) = played {
                caller.handle(menus, now, Input::PromptsDone { play });
            }
        }
    });
}

/// The least that can stand there: a key is looked up, and says where it leads. No prompts, notices, hours, languages, second chances.
#[divan::bench]
fn baseline_mutex_table(bencher: Bencher<'_, '_>) {
    let table: BTreeMap<(String, char), String> =
        "0123456789*#".chars().map(|key| (("main".to_owned(), key), format!("queue {key}"))).collect();
    let (table, callers) = (Mutex::new(table), Mutex::new(BTreeMap::<u64, String>::new()));
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        callers.lock().expect("nobody panics").insert(n, "main".to_owned());
        let menu = callers.lock().expect("nobody panics").remove(&n).unwrap_or_default();
        black_box(table.lock().expect("nobody panics").get(&(menu, '0')).cloned())
    });
}
