//! A report against the record, by a second implementation.
//!
//! ```text
//!   report.json ──► each window and X ──► verify.sql over the database ──► id, above, below, value ──► the same? or named
//! ```
//! The database first catches up with the journal, then looks at the events the report has read and no others. A figure that
//! the report has and SQL has not, or the other way round, is a difference too; so is a percentage that does not follow from
//! its own counts.
use crate::catch_up::run;
use crate::sql::Value;
use crate::{Database, Place, Report, StoreError, Window, read_all};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use switchboard_model::Instant;
use switchboard_stats::{By, Formula, Group, Indicator, Per};

/// A figure that does not stand the second look.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// Which: queue, window, name, and the part of it.
    pub figure: String,
    /// What the report says.
    pub printed: String,
    /// What the record says.
    pub recomputed: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the report says {}, the record says {}", self.figure, self.printed, self.recomputed)
    }
}

/// What SQL says of one window: by name the number above the line, the one below, and what they make.
type Second = BTreeMap<String, (i64, i64, Option<f64>)>;

/// Recomputes every figure of a report from the record in `dir`; names those that differ. Blocks until it is done, and must
/// not be called from inside an asynchronous task.
pub fn verify_report(dir: &Path, place: &Place, report: &Report) -> Result<Vec<Difference>, StoreError> {
    run(async {
        let mut database = Database::open(dir, place).await?;
        database.catch_up().await?;
        let differences = Check { report, found: Vec::new() }.all(dir, &mut database).await?;
        database.close().await?;
        Ok(differences)
    })
}

struct Check<'a> {
    report: &'a Report,
    found: Vec<Difference>,
}

