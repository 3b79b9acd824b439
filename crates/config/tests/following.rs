//! The numbers of prompts across reloads: what stays the same keeps its number, and no number ever changes its meaning.
//!
//! Not covered: that the sounds reach the callers (`crates/e2e`).
use std::collections::BTreeMap;
use std::io;
use switchboard_config::embedded::Inside;
use switchboard_config::{Loaded, load};
use switchboard_ivr::{Disk, Entry};
use switchboard_source::render;

/// The files inside the program; of the sounds named here, the samples are this byte.
struct Recorded(BTreeMap<&'static str, u8>);

impl Disk for Recorded {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Inside.read(path)?;
        if let Some((_, with)) = self.0.iter().find(|(name, _)| path.ends_with(*name)) {
            bytes[44..].fill(*with); // a canonical WAVE header is 44 bytes
        }
        Ok(bytes)
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        Inside.list(folder)
    }
}

fn loaded(sounds: &[(&'static str, u8)]) -> Loaded {
    let (loaded, faults) = load("config", None, &mut Recorded(sounds.iter().copied().collect()));
    loaded.unwrap_or_else(|| panic!("{}", render(&faults)))
}

#[test]
fn a_number_never_changes_its_meaning() {
    let versions: [&[(&str, u8)]; 5] = [
        &[],
        &[("en/welcome.wav", 1)],
        &[("en/welcome.wav", 2), ("music.wav", 1)],
        &[("music.wav", 1)],
        // As at first: the sound is back, and its first number has been forgotten with the menus that had it.
        &[],
    ];
    let mut live = loaded(versions[0]);
    let mut meaning = BTreeMap::new();
    let mut fresh = vec![];
    for version in versions {
        let next = loaded(version).following(&live.menus);
        let mut new = 0;
        for prompt in next.menus.prompts() {
            let says = (prompt.name.clone(), prompt.language, prompt.sound.clone());
            let before = meaning.insert(prompt.id, says.clone());
            assert!(before.as_ref().is_none_or(|b| *b == says), "{:?} of {:?} changed its meaning", prompt.id, says.0);
            new += usize::from(live.menus.prompt(prompt.id).is_none());
            assert_eq!(next.menus.prompt(prompt.id).map(|p| &p.name), Some(&prompt.name));
        }
        let count = loaded(version).menus.prompts().len();
        assert_eq!(next.menus.prompts().len(), count);
        for queue in next.engine().expect("it is sound").queues {
            let music = next.menus.prompt(queue.music).expect("every number in use is of these menus");
            assert_eq!(music.name, "music");
        }
        fresh.push(new);
        live = next;
    }
    assert_eq!(fresh, [0, 1, 2, 1, 1]);
}
