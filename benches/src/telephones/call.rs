//! One call, as both its telephones know it.
//!
//! ```text
//!   Dialling ─200─► InMenu ─key─► Waiting ─INVITE at an agent─► Rung ─ACK─► Talking ─BYE─► Leaving ─► done
//!      └─────────────┴──────────────┴── patience ends, refused ──┴───────────────────────► a fault with its sentence
//! ```
use super::leg::Leg;
use super::sound::CallSound;
use super::{Said, Side};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::Instant;

/// Where a call is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// The INVITE has left.
    Dialling,
    /// Answered by the target.
    InMenu,
    /// The caller has asked for a person.
    Waiting,
    /// An agent rings.
    Rung,
    /// The agent has answered and his ACK has come.
    Talking,
    /// The caller has hung up.
    Leaving,
}

/// Where a call was when the target was touched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Open {
    /// Before two talked.
    Coming,
    /// Two talked.
    Talking,
    /// The caller had hung up.
    Leaving,
}

/// How the people of one call behave.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Drawn {
    /// Which of the keys' lines.
    pub keys: usize,
    /// From the answer to the first key.
    pub key_after: Duration,
    /// From the agent's first ring to his answer.
    pub answers_after: Duration,
    /// How long the two talk.
    pub talk: Duration,
    /// How long the caller waits for an agent.
    pub patience: Duration,
    /// How long the agent works on after it.
    pub acw: Duration,
}

/// A call.
pub struct Call {
    pub stage: Stage,
    /// When the caller meant to call.
    pub intended: Instant,
    pub caller: Leg,
    /// Where the caller's requests go.
    pub via: SocketAddr,
    pub sounds: bool,
    /// What was drawn for it when it was dialled, so that no target changes it.
    pub drawn: Drawn,
    /// The last CSeq of the caller's requests.
    pub cseq: u32,
    /// Whether a challenge to its INVITE, and to its BYE, has been answered.
    pub challenged: (bool, bool),
    /// Whether a key was pressed: from there dispatch is measured.
    pub pressed: bool,
    /// Where the target wants the caller's sound and keys.
    pub caller_rtp: Option<SocketAddr>,
    /// When the key was meant to be pressed.
    pub key_at: Option<Instant>,
    /// Which agent.
    pub agent: Option<usize>,
    /// The agent's 200, until it is said.
    pub answer: Option<(SocketAddr, String)>,
    pub agent_rtp: Option<SocketAddr>,
    pub caller_over: bool,
    pub agent_over: bool,
    pub sound: Option<CallSound>,
    /// What was wrong although it went on.
    pub fault: Option<String>,
    /// Where it was when the target was touched.
    pub touched: Option<Open>,
    /// What is said again until something comes.
    pub kept: Vec<(Said, Side, SocketAddr, Box<[u8]>)>,
}

impl Call {
    /// A call that begins.
    pub fn new(intended: Instant, caller: Leg, via: SocketAddr, sounds: bool, drawn: Drawn) -> Call {
        Call {
            stage: Stage::Dialling,
            intended,
            caller,
            via,
            sounds,
            drawn,
            cseq: 1,
            challenged: (false, false),
            pressed: false,
            caller_rtp: None,
            key_at: None,
            agent: None,
            answer: None,
            agent_rtp: None,
            caller_over: false,
            agent_over: false,
            sound: None,
            fault: None,
            touched: None,
            kept: vec![],
        }
    }

    /// Both legs have ended.
    pub fn is_over(&self) -> bool {
        self.caller_over && (self.agent.is_none() || self.agent_over)
    }

    /// What is wrong with a call that is still open at the end.
    pub fn why_open(&self) -> String {
        if let Some(fault) = &self.fault {
            return fault.clone();
        }
        let why = match self.stage {
            Stage::Dialling => UNANSWERED,
            Stage::InMenu => "answered, and the run ended before the key",
            Stage::Waiting => NO_AGENT,
            Stage::Rung => "an agent answered, and no ACK came",
            Stage::Talking => "still talking when the run ended",
            Stage::Leaving if self.caller_over => LEFT,
            Stage::Leaving => "a BYE was not answered",
        };
        why.to_owned()
    }
}

/// The sentence for a call to which nothing was said.
pub const UNANSWERED: &str = "the INVITE was not answered";
/// The sentence for a caller who waited in vain.
pub const NO_AGENT: &str = "no agent was rung before the caller lost patience";
/// The sentence for an agent who was not told of the end.
pub const LEFT: &str = "the caller hung up, and the agent was left on the line";
