//! The wallboard in a real browser, beside a demo at work: it shows what the centre says, in both languages, on a wall and on a
//! telephone; and when the centre stops, it does not go on as if nothing had happened.
//!
//! The pictures it takes are kept in the test's folder with `E2E_KEEP=1`.
use rustix::process::Signal;
use std::time::Duration;
use switchboard_e2e::engine::program;
use switchboard_e2e::{Browser, Running, on_site};

const SOON: Duration = Duration::from_secs(40);

#[test]
fn the_wallboard_shows_the_centre_and_turns_grey_when_it_stops() {
    on_site("the_wallboard_shows_the_centre_and_turns_grey_when_it_stops", |site| {
        let (at, folder) = (site.engine().ip(), site.folder("demo"));
        let mut command = site.command(at, program());
        command.args(["demo", "--for", "300s", "--data"]).arg(&folder);
        let demo = Running::start("demo", &folder, &mut command);
        let line = demo.says("in a browser", SOON);
        let address = line.split_whitespace().find(|word| word.starts_with("http://")).expect("its address").to_owned();

        let mut wall = Browser::start(site, at, (1920, 1080));
        wall.open(&format!("{address}?lang=zh"));
        wall.see("the centre's name", "document.getElementById('centre')?.textContent.includes('示范银行')", SOON);
        wall.see("seven queues", "document.querySelectorAll('[data-queue]').length === 7", SOON);
        wall.see("twenty-five agents", "document.querySelectorAll('[data-agent]').length === 25", SOON);
        wall.see("the light of conservation", "document.getElementById('balance').textContent === '✔ 平衡'", SOON);
        let general = "document.querySelector('[data-queue=general]')";
        wall.see("an answered call", &format!("Number({general}.querySelector('.answered b').textContent) > 0"), SOON);
        wall.see(
            "the level with its formula and X",
            &format!("/F8 ≤ 20 s · 目标 80 %/.test({general}.textContent)"),
            SOON,
        );
        wall.see(
            "somebody who talks",
            "document.querySelector('.agent.talking span')?.textContent.includes('● 通话 0:')",
            SOON,
        );
        wall.see(
            "young data",
            "document.getElementById('age').textContent.startsWith('✔') && !document.body.matches('.stale')",
            SOON,
        );
        let wide = "document.documentElement.scrollWidth <= innerWidth";
        wall.see("nothing beyond the edge", wide, SOON);
        wall.picture("wall-zh");

        // What is drawn is what the centre says, number by number.
        wall.value(
            "window.same = null; new EventSource('live').onmessage = (e) => queueMicrotask(() => setTimeout(() => { \
               const b = JSON.parse(e.data); \
               const shown = (q, c) => document.querySelector(`[data-queue='${q.name}'] .${c} b`).textContent; \
               window.same = b.queues.every((q) => shown(q, 'waiting') === String(q.waiting) \
                 && shown(q, 'answered') === String(q.answered) && shown(q, 'abandoned') === String(q.abandoned)); }, 0)); 0",
        );
        wall.see("the numbers of the same board", "window.same", SOON);

        wall.value("document.getElementById('language').click()");
        wall.see("English", "document.getElementById('balance').textContent === '✔ adds up'", SOON);

        let mut phone = Browser::start(site, at, (400, 900));
        phone.open(&format!("{address}?lang=en"));
        phone.see("seven queues", "document.querySelectorAll('[data-queue]').length === 7", SOON);
        phone.see("nothing beyond the edge", wide, SOON);
        phone.picture("phone-en");

        demo.signal(Signal::STOP);
        wall.see("that the data has stopped", "document.body.matches('.stale')", SOON);
        wall.see(
            "words beside the grey",
            "document.getElementById('age').textContent.includes('the data has stopped')",
            SOON,
        );
        wall.picture("wall-stale");
        demo.signal(Signal::CONT);
        wall.see("young data again", "!document.body.matches('.stale')", SOON);
        wall.see("that it still adds up", "document.getElementById('balance').textContent === '✔ adds up'", SOON);
    });
}
