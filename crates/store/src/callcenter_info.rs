//! The record as events of the names that `callcenter::info` has, one JSON object a line, for programs that read those.
//!
//! ```text
//!   queued       member-queue-start        ringing     agent-offering       picked_up   bridge-agent-start
//!   ring_ended   bridge-agent-fail         talk_ended  bridge-agent-end     ended       member-queue-end
//!   agent_state  agent-status-change where his presence changed, agent-state-change where what he does did
//! ```
//! All values are texts, moments are whole seconds, as there. A wait that ended by a fault of ours is `Cancel` with `BREAK_OUT`: it is
//! no abandon, which is `NONE`. A number is masked unless it is asked for. What belongs to no queue and no agent has no event.
use crate::Names;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use switchboard_model::{
    AgentActivity, AgentId, AgentPresence, CallId, Cause, ContactEvent, HungUp, Instant, QueueId, RingEnd, What,
};

/// Makes the events, in the order of the record.
pub struct CallcenterInfo<'a> {
    names: &'a Names,
    whole_numbers: bool,
    calls: BTreeMap<CallId, Call>,
    agents: BTreeMap<AgentId, (AgentPresence, AgentActivity)>,
}

#[derive(Default)]
struct Call {
    number: String,
    queue: Option<QueueId>,
    joined: Option<Instant>,
    agent: Option<AgentId>,
    called: Option<Instant>,
    answered: Option<Instant>,
}

