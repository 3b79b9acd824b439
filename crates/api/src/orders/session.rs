//! Who is logged in: a token nobody can guess, good for one shift.
use super::accounts::{Account, token};
use super::problem::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchboard_engine::Config;
use switchboard_engine::command::rights::Asker;
use switchboard_model::Instant;

/// A shift with its overtime.
pub const LASTS: Duration = Duration::from_secs(10 * 3_600);
/// Sessions at once; several for each person of a large centre.
const SESSIONS_MAX: usize = 16_384;

/// The sessions.
#[derive(Default)]
pub struct Sessions(Mutex<BTreeMap<String, Session>>);

/// One of them.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who.
    pub account: Account,
    until: Instant,
}

impl Session {
    /// As rights see him: his agent is looked up by name, for numbers are the configuration's.
    pub fn asker(&self, config: &Config) -> Asker {
        let agent = self.account.agent_id.as_ref();
        Asker {
            role: self.account.role,
            agent: agent.and_then(|id| config.agents.iter().find(|a| !a.gone && a.agent_id == *id)).map(|a| a.id),
            teams: self.account.teams.clone(),
        }
    }
}

impl Sessions {
    /// A new one; its token.
    pub fn open(&self, now: Instant, account: Account) -> Result<String, Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SESSIONS_MAX {
            all.retain(|_, s| s.until > now);
        }
        if all.len() >= SESSIONS_MAX {
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too many sessions are open"));
        }
        let token = token();
        all.insert(token.clone(), Session { account, until: now + LASTS });
        Ok(token)
    }

    /// Whose request this is.
    pub fn of(&self, now: Instant, headers: &HeaderMap) -> Result<Session, Problem> {
        let token = bearer(headers).ok_or_else(Problem::who)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(token).filter(|s| s.until > now).cloned().ok_or_else(Problem::who)
    }

    /// Ends it.
    pub fn close(&self, headers: &HeaderMap) {
        if let Some(token) = bearer(headers) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(token);
        }
    }

    /// Ends all of a user: his password has changed.
    pub fn close_all_of(&self, user: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, s| s.account.user != user);
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
