//! A call: one state at a time, one file a state.
//!
//! ```text
//!   Arriving ─ACK─► Menu ─► Waiting ◄──────────┐ no answer: the old place
//!                    │         │ matched       │
//!                    │         ▼               │
//!                    │      Ringing ───────────┘
//!                    │         │ picked up
//!                    │         ▼
//!                    │      Greeting ─► Talking ⇄ Held, Transferring, Verifying, Consulting ─► Conferring
//!                    │         │           │                └─ to a number outside ─► Outside
//!                    └────► Ending ◄───────┘        only while a match is on its way to a call that is over
//! ```
//! A state never grows a neighbour's business. What both legs have in common (re-INVITE, lost parties) is in `legs`, who hears
//! whom is a function of the state in `hearing`, and what is held is freed in `ending`.
mod arriving;
mod conferring;
mod consulting;
pub mod desk;
pub mod destination;
mod dial;
mod ending;
mod greeting;
pub mod hearing;
mod held;
mod legs;
mod menu;
mod order;
mod outside;
mod ringing;
mod serving;
mod talking;
mod told;
mod transferring;
mod user_to_user;
pub mod verify;
mod verifying;
mod waiting;
mod way_out;

pub use arriving::{Arriving, Newcomer};
pub use conferring::Conferring;
pub use consulting::Consulting;
pub use desk::DeskEvent;
pub use ending::{Ending, free};
pub use greeting::Greeting;
pub use held::Held;
pub use menu::InMenu;
pub use outside::Outside;
pub use ringing::Ringing;
pub use talking::Talking;
pub use told::Told;
pub use transferring::Transferring;
pub use verify::Verified;
pub use verifying::Verifying;
pub use waiting::Waiting;

use crate::effects::{Effects, Party};
use crate::holdings::{Holdings, Who};
use crate::input::Matched;
use crate::lookup::Answer;
use crate::output::{Arrow, Output};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use switchboard_media::{StreamWish, Wish};
use switchboard_model::{
    AgentId, CallId, Cause, Destination, Digit, HandEnd, Instant, Language, Number, QueueId, StreamId, TrunkId,
    VerifyEnd,
};
use switchboard_sip::EndedWhy;

/// A call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Call {
    /// What is true of it in every state.
    pub body: Body,
    /// Where it stands.
    pub state: State,
    wish_version: u32,
    /// What the media thread was last told; derived from the state.
    #[serde(skip)]
    last_wish: Vec<StreamWish>,
}

/// What is true of a call in every state.
#[derive(Debug, Serialize, Deserialize)]
pub struct Body {
    /// Its history, as far as later events need it.
    pub facts: Facts,
    /// What it must give back.
    pub holdings: Holdings,
}

/// A call's history.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Facts {
    /// Which call.
    pub id: CallId,
    /// By which trunk.
    pub trunk: TrunkId,
    /// The caller's number.
    pub from: Number,
    /// Whether he wants it kept from those he calls.
    pub withheld: bool,
    /// The dialled number.
    pub dialled: Number,
    /// The number that was dialled first, if the call has been diverted since.
    pub first_dialled: Option<Number>,
    /// When the INVITE came.
    pub arrived: Instant,
    /// When we answered.
    pub answered: Option<Instant>,
    /// When he first asked for a person.
    pub human_request: Option<Instant>,
    /// The queue he is or was last in.
    pub queue: Option<QueueId>,
    /// The language he is served in.
    pub language: Language,
    /// The menu he is or was last in.
    pub menu: String,
    /// From the request to the pick-up.
    pub waited_ms: Option<u64>,
    /// Whom a back-end has found him to be, in this call.
    pub verified: Option<Verified>,
    /// He has failed too often to be asked once more in this call.
    pub verify_locked: bool,
    /// His place in whatever queue: by when he first came into one.
    pub place: Option<u64>,
    /// What he has been told while he waited.
    pub told: Told,
    /// How many agents were rung.
    pub rings: u32,
    /// What is left of its Max-Forwards, for calls on its behalf (RFC 3261 §16.6).
    pub max_forwards: u8,
}

impl Facts {
    /// The wait by the default clock, at its end or now; none if he never asked.
    pub fn wait_ms(&self, now: Instant) -> Option<u64> {
        self.waited_ms.or(self.human_request.map(|at| now.ms_since(at)))
    }
}

/// Where a call stands.
#[derive(Debug, Serialize, Deserialize)]
pub enum State {
    /// Answered, not yet acknowledged.
    Arriving(Arriving),
    /// In the menus.
    Menu(InMenu),
    /// In a queue.
    Waiting(Waiting),
    /// An agent's telephone rings for him.
    Ringing(Ringing),
    /// The agent's ID is announced.
    Greeting(Greeting),
    /// Caller and agent talk.
    Talking(Talking),
    /// The caller is on hold.
    Held(Held),
    /// The caller is being given on.
    Transferring(Transferring),
    /// The agent asks somebody, and the caller hears music.
    Consulting(Consulting),
    /// Three talk.
    Conferring(Conferring),
    /// The agent has sent the caller to prove who he is.
    Verifying(Verifying),
    /// The caller talks to a number outside.
    Outside(Outside),
    /// Over, but a match is on its way.
    Ending(Ending),
    /// Over; the shard forgets it.
    Over,
}

