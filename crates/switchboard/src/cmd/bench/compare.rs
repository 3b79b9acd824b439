//! `switchboard bench compare A.json B.json`: what changed beyond noise.
use crate::cmd::say::say;
use crate::cmd::{Done, Json, write_json};
use std::path::{Path, PathBuf};
use switchboard_benches::compare::{Change, compare};
use switchboard_benches::report::Report;

/// Compare two results.
#[derive(clap::Args, Debug)]
pub struct Compare {
    /// The earlier result.
    a: PathBuf,
    /// The later one.
    b: PathBuf,
    #[command(flatten)]
    json: Json,
}

impl Compare {
    /// Exit code 0: nothing is worse beyond noise; 1: something is; 2: they cannot be compared.
    pub fn run(self) -> Done {
        let (a, b) = (read(&self.a)?, read(&self.b)?);
        let compared = compare(&a, &b)?;
        for line in &compared.lines {
            let word = match line.change {
                Change::Noise => "within noise",
                Change::Better => "BETTER",
                Change::Worse => "WORSE",
            };
            say!("{:<40} {:>12.3} → {:>12.3}  ×{:.2}  {word}", line.what, line.a, line.b, line.b / line.a);
        }
        compared.notes.iter().for_each(|note| say!("note: {note}"));
        let worse = compared.lines.iter().filter(|l| l.change == Change::Worse).count();
        say!(
            "{} compare: {worse} of {} figures are worse beyond noise",
            if worse == 0 { "PASS" } else { "FAIL" },
            compared.lines.len()
        );
        write_json(self.json.json.as_deref(), &compared)?;
        Ok(worse == 0)
    }
}

fn read(file: &Path) -> Result<Report, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    serde_json::from_str(&text)
        .map_err(|e| format!("{} is no result of `switchboard bench … --json`: {e}", file.display()))
}
