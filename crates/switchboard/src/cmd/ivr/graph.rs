//! `switchboard ivr graph`: the menus as a picture, SVG or Mermaid.
use super::menus::Bank;
use crate::cmd::say::say_on;
use crate::cmd::{Done, Json, write_json};
use std::path::PathBuf;
use switchboard_ivr::tools::graph::Graph as Picture;

/// A picture of the menus.
#[derive(clap::Args, Debug)]
pub struct Graph {
    #[command(flatten)]
    bank: Bank,
    /// `svg` for browsers and documents, `mermaid` for wikis and Markdown.
    #[arg(long, value_parser = ["svg", "mermaid"], default_value = "svg")]
    format: String,
    /// Write the picture to this file instead of the standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    json: Json,
}

impl Graph {
    /// Exit code 0: drawn; 1: the menus are refused; 2: they cannot be read.
    pub fn run(self) -> Done {
        let Some(menus) = self.bank.menus()? else { return Ok(false) };
        let graph = Picture::of(&menus);
        let picture = if self.format == "mermaid" { graph.mermaid() } else { graph.svg() };
        match &self.out {
            Some(file) => std::fs::write(file, picture).map_err(|e| format!("cannot write {}: {e}", file.display()))?,
            None => say_on!("{picture}"),
        }
        write_json(self.json.json.as_deref(), &graph.json())?;
        Ok(true)
    }
}
