//! `switchboard ivr check PATH`: is this menu, or folder of menus, proved?
use crate::cmd::load::Files;
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use std::path::{Path, PathBuf};
use switchboard_ivr::gather;
use switchboard_ivr::tools::fix::fix;

/// Check and prove.
#[derive(clap::Args, Debug)]
pub struct Check {
    /// A menu file, or a folder; `bad/` and `tests/` inside it are skipped.
    path: PathBuf,
    #[command(flatten)]
    config: super::menus::Config,
    /// How to print what was found.
    #[arg(long, value_parser = ["text", "json", "sarif"], default_value = "text")]
    format: String,
    /// Write the proof to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// First mend what needs no decision: quotes on keys, spaces for tabs, the version.
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    json: Json,
}

impl Check {
    /// Exit code 0: proved; 1: refused; 2: could not be read.
    pub fn run(self) -> Done {
        if self.fix {
            self.mend()?;
        }
        let report = self.config.check(&self.path)?;
        match self.format.as_str() {
            "json" => say!("{:#}", report.json()),
            "sarif" => say!("{:#}", report.sarif()),
            _ => say_on!("{}", report.text()),
        }
        if let Some(proof) = &report.proof {
            write_json(self.proof.as_deref(), &proof.json())?;
        }
        write_json(self.json.json.as_deref(), &report.json())?;
        Ok(report.proof.is_some())
    }

    /// Writes each mended file beside the old one and moves it there, so that nobody ever reads half of it.
    fn mend(&self) -> Result<(), String> {
        let path = self.path.to_string_lossy();
        let sources = gather(&path, &mut Files).map_err(|e| format!("cannot read {path}: {e}"))?;
        // A file is checked with its folder, but only it itself was asked to be mended.
        let asked =
            |file: &str| self.path.is_dir() && Path::new(file).starts_with(&self.path) || Path::new(file) == self.path;
        for (file, bytes) in sources.files().filter(|(file, _)| file.ends_with(".yaml") && asked(file)) {
            let Some(fixed) = fix(file, bytes) else { continue };
            let beside = format!("{file}.mended");
            let written = std::fs::write(&beside, &fixed.text).and_then(|()| std::fs::rename(&beside, file));
            written.map_err(|e| format!("cannot write {file}: {e}"))?;
            fixed.done.iter().for_each(|(line, what)| say_on!("已改 mended {file}:{line} {what}\n"));
        }
        Ok(())
    }
}
