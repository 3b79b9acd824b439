//! What the load itself carries: the same telephones against the bare loop, before anything is said of a target.
use crate::bare::Bare;
use crate::knee::Limits;
use crate::step::{Before, Step};
use crate::telephones::{AgentAccount, Arrivals, Behaviour, Place, Run, Spread, Telephones};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use switchboard_model::Digit;
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
    /// CPU time of the load's thread a call at that rate, in µs: what one core carries follows from it on any machine, however busy.
    pub own_us_a_call: f64,
}

/// Measures it, in steps of a little more than `each`: a quarter more than the rate that is wanted; or, if none
/// is, by doubling up to the rate for which its agents suffice, and by halving between.
#[allow(clippy::too_many_arguments, reason = "each is a plain fact about one measurement")]
pub fn measure(
    behaviour: &Behaviour,
    limits: &Limits,
    agents: usize,
    wanted: Option<f64>,
    each: Duration,
    seed: u64,
    clock: Clock,
    cpu: Option<usize>,
) -> Result<Ceiling, String> {
    let fail = |e: std::io::Error| format!("the load cannot be set up: {e}");
    let sounded = (agents * behaviour.sound_percent as usize / 100 * 2).clamp(4, 400);
    let bare = Bare::start(None, sounded, clock, cpu).map_err(fail)?;
    let own = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let account = |n: usize| AgentAccount::registering(format!("{}", 7_000 + n), "");
    let behaviour = &quick(behaviour);
    let mut phones = Telephones::new(Place::any(bare.at(), own), behaviour.clone(), seed, clock).map_err(fail)?;
    phones.log_in(&(0..agents).map(account).collect::<Vec<_>>())?;
    let (mut best, mut failed): (Option<Step>, Option<(Step, String)>) = (None, None);
    let mut own_us_a_call = 0.0;
    let by_agents = match behaviour.to_agents {
        true => agents as f64 * AGENTS_BUSY / behaviour.busy().as_secs_f64(),
        false => WITHOUT_AGENTS_CPS,
    };
    let most = wanted.map_or(by_agents, |cps| (cps * 1.25).max(FIRST_CPS).min(by_agents));
    let mut rate = wanted.map_or((most / 64.0).max(FIRST_CPS).min(most), |_| most);
    for _ in 0..STEPS_MAX {
        let (before, used) = (Before::now(None), crate::machine::own_thread_ns());
        let run = Run {
            arrivals: Arrivals::Steady(rate),
            lasts: each,
            calls_max: u64::MAX,
            open_max: agents.max(LINES_MIN) * 4,
            settles: behaviour.settles(),
            slice: None,
        };
        let measured = phones.run(&run, |_| true).map_err(fail)?;
        let mut step = before.step(rate, each, &measured);
        let why = not_carried(&step, limits);
        step.carried = why.is_none();
        let us = crate::machine::own_thread_ns().saturating_sub(used) as f64 / 1_000.0 / measured.offered.max(1) as f64;
        match why {
            Some(why) => failed = Some((step, why)),
            None => (best, own_us_a_call) = (Some(step), us),
        }
        rate = match (&best, &failed) {
            (Some(low), None) if low.asked_cps >= most => break,
            (Some(low), None) => (low.asked_cps * 2.0).min(most),
            (Some(low), Some((high, _))) if high.asked_cps / low.asked_cps <= NEAR => break,
            (Some(low), Some((high, _))) => (low.asked_cps + high.asked_cps) / 2.0,
            (None, _) if rate <= FIRST_CPS => break,
            (None, _) => (rate / 2.0).max(FIRST_CPS),
        };
    }
    let (cps, step, why) = match (best, failed) {
        (Some(step), Some((_, why))) => (Some(step.asked_cps), step, why),
        (Some(step), None) => (Some(step.asked_cps), step, "more was not tried".to_owned()),
        (None, Some((step, why))) => (None, step, why),
        (None, None) => (None, Step::default(), "no rate was tried".to_owned()),
    };
    Ok(Ceiling { cps, step, why, own_us_a_call })
}

/// The same people in a hurry: who talks for minutes costs the load no more than who talks for a second, and there is one key.
fn quick(behaviour: &Behaviour) -> Behaviour {
    let short = |s: &Spread| {
        if s.longest() > QUICK { Spread::Exponential { least: QUICK / 3, more: QUICK / 10 } } else { s.clone() }
    };
    Behaviour {
        keys: Digit::from_char('0').map(|key| (1.0, vec![key])).into_iter().collect(),
        key_after: Spread::fixed(Duration::from_millis(20)),
        answers_after: Spread::fixed(Duration::ZERO),
        talk: short(&behaviour.talk),
        talk_silent: short(&behaviour.talk_silent),
        acw: Spread::fixed(Duration::ZERO),
        patience: Spread::fixed(Duration::from_secs(4)),
        ..behaviour.clone()
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

const QUICK: Duration = Duration::from_secs(3);
/// So much of the agents' time may be taken on average, so that a free one is nearly always there.
pub const AGENTS_BUSY: f64 = 0.7;
/// Tried where no agents bound the rate.
const WITHOUT_AGENTS_CPS: f64 = 3_000.0;
/// Whoever does not carry this carries nothing.
const FIRST_CPS: f64 = 20.0;
/// From a 64th of the most by doubling, and then by halving between what was carried and what was not, three times.
const STEPS_MAX: usize = 11;
/// Nearer than this the ceiling need not be known.
const NEAR: f64 = 1.15;
/// Calls that may be open where no agents bound them.
const LINES_MIN: usize = 500;
