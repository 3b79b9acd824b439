//! Why the last matches were made: who was at rest when each was made, and how well each of them fitted.
//!
//! Bounded: [`KEPT`] matches, [`LOOKED_AT`] agents each. It is for who asks, so it is no record and is empty after a restart.
use crate::config::Config;
use crate::explain::{Candidate, Decision};
use std::collections::VecDeque;
use switchboard_acd::Agent;
use switchboard_matcher::Match;
use switchboard_model::{AgentId, CallId, Instant};

/// Matches that are kept: some minutes of a busy centre.
pub(super) const KEPT: usize = 512;
/// Agents written down for one match, those of the smallest keys; how many more there were is counted.
pub(super) const LOOKED_AT: usize = 32;

/// The last matches.
#[derive(Default)]
pub(super) struct Decisions {
    kept: VecDeque<Decision>,
}

impl Decisions {
    /// A match was made, and he who was chosen still rests.
    pub(super) fn note<'a>(
        &mut self,
        made: Instant,
        config: &Config,
        there: impl Iterator<Item = &'a Agent>,
        chosen: AgentId,
        met: &Match,
    ) {
        let (line, step) = config.layout.line_of_class(met.class);
        let Some((queue, language)) = config.layout.queue_of(line) else { return };
        let mut resting: Vec<&Agent> = there.collect();
        resting.sort_unstable_by_key(|a| (a.id != chosen, a.idle_key));
        let turn = 1 + resting.first().expect("he who was chosen is there").turn;
        let not_shown = resting.len().saturating_sub(LOOKED_AT);
        resting.truncate(LOOKED_AT);
        let rank_of = |id| config.layout.profile(id).and_then(|p| config.layout.rank(line, step, p));
        let mut fit = vec![];
        let mut why_not = vec![];
        for agent in resting {
            let agent_id = config.agent(agent.id).agent_id.clone();
            match rank_of(agent.id) {
                Some(rank) => fit.push(Candidate { agent: agent.id, agent_id, rank, key: agent.idle_key }),
                None => why_not.push(crate::explain::lacking(config, agent.id, line, step)),
            }
        }
        fit.sort_by_key(|c| (c.rank, c.key));
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Decision {
            at: made,
            queue,
            language,
            step,
            turn,
            call: None,
            chosen,
            fit,
            why_not,
            not_shown,
        });
    }

    /// Now it is known whose match that was.
    pub(super) fn picked_up(&mut self, agent: AgentId, turn: u64, call: CallId) {
        if let Some(decision) = self.kept.iter_mut().rev().find(|d| d.chosen == agent && d.turn == turn) {
            decision.call = Some(call);
        }
    }

    /// The last match of all.
    pub(super) fn last(&self) -> Option<&Decision> {
        self.kept.back()
    }

    /// The last match of a call that was picked up.
    pub(super) fn of(&self, call: CallId) -> Option<&Decision> {
        self.kept.iter().rev().find(|d| d.call == Some(call))
    }
}
