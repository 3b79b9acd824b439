//! Who hears whom is right in every state: a second table, written apart from the engine's.
use super::{Law, View};
use std::collections::BTreeSet;
use switchboard_engine::call::State;
use switchboard_engine::call::hearing::hearing;
use switchboard_media::Hears;
use switchboard_model::StreamId;

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
            let lines = hearing(&call.state, &call.body, view.config);
            let caller_stream = call.body.holdings.caller.stream;
            let agent_stream = call.body.holdings.agent.as_ref().map(|a| a.leg.stream);
            let second = call.body.holdings.second.as_ref().and_then(|s| s.leg.as_ref());
            let second_stream = second.map(|l| l.stream);
            let others = |of: StreamId| -> BTreeSet<StreamId> {
                let all = [Some(caller_stream), agent_stream, second_stream];
                all.into_iter().flatten().filter(|s| *s != of).collect()
            };
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
                    // While one holds us, less may be heard than the table says, never more.
                    (State::Held(_), Hears::Nothing) => true,
                    (State::Held(_), Hears::Music(_)) => is_caller,
                    (State::Transferring(_), Hears::Music(_)) => is_caller,
                    (State::Transferring(_), Hears::Nothing) => is_caller && held,
                    (State::Transferring(_), Hears::Ringing) => agent_stream == Some(line.stream),
                    // The conversation of the two is theirs (闭音).
                    (State::Consulting(_), Hears::Music(_)) => is_caller,
                    (State::Consulting(_), Hears::Ringing) => agent_stream == Some(line.stream),
                    (State::Consulting(_), Hears::Party(other)) => {
                        !is_caller && *other != caller_stream && *other != line.stream
                    }
                    (State::Consulting(_), Hears::Nothing) => true,
                    (State::Conferring(_), Hears::Mix(heard)) => {
                        let heard: BTreeSet<StreamId> = heard.iter().copied().collect();
                        heard.is_subset(&others(line.stream)) && (held || heard.len() == 2)
                    }
                    (State::Conferring(_), Hears::Nothing) => true,
                    // What he keys is between him and the back-end.
                    (State::Verifying(_), Hears::Prompts { .. }) => is_caller,
                    (State::Verifying(_), Hears::Nothing) => true,
                    (State::Outside(_), Hears::Party(other)) => others(line.stream).contains(other),
                    (State::Outside(_), Hears::Nothing) => true,
                    (State::Waiting(_) | State::Ringing(_), Hears::Music(_)) => is_caller,
                    // His place, or a last word.
                    (State::Waiting(_), Hears::Prompts { .. }) => is_caller,
                    (State::Menu(_), Hears::Prompts { .. } | Hears::Nothing) => is_caller,
                    (State::Arriving(_), Hears::Nothing) => is_caller,
                    (State::Greeting(_), Hears::Prompts { .. }) => true,
                    _ => false,
                };
                if !right {
                    return Err(format!(
                        "{id:?} in state {}: the {} hears {:?}",
                        call.state.name(),
                        if is_caller { "caller" } else { "other" },
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
