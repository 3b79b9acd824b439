//! Contact events, version 1: the log, the record, the API's stream and the tests' oracle are all this one type.
//!
//! States emit contact events only; every figure is a fold over them. The moments of a contact, and the event that bears each:
//!
//! ```text
//!   arrive    menu start    human_request   enqueue   ring[i]  agent_answer   agent_id_announced  connect     end      ACW end
//!   Arrived   MenuEntered   HumanRequested  Queued    Ringing  PickedUp       AgentIdAnnounced    Connected   Ended    AgentState
//! ```
//! The clock of every wait, unless a report says otherwise, runs from `HumanRequested` to `PickedUp`; a wait is
//! `ceil(ms / 1000)` seconds, so that "within X" is exact at whole seconds.
use crate::{AgentId, CallId, Cause, HungUp, Instant, Language, Number, QueueId, ShardId, TrunkId};
use serde::{Deserialize, Serialize};

/// One thing that happened to a contact or an agent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ContactEvent {
    /// Always 1 in this version; a change of meaning is a new number.
    pub v: u8,
    /// Who wrote it: a shard, or 0 for the floor.
    pub by: ShardId,
    /// Without gaps for each writer, from 1; goes on after a restart.
    pub seq: u64,
    /// When, in microseconds since 1970-01-01T00:00Z.
    pub at: Instant,
    /// Whose call; none for what concerns an agent only.
    pub call: Option<CallId>,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

impl ContactEvent {
    /// The version this program writes.
    pub const VERSION: u8 = 1;
}

/// How a caller came to ask for a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestedBy {
    /// He pressed a key.
    Key,
    /// He pressed nothing.
    NoInput,
    /// He pressed what is no choice, too often.
    NoMatch,
    /// A service of the menu failed and led to a person.
    ServiceFailed,
    /// The menu sends everybody to a person.
    Always,
}

/// How an agent's ringing ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingEnd {
    /// Three rings and no answer (RONA).
    NoAnswer,
    /// 603, or 4xx by a person's hand.
    Rejected,
    /// 486 or 600.
    Busy,
    /// No contact, 408, 480 or a transport failure.
    Unreachable,
    /// The device answered with what cannot be used.
    DeviceFault,
    /// The caller left while it rang.
    CallerLeft,
}

/// Whether an agent takes calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentPresence {
    /// 签出
    LoggedOut,
    /// 示闲
    Ready,
    /// 示忙, by his own or a supervisor's hand.
    NotReady,
    /// 示忙, because he let it ring.
    NotReadyRona,
    /// 示忙, because his telephone cannot be reached or failed.
    NotReadyDevice,
}

/// What an agent is doing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentActivity {
    /// 空闲
    Idle,
    /// 振铃
    Ringing,
    /// 通话
    Talking,
    /// 话后处理
    AfterCallWork,
}

/// One need of a caller's, and what came of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disposed {
    /// What he wanted, as the centre's list names it.
    pub topic: String,
    /// What came of it.
    pub outcome: String,
}

/// Where an agent sends a caller, or whom he asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// A colleague.
    Agent(AgentId),
    /// A queue.
    Queue(QueueId),
    /// A number outside.
    Outside(Number),
}

/// How a caller changes hands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handing {
    /// Without a word to the other.
    Blind,
    /// After a consultation.
    Attended,
    /// Out of a conference.
    Conference,
}

/// What came of a transfer or a consultation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandEnd {
    /// As it was meant.
    Done,
    /// Nobody answered.
    NoAnswer,
    /// The other refused.
    Rejected,
    /// The other is busy, or takes no calls.
    Busy,
    /// The other cannot be reached.
    Unreachable,
    /// The other's telephone answered with what cannot be used.
    DeviceFault,
    /// The agent took it back.
    Withdrawn,
    /// The caller left meanwhile.
    CallerLeft,
}

/// What came of a verification.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyEnd {
    /// He is who he says.
    Verified,
    /// What he keyed was not right.
    Refused,
    /// Not right too often, or the back-end lets nobody try any more.
    Locked,
    /// He keyed nothing.
    NoInput,
    /// The back-end did not answer.
    Down,
    /// The agent took him back.
    Withdrawn,
    /// The caller hung up.
    CallerLeft,
    /// The agent hung up, or his telephone was lost.
    AgentLeft,
}

/// What came of a self-service (自助业务).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServeEnd {
    /// He got what he asked for.
    Done,
    /// What he keyed was not right, too often.
    Refused,
    /// The back-end lets nobody try any more.
    Locked,
    /// He keyed nothing, too often.
    NoInput,
    /// The back-end did not answer, or not so that it could be said.
    Down,
    /// He hung up meanwhile.
    CallerLeft,
}

