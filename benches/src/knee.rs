//! The search for the knee: the highest rate that a target carries.
//!
//! ```text
//!   rate   10 ─► 20 ─► 40 ─► 80 ─► 160 ✗        doubled until one is not carried, or the load's own ceiling is reached
//!                              80 ─► 120 ─► 140 ✗ ─► 130     then halved between the two, until they are near or time is over
//! ```
//! Measures nothing itself: it is handed what measures a rate, and so can be tested against targets of which the knee is known.
use crate::step::Step;
use serde::{Deserialize, Serialize};

/// What a rate must fulfil to be carried.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Limits {
    /// At least this share of calls goes all the way, in per cent.
    pub success_percent: f64,
    /// From the moment a call was meant to the target's 200, p99 at most, in ms.
    pub setup_p99_ms: f64,
    /// From the key to the agent's INVITE, p99 at most, in ms.
    pub dispatch_p99_ms: f64,
}

/// How to search.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Search {
    /// The first rate, in calls a second.
    pub from: f64,
    /// The highest that the load can carry itself.
    pub ceiling: f64,
    /// Ends when the lowest that failed and the highest that was carried are so near: 1.1 is ten per cent.
    pub near: f64,
    /// No more steps than this.
    pub steps_max: usize,
}

/// What bounds the rate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Too few calls went all the way.
    Success,
    /// Too slow an answer.
    SetupLatency,
    /// Too slow a way from the key to the agent.
    DispatchLatency,
    /// The load could not have carried more itself.
    Generator,
    /// Time was over before a rate failed.
    Time,
}

/// What was found.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// The highest rate that was carried with a higher one that was not; none if there is no such pair.
    pub knee_cps: Option<f64>,
    /// The highest rate that was carried.
    pub carried_cps: Option<f64>,
    /// What bounds it.
    pub bound: Bound,
    /// In one sentence.
    pub reason: String,
}

impl Limits {
    /// Whether the load was so late itself that latencies from the moment that was meant are no longer the target's.
    pub fn load_is_late(&self, step: &Step) -> bool {
        step.own_late.p99_ms.or(step.own_late.max_ms).is_some_and(|ms| ms > self.setup_p99_ms / 4.0)
    }

    /// Which limit this step does not keep, and in words.
    pub fn broken_by(&self, step: &Step) -> Option<(Bound, String)> {
        let at = format!("at {:.0} calls/s", step.offered_cps);
        if step.success_percent < self.success_percent {
            let worst = step.faults.iter().max_by_key(|(_, n)| **n);
            let most = worst.map_or(String::new(), |(why, n)| format!("; most often ({n}): {why}"));
            let say = format!("{at} {:.2} % of {} calls went all the way{most}", step.success_percent, step.offered);
            return Some((Bound::Success, say));
        }
        let over = |of: &crate::measured::Summary, limit: f64| of.p99_ms.or(of.max_ms).filter(|ms| *ms > limit);
        if let Some(ms) = over(&step.setup, self.setup_p99_ms) {
            return Some((Bound::SetupLatency, format!("{at} the answer took {ms:.0} ms (p99)")));
        }
        if let Some(ms) = over(&step.dispatch, self.dispatch_p99_ms) {
            return Some((Bound::DispatchLatency, format!("{at} it took {ms:.0} ms (p99) from the key to the agent")));
        }
        None
    }
}

/// Searches; `measure` is asked for a step at a rate, and says none when time is over.
pub fn search(
    search: Search,
    limits: Limits,
    mut measure: impl FnMut(f64) -> Result<Option<Step>, String>,
) -> Result<(Found, Vec<Step>), String> {
    let mut steps: Vec<Step> = vec![];
    let (mut carried, mut failed): (Option<f64>, Option<(f64, Bound, String)>) = (None, None);
    let mut bound = Bound::Time;
    let mut rate = search.from.min(search.ceiling);
    while steps.len() < search.steps_max {
        let Some(mut step) = measure(rate)? else { break };
        let broken = limits.broken_by(&step);
        step.carried = broken.is_none();
        let disturbed = !step.disturbed.is_empty();
        // A rate that failed while something else disturbed it is tried once more.
        let again = !step.carried && disturbed && steps.last().is_none_or(|s| s.asked_cps != rate);
        steps.push(step);
        match broken {
            _ if again => continue,
            Some((_, why)) if limits.load_is_late(steps.last().expect("it was just kept")) => {
                failed = Some((rate, Bound::Generator, format!("the load itself was late ({why})")));
            }
            Some((what, why)) => failed = Some((rate, what, why)),
            None => carried = Some(rate.max(carried.unwrap_or(0.0))),
        }
        rate = match (carried, &failed) {
            (Some(low), Some((high, ..))) if *high / low <= search.near => break,
            (Some(low), Some((high, ..))) => (low + high) / 2.0,
            (Some(low), None) if low >= search.ceiling => {
                bound = Bound::Generator;
                break;
            }
            (Some(low), None) => (low * 2.0).min(search.ceiling),
            (None, _) if rate <= RATE_MIN => break,
            (None, _) => (rate / 4.0).max(RATE_MIN),
        };
    }
    let found = match (carried, failed) {
        // What failed by our own lateness says nothing about the target.
        (_, Some((_, Bound::Generator, why))) => Found {
            knee_cps: None,
            carried_cps: carried,
            bound: Bound::Generator,
            reason: format!(
                "{}above that, {why}",
                carried.map_or(String::new(), |cps| format!("carried {cps:.0} calls/s; "))
            ),
        },
        (Some(low), Some((_, what, why))) => {
            Found { knee_cps: Some(low), carried_cps: carried, bound: what, reason: why }
        }
        (None, Some((_, what, why))) => Found { knee_cps: None, carried_cps: None, bound: what, reason: why },
        (_, None) => {
            let reason = match (bound, carried) {
                (Bound::Generator, Some(low)) => {
                    format!("carried {low:.0} calls/s, and this load cannot carry more itself")
                }
                (_, Some(low)) => format!("carried {low:.0} calls/s, and time was over before a rate failed"),
                (_, None) => "time was over before one rate was measured".to_owned(),
            };
            Found { knee_cps: None, carried_cps: carried, bound, reason }
        }
    };
    Ok((found, steps))
}

