//! A new configuration that takes over from the live one: numbers keep their meaning, by name.
//!
//! ```text
//!   skills     same name, same number; new ones after them            agents   by agent ID; who is no more in the files keeps his
//!   queues     by name; one that is gone stays for those who wait              number and is given no call
//!   trunks     by name; one that is gone sends no new calls           reasons  by name
//! ```
//! What calls, records and events hold are numbers; this is what lets them go on. Does not compare (`preview` does) and moves nobody.
use crate::Config;
use crate::config::OutBy;
use std::collections::BTreeMap;
use switchboard_acd::ReasonRule;
use switchboard_model::{AgentId, Need, QueueId, SkillId, Skills, TrunkId};

/// Why a configuration cannot take over from the live one.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotFollow {
    /// A language is gone, and callers may be waiting in it.
    #[error("language {0} is served no more; callers may be waiting in it, so this needs a restart")]
    Language(String),
    /// The result cannot be laid out.
    #[error(transparent)]
    Layout(#[from] switchboard_acd::LayoutError),
}

impl Config {
    /// The same configuration, numbered so that it can take over from `live` while calls run.
    pub fn following(mut self, live: &Config) -> Result<Config, CannotFollow> {
        if let Some(gone) = live.languages.iter().find(|l| !self.languages.contains(l)) {
            return Err(CannotFollow::Language(gone.to_string()));
        }
        self.skills_follow(live);
        self.queues_follow(live);
        self.agents_follow(live);
        self.trunks_follow(live);
        self.reasons_follow(live);
        self.lay_out()?;
        Ok(self)
    }

    fn skills_follow(&mut self, live: &Config) {
        let mut names = live.skills.clone();
        let number: Vec<SkillId> = self
            .skills
            .iter()
            .map(|name| {
                let n = names.iter().position(|n| n == name).unwrap_or_else(|| {
                    names.push(name.clone());
                    names.len() - 1
                });
                SkillId(n as u16)
            })
            .collect();
        let moved = |id: SkillId| number[usize::from(id.0)];
        let need = |n: &mut Need| n.skill = moved(n.skill);
        for queue in &mut self.queues {
            queue.queue.needs.iter_mut().for_each(need);
            queue.queue.steps.iter_mut().flat_map(|s| &mut s.needs).for_each(need);
        }
        for agent in &mut self.agents {
            agent.skills = Skills(agent.skills.0.iter().map(|(id, level)| (moved(*id), *level)).collect());
            agent.lapses.iter_mut().for_each(|l| l.skill = moved(l.skill));
        }
        self.skills = names;
    }

    fn queues_follow(&mut self, live: &Config) {
        let new = std::mem::take(&mut self.queues);
        let mut by_name: BTreeMap<String, _> = new.iter().map(|q| (q.queue.name.clone(), q.clone())).collect();
        self.queues = live.queues.iter().map(|q| by_name.remove(&q.queue.name).unwrap_or_else(|| q.clone())).collect();
        self.queues.extend(new.into_iter().filter(|q| by_name.contains_key(&q.queue.name)));
        for (n, queue) in self.queues.iter_mut().enumerate() {
            queue.queue.id = QueueId(n as u16);
            // A waiting caller's step must exist on: steps may be added, and what is gone stays as the last one says.
            if let Some(old) = live.queues.get(n) {
                while queue.queue.steps.len() < old.queue.steps.len() {
                    let last = queue.queue.needs_at(queue.queue.steps.len()).to_vec();
                    let after = old.queue.steps[queue.queue.steps.len()].after;
                    let after = queue.queue.steps.last().map_or(after, |s| s.after.max(after));
                    queue.queue.steps.push(switchboard_acd::Step { after, needs: last });
                }
            }
        }
    }

    fn agents_follow(&mut self, live: &Config) {
        let new = std::mem::take(&mut self.agents);
        let mut by_id: BTreeMap<String, _> = new.iter().map(|a| (a.agent_id.clone(), a.clone())).collect();
        self.agents = live
            .agents
            .iter()
            .map(|old| {
                by_id.remove(&old.agent_id).unwrap_or_else(|| {
                    let mut gone = old.clone();
                    gone.gone = true;
                    gone.skills = Skills::default();
                    gone.lapses.clear();
                    gone
                })
            })
            .collect();
        self.agents.extend(new.into_iter().filter(|a| by_id.contains_key(&a.agent_id)));
        for (n, agent) in self.agents.iter_mut().enumerate() {
            agent.id = AgentId(n as u32);
        }
    }

    fn trunks_follow(&mut self, live: &Config) {
        let new = std::mem::take(&mut self.trunks);
        let names: Vec<String> = new.iter().map(|t| t.name.clone()).collect();
        let mut by_name: BTreeMap<String, _> = new.iter().map(|t| (t.name.clone(), t.clone())).collect();
        self.trunks = live
            .trunks
            .iter()
            .map(|old| {
                by_name.remove(&old.name).unwrap_or_else(|| {
                    let mut gone = old.clone();
                    gone.calls_max = 0;
                    gone
                })
            })
            .collect();
        self.trunks.extend(new.into_iter().filter(|t| by_name.contains_key(&t.name)));
        for (n, trunk) in self.trunks.iter_mut().enumerate() {
            trunk.id = TrunkId(n as u16);
        }
        if let Some(OutBy::Trunk(id)) = &mut self.outside.by {
            let name = names.get(usize::from(id.0));
            let now = self.trunks.iter().find(|t| Some(&t.name) == name);
            *id = now.expect("every trunk of the new configuration is there still").id;
        }
    }

    fn reasons_follow(&mut self, live: &Config) {
        let new = std::mem::take(&mut self.reasons);
        let old = |r: &ReasonRule| new.iter().find(|n| n.name == r.name).unwrap_or(r).clone();
        self.reasons = live.reasons.iter().map(old).collect();
        let known: Vec<String> = self.reasons.iter().map(|r| r.name.clone()).collect();
        self.reasons.extend(new.into_iter().filter(|r| !known.contains(&r.name)));
    }
}
