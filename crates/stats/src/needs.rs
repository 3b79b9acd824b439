//! What callers wanted, and whether once was enough (一次问题解决率, Art. 17.3): by needs and not by calls.
//!
//! ```text
//!   Arrived ─► customer ┐
//!   PickedUp ─► queue   ├─► (call, topic) ─► the last word about it ─► in order of customer, topic and moment
//!   Disposed ───────────┘                                              └─► the next one within N days is a repeat
//! ```
//! A call in which the same topic was said twice has it once, and the last word counts; it belongs to the second in which that
//! was said, and to the queue in which the caller was first picked up. Two figures, and each is printed beside the other: by
//! what the agent said came of it, and by nobody having come again. A need without a repeat whose N days are not over yet is
//! undecided and in neither part of the second; who withheld his number cannot be known again. What has been erased says
//! neither who called nor what came of it.
use crate::Question;
use crate::indicators::{Indicator, Unit};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use switchboard_model::{CallId, ContactEvent, Instant, QueueId, What};

/// What a repeat is, and what is resolved.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NeedRule {
    /// N: a need of the same customer and topic within so many times 24 hours is a repeat. 1 to 366.
    pub repeat_days: u16,
    /// Outcomes, as agents say them, by which a need is resolved.
    pub resolved: BTreeSet<String>,
}

impl Default for NeedRule {
    /// A week, and the one word.
    fn default() -> NeedRule {
        NeedRule { repeat_days: 7, resolved: BTreeSet::from(["resolved".to_owned()]) }
    }
}

/// The outcome of a need whose file has been erased.
pub const ERASED: &str = "erased";

/// All needs of the record, and whose they are.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Needs {
    rule: NeedRule,
    customers: BTreeMap<CallId, String>,
    queues: BTreeMap<CallId, QueueId>,
    last: BTreeMap<(CallId, String), (Instant, String)>,
}

impl Needs {
    pub(crate) fn new(rule: NeedRule) -> Needs {
        Needs { rule, ..Needs::default() }
    }

    pub(crate) fn add(&mut self, event: &ContactEvent) {
        match (&event.what, event.call) {
            (What::Arrived { from, .. }, Some(call)) if !from.is_withheld() => {
                self.customers.entry(call).or_insert_with(|| from.normalised.clone());
            }
            (What::PickedUp { queue, .. }, Some(call)) => {
                self.queues.entry(call).or_insert(*queue);
            }
            (What::Disposed { of_call, needs, .. }, _) => {
                for need in needs {
                    self.last.insert((*of_call, need.topic.clone()), (event.at, need.outcome.clone()));
                }
            }
            _ => {}
        }
    }

    /// The indicators of a window and queue, as of `now`.
    pub(crate) fn indicators(&self, question: &Question, now: Instant) -> Vec<Indicator> {
        let within_us = u64::from(self.rule.repeat_days) * 86_400_000_000;
        let mut by_customer: BTreeMap<(&str, &str), BTreeSet<(Instant, CallId)>> = BTreeMap::new();
        for ((call, topic), (at, _)) in &self.last {
            if let Some(customer) = self.customers.get(call) {
                by_customer.entry((customer, topic)).or_default().insert((*at, *call));
            }
        }
        let (from, to) = (question.from.seconds(), question.to.seconds());
        let (mut needs, mut told, mut resolved) = (0, 0, 0);
        let (mut once, mut decided, mut undecided, mut unknown) = (0, 0, 0, 0);
        for ((call, topic), (at, outcome)) in &self.last {
            let of_queue = question.queue.is_none_or(|q| self.queues.get(call) == Some(&q));
            if !of_queue || !(from..to).contains(&at.seconds()) {
                continue;
            }
            needs += 1;
            told += u64::from(outcome != ERASED);
            resolved += u64::from(outcome != ERASED && self.rule.resolved.contains(outcome));
            let Some(customer) = self.customers.get(call) else {
                unknown += 1;
                continue;
            };
            let his = &by_customer[&(customer.as_str(), topic.as_str())];
            let next = his.range((*at, *call)..).nth(1);
            let until = at.micros() + within_us;
            let again = next.is_some_and(|(next, _)| next.micros() <= until);
            let over = until <= now.micros();
            decided += u64::from(again || over);
            once += u64::from(!again && over);
            undecided += u64::from(!again && !over);
        }
        vec![
            Indicator::count("needs", needs),
            Indicator::new("resolved_by_outcome", Unit::Percent, resolved, told),
            Indicator::new("resolved_without_repeat", Unit::Percent, once, decided),
            Indicator::count("needs_undecided", undecided),
            Indicator::count("needs_unknown_customer", unknown),
        ]
    }
}