impl From<RingEnd> for HandEnd {
    fn from(end: RingEnd) -> HandEnd {
        match end {
            RingEnd::NoAnswer => HandEnd::NoAnswer,
            RingEnd::Rejected => HandEnd::Rejected,
            RingEnd::Busy => HandEnd::Busy,
            RingEnd::Unreachable => HandEnd::Unreachable,
            RingEnd::DeviceFault => HandEnd::DeviceFault,
            RingEnd::CallerLeft => HandEnd::CallerLeft,
        }
    }
}

/// What happened. One variant, one fact; a field is what a report needs of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// An INVITE from a trunk became a call.
    Arrived {
        /// By which trunk.
        trunk: TrunkId,
        /// The caller's number.
        from: Number,
        /// The dialled number.
        dialled: Number,
        /// The number that was dialled first, if the call has been diverted since (RFC 5806, RFC 7044).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        first_dialled: Option<Number>,
        /// The carrier's Call-ID.
        sip_call_id: String,
    },
    /// We answered (200 sent).
    Answered,
    /// A menu began.
    MenuEntered {
        /// Its name.
        menu: String,
        /// In this language.
        language: Language,
    },
    /// The caller made a choice in a menu.
    MenuChoice {
        /// In which menu.
        menu: String,
        /// The key's face.
        key: char,
    },
    /// Something was done for the caller in the menu without a person, or failed; nothing of what was keyed or said.
    Served {
        /// Which service.
        service: String,
        /// How it ended.
        end: ServeEnd,
    },
    /// The caller asked for a person: the default clock starts. Once for each call.
    HumanRequested {
        /// For which queue.
        queue: QueueId,
        /// How. Not written as `by`, which in the flat form is the writer.
        #[serde(rename = "requested_by")]
        by: RequestedBy,
    },
    /// He entered a queue. Again after a transfer, not after a ring without answer.
    Queued {
        /// Which.
        queue: QueueId,
        /// In this language.
        language: Language,
        /// The clock it keeps its place by: when he is taken to have come.
        since: Instant,
    },
    /// The next overflow step began.
    StepTaken {
        /// Of which queue.
        queue: QueueId,
        /// Which step, from 1.
        step: u8,
    },
    /// An agent's telephone is rung.
    Ringing {
        /// For which queue.
        queue: QueueId,
        /// Whose.
        agent: AgentId,
        /// The how-manieth agent for this caller, from 1.
        ring: u32,
    },
    /// The ringing ended without a conversation.
    RingEnded {
        /// Whose.
        agent: AgentId,
        /// How.
        end: RingEnd,
    },
    /// The agent picked up (接起): the default clock stops.
    PickedUp {
        /// For which queue.
        queue: QueueId,
        /// Who.
        agent: AgentId,
        /// From `HumanRequested` to here.
        wait_ms: u64,
    },
    /// The announcement of the agent's ID (报工号) began.
    AgentIdAnnounced {
        /// Whose.
        agent: AgentId,
    },
    /// Sound flows both ways.
    Connected {
        /// With whom.
        agent: AgentId,
    },
    /// The conversation with this agent ended.
    TalkEnded {
        /// With whom.
        agent: AgentId,
        /// From `Connected` to here.
        talk_ms: u64,
        /// Who hung up.
        hung_up: HungUp,
    },
    /// The agent put the caller on hold: he hears music.
    Held {
        /// Who.
        agent: AgentId,
    },
    /// They talk again.
    Retrieved {
        /// With whom.
        agent: AgentId,
        /// From `Held` to here.
        held_ms: u64,
    },
    /// The agent gives the caller on to somebody else.
    TransferStarted {
        /// Who gives.
        agent: AgentId,
        /// To whom.
        to: Destination,
        /// In which way.
        how: Handing,
    },
    /// What came of it. If nothing did, the caller is back with the agent or, if he has gone, in his old place.
    TransferEnded {
        /// Who gave.
        agent: AgentId,
        /// To whom.
        to: Destination,
        /// How it ended.
        end: HandEnd,
    },
    /// The agent asks somebody else for advice; the caller hears music.
    ConsultStarted {
        /// Who asks.
        agent: AgentId,
        /// Whom.
        with: Destination,
    },
    /// The one asked picked up.
    ConsultAnswered {
        /// Who asks.
        agent: AgentId,
        /// Whom.
        with: Destination,
    },
    /// They have spoken, or were not able to.
    ConsultEnded {
        /// Who asked.
        agent: AgentId,
        /// Whom.
        with: Destination,
        /// From `ConsultAnswered` to here; 0 if nobody answered.
        consult_ms: u64,
        /// How it ended; `done` if they spoke.
        end: HandEnd,
    },
    /// The agent has sent the caller to prove who he is, and keeps him (转IVR验密).
    VerifyStarted {
        /// Who.
        agent: AgentId,
    },
    /// What came of it; nothing of what was keyed.
    VerifyEnded {
        /// Who.
        agent: AgentId,
        /// How.
        end: VerifyEnd,
    },
    /// Caller, agent and the one asked hear each other.
    Conferenced {
        /// The agent.
        agent: AgentId,
        /// The third.
        with: Destination,
    },
    /// The call is over. The last event of every call.
    Ended {
        /// Why.
        cause: Cause,
        /// The queue he was last in, if any.
        queue: Option<QueueId>,
        /// From `HumanRequested` to pick-up or to here; none if he never asked.
        wait_ms: Option<u64>,
    },
    /// An agent's state changed.
    AgentState {
        /// Whose.
        agent: AgentId,
        /// Whether he takes calls.
        presence: AgentPresence,
        /// What he is doing.
        activity: AgentActivity,
        /// Why, in a word: `registered`, `rona`, `command`, `recovered` …
        reason: String,
    },
    /// An agent said what a call was about and what came of it. The floor's word, often after the call's last event.
    Disposed {
        /// Who.
        agent: AgentId,
        /// Of which call.
        of_call: CallId,
        /// One need of the caller's or more.
        needs: Vec<Disposed>,
    },
    /// A configuration went live.
    ConfigLive {
        /// The hash of its text.
        hash: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_flat_json_object_and_comes_back() {
        let event = ContactEvent {
            v: ContactEvent::VERSION,
            by: ShardId(1),
            seq: 7,
            at: Instant::from_millis(1_800_000_000_000),
            call: Some(CallId::new(ShardId(1), 3)),
            what: What::Ended { cause: Cause::CallerDone, queue: Some(QueueId(2)), wait_ms: Some(1200) },
        };
        let json = serde_json::to_string(&event).expect("plain data");
        assert!(json.contains(r#""what":"ended""#) && json.contains(r#""cause":"caller_done""#), "{json}");
        assert_eq!(serde_json::from_str::<ContactEvent>(&json).expect("what we wrote"), event);
    }

    #[test]
    fn no_field_of_what_hides_one_of_the_event() {
        let (queue, agent, menu) = (QueueId(2), AgentId(4), "main".to_owned());
        let since = Instant::from_millis(1);
        let (trunk, dialled, sip_call_id) = (crate::TrunkId(1), Number::default(), "a@b".to_owned());
        for what in [
            What::Arrived { trunk, from: Number::default(), dialled, first_dialled: None, sip_call_id },
            What::MenuEntered { menu: menu.clone(), language: Language::Mandarin },
            What::MenuChoice { menu, key: '0' },
            What::HumanRequested { queue, by: RequestedBy::Key },
            What::Queued { queue, language: Language::Cantonese, since },
            What::StepTaken { queue, step: 1 },
            What::Ringing { queue, agent, ring: 1 },
            What::RingEnded { agent, end: RingEnd::NoAnswer },
            What::PickedUp { queue, agent, wait_ms: 7 },
            What::TalkEnded { agent, talk_ms: 8, hung_up: HungUp::Agent },
            What::AgentState {
                agent,
                presence: AgentPresence::Ready,
                activity: AgentActivity::Idle,
                reason: "command".to_owned(),
            },
            What::Disposed {
                agent,
                of_call: CallId::new(ShardId(1), 3),
                needs: vec![Disposed { topic: "card.loss".to_owned(), outcome: "blocked".to_owned() }],
            },
            What::ConfigLive { hash: "0a".to_owned() },
            What::Retrieved { agent, held_ms: 9 },
            What::TransferStarted { agent, to: Destination::Queue(queue), how: Handing::Blind },
            What::TransferEnded { agent, to: Destination::Agent(agent), end: HandEnd::Busy },
            What::ConsultEnded {
                agent,
                with: Destination::Outside(Number::default()),
                consult_ms: 7,
                end: HandEnd::Done,
            },
        ] {
            let event = ContactEvent { v: ContactEvent::VERSION, by: ShardId(1), seq: 7, at: since, call: None, what };
            let json = serde_json::to_string(&event).expect("plain data");
            assert_eq!(serde_json::from_str::<ContactEvent>(&json).expect("what we wrote"), event, "{json}");
        }
    }
}
