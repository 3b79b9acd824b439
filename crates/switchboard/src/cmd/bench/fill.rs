//! `switchboard bench fill`: so many wait and so many talk; what memory and cores a call costs that only stays.
use super::demo_target::CALLS_MAX;
use super::session::{Options, Session};
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::report::Verdict;

/// Fill a centre, and see what that takes.
#[derive(clap::Args, Debug)]
pub struct Fill {
    /// Callers who wait and hear music.
    #[arg(long, value_name = "CALLS", default_value_t = 100)]
    waiting: usize,
    /// Callers who talk; each has an agent.
    #[arg(long, value_name = "CALLS", default_value_t = 50)]
    talking: usize,
    /// For how long all of them stay.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "30s")]
    lasts: Duration,
    #[command(flatten)]
    options: Options,
}

impl Fill {
    /// Exit code 0: all of them were there to the end; 1: not all; 2: not measured.
    pub fn run(mut self) -> Done {
        let all = self.waiting + self.talking;
        // Two in reserve, and one port for an agent beside his caller's.
        if self.talking == 0 || self.talking > 900 || all + 20 > CALLS_MAX {
            return Err(format!(
                "--waiting {} --talking {}: write 1 to 900 who talk, and no more than {} in all",
                self.waiting,
                self.talking,
                CALLS_MAX - 20
            ));
        }
        if self.lasts.is_zero() || self.lasts > Duration::from_secs(3_600) {
            return Err(format!("--for {} s: write 1s to 1h", self.lasts.as_secs()));
        }
        self.options.agents = self.talking as u16;
        self.options.calls = all + 20;
        let mut session = Session::start("fill", self.options, self.lasts + Duration::from_secs(600))?;
        session.most()?;
        let filled = session.fill(self.waiting, self.talking, self.lasts)?;
        // That they stay is what was wanted, and no fault of theirs.
        let mut report = session.report(vec![]);
        let kb = filled.full_kb.saturating_sub(filled.idle_kb) as f64 / all as f64;
        let whole = filled.there == (self.waiting, self.talking);
        report.verdict = if whole { Verdict::Pass } else { Verdict::Fail };
        report.reason = format!(
            "{} of {} wait and {} of {} talk to the end; {kb:.1} kB and {:.2} ms of CPU a second for each of them",
            filled.there.0,
            self.waiting,
            filled.there.1,
            self.talking,
            filled.cores * 1_000.0 / all as f64
        );
        report.disturbed.extend(filled.step.disturbed);
        for (name, value) in [
            ("memory_idle_kb", filled.idle_kb as f64),
            ("memory_full_kb", filled.full_kb as f64),
            ("memory_a_call_kb", kb),
            ("cores", filled.cores),
            ("cores_per_100_calls", filled.cores * 100.0 / all as f64),
        ] {
            report.figures.insert(name.to_owned(), value);
        }
        session.finish(report)
    }
}
