//! `switchboard ivr test`: the bank's scenarios, one call each.
use super::menus::Config;
use crate::cmd::load::Files;
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use std::path::{Path, PathBuf};
use switchboard_ivr::tools::scenario::{read, texts};

/// Hold the menus to written scenarios.
#[derive(clap::Args, Debug)]
pub struct Test {
    /// A Markdown file, or a folder of them; `README.md` is for readers.
    #[arg(default_value = "ivr-menus/tests")]
    path: PathBuf,
    /// The menus; without it, those of the folder in which the scenarios' folder lies.
    #[arg(long, value_name = "PATH")]
    menus: Option<PathBuf>,
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    json: Json,
}

impl Test {
    /// Exit code 0: every call went as written; 1: one did not, or the menus are refused; 2: a scenario cannot be read.
    pub fn run(self) -> Done {
        let folder = if self.path.is_dir() { Some(self.path.as_path()) } else { self.path.parent() };
        let beside = folder.and_then(Path::parent).filter(|p| !p.as_os_str().is_empty());
        let menus = self.menus.as_deref().or(beside).unwrap_or(Path::new("."));
        let path = self.path.to_string_lossy();
        let mut scenarios = vec![];
        for (file, text) in texts(&path, &mut Files).map_err(|e| format!("cannot read {path}: {e}"))? {
            if !file.ends_with("README.md") {
                scenarios.extend(
                    read(&text).map_err(|why| format!("{file}: {why}"))?.into_iter().map(|s| (file.clone(), s)),
                );
            }
        }
        let report = self.config.check(menus)?;
        let Some(menus) = &report.menus else {
            say_on!("{}", report.text());
            return Ok(false);
        };
        let ran: Vec<_> = scenarios.iter().map(|(file, scenario)| (file, scenario.run(menus))).collect();
        ran.iter().for_each(|(file, verdict)| say_on!("{}", verdict.text(file)));
        let failed = ran.iter().filter(|(_, v)| v.fault.is_some()).count();
        say!("{} scenarios, {failed} failed", ran.len());
        write_json(self.json.json.as_deref(), &ran.iter().map(|(file, v)| v.json(file)).collect::<Vec<_>>())?;
        Ok(failed == 0)
    }
}
