//! How long the file of a contact is kept, and what may never be taken from it (Art. 35).
//!
//! ```text
//!   events-….jsonl ──► contacts that are over ─┐
//!   retention.jsonl ── file, keep, hold ───────┴─► class, 编号, filed, expires, held ──► due? ──► erase (erase.rs)
//! ```
//! Two classes: *ordinary*, one year unless told otherwise, and *high risk*, five years, which may be lengthened and never
//! shortened, not even after it was lengthened. A contact becomes high risk by hand or by a queue it was in, and never ceases to
//! be it. A hold beats every expiry. Decisions are appended and never changed; each stands in the audit log before it counts.
//! A file that has been closed carries its archive number (编号) and its filing date.
mod erase;
mod redact;

pub use erase::{Erased, erase, proofs};

use crate::{StoreError, read_all};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::str::FromStr;
use switchboard_model::{CallId, Instant, QueueId, What};

/// A class of files. Later ones are stricter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// 一般
    Ordinary,
    /// 高风险: money transactions, serious complaints and the like.
    HighRisk,
}

/// The least that high risk may be kept, in years (Art. 35: five years or more).
pub const HIGH_RISK_YEARS_MIN: u16 = 5;
/// What an ordinary file is kept if nobody says otherwise, in years.
pub const ORDINARY_YEARS: u16 = 1;
/// More would be beyond what a date can hold, and is a slip of the pen.
pub const YEARS_MAX: u16 = 100;

/// One decision, as it is written down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "snake_case")]
pub enum Decision {
    /// A class is kept so many years from now on.
    Keep {
        /// Which.
        class: Class,
        /// How long.
        years: u16,
    },
    /// Whoever was in this queue has a file of high risk.
    KeepQueue {
        /// Which.
        queue: QueueId,
    },
    /// This file has this class, archive number and filing date.
    File {
        /// Whose.
        call: CallId,
        /// Which class.
        class: Class,
        /// 编号
        number: String,
        /// `2026-11-24`
        filed: Date,
    },
    /// It is not erased, whatever its age.
    Hold {
        /// Whose.
        call: CallId,
        /// Why.
        why: String,
    },
    /// It may be again.
    Release {
        /// Whose.
        call: CallId,
        /// Why.
        why: String,
    },
}

/// What a decision may not do.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refused {
    /// High risk below five years, or below what it was lengthened to.
    #[error("files of high risk are kept {kept} years and that may only be lengthened (Art. 35), not set to {asked}")]
    Shortened {
        /// So far.
        kept: u16,
        /// Asked for.
        asked: u16,
    },
    /// No such length.
    #[error("a file is kept 1 to {YEARS_MAX} whole years, not {0}")]
    Years(u16),
    /// A file of high risk to be made ordinary.
    #[error("the file of call {0} is of high risk and stays so (Art. 35)")]
    Lowered(CallId),
    /// A call that is not in the record, or not over.
    #[error("the record has no call {0} that is over")]
    Unknown(CallId),
    /// An archive number that is another file's.
    #[error("the archive number {number} is that of call {call}")]
    NumberTaken {
        /// The number.
        number: String,
        /// Whose it is.
        call: CallId,
    },
    /// A release without a hold.
    #[error("the file of call {0} is not on hold")]
    NotHeld(CallId),
    /// Words that are missing.
    #[error("say why: a hold and its release are read again after years")]
    NoReason,
}

/// The file of one contact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContactFile {
    /// Whose.
    pub call: CallId,
    /// Its class.
    pub class: Class,
    /// 编号; that of a file nobody has numbered is made of its day and its call.
    pub number: String,
    /// When it was filed: by hand, or the day on which it ended.
    pub filed: Date,
    /// When the contact ended.
    pub ended: Instant,
    /// The first day on which it may be erased.
    pub expires: Date,
    /// Why it is on hold, if it is.
    pub held: Option<String>,
    /// Whether it has been erased.
    pub erased: bool,
}

/// All decisions, and what follows from them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Retention {
    years: BTreeMap<Class, u16>,
    queues: BTreeSet<QueueId>,
    files: BTreeMap<CallId, (Class, String, Date)>,
    held: BTreeMap<CallId, String>,
}

impl Default for Retention {
    fn default() -> Retention {
        Retention {
            years: [(Class::Ordinary, ORDINARY_YEARS), (Class::HighRisk, HIGH_RISK_YEARS_MIN)].into(),
            queues: BTreeSet::new(),
            files: BTreeMap::new(),
            held: BTreeMap::new(),
        }
    }
}

const FILE: &str = "retention.jsonl";

