//! `switchboard agents import FILE.csv --config DIR`: a spreadsheet's list of agents becomes `agents.yaml`.
//!
//! The list is read whole, then the whole configuration is checked with it in place; only what could go live is written, by renaming a
//! finished file. `switchboard preview` and `reload` bring it into a running centre.
use super::load::{Files, Where, today};
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use serde::Serialize;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use switchboard_ivr::{Disk, Entry};
use switchboard_source::Diagnostic;

/// Take the agents from a CSV file.
#[derive(clap::Args, Debug)]
pub struct Import {
    /// The list: agent_id,name,skills and password or ha1; team, sip_user, certificates, trainee where wanted.
    file: PathBuf,
    #[command(flatten)]
    place: Where,
    /// Write nothing: only say what is wrong, or what would change.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    json: Json,
}

#[derive(Serialize)]
struct Imported {
    written: bool,
    agents: usize,
    come: Vec<String>,
    go: Vec<String>,
    faults: serde_json::Value,
}

impl Import {
    /// Exit code 0: written, or with `--dry-run` fit to be; 1: its faults are printed and nothing is changed.
    pub fn run(self) -> Done {
        let Some(folder) = self.place.config.clone() else {
            return Err("name the folder whose agents.yaml is to be written: --config DIR".to_owned());
        };
        let path = folder.join("agents.yaml");
        let old = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(format!("cannot read {}: {e}", path.display())),
        };
        let shown = self.file.display().to_string();
        let csv = std::fs::read_to_string(&self.file)
            .map_err(|e| format!("cannot read {shown}: {e}; it must be UTF-8 (in the spreadsheet: CSV UTF-8)"))?;
        let yaml = match switchboard_config::agents_from_csv(&shown, &csv, &old) {
            Ok(yaml) => yaml,
            Err(faults) => return self.refused(&faults),
        };
        let name = folder.to_string_lossy().into_owned();
        let mut disk = Instead { path: format!("{name}/agents.yaml"), text: yaml.clone().into_bytes() };
        let (loaded, faults) = switchboard_config::load(&name, Some(today()), &mut disk);
        let Some(loaded) = loaded else { return self.refused(&faults) };
        eprint!("{}", switchboard_source::render(&faults));
        let before: Vec<String> = switchboard_config::load(&name, Some(today()), &mut Files)
            .0
            .map_or(vec![], |l| l.agents.into_iter().map(|a| a.agent_id).collect());
        let after: Vec<String> = loaded.agents.iter().map(|a| a.agent_id.clone()).collect();
        let without = |these: &[String], those: &[String]| -> Vec<String> {
            these.iter().filter(|id| !those.contains(id)).cloned().collect()
        };
        let (come, go) = (without(&after, &before), without(&before, &after));
        if !self.dry_run {
            let unfinished = path.with_extension("yaml.new");
            written(&unfinished, &path, &yaml).map_err(|e| format!("cannot write {}: {e}", path.display()))?;
        }
        let what = if self.dry_run { "would be written" } else { "written" };
        say!("{} agents {what}; {} come, {} go", after.len(), come.len(), go.len());
        come.iter().for_each(|id| say!("  + {id}"));
        go.iter().for_each(|id| say!("  - {id}"));
        let faults = switchboard_source::json(&faults);
        write_json(
            self.json.json.as_deref(),
            &Imported { written: !self.dry_run, agents: after.len(), come, go, faults },
        )?;
        Ok(true)
    }

    fn refused(&self, faults: &[Diagnostic]) -> Done {
        eprint!("{}", switchboard_source::render(faults));
        say!("{} faults; nothing is written", faults.len());
        let faults = switchboard_source::json(faults);
        let none = Imported { written: false, agents: 0, come: vec![], go: vec![], faults };
        write_json(self.json.json.as_deref(), &none)?;
        Ok(false)
    }
}

/// It holds passwords: readable as the file it takes the place of was, or by its owner only.
fn written(unfinished: &Path, path: &Path, yaml: &str) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(unfinished)?;
    file.write_all(yaml.as_bytes())?;
    file.sync_all()?;
    if let Ok(old) = std::fs::metadata(path) {
        file.set_permissions(old.permissions())?;
    }
    std::fs::rename(unfinished, path)
}

/// The files of this machine, one of them not yet written.
struct Instead {
    path: String,
    text: Vec<u8>,
}

impl Disk for Instead {
    fn read(&mut self, path: &str) -> std::io::Result<Vec<u8>> {
        if path == self.path { Ok(self.text.clone()) } else { Files.read(path) }
    }
    fn list(&mut self, folder: &str) -> std::io::Result<Vec<(String, Entry)>> {
        Files.list(folder)
    }
}
