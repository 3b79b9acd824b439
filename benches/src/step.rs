//! One run at one rate, as it is reported, and what disturbed it.
use crate::machine::{ProcessUse, Ticks, process_use};
use crate::measured::{Measured, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// One run.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Step {
    /// The rate that was asked for, in calls/s (session attempt rate, RFC 7501 §3.1).
    pub asked_cps: f64,
    /// What chance made of it.
    pub offered_cps: f64,
    /// For how long callers came, in s.
    pub lasted_s: f64,
    /// Calls that were meant to be made.
    pub offered: u64,
    /// Calls that went all the way, in order, with the right sound.
    pub done: u64,
    /// Done a second of `lasted_s`: the goodput.
    pub done_cps: f64,
    /// Done of offered.
    pub success_percent: f64,
    /// Whether it kept all limits.
    pub carried: bool,
    /// Why calls did not go all the way.
    pub faults: BTreeMap<String, u64>,
    /// From the moment a call was meant to the target's 200.
    pub setup: Summary,
    /// From key and free agent to the agent's INVITE.
    pub dispatch: Summary,
    /// From the agent's answer until each has heard the other.
    pub sound: Summary,
    /// How late our own dialling was.
    pub own_late: Summary,
    /// From a frame of sound leaving one telephone to its coming to the other, through the target.
    #[serde(default)]
    pub media_delay: Summary,
    /// Frames of sound that did not come, of a hundred; none where there was no sound.
    #[serde(default)]
    pub media_lost_percent: Option<f64>,
    /// Calls that were made with sound both ways.
    #[serde(default)]
    pub sounded: u64,
    /// Calls whose sound was judged.
    pub sound_judged: u64,
    /// Agents rung for a later caller while an earlier one waited.
    pub out_of_order: u64,
    /// Agents rung while in another call.
    pub doubled_agents: u64,
    /// Agents rung in their after-call work.
    #[serde(default)]
    pub rung_in_acw: u64,
    /// Messages that we said again.
    pub said_again: u64,
    /// Messages that came again.
    pub came_again: u64,
    /// Datagrams that did not leave us.
    pub not_sent: u64,
    /// Most calls open at once (session capacity used, RFC 7501 §3.2).
    pub open_max: u64,
    /// The target's CPU time, in cores; none if it is not a process of ours.
    pub target_cores: Option<f64>,
    /// The same a call, in µs.
    pub target_us_a_call: Option<f64>,
    /// By its threads, µs a call.
    pub target_threads_us: BTreeMap<String, f64>,
    /// Its memory at the end, in kB.
    pub target_rss_kb: Option<u64>,
    /// Its context switches a call.
    pub target_switches_a_call: Option<f64>,
    /// What other programs used of all CPUs, in per cent.
    pub others_percent: f64,
    /// What the host took away, in per cent.
    pub steal_percent: f64,
    /// What disturbed it, a sentence each.
    pub disturbed: Vec<String>,
}

/// The machine before a run.
pub struct Before {
    ticks: Ticks,
    target: Option<(u32, ProcessUse)>,
}

impl Before {
    /// Now; with the target's process, if it is one of ours.
    pub fn now(target: Option<u32>) -> Before {
        Before { ticks: Ticks::now(), target: target.and_then(|pid| Some((pid, process_use(pid)?))) }
    }

    /// The run is over.
    pub fn step(self, asked_cps: f64, lasted: Duration, m: &Measured) -> Step {
        let after = self.target.as_ref().and_then(|(pid, before)| Some((before, process_use(*pid)?)));
        let cpu_ms = after.as_ref().map_or(0, |(before, after)| after.cpu_ms.saturating_sub(before.cpu_ms));
        let (others, steal) = Ticks::now().others_than(self.ticks, cpu_ms);
        let seconds = lasted.as_secs_f64().max(0.001);
        let calls = m.offered.max(1) as f64;
        let mut threads = BTreeMap::new();
        if let Some((before, after)) = &after {
            for (name, ns) in crate::machine::used(&before.threads, &after.threads) {
                if ns > 0 {
                    threads.insert(name, ns as f64 / 1_000.0 / calls);
                }
            }
        }
        let mut step = Step {
            asked_cps,
            offered_cps: m.offered as f64 / seconds,
            lasted_s: seconds,
            offered: m.offered,
            done: m.done,
            done_cps: m.done as f64 / seconds,
            success_percent: m.success_percent().unwrap_or(0.0),
            carried: false,
            faults: m.faults.clone(),
            setup: m.setup.summary(),
            dispatch: m.dispatch.summary(),
            sound: m.sound.summary(),
            own_late: m.late.summary(),
            media_delay: m.media_delay.summary(),
            media_lost_percent: (m.media_sent > 0).then(|| m.media_lost as f64 * 100.0 / m.media_sent as f64),
            sounded: m.sounded,
            sound_judged: m.sound_judged,
            rung_in_acw: m.rung_in_acw,
            out_of_order: m.out_of_order,
            doubled_agents: m.doubled_agents,
            said_again: m.said_again,
            came_again: m.came_again,
            not_sent: m.not_sent,
            open_max: m.open_max,
            target_cores: after.as_ref().map(|_| threads.values().sum::<f64>() * calls / 1e6 / seconds),
            target_us_a_call: after.as_ref().map(|_| threads.values().sum::<f64>()),
            target_rss_kb: after.as_ref().map(|(_, after)| after.rss_kb),
            target_switches_a_call: after.as_ref().map(|(b, a)| a.switches.saturating_sub(b.switches) as f64 / calls),
            target_threads_us: threads,
            others_percent: others,
            steal_percent: steal,
            disturbed: vec![],
        };
        step.disturbed = disturbed(&step);
        step
    }
}

fn disturbed(step: &Step) -> Vec<String> {
    let mut all = vec![];
    if step.steal_percent >= STEAL_PERCENT {
        all.push(format!("the host took {:.0} % of the CPUs away", step.steal_percent));
    }
    if step.others_percent >= OTHERS_PERCENT {
        all.push(format!("other programs used {:.0} % of the CPUs", step.others_percent));
    }
    if let Some(late) = step.own_late.p99_ms.filter(|ms| *ms > OWN_LATE_MS) {
        all.push(format!("the load itself dialled {late:.0} ms late (p99)"));
    }
    if step.not_sent > 0 {
        all.push(format!("{} datagrams did not leave the load", step.not_sent));
    }
    all
}

/// From this on, a tail is the machine's and not the target's.
const STEAL_PERCENT: f64 = 3.0;
const OTHERS_PERCENT: f64 = 10.0;
/// Later than this, our own lateness is a part of what was measured that matters.
const OWN_LATE_MS: f64 = 10.0;
