//! `switchboard report --within 20 --formula all`: any question, asked of the record afterwards.
use super::data::Data;
use super::{Done, Json, write_json};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use switchboard_stats::{By, Clock, FORMULAS, Formula, NeedRule, Per};
use switchboard_store::{Asked, Every, Lang, Names, Queues, When, csv, render, report_asked, report_page};

/// Figures from the record.
#[derive(clap::Args, Debug)]
pub struct Report {
    #[command(flatten)]
    data: Data,
    /// X of "Y % within X seconds".
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = whole_seconds, allow_negative_numbers = true)]
    within: u32,
    /// F1 to F8, or all.
    #[arg(long, value_name = "ID", default_value = "all")]
    formula: String,
    /// One queue, by its name; without it, all together and each.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// From this moment: 2026-12-06T09:00+08:00, 2026-12-06T09:00, 2026-12-06, or 09:00 of the record's last day.
    #[arg(long, value_name = "TIME")]
    from: Option<When>,
    /// Up to, and without, this moment.
    #[arg(long, value_name = "TIME")]
    to: Option<When>,
    /// Each 15m, 30m, 1h, day, week or month of the window as well.
    #[arg(long, value_name = "SLOT")]
    every: Option<Every>,
    /// Count a call when its wait ended, or when it asked for a person.
    #[arg(long, value_parser = ["end", "arrival"], default_value = "end")]
    by: String,
    /// From where to where a wait is measured: request-pickup (转人工 → 接起), queue-pickup, request-sound, queue-sound,
    /// request-agent-id (→ 报工号), queue-agent-id.
    #[arg(long, value_name = "CLOCK", default_value = "request-pickup")]
    clock: Clock,
    /// Sort all queues' waits by queue, skill, team, agent, trunk or menu-choice as well.
    #[arg(long, value_name = "WHAT", conflicts_with = "queue")]
    per: Option<Per>,
    /// Abandons of at most so many seconds are short ones.
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = whole_seconds, allow_negative_numbers = true)]
    short: u32,
    /// A caller who comes again with the same topic within so many days was not helped at once (Art. 17.3).
    #[arg(long, value_name = "DAYS", default_value = "7", value_parser = clap::value_parser!(u16).range(1..=366))]
    repeat_days: u16,
    /// Outcomes, as agents say them, by which a need is resolved.
    #[arg(long, value_name = "WORD,…", default_value = "resolved", value_delimiter = ',')]
    resolved: Vec<String>,
    /// Who was to be there: a CSV file of agent ID, from, to. Attendance and adherence are then measured.
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// How it is written.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Where it is written, if not to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The language of the HTML page: zh or en.
    #[arg(long, default_value = "en")]
    lang: Lang,
    #[command(flatten)]
    json: Json,
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    /// For the terminal, in both languages.
    Text,
    /// One row a figure.
    Csv,
    /// What verify-report reads.
    Json,
    /// One page with pictures, which needs nothing else; verify-report reads it too.
    Html,
}

impl Report {
    /// Prints the figures. Exit code 1: the record does not add up.
    pub fn run(self) -> Done {
        let queue = self.queue.as_deref().unwrap_or("all queues");
        let dir = self.data.audited("report", queue, &format!("{:?}", self.format))?;
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
            from: self.from,
            to: self.to,
            every: self.every,
            by: if self.by == "end" { By::End } else { By::Arrival },
            short_s: self.short,
            clock: self.clock,
            per: self.per,
            needs: NeedRule { repeat_days: self.repeat_days, resolved: self.resolved.iter().cloned().collect() },
            roster: self.roster.clone(),
        };
        let (report, text) = match self.format {
            Format::Html => report_page(&dir, &asked, self.lang).map_err(|e| e.to_string())?,
            Format::Text | Format::Csv | Format::Json => {
                let report = report_asked(&dir, &asked).map_err(|e| e.to_string())?;
                let text = match self.format {
                    Format::Csv => csv(&report),
                    Format::Json => format!("{}\n", serde_json::to_string_pretty(&report).expect("plain data")),
                    Format::Text | Format::Html => render(&report),
                };
                (report, text)
            }
        };
        match &self.out {
            None => say(&text)?,
            Some(file) => std::fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))?,
        }
        write_json(self.json.json.as_deref(), &report)?;
        Ok(report.failing.is_empty())
    }
}

/// A reader who has seen enough (`| head`) is no fault.
fn say(text: &str) -> Result<(), String> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("cannot write to standard output: {e}")),
        Ok(()) | Err(_) => Ok(()),
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

/// A wait is kept as at most 65 535 s, so a longer X could not be told from it.
fn whole_seconds(text: &str) -> Result<u32, String> {
    let found = text.parse().ok().filter(|s| *s < u32::from(u16::MAX));
    found.ok_or_else(|| "a wait is a whole number of seconds, from 0 to 65534".to_owned())
}