impl Check<'_> {
    async fn all(mut self, dir: &Path, database: &mut Database) -> Result<Vec<Difference>, StoreError> {
        self.extent(dir, database).await?;
        let mut answers = BTreeMap::new();
        for (window, within_s) in self.report.asked() {
            let group = window.group.and_then(|i| self.report.groups.get(usize::from(i)));
            answers.insert(
                (window, within_s),
                ask(database, &window, group, within_s, self.report.needs.repeat_days).await?,
            );
        }
        let report = self.report;
        for figure in &report.levels {
            let name = |part: &str| format!("{} {} {part}", self.report.place(&figure.window), figure.formula);
            let second = &answers[&(figure.window, figure.within_s)];
            let one = |id: &str| second.get(id).copied().unwrap_or((0, 1, None));
            let (numerator, denominator, percent) = one(figure.formula.id());
            let mut pairs = vec![
                (name("numerator"), figure.numerator.to_string(), numerator.to_string()),
                (name("denominator"), figure.denominator.to_string(), denominator.to_string()),
                (name("percent"), number(figure.percent), number(percent)),
                (name("text"), figure.text.clone(), Formula::row(figure.formula).text.to_owned()),
                (name("clock"), figure.clock.clone(), figure.window.clock.text().to_owned()),
            ];
            let c = figure.counts;
            for (id, printed) in [
                ("answered", c.answered),
                ("answered_within", c.answered_within),
                ("abandoned", c.abandoned),
                ("abandoned_within", c.abandoned_within),
                ("abandoned_over", c.abandoned_over),
                ("abandoned_short", c.short),
                ("failed", c.failed),
                ("waiting", c.waiting),
                ("waiting_over", c.waiting_over),
            ] {
                pairs.push((name(id), printed.to_string(), one(id).0.to_string()));
            }
            // No event of this version is a callback.
            pairs.push((name("callbacks"), (c.callbacks + c.callbacks_within).to_string(), 0.to_string()));
            let hash = config_hash(database, figure.window.to.micros()).await?;
            pairs.push((name("config hash"), text(&figure.config_hash), text(&hash)));
            self.compare(pairs);
        }
        for block in &report.blocks {
            let place = report.place(&block.window);
            let grouped = block.window.group.is_some();
            let skip = |id: &str| {
                id.starts_with("record.")
                    || COUNTS_OF_LEVELS.contains(&id)
                    || is_formula(id)
                    || grouped && !OF_WAITS.contains(&id)
            };
            let any_x = answers.range((block.window, 0)..).next().expect("every block's window was asked").1;
            self.indicators(&place, &block.indicators, any_x, skip);
        }
        if let Some(second) = answers.values().next() {
            self.indicators("record", &report.conservation, second, |id| !id.starts_with("record."));
        }
        Ok(self.found)
    }

    /// What the report says it has read.
    async fn extent(&mut self, dir: &Path, database: &mut Database) -> Result<(), StoreError> {
        let sql = &mut database.sql;
        // Of this connection alone, and gone with it.
        sql.run("CREATE TEMP TABLE upto (writer BIGINT PRIMARY KEY, seq BIGINT)", &[]).await?;
        for (by, &seq) in &self.report.record.upto {
            let seq = i64::try_from(seq).unwrap_or(i64::MAX);
            sql.run("INSERT INTO upto VALUES ($1, $2)", &[i64::from(by.0).into(), seq.into()]).await?;
        }
        // The same of what was asked: words and a roster are many, and a parameter is one.
        sql.run("CREATE TEMP TABLE resolved (word TEXT)", &[]).await?;
        for word in &self.report.needs.resolved {
            sql.run("INSERT INTO resolved VALUES ($1)", &[Value::from(word.as_str())]).await?;
        }
        sql.run("CREATE TEMP TABLE roster (agent BIGINT, a BIGINT, z BIGINT)", &[]).await?;
        for shift in &self.report.roster {
            let micros = |at: Instant| Value::Int(i64::try_from(at.micros()).ok());
            let row = [i64::from(shift.agent.0).into(), micros(shift.from), micros(shift.to)];
            sql.run("INSERT INTO roster VALUES ($1, $2, $3)", &row).await?;
        }
        let query = "SELECT COUNT(*), COALESCE(MIN(at), 0), COALESCE(MAX(at), 0) FROM events v \
                     JOIN upto u ON u.writer = v.writer AND v.seq <= u.seq";
        let row = sql.rows(query, &[]).await?.remove(0);
        let upto = "SELECT COUNT(*) FROM upto u WHERE EXISTS (SELECT 1 FROM events v WHERE v.writer = u.writer AND v.seq = u.seq)";
        let ends = sql.rows(upto, &[]).await?.remove(0).int(0)?.unwrap_or(0);
        let record = &self.report.record;
        let printed = [record.events, record.from.micros(), record.as_of.micros()];
        let mut pairs = vec![("record last numbers".to_owned(), record.upto.len().to_string(), ends.to_string())];
        for (i, name) in ["events", "from", "as_of"].into_iter().enumerate() {
            pairs.push((format!("record {name}"), printed[i].to_string(), row.int(i)?.unwrap_or(0).to_string()));
        }
        // Damage never heals, so a report that names less than there is was made before it.
        let damaged = read_all(dir)?.filter(Result::is_err).count();
        pairs.push(("record damaged".to_owned(), record.damaged.to_string(), damaged.to_string()));
        let hash = config_hash(database, record.as_of.micros()).await?;
        pairs.push(("record config hash".to_owned(), text(&record.config_hash), text(&hash)));
        self.compare(pairs);
        Ok(())
    }

    fn indicators(&mut self, place: &str, printed: &[Indicator], second: &Second, skip: impl Fn(&str) -> bool) {
        let mut pairs = Vec::new();
        for indicator in printed {
            // A count that SQL does not name is none; anything else it does not name is not there.
            let none = if indicator.numerator == 0 { (0, 1, Some(0.0)) } else { (0, 0, None) };
            let (numerator, denominator, value) = second.get(&indicator.id).copied().unwrap_or(none);
            let name = |part: &str| format!("{place} {} {part}", indicator.id);
            pairs.push((name("numerator"), indicator.numerator.to_string(), numerator.to_string()));
            pairs.push((name("denominator"), indicator.denominator.to_string(), denominator.to_string()));
            pairs.push((name("value"), number(indicator.value), number(value)));
        }
        let names: BTreeSet<&str> = printed.iter().map(|i| i.id.as_str()).collect();
        for (id, &(_, _, value)) in second.iter().filter(|(id, _)| !skip(id) && !names.contains(id.as_str())) {
            pairs.push((format!("{place} {id}"), "nothing".to_owned(), number(value)));
        }
        self.compare(pairs);
    }

    fn compare(&mut self, pairs: Vec<(String, String, String)>) {
        for (figure, printed, recomputed) in pairs {
            if printed != recomputed {
                self.found.push(Difference { figure, printed, recomputed });
            }
        }
    }
}

