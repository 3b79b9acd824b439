//! `switchboard bench knee`: the highest rate that a target carries.
use super::options::Options;
use super::session::Session;
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::knee::{Bound, Search, search};
use switchboard_benches::report::Verdict;

/// Find the knee.
#[derive(clap::Args, Debug)]
pub struct Knee {
    /// Ends after this at the latest; at most an hour.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "5m")]
    within: Duration,
    /// Pass only if the target carries so many calls a second.
    #[arg(long, value_name = "CPS")]
    at_least: Option<f64>,
    #[command(flatten)]
    options: Options,
}

impl Knee {
    /// Exit code 0: there is a knee (and it is high enough); 1: not even the lowest rate is carried, or less than asked for; 2: not measured.
    pub fn run(self) -> Done {
        if !(LEAST..=MOST).contains(&self.within) {
            return Err(format!("--for {} s: write 10s to 1h", self.within.as_secs()));
        }
        let mut session = Session::start("knee", self.options, self.within, None)?;
        let most = session.most()?;
        let limits = session.limits();
        let each = (self.within / 18).clamp(Duration::from_millis(700), Duration::from_secs(15));
        let settles = session.behaviour.talk.mean() + session.behaviour.patience.mean() + Duration::from_secs(1);
        let how = Search { from: (most / 8.0).max(1.0), ceiling: most, near: 1.08, steps_max: 40 };
        let mut stopped = None;
        let (found, steps) = search(how, limits, |cps| {
            if session.left() < each + settles {
                return Ok(None);
            }
            // What was measured until then is kept.
            match session.step(cps, each) {
                Ok(step) => Ok(Some(step)),
                Err(why) => {
                    stopped = Some(why);
                    Ok(None)
                }
            }
        })?;

        let mut report = session.report(steps);
        report.knee_cps = found.knee_cps;
        report.limit = Some(found.bound);
        let enough = self.at_least.is_none_or(|least| found.carried_cps.is_some_and(|cps| cps >= least));
        report.verdict = match (found.knee_cps, found.bound) {
            // Carried as much as was asked for: whether there is a knee above does not matter.
            _ if self.at_least.is_some() && enough => Verdict::Pass,
            (Some(_), _) if enough => Verdict::Pass,
            (None, Bound::Generator | Bound::Time) => Verdict::CouldNotMeasure,
            (_, _) => Verdict::Fail,
        };
        if let Some(why) = stopped {
            report.could_not_measure.push(format!("the rest: {why}"));
        }
        report.reason = match found.knee_cps {
            Some(cps) => format!("knee {cps:.0} calls/s; above it, {}", found.reason),
            None => found.reason,
        };
        if let Some(least) = self.at_least {
            report.reason = format!("{}; asked for {least:.0}", report.reason);
        }
        if found.bound == Bound::Generator {
            report.could_not_measure.push(format!(
                "the knee: it lies above {:.0} calls/s, where this load ends",
                found.carried_cps.unwrap_or(0.0)
            ));
        }
        session.finish(report)
    }
}

/// Less does not hold the ceiling, the agents' logging in and a few steps.
const LEAST: Duration = Duration::from_secs(10);
const MOST: Duration = Duration::from_secs(3_600);
