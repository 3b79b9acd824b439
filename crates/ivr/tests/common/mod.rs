//! What several tests need: the repository's files, silent sounds, queues that everybody serves.
#![allow(dead_code, reason = "each test uses a part of it")]
use std::io;
use switchboard_ivr::{Disk, Entry, Facts, QueueFacts};
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
    let served = QueueFacts { agents: languages.iter().map(|l| (*l, agents)).collect() };
    Facts { queues: queues.iter().map(|q| ((*q).to_owned(), served.clone())).collect(), ..Facts::default() }
}

/// The queues of the bank in `ivr-menus/`: Mandarin and English everywhere, Cantonese nowhere.
pub fn bank_facts() -> Facts {
    let queues = ["general", "accounts", "cards", "card_loss", "loans", "complaints"];
    facts(&queues, &[Language::Mandarin, Language::English], 3)
}
