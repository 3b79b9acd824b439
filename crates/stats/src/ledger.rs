//! Conservation: does it add up, and if not, which equation fails?
//!
//! ```text
//!   arrivals  what the SIP endpoint counted   = Arrived events
//!   trunk     what the SIP endpoint counted   = in menu + ended in menu + offered + rejected
//!   queue     offered                         = answered + abandoned + failed + entries the engine counts (a ringing call waits)
//!   calls     what the SIP endpoint counted   = Ended events + calls the engine holds
//!   writers   every writer's numbers          without gap or repetition, up to the last it wrote
//!   order     every event                     can follow the one before it
//! ```
//! Each term is counted from a source of its own: the outside numbers at the endpoint and in the engine, the ends from the
//! events that end them, `in menu` from the calls that have neither asked nor ended. So one event lost or doubled cannot keep
//! both sides equal.
//!
//! It compares closed seconds: the outside numbers must be read at the moment up to which the events have been folded.
use crate::Fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::ShardId;

/// What others counted, not from events.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Outside {
    /// Calls that the SIP endpoint opened for INVITEs from trunks.
    pub arrived: u64,
    /// Entries in the engine's queues, those rung for among them.
    pub waiting: u64,
    /// Calls the engine holds.
    pub alive: u64,
    /// The number of the last event each writer wrote. A writer left out is not checked for a lost tail.
    pub written: BTreeMap<ShardId, u64>,
}

/// One of the things that must hold.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Equation {
    /// The endpoint's calls are the `Arrived` events.
    Arrivals,
    /// The endpoint's calls are in the menu, ended there, were offered or rejected.
    Trunk,
    /// Calls offered are answered, abandoned, failed or waiting.
    Queue,
    /// The endpoint's calls have ended or are held by the engine.
    Calls,
    /// Every writer's numbers are without gap or repetition.
    Writers,
    /// Every event can follow the one before it.
    Order,
}

/// The terms, and whether they balance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ledger {
    /// `Arrived` events.
    pub arrived: u64,
    /// Calls that have neither asked for a person nor ended.
    pub in_menu: u64,
    /// Calls that ended in the menu.
    pub ended_in_menu: u64,
    /// Calls that asked for a person.
    pub offered: u64,
    /// Calls that ended before we answered.
    pub rejected: u64,
    /// Calls that an agent picked up.
    pub answered: u64,
    /// Calls whose caller gave up waiting.
    pub abandoned: u64,
    /// Calls whose wait ended otherwise.
    pub failed: u64,
    /// Calls that wait, as far as the events say.
    pub waiting: u64,
    /// `Ended` events.
    pub ended: u64,
    /// Skipped, repeated or misplaced numbers of all writers.
    pub writer_breaks: u64,
    /// Events that could not follow what came before.
    pub breaches: u64,
    /// What others counted.
    pub outside: Outside,
    /// The equations that fail, in their order.
    pub failing: Vec<Equation>,
    /// Whether none fails.
    pub conserved: bool,
}

impl Ledger {
    pub(crate) fn new(fold: &Fold, outside: Outside) -> Ledger {
        let totals = fold.totals();
        let tail_lost =
            outside.written.iter().any(|(by, &seq)| seq != fold.writers().last().get(by).copied().unwrap_or(0));
        let mut ledger = Ledger {
            arrived: totals.arrived,
            in_menu: fold.in_menu(),
            ended_in_menu: totals.ended_in_menu,
            offered: totals.offered,
            rejected: totals.rejected,
            answered: totals.answered,
            abandoned: totals.abandoned,
            failed: totals.failed,
            waiting: fold.waiting(),
            ended: totals.ended,
            writer_breaks: fold.writers().breaks(),
            breaches: fold.breaches().values().sum(),
            outside,
            failing: Vec::new(),
            conserved: true,
        };
        let l = &ledger;
        let fails = [
            (Equation::Arrivals, l.outside.arrived != l.arrived),
            (Equation::Trunk, l.outside.arrived != l.in_menu + l.ended_in_menu + l.offered + l.rejected),
            (Equation::Queue, l.offered != l.answered + l.abandoned + l.failed + l.outside.waiting),
            (Equation::Calls, l.outside.arrived != l.ended + l.outside.alive),
            (Equation::Writers, l.writer_breaks > 0 || tail_lost),
            (Equation::Order, l.breaches > 0),
        ];
        ledger.failing = fails.into_iter().filter(|&(_, fails)| fails).map(|(equation, _)| equation).collect();
        ledger.conserved = ledger.failing.is_empty();
        ledger
    }
}
