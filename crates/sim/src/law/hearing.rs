//! Who hears whom is right in every state: a second table, written apart from the engine's.
use super::{Law, View};
use switchboard_engine::call::State;
use switchboard_engine::call::hearing::hearing;
use switchboard_media::Hears;

/// The supervisor's table.
#[derive(Default)]
pub struct Hearing {
    taken: u64,
}

impl Law for Hearing {
    fn name(&self) -> &'static str {
        "hearing"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        for call in view.calls() {
            let id = call.body.facts.id;
            let lines = hearing(&call.state, &call.body.holdings, view.config);
            let caller_stream = call.body.holdings.caller.stream;
            let agent_stream = call.body.holdings.agent.as_ref().map(|a| a.leg.stream);
            for line in &lines {
                self.taken += 1;
                let is_caller = line.stream == caller_stream;
                let held = call.body.holdings.caller.holds_us()
                    || call.body.holdings.agent.as_ref().is_some_and(|a| a.leg.holds_us());
                let right = match (&call.state, &line.hears) {
                    (State::Talking(_), Hears::Party(other)) => {
                        !held && (if is_caller { agent_stream == Some(*other) } else { *other == caller_stream })
                    }
                    (State::Talking(_), Hears::Nothing) => held,
                    (State::Talking(_), Hears::Music(_)) => held && is_caller,
                    (State::Waiting(_) | State::Ringing(_), Hears::Music(_)) => is_caller,
                    (State::Menu(_), Hears::Prompts { .. } | Hears::Nothing) => is_caller,
                    (State::Arriving(_), Hears::Nothing) => is_caller,
                    (State::Greeting(_), Hears::Prompts { .. }) => true,
                    _ => false,
                };
                if !right {
                    return Err(format!(
                        "{id:?} in state {}: the {} hears {:?}",
                        call.state.name(),
                        if is_caller { "caller" } else { "agent" },
                        line.hears
                    ));
                }
            }
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
