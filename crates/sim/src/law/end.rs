//! At the end of the world nobody is left: no call, no busy agent, no dialog at anybody's telephone, no place in the matcher.
use super::{Law, View};
use switchboard_acd::Activity;

/// Nobody is lost.
#[derive(Default)]
pub struct End {
    taken: u64,
}

impl Law for End {
    fn name(&self) -> &'static str {
        "end"
    }

    fn at_end(&mut self, view: &View<'_>) -> Result<(), String> {
        self.taken += 1;
        if let Some(call) = view.calls().next() {
            return Err(format!("{:?} is still {}", call.body.facts.id, call.state.name()));
        }
        if let Some(agent) = view.floor.each_agent().find(|a| a.activity != Activity::Idle) {
            return Err(format!("{:?} is still {:?}", agent.id, agent.activity));
        }
        if let Some(call) = view.people.unprovoked() {
            return Err(format!("{call:?} ended by an error of our own"));
        }
        if view.caught > view.people.provoked() {
            return Err(format!("{} errors of our own were caught, {} provoked", view.caught, view.people.provoked()));
        }
        match view.people.left_over() {
            Some(who) => Err(who),
            None => Ok(()),
        }
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
