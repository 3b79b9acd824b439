//! `/level?queue=cards&from=09:00&to=10:00&within=20&formula=F3`: any question to the running centre.
//!
//! What is left out is: all queues, from midnight, to now, 20 s, F3, by the end of the wait, short abandons up to 5 s. The
//! answer bears everything that must stand beside the number; 400 says what is wrong with the question.
use crate::ask::NoAnswer;
use crate::desk::{READERS_MAX, Wall};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::{Instant, QueueId};
use switchboard_stats::{Answer, By, Clock, Formula, Question};
use switchboard_store::{StoreError, When, level_of_record, midnight};

/// How long the disk may take for what has happened just now.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// The question as it stands in the address. An unknown word is an error, not a question about something else.
#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub struct Words {
    queue: Option<String>,
    from: Option<String>,
    to: Option<String>,
    within: Option<String>,
    formula: Option<String>,
    by: Option<String>,
    short: Option<String>,
    clock: Option<String>,
}

/// A question that cannot be asked, or not now.
#[derive(Serialize, Debug)]
pub struct Refused {
    error: String,
}

type Reply = Result<Json<Answer>, (StatusCode, Json<Refused>)>;

/// `GET /level`
pub async fn level(
    State(wall): State<Wall>,
    words: Result<Query<Words>, axum::extract::rejection::QueryRejection>,
) -> Reply {
    let refuse = |status, error| Err((status, Json(Refused { error })));
    let bad = |error| refuse(StatusCode::BAD_REQUEST, error);
    let words = match words {
        Ok(Query(words)) => words,
        Err(e) => {
            return bad(format!("{}; it takes queue, from, to, within, formula, by, short and clock", e.body_text()));
        }
    };
    let Some(board) = wall.board() else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "the centre is starting; ask again in a second".to_owned());
    };
    let question = match question(&wall, &words, Instant::from_millis(board.at_ms)) {
        Ok(question) => question,
        Err(error) => return bad(error),
    };
    let clock = match words.clock.as_deref().map_or(Ok(Clock::default()), str::parse) {
        Ok(clock) => clock,
        Err(error) => return bad(error),
    };
    // What the board does not need the fold does not keep.
    if question.from < wall.opened || clock != Clock::default() {
        return of_record(wall, question, clock, board.at_ms).await;
    }
    match wall.questions.ask(question).await {
        Ok(answer) => Ok(Json(answer)),
        Err(e @ NoAnswer::Bad(_)) => bad(e.to_string()),
        Err(e @ (NoAnswer::Busy | NoAnswer::Gone)) => refuse(StatusCode::SERVICE_UNAVAILABLE, e.to_string()),
    }
}

/// A window that begins before the start, or another clock: the record is read anew, for the fold does not know what was then.
async fn of_record(wall: Wall, question: Question, clock: Clock, now_ms: u64) -> Reply {
    let refuse = |status, error: String| Err((status, Json(Refused { error })));
    let Some(dir) = wall.kept.dir.clone() else {
        return refuse(
            StatusCode::BAD_REQUEST,
            "this asks for what was before the start, or for another clock, and this centre keeps no record".to_owned(),
        );
    };
    let Ok(_held) = wall.readers.clone().try_acquire_owned() else {
        let full = format!("{READERS_MAX} questions are being answered from the record; ask again in a while");
        return refuse(StatusCode::SERVICE_UNAVAILABLE, full);
    };
    let (journal, now) = (wall.kept.journal.clone(), Instant::from_millis(now_ms));
    let read = move || {
        if let Some(journal) = journal
            && !journal.flush(FLUSH_MAX)
        {
            let status = journal.status();
            let why = status.failing.unwrap_or_else(|| "it is slow".to_owned());
            return Err((
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{} events are not on the disk yet: {why}", status.held),
            ));
        }
        level_of_record(&dir, &question, clock, now).map_err(|e| match e {
            StoreError::Question(_) | StoreError::NothingRecorded(_) => (StatusCode::BAD_REQUEST, e.to_string()),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()),
        })
    };
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(answer)) => Ok(Json(answer)),
        Ok(Err((status, error))) => refuse(status, error),
        Err(e) => refuse(StatusCode::INTERNAL_SERVER_ERROR, format!("the record could not be read: {e}")),
    }
}

fn question(wall: &Wall, words: &Words, now: Instant) -> Result<Question, String> {
    let moment = |word: &Option<String>, none: Instant| match word {
        None => Ok(none),
        Some(text) => text.parse::<When>().map(|at| at.resolve(now)).map_err(|e| e.to_string()),
    };
    let by = match words.by.as_deref() {
        None | Some("end") => By::End,
        Some("arrival") => By::Arrival,
        Some(other) => return Err(format!("by is `end` or `arrival`, not `{other}`")),
    };
    let from = moment(&words.from, midnight(now))?;
    let second = Duration::from_secs(1);
    Ok(Question {
        queue: words.queue.as_deref().map(|name| queue(wall, name)).transpose()?,
        from,
        // A window that begins after now lies in the future, which is a better word for it than empty.
        to: moment(&words.to, (now + second).max(from + second))?,
        within_s: seconds("within", &words.within, 20)?,
        formula: words.formula.as_deref().map_or(Ok(Formula::F3), str::parse).map_err(|e| e.to_string())?,
        by,
        short_s: seconds("short", &words.short, 5)?,
    })
}

fn queue(wall: &Wall, name: &str) -> Result<QueueId, String> {
    let found = wall.plan.queues.iter().find(|q| q.name == name);
    found.map(|q| q.id).ok_or_else(|| {
        let known: Vec<&str> = wall.plan.queues.iter().map(|q| q.name.as_str()).collect();
        format!("there is no queue `{name}`; there are {}", known.join(", "))
    })
}

/// A wait is kept as at most 65 535 s, so a longer X could not be told from it.
fn seconds(name: &str, word: &Option<String>, none: u32) -> Result<u32, String> {
    let Some(text) = word else { return Ok(none) };
    let found = text.parse().ok().filter(|s| *s < u32::from(u16::MAX));
    found.ok_or_else(|| format!("`{name}` is a whole number of seconds from 0 to 65534, not `{text}`"))
}
