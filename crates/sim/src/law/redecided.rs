//! Who reads why a match was made, and is not told who was chosen, chooses the same agent.
use super::{Law, View};
use switchboard_model::AgentId;

/// The explanation explains.
#[derive(Default)]
pub struct Redecided {
    /// The match that was looked at last: whose, and his turn.
    seen: Option<(AgentId, u64)>,
    taken: u64,
}

impl Law for Redecided {
    fn name(&self) -> &'static str {
        "redecided"
    }

    fn sees_every_event(&self) -> bool {
        true
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        let Some(decision) = view.floor.last_decision() else { return Ok(()) };
        if self.seen.replace((decision.chosen, decision.turn)) == Some((decision.chosen, decision.turn)) {
            return Ok(());
        }
        let chosen = decision.chosen;
        // What is decided from is what a reader has: the candidates, without the answer.
        let mut blank = decision.clone();
        blank.chosen = AgentId(u32::MAX);
        self.taken += u64::from(blank.fit.len() > 1);
        match blank.again() {
            Some(again) if again == chosen => Ok(()),
            again => {
                Err(format!("{chosen} was chosen, and of the explanation's candidates it is {again:?}: {decision:?}"))
            }
        }
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
