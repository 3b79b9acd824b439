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
use crate::{Lang, Names, Pictures, StoreError, folder};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use switchboard_model::{Instant, QueueId, ShardId};
use switchboard_stats::{Answer, By, CLOCK, Counts, Equation, Fold, Formula, Indicator, Question};

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
}

/// Answers these questions from the record in `dir`.
pub fn report(dir: &Path, questions: &[Question]) -> Result<Report, StoreError> {
    let (fold, damaged) = fold(dir)?;
    make(dir, &fold, damaged, questions)
}

/// Answers one question from the record in `dir`, as of `now`.
pub fn level_of_record(dir: &Path, question: &Question, now: Instant) -> Result<Answer, StoreError> {
    let (fold, _) = fold(dir)?;
    fold.span().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    question.check(now)?;
    Ok(fold.answer(question, now))
}

/// Answers what a user asks of the record in `dir`.
pub fn report_asked(dir: &Path, asked: &Asked) -> Result<Report, StoreError> {
    let (fold, damaged) = fold(dir)?;
    answer(dir, &fold, damaged, asked)
}

/// Answers it, and draws it as one HTML page.
pub fn report_page(dir: &Path, asked: &Asked, lang: Lang) -> Result<(Report, String), StoreError> {
    let (fold, damaged) = fold(dir)?;
    let report = answer(dir, &fold, damaged, asked)?;
    let page = crate::page::page(&report, Pictures::of(&fold, &report).as_ref(), lang);
    Ok((report, page))
}

/// What the pictures of a report show; nothing if no level was asked.
pub fn pictures(dir: &Path, report: &Report) -> Result<Option<Pictures>, StoreError> {
    Ok(Pictures::of(&fold(dir)?.0, report))
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
    make(dir, fold, damaged, &questions)
}

fn fold(dir: &Path) -> Result<(Fold, u64), StoreError> {
    let (mut fold, mut damaged) = (Fold::after(&folder::begins_after(dir)?), 0);
    for event in folder::read_all(dir)? {
        match event {
            Ok(event) => fold.add(&event),
            Err(_) => damaged += 1,
        }
    }
    Ok((fold, damaged))
}

fn make(dir: &Path, fold: &Fold, damaged: u64, questions: &[Question]) -> Result<Report, StoreError> {
    let (from, as_of) = fold.span().ok_or_else(|| StoreError::NothingRecorded(dir.to_owned()))?;
    let config_at = |at: Instant| fold.config_at(at).map(str::to_owned);
    let mut levels = Vec::new();
    for question in questions {
        question.check(as_of)?;
        let answer = fold.answer(question, as_of);
        levels.push(Figure {
            window: Window::of(question),
            within_s: question.within_s,
            formula: question.formula,
            text: answer.text.to_owned(),
            clock: CLOCK.to_owned(),
            counts: answer.counts,
            numerator: answer.numerator,
            denominator: answer.denominator,
            percent: answer.percent,
            config_hash: config_at(question.to),
        });
    }
    let windows: BTreeMap<Window, &Question> = questions.iter().map(|q| (Window::of(q), q)).collect();
    let block =
        |(window, question): (Window, &Question)| Block { window, indicators: fold.indicators(question, as_of) };
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

impl Window {
    fn of(question: &Question) -> Window {
        let Question { queue, from, to, by, short_s, .. } = *question;
        Window { queue, from, to, by, short_s }
    }
}

impl Report {
    /// Every distinct window and X, which is what the second implementation is asked. A block does not depend on X.
    pub(crate) fn asked(&self) -> BTreeSet<(Window, u32)> {
        let mut asked: BTreeSet<_> = self.levels.iter().map(|f| (f.window, f.within_s)).collect();
        let levels: BTreeSet<Window> = asked.iter().map(|&(window, _)| window).collect();
        asked.extend(self.blocks.iter().filter(|b| !levels.contains(&b.window)).map(|b| (b.window, 0)));
        asked
    }
}
