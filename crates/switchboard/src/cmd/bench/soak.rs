//! `switchboard bench soak`: hours at one rate, and whether anything grows.
use super::load::slice;
use super::options::Options;
use super::session::Session;
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::report::Verdict;
use switchboard_benches::telephones::Arrivals;
use switchboard_benches::timeline::Point;
use switchboard_benches::trend::Trend;

/// Call at one rate for hours: does memory, latency or the number of open files grow?
#[derive(clap::Args, Debug)]
pub struct Soak {
    /// Calls a second.
    #[arg(long, value_name = "CPS", default_value_t = 20.0)]
    rate: f64,
    /// For how long callers come; at most three days.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "8h")]
    lasts: Duration,
    /// The beginning, in which a target takes what it will keep, is not judged; a fifth of the run, a minute at least, if not given.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    warm_up: Option<Duration>,
    /// So much a call the target's memory may grow.
    #[arg(long, value_name = "KB", default_value_t = 0.5)]
    leak_kb: f64,
    #[command(flatten)]
    options: Options,
}

impl Soak {
    /// Exit code 0: nothing grew, and the limits were kept; 1: something did; 2: too short, or not measured.
    pub fn run(self) -> Done {
        if self.lasts.is_zero() || self.lasts > LONGEST {
            return Err(format!("--for {} s: write 1s to 72h", self.lasts.as_secs()));
        }
        let warm_up = self.warm_up.unwrap_or((self.lasts / 5).max(Duration::from_secs(60)));
        if warm_up >= self.lasts {
            return Err(format!(
                "--for {} s leaves nothing to be judged after a warm-up of {} s: soak longer, or name a shorter --warm-up",
                self.lasts.as_secs(),
                warm_up.as_secs()
            ));
        }
        let mut session = Session::start("soak", self.options, self.lasts + Duration::from_secs(60), Some(self.rate))?;
        session.carries(self.rate)?;
        let every = slice(self.lasts);
        let told = session.tell(&Arrivals::Steady(self.rate), self.lasts, Some(every), |_, _, _| {})?;
        let broken = session.limits().broken_by(&told.step);
        let judged: Vec<&Point> = told
            .points
            .iter()
            .filter(|p| p.at_s >= warm_up.as_secs_f64() && p.at_s + every.as_secs_f64() <= self.lasts.as_secs_f64())
            .collect();
        let grows = Growth::of(&judged, self.rate, self.leak_kb);
        let mut report = session.report(vec![told.step]);
        report.timeline = told.points.clone();
        report.figures.extend(grows.figures);
        report.could_not_measure.extend(grows.unknown);
        report.limit = broken.as_ref().map(|(bound, _)| *bound);
        let mut why: Vec<String> = grows.growing;
        why.extend(broken.map(|(_, why)| why));
        report.verdict = match (why.is_empty(), grows.known) {
            (false, _) => Verdict::Fail,
            (true, true) => Verdict::Pass,
            (true, false) => Verdict::CouldNotMeasure,
        };
        report.reason = match (why.is_empty(), grows.known) {
            (false, _) => why.join("; "),
            (true, true) => {
                format!("nothing grew in {} at {:.1} calls/s: {}", hours(self.lasts), self.rate, grows.said.join(", "))
            }
            (true, false) => {
                format!("{} slices after the warm-up are too few to show growth: soak longer", judged.len())
            }
        };
        session.finish(report)
    }
}

/// What grew.
#[derive(Default)]
struct Growth {
    growing: Vec<String>,
    said: Vec<String>,
    unknown: Vec<String>,
    figures: Vec<(String, f64)>,
    /// Whether there was enough to say so.
    known: bool,
}