/// Slower than this nobody searches.
const RATE_MIN: f64 = 1.0;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { success_percent: 99.0, setup_p99_ms: 200.0, dispatch_p99_ms: 200.0 };

    fn target(knee: f64, slow_from: f64, disturbed_once: bool) -> impl FnMut(f64) -> Result<Option<Step>, String> {
        let mut disturb = disturbed_once;
        move |rate| {
            let disturbed = if std::mem::take(&mut disturb) { vec!["the host took 20 %".to_owned()] } else { vec![] };
            let percent = if rate > knee || !disturbed.is_empty() { 50.0 } else { 100.0 };
            let p99 = if rate > slow_from { 900.0 } else { 3.0 };
            let mut step = Step {
                asked_cps: rate,
                offered_cps: rate,
                offered: 1_000,
                success_percent: percent,
                ..Step::default()
            };
            step.setup.p99_ms = Some(p99);
            step.disturbed = disturbed;
            Ok(Some(step))
        }
    }

    fn check(knee: f64, slow_from: f64, disturbed: bool, ceiling: f64) -> (Option<f64>, Bound, usize) {
        let how = Search { from: 10.0, ceiling, near: 1.05, steps_max: 40 };
        let (found, steps) = search(how, LIMITS, target(knee, slow_from, disturbed)).expect("nothing goes wrong");
        assert!(steps.iter().all(|s| s.carried == (s.asked_cps <= knee.min(slow_from) && s.disturbed.is_empty())));
        (found.knee_cps, found.bound, steps.len())
    }

    #[test]
    fn it_ends_within_five_per_cent_below_the_knee() {
        for knee in [11.0, 57.0, 100.0, 743.0, 3_210.0] {
            let (found, bound, steps) = check(knee, 1e9, false, 10_000.0);
            let found = found.expect("there is one");
            assert!(found <= knee && found * 1.05 >= knee, "{found} for {knee}");
            assert!(bound == Bound::Success && steps < 20);
            let (found, bound, _) = check(1e9, knee, false, 10_000.0);
            assert!(found.is_some_and(|f| f <= knee && f * 1.05 >= knee) && bound == Bound::SetupLatency);
        }
    }

    #[test]
    fn below_the_first_rate_it_goes_down() {
        let (found, bound, _) = check(3.0, 1e9, false, 10_000.0);
        assert!(found.is_some_and(|f| (2.8..=3.0).contains(&f)) && bound == Bound::Success);
        assert_eq!(check(0.1, 1e9, false, 10_000.0).0, None, "not even one call a second");
    }

    #[test]
    fn what_the_load_cannot_carry_is_no_knee() {
        let (found, bound, _) = check(1e9, 1e9, false, 300.0);
        assert_eq!((found, bound), (None, Bound::Generator));
    }

    #[test]
    fn a_disturbed_failure_is_tried_once_more() {
        let (found, ..) = check(743.0, 1e9, true, 10_000.0);
        assert!(found.is_some_and(|f| f > 700.0), "{found:?}");
    }

    #[test]
    fn what_failed_while_the_load_was_late_is_no_knee() {
        let how = Search { from: 10.0, ceiling: 10_000.0, near: 1.05, steps_max: 40 };
        let mut inner = target(100.0, 1e9, false);
        let late = |rate: f64| {
            let mut step = inner(rate)?.expect("time is not over");
            step.own_late.p99_ms = Some(if rate > 50.0 { 60.0 } else { 1.0 });
            Ok(Some(step))
        };
        let (found, _) = search(how, LIMITS, late).expect("nothing goes wrong");
        assert_eq!((found.knee_cps, found.bound), (None, Bound::Generator));
        assert!(found.carried_cps.is_some_and(|cps| cps <= 100.0), "{found:?}");
    }

    #[test]
    fn when_time_is_over_it_says_what_was_carried() {
        let mut left = 3;
        let mut inner = target(743.0, 1e9, false);
        let how = Search { from: 10.0, ceiling: 10_000.0, near: 1.05, steps_max: 40 };
        let (found, steps) = search(how, LIMITS, |rate| {
            left -= 1;
            if left < 0 { Ok(None) } else { inner(rate) }
        })
        .expect("nothing goes wrong");
        assert_eq!((found.knee_cps, found.carried_cps, found.bound, steps.len()), (None, Some(40.0), Bound::Time, 3));
    }
}
