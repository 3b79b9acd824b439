//! The verbs.
mod account;
mod agents;
mod agents_import;
mod ask;
mod audit;
mod backend;
mod bench;
mod board;
mod call;
mod check;
mod data;
mod demo;
mod explain;
mod ivr;
mod load;
mod menu;
mod people;
mod preview;
mod queue_log;
mod reload;
mod replay;
mod report;
mod retention;
mod say;
mod screen;
mod serve;
mod sim;
mod size;
mod trace;
mod trunk;
mod verify_report;
mod wallboard;
mod world;

use clap::{Parser, Subcommand};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// An ACD/IVR call-routing engine for customer-service centres.
#[derive(Parser, Debug)]
#[command(name = "switchboard", version, max_term_width = 110)]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Run the centre that a configuration folder describes.
    Serve(serve::Serve),
    /// Show a centre at work: simulated callers and agents over real SIP and RTP, on embedded defaults.
    Demo(demo::Demo),
    /// Check a configuration folder and its menus, all faults at once.
    Check(check::Check),
    /// Menus: check and prove them.
    Ivr(ivr::Ivr),
    /// Change the menus of a centre with a second person's approval; declare emergencies.
    Menu(menu::Menu),
    /// Ask the record for figures.
    Report(report::Report),
    /// Recompute each figure of a report by a second implementation.
    VerifyReport(verify_report::VerifyReport),
    /// The files of contacts: how long each is kept, holds, and erasing what is due (Art. 35).
    Retention(retention::Files),
    /// Who looked up, exported, held and erased; and whether that log is whole.
    Audit(audit::Log),
    /// The record as `queue_log` lines, for tools that read those.
    QueueLog(queue_log::Export),
    /// The wallboard of a running centre, in the terminal.
    Board(board::Watch),
    /// Why does a caller of a running centre wait, and for whom?
    Explain(explain::Explain),
    /// The agents of a running centre; put one out of ready, or back.
    Agents(agents::Agents),
    /// The calls of a running centre; hold one, transfer it, consult a colleague.
    Call(call::Call),
    /// A bank's back-end in small, for trying verification.
    Backend(backend::Backend),
    /// Who may log in to the API: add, list, remove.
    Account(account::Verb),
    /// Who is affected when one configuration takes over from another.
    Preview(preview::Preview),
    /// Tell a running centre to read its configuration again.
    Reload(reload::Reload),
    /// The messages of one call of a running centre, as a ladder.
    Trace(trace::Trace),
    /// Trunks: the joint test with a carrier.
    Trunk(trunk::Trunk),
    /// Measure what a centre carries, this one or any other that is reached by SIP.
    Bench(Box<bench::Bench>),
    /// How many agents, trunks and cores a centre needs.
    Size(size::Size),
    /// Run simulated worlds and hold them to the laws.
    Sim(sim::Sim),
    /// Run one simulated world and print what happened, arrow by arrow.
    Replay(replay::Replay),
}

impl Cli {
    /// Does what was asked.
    pub fn run(self) -> ExitCode {
        let done = match self.verb {
            Verb::Serve(verb) => verb.run(),
            Verb::Demo(verb) => verb.run(),
            Verb::Check(verb) => verb.run(),
            Verb::Ivr(verb) => verb.run(),
            Verb::Menu(verb) => verb.run(),
            Verb::Report(verb) => verb.run(),
            Verb::VerifyReport(verb) => verb.run(),
            Verb::Retention(verb) => verb.run(),
            Verb::Audit(verb) => verb.run(),
            Verb::QueueLog(verb) => verb.run(),
            Verb::Board(verb) => verb.run(),
            Verb::Explain(verb) => verb.run(),
            Verb::Agents(verb) => verb.run(),
            Verb::Backend(verb) => verb.run(),
            Verb::Call(verb) => verb.run(),
            Verb::Account(verb) => verb.run(),
            Verb::Preview(verb) => verb.run(),
            Verb::Reload(verb) => verb.run(),
            Verb::Trace(verb) => verb.run(),
            Verb::Trunk(verb) => verb.run(),
            Verb::Bench(verb) => verb.run(),
            Verb::Size(verb) => verb.run(),
            Verb::Sim(verb) => verb.run(),
            Verb::Replay(verb) => verb.run(),
        };
        match done {
            Ok(_) if !say::all_said() => ExitCode::from(2),
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::from(1),
            Err(why) => {
                eprintln!("error: {why}");
                ExitCode::from(2)
            }
        }
    }
}

/// `Ok(true)`: pass; `Ok(false)`: fail; `Err`: could not run, and why, in one sentence.
type Done = Result<bool, String>;

/// Writes what a verb found to the file of its `--json`.
fn write_json(file: Option<&Path>, value: &impl Serialize) -> Result<(), String> {
    let Some(file) = file else { return Ok(()) };
    let mut text = serde_json::to_string_pretty(value).expect("plain data");
    text.push('\n');
    std::fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))
}

/// `--json FILE`.
#[derive(clap::Args, Debug, Clone)]
struct Json {
    /// Write the result to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// A length of time on the command line: `30`, `30s`, `5m`.
fn seconds(text: &str) -> Result<std::time::Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, text.chars().last().unwrap_or('s')),
        None => (text, 's'),
    };
    let n: u64 = number.parse().map_err(|_| format!("`{text}` is no length of time; write 30s, 5m or 1h"))?;
    let factor = match unit {
        'm' => 60,
        'h' => 3_600,
        _ => 1,
    };
    Ok(std::time::Duration::from_secs(n.saturating_mul(factor)))
}
