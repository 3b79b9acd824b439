//! What the pictures of a report are drawn from: the same fold and the same window, cut into slots.
//!
//! A slot is a question like any other, so the slots of a window add up to the window; a test holds them to it. They are not
//! in the report's JSON: `--every` asks for figures by the calendar's slots, and those are recomputed like all others.
use crate::Report;
use crate::moment::offset_s;
use std::collections::BTreeMap;
use switchboard_model::Instant;
use switchboard_stats::{AgentTime, By, Counts, Fold, Formula, Question, WaitEnd, Waits, percent};

/// One slot of the window.
#[derive(Clone, PartialEq, Debug)]
pub struct Slot {
    /// Its first second,
    pub from: u64,
    /// and the one after its last.
    pub to: u64,
    /// The counts of the level.
    pub counts: Counts,
    /// The level by the picture's formula.
    pub percent: Option<f64>,
    /// Callers who asked for a person in it.
    pub arrivals: u64,
    /// Agents logged in, on average.
    pub staffed: f64,
    /// Agents talking or in after-call work, on average.
    pub busy: f64,
    /// How long the waits were that it selects.
    pub waits: Waits,
}

/// All pictures' data.
#[derive(Clone, PartialEq, Debug)]
pub struct Pictures {
    /// What was asked: queue, window, X, formula.
    pub question: Question,
    /// The length of a slot.
    pub slot_s: u64,
    /// The slots, without gaps.
    pub slots: Vec<Slot>,
    /// The waits of the whole window.
    pub waits: Waits,
    /// The level of the whole window.
    pub percent: Option<f64>,
    /// The level to be reached, in percent.
    pub target: Option<u32>,
}

/// As many as can be told apart on a screen.
const SLOTS_MAX: u64 = 60;
/// Lengths that divide the next, so that axes bear round times.
const SLOT_S: [u64; 13] = [1, 5, 10, 30, 60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];

impl Pictures {
    /// Of F8, the level that boards show, if it was asked, else of the first level; nothing if none was.
    pub(crate) fn of(fold: &Fold, report: &Report) -> Option<Pictures> {
        let first = report.levels.iter().find(|l| l.formula == Formula::F8).or(report.levels.first())?;
        let now = report.record.as_of;
        let w = first.window;
        let question = Question {
            queue: w.queue,
            from: w.from,
            to: w.to.min(Instant::from_millis((now.seconds() + 1) * 1000)),
            within_s: first.within_s,
            formula: first.formula,
            by: w.by,
            short_s: w.short_s,
        };
        let (from, to) = (question.from.seconds(), question.to.seconds());
        let span = to.saturating_sub(from);
        let slot_s = SLOT_S.into_iter().find(|s| span.div_ceil(*s) <= SLOTS_MAX).unwrap_or(span.div_ceil(SLOTS_MAX));
        let offset = offset_s(question.from).rem_euclid(86_400) as u64;
        let mut at = ((from + offset) / slot_s * slot_s).saturating_sub(offset);
        let mut slots = Vec::new();
        while at < to {
            slots.push(slot(fold, &question, at.max(from), (at + slot_s).min(to), now));
            at += slot_s;
        }
        let target = match w.queue {
            Some(queue) => report.names.targets.get(&queue).map(|t| t.y_percent),
            None => same(report.names.targets.values().map(|t| t.y_percent)),
        };
        let waits = fold.waits(&question);
        Some(Pictures { question, slot_s, slots, waits, percent: first.percent, target })
    }

    /// How many waits of every slot lie in each band `(edge before, edge]` of whole seconds; the last band has no end.
    pub fn heat(&self, edges: &[u16]) -> Vec<Vec<u64>> {
        let row = |slot: &Slot| {
            let mut row = vec![0; edges.len() + 1];
            for end in WaitEnd::ALL {
                for (s, n) in slot.waits.lengths(end) {
                    row[edges.partition_point(|edge| *edge < s)] += u64::from(n);
                }
            }
            row
        };
        self.slots.iter().map(row).collect()
    }
}

fn slot(fold: &Fold, asked: &Question, from: u64, to: u64, now: Instant) -> Slot {
    let at = |second: u64| Instant::from_millis(second * 1000);
    let question = Question { from: at(from), to: at(to), ..*asked };
    let answer = fold.answer(&question, now);
    let came = fold.answer(&Question { by: By::Arrival, ..question }, now).counts;
    let mut ms: BTreeMap<AgentTime, u64> = BTreeMap::new();
    for (cell, spent) in fold.agent_times(at(from), at(to), now).into_values().flatten() {
        *ms.entry(cell).or_default() += spent;
    }
    let length_ms = ((to - from) * 1000) as f64;
    let sum = |cells: &[AgentTime]| cells.iter().filter_map(|c| ms.get(c)).sum::<u64>() as f64 / length_ms;
    let busy = [AgentTime::Talking, AgentTime::AfterCallWork];
    let idle = [AgentTime::Idle, AgentTime::NotReady, AgentTime::Ringing];
    Slot {
        from,
        to,
        counts: answer.counts,
        percent: percent(answer.numerator, answer.denominator),
        arrivals: came.answered + came.abandoned + came.failed + came.waiting,
        staffed: sum(&busy) + sum(&idle),
        busy: sum(&busy),
        waits: fold.waits(&question),
    }
}

/// The one value that all have.
fn same(mut values: impl Iterator<Item = u32>) -> Option<u32> {
    let first = values.next()?;
    values.all(|v| v == first).then_some(first)
}
