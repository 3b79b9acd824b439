//! `switchboard ivr check PATH`: is this menu, or folder of menus, proved?
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use std::path::PathBuf;

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
    #[command(flatten)]
    json: Json,
}

impl Check {
    /// Exit code 0: proved; 1: refused; 2: could not be read.
    pub fn run(self) -> Done {
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
}
