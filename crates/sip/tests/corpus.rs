//! What fuzzing has found worth keeping is played again, and a few thousand changed copies of it: bytes, time and an owner's wishes
//! against a whole endpoint.
//!
//! Longer runs: docs/fuzzing.md.
mod driven;

use std::fs;
use std::path::{Path, PathBuf};
use switchboard_model::Chance;

fn scripts() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = |folder: &str| -> Vec<PathBuf> {
        let folder = root.join(folder);
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut files: Vec<PathBuf> = entries.map(|e| e.expect("the folder can be read").path()).collect();
        files.sort();
        files
    };
    let read = |path: &PathBuf| fs::read(path).expect("the file can be read");
    let kept: Vec<Vec<u8>> = files("../../fuzz/corpus/endpoint").iter().map(read).collect();
    assert!(kept.len() >= 8, "the corpus is there");
    let torture = files("../wire/tests/rfc4475").into_iter().filter(|p| p.extension().is_some_and(|e| e == "dat"));
    let as_script = |path: PathBuf| {
        let bytes = read(&path);
        [&b"d"[..], &(bytes.len() as u16).to_le_bytes(), &bytes].concat()
    };
    kept.into_iter().chain(torture.map(as_script)).collect()
}

#[test]
fn the_corpus_and_its_changed_copies_leave_nothing_behind() {
    let scripts = scripts();
    for script in &scripts {
        driven::drive(script);
    }
    let mut chance = Chance::from_number(2026);
    for _ in 0..3_000 {
        let pick = |chance: &mut Chance| &scripts[chance.below(scripts.len() as u64) as usize];
        let mut script = pick(&mut chance).clone();
        if chance.happens(0.3) {
            let other = pick(&mut chance).clone();
            let at = chance.below(script.len() as u64 + 1) as usize;
            script.splice(at..at, other);
        }
        for _ in 0..1 + chance.below(6) {
            let at = chance.below(script.len() as u64) as usize;
            match chance.below(4) {
                0 => script[at] = chance.below(256) as u8,
                1 => drop(script.remove(at)),
                2 => script.insert(at, b"tdsiarbc\r\n:;<>@ "[chance.below(16) as usize]),
                _ => {
                    let to = (at + chance.below(64) as usize).min(script.len());
                    let copy = script[at..to].to_vec();
                    script.splice(at..at, copy);
                }
            }
            if script.is_empty() {
                script.push(b't');
            }
        }
        driven::drive(&script);
    }
}