impl Growth {
    fn of(points: &[&Point], rate: f64, leak_kb: f64) -> Growth {
        let series = |y: &dyn Fn(&Point) -> Option<f64>| -> Option<Trend> {
            Trend::of(&points.iter().filter_map(|p| Some((p.at_s, y(p)?))).collect::<Vec<_>>())
        };
        let mut all = Growth::default();
        match series(&|p| p.rss_kb.map(|kb| kb as f64)) {
            Some(memory) => {
                let a_call = memory.slope / rate;
                all.figures.push(("memory_growth_kb_a_call".to_owned(), a_call));
                all.figures.push(("memory_growth_deviations".to_owned(), memory.deviations));
                all.said.push(format!("memory {:.0} MB, {a_call:+.3} kB a call", memory.level / 1_000.0));
                if memory.rises() && a_call > leak_kb {
                    all.growing.push(format!(
                        "memory grows by {a_call:.2} kB a call, {:.0} kB an hour",
                        memory.slope * 3_600.0
                    ));
                }
            }
            None => all
                .unknown
                .push("growth of memory: the target is no process of this program, or the run is too short".to_owned()),
        }
        if let Some(files) = series(&|p| p.files.map(|n| n as f64)) {
            all.figures.push(("files_growth_an_hour".to_owned(), files.slope * 3_600.0));
            all.said.push(format!("{:.0} open files", files.level));
            if files.rises() {
                all.growing.push(format!("open files grow by {:.0} an hour", files.slope * 3_600.0));
            }
        }
        if let Some(late) = series(&|p| p.setup_p50_ms) {
            // Of what it was in the middle, in an hour.
            let percent = late.slope * 3_600.0 * 100.0 / late.level.max(0.001);
            let run_s = points.last().map_or(0.0, |p| p.at_s) - points.first().map_or(0.0, |p| p.at_s);
            all.figures.push(("setup_p50_growth_percent_an_hour".to_owned(), percent));
            all.said.push(format!("setup p50 {:.2} ms", late.level));
            if late.rises() && late.slope * run_s > late.level * DRIFT {
                all.growing.push(format!("setup p50 drifts from {:.2} ms by {percent:+.0} % an hour", late.level));
            }
            all.known = true;
        }
        let errors = series(&|p| (p.offered > 0).then(|| p.failed as f64 / p.offered as f64));
        if let Some(errors) = errors {
            all.figures.push(("failed_percent".to_owned(), errors.level * 100.0));
            if errors.rises() {
                all.growing.push("ever more calls fail".to_owned());
            }
        }
        all
    }
}

fn hours(long: Duration) -> String {
    match long.as_secs() {
        s @ 0..=119 => format!("{s} s"),
        s @ 120..=7_199 => format!("{} min", s / 60),
        s => format!("{:.1} h", s as f64 / 3_600.0),
    }
}

const LONGEST: Duration = Duration::from_secs(3 * 86_400);
/// In the course of a run latency may rise by so much of itself.
const DRIFT: f64 = 0.5;

#[cfg(test)]
mod tests {
    use super::*;

    fn grown(kb_a_call: f64, files: f64, late: f64) -> Growth {
        let points: Vec<Point> = (0..40)
            .map(|n| {
                let (at_s, n) = (f64::from(n) * 60.0, f64::from(n));
                Point {
                    at_s,
                    offered: 1_200,
                    done: 1_200,
                    rss_kb: Some((60_000.0 + kb_a_call * 20.0 * at_s + (n % 3.0) * 50.0) as u64),
                    files: Some((30.0 + files * n) as u64),
                    setup_p50_ms: Some(1.0 + late * n + (n % 4.0) * 0.01),
                    ..Point::default()
                }
            })
            .collect();
        Growth::of(&points.iter().collect::<Vec<_>>(), 20.0, 0.5)
    }

    #[test]
    fn each_growth_is_named_and_standing_still_is_none() {
        assert_eq!(grown(0.0, 0.0, 0.0).growing, Vec::<String>::new());
        assert_eq!(grown(0.1, 0.0, 0.0).growing, Vec::<String>::new(), "less than may be");
        assert!(grown(2.0, 0.0, 0.0).growing[0].starts_with("memory grows by 2.0"));
        assert!(grown(0.0, 1.0, 0.0).growing[0].starts_with("open files grow by 60"));
        assert!(grown(0.0, 0.0, 0.05).growing[0].starts_with("setup p50 drifts"));
        assert!(!Growth::of(&[], 20.0, 0.5).known);
    }
}
