//! `switchboard ivr diff A B`: what a change means to callers.
use super::menus::Config;
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, Json, write_json};
use std::path::PathBuf;
use switchboard_ivr::tools::diff::{Change, Verdict, diff};

/// What changes for callers between two versions of the menus.
#[derive(clap::Args, Debug)]
pub struct Diff {
    /// The menus as they are.
    old: PathBuf,
    /// The menus as they would be.
    new: PathBuf,
    #[command(flatten)]
    config: Config,
    #[command(flatten)]
    json: Json,
}

impl Diff {
    /// Exit code 0: nothing is worse for callers; 1: something is, or the new menus are refused; 2: the old ones cannot be compared with.
    pub fn run(self) -> Done {
        let old = self.config.check(&self.old)?.menus;
        let old = old.ok_or_else(|| format!("{} is refused itself; `ivr check` says why", self.old.display()))?;
        let report = self.config.check(&self.new)?;
        let Some(new) = report.menus.as_ref() else {
            say_on!("{}", report.text());
            return Ok(false);
        };
        let changes = diff(&old, new);
        changes.iter().for_each(|c| say!("{c}"));
        let count = |v| changes.iter().filter(|c| c.verdict == v).count();
        let (worse, better, other) = (count(Verdict::Worse), count(Verdict::Better), count(Verdict::Other));
        say!("对来电者 for callers: {worse} worse 变差, {better} better 变好, {other} other 其他");
        write_json(self.json.json.as_deref(), &changes.iter().map(Change::json).collect::<Vec<_>>())?;
        Ok(worse == 0)
    }
}
