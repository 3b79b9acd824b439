//! The control channel: one line of JSON each way, on loopback only.
//!
//! ```text
//!   switchboard explain ──► {"ask":"explain","call":null} ──► shards: who waits? ──► floor: why? ──► {"answer":…}
//! ```
//! It is for the operator on the machine itself; it refuses to listen anywhere but on loopback. One connection is served at a
//! time, each for at most a few seconds, so that a client that says nothing delays the next one and nobody else.
use crate::node::Handles;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchboard_engine::command::{AgentShown, Answer, CallOrder, CallShown, Command, Order, Reply, TrunkShown};
use switchboard_engine::explain::{AgentExplanation, Decision, EntryFacts, Explanation};
use switchboard_model::{AgentId, CallId};
use switchboard_net::Stop;

/// A question or an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum ControlRequest {
    /// Why does this call wait; or, without one, the call that waits longest?
    Explain {
        /// Which call.
        call: Option<CallId>,
    },
    /// The messages of this call; or, without one, of the call last heard of.
    Trace {
        /// Which call.
        call: Option<CallId>,
    },
    /// Every agent; or only those who are stuck in a passing state.
    Agents {
        /// Only those.
        #[serde(default)]
        stuck: bool,
    },
    /// Why does nothing ring at this agent?
    ExplainAgent {
        /// Who.
        agent: AgentId,
    },
    /// Each trunk's SBCs and our registration there.
    Trunks,
    /// Every call.
    Calls,
    /// This agent takes calls.
    AgentReady {
        /// Who.
        agent: AgentId,
    },
    /// This agent takes no calls.
    AgentNotReady {
        /// Who.
        agent: AgentId,
        /// A reason of the centre's list.
        #[serde(default)]
        reason: Option<String>,
        /// Back by himself after so many minutes.
        #[serde(default)]
        minutes: Option<u16>,
    },
    /// Something is to be done with the call this agent is in.
    OnCall {
        /// Whose call.
        agent: AgentId,
        /// What.
        what: CallOrder,
    },
    /// Read the configuration again; it goes live only if all of it is right.
    Reload,
}

/// The answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ControlReply {
    /// Done; perhaps with something to say.
    Done {
        /// What.
        text: String,
    },
    /// Not done.
    Refused {
        /// Why, and what to do.
        why: String,
    },
    /// Why.
    Explanation(Explanation),
    /// Why nothing rings at an agent.
    AgentExplanation(AgentExplanation),
    /// Why a call was given to its agent.
    Decision(Decision),
    /// Every agent.
    Agents {
        /// In the order of their numbers.
        agents: Vec<AgentShown>,
    },
    /// Each trunk's SBCs and our registration there.
    Trunks {
        /// Those that have SBCs.
        trunks: Vec<TrunkShown>,
    },
    /// Every call.
    Calls {
        /// In the order of their ids.
        calls: Vec<CallShown>,
    },
}

/// Why a running centre could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// Nobody listens.
    #[error(
        "no centre answers on {address} ({source}); start one with `switchboard serve` or `switchboard demo`, or name its address with --control"
    )]
    NotThere {
        /// Where it was looked for.
        address: SocketAddr,
        /// What the kernel said.
        source: std::io::Error,
    },
    /// It said nothing, or nothing that can be read.
    #[error("the centre on {address} gave no answer that can be read: {why}")]
    NoAnswer {
        /// Where.
        address: SocketAddr,
        /// What was wrong.
        why: String,
    },
}

/// How long a shard or the floor may take to answer, and a client to speak.
const PATIENCE: Duration = Duration::from_secs(5);
/// A request is a short line.
const REQUEST_BYTES_MAX: u64 = 65_536;

/// Asks a running centre.
pub fn ask(address: SocketAddr, request: &ControlRequest) -> Result<ControlReply, ControlError> {
    let not_there = |source| ControlError::NotThere { address, source };
    let no_answer = |why: String| ControlError::NoAnswer { address, why };
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).map_err(not_there)?;
    stream.set_read_timeout(Some(PATIENCE * 2)).map_err(not_there)?;
    let mut line = serde_json::to_string(request).expect("plain data");
    line.push('\n');
    stream.write_all(line.as_bytes()).map_err(|e| no_answer(e.to_string()))?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).map_err(|e| no_answer(e.to_string()))?;
    serde_json::from_str(&answer).map_err(|e| no_answer(e.to_string()))
}

/// Who waits for an answer to which command.
#[derive(Default, Debug)]
pub struct Answers {
    next: AtomicU64,
    waiting: Mutex<BTreeMap<u64, SyncSender<Reply>>>,
}

impl Answers {
    fn expect(&self) -> (u64, Receiver<Reply>) {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, receiver) = sync_channel(1);
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        (id, receiver)
    }

    /// A shard's or the floor's answer; dropped if nobody waits any more.
    pub fn give(&self, answer: Answer) {
        if let Some(sender) = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&answer.id) {
            drop(sender.try_send(answer.what));
        }
    }

    /// Sends a command by `push` and waits for its answer.
    pub fn ask(&self, what: Order, push: impl FnOnce(Command) -> bool) -> Reply {
        let (id, receiver) = self.expect();
        let late = || Reply::Refused { why: format!("no answer within {} s", PATIENCE.as_secs()) };
        if !push(Command { id, what }) {
            return Reply::Refused { why: "too many commands are waiting already; try again".to_owned() };
        }
        let reply = receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| late());
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        reply
    }
}

/// Serves the control channel until the end.
pub fn serve(listener: TcpListener, handles: &Handles, stop: &Stop) {
    let own = listener.local_addr().expect("a bound listener has an address");
    stop.on_raise(move || drop(TcpStream::connect_timeout(&own, Duration::from_millis(200))));
    for stream in listener.incoming() {
        if stop.is_raised() {
            return;
        }
        if let Ok(stream) = stream
            && let Err(e) = answer_one(stream, handles)
        {
            tracing::debug!("a control connection ended early: {e}");
        }
    }
}

fn answer_one(mut stream: TcpStream, handles: &Handles) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new((&stream).take(REQUEST_BYTES_MAX)).read_line(&mut line)?;
    let reply = match serde_json::from_str::<ControlRequest>(&line) {
        Ok(request) => handles.answer(request),
        Err(e) => ControlReply::Refused { why: format!("the request cannot be read: {e}") },
    };
    let mut text = serde_json::to_string(&reply).expect("plain data");
    text.push('\n');
    stream.write_all(text.as_bytes())
}

/// Of all who wait, the one asked about, or the one who waits longest.
pub fn pick(entries: Vec<EntryFacts>, call: Option<CallId>) -> Option<EntryFacts> {
    entries.into_iter().filter(|e| call.is_none_or(|c| c == e.call)).min_by_key(|e| (e.since, e.key))
}
