//! An advert is no less one in a menu that callers are led to without choosing it.
//!
//! Not covered: sub-menus that a caller chooses; the Article speaks of the main menu and the way to it.
mod common;

use common::{facts, option_prompt, sources};
use switchboard_ivr::compile;
use switchboard_model::Language;

#[track_caller]
fn check(main_more: &str, refused: bool) {
    let menu = |name: &str, greeting: &str, more: &str, silent: &str| {
        let text = format!(
            "version: 1\nmenu: {name}\nlanguages: [zh-CN]\ngreeting: {greeting}\noptions:\n  \"0\": {{ prompt: p0, queue: q }}\n  \"*\": {{ \
             replay: true }}\n{more}no_input: {{ after_s: 6, replay: 0, then: {silent} }}\nno_match: {{ replay: 0, then: {{ queue: q }} }}\n"
        );
        (name.to_owned(), text)
    };
    let menus = [
        menu("main", "hello", &format!("{main_more}\n"), "{ queue: q }"),
        menu("night", "hello", "  \"1\": { prompt: p1, menu: offers }\n", "{ queue: q }"),
        menu("offers", "gold", "", "{ queue: q }"),
    ];
    let menus: Vec<_> = menus.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let word = |name: &str, kind: &'static str| (name.to_owned(), kind, "您好".to_owned(), "Hello".to_owned(), 500);
    let prompts = [
        word("hello", "menu"),
        word("gold", "advert"),
        word("shut", "notice"),
        option_prompt("p0", '0', 500),
        option_prompt("p1", '1', 500),
    ];
    let (_, faults) = compile(&sources(&menus, &prompts, "levels_max: 9\n"), &facts(&["q"], &[Language::Mandarin], 2));
    let codes: Vec<String> = faults.iter().map(|f| f.code.to_string()).filter(|c| c != "IVR0601").collect();
    assert_eq!(
        codes,
        if refused { vec!["IVR0101".to_owned()] } else { vec![] },
        "{}",
        switchboard_source::render(&faults)
    );
}

#[test]
fn who_is_led_without_a_choice_hears_no_advert() {
    let hours = "hours: { days: [mon], from: \"08:00\", to: \"18:00\", utc_offset: \"+08:00\" }\n";
    check("  \"1\": { prompt: p1, menu: night }", false);
    check(
        &format!("  \"1\": {{ prompt: p1, menu: night }}\n{hours}closed: {{ prompt: shut, then: {{ menu: offers }} }}"),
        true,
    );
    check("  \"1\": { prompt: p1, menu: night }\nqueue_full: { prompt: shut, then: { menu: offers } }", true);
}
