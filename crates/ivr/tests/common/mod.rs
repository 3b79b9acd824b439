//! What several tests need: the repository's files, silent sounds, queues that everybody serves.
#![allow(dead_code, reason = "each test uses a part of it")]
use std::io;
use switchboard_ivr::{Ability, Disk, Entry, Facts, QueueFacts, Sources};
use switchboard_model::Language;

/// The repository's files, by paths from its root.
pub struct Repository;

fn root(path: &str) -> String {
    format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"))
}

impl Disk for Repository {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(root(path))
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        let entries = std::fs::read_dir(root(folder))?.collect::<io::Result<Vec<_>>>()?;
        let entry = |e: std::fs::DirEntry| {
            let kind = if e.path().is_dir() { Entry::Folder } else { Entry::File };
            (e.file_name().to_string_lossy().into_owned(), kind)
        };
        Ok(entries.into_iter().map(entry).collect())
    }
}

/// A silent sound of that length.
pub fn silence(millis: u32) -> Vec<u8> {
    let len = millis * 16;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + len).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8000u32.to_le_bytes());
    wav.extend(16_000u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(len.to_le_bytes());
    wav.resize(wav.len() + len as usize, 0);
    wav
}

/// These queues, served in these languages by that many.
pub fn facts(queues: &[&str], languages: &[Language], agents: u32) -> Facts {
    let served = QueueFacts { agents: languages.iter().map(|l| (*l, agents)).collect(), ..QueueFacts::default() };
    let queues = queues.iter().map(|q| ((*q).to_owned(), served.clone())).collect();
    Facts { queues, can: Ability::ALL.to_vec(), ..Facts::default() }
}

/// The queues of the bank in `ivr-menus/`: all languages everywhere.
pub fn bank_facts() -> Facts {
    let queues = ["general", "accounts", "cards", "card_loss", "loans", "complaints", "duty"];
    // What the engine can do is known to it alone (`engine::config::ABILITIES`); this is that.
    Facts { can: vec![Ability::Service], ..facts(&queues, &Language::ALL, 3) }
}

/// Sources of these menus and prompts: name, kind, what it says in Mandarin and English, and its length.
pub fn sources(menus: &[(&str, String)], prompts: &[(String, &str, String, String, u32)], policy: &str) -> Sources {
    let mut sources = Sources::new();
    let mut text = "version: 1\nprompts:\n".to_owned();
    for (name, kind, mandarin, english, millis) in prompts {
        text += &format!("  {name}:\n    kind: {kind}\n");
        for (language, says) in [("zh-CN", mandarin), ("en", english)] {
            text += &format!("    {language}: {{ text: \"{says}\" }}\n");
            // Not of equal length, so that a mix-up of languages is seen.
            let longer = if language == "en" { 70 } else { 0 };
            sources.add(format!("prompts/{language}/{name}.wav"), silence(millis + longer));
        }
    }
    sources.add("prompts.yaml", text.into_bytes());
    sources.add("policy.yaml", format!("version: 1\n{policy}").into_bytes());
    for (name, body) in menus {
        sources.add(format!("{name}.yaml"), body.clone().into_bytes());
    }
    sources
}

/// A prompt that names a key, as the linter wants it.
pub fn option_prompt(name: &str, key: char, millis: u32) -> (String, &'static str, String, String, u32) {
    let (mandarin, english) = match key {
        '*' => ("星号".to_owned(), "star".to_owned()),
        '#' => ("井号".to_owned(), "hash".to_owned()),
        key => (key.to_string(), key.to_string()),
    };
    (name.to_owned(), "menu", format!("业务请按{mandarin}"), format!("For this, press {english}"), millis)
}
