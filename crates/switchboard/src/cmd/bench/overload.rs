//! `switchboard bench overload`: what is still served when more come than a target carries.
use super::options::Options;
use super::session::Session;
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::report::Verdict;

/// Call at once, twice and three times a rate.
#[derive(clap::Args, Debug)]
pub struct Overload {
    /// The knee, in calls/s, as `bench knee` found it.
    #[arg(long, value_name = "CPS")]
    knee: f64,
    /// Each of the three for so long.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "20s")]
    each: Duration,
    /// At three times the knee so much of what is served at the knee must still be, in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 80.0)]
    hold: f64,
    #[command(flatten)]
    options: Options,
}

impl Overload {
    /// Exit code 0: enough is still served; 1: it is not; 2: not measured.
    pub fn run(self) -> Done {
        if self.each.is_zero() || self.each > Duration::from_secs(600) {
            return Err(format!("--for {} s: write 1s to 10m", self.each.as_secs()));
        }
        let mut session =
            Session::start("overload", self.options, self.each * 3 + Duration::from_secs(60), Some(self.knee * 3.0))?;
        let most = session.most()?;
        if !(self.knee > 0.0 && self.knee * 3.0 <= most) {
            return Err(format!(
                "--knee {}: three times that is more than the {most:.0} calls/s that this load carries (its agents included)",
                self.knee
            ));
        }
        let mut steps = vec![];
        for times in [1.0, 2.0, 3.0] {
            steps.push(session.step(self.knee * times, self.each)?);
        }
        let (at_knee, at_three) = (steps[0].done_cps, steps[2].done_cps);
        let percent = at_three * 100.0 / at_knee.max(0.001);
        let mut report = session.report(steps);
        report.verdict = if at_knee > 0.0 && percent >= self.hold { Verdict::Pass } else { Verdict::Fail };
        report.reason = format!(
            "{at_knee:.1} calls/s are served at the knee of {:.0}, {at_three:.1} at three times as many callers ({percent:.0} %, asked for {:.0} %)",
            self.knee, self.hold
        );
        report.figures.insert("goodput_at_three_knees_percent".to_owned(), percent);
        session.finish(report)
    }
}
