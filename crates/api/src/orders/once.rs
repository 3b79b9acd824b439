//! The same request twice is done once: who repeats it with its `Idempotency-Key` gets the first answer again.
use super::problem::Problem;
use axum::http::StatusCode;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// Answers that are kept; a client that repeats does so within seconds, so the oldest may go.
const KEPT: usize = 4_096;

type Key = (String, String);

/// What was answered, by user and key.
#[derive(Default)]
pub struct Once {
    kept: Mutex<(BTreeMap<Key, Told>, VecDeque<Key>)>,
}

#[derive(Clone)]
struct Told {
    /// Method, path and body.
    request: String,
    /// None while it is being done.
    answer: Option<(StatusCode, String)>,
}

/// What to do with a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is new: do it, then say [`Once::done`].
    New,
    /// It was done, and this was the answer.
    Done(StatusCode, String),
}

impl Once {
    /// Looks whether it was asked before.
    pub fn ask(&self, user: &str, key: &str, request: &str) -> Result<Seen, Problem> {
        let (known, order) = &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (user.to_owned(), key.to_owned());
        match known.get(&at) {
            Some(told) if told.request != request => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "this Idempotency-Key was used for another request; a new request needs a new key",
            )),
            Some(Told { answer: Some((status, body)), .. }) => Ok(Seen::Done(*status, body.clone())),
            Some(_) => Err(Problem::new(StatusCode::CONFLICT, "the same request is being carried out; ask again")),
            None => {
                if order.len() == KEPT
                    && let Some(oldest) = order.pop_front()
                {
                    known.remove(&oldest);
                }
                order.push_back(at.clone());
                known.insert(at, Told { request: request.to_owned(), answer: None });
                Ok(Seen::New)
            }
        }
    }

    /// It was done. A fault of ours is not kept: it may be tried again.
    pub fn done(&self, user: &str, key: &str, status: StatusCode, body: &str) {
        let (known, order) = &mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (user.to_owned(), key.to_owned());
        if status.is_server_error() {
            known.remove(&at);
            order.retain(|k| *k != at);
        } else if let Some(told) = known.get_mut(&at) {
            told.answer = Some((status, body.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_done_once_and_a_key_belongs_to_one_request_of_one_user() {
        let once = Once::default();
        assert_eq!(once.ask("a", "k", "POST /x"), Ok(Seen::New));
        assert_eq!(once.ask("a", "k", "POST /x").map_err(|p| p.status), Err(StatusCode::CONFLICT));
        once.done("a", "k", StatusCode::OK, "{}");
        assert_eq!(once.ask("a", "k", "POST /x"), Ok(Seen::Done(StatusCode::OK, "{}".to_owned())));
        assert_eq!(once.ask("a", "k", "POST /y").map_err(|p| p.status), Err(StatusCode::UNPROCESSABLE_ENTITY));
        assert_eq!(once.ask("b", "k", "POST /y"), Ok(Seen::New));
        once.done("b", "k", StatusCode::SERVICE_UNAVAILABLE, "{}");
        assert_eq!(once.ask("b", "k", "POST /y"), Ok(Seen::New), "a fault of ours may be tried again");
    }

    #[test]
    fn the_memory_is_bounded() {
        let once = Once::default();
        for n in 0..KEPT + 10 {
            assert_eq!(once.ask("a", &n.to_string(), "POST /x"), Ok(Seen::New));
        }
        let (known, order) = &*once.kept.lock().expect("nobody panics");
        assert_eq!((known.len(), order.len()), (KEPT, KEPT));
    }
}
