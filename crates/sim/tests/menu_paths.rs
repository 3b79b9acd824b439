//! The bank's proved menus are called through the engine by every path of up to three keys, and each ends where the menus' own text
//! says; and every path that the proof names leads to the queue that it names.
//!
//! Not covered: what is heard on the way (`ivr/tests`), and what happens in the queue.
mod rig;

use rig::{Rig, START};
use switchboard_ivr::{Caller, Does, Menus, Situation, prove};
use switchboard_model::{Digit, Language, ShardId, What};

const KEYS: &str = "0123456789*#";

/// Where a caller is after some keys.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    Menu(String, Language),
    Queue(String),
}

/// By the menus' text alone: what each key does, and how often a wrong one is forgiven.
fn by_text(menus: &Menus, path: &str) -> Place {
    let mut here = ("main".to_owned(), Language::Mandarin);
    let mut mistakes = 0;
    for key in path.chars() {
        let menu = menus.menu(&here.0).expect("a menu");
        let does = match menu.option(Digit::from_char(key).expect("a key")) {
            Some(option) => option.does.clone(),
            None => {
                mistakes += 1;
                if mistakes <= menu.no_match.replay {
                    continue;
                }
                menu.no_match.then.clone()
            }
        };
        match does {
            Does::Queue(queue) => return Place::Queue(queue),
            Does::Menu(menu) => (here.0, mistakes) = (menu, 0),
            Does::Language(language) => (here.1, mistakes) = (language, 0),
            Does::Replay => mistakes = 0,
            // Whatever is pressed then answers the service's questions.
            Does::Service(_) => return Place::Menu(here.0, here.1),
            other => panic!("the bank's menus do nothing like {other:?}"),
        }
    }
    Place::Menu(here.0, here.1)
}

/// By calling: what the engine has told of the call.
fn by_call(config: &std::sync::Arc<switchboard_engine::Config>, path: &str) -> Place {
    let mut rig = Rig::new(ShardId(1), config, START);
    rig.call();
    rig.ack();
    path.chars().for_each(|face| rig.key(face));
    let last = rig.told.iter().rev().find_map(|what| match what {
        What::Queued { queue, .. } => Some(Place::Queue(config.queue(*queue).queue.name.clone())),
        What::MenuEntered { menu, language } => Some(Place::Menu(menu.clone(), *language)),
        _ => None,
    });
    last.unwrap_or_else(|| panic!("nothing came of {path}: {:?}", rig.told))
}

#[test]
fn every_path_of_three_keys_ends_where_the_menus_say() {
    let config = Rig::config();
    let mut paths = vec![String::new()];
    let mut called = 0;
    for _ in 0..=3 {
        for path in &paths {
            assert_eq!(by_call(&config, path), by_text(&config.menus, path), "{path}");
            called += 1;
        }
        paths = paths.iter().flat_map(|path| KEYS.chars().map(move |key| format!("{path}{key}"))).collect();
    }
    assert_eq!(called, 1 + 12 + 144 + 1_728);
}

#[test]
fn every_path_of_the_proof_leads_to_the_queue_it_names() {
    let config = Rig::config();
    let mut called = 0;
    for row in prove(&config.menus).rows {
        if row.situation != Situation::Open || row.caller != Caller::Keys {
            continue;
        }
        let keys: String = row.path.split(" → ").filter(|word| word.len() == 1).collect();
        let queue = row.path.rsplit("queue ").next().unwrap_or_default().to_owned();
        assert_eq!(by_call(&config, &keys), Place::Queue(queue), "{}", row.path);
        called += 1;
    }
    assert_eq!(called, 3, "a row for each language");
}
