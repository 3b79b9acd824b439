//! `switchboard bench versus`: two targets, the same callers, in one run; results as ratios.
//!
//! ```text
//!   round 1   A ─► B      round 2   B ─► A      round 3   A ─► B        the same seed a round: the same moments, patience, talk and keys
//! ```
//! One after the other and not at once, so that neither takes the other's CPU; in turn, so that what the machine does meanwhile falls on both.
use super::options::Options;
use super::session::Session;
use crate::cmd::say::say;
use crate::cmd::{Done, seconds, write_json};
use serde::Serialize;
use std::time::Duration;
use switchboard_benches::report::Report;
use switchboard_benches::step::Step;

/// Call two targets with the same callers.
#[derive(clap::Args, Debug)]
pub struct Versus {
    /// The other target: `demo`, or its file.
    #[arg(long, value_name = "demo|FILE.yaml")]
    other: String,
    /// Calls a second.
    #[arg(long, value_name = "CPS", default_value_t = 20.0)]
    rate: f64,
    /// For how long callers come to each in each round.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "20s")]
    lasts: Duration,
    /// How often each is called in turn.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    rounds: u64,
    /// Write the ratios to this file, as JSON; the results of each target go where --json says, with `.a` and `.b` before its end.
    #[arg(long, value_name = "FILE")]
    ratios: Option<std::path::PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// One figure of both.
#[derive(Serialize, Debug, PartialEq)]
struct Ratio {
    what: &'static str,
    /// Of the first target: the median of the rounds.
    a: f64,
    /// Of the other.
    b: f64,
    /// The median of the rounds' ratios, b to a.
    ratio: f64,
    /// The lowest and the highest of them.
    between: (f64, f64),
}

/// A figure of a step, and its name.
type Figure = (&'static str, fn(&Step) -> Option<f64>);

impl Versus {
    /// Exit code 0: both were measured; 2: one was not. Which is better is not judged: that depends on what is wanted.
    pub fn run(self) -> Done {
        if self.lasts.is_zero() || self.lasts > Duration::from_secs(3_600) {
            return Err(format!("--for {} s: write 1s to 1h", self.lasts.as_secs()));
        }
        let all = self.lasts * 2 * self.rounds as u32 + Duration::from_secs(60);
        let beside = |letter: &str, file: &Option<std::path::PathBuf>| {
            file.as_ref().map(|f| {
                let end = f.extension().map_or(String::new(), |e| format!(".{}", e.to_string_lossy()));
                f.with_extension(format!("{letter}{end}"))
            })
        };
        let of = |letter: &str, target: &str| Options {
            target: target.to_owned(),
            json: beside(letter, &self.options.json),
            html: beside(letter, &self.options.html),
            ..self.options.clone()
        };
        let mut a = Session::start("versus a", of("a", &self.options.target), all, Some(self.rate))?;
        let mut b = Session::start("versus b", of("b", &self.other), all, Some(self.rate))?;
        a.carries(self.rate)?;
        b.carries(self.rate)?;
        let (mut of_a, mut of_b) = (vec![], vec![]);
        for round in 0..self.rounds {
            let seed = self.options.seed.wrapping_add(round);
            let one = |session: &mut Session, steps: &mut Vec<Step>| {
                session.phones.reseed(seed);
                steps.push(session.step(self.rate, self.lasts)?);
                Ok::<(), String>(())
            };
            if round % 2 == 0 {
                one(&mut a, &mut of_a)?;
                one(&mut b, &mut of_b)?;
            } else {
                one(&mut b, &mut of_b)?;
                one(&mut a, &mut of_a)?;
            }
        }
        let ratios = ratios(&of_a, &of_b);
        let (a, b) = (finish(a, of_a), finish(b, of_b));
        let (a, b) = (a?, b?);
        say!("{:<34} {:>12} {:>12}  b to a (lowest to highest of {} rounds)", "", "a", "b", self.rounds);
        for r in &ratios {
            let (low, high) = r.between;
            say!("{:<34} {:>12.3} {:>12.3}  ×{:.2} ({low:.2} to {high:.2})", r.what, r.a, r.b, r.ratio);
        }
        write_json(self.ratios.as_deref(), &ratios)?;
        say!("a: {}\nb: {}", a.target, b.target);
        let all = |r: &Report| r.steps.iter().map(|s| s.offered).sum::<u64>();
        if all(&a) != all(&b) {
            return Err(format!("the two had not the same callers: {} and {}", all(&a), all(&b)));
        }
        let sure = ratios.iter().filter(|r| r.between.0 > 1.0 || r.between.1 < 1.0).count();
        say!(
            "PASS versus: the same {} calls to both at {:.1} calls/s; {sure} of {} ratios lie on one side of 1 in every round",
            all(&a),
            self.rate,
            ratios.len()
        );
        Ok(true)
    }
}

/// Writes one target's result; it is given back.
fn finish(session: Session, steps: Vec<Step>) -> Result<Report, String> {
    let limits = session.limits();
    let broken = steps.iter().find_map(|s| limits.broken_by(s));
    let mut report = session.report(steps);
    report.verdict = if broken.is_none() {
        switchboard_benches::report::Verdict::Pass
    } else {
        switchboard_benches::report::Verdict::Fail
    };
    report.reason = broken.map_or("all rounds kept the limits".to_owned(), |(_, why)| why);
    let kept = report.clone();
    session.finish(report)?;
    Ok(kept)
}

fn ratios(a: &[Step], b: &[Step]) -> Vec<Ratio> {
    let figures: [Figure; 9] = [
        ("goodput (session completions/s)", |s| Some(s.done_cps)),
        ("success, %", |s| Some(s.success_percent)),
        ("setup p50, ms", |s| s.setup.p50_ms),
        ("setup p99, ms", |s| s.setup.p99_ms),
        ("dispatch p50, ms", |s| s.dispatch.p50_ms),
        ("dispatch p99, ms", |s| s.dispatch.p99_ms),
        ("answer to sound both ways p50, ms", |s| s.sound.p50_ms),
        ("added delay of sound p50, ms", |s| s.media_delay.p50_ms),
        ("CPU of the target, µs a call", |s| s.target_us_a_call),
    ];
    let ratio = |(what, of): &Figure| {
        let pairs: Vec<(f64, f64)> =
            a.iter().zip(b).filter_map(|(a, b)| Some((of(a)?, of(b)?))).filter(|(a, b)| *a > 0.0 && *b > 0.0).collect();
        let middle = |mut of: Vec<f64>| {
            of.sort_by(f64::total_cmp);
            of[of.len() / 2]
        };
        let each: Vec<f64> = pairs.iter().map(|(a, b)| b / a).collect();
        let low = each.iter().copied().fold(f64::INFINITY, f64::min);
        let high = each.iter().copied().fold(0.0, f64::max);
        (!pairs.is_empty()).then(|| Ratio {
            what,
            a: middle(pairs.iter().map(|(a, _)| *a).collect()),
            b: middle(pairs.iter().map(|(_, b)| *b).collect()),
            ratio: middle(each),
            between: (low, high),
        })
    };
    figures.iter().filter_map(ratio).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_of_the_rounds_not_of_their_sums() {
        let step = |ms: Option<f64>| {
            let mut step = Step { done_cps: 10.0, success_percent: 100.0, ..Step::default() };
            step.setup.p50_ms = ms;
            step
        };
        let a = [step(Some(1.0)), step(Some(2.0)), step(None)];
        let b = [step(Some(3.0)), step(Some(4.0)), step(Some(9.0))];
        let all = ratios(&a, &b);
        let setup = all.iter().find(|r| r.what.starts_with("setup p50")).expect("both have it");
        assert_eq!((setup.between, setup.ratio), ((2.0, 3.0), 3.0));
        assert_eq!(all.len(), 3, "what one lacks is no ratio: {all:?}");
    }
}
