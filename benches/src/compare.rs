//! Two results side by side: ratios, and whether they are beyond noise.
//!
//! Noise is what one result shows within itself: the spread of the same figure over its steps of like rate cannot be had from a search, so
//! a fixed share is asked for, and a larger one where either run was disturbed.
use crate::report::Report;
use serde::Serialize;

/// What a difference is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Less than chance brings about.
    Noise,
    /// Better beyond that.
    Better,
    /// Worse beyond that.
    Worse,
}

/// One figure in both.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Line {
    /// Which.
    pub what: String,
    /// In the earlier result.
    pub a: f64,
    /// In the later one.
    pub b: f64,
    /// What the difference is.
    pub change: Change,
}

/// The comparison.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Compared {
    /// The figures that both have.
    pub lines: Vec<Line>,
    /// What makes the comparison less than it could be.
    pub notes: Vec<String>,
}

/// Compares; refuses what is not of one kind.
pub fn compare(a: &Report, b: &Report) -> Result<Compared, String> {
    if a.verb != b.verb {
        return Err(format!(
            "one is of `bench {}`, the other of `bench {}`: they have no figure in common",
            a.verb, b.verb
        ));
    }
    let mut compared = Compared::default();
    for (what, one, other) in [("machines", &a.machine, &b.machine), ("targets", &a.target, &b.target)] {
        if one != other {
            compared.notes.push(format!("different {what}: {one} and {other}"));
        }
    }
    if a.asked != b.asked {
        compared.notes.push("different limits were asked for".to_owned());
    }
    for (which, report) in [("earlier", a), ("later", b)] {
        if !report.disturbed.is_empty() {
            compared.notes.push(format!("the {which} run was disturbed: {}", report.disturbed.join(", ")));
        }
    }
    let disturbed = !a.disturbed.is_empty() || !b.disturbed.is_empty();
    let noise = if disturbed { NOISE_DISTURBED } else { NOISE };
    let mut line = |what: &str, a: Option<f64>, b: Option<f64>, more_is_better: bool, noise: f64| {
        let (Some(a), Some(b)) = (a.filter(|a| *a > 0.0), b.filter(|b| *b > 0.0)) else { return };
        let ratio = b / a;
        let change = if ratio < noise && ratio > 1.0 / noise {
            Change::Noise
        } else if (ratio > 1.0) == more_is_better {
            Change::Better
        } else {
            Change::Worse
        };
        compared.lines.push(Line { what: what.to_owned(), a, b, change });
    };
    line("knee, calls/s", a.knee_cps, b.knee_cps, true, noise);
    // Tails move more than rates.
    let tail = noise * noise;
    for step in &a.steps {
        let near = |s: &&crate::step::Step| (s.asked_cps / step.asked_cps - 1.0).abs() <= SAME_RATE;
        let Some(other) = b.steps.iter().find(near).filter(|o| step.carried || o.carried) else { continue };
        let at = format!("at {:.0}/s", step.asked_cps);
        line(&format!("{at}: success, %"), Some(step.success_percent), Some(other.success_percent), true, 1.01);
        line(&format!("{at}: setup p50, ms"), step.setup.p50_ms, other.setup.p50_ms, false, noise);
        line(&format!("{at}: setup p99, ms"), step.setup.p99_ms, other.setup.p99_ms, false, tail);
        line(&format!("{at}: dispatch p99, ms"), step.dispatch.p99_ms, other.dispatch.p99_ms, false, tail);
        line(&format!("{at}: µs of the target a call"), step.target_us_a_call, other.target_us_a_call, false, noise);
    }
    if compared.lines.is_empty() {
        return Err("the two have no rate in common that either carried, and no knee".to_owned());
    }
    Ok(compared)
}

/// A tenth and a half: repeats of one run on a quiet machine differ by less.
const NOISE: f64 = 1.15;
/// With others on the machine, absolutes move by a third (docs/performance.md).
const NOISE_DISTURBED: f64 = 1.35;
/// Rates that differ by less are one rate.
const SAME_RATE: f64 = 0.02;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knee::Limits;
    use crate::report::Verdict;

    fn report(knee: f64, disturbed: bool) -> Report {
        Report {
            verb: "knee".into(),
            verdict: Verdict::Pass,
            knee_cps: Some(knee),
            limit: None,
            reason: String::new(),
            could_not_measure: vec![],
            disturbed: disturbed.then(|| "others".to_owned()).into_iter().collect(),
            asked: Limits { success_percent: 99.0, setup_p99_ms: 200.0, dispatch_p99_ms: 200.0 },
            ceiling_cps: None,
            ceiling_setup_p99_ms: None,
            target: String::new(),
            when: String::new(),
            machine: String::new(),
            version: String::new(),
            seed: 1,
            sound_percent: 0,
            figures: [].into(),
            steps: vec![],
            timeline: vec![],
            events: vec![],
        }
    }

    #[test]
    fn only_what_is_beyond_noise_is_a_change() {
        let check = |a: f64, b: f64, disturbed: bool| {
            compare(&report(a, false), &report(b, disturbed)).expect("of one kind").lines[0].change
        };
        assert_eq!(check(100.0, 110.0, false), Change::Noise);
        assert_eq!(check(100.0, 125.0, false), Change::Better);
        assert_eq!(check(100.0, 80.0, false), Change::Worse);
        assert_eq!(check(100.0, 80.0, true), Change::Noise, "a disturbed run says less");
    }

    #[test]
    fn two_kinds_are_not_compared() {
        let mut other = report(1.0, false);
        other.verb = "load".into();
        assert!(compare(&report(1.0, false), &other).is_err());
    }
}
