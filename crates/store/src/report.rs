//! A report: figures with everything that must stand beside them, made from the journal.
//!
//! ```text
//!   journal ──► Fold ──► for each question: counts, formula, percent ─┐
//!                   └──► for each window:   the indicators           ─┼─► Report ─► JSON, terminal
//!                   └──► the ledger of the record                    ─┘      └────► verify_report
//! ```
//! It says up to which number of each writer it has read, so that it can be checked later, when the record has grown. Its
//! present is the moment of the last event, not of the one who asks.
use crate::moment::{Every, When};
use crate::{Lang, Names, Pictures, StoreError, Target, folder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use switchboard_model::{Instant, QueueId, ShardId};
use switchboard_stats::{
    Answer, By, Clock, Counts, Equation, Fold, Formula, Group, Indicator, NeedRule, Per, Question, Shift,
};

/// Figures of one record at one moment.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The version of this form: 1.
    pub report: u8,
    /// The version of the program that made it.
    pub engine_version: String,
    /// What it was made from.
    pub record: Extent,
    /// What queues and agents are called.
    pub names: Names,
    /// What the windows of a breakdown are about, where one was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// What a repeat is, and which needs are resolved.
    #[serde(default)]
    pub needs: NeedRule,
    /// The roster that adherence was measured by, where one was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roster: Vec<Shift>,
    /// Service levels.
    pub levels: Vec<Figure>,
    /// Indicators, a block for each queue and window.
    pub blocks: Vec<Block>,
    /// The terms of the two equations, over the whole record.
    pub conservation: Vec<Indicator>,
    /// The equations that fail, of those the record can tell by itself.
    pub failing: Vec<Equation>,
}

/// What a report was made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Extent {
    /// How many events.
    pub events: u64,
    /// The number of the last event of each writer.
    pub upto: BTreeMap<ShardId, u64>,
    /// The moment of the first event, in microseconds since 1970-01-01T00:00Z, as all moments here.
    pub from: Instant,
    /// The moment of the last event: the report's present.
    pub as_of: Instant,
    /// The hash of the configuration that was live then.
    pub config_hash: Option<String>,
    /// Records that could not be read.
    pub damaged: u64,
}

/// Which calls a figure is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Window {
    /// Of which queue; none for all together.
    pub queue: Option<QueueId>,
    /// From the second of this moment,
    pub from: Instant,
    /// up to and without the second of this one.
    pub to: Instant,
    /// By which second a wait belongs to it.
    pub by: By,
    /// Abandons of at most so many seconds are short ones.
    pub short_s: u32,
    /// From where to where a wait is measured.
    #[serde(default)]
    pub clock: Clock,
    /// Of which of the report's groups, from 0; none for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<u16>,
}

/// One service level.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Of which calls.
    pub window: Window,
    /// X, in seconds.
    pub within_s: u32,
    /// By which formula,
    pub formula: Formula,
    /// and how that is written.
    pub text: String,
    /// From where to where a wait is measured.
    pub clock: String,
    /// The counts it is made of.
    pub counts: Counts,
    /// Above the line.
    pub numerator: u64,
    /// Below the line.
    pub denominator: u64,
    /// In percent, two decimals; `null` is *no data*.
    pub percent: Option<f64>,
    /// The hash of the configuration that was live at the window's end.
    pub config_hash: Option<String>,
}

/// The indicators of one window.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Block {
    /// Of which calls.
    pub window: Window,
    /// The indicators.
    pub indicators: Vec<Indicator>,
}

/// Which queues are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Queues {
    /// All together, and each alone.
    #[default]
    AllAndEach,
    /// All together.
    All,
    /// This one.
    One(QueueId),
}

/// What a user asks at the command line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// X, in seconds.
    pub within_s: u32,
    /// By which formulas.
    pub formulas: Vec<Formula>,
    /// Of which queues.
    pub queues: Queues,
    /// From when; none is the record's first event.
    pub from: Option<When>,
    /// To when; none is the end of the second of the record's last event.
    pub to: Option<When>,
    /// Each slot of the window as well, up to the record's present.
    pub every: Option<Every>,
    /// By which second a wait belongs to the window.
    pub by: By,
    /// Abandons of at most so many seconds are short ones.
    pub short_s: u32,
    /// From where to where a wait is measured.
    pub clock: Clock,
    /// All queues together sorted by this as well.
    pub per: Option<Per>,
    /// What a repeat is, and which needs are resolved.
    pub needs: NeedRule,
    /// A file that says who was to be there, and when.
    pub roster: Option<PathBuf>,
}

/// Answers these questions from the record in `dir`.
pub fn report(dir: &Path, questions: &[Question]) -> Result<Report, StoreError> {
    let (fold, damaged) = fold(dir, Fold::new().keeping_needs(NeedRule::default()))?;
    let asked = questions.iter().map(|&question| (question, None)).collect();
    make(dir, &fold, damaged, asked, Beside::default())
}

