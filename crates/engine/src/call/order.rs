//! What an agent may order while he has the caller to himself, talking or on hold: give him on, ask somebody, hang up.
//!
//! An order that cannot be carried out is refused in words and changes nothing. A caller who is sent to a queue is in it before
//! the agent is released, so that a queue that is full costs him nothing.
use super::consulting::Consulting;
use super::desk::{destination_of, lead, promote, release_agent};
use super::destination::named;
use super::ending::end;
use super::greeting::Greeting;
use super::held::Held;
use super::outside::Outside;
use super::talking::Talking;
use super::transferring::Transferring;
use super::verifying::Verifying;
use super::waiting::Waiting;
use super::{Body, State};
use crate::command::CallOrder;
use crate::config::planted;
use crate::effects::{Effects, Party};
use crate::holdings::AgentLeg;
use switchboard_model::{AgentId, Cause, Destination, HandEnd, Handing, HungUp, QueueId, What};

/// Carries it out; `stay` is the state in which it was given. `refer`: it came by the telephone's REFER.
pub fn order(queue: QueueId, act: CallOrder, refer: bool, stay: State, body: &mut Body, fx: &mut Effects<'_>) -> State {
    let agent = body.holdings.agent.as_ref().expect("who orders is there").agent;
    let refused = |why: String, stay: State, fx: &mut Effects<'_>| {
        fx.did(Err(why));
        stay
    };
    match act {
        CallOrder::Hold if matches!(stay, State::Held(_)) => {
            refused("the caller is on hold already".to_owned(), stay, fx)
        }
        CallOrder::Hold => {
            fx.did(Ok(()));
            Held::enter(queue, body, fx)
        }
        CallOrder::Transfer { to } => match lead(&to, agent, body, fx) {
            Err(why) => refused(why, stay, fx),
            Ok(Destination::Queue(next)) => to_queue(next, refer, stay, body, fx),
            Ok(whom) => match Transferring::enter(queue, whom, refer, body, fx) {
                Err(why) => refused(why, stay, fx),
                Ok(state) => {
                    stay.close(body, fx);
                    fx.did(Ok(()));
                    state
                }
            },
        },
        CallOrder::Consult { to } => match lead(&to, agent, body, fx) {
            Err(why) => refused(why, stay, fx),
            Ok(Destination::Queue(_)) => {
                refused("name a colleague or a number to consult, not a queue".to_owned(), stay, fx)
            }
            Ok(whom) => match Consulting::enter(queue, whom, body, fx) {
                Err(why) => refused(why, stay, fx),
                Ok(state) => {
                    stay.close(body, fx);
                    fx.did(Ok(()));
                    state
                }
            },
        },
        CallOrder::Verify => match Verifying::enter(queue, body, fx) {
            Err(why) => refused(why, stay, fx),
            Ok(state) => {
                stay.close(body, fx);
                fx.did(Ok(()));
                state
            }
        },
        CallOrder::HangUp => {
            fx.did(Ok(()));
            end(body, stay, Cause::AgentDone, None, fx)
        }
        act @ (CallOrder::Retrieve | CallOrder::Conference | CallOrder::Complete | CallOrder::Back) => {
            let why = format!("`{}` is of no use in state {}", act.name(), stay.name());
            refused(why, stay, fx)
        }
    }
}

/// Into a queue, with his history: the place is by when he first asked for a person.
fn to_queue(queue: QueueId, refer: bool, stay: State, body: &mut Body, fx: &mut Effects<'_>) -> State {
    let agent = body.holdings.agent.as_ref().expect("who orders is there").agent;
    let to = Destination::Queue(queue);
    if planted!(fx.config, LosesHistory) {
        body.facts.place = None;
    }
    let Ok(waiting) = Waiting::arrive(queue, body, fx) else {
        fx.did(Err(format!("queue `{}` is full", named(&to, fx.config))));
        return stay;
    };
    stay.close(body, fx);
    fx.did(Ok(()));
    fx.emit(What::TransferStarted { agent, to: to.clone(), how: Handing::Blind });
    if refer && let Some(dialog) = body.holdings.agent.as_ref().and_then(|a| a.leg.dialog) {
        fx.sip.tell_referrer(fx.now, dialog, 200);
    }
    release_agent(None, HungUp::Agent, body, fx);
    fx.emit(What::TransferEnded { agent, to, end: HandEnd::Done });
    waiting.begin(body, fx)
}

/// The caller has nobody any more and did not ask for that: back to his old place.
pub fn back_to_queue(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> State {
    assert!(body.holdings.agent.is_none() && body.holdings.second.is_none(), "{:?} still has somebody", fx.call);
    Waiting::enter(queue, body, fx)
}

/// Who takes over after a consultation or out of a conference; the agent is released. An agent becomes the call's agent.
pub fn hand_over(queue: QueueId, how: Handing, gone: Option<Party>, body: &mut Body, fx: &mut Effects<'_>) -> State {
    let agent = body.holdings.agent.as_ref().expect("who hands over is there").agent;
    let to = destination_of(&body.holdings.second.as_ref().expect("who takes over is there").who);
    fx.emit(What::TransferStarted { agent, to: to.clone(), how });
    release_agent(gone, HungUp::Agent, body, fx);
    taken_over(queue, agent, to, body, fx)
}

/// The second party has the caller from here on.
pub fn taken_over(queue: QueueId, by: AgentId, to: Destination, body: &mut Body, fx: &mut Effects<'_>) -> State {
    fx.emit(What::TransferEnded { agent: by, to, end: HandEnd::Done });
    match promote(body, fx) {
        // They have heard each other already, in a conference: nobody is announced again.
        Some(AgentLeg { connected: Some(_), .. }) => Talking::back(queue),
        Some(_) => Greeting::enter(queue, body, fx),
        None => Outside::enter(body, fx),
    }
}
