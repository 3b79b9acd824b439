//! The result of a measurement: one verdict, one line, all steps, and what could not be measured.
use crate::knee::{Bound, Limits};
use crate::step::Step;
use crate::telephones::{NO_AGENT, UNANSWERED};
use crate::timeline::{Point, TimelineEvent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How it ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What was asked for holds.
    Pass,
    /// It does not.
    Fail,
    /// Nothing can be said.
    CouldNotMeasure,
}

impl Verdict {
    /// In words.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "PASS",
            Verdict::Fail => "FAIL",
            Verdict::CouldNotMeasure => "COULD NOT MEASURE",
        }
    }
}

/// The result of one `bench` verb.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Which verb.
    pub verb: String,
    /// How it ended.
    pub verdict: Verdict,
    /// The highest rate that was carried while a higher one was not, in calls/s.
    pub knee_cps: Option<f64>,
    /// What bounds it.
    pub limit: Option<Bound>,
    /// Why, in one sentence.
    pub reason: String,
    /// What could not be measured, a sentence each.
    pub could_not_measure: Vec<String>,
    /// What disturbed it, a sentence each.
    pub disturbed: Vec<String>,
    /// What a rate had to fulfil.
    pub asked: Limits,
    /// The load's own ceiling, in calls/s.
    pub ceiling_cps: Option<f64>,
    /// What the load adds by itself: p99 of the setup against the bare loop at that rate, in ms.
    pub ceiling_setup_p99_ms: Option<f64>,
    /// What was measured.
    pub target: String,
    /// When, on which machine, with which version.
    pub when: String,
    /// The machine.
    pub machine: String,
    /// The version of the harness.
    pub version: String,
    /// From which all chance followed.
    pub seed: u64,
    /// Share of calls with sound both ways, in per cent.
    pub sound_percent: u32,
    /// Other figures by name, with the unit last.
    pub figures: BTreeMap<String, f64>,
    /// Each run.
    pub steps: Vec<Step>,
    /// The run along its time, where there is one.
    #[serde(default)]
    pub timeline: Vec<Point>,
    /// What happened to the target meanwhile.
    #[serde(default)]
    pub events: Vec<TimelineEvent>,
}

impl Report {
    /// The last line of every verb.
    pub fn line(&self) -> String {
        let disturbed = match self.disturbed.as_slice() {
            [] => String::new(),
            all => format!("; DISTURBED: {}", all.join(", ")),
        };
        format!("{} {}: {}{disturbed}", self.verdict.word(), self.verb, self.reason)
    }

    /// Collects what disturbed the steps: each kind once, in its worst form.
    pub fn gather_disturbances(&mut self) {
        let mut all: Vec<String> = vec![];
        let worst = |f: &dyn Fn(&Step) -> f64| self.steps.iter().map(f).fold(0.0, f64::max);
        let (others, steal) = (worst(&|s| s.others_percent), worst(&|s| s.steal_percent));
        let touched = self.steps.iter().filter(|s| !s.disturbed.is_empty()).count();
        if touched == 0 {
            return;
        }
        if self.steps.iter().any(|s| s.disturbed.iter().any(|d| d.starts_with("other programs"))) {
            all.push(format!("other programs used up to {others:.0} % of the CPUs"));
        }
        if self.steps.iter().any(|s| s.disturbed.iter().any(|d| d.starts_with("the host"))) {
            all.push(format!("the host took up to {steal:.0} %"));
        }
        let late = worst(&|s| s.own_late.p99_ms.unwrap_or(0.0));
        if self.steps.iter().any(|s| s.disturbed.iter().any(|d| d.starts_with("the load itself"))) {
            all.push(format!("the load dialled up to {late:.0} ms late (p99)"));
        }
        let lost: u64 = self.steps.iter().map(|s| s.not_sent).sum();
        if lost > 0 {
            all.push(format!("{lost} datagrams did not leave the load"));
        }
        self.disturbed.extend(all);
    }

    /// If not one call went all the way and all failed alike, that is the result, in words that say where to look.
    pub fn say_what_is_wrong_with_the_target(&mut self, number: &str) {
        let offered: u64 = self.steps.iter().map(|s| s.offered).sum();
        let done: u64 = self.steps.iter().map(|s| s.done).sum();
        let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
        for (why, n) in self.steps.iter().flat_map(|s| &s.faults) {
            *faults.entry(why).or_default() += n;
        }
        let Some((why, _)) = faults.iter().find(|(_, n)| **n == offered).filter(|_| done == 0 && offered > 0) else {
            return;
        };
        let target = &self.target;
        let (verdict, say) = match *why {
            "refused with 404" | "refused with 484" | "refused with 604" => (
                Verdict::CouldNotMeasure,
                format!("{target} knows no number {number}: all of {offered} calls were {why}; is the number right?"),
            ),
            "refused with 401" | "refused with 403" | "refused with 407" => (
                Verdict::CouldNotMeasure,
                format!(
                    "{target} lets these callers not in: all of {offered} calls were {why}; does it know this address as a trunk, or want `callers` with user and password in the profile?"
                ),
            ),
            "refused with 503" => {
                (Verdict::Fail, format!("{target} says that it is out of service: all of {offered} calls were {why}"))
            }
            UNANSWERED => (
                Verdict::CouldNotMeasure,
                format!(
                    "{target} is not reached: none of {offered} calls was answered; is that its SIP address, and does it run?"
                ),
            ),
            NO_AGENT => (
                Verdict::Fail,
                format!(
                    "no agent was rung for any of {offered} callers: do the keys lead to a person, and are its agents ready?"
                ),
            ),
            _ => return,
        };
        (self.verdict, self.reason) = (verdict, say);
    }

    /// What too few samples cannot say.
    pub fn say_what_is_missing(&mut self) {
        if self.steps.is_empty() {
            return;
        }
        let mut missing = vec![];
        if !self.steps.iter().any(|s| s.setup.p999_ms.is_some()) {
            missing.push(format!("p99.9: no step had {} samples", crate::measured::FOR_P999));
        }
        if self.steps.iter().all(|s| s.target_cores.is_none()) && self.timeline.iter().all(|p| p.rss_kb.is_none()) {
            missing.push("CPU and memory of the target: it is no process of this program".to_owned());
        }
        if self.steps.iter().all(|s| s.sound_judged == 0) {
            missing.push("sound: no conversation with sound lasted long enough to be judged".to_owned());
        }
        self.could_not_measure.extend(missing);
    }

    /// The steps as a table of plain text.
    pub fn table(&self) -> String {
        let mut text =
            "  asked/s   done/s  success   setup p50/p99 ms  dispatch p50/p99 ms  open  cores  µs/call\n".to_owned();
        let number =
            |n: Option<f64>| n.map_or("–".to_owned(), |n| if n < 10.0 { format!("{n:.2}") } else { format!("{n:.0}") });
        for s in &self.steps {
            text += &format!(
                "{:>9.1} {:>8.1} {:>7.2}% {:>18} {:>20} {:>5} {:>6} {:>8}  {}\n",
                s.asked_cps,
                s.done_cps,
                s.success_percent,
                format!("{}/{}", number(s.setup.p50_ms), number(s.setup.p99_ms)),
                format!("{}/{}", number(s.dispatch.p50_ms), number(s.dispatch.p99_ms)),
                s.open_max,
                number(s.target_cores),
                number(s.target_us_a_call),
                if s.carried { "carried" } else { "not carried" },
            );
        }
        text
    }
}
