//! The record as lines of the `queue_log` that many reporting tools read: `seconds|call|queue|agent|EVENT|data…`.
//!
//! ```text
//!   queued          ENTERQUEUE  |url|number|place        ring_ended  RINGNOANSWER|ms or RINGCANCELED|ms
//!   picked_up       CONNECT     |hold|call|ring          talk_ended  COMPLETECALLER or COMPLETEAGENT |hold|talk|place
//!   ended, waiting  ABANDON     |place|origplace|wait    agent_state ADDMEMBER, REMOVEMEMBER, PAUSE, UNPAUSE |reason
//!                   EXITWITHTIMEOUT … or WITHDRAW        config_live CONFIGRELOAD
//! ```
//! That format is poorer than the record, and what it cannot say is not made up: a wait that ended by a fault of ours, or
//! because the centre closed, is `WITHDRAW` and never `ABANDON`; a conversation that the system ended is `COMPLETEAGENT`,
//! for it has no third. Waits run from entering the queue, as there, in whole seconds rounded down; our reports round up and
//! begin at the request. A number is masked unless it is asked for. Events that belong to no queue have no line.
use crate::Names;
use std::collections::BTreeMap;
use switchboard_model::{AgentId, AgentPresence, CallId, Cause, ContactEvent, HungUp, Instant, QueueId, RingEnd, What};

/// Makes the lines, event by event in the order of the record.
pub struct QueueLog<'a> {
    names: &'a Names,
    whole_numbers: bool,
    calls: BTreeMap<CallId, Call>,
    agents: BTreeMap<AgentId, AgentPresence>,
}

#[derive(Default)]
struct Call {
    number: String,
    queue: Option<QueueId>,
    entered: Option<Instant>,
    /// His place when he entered.
    place: usize,
    ringing: Option<Instant>,
    hold_s: u64,
    picked_up: bool,
}

