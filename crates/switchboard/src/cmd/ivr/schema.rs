//! `switchboard ivr schema KIND`: what a stock editor needs to help whoever edits menus.
use crate::cmd::say::say;
use crate::cmd::{Done, write_json};
use std::path::PathBuf;
use switchboard_ivr::tools::schema::{KINDS, schema};

/// The JSON Schema of a kind of file.
#[derive(clap::Args, Debug)]
pub struct Schema {
    /// Which kind of file.
    #[arg(value_parser = KINDS)]
    kind: String,
    /// Write it to this file instead of the standard output.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Schema {
    /// Exit code 0: written; 2: it could not be.
    pub fn run(self) -> Done {
        let schema = schema(&self.kind).ok_or_else(|| format!("there is no schema of {}", self.kind))?;
        match self.json.as_deref() {
            Some(file) => write_json(Some(file), &schema)?,
            None => say!("{schema:#}"),
        }
        Ok(true)
    }
}
