//! The running centre as the API sees it: orders to the floor, to all shards, to the shard of one agent's call, to the node itself.
use crate::control::ControlReply;
use crate::node::Handles;
use std::sync::{Arc, PoisonError};
use switchboard_api::orders::Centre;
use switchboard_engine::Config;
use switchboard_engine::command::table::{Owner, Row};
use switchboard_engine::command::{CallOrder, Order, Reply};
use switchboard_model::{AgentId, CallId, Instant};

impl Centre for Handles {
    fn config(&self) -> Arc<Config> {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn order(&self, owner: Owner, order: Order) -> Reply {
        if owner == Owner::Floor {
            return self.ask_floor(order);
        }
        self.to_shards(&order).into_iter().reduce(joined).expect("there is a shard at least")
    }

    fn on_call_of(&self, agent: AgentId, what: CallOrder) -> Reply {
        let call = match self.ask_floor(Order::CallOf { agent }) {
            Reply::CallOf { call } => call,
            other => return other,
        };
        let Some(shard) = usize::from(call.shard().0).checked_sub(1).and_then(|n| self.shards.get(n)) else {
            return Reply::Unknown { why: format!("there is no call {call}") };
        };
        // Between the two answers the call may have ended; its shard says so.
        self.answers.ask(Order::OnCall { call, agent, what }, |command| shard.commands.push(command).is_ok())
    }

    fn node(&self, row: &Row, call: Option<CallId>) -> Reply {
        let reply = match (row.name, call) {
            ("reload", _) => self.reload(),
            ("explain", Some(call)) => self.explain(Some(call)),
            (name, _) => return Reply::Unknown { why: format!("the node does not know `{name}`") },
        };
        match reply {
            ControlReply::Done { .. } => Reply::Done,
            ControlReply::Explanation(explanation) => Reply::Explanation(explanation),
            ControlReply::Decision(decision) => Reply::Decision(decision),
            ControlReply::Refused { why } => Reply::Refused { why },
            other => Reply::Refused { why: format!("an answer to another question came: {other:?}") },
        }
    }
}

/// Two shards' answers as one; a refusal of either is the answer.
fn joined(one: Reply, other: Reply) -> Reply {
    match (one, other) {
        (Reply::Calls { mut calls }, Reply::Calls { calls: more }) => {
            calls.extend(more);
            Reply::Calls { calls }
        }
        (Reply::Waiting { mut entries }, Reply::Waiting { entries: more }) => {
            entries.extend(more);
            entries.sort_by_key(|e| (e.since, e.key));
            Reply::Waiting { entries }
        }
        (Reply::Done, other) => other,
        (one, _) => one,
    }
}
