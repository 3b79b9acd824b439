//! One SBC of a carrier: it is asked by OPTIONS, and any answer is life.
//!
//! ```text
//!              answer            no answer in 4 s          twice more
//!   Unknown ──────────► Up ───────────────────► Suspect ───────────────► Down
//!      └─ no answer ─────┼───────────────────────►│ asked every 5 s       │ asked every 30 s
//!                        ◄───────── answer ───────┴───────────────────────┘
//! ```
//! A refusal (404, 405, 503 …) is an answer: somebody is there. A late one counts too.
use super::Hands;
use crate::config::Sbc;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{FlowId, Instant};
use switchboard_sip::{OutRequest, RequestId};

/// How an SBC is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Health {
    /// Nothing is known yet, or it is not asked.
    Unknown,
    /// It has answered.
    Up,
    /// It has not answered so many times.
    Suspect(u8),
    /// It does not answer.
    Down,
}

impl Health {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Health::Unknown => "unknown",
            Health::Up => "up",
            Health::Suspect(_) => "suspect",
            Health::Down => "down",
        }
    }
}

/// One SBC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Peer {
    pub at: SocketAddr,
    pub flow: FlowId,
    pub priority: u16,
    pub weight: u16,
    pub health: Health,
    /// When it last answered.
    pub heard_at: Option<Instant>,
    /// When it is asked next; none: it is not asked.
    ask_at: Option<Instant>,
    /// Until when the newest question should be answered.
    answer_by: Option<Instant>,
    /// Questions without an answer, oldest first; SIP itself gives each up after 32 s.
    open: Vec<RequestId>,
}

/// Between two questions to an SBC that lives, or that has been dead for long. Asking costs two messages.
const EVERY: Duration = Duration::from_secs(30);
/// While it is doubted.
const DOUBTED_EVERY: Duration = Duration::from_secs(5);
/// An SBC on the same continent answers in well under a second; four times T1·2.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);
/// After so many questions without an answer it is taken for dead.
const SILENCES_MAX: u8 = 3;
/// SIP gives each up after 32 s, so there are never more than 8; one more is a bound.
const OPEN_MAX: usize = 9;

impl Peer {
    pub fn new(sbc: &Sbc) -> Peer {
        Peer {
            at: sbc.at,
            flow: FlowId::towards(sbc.transport),
            priority: sbc.priority,
            weight: sbc.weight,
            health: Health::Unknown,
            heard_at: None,
            ask_at: None,
            answer_by: None,
            open: vec![],
        }
    }

    /// Whether it is to be asked from now on.
    pub fn watch(&mut self, ask: bool, now: Instant) {
        match ask {
            true if self.ask_at.is_none() => self.ask_at = Some(now),
            true => {}
            false => (self.ask_at, self.answer_by) = (None, None),
        }
    }

    /// In this order it is tried: those that may live before those that do not, then by priority (RFC 2782: lower first), then by
    /// weight.
    pub fn rank(&self) -> (bool, u16, std::cmp::Reverse<u16>) {
        (self.health == Health::Down, self.priority, std::cmp::Reverse(self.weight))
    }

    pub fn next_timeout(&self) -> Option<Instant> {
        self.ask_at.into_iter().chain(self.answer_by).min()
    }
    pub fn asked(&self) -> impl Iterator<Item = RequestId> {
        self.open.iter().copied()
    }

    pub fn on_time(&mut self, hands: &mut Hands<'_>) {
        if self.answer_by.is_some_and(|at| at <= hands.now) {
            self.answer_by = None;
            self.silent(hands.now);
        }
        if self.ask_at.is_some_and(|at| at <= hands.now) {
            if self.open.len() < OPEN_MAX {
                self.open.push(hands.sip.request(hands.now, self.question()));
            }
            self.answer_by = Some(hands.now + ANSWER_WITHIN);
            self.ask_at = Some(hands.now + self.interval());
        }
    }

    /// The final response to a question; 408 and 503 of our own making when there was none or it could not be sent.
    pub fn on_response(&mut self, request: RequestId, code: u16, now: Instant) {
        let Some(place) = self.open.iter().position(|r| *r == request) else { return };
        self.open.remove(place);
        // A 408 is never sent to a request that is no INVITE (RFC 4320 §4.2); it says that nobody answered, which is known already.
        match code {
            408 => {}
            503 if self.flow.is_reliable() => {
                self.answer_by = None;
                self.silent(now);
            }
            _ => self.heard(now),
        }
    }

    /// It has answered something.
    pub fn heard(&mut self, now: Instant) {
        (self.health, self.heard_at, self.answer_by) = (Health::Up, Some(now), None);
        self.ask_at = self.ask_at.map(|_| now + EVERY);
    }

    /// It has not.
    pub fn silent(&mut self, now: Instant) {
        self.health = match self.health {
            Health::Down => Health::Down,
            Health::Suspect(n) if n + 1 >= SILENCES_MAX => Health::Down,
            Health::Suspect(n) => Health::Suspect(n + 1),
            Health::Unknown | Health::Up => Health::Suspect(1),
        };
        self.ask_at = self.ask_at.map(|at| at.min(now + self.interval()));
    }

    fn interval(&self) -> Duration {
        if matches!(self.health, Health::Suspect(_)) { DOUBTED_EVERY } else { EVERY }
    }

    fn question(&self) -> OutRequest {
        OutRequest {
            method: "OPTIONS".to_owned(),
            target: format!("sip:{}", self.at),
            to_addr: self.at,
            flow: self.flow,
            from_user: "ping".to_owned(),
            headers: vec![("Accept".to_owned(), "application/sdp".to_owned())],
            body: bytes::Bytes::new(),
            credentials: None,
        }
    }
}