impl Retention {
    /// What has been decided for the record in `dir`.
    pub fn read(dir: &Path) -> Result<Retention, StoreError> {
        let path = dir.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(StoreError::io(&path)(e)),
        };
        let mut all = Retention::default();
        for line in text.lines() {
            let decision: Decision =
                serde_json::from_str(line).map_err(|source| StoreError::Json { path: path.clone(), source })?;
            all.apply(&decision);
        }
        Ok(all)
    }

    /// How long a class is kept, in years.
    pub fn years(&self, class: Class) -> u16 {
        self.years[&class]
    }

    /// The queues whose callers have a file of high risk.
    pub fn queues(&self) -> &BTreeSet<QueueId> {
        &self.queues
    }

    /// Whether it may be taken. `files` are those of the record.
    pub fn check(&self, decision: &Decision, files: &[ContactFile]) -> Result<(), Refused> {
        let file = |call: CallId| files.iter().find(|f| f.call == call).ok_or(Refused::Unknown(call));
        match decision {
            Decision::Keep { years, .. } if !(1..=YEARS_MAX).contains(years) => Err(Refused::Years(*years)),
            Decision::Keep { class: Class::HighRisk, years } if *years < self.years(Class::HighRisk) => {
                Err(Refused::Shortened { kept: self.years(Class::HighRisk), asked: *years })
            }
            Decision::Keep { .. } | Decision::KeepQueue { .. } => Ok(()),
            Decision::File { call, class, number, .. } => {
                if *class < file(*call)?.class {
                    return Err(Refused::Lowered(*call));
                }
                match files.iter().find(|f| f.number == *number && f.call != *call) {
                    Some(other) => Err(Refused::NumberTaken { number: number.clone(), call: other.call }),
                    None => Ok(()),
                }
            }
            Decision::Hold { why, .. } | Decision::Release { why, .. } if why.trim().is_empty() => {
                Err(Refused::NoReason)
            }
            Decision::Hold { call, .. } => file(*call).map(|_| ()),
            Decision::Release { call, .. } if !self.held.contains_key(call) => Err(Refused::NotHeld(*call)),
            Decision::Release { .. } => Ok(()),
        }
    }

    /// Takes it and writes it down; when this returns it is on the disk.
    pub fn decide(&mut self, dir: &Path, decision: Decision, files: &[ContactFile]) -> Result<(), StoreError> {
        self.check(&decision, files)?;
        let path = dir.join(FILE);
        let io = |e| StoreError::io(&path)(e);
        let mut file = std::fs::File::options().create(true).append(true).open(&path).map_err(io)?;
        let line = format!("{}\n", serde_json::to_string(&decision).expect("plain data"));
        file.write_all(line.as_bytes()).map_err(io)?;
        file.sync_data().map_err(io)?;
        self.apply(&decision);
        Ok(())
    }

    /// Nothing that was written can shorten what Art. 35 asks for, whoever wrote it.
    fn apply(&mut self, decision: &Decision) {
        match decision {
            Decision::Keep { class: Class::HighRisk, years } => {
                let kept = self.years.entry(Class::HighRisk).or_insert(HIGH_RISK_YEARS_MIN);
                *kept = (*kept).max(*years);
            }
            Decision::Keep { class: Class::Ordinary, years } => {
                self.years.insert(Class::Ordinary, (*years).clamp(1, YEARS_MAX));
            }
            Decision::KeepQueue { queue } => drop(self.queues.insert(*queue)),
            Decision::File { call, class, number, filed } => {
                let before = self.files.get(call).map_or(Class::Ordinary, |f| f.0);
                self.files.insert(*call, (before.max(*class), number.clone(), *filed));
            }
            Decision::Hold { call, why } => drop(self.held.insert(*call, why.clone())),
            Decision::Release { call, .. } => drop(self.held.remove(call)),
        }
    }

    /// The file of every contact of the record that is over, in the order in which they ended.
    pub fn files(&self, dir: &Path) -> Result<Vec<ContactFile>, StoreError> {
        let (mut queues, mut files): (BTreeMap<CallId, BTreeSet<QueueId>>, Vec<ContactFile>) = Default::default();
        let erased = erase::erased_calls(dir)?;
        for event in read_all(dir)? {
            let Ok(event) = event else { continue }; // reports name what cannot be read
            let Some(call) = event.call else { continue };
            match event.what {
                What::HumanRequested { queue, .. } | What::Queued { queue, .. } => {
                    queues.entry(call).or_default().insert(queue);
                }
                What::Ended { .. } => {
                    let was_in = queues.remove(&call).unwrap_or_default();
                    files.push(self.file(call, &was_in, event.at, erased.contains(&call)));
                }
                _ => {}
            }
        }
        Ok(files)
    }

    fn file(&self, call: CallId, was_in: &BTreeSet<QueueId>, ended: Instant, erased: bool) -> ContactFile {
        let by_queue = if was_in.is_disjoint(&self.queues) { Class::Ordinary } else { Class::HighRisk };
        let day = date(ended);
        let (class, number, filed) = match self.files.get(&call) {
            Some((class, number, filed)) => ((*class).max(by_queue), number.clone(), *filed),
            None => (by_queue, format!("{}-{call}", day.strftime("%Y%m%d")), day),
        };
        // From the later of the two days, so that filing late never shortens.
        let expires = filed.max(day).checked_add(i64::from(self.years(class)).years()).unwrap_or(Date::MAX);
        ContactFile { call, class, number, filed, ended, expires, held: self.held.get(&call).cloned(), erased }
    }
}

impl ContactFile {
    /// Whether it may be erased on this day.
    pub fn is_due(&self, today: Date) -> bool {
        !self.erased && self.held.is_none() && today >= self.expires
    }
}

/// The day of a moment, here.
pub fn date(at: Instant) -> Date {
    let micros = i64::try_from(at.micros()).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX).to_zoned(TimeZone::system()).date()
}

impl Class {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Class::Ordinary => "ordinary",
            Class::HighRisk => "high_risk",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Class {
    type Err = String;
    fn from_str(text: &str) -> Result<Class, String> {
        match text {
            "ordinary" => Ok(Class::Ordinary),
            "high_risk" => Ok(Class::HighRisk),
            other => Err(format!("`{other}` is no class; there are ordinary and high_risk")),
        }
    }
}