impl State {
    /// Its name, the same in code, log and board.
    pub fn name(&self) -> &'static str {
        match self {
            State::Arriving(_) => "Arriving",
            State::Menu(_) => "Menu",
            State::Waiting(_) => "Waiting",
            State::Ringing(_) => "Ringing",
            State::Greeting(_) => "Greeting",
            State::Talking(_) => "Talking",
            State::Held(_) => "Held",
            State::Transferring(_) => "Transferring",
            State::Consulting(_) => "Consulting",
            State::Conferring(_) => "Conferring",
            State::Verifying(_) => "Verifying",
            State::Outside(_) => "Outside",
            State::Ending(_) => "Ending",
            State::Over => "Over",
        }
    }
}

impl State {
    /// What was begun in it is told to be over; for those that something is begun in.
    pub(crate) fn close(&self, body: &Body, fx: &mut Effects<'_>) {
        match self {
            State::Menu(menu) => menu.close(fx),
            State::Held(held) => held.close(body, fx),
            State::Transferring(transferring) => transferring.close(fx),
            State::Consulting(consulting) => consulting.close(HandEnd::CallerLeft, body, fx),
            State::Verifying(verifying) => verifying.close(VerifyEnd::CallerLeft, body, fx),
            State::Arriving(_)
            | State::Waiting(_)
            | State::Ringing(_)
            | State::Greeting(_)
            | State::Talking(_)
            | State::Conferring(_)
            | State::Outside(_)
            | State::Ending(_)
            | State::Over => {}
        }
    }

    /// Whether the caller stays when the agent's telephone is lost: he has not been talking to it, and somebody else will.
    fn outlives_agent(&self) -> bool {
        matches!(self, State::Transferring(_) | State::Consulting(_) | State::Conferring(_) | State::Verifying(_))
    }
}

/// One thing that happened to a call.
#[derive(Debug)]
pub enum CallEvent {
    /// The caller acknowledged our answer.
    Acked {
        /// His answer to our offer, if his INVITE had none.
        sdp: Option<Bytes>,
    },
    /// The caller gave up before our answer.
    Cancelled,
    /// A party's dialog is gone.
    Gone(Party, EndedWhy),
    /// A party wants to change its session.
    Reoffer(Party, Option<Bytes>),
    /// A party answered our re-INVITE.
    ReofferAnswered(Party, Option<Bytes>),
    /// A party pressed a key.
    Digit(Party, Digit),
    /// What was to be played has been played.
    PromptsDone(Party, u32),
    /// Nothing was heard of a party for a while.
    Silent(Party),
    /// An agent was found.
    Matched(Matched),
    /// The agent's telephone says something provisional.
    AgentProgress(u16),
    /// The agent picked up.
    AgentAnswered(Option<Bytes>),
    /// The agent's telephone refused.
    AgentRefused(u16),
    /// A back-end answered this question.
    LookedUp(u32, Answer),
    /// Something happened at the desk of its agent.
    Desk(DeskEvent),
    /// `deadline` has come.
    Timeout,
    /// It is to end now, for this reason.
    End(Cause),
}

impl Call {
    /// A call in its first state.
    pub fn new(body: Body, state: State) -> Self {
        Call { body, state, wish_version: 0, last_wish: vec![] }
    }

    /// Takes one event. A panic in here is caught by the shard, which then frees `body.holdings`.
    pub fn handle(&mut self, event: CallEvent, fx: &mut Effects<'_>) {
        let before = self.state.name();
        let state = std::mem::replace(&mut self.state, State::Over);
        let event = match legs::common(event, state.outlives_agent(), &mut self.body, fx) {
            legs::Common::Done => {
                self.state = state;
                return;
            }
            legs::Common::Lost(cause, gone) => {
                self.state = ending::end(&mut self.body, state, cause, Some(gone), fx);
                self.show_arrow(before, fx);
                return;
            }
            legs::Common::TheStates(event) => event,
        };
        #[cfg(feature = "mutants")]
        fx.config.faults.maybe_panic(&event);
        self.state = match (state, event) {
            (state, CallEvent::End(cause)) => ending::end(&mut self.body, state, cause, None, fx),
            (State::Arriving(s), event) => s.on(event, &mut self.body, fx),
            (State::Menu(s), event) => s.on(event, &mut self.body, fx),
            (State::Waiting(s), event) => s.on(event, &mut self.body, fx),
            (State::Ringing(s), event) => s.on(event, &mut self.body, fx),
            (State::Greeting(s), event) => s.on(event, &mut self.body, fx),
            (State::Talking(s), event) => s.on(event, &mut self.body, fx),
            (State::Held(s), event) => s.on(event, &mut self.body, fx),
            (State::Transferring(s), event) => s.on(event, &mut self.body, fx),
            (State::Consulting(s), event) => s.on(event, &mut self.body, fx),
            (State::Conferring(s), event) => s.on(event, &mut self.body, fx),
            (State::Verifying(s), event) => s.on(event, &mut self.body, fx),
            (State::Outside(s), event) => s.on(event, &mut self.body, fx),
            (State::Ending(s), event) => s.on(event, &mut self.body, fx),
            (State::Over, _) => State::Over,
        };
        self.show_arrow(before, fx);
    }

