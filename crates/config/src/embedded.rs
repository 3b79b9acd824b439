//! The repository's own `config/` and `ivr-menus/`, inside the program, so that the demo runs from any folder.
use crate::Loaded;
use include_dir::{Dir, include_dir};
use std::io;
use switchboard_ivr::{Disk, Entry};
use switchboard_source::Diagnostic;

static CONFIG: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../config");
static MENUS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../ivr-menus");

/// The embedded configuration. It has no waivers, so no day is asked for; the test holds it to that.
pub fn load() -> (Option<Loaded>, Vec<Diagnostic>) {
    crate::load("config", None, &mut Inside)
}

/// The files inside the program.
pub struct Inside;

impl Disk for Inside {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        let file = place(path).and_then(|(dir, rest)| dir.get_file(rest));
        file.map(|f| f.contents().to_vec()).ok_or_else(|| absent(path))
    }

    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        let (top, rest) = place(folder).ok_or_else(|| absent(folder))?;
        let dir = if rest.is_empty() { Some(top) } else { top.get_dir(rest) };
        let dir = dir.ok_or_else(|| absent(folder))?;
        let name =
            |path: &std::path::Path| path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        let files = dir.files().map(|f| (name(f.path()), Entry::File));
        Ok(files.chain(dir.dirs().map(|d| (name(d.path()), Entry::Folder))).collect())
    }
}

fn place(path: &str) -> Option<(&'static Dir<'static>, &str)> {
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    match first {
        "config" => Some((&CONFIG, rest)),
        "ivr-menus" => Some((&MENUS, rest)),
        _ => None,
    }
}

fn absent(path: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{path} is not inside the program"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_live_without_a_fault() {
        let (loaded, faults) = load();
        assert!(faults.is_empty(), "{}", switchboard_source::render(&faults));
        let loaded = loaded.expect("nothing is wrong");
        assert!(loaded.menus.waivers().is_empty(), "a waiver ends on some day, and here nobody says which day it is");
        assert!(loaded.agents.len() >= 20 && loaded.queues.len() >= 6);
        let config = loaded.engine().expect("a possible layout");
        assert_eq!(config.trunks[0].numbers["9500"], "main");
        for agent in &config.agents {
            assert_eq!(
                agent.announcement.len(),
                config.languages.len(),
                "{} is announced in every language",
                agent.agent_id
            );
        }
    }
}
