//! `switchboard agents`: who is where; `--ready 8001`, `--not-ready 8001` moves one.
use super::ask::Control;
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use switchboard_engine::command::AgentShown;
use switchboard_node::{ControlReply, ControlRequest};

/// The agents of a running centre.
#[derive(clap::Args, Debug)]
pub struct Agents {
    /// This agent (by agent ID) takes calls again.
    #[arg(long, value_name = "AGENT", conflicts_with = "not_ready")]
    ready: Option<String>,
    /// This agent (by agent ID) takes no calls.
    #[arg(long, value_name = "AGENT")]
    not_ready: Option<String>,
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: Json,
}

impl Agents {
    /// Exit code 0: done; 1: refused, and why.
    pub fn run(self) -> Done {
        let agents = self.list()?;
        let order = match (&self.ready, &self.not_ready) {
            (Some(id), _) => Some(ControlRequest::AgentReady { agent: find(&agents, id)?.agent }),
            (None, Some(id)) => Some(ControlRequest::AgentNotReady { agent: find(&agents, id)?.agent }),
            (None, None) => None,
        };
        if let Some(order) = order
            && let Err(why) = self.control.ask(&order)?
        {
            say!("{why}");
            return Ok(false);
        }
        let agents = self.list()?;
        for agent in &agents {
            say!("{:>8}  {:?} {:?}, {} telephones", agent.agent_id, agent.presence, agent.activity, agent.contacts);
        }
        write_json(self.json.json.as_deref(), &agents)?;
        Ok(true)
    }

    fn list(&self) -> Result<Vec<AgentShown>, String> {
        match self.control.ask(&ControlRequest::Agents)?? {
            ControlReply::Agents { agents } => Ok(agents),
            other => Err(format!("the centre answered another question: {other:?}")),
        }
    }
}

fn find<'a>(agents: &'a [AgentShown], id: &str) -> Result<&'a AgentShown, String> {
    agents.iter().find(|a| a.agent_id == id).ok_or_else(|| format!("there is no agent {id}"))
}
