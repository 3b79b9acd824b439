//! How many keys and seconds a caller needs to reach a person, at best and at worst, with the path.
//!
//! ```text
//!   a place = menu × language × came by the front door or by a language key
//!
//!   front door ──fewest keys, longest listening──► place ──fewest keys from there──► person
//!               keys_min: the nearest person            keys_max, seconds_max: the worst place to have gone to first
//! ```
//! The caller of the worst case goes to any place there is, hears it until his key has been said, and presses it; he never
//! presses what he does not need. Closed notices on the way are heard to their end. Ringing and queueing are not counted.
//!
//! What the day is like and who calls are rows of their own: closed, a holiday, each emergency plan, systems that are down, full queues;
//! a caller who presses nothing, one who presses wrong keys, and one on the bank's list of elderly customers, who presses nothing either.
//!
//! Works on the graph of the menus and never runs the interpreter: the test walks the interpreter and must find the same.
mod walk;

use crate::calendar::Opening;
use crate::menu::{Does, Menu, Menus};
use crate::occasion::Occasion;
use serde_json::{Value, json};
use std::fmt;
use switchboard_model::Language;
use walk::Walk;

/// What the day is like.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Situation {
    /// All menus are open.
    Open,
    /// Every menu that has hours is closed.
    Closed,
    /// It is a holiday in every calendar.
    Holiday,
    /// This emergency plan is in force.
    Emergency(String),
    /// The bank's systems are down, and every service fails at its time limit.
    SystemsDown,
    /// Every queue that a caller asks for first is full.
    QueueFull,
}

/// What the caller does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Caller {
    /// Presses keys that are choices.
    Keys,
    /// Presses nothing.
    Silent,
    /// Presses keys that are no choices.
    WrongKeys,
    /// Is on the bank's list of customers of 65 and more, and presses nothing.
    Elderly,
}

/// One line of the proof.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The menu in which the call begins.
    pub entry: String,
    /// The day.
    pub situation: Situation,
    /// The language in which he asks for a person.
    pub language: Language,
    /// What he does.
    pub caller: Caller,
    /// Keys at best; none if no person can be reached.
    pub keys_min: Option<u32>,
    /// Keys at worst; none if from somewhere no person can be reached.
    pub keys_max: Option<u32>,
    /// Milliseconds at worst, until the last key or the end of patience.
    pub millis_max: Option<u64>,
    /// The worst path.
    pub path: String,
}

/// All lines, for the menus with this hash.
#[derive(Clone, PartialEq, Debug)]
pub struct Proof {
    /// The hash of what was proved.
    pub hash: String,
    /// Approved deviations from house policy.
    pub waivers: Vec<String>,
    /// The lines.
    pub rows: Vec<Row>,
}

/// Proves.
pub fn prove(menus: &Menus) -> Proof {
    let mut rows = vec![];
    for entry in menus.entries() {
        for situation in situations(menus) {
            let walk = Walk { menus, entry, situation };
            if walk.situation == Situation::QueueFull {
                rows.extend(walk.full_rows());
                continue;
            }
            rows.extend(walk.key_rows());
            rows.extend([Caller::Silent, Caller::WrongKeys, Caller::Elderly].map(|c| walk.patience_row(c)));
        }
    }
    Proof { hash: menus.hash().to_owned(), waivers: menus.waivers().to_vec(), rows }
}

/// What can happen to these menus: a day that none of them speaks of is like an open one.
fn situations(menus: &Menus) -> Vec<Situation> {
    let mut situations = vec![Situation::Open];
    if menus.all().any(|m| m.opening != Opening::Always) {
        situations.push(Situation::Closed);
    }
    if menus.all().any(|m| matches!(m.opening, Opening::Calendar(_))) {
        situations.push(Situation::Holiday);
    }
    situations.extend(menus.plans().into_iter().map(|plan| Situation::Emergency(plan.to_owned())));
    let serves = |m: &Menu| m.options.iter().any(|o| matches!(o.does, Does::Service(_)));
    if menus.all().any(|m| m.notice(&Occasion::SystemsDown).is_some() || serves(m)) {
        situations.push(Situation::SystemsDown);
    }
    if menus.all().any(|m| m.notice(&Occasion::QueueFull).is_some()) {
        situations.push(Situation::QueueFull);
    }
    situations
}

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Situation::Open => "open",
            Situation::Closed => "closed",
            Situation::Holiday => "holiday",
            Situation::Emergency(plan) => return f.pad(&format!("emergency {plan}")),
            Situation::SystemsDown => "systems down",
            Situation::QueueFull => "queue full",
        })
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Caller::Keys => "keys",
            Caller::Silent => "silent",
            Caller::WrongKeys => "wrong keys",
            Caller::Elderly => "elderly",
        })
    }
}

impl Proof {
    /// A table for people.
    pub fn table(&self) -> String {
        let mut table = format!("proof of {}\n\n", &self.hash[..16]);
        table += "state            language  caller      keys    seconds  worst path to a person\n";
        for row in &self.rows {
            let keys = match (row.keys_min, row.keys_max) {
                (Some(least), Some(most)) if least == most => least.to_string(),
                (Some(least), Some(most)) => format!("{least}–{most}"),
                (Some(least), None) => format!("{least}–∞"),
                (None, _) => "–".into(),
            };
            let seconds = row.millis_max.map_or("–".into(), |ms| format!("{:.1}", ms as f64 / 1000.0));
            let language = row.language.tag();
            let entry = if row.path.starts_with(&row.entry) { String::new() } else { format!("{}: ", row.entry) };
            table += &format!(
                "{:<16} {language:<9} {:<11} {keys:<7} {seconds:>7}  {entry}{}\n",
                row.situation, row.caller, row.path
            );
        }
        for waiver in &self.waivers {
            table += &format!("waiver: {waiver}\n");
        }
        table
    }

    /// `rows[{state, language, caller, keys_min, keys_max, seconds_max, path}]`, with the hash and the waivers.
    pub fn json(&self) -> Value {
        let row = |r: &Row| {
            json!({
                "entry": r.entry,
                "state": r.situation.to_string().replace(' ', "_"),
                "language": r.language.tag(),
                "caller": r.caller.to_string().replace(' ', "_"),
                "keys_min": r.keys_min,
                "keys_max": r.keys_max,
                "seconds_max": r.millis_max.map(|ms| ms as f64 / 1000.0),
                "path": r.path,
            })
        };
        json!({ "hash": self.hash, "waivers": self.waivers, "rows": self.rows.iter().map(row).collect::<Vec<_>>() })
    }
}
