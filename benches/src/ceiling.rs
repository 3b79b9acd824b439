//! What the load itself carries: the same telephones against the bare loop, before anything is said of a target.
use crate::bare::Bare;
use crate::knee::Limits;
use crate::step::{Before, Step};
use crate::telephones::{AgentAccount, Behaviour, Run, Telephones};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use switchboard_net::Clock;

/// What was carried.
#[derive(Clone, PartialEq, Debug)]
pub struct Ceiling {
    /// The highest rate that was carried, in calls/s; none if not even the first was.
    pub cps: Option<f64>,
    /// The run at that rate, whose latencies are what the load and the machine add by themselves; or the one that failed.
    pub step: Step,
    /// Why not more.
    pub why: String,
}

/// Measures it in about eight times `each`, up to `most` calls a second.
#[allow(clippy::too_many_arguments, reason = "each is a plain fact about one measurement")]
pub fn measure(
    behaviour: &Behaviour,
    limits: &Limits,
    agents: usize,
    most: f64,
    each: Duration,
    seed: u64,
    clock: Clock,
    cpu: Option<usize>,
) -> Result<Ceiling, String> {
    let fail = |e: std::io::Error| format!("the load cannot be set up: {e}");
    let sounded = (agents * behaviour.sound_percent as usize / 100 * 2).clamp(4, 400);
    let bare = Bare::start(None, sounded, clock, cpu).map_err(fail)?;
    let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let mut phones = Telephones::new(bare.at(), own, behaviour.clone(), seed, clock).map_err(fail)?;
    let account = |n: usize| AgentAccount { user: format!("{}", 7_000 + n), password: Some(String::new()) };
    phones.register(&(0..agents).map(account).collect::<Vec<_>>())?;
    let mut best: Option<Step> = None;
    let mut rate = (most / 64.0).max(FIRST_CPS).min(most);
    loop {
        let before = Before::now(None);
        let run = Run {
            calls_per_s: rate,
            lasts: each,
            calls_max: u64::MAX,
            open_max: agents * 4,
            settles: behaviour.settles(),
        };
        let measured = phones.run(run, |_| true).map_err(fail)?;
        let mut step = before.step(rate, each, &measured);
        let why = not_carried(&step, limits);
        step.carried = why.is_none();
        if let Some(why) = why {
            return Ok(match best {
                Some(best) => Ceiling { cps: Some(best.asked_cps), step: best, why },
                None => Ceiling { cps: None, step, why },
            });
        }
        if rate >= most {
            let why = "more was not tried".to_owned();
            return Ok(Ceiling { cps: Some(rate), step, why });
        }
        best = Some(step);
        rate = (rate * 2.0).min(most);
    }
}

/// The load must lose less than half of what it lets others lose, and be late by less than a quarter, and add less
/// than a half, of what it allows them.
fn not_carried(step: &Step, limits: &Limits) -> Option<String> {
    if step.success_percent < 100.0 - (100.0 - limits.success_percent) / 2.0 {
        let worst = step.faults.iter().max_by_key(|(_, n)| **n).map_or("", |(why, _)| why.as_str());
        return Some(format!("at {:.0} calls/s {:.2} % came through: {worst}", step.asked_cps, step.success_percent));
    }
    if limits.load_is_late(step) {
        let late = step.own_late.p99_ms.or(step.own_late.max_ms).unwrap_or(0.0);
        return Some(format!("at {:.0} calls/s it dialled {late:.0} ms late (p99)", step.asked_cps));
    }
    let added = step.setup.p99_ms.or(step.setup.max_ms).unwrap_or(0.0);
    (added > limits.setup_p99_ms / 2.0)
        .then(|| format!("at {:.0} calls/s it added {added:.0} ms (p99)", step.asked_cps))
}

const FIRST_CPS: f64 = 20.0;
