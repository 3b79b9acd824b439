//! `switchboard verify-report FILE`: are the figures of this report those of the record?
use super::data::Data;
use super::{Done, Json, write_json};
use crate::cmd::say::say_on;
use std::path::PathBuf;
use switchboard_store::{Place, Report, render_differences, report_of_page, verify_report};

/// Recompute a report.
#[derive(clap::Args, Debug)]
pub struct VerifyReport {
    /// The report, as `report --format json`, `--format html` or `--json` wrote it.
    file: PathBuf,
    /// The contact database, if not SQLite beside the record: postgres://user@host:5432/database, as in centre.yaml.
    #[arg(long, value_name = "ADDRESS", default_value = "sqlite", hide_default_value = true)]
    record: Place,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    json: Json,
}

impl VerifyReport {
    /// Exit code 0: every figure is true; 1: those that differ are named.
    pub fn run(self) -> Done {
        let place = self.file.display();
        let text = std::fs::read_to_string(&self.file).map_err(|e| format!("cannot read {place}: {e}"))?;
        let json = report_of_page(&text).unwrap_or(&text);
        let report: Report = serde_json::from_str(json).map_err(|e| {
            format!("{place} is no report ({e}): give it what `switchboard report` wrote with --format json or html")
        })?;
        let differences = verify_report(&self.data.audited("verify", &place.to_string(), "")?, &self.record, &report)
            .map_err(|e| e.to_string())?;
        say_on!("{}", render_differences(&differences));
        write_json(self.json.json.as_deref(), &differences)?;
        Ok(differences.is_empty())
    }
}