impl<'a> QueueLog<'a> {
    /// With numbers masked, or whole.
    pub fn new(names: &'a Names, whole_numbers: bool) -> QueueLog<'a> {
        QueueLog { names, whole_numbers, calls: BTreeMap::new(), agents: BTreeMap::new() }
    }

    /// The line of an event, without its end; none for what that format does not know.
    pub fn line(&mut self, event: &ContactEvent) -> Option<String> {
        let at = event.at;
        match &event.what {
            What::ConfigLive { .. } => Some(self.row(at, None, None, None, "CONFIGRELOAD", &[])),
            // What he does (ringing, talking) is told by the calls.
            What::AgentState { agent, presence, reason, .. } => {
                let before = self.agents.insert(*agent, *presence).unwrap_or(AgentPresence::LoggedOut);
                let word = member(before, *presence)?;
                Some(self.row(at, None, None, Some(*agent), word, std::slice::from_ref(reason)))
            }
            _ => self.call_line(at, event.call?, &event.what),
        }
    }

    fn call_line(&mut self, at: Instant, id: CallId, what: &What) -> Option<String> {
        if let What::Queued { queue, .. } = what {
            let waits = |c: &&Call| c.queue == Some(*queue) && c.entered.is_some() && !c.picked_up;
            let place = self.calls.values().filter(waits).count() + 1;
            let call = self.calls.entry(id).or_default();
            (call.queue, call.entered, call.place) = (Some(*queue), Some(at), place);
            let data = [String::new(), call.number.clone(), place.to_string()];
            return Some(self.row(at, Some(id), Some(*queue), None, "ENTERQUEUE", &data));
        }
        let call = self.calls.entry(id).or_default();
        let (queue, s) = (call.queue, |from: Option<Instant>| from.map_or(0, |from| at.ms_since(from) / 1000));
        let (agent, word, data): (Option<AgentId>, &str, Vec<String>) = match what {
            What::Arrived { from, .. } => {
                call.number = if self.whole_numbers { from.raw.clone() } else { from.to_string() };
                return None;
            }
            What::Ringing { .. } => {
                call.ringing = Some(at);
                return None;
            }
            What::RingEnded { agent, end } => {
                let ms = call.ringing.take().map_or(0, |from| at.ms_since(from));
                let word = if *end == RingEnd::CallerLeft { "RINGCANCELED" } else { "RINGNOANSWER" };
                (Some(*agent), word, vec![ms.to_string()])
            }
            What::PickedUp { agent, .. } => {
                (call.hold_s, call.picked_up) = (s(call.entered), true);
                let ring = s(call.ringing.take());
                (Some(*agent), "CONNECT", vec![call.hold_s.to_string(), id.0.to_string(), ring.to_string()])
            }
            What::TalkEnded { agent, talk_ms, hung_up } => {
                let word = match hung_up {
                    HungUp::Caller => "COMPLETECALLER",
                    HungUp::Agent | HungUp::System => "COMPLETEAGENT",
                };
                (
                    Some(*agent),
                    word,
                    vec![call.hold_s.to_string(), (talk_ms / 1000).to_string(), call.place.to_string()],
                )
            }
            What::Ended { cause, .. } => {
                let call = self.calls.remove(&id)?;
                let entered = call.entered.filter(|_| !call.picked_up)?;
                let ahead = |c: &&Call| c.queue == call.queue && !c.picked_up && c.entered.is_some_and(|e| e < entered);
                let place = self.calls.values().filter(ahead).count() + 1;
                let wait = at.ms_since(entered) / 1000;
                let word = match cause {
                    Cause::AbandonedWaiting | Cause::AbandonedRinging => "ABANDON",
                    Cause::WaitedTooLong => "EXITWITHTIMEOUT",
                    _ => "WITHDRAW",
                };
                let data = [place.to_string(), call.place.to_string(), wait.to_string()];
                return Some(self.row(at, Some(id), call.queue, None, word, &data));
            }
            What::Answered
            | What::MenuEntered { .. }
            | What::MenuChoice { .. }
            | What::Served { .. }
            | What::HumanRequested { .. }
            | What::Queued { .. }
            | What::StepTaken { .. }
            | What::AgentIdAnnounced { .. }
            | What::Connected { .. }
            | What::Held { .. }
            | What::Retrieved { .. }
            | What::TransferStarted { .. }
            | What::TransferEnded { .. }
            | What::ConsultStarted { .. }
            | What::ConsultAnswered { .. }
            | What::ConsultEnded { .. }
            | What::Conferenced { .. }
            | What::VerifyStarted { .. }
            | What::VerifyEnded { .. }
            | What::AgentState { .. }
            | What::Disposed { .. }
            | What::ConfigLive { .. } => return None,
        };
        Some(self.row(at, Some(id), queue, agent, word, &data))
    }

    fn row(
        &self,
        at: Instant,
        call: Option<CallId>,
        queue: Option<QueueId>,
        agent: Option<AgentId>,
        word: &str,
        data: &[String],
    ) -> String {
        let none = || "NONE".to_owned();
        let call = call.map_or_else(none, |c| c.0.to_string());
        let queue = queue.map_or_else(none, |q| self.names.queue_name(Some(q)));
        let agent = agent.map_or_else(none, |a| self.names.agent_name(a));
        let mut row = vec![at.seconds().to_string(), call, queue, agent, word.to_owned()];
        row.extend(data.iter().cloned());
        // A bar or a line's end inside a name would be another field or another event.
        let row: Vec<String> = row.iter().map(|field| field.replace(['|', '\r', '\n'], "_")).collect();
        row.join("|")
    }
}

/// What a change of presence is called there.
fn member(before: AgentPresence, now: AgentPresence) -> Option<&'static str> {
    use AgentPresence::{LoggedOut, Ready};
    match (before, now) {
        (a, b) if a == b => None,
        (LoggedOut, _) => Some("ADDMEMBER"),
        (_, LoggedOut) => Some("REMOVEMEMBER"),
        (_, Ready) => Some("UNPAUSE"),
        (Ready, _) => Some("PAUSE"),
        (_, _) => None,
    }
}