    fn show_arrow(&self, before: &'static str, fx: &mut Effects<'_>) {
        let after = self.state.name();
        if before != after {
            let detail = self.detail(fx.now);
            fx.out.push_back(Output::Arrow(Arrow { call: fx.call, from: before, to: after, detail }));
        }
    }

    fn detail(&self, now: Instant) -> String {
        let mut words = vec![];
        if let Some(agent) = &self.body.holdings.agent {
            words.push(format!("agent={}", agent.agent));
        }
        if let Some(queue) = self.body.facts.queue {
            words.push(format!("queue={queue}"));
        }
        if let Some(ms) = self.body.facts.wait_ms(now) {
            words.push(format!("waited_ms={ms}"));
        }
        words.join(" ")
    }

    /// When it wants `CallEvent::Timeout`.
    pub fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Arriving(s) => s.deadline(),
            State::Talking(_) | State::Conferring(_) | State::Outside(_) | State::Over => None,
            State::Held(s) => Some(s.deadline()),
            State::Transferring(s) => Some(s.deadline()),
            State::Consulting(s) => Some(s.deadline()),
            State::Verifying(s) => Some(s.deadline()),
            State::Menu(s) => s.deadline(),
            State::Waiting(s) => Some(s.deadline()),
            State::Ringing(s) => Some(s.deadline()),
            State::Greeting(s) => Some(s.deadline()),
            State::Ending(s) => Some(s.deadline()),
        }
    }

    /// The wish, if it differs from what the media thread was last told.
    pub fn new_wish(&mut self, config: &crate::Config) -> Option<Wish> {
        let streams = hearing::hearing(&self.state, &self.body, config);
        if streams == self.last_wish {
            return None;
        }
        self.last_wish = streams;
        self.wish_version += 1;
        Some(self.wish_again())
    }

    /// The last wish once more, for a media thread that starts again.
    pub fn wish_again(&self) -> Wish {
        Wish { call: self.body.facts.id, version: self.wish_version, streams: self.last_wish.clone() }
    }

    /// After a restart: what the media thread was last told follows from the state.
    pub fn derive_wish(&mut self, config: &crate::Config) {
        self.last_wish = hearing::hearing(&self.state, &self.body, config);
    }

    /// A copy whose place has forgotten its overflow step.
    #[cfg(feature = "mutants")]
    pub(crate) fn without_step(&self) -> Call {
        let whole = switchboard_model::RecordKey { kind: switchboard_model::RecordKind::Call, id: 0 };
        let mut copy: Call = switchboard_model::Record::write(whole, 5, self).read(5).expect("what was just written");
        if let Some(entry) = &mut copy.body.holdings.entry {
            entry.step = 0;
        }
        copy
    }

    /// Who is in it besides the caller.
    pub fn with(&self) -> Vec<Destination> {
        let holdings = &self.body.holdings;
        let agent = holdings.agent.as_ref().map(|a| Destination::Agent(a.agent));
        agent.into_iter().chain(holdings.second.as_ref().map(|s| desk::destination_of(&s.who))).collect()
    }

    /// As whom this agent is in the call, if he is.
    pub fn party_of_agent(&self, agent: AgentId) -> Option<Party> {
        let holdings = &self.body.holdings;
        if holdings.agent.as_ref().is_some_and(|a| a.agent == agent) {
            return Some(Party::Agent);
        }
        let second = holdings.second.as_ref().map(|s| &s.who);
        matches!(second, Some(Who::Agent { agent: a, .. }) if *a == agent).then_some(Party::Second)
    }

    /// Whose stream this is, if it is one of ours and not an earlier lending.
    pub fn party_of(&self, stream: StreamId) -> Option<Party> {
        let holdings = &self.body.holdings;
        if holdings.caller.stream == stream {
            return Some(Party::Caller);
        }
        let agent = holdings.agent.as_ref().filter(|a| a.leg.stream == stream).map(|_| Party::Agent);
        let second = holdings.second.as_ref().and_then(|s| s.leg.as_ref()).filter(|l| l.stream == stream);
        agent.or(second.map(|_| Party::Second))
    }
}