type Fields = Vec<(&'static str, String)>;

impl<'a> CallcenterInfo<'a> {
    /// With numbers masked, or whole.
    pub fn new(names: &'a Names, whole_numbers: bool) -> CallcenterInfo<'a> {
        CallcenterInfo { names, whole_numbers, calls: BTreeMap::new(), agents: BTreeMap::new() }
    }

    /// The events of one of ours, a line each without its end; most have none.
    pub fn lines(&mut self, event: &ContactEvent) -> Vec<String> {
        let made = match (&event.what, event.call) {
            (What::AgentState { agent, presence, activity, .. }, _) => self.agent(*agent, *presence, *activity),
            (what, Some(call)) => self.call(event.at, call, what).into_iter().collect(),
            (_, None) => Vec::new(),
        };
        made.into_iter().map(|(action, fields)| line(event.at, action, fields)).collect()
    }

    fn agent(
        &mut self,
        agent: AgentId,
        presence: AgentPresence,
        activity: AgentActivity,
    ) -> Vec<(&'static str, Fields)> {
        let before = self.agents.insert(agent, (presence, activity));
        let before = before.unwrap_or((AgentPresence::LoggedOut, AgentActivity::Idle));
        let name = ("CC-Agent", self.names.agent_name(agent));
        let mut made = Vec::new();
        if status(before.0) != status(presence) {
            made.push(("agent-status-change", vec![name.clone(), ("CC-Agent-Status", status(presence).to_owned())]));
        }
        if state(before.1) != state(activity) {
            made.push(("agent-state-change", vec![name, ("CC-Agent-State", state(activity).to_owned())]));
        }
        made
    }

    fn call(&mut self, at: Instant, id: CallId, what: &What) -> Option<(&'static str, Fields)> {
        let s = |at: Instant| at.seconds().to_string();
        let agent_name = |agent: AgentId| ("CC-Agent", self.names.agent_name(agent));
        let call = self.calls.entry(id).or_default();
        let mut fields: Fields = Vec::new();
        let action = match what {
            What::Arrived { from, .. } => {
                call.number = if self.whole_numbers { from.raw.clone() } else { from.to_string() };
                return None;
            }
            What::Queued { queue, .. } => {
                (call.queue, call.joined) = (Some(*queue), Some(at));
                "member-queue-start"
            }
            What::Ringing { agent, .. } => {
                (call.agent, call.called) = (Some(*agent), Some(at));
                fields.push(agent_name(*agent));
                "agent-offering"
            }
            What::RingEnded { agent, end } => {
                fields.extend([agent_name(*agent), ("CC-Hangup-Cause", ring_cause(*end).to_owned())]);
                fields.push(("CC-Agent-Aborted-Time", s(at)));
                "bridge-agent-fail"
            }
            What::PickedUp { agent, .. } => {
                call.answered = Some(at);
                fields.push(agent_name(*agent));
                "bridge-agent-start"
            }
            What::TalkEnded { agent, hung_up, .. } => {
                let cause = if *hung_up == HungUp::System { "MANAGER_REQUEST" } else { "NORMAL_CLEARING" };
                fields.extend([agent_name(*agent), ("CC-Hangup-Cause", cause.to_owned())]);
                fields.push(("CC-Bridge-Terminated-Time", s(at)));
                "bridge-agent-end"
            }
            What::Ended { cause, .. } => {
                let (word, reason) = ended(*cause, call.answered.is_some());
                fields.push(("CC-Cause", word.to_owned()));
                fields.extend(reason.map(|reason| ("CC-Cancel-Reason", reason.to_owned())));
                fields.push(("CC-Member-Leaving-Time", s(at)));
                "member-queue-end"
            }
            _ => return None,
        };
        let times = [
            ("CC-Member-Joined-Time", call.joined),
            ("CC-Agent-Called-Time", call.called),
            ("CC-Agent-Answered-Time", call.answered),
        ];
        fields.extend(times.into_iter().filter_map(|(name, at)| Some((name, s(at?)))));
        fields.push(("CC-Member-UUID", id.to_string()));
        fields.push(("CC-Member-Session-UUID", id.to_string()));
        fields.push(("CC-Member-CID-Number", call.number.clone()));
        // Who never was in a queue is no member of one.
        let queue = call.queue;
        if matches!(what, What::Ended { .. }) {
            self.calls.remove(&id);
        }
        fields.push(("CC-Queue", self.names.queue_name(Some(queue?))));
        Some((action, fields))
    }
}

fn line(at: Instant, action: &str, fields: Fields) -> String {
    let mut json = Map::new();
    let mut put = |name: &str, value: String| drop(json.insert(name.to_owned(), Value::String(value)));
    put("Event-Name", "CUSTOM".to_owned());
    put("Event-Subclass", "callcenter::info".to_owned());
    put("Event-Date-Timestamp", at.micros().to_string());
    put("CC-Action", action.to_owned());
    fields.into_iter().for_each(|(name, value)| put(name, value));
    Value::Object(json).to_string()
}

fn status(presence: AgentPresence) -> &'static str {
    match presence {
        AgentPresence::LoggedOut => "Logged Out",
        AgentPresence::Ready => "Available",
        AgentPresence::NotReady | AgentPresence::NotReadyRona | AgentPresence::NotReadyDevice => "On Break",
    }
}

fn state(activity: AgentActivity) -> &'static str {
    match activity {
        AgentActivity::Idle => "Waiting",
        AgentActivity::Ringing => "Receiving",
        AgentActivity::Talking => "In a queue call",
        // That program keeps who wraps up as one who waits and is not offered anything yet.
        AgentActivity::AfterCallWork => "Idle",
    }
}

fn ring_cause(end: RingEnd) -> &'static str {
    match end {
        RingEnd::NoAnswer => "NO_ANSWER",
        RingEnd::Rejected => "CALL_REJECTED",
        RingEnd::Busy => "USER_BUSY",
        RingEnd::Unreachable => "USER_NOT_REGISTERED",
        RingEnd::DeviceFault => "INCOMPATIBLE_DESTINATION",
        RingEnd::CallerLeft => "ORIGINATOR_CANCEL",
    }
}

fn ended(cause: Cause, answered: bool) -> (&'static str, Option<&'static str>) {
    match cause {
        _ if answered => ("Terminated", None),
        Cause::AbandonedWaiting | Cause::AbandonedRinging => ("Cancel", Some("NONE")),
        Cause::WaitedTooLong => ("Cancel", Some("TIMEOUT")),
        _ => ("Cancel", Some("BREAK_OUT")),
    }
}
