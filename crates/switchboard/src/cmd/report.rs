//! `switchboard report --within 20 --formula all`: any question, asked of the record afterwards.
use super::data::Data;
use super::{Done, Json, write_json};
use crate::cmd::say::say_on;
use switchboard_model::Instant;
use switchboard_stats::{By, FORMULAS, Formula};
use switchboard_store::{Asked, Names, Queues, render, report_asked};

/// Figures from the record.
#[derive(clap::Args, Debug)]
pub struct Report {
    #[command(flatten)]
    data: Data,
    /// X of "Y % within X seconds".
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    within: u32,
    /// F1 to F8, or all.
    #[arg(long, value_name = "ID", default_value = "all")]
    formula: String,
    /// One queue, by its name; without it, all together and each.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// From this moment: 2026-12-06T09:00+08:00, or 09:00 of the record's last day (UTC).
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Up to, and without, this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Count a call when its wait ended, or when it asked for a person.
    #[arg(long, value_parser = ["end", "arrival"], default_value = "end")]
    by: String,
    /// Abandons of at most so many seconds are short ones.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    short: u32,
    #[command(flatten)]
    json: Json,
}

impl Report {
    /// Prints the figures.
    pub fn run(self) -> Done {
        let dir = self.data.newest()?;
        let names = Names::read(&dir).map_err(|e| e.to_string())?;
        let queues = match &self.queue {
            None => Queues::AllAndEach,
            Some(name) => Queues::One(names.queue(name).ok_or_else(|| {
                let known: Vec<&str> = names.queues.values().map(String::as_str).collect();
                format!("the record knows no queue `{name}`; it knows {}", known.join(", "))
            })?),
        };
        let asked = Asked {
            within_s: self.within,
            formulas: formulas(&self.formula)?,
            queues,
            from: self.from.as_deref().map(moment).transpose()?,
            to: self.to.as_deref().map(moment).transpose()?,
            by: if self.by == "end" { By::End } else { By::Arrival },
            short_s: self.short,
        };
        let report = report_asked(&dir, &asked).map_err(|e| e.to_string())?;
        say_on!("{}", render(&report));
        write_json(self.json.json.as_deref(), &report)?;
        Ok(report.failing.is_empty())
    }
}

fn formulas(id: &str) -> Result<Vec<Formula>, String> {
    if id == "all" {
        return Ok(FORMULAS.iter().map(|row| row.formula).collect());
    }
    let found = FORMULAS.iter().find(|row| row.id.eq_ignore_ascii_case(id));
    found.map(|row| vec![row.formula]).ok_or_else(|| {
        let known: Vec<&str> = FORMULAS.iter().map(|row| row.id).collect();
        format!("there is no formula `{id}`; there are {}, or all", known.join(", "))
    })
}

fn moment(text: &str) -> Result<Instant, String> {
    let bad = |why: String| format!("`{text}` is no moment ({why}); write it as 2026-12-06T09:00:00+08:00");
    let timestamp: jiff::Timestamp = text.parse().map_err(|e: jiff::Error| bad(e.to_string()))?;
    u64::try_from(timestamp.as_microsecond()).map(Instant::from_micros).map_err(|_| bad("before 1970".to_owned()))
}