/// Answers one question from the record in `dir`, as of `now`.
pub fn level_of_record(dir: &Path, question: &Question, clock: Clock, now: Instant) -> Result<Answer, StoreError> {
    let (fold, _) = fold(dir, Fold::new().by_clock(clock))?;
    fold.span().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    question.check(now)?;
    Ok(fold.answer(question, now))
}

/// Answers what a user asks of the record in `dir`.
pub fn report_asked(dir: &Path, asked: &Asked) -> Result<Report, StoreError> {
    let (fold, damaged) = fold_asked(dir, asked)?;
    answer(dir, &fold, damaged, asked)
}

/// Answers it, and draws it as one HTML page.
pub fn report_page(dir: &Path, asked: &Asked, lang: Lang) -> Result<(Report, String), StoreError> {
    let (fold, damaged) = fold_asked(dir, asked)?;
    let report = answer(dir, &fold, damaged, asked)?;
    let page = crate::page::page(&report, Pictures::of(&fold, &report).as_ref(), lang);
    Ok((report, page))
}

/// What the pictures of a report show; nothing if no level was asked.
pub fn pictures(dir: &Path, report: &Report) -> Result<Option<Pictures>, StoreError> {
    Ok(Pictures::of(&fold(dir, Fold::new())?.0, report))
}

/// As many slots as `--every` may make: a month of quarters of an hour.
const SLOTS_MAX: usize = 2_976;

fn answer(dir: &Path, fold: &Fold, damaged: u64, asked: &Asked) -> Result<Report, StoreError> {
    let whole = fold.whole().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    let (_, last) = fold.span().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    let from = asked.from.map_or(whole.from, |at| at.resolve(last));
    // A window that begins after the record's end lies in the future, which is a better word for it than empty.
    let to = asked.to.map_or(whole.to.max(from + Duration::from_secs(1)), |at| at.resolve(last));
    let mut windows = vec![(from, to)];
    if let Some(every) = asked.every {
        let slots = every.slots(from, to.min(whole.to), SLOTS_MAX);
        windows.extend(slots.ok_or(StoreError::TooManySlots { every, max: SLOTS_MAX })?);
    }
    let queues: Vec<Option<QueueId>> = match asked.queues {
        Queues::AllAndEach => std::iter::once(None).chain(fold.queues().into_iter().map(Some)).collect(),
        Queues::All => vec![None],
        Queues::One(queue) => vec![Some(queue)],
    };
    let (within_s, by, short_s) = (asked.within_s, asked.by, asked.short_s);
    let mut questions = Vec::new();
    for queue in queues {
        for &(from, to) in &windows {
            let ask = |&formula: &Formula| Question { queue, from, to, within_s, formula, by, short_s };
            questions.extend(asked.formulas.iter().map(ask));
        }
    }
    let mut asked_of: Vec<(Question, Option<u16>)> = questions.into_iter().map(|q| (q, None)).collect();
    let groups = asked.per.map_or(Ok(Vec::new()), |per| groups(&Names::read(dir)?, fold, per))?;
    for (i, _) in groups.iter().enumerate() {
        for &(from, to) in &windows {
            let ask = |&formula: &Formula| Question { queue: None, from, to, within_s, formula, by, short_s };
            asked_of.extend(asked.formulas.iter().map(|f| (ask(f), Some(i as u16))));
        }
    }
    let roster = match &asked.roster {
        Some(path) => crate::roster::read(path, &Names::read(dir)?, last)?,
        None => Vec::new(),
    };
    let needs = asked.needs.clone();
    make(dir, fold, damaged, asked_of, Beside { groups, needs, roster })
}

/// The groups that a breakdown has: those the configuration names, and what the record has beside them.
fn groups(names: &Names, fold: &Fold, per: Per) -> Result<Vec<Group>, StoreError> {
    let group = |name: &str, of: BTreeSet<String>| Group { per, name: name.to_owned(), of };
    let one = |id: String| BTreeSet::from([id]);
    Ok(match per {
        Per::Queue => names.queues.iter().map(|(id, name)| group(name, one(id.to_string()))).collect(),
        Per::Trunk => names.trunks.iter().map(|(id, name)| group(name, one(id.to_string()))).collect(),
        Per::Agent => names.agents.iter().map(|(id, name)| group(name, one(id.to_string()))).collect(),
        Per::Skill => {
            let all: BTreeSet<&String> = names.skills.values().flatten().collect();
            let of = |skill: &String| -> BTreeSet<String> {
                names.skills.iter().filter(|(_, asked)| asked.contains(skill)).map(|(q, _)| q.to_string()).collect()
            };
            all.into_iter().map(|skill| group(skill, of(skill))).collect()
        }
        Per::Team => {
            let all: BTreeSet<&String> = names.teams.values().collect();
            let of = |team: &String| -> BTreeSet<String> {
                names.teams.iter().filter(|(_, his)| *his == team).map(|(a, _)| a.to_string()).collect()
            };
            all.into_iter().map(|team| group(team, of(team))).collect()
        }
        Per::MenuChoice => fold.exits().into_iter().map(|exit| group(&exit, one(exit.clone()))).collect(),
    })
}