/// What SQL answers beside every formula, and no block of indicators repeats.
const COUNTS_OF_LEVELS: [&str; 4] = ["answered_within", "abandoned_within", "abandoned_over", "waiting_over"];

/// What a group's block has: SQL answers the rest as well, for all.
const OF_WAITS: [&str; 16] = [
    "offered",
    "answered",
    "abandoned",
    "abandoned_short",
    "failed",
    "waiting",
    "answer_rate",
    "answer_rate_without_short",
    "abandonment",
    "abandonment_without_short",
    "asa_ms",
    "time_to_abandon_ms",
    "longest_wait_ms",
    "wait_s_p50",
    "wait_s_p90",
    "wait_s_p95",
];

fn is_formula(id: &str) -> bool {
    id.parse::<Formula>().is_ok()
}

fn number(value: Option<f64>) -> String {
    value.map_or("no data".to_owned(), |v| v.to_string())
}

fn text(value: &Option<String>) -> String {
    value.clone().unwrap_or_else(|| "none".to_owned())
}

async fn ask(
    database: &mut Database,
    window: &Window,
    group: Option<&Group>,
    within_s: u32,
    repeat_days: u16,
) -> Result<Second, StoreError> {
    let by = match window.by {
        By::End => "end",
        By::Arrival => "arrival",
    };
    let column = match group.map(|g| g.per) {
        None => "none",
        Some(Per::Queue | Per::Skill) => "queue",
        Some(Per::Team | Per::Agent) => "agent",
        Some(Per::Trunk) => "trunk",
        Some(Per::MenuChoice) => "exit",
    };
    let values = [
        Value::from(window.from.seconds() as i64),
        Value::from(window.to.seconds() as i64),
        Value::Int(window.queue.map(|q| i64::from(q.0))),
        Value::from(i64::from(within_s)),
        Value::from(i64::from(window.short_s)),
        Value::from(by),
        Value::from(if window.clock.from_queue() { "queue" } else { "request" }),
        Value::Text(Some(listed(window.clock.stopped_by().iter().copied()))),
        Value::from(column),
        Value::Text(Some(group.map_or(String::new(), |g| listed(g.of.iter().map(String::as_str))))),
        Value::from(i64::from(repeat_days)),
    ];
    let mut second = Second::new();
    for row in database.sql.rows(include_str!("verify.sql"), &values).await? {
        let (num, den) = (row.int(1)?.unwrap_or(0), row.int(2)?.unwrap_or(0));
        second.insert(row.text(0)?.unwrap_or_default(), (num, den, row.real(3)?));
    }
    Ok(second)
}

/// `,a,b,`: a list in which SQL finds a whole word.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.fold(",".to_owned(), |list, word| format!("{list}{word},"))
}

async fn config_hash(database: &mut Database, at: u64) -> Result<Option<String>, StoreError> {
    let query = "SELECT hash FROM events v JOIN upto u ON u.writer = v.writer AND v.seq <= u.seq \
                 WHERE v.what = 'config_live' AND v.at <= $1 ORDER BY v.at DESC, v.seq DESC LIMIT 1";
    let at = i64::try_from(at).unwrap_or(i64::MAX);
    match database.sql.rows(query, &[at.into()]).await?.first() {
        Some(row) => row.text(0),
        None => Ok(None),
    }
}
