//! The Specification's indicators (Arts. 17–21) and what stands beside them in every centre, as far as events tell.
//!
//! Each is a name, what is above the line and what is below it; a count stands over 1. The names are made here and nowhere
//! else, and a report, a test and the second implementation meet in them:
//!
//! ```text
//!   answer_rate            17.1 接通率, short abandons among the offered; `…_without_short` beside it
//!   asa_ms                 Σ wait of the answered / answered
//!   ring_end.no_answer     RONA, and the other ends of a ringing
//!   hung_up.agent          挂机方
//!   exit.main.0.key        left menu `main` by key 0 for a person; `-` is no menu or no key
//!   agent.4012.talking_ms  his time in one cell
//! ```
//! Waits follow the question's `by`; everything else is counted in the second in which it happened. An agent's after-call
//! work belongs to the queue of the call he picked up before it. Agents' times and menu exits without a person have no queue
//! and stand in the answer for all queues only.
//!
//! First-contact resolution is in `needs`, adherence in `adherence`. Not here: timeliness of non-voice work, satisfaction; no event
//! of this version bears them.
use crate::{AgentTime, By, Counts, Fold, Formula, Group, Mark, Percentiles, Question, Sum, WaitEnd, Waits, percent};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{AgentId, Instant, RequestedBy, RingEnd};

/// What an indicator is measured in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Calls, rings, exits.
    Count,
    /// Percent with two decimals.
    Percent,
    /// Milliseconds: an average, a sum or a maximum.
    Ms,
    /// Whole seconds.
    Seconds,
}

/// One indicator of one window.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Indicator {
    /// Its name.
    pub id: String,
    /// Its unit.
    pub unit: Unit,
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
    /// What they make; none is *no data*.
    pub value: Option<f64>,
}

impl Indicator {
    pub(crate) fn new(id: impl Into<String>, unit: Unit, numerator: u64, denominator: u64) -> Indicator {
        let rounded = || (denominator > 0).then(|| ((2 * numerator + denominator) / (2 * denominator)) as f64);
        let value = match unit {
            Unit::Percent => percent(numerator, denominator),
            Unit::Count | Unit::Ms | Unit::Seconds => rounded(),
        };
        Indicator { id: id.into(), unit, numerator, denominator, value }
    }
    /// A plain count.
    pub fn count(id: impl Into<String>, n: u64) -> Indicator {
        Indicator::new(id, Unit::Count, n, 1)
    }
}

