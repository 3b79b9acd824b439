//! No agent has two calls; what the floor says of an agent is what the calls say.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_acd::Activity;
use switchboard_engine::call::State;
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
        let mut of: BTreeMap<AgentId, &'static str> = BTreeMap::new();
        for call in view.calls() {
            if let Some(agent) = &call.body.holdings.agent {
                self.taken += 1;
                if of.insert(agent.agent, call.state.name()).is_some() {
                    return Err(format!("{:?} is in two calls, one of them {:?}", agent.agent, call.body.facts.id));
                }
                if matches!(call.state, State::Menu(_) | State::Waiting(_) | State::Arriving(_)) {
                    return Err(format!(
                        "{:?} holds {:?} in state {}",
                        call.body.facts.id,
                        agent.agent,
                        call.state.name()
                    ));
                }
            }
        }
        if !view.standstill {
            return Ok(());
        }
        for agent in view.floor.each_agent() {
            let said = match agent.activity {
                Activity::Ringing { .. } => &["Ringing"][..],
                Activity::Talking { .. } => &["Greeting", "Talking"][..],
                Activity::Idle | Activity::AfterCallWork { .. } => &[][..],
            };
            let is = of.get(&agent.id).copied();
            if !is.map_or(said.is_empty(), |state| said.contains(&state)) {
                return Err(format!("the floor says {:?} of {:?}, and his call says {is:?}", agent.activity, agent.id));
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
