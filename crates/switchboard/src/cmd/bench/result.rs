//! What is said and written of a measurement: a line a run, the result's files, and why something could not be opened.
use super::options::Options;
use crate::cmd::write_json;
use std::time::Duration;
use switchboard_benches::ceiling::Ceiling;
use switchboard_benches::machine;
use switchboard_benches::page::page;
use switchboard_benches::report::{Report, Verdict};
use switchboard_benches::step::Step;

/// One run in one line.
pub fn line_of(step: &Step, lasts: Duration) -> String {
    let of = |s: &switchboard_benches::measured::Summary| match s.p99_ms {
        Some(ms) => format!("p99 {ms:.1} ms"),
        None => s.max_ms.map_or("–".to_owned(), |ms| format!("at most {ms:.1} ms")),
    };
    let sound = match (step.sounded, step.offered) {
        (0, _) | (_, 0) => String::new(),
        (sounded, offered) => {
            let share = sounded as f64 * 100.0 / offered as f64;
            let lost = step
                .media_lost_percent
                .map_or(String::new(), |lost| format!(": {} late, {lost:.2} % lost", of(&step.media_delay)));
            format!("; sound on {share:.0} % of them{lost}")
        }
    };
    let disturbed = match step.disturbed.as_slice() {
        [] => String::new(),
        all => format!(" (disturbed: {})", all.join(", ")),
    };
    format!(
        "{:>8.1} calls/s for {:.1} s: {:.2} % of {} went all the way, setup {}, dispatch {}{sound}{disturbed}",
        step.asked_cps,
        lasts.as_secs_f64(),
        step.success_percent,
        step.offered,
        of(&step.setup),
        of(&step.dispatch),
    )
}

/// A result of which nothing is known yet but what was asked for, and the ceiling if it was measured.
pub fn empty(verb: &str, options: &Options, ceiling: Option<&Ceiling>) -> Report {
    Report {
        verb: verb.to_owned(),
        verdict: Verdict::CouldNotMeasure,
        knee_cps: None,
        limit: None,
        reason: String::new(),
        could_not_measure: vec![],
        disturbed: vec![],
        asked: options.limits(),
        ceiling_cps: ceiling.and_then(|c| c.cps),
        ceiling_setup_p99_ms: ceiling.and_then(|c| c.step.setup.p99_ms),
        target: options.target.clone(),
        when: machine::today(),
        machine: machine::machine(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: options.seed,
        sound_percent: options.people.sound,
        figures: [].into(),
        steps: vec![],
        timeline: vec![],
        events: vec![],
    }
}

/// Writes its files, those that were asked for.
pub fn write(options: &Options, report: &Report) -> Result<(), String> {
    write_json(options.json.as_deref(), report)?;
    match &options.html {
        Some(file) => std::fs::write(file, page(report)).map_err(|e| format!("cannot write {}: {e}", file.display())),
        None => Ok(()),
    }
}

/// What cannot be opened, and what to do.
pub fn cannot_open(e: &std::io::Error, target: &str) -> String {
    match e.kind() {
        std::io::ErrorKind::AddrInUse => {
            format!("{e}: another program has that port; end it, or write another into the profile")
        }
        std::io::ErrorKind::AddrNotAvailable => {
            format!("{e}: that is no address of this machine; write one that is into the profile")
        }
        std::io::ErrorKind::ConnectionRefused | std::io::ErrorKind::TimedOut => {
            format!("{target} takes no connection ({e}); is it the target's SIP address, and does it run?")
        }
        _ => format!("the telephones cannot be set up towards {target}: {e}"),
    }
}
