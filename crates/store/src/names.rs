//! What the numbers of queues, agents and trunks are called, written beside the record at every start.
use crate::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use switchboard_model::{AgentId, QueueId, TrunkId};

/// `names.json`: numbers are the configuration's and may mean something else next year; names are what is written down.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// Queues.
    pub queues: BTreeMap<QueueId, String>,
    /// Agents, by their agent ID (工号).
    pub agents: BTreeMap<AgentId, String>,
    /// Trunks.
    pub trunks: BTreeMap<TrunkId, String>,
    /// Each agent's team.
    pub teams: BTreeMap<AgentId, String>,
    /// The skills that each queue asks of an agent.
    pub skills: BTreeMap<QueueId, Vec<String>>,
    /// "Y % within X", as the configuration wants it of each queue.
    pub targets: BTreeMap<QueueId, Target>,
}

/// What a queue is to reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Target {
    /// X, in seconds.
    pub x_s: u32,
    /// Y, in percent, 1 to 100.
    pub y_percent: u32,
}

impl Names {
    /// Reads the folder's names; none if they were never written.
    pub fn read(dir: &Path) -> Result<Names, StoreError> {
        let path = dir.join("names.json");
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|source| StoreError::Json { path, source }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Names::default()),
            Err(e) => Err(StoreError::io(&path)(e)),
        }
    }

    /// Writes them into the folder. Names that are there already and not among these stay: the record may speak of them.
    pub fn write(&self, dir: &Path) -> Result<(), StoreError> {
        std::fs::create_dir_all(dir).map_err(StoreError::io(dir))?;
        let mut all = Names::read(dir)?;
        all.queues.extend(self.queues.clone());
        all.agents.extend(self.agents.clone());
        all.trunks.extend(self.trunks.clone());
        all.teams.extend(self.teams.clone());
        all.skills.extend(self.skills.clone());
        all.targets.extend(self.targets.clone());
        let (path, new) = (dir.join("names.json"), dir.join("names.json.new"));
        let bytes = serde_json::to_vec_pretty(&all).expect("plain data with text keys");
        std::fs::write(&new, bytes).map_err(StoreError::io(&new))?;
        std::fs::rename(&new, &path).map_err(StoreError::io(&path))
    }

    /// The queue of this name, or of this number.
    pub fn queue(&self, word: &str) -> Option<QueueId> {
        let by_name = self.queues.iter().find(|(_, name)| *name == word).map(|(&id, _)| id);
        by_name.or_else(|| word.parse().ok().map(QueueId).filter(|id| self.queues.contains_key(id)))
    }

    /// What a queue is called; all of them if none is meant.
    pub fn queue_name(&self, queue: Option<QueueId>) -> String {
        match queue {
            None => "all 全部".to_owned(),
            Some(id) => self.queues.get(&id).cloned().unwrap_or_else(|| format!("queue {id}")),
        }
    }

    /// An agent's ID, or his number if it is not known.
    pub fn agent_name(&self, agent: AgentId) -> String {
        self.agents.get(&agent).cloned().unwrap_or_else(|| format!("#{agent}"))
    }
}
