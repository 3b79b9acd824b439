//! Who hears whom: a pure function of the call's state, one value for each call, newer replaces older.
//!
//! ```text
//!   state             caller hears                      agent hears
//!   Arriving          nothing                           –
//!   Menu              the menu's prompts, or nothing    –
//!   Waiting           the queue's music                 –
//!   Ringing           the queue's music                 –
//!   Greeting          the agent's ID                    the agent's ID
//!   Talking           the agent                         the caller
//!   Talking, held by
//!     the agent       the queue's music                 nothing
//!     the caller      nothing                           nothing
//!   Ending, Over      –                                 –
//! ```
//! "–": the stream is closed. A party that is not negotiated yet has no line.
use super::State;
use crate::Config;
use crate::config::planted;
use crate::holdings::{Holdings, Leg};
use switchboard_media::{Hears, StreamWish};

/// The lines of the wish for this state.
pub fn hearing(state: &State, holdings: &Holdings, config: &Config) -> Vec<StreamWish> {
    let music = |queue| Hears::Music(config.queue(queue).music);
    let (caller, agent) = match state {
        State::Arriving(_) => (Hears::Nothing, None),
        State::Menu(menu) => (menu.hears(), None),
        State::Waiting(waiting) => (music(waiting.queue()), None),
        State::Ringing(ringing) => (music(ringing.queue()), None),
        State::Greeting(greeting) => (greeting.hears(), Some(greeting.hears())),
        State::Talking(talking) => {
            let agent = holdings.agent.as_ref().expect("who talks has an agent");
            match (holdings.caller.holds_us(), agent.leg.holds_us()) {
                (false, false) if planted!(config, WrongSound) => (music(talking.queue()), Some(Hears::Nothing)),
                (false, false) => (Hears::Party(agent.leg.stream), Some(Hears::Party(holdings.caller.stream))),
                (false, true) => (music(talking.queue()), Some(Hears::Nothing)),
                (true, _) => (Hears::Nothing, Some(Hears::Nothing)),
            }
        }
        State::Ending(_) | State::Over => return vec![],
    };
    let caller = line(&holdings.caller, caller);
    let agent = agent.and_then(|hears| line(&holdings.agent.as_ref()?.leg, hears));
    caller.into_iter().chain(agent).collect()
}

fn line(leg: &Leg, hears: Hears) -> Option<StreamWish> {
    use switchboard_wire::sdp::Direction::{RecvOnly, SendOnly, SendRecv};
    let negotiated = leg.negotiated.as_ref()?;
    Some(StreamWish {
        stream: leg.stream,
        remote: negotiated.remote,
        codec: negotiated.codec,
        payload_type: negotiated.payload_type,
        telephone_event: negotiated.telephone_event,
        send: matches!(negotiated.direction, SendRecv | SendOnly),
        listen: matches!(negotiated.direction, SendRecv | RecvOnly),
        hears,
    })
}
