//! `switchboard bench load`: one rate, for as long as wanted, a line for each part of it.
use super::session::{Options, Session};
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::report::Verdict;

/// Call at one rate.
#[derive(clap::Args, Debug)]
pub struct Load {
    /// Calls a second.
    #[arg(long, value_name = "CPS", default_value_t = 20.0)]
    rate: f64,
    /// For how long callers come; at most a day.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "1m")]
    lasts: Duration,
    #[command(flatten)]
    options: Options,
}

impl Load {
    /// Exit code 0: every part kept the limits; 1: one did not; 2: not measured.
    pub fn run(self) -> Done {
        if self.lasts.is_zero() || self.lasts > DAY {
            return Err(format!("--for {} s: write 1s to 24h", self.lasts.as_secs()));
        }
        let mut session = Session::start("load", self.options, self.lasts + Duration::from_secs(60))?;
        let most = session.most()?;
        if !(self.rate > 0.0 && self.rate <= most) {
            return Err(format!(
                "--rate {}: this load carries up to {most:.0} calls/s here (its agents included)",
                self.rate
            ));
        }
        let parts = (self.lasts.as_secs_f64() / PART.as_secs_f64()).ceil().max(1.0);
        let each = self.lasts.div_f64(parts);
        let mut steps = vec![];
        for _ in 0..parts as usize {
            steps.push(session.step(self.rate, each)?);
        }
        let limits = session.limits();
        let broken = steps.iter().find_map(|s| limits.broken_by(s));
        let (offered, done): (u64, u64) = (steps.iter().map(|s| s.offered).sum(), steps.iter().map(|s| s.done).sum());
        let mut report = session.report(steps);
        report.limit = broken.as_ref().map(|(bound, _)| *bound);
        report.verdict = if broken.is_none() { Verdict::Pass } else { Verdict::Fail };
        report.reason = match broken {
            Some((_, why)) => why,
            None => format!("{done} of {offered} calls went all the way at {:.1} calls/s", self.rate),
        };
        let rss = |s: Option<&switchboard_benches::step::Step>| s.and_then(|s| s.target_rss_kb).map(|kb| kb as f64);
        if let (Some(first), Some(last)) = (rss(report.steps.first()), rss(report.steps.last())) {
            report.figures.insert("target_rss_growth_kb".to_owned(), last - first);
        }
        session.finish(report)
    }
}

/// A part of a long run.
const PART: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
