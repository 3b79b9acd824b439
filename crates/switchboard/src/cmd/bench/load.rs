//! `switchboard bench load`: one rate, or a day, for as long as wanted, told along its time.
use super::options::Options;
use super::session::Session;
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::report::Verdict;
use switchboard_benches::telephones::{Arrivals, Day};

/// Call at one rate, or along a day.
#[derive(clap::Args, Debug)]
pub struct Load {
    /// Calls a second; along a day, in its highest slice.
    #[arg(long, value_name = "CPS", default_value_t = 20.0)]
    rate: f64,
    /// For how long callers come; at most a day.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "1m")]
    lasts: Duration,
    /// Callers come along a day, all of which passes in this time: `bank`, or a file of lines as `09:30,412` (time, calls).
    #[arg(long, value_name = "bank|FILE")]
    day: Option<String>,
    #[command(flatten)]
    options: Options,
}

impl Load {
    /// Exit code 0: the limits were kept; 1: not so; 2: not measured.
    pub fn run(self) -> Done {
        if self.lasts.is_zero() || self.lasts > DAY {
            return Err(format!("--for {} s: write 1s to 24h", self.lasts.as_secs()));
        }
        let arrivals = match &self.day {
            None => Arrivals::Steady(self.rate),
            Some(name) => Arrivals::Day { day: Day::read(name)?, peak: self.rate, lasts: self.lasts },
        };
        let mut session = Session::start("load", self.options, self.lasts + Duration::from_secs(60), Some(self.rate))?;
        session.carries(self.rate)?;
        let told = session.tell(&arrivals, self.lasts, Some(slice(self.lasts)), |_, _, _| {})?;
        let broken = session.limits().broken_by(&told.step);
        let (offered, done) = (told.step.offered, told.step.done);
        let mut report = session.report(vec![told.step]);
        report.timeline = told.points;
        report.limit = broken.as_ref().map(|(bound, _)| *bound);
        report.verdict = if broken.is_none() { Verdict::Pass } else { Verdict::Fail };
        report.reason = match broken {
            Some((_, why)) => why,
            None => {
                let along = self.day.map_or(String::new(), |day| format!(" at most, along the day `{day}`"));
                format!("{done} of {offered} calls went all the way at {:.1} calls/s{along}", self.rate)
            }
        };
        let mut rss = report.timeline.iter().filter_map(|p| p.rss_kb);
        if let (Some(first), Some(last)) = (rss.clone().next(), rss.next_back()) {
            report.figures.insert("target_rss_growth_kb".to_owned(), last as f64 - first as f64);
        }
        session.finish(report)
    }
}

/// A run is told in some sixty slices, none longer than a minute.
pub fn slice(lasts: Duration) -> Duration {
    (lasts / 60).clamp(Duration::from_millis(500), Duration::from_secs(60))
}

const DAY: Duration = Duration::from_secs(86_400);
