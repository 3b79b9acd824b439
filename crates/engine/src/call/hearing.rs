//! Who hears whom: a pure function of the call's state, one value for each call, newer replaces older.
//!
//! ```text
//!   state             caller hears                      agent hears            the second hears
//!   Arriving          nothing                           –                      –
//!   Menu              the menu's or its service's, or   –                      –
//!                     nothing
//!   Waiting           the queue's music, or a word      –                      –
//!   Ringing           the queue's music                 –                      –
//!   Greeting          the agent's ID                    the agent's ID         –
//!   Talking           the agent                         the caller             –
//!   Talking, held by
//!     the agent       the queue's music                 nothing                –
//!     the caller      nothing                           nothing                –
//!   Held              the queue's music                 nothing                –
//!   Transferring      the queue's music                 the ringing tone       –
//!   Consulting,
//!     while it rings  the queue's music                 the ringing tone       –
//!     when they speak the queue's music                 the second             the agent
//!   Conferring        agent + second                    caller + second        caller + agent
//!   Verifying         the questions, or nothing         nothing                –
//!   Outside           the second                        –                      the caller
//!   Ending, Over      –                                 –                      –
//! ```
//! In the states from Held on, a party that has us on hold hears nothing, and in a conference is not heard.
//! "–": the stream is closed. A party that is not negotiated yet has no line.
use super::{Body, State};
use crate::Config;
use crate::config::planted;
use crate::holdings::Leg;
use switchboard_media::{Hears, StreamWish};

/// The lines of the wish for this state.
pub fn hearing(state: &State, body: &Body, config: &Config) -> Vec<StreamWish> {
    let (holdings, language) = (&body.holdings, body.facts.language);
    let music = |queue| Hears::Music(config.queue(queue).music);
    let caller = &holdings.caller;
    let agent = holdings.agent.as_ref().map(|a| &a.leg);
    let second = holdings.second.as_ref().and_then(|s| s.leg.as_ref());
    let (caller_hears, agent_hears, second_hears) = match state {
        State::Arriving(_) => (Hears::Nothing, None, None),
        State::Menu(menu) => (menu.hears(language, config), None, None),
        State::Waiting(waiting) => (waiting.hears().unwrap_or_else(|| music(waiting.queue())), None, None),
        State::Ringing(ringing) => (music(ringing.queue()), None, None),
        State::Greeting(greeting) => (greeting.hears(), Some(greeting.hears()), None),
        State::Talking(talking) => {
            let agent = agent.expect("who talks has an agent");
            let (caller, agent) = match (caller.holds_us(), agent.holds_us()) {
                (false, false) if planted!(config, WrongSound) => (music(talking.queue()), Hears::Nothing),
                (false, false) => (Hears::Party(agent.stream), Hears::Party(caller.stream)),
                (false, true) => (music(talking.queue()), Hears::Nothing),
                (true, _) => (Hears::Nothing, Hears::Nothing),
            };
            (caller, Some(agent), None)
        }
        State::Held(held) => (unless_held(caller, music(held.queue())), Some(Hears::Nothing), None),
        State::Transferring(transferring) => {
            (unless_held(caller, music(transferring.queue())), Some(Hears::Ringing), None)
        }
        State::Consulting(consulting) => {
            let music = unless_held(caller, music(consulting.queue()));
            let agent = agent.expect("who consults is there");
            match second.filter(|_| consulting.speaks()) {
                None => (music, Some(Hears::Ringing), None),
                Some(second) => {
                    let listens_in = planted!(config, ListensIn);
                    let caller = if listens_in { Hears::Party(second.stream) } else { music };
                    (
                        caller,
                        Some(unless_held(agent, Hears::Party(second.stream))),
                        Some(unless_held(second, Hears::Party(agent.stream))),
                    )
                }
            }
        }
        State::Conferring(_) => {
            let (agent, second) = (agent.expect("three are there"), second.expect("three are there"));
            let others = |of: &Leg| {
                let echo = planted!(config, EchoesCaller) && of.stream == caller.stream;
                let heard =
                    [caller, agent, second].into_iter().filter(|l| (l.stream != of.stream || echo) && !l.holds_us());
                unless_held(of, Hears::Mix(heard.map(|l| l.stream).collect()))
            };
            (others(caller), Some(others(agent)), Some(others(second)))
        }
        State::Verifying(_) if planted!(config, HearsPin) => (Hears::Nothing, Some(Hears::Party(caller.stream)), None),
        State::Verifying(verifying) => (verifying.hears(language, config), Some(Hears::Nothing), None),
        State::Outside(_) => {
            let second = second.expect("who was given on talks to somebody");
            let caller_hears = unless_held(caller, Hears::Party(second.stream));
            (caller_hears, None, Some(unless_held(second, Hears::Party(caller.stream))))
        }
        State::Ending(_) | State::Over => return vec![],
    };
    let caller = line(caller, caller_hears);
    let agent = agent_hears.and_then(|hears| line(agent?, hears));
    let second = second_hears.and_then(|hears| line(second?, hears));
    caller.into_iter().chain(agent).chain(second).collect()
}

/// Who has us on hold hears nothing, whatever the state has for him.
fn unless_held(leg: &Leg, hears: Hears) -> Hears {
    if leg.holds_us() { Hears::Nothing } else { hears }
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