fn fold_asked(dir: &Path, asked: &Asked) -> Result<(Fold, u64), StoreError> {
    let empty = Fold::new().by_clock(asked.clock).keeping_needs(asked.needs.clone());
    fold(dir, if asked.per.is_some() { empty.keeping_waits() } else { empty })
}

/// Folds the record into what an empty fold was asked to do.
fn fold(dir: &Path, empty: Fold) -> Result<(Fold, u64), StoreError> {
    let (mut fold, mut damaged) = (empty.beginning_after(&folder::begins_after(dir)?), 0);
    for event in folder::read_all(dir)? {
        match event {
            Ok(event) => fold.add(&event),
            Err(_) => damaged += 1,
        }
    }
    Ok((fold, damaged))
}

/// What stands beside the questions of a report.
#[derive(Default)]
struct Beside {
    groups: Vec<Group>,
    needs: NeedRule,
    roster: Vec<Shift>,
}

fn make(
    dir: &Path,
    fold: &Fold,
    damaged: u64,
    questions: Vec<(Question, Option<u16>)>,
    beside: Beside,
) -> Result<Report, StoreError> {
    let (from, as_of) = fold.span().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    let config_at = |at: Instant| fold.config_at(at).map(str::to_owned);
    let mut levels = Vec::new();
    let Beside { groups, needs, roster } = beside;
    let group = |i: Option<u16>| i.map(|i| &groups[usize::from(i)]);
    for (question, i) in &questions {
        question.check(as_of)?;
        let answer = match group(*i) {
            Some(group) => fold.answer_of(group, question, as_of),
            None => fold.answer(question, as_of),
        };
        levels.push(Figure {
            window: Window::of(question, fold.clock(), *i),
            within_s: question.within_s,
            formula: question.formula,
            text: answer.text.to_owned(),
            clock: answer.clock.to_owned(),
            counts: answer.counts,
            numerator: answer.numerator,
            denominator: answer.denominator,
            percent: answer.percent,
            config_hash: config_at(question.to),
        });
    }
    let windows: BTreeMap<Window, &Question> =
        questions.iter().map(|(q, i)| (Window::of(q, fold.clock(), *i), q)).collect();
    let block = |(window, question): (Window, &Question)| {
        let indicators = match group(window.group) {
            Some(group) => fold.indicators_of(group, question, as_of),
            None => {
                let mut list = fold.indicators(question, as_of);
                list.extend(fold.adherence(&roster, question, as_of));
                list
            }
        };
        Block { window, indicators }
    };
    let ledger = fold.ledger_of_record();
    let term = |id: &str, n: u64| Indicator::count(format!("record.{id}"), n);
    Ok(Report {
        report: 1,
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        record: Extent {
            events: fold.writers().events(),
            upto: fold.writers().last(),
            from,
            as_of,
            config_hash: config_at(as_of),
            damaged,
        },
        names: Names::read(dir)?,
        levels,
        blocks: windows.into_iter().map(block).collect(),
        groups,
        needs,
        roster,
        conservation: vec![
            term("arrived", ledger.arrived),
            term("in_menu", ledger.in_menu),
            term("ended_in_menu", ledger.ended_in_menu),
            term("offered", ledger.offered),
            term("rejected", ledger.rejected),
            term("answered", ledger.answered),
            term("abandoned", ledger.abandoned),
            term("failed", ledger.failed),
            term("waiting", ledger.waiting),
            term("ended", ledger.ended),
        ],
        failing: ledger.failing,
    })
}

impl Figure {
    /// What its queue is to reach, and whether it does: told only of the X the target is about, and of some data.
    pub fn target(&self, names: &Names) -> Option<(Target, Option<bool>)> {
        let target = *names.targets.get(&self.window.queue?)?;
        let comparable = self.window.group.is_none() && self.within_s == target.x_s;
        let met = self.percent.filter(|_| comparable).map(|percent| percent >= f64::from(target.y_percent));
        Some((target, met))
    }
}

impl Window {
    fn of(question: &Question, clock: Clock, group: Option<u16>) -> Window {
        let Question { queue, from, to, by, short_s, .. } = *question;
        Window { queue, from, to, by, short_s, clock, group }
    }
}

impl Report {
    /// What a window is about: its group, its queue, or all queues.
    pub(crate) fn about(&self, window: &Window, all: &str) -> String {
        match (window.group.and_then(|i| self.groups.get(usize::from(i))), window.queue) {
            (Some(group), _) => format!("{} {}", group.per, group.name),
            (None, Some(queue)) => self.names.queue_name(Some(queue)),
            (None, None) => all.to_owned(),
        }
    }

    /// Every distinct window and X, which is what the second implementation is asked. A block does not depend on X.
    pub(crate) fn asked(&self) -> BTreeSet<(Window, u32)> {
        let mut asked: BTreeSet<_> = self.levels.iter().map(|f| (f.window, f.within_s)).collect();
        let levels: BTreeSet<Window> = asked.iter().map(|&(window, _)| window).collect();
        asked.extend(self.blocks.iter().filter(|b| !levels.contains(&b.window)).map(|b| (b.window, 0)));
        asked
    }
}
