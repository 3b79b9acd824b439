//! `ivr check`: a file or a folder in; findings and proof out, as text, JSON and SARIF.
//!
//! ```text
//!   ivr-menus/            *.yaml, prompts.yaml, policy.yaml, calendars.yaml, services.yaml; bad/ and tests/ are skipped
//!   ivr-menus/bad/x/      *.yaml; prompts and policy of the folders above it count too, the nearest wins
//! ```
//! Reads through a `Disk` that the caller brings.
use crate::compile::compile;
use crate::facts::Facts;
use crate::lint;
use crate::menu::Menus;
use crate::proof::{Proof, prove};
use crate::sources::{NOT_MENUS, Sources};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io;
use switchboard_source::{Code, Diagnostic, Severity, has_errors, read, render, sarif, sort};

/// What a folder holds under a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// Where files come from.
pub trait Disk {
    /// All bytes of a file.
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>>;
    /// The names in a folder, in any order.
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>>;
}

/// What `ivr check` found.
#[derive(Clone, Debug)]
pub struct Report {
    /// Faults, warnings, advice; in order of file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The menus, if nothing is wrong.
    pub menus: Option<Menus>,
    /// The proof, if nothing is wrong.
    pub proof: Option<Proof>,
}

/// Folders that hold no menus of their own.
const SKIPPED: [&str; 3] = ["bad", "tests", "prompts"];
/// How far up prompts and policy are looked for.
const FOLDERS_UP_MAX: usize = 4;
/// Files of one check: a bank has some ten.
const FILES_MAX: usize = 2_000;

/// Reads everything that belongs to a file or folder: menus below it, prompts and policy in it or above it, sounds.
pub fn gather(path: &str, disk: &mut dyn Disk) -> io::Result<Sources> {
    let path = path.trim_end_matches('/');
    let mut sources = Sources::new();
    let folder = match disk.list(path) {
        Ok(_) => path.to_owned(),
        // A file: its whole folder counts, for menus lead to each other.
        Err(_) => {
            disk.read(path)?;
            path.rsplit_once('/').map_or(".", |(folder, _)| folder).to_owned()
        }
    };
    let mut folders = vec![folder.clone()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let mut names = disk.list(&folder)?;
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, entry) in names {
            let path = join(&folder, &name);
            match entry {
                Entry::Folder if !SKIPPED.contains(&name.as_str()) && !name.starts_with('.') => folders.push(path),
                Entry::File if name.ends_with(".yaml") => {
                    files += 1;
                    if files > FILES_MAX {
                        return Err(io::Error::other(format!("more than {FILES_MAX} files under {folder}")));
                    }
                    let bytes = disk.read(&path)?;
                    sources.add(path, bytes);
                }
                Entry::Folder | Entry::File => {}
            }
        }
    }
    add_from_above(&folder, disk, &mut sources);
    add_sounds(disk, &mut sources);
    Ok(sources)
}

fn join(folder: &str, name: &str) -> String {
    if folder == "." { name.to_owned() } else { format!("{folder}/{name}") }
}

/// A folder of examples need not repeat the bank's prompts and policy.
fn add_from_above(folder: &str, disk: &mut dyn Disk, sources: &mut Sources) {
    let mut here = folder.to_owned();
    for _ in 0..FOLDERS_UP_MAX {
        let Some((above, _)) = here.rsplit_once('/') else { return };
        here = above.to_owned();
        let mut found = false;
        for name in NOT_MENUS {
            let path = join(&here, name);
            if let Ok(bytes) = disk.read(&path) {
                sources.add(path, bytes);
                found |= name == "prompts.yaml" || name == "policy.yaml";
            }
        }
        if found {
            return;
        }
    }
}

/// Every sound that a `prompts.yaml` names and that is there.
fn add_sounds(disk: &mut dyn Disk, sources: &mut Sources) {
    for path in sound_files(sources) {
        if let Ok(bytes) = disk.read(&path) {
            sources.add(path, Bytes::from(bytes));
        }
    }
}

/// The sounds that the texts name, whether there or not.
pub(crate) fn sound_files(sources: &Sources) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for (path, bytes) in sources.named("prompts.yaml") {
        let Some(doc) = read(lint::FAMILY, path, bytes).0 else { continue };
        for prompt in crate::prompts::read_prompts(&doc, sources, &mut vec![]).values() {
            files.extend(prompt.takes.values().map(|t| t.file.clone()));
        }
    }
    // Whatever a file says, nothing but sounds is read because of it.
    files.retain(|f| f.ends_with(".wav"));
    files
}

/// Checks a file or a folder; an error is one of reading (exit code 2), findings are in the report (0 or 1).
pub fn check(path: &str, facts: &Facts, disk: &mut dyn Disk) -> io::Result<Report> {
    Ok(Report::of(&gather(path, disk)?, facts))
}

impl Report {
    /// Checks what was gathered.
    pub fn of(sources: &Sources, facts: &Facts) -> Report {
        let (menus, mut diagnostics) = compile(sources, facts);
        let proof = menus.as_ref().map(prove);
        for row in proof.iter().flat_map(|p| &p.rows).filter(|r| r.keys_min.is_none()) {
            let message =
                format!("{}, {}, {}: nobody can be reached ({})", row.situation, row.language, row.caller, row.path);
            let code = Code { family: lint::FAMILY, number: 602 };
            diagnostics.push(Diagnostic::of_file(code, "", message).severity(Severity::Advice));
        }
        sort(&mut diagnostics);
        Report { diagnostics, menus, proof }
    }
    /// Whether it may go live.
    pub fn is_proved(&self) -> bool {
        self.proof.is_some() && !has_errors(&self.diagnostics)
    }
    /// For people: every finding as rustc prints it, then the proof.
    pub fn text(&self) -> String {
        let count = |s| self.diagnostics.iter().filter(|d| d.severity == s).count();
        let mut text = render(&self.diagnostics);
        match &self.proof {
            Some(proof) => text += &proof.table(),
            None => {
                text += &format!("refused: {} errors, {} warnings\n", count(Severity::Error), count(Severity::Warning))
            }
        }
        text
    }
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "proved": self.is_proved(),
            "diagnostics": switchboard_source::json(&self.diagnostics),
            "proof": self.proof.as_ref().map(Proof::json),
        })
    }
    /// For code hosts and editors: SARIF 2.1.0.
    pub fn sarif(&self) -> Value {
        sarif("switchboard", env!("CARGO_PKG_VERSION"), &lint::rule_texts(), &self.diagnostics)
    }
}
