//! No agent has two calls, and no call two agents but where one brings another in; what the floor says of an agent is what the calls say.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_acd::Activity;
use switchboard_engine::call::State;
use switchboard_engine::holdings::Who;
use switchboard_model::AgentId;

/// One agent, one call.
#[derive(Default)]
pub struct Busy {
    taken: u64,
}

impl Law for Busy {
    fn name(&self) -> &'static str {
        "busy"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        let mut of: BTreeMap<AgentId, Part> = BTreeMap::new();
        for call in view.calls() {
            let (id, holdings, state) = (call.body.facts.id, &call.body.holdings, call.state.name());
            let agent = holdings.agent.as_ref().map(|a| (a.agent, Part::of_agent(&call.state)));
            let second = holdings.second.as_ref().and_then(|s| match s.who {
                Who::Agent { agent, turn: Some(_), .. } => {
                    let speaks = s.leg.as_ref().is_some_and(|l| l.negotiated.is_some());
                    Some((agent, if speaks { Part::Talks } else { Part::Rings }))
                }
                Who::Agent { turn: None, .. } | Who::Outside(_) => None,
            });
            for (agent, part) in agent.into_iter().chain(second) {
                self.taken += 1;
                if of.insert(agent, part).is_some() {
                    return Err(format!("{agent:?} is in two calls, or twice in one, one of them {id:?}"));
                }
                if part == Part::Nothing {
                    return Err(format!("{id:?} holds {agent:?} in state {state}"));
                }
            }
            let brings_in = matches!(call.state, State::Transferring(_) | State::Consulting(_) | State::Conferring(_));
            if holdings.agent.is_some() && holdings.second.is_some() && !brings_in {
                return Err(format!("{id:?} has two parties beside its caller in state {state}"));
            }
            if holdings.second.is_some() && !brings_in && !matches!(call.state, State::Outside(_)) {
                return Err(format!("{id:?} has a second party in state {state}"));
            }
        }
        if !view.standstill {
            return Ok(());
        }
        for agent in view.floor.each_agent() {
            let said = match agent.activity {
                Activity::Ringing { .. } => Some(Part::Rings),
                Activity::Talking { .. } => Some(Part::Talks),
                Activity::Idle | Activity::AfterCallWork { .. } => None,
            };
            let is = of.get(&agent.id).copied();
            if is != said {
                return Err(format!("the floor says {:?} of {:?}, and his call says {is:?}", agent.activity, agent.id));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}

/// What a call says of an agent in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    Rings,
    Talks,
    /// None should be there.
    Nothing,
}

impl Part {
    fn of_agent(state: &State) -> Part {
        match state {
            State::Ringing(_) => Part::Rings,
            State::Greeting(_)
            | State::Talking(_)
            | State::Held(_)
            | State::Transferring(_)
            | State::Consulting(_)
            | State::Conferring(_)
            | State::Verifying(_) => Part::Talks,
            State::Arriving(_)
            | State::Menu(_)
            | State::Waiting(_)
            | State::Outside(_)
            | State::Ending(_)
            | State::Over => Part::Nothing,
        }
    }
}
