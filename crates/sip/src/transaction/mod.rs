//! Transactions: one request, its retransmissions, and its answers (RFC 3261 §17, RFC 6026).
//!
//! ```text
//!   machine (one of four)  says  Act ─► endpoint sends `last` or `ack` again, or passes the message up to the owner
//! ```
//! A machine knows no bytes: it is asked what an input means in its state. [`Transaction`] keeps the bytes beside it.
mod client_invite;
mod client_other;
mod key;
mod server_invite;
mod server_other;

pub(crate) use client_invite::ClientInvite;
pub(crate) use client_other::ClientOther;
pub(crate) use key::{client_key, merge_key, server_key};
pub(crate) use server_invite::ServerInvite;
pub(crate) use server_other::ServerOther;

use crate::event::{DialogId, OutRequest, RequestId};
use crate::reply::Reply;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};

/// What a client machine hears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClientInput {
    /// A response with this status.
    Response(u16),
    /// Time.
    Timeout,
}

/// What a server machine hears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ServerInput {
    /// The request again.
    Request,
    /// The ACK to a final response that is no 2xx.
    Ack,
    /// The owner answers with this status.
    Respond(u16),
    /// Time.
    Timeout,
}

/// What a machine wants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Nothing.
    Nothing,
    /// Send again: a client its request (or, once completed, its ACK), a server its last response.
    Send,
    /// Tell the owner.
    Pass,
    /// Send the ACK and tell the owner.
    AckAndPass,
    /// Tell the owner that nobody answered.
    TimedOut,
}

/// One transaction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub machine: Machine,
    pub key: String,
    /// Of an INVITE without To tag: what a second way of the same request has in common with it (RFC 3261 §8.2.2.2).
    pub merge_key: Option<String>,
    pub flow: FlowId,
    pub to: SocketAddr,
    /// A client's request, or a server's last response.
    pub last: Bytes,
    /// A client INVITE's ACKs: the first for the dialog, others for other branches of a fork.
    pub acks: Vec<Ack>,
    /// How a server answers.
    pub reply: Option<Reply>,
    pub owner: Owner,
}

impl Transaction {
    /// A client's answer; `Nothing` for a server, to which no response is ever led.
    pub fn client(&mut self, now: Instant, input: ClientInput) -> Act {
        let reliable = self.flow.is_reliable();
        match &mut self.machine {
            Machine::ClientInvite(m) => m.handle(now, input, reliable),
            Machine::ClientOther(m) => m.handle(now, input, reliable),
            Machine::ServerInvite(_) | Machine::ServerOther(_) => Act::Nothing,
        }
    }
    /// A server's answer.
    pub fn server(&mut self, now: Instant, input: ServerInput) -> Act {
        let reliable = self.flow.is_reliable();
        match &mut self.machine {
            Machine::ServerInvite(m) => m.handle(now, input, reliable),
            Machine::ServerOther(m) => m.handle(now, input, reliable),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => Act::Nothing,
        }
    }
    /// Time has come.
    pub fn timeout(&mut self, now: Instant) -> Act {
        match &self.machine {
            Machine::ClientInvite(_) | Machine::ClientOther(_) => self.client(now, ClientInput::Timeout),
            Machine::ServerInvite(_) | Machine::ServerOther(_) => self.server(now, ServerInput::Timeout),
        }
    }
}

/// An ACK that was sent, to be sent again when its response comes again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Ack {
    pub tag: String,
    pub to: SocketAddr,
    pub bytes: Bytes,
}

/// Whose a transaction is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Owner {
    Dialog(DialogId),
    Outside(Box<Asked>),
    Nobody,
}

/// A request of ours outside a dialog, kept until its final response in case it must be asked again with a digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub id: RequestId,
    pub request: OutRequest,
    pub call_id: String,
    pub tag: String,
    pub cseq: u32,
    pub tries: u8,
}

/// Which machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum Machine {
    ClientInvite(ClientInvite),
    ClientOther(ClientOther),
    ServerInvite(ServerInvite),
    ServerOther(ServerOther),
}

impl Machine {
    /// When it wants time.
    pub fn deadline(&self) -> Option<Instant> {
        match self {
            Machine::ClientInvite(m) => m.deadline(),
            Machine::ClientOther(m) => m.deadline(),
            Machine::ServerInvite(m) => m.deadline(),
            Machine::ServerOther(m) => m.deadline(),
        }
    }
    /// Whether nothing is left of it.
    pub fn is_over(&self) -> bool {
        match self {
            Machine::ClientInvite(m) => *m == ClientInvite::Terminated,
            Machine::ClientOther(m) => *m == ClientOther::Terminated,
            Machine::ServerInvite(m) => *m == ServerInvite::Terminated,
            Machine::ServerOther(m) => *m == ServerOther::Terminated,
        }
    }
    /// Whether a client still waits for its final response.
    pub fn waits_for_final(&self) -> bool {
        match self {
            Machine::ClientInvite(m) => matches!(m, ClientInvite::Calling { .. } | ClientInvite::Proceeding { .. }),
            Machine::ClientOther(m) => matches!(m, ClientOther::Trying { .. }),
            Machine::ServerInvite(_) | Machine::ServerOther(_) => false,
        }
    }
    /// Gives up at once.
    pub fn terminate(&mut self) {
        match self {
            Machine::ClientInvite(m) => *m = ClientInvite::Terminated,
            Machine::ClientOther(m) => *m = ClientOther::Terminated,
            Machine::ServerInvite(m) => *m = ServerInvite::Terminated,
            Machine::ServerOther(m) => *m = ServerOther::Terminated,
        }
    }
}

#[cfg(test)]
mod testing {
    //! One `check` for four machines: words in, `State:Act` out.
    use super::*;

    pub mod letters {
        use super::*;
        /// `200` is a response, `due` and `early` are time.
        pub fn client(word: &str) -> ClientInput {
            word.parse().map_or(ClientInput::Timeout, ClientInput::Response)
        }
        /// `200` is the owner's answer; `request`, `ack`, `due`, `early`.
        pub fn server(word: &str) -> ServerInput {
            match word {
                "request" => ServerInput::Request,
                "ack" => ServerInput::Ack,
                "due" | "early" => ServerInput::Timeout,
                code => ServerInput::Respond(code.parse().expect("a status")),
            }
        }
    }

    /// Plays the words; before `due` the clock moves to the deadline, before `early` a millisecond on.
    pub fn check<M>(
        script: &str,
        wanted: &str,
        new: impl Fn(Instant) -> M,
        handle: impl Fn(&mut M, Instant, &str) -> Act,
        deadline: impl Fn(&M) -> Option<Instant>,
        show: impl Fn(&M) -> String,
    ) {
        let mut now = Instant::from_millis(1_000_000);
        let mut machine = new(now);
        let mut got = vec![];
        for word in script.split(' ') {
            match word {
                "due" => now = deadline(&machine).expect("a deadline"),
                "early" => now = now + std::time::Duration::from_millis(1),
                _ => {}
            }
            let act = handle(&mut machine, now, word);
            let state = show(&machine);
            got.push(format!("{}:{act:?}", state.split([' ', '{']).next().unwrap_or("")));
        }
        assert_eq!(got.join(" "), wanted, "{script}");
    }
}