impl Fold {
    /// Every indicator of the question's queue and window, as of `now`. `within_s` and `formula` do not matter.
    pub fn indicators(&self, question: &Question, now: Instant) -> Vec<Indicator> {
        let mut list = self.wait_indicators(question, now);
        let marks = self.tally().window(question.queue, question.from.seconds(), question.to.seconds());
        let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
        let mut by_agent: BTreeMap<(AgentId, &'static str), u64> = BTreeMap::new();
        for (place, sum) in &marks {
            let (id, agents_word) = match &place.mark {
                Mark::Entered { again: false } => ("entered".to_owned(), None),
                Mark::Entered { again: true } => ("re_entered".to_owned(), None),
                Mark::Stepped => ("overflow_steps".to_owned(), None),
                Mark::RingEnded(end) => (format!("ring_end.{}", ring_end(*end)), Some(ring_end(*end))),
                Mark::PickedUp => ("picked_up".to_owned(), Some("picked_up")),
                Mark::Talked(who) => (format!("hung_up.{}", format!("{who:?}").to_lowercase()), Some("talks")),
                Mark::Held => ("held".to_owned(), None),
                Mark::Consulted => ("consulted".to_owned(), None),
                Mark::GaveOn => ("gave_on".to_owned(), None),
                Mark::Worked => ("after_call_work".to_owned(), None),
                Mark::Requested(menu, key, by) => (exit(menu, key, requested_by(*by)), None),
                Mark::Left(menu, key, cause) => (exit(menu, key, cause.word()), None),
            };
            sums.entry(id).or_default().add(*sum);
            if let (Some(agent), Some(word)) = (place.agent, agents_word) {
                *by_agent.entry((agent, word)).or_default() += sum.n;
            }
        }
        let talk =
            sums.iter().filter(|(id, _)| id.starts_with("hung_up.")).fold(Sum::default(), |mut all, (_, sum)| {
                all.add(*sum);
                all
            });
        let mut removed = |id: &str| sums.remove(id).unwrap_or_default();
        let (entered, re_entered, steps) = (removed("entered"), removed("re_entered"), removed("overflow_steps"));
        let work = sums.remove("after_call_work").unwrap_or_default();
        let picked_up = sums.remove("picked_up").unwrap_or_default();
        list.extend([
            Indicator::count("queue_entries", entered.n + re_entered.n),
            Indicator::count("queue_re_entries", re_entered.n),
            Indicator::count("overflow_steps", steps.n),
            Indicator::count("handled", talk.n),
            Indicator::new("talk_ms", Unit::Ms, talk.ms, talk.n),
            Indicator::new("after_call_work_ms", Unit::Ms, work.ms, work.n),
            Indicator::new("aht_ms", Unit::Ms, talk.ms + work.ms, talk.n),
            Indicator::new("ring_ms", Unit::Ms, picked_up.ms, picked_up.n),
        ]);
        list.extend(sums.into_iter().map(|(id, sum)| Indicator::count(id, sum.n)));
        list.extend(
            by_agent.into_iter().map(|((agent, word), n)| Indicator::count(format!("agent.{agent}.{word}"), n)),
        );
        list.extend(self.needs().map(|needs| needs.indicators(question, now)).unwrap_or_default());
        if question.queue.is_none() {
            self.agent_indicators(question, now, &mut list);
        }
        list
    }

    fn wait_indicators(&self, question: &Question, now: Instant) -> Vec<Indicator> {
        let waits = self.waits(question);
        let counts = self.counts(question, &waits, now);
        of_waits(&waits, &counts)
    }

    /// What can be said of a group's waits; the rest of a call belongs to a queue or an agent. They must be kept.
    pub fn indicators_of(&self, group: &Group, question: &Question, now: Instant) -> Vec<Indicator> {
        let waits = self.waits_of(group, question);
        let counts = self.counts_of(Some(group), question, &waits, now);
        of_waits(&waits, &counts)
    }

    fn agent_indicators(&self, question: &Question, now: Instant, list: &mut Vec<Indicator>) {
        let whole = |at: Instant| Instant::from_millis(at.seconds() * 1000);
        for (agent, times) in self.agent_times(whole(question.from), whole(question.to), now) {
            let of = |cell: AgentTime| times.get(&cell).copied().unwrap_or(0);
            let handling = of(AgentTime::Talking) + of(AgentTime::AfterCallWork);
            let occupied = handling + of(AgentTime::Ringing) + of(AgentTime::Idle);
            let id = |word: &str| format!("agent.{agent}.{word}");
            list.extend(
                times.iter().map(|(cell, &ms)| Indicator::new(id(&format!("{}_ms", cell.word())), Unit::Ms, ms, 1)),
            );
            list.push(Indicator::new(id("occupancy"), Unit::Percent, handling, occupied));
            list.push(Indicator::new(id("utilisation"), Unit::Percent, handling, occupied + of(AgentTime::NotReady)));
        }
    }

    /// A question about the whole record, all queues, by the end of the wait, for indicators only.
    pub fn whole(&self) -> Option<Question> {
        let (from, last) = self.span()?;
        let to = Instant::from_millis((last.seconds() + 1) * 1000);
        Some(Question { queue: None, from, to, within_s: 20, formula: Formula::F3, by: By::End, short_s: 0 })
    }
}

/// Names that [`crate::Indicator`]s of waits bear: what a group has, and nothing else.
fn of_waits(waits: &Waits, c: &Counts) -> Vec<Indicator> {
    let offered = c.answered + c.abandoned + c.failed + c.waiting;
    let percentiles = Percentiles::of(waits, WaitEnd::Answered);
    let at =
        |id: &str, p: u8| Indicator::new(id, Unit::Seconds, percentiles.at(p).unwrap_or(0), u64::from(c.answered > 0));
    let longest = WaitEnd::ALL.map(|end| waits.max_ms(end)).into_iter().max().unwrap_or(0);
    vec![
        Indicator::count("offered", offered),
        Indicator::count("answered", c.answered),
        Indicator::count("abandoned", c.abandoned),
        Indicator::count("abandoned_short", c.short),
        Indicator::count("failed", c.failed),
        Indicator::count("waiting", c.waiting),
        Indicator::new("answer_rate", Unit::Percent, c.answered, offered),
        Indicator::new("answer_rate_without_short", Unit::Percent, c.answered, offered - c.short),
        Indicator::new("abandonment", Unit::Percent, c.abandoned, c.answered + c.abandoned),
        Indicator::new(
            "abandonment_without_short",
            Unit::Percent,
            c.abandoned - c.short,
            c.answered + c.abandoned - c.short,
        ),
        Indicator::new("asa_ms", Unit::Ms, waits.sum_ms(WaitEnd::Answered), c.answered),
        Indicator::new("time_to_abandon_ms", Unit::Ms, waits.sum_ms(WaitEnd::Abandoned), c.abandoned),
        Indicator::new("longest_wait_ms", Unit::Ms, longest, u64::from(!waits.is_empty())),
        at("wait_s_p50", 50),
        at("wait_s_p90", 90),
        at("wait_s_p95", 95),
    ]
}

fn exit(menu: &Option<String>, key: &Option<char>, way: &str) -> String {
    format!("exit.{}.{}.{way}", menu.as_deref().unwrap_or("-"), key.unwrap_or('-'))
}

fn ring_end(end: RingEnd) -> &'static str {
    match end {
        RingEnd::NoAnswer => "no_answer",
        RingEnd::Rejected => "rejected",
        RingEnd::Busy => "busy",
        RingEnd::Unreachable => "unreachable",
        RingEnd::DeviceFault => "device_fault",
        RingEnd::CallerLeft => "caller_left",
    }
}

fn requested_by(by: RequestedBy) -> &'static str {
    match by {
        RequestedBy::Key => "key",
        RequestedBy::NoInput => "no_input",
        RequestedBy::NoMatch => "no_match",
        RequestedBy::ServiceFailed => "service_failed",
        RequestedBy::Always => "always",
    }
}
