//! `switchboard agents`: who is where; `--ready 8001`, `--not-ready 8001` moves one.
use super::agents_import::Import;
use super::ask::Control;
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use switchboard_engine::command::AgentShown;
use switchboard_node::{ControlReply, ControlRequest};

/// The agents of a running centre.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Agents {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// This agent (by agent ID) takes calls again.
    #[arg(long, value_name = "AGENT", conflicts_with = "not_ready")]
    ready: Option<String>,
    /// This agent (by agent ID) takes no calls.
    #[arg(long, value_name = "AGENT")]
    not_ready: Option<String>,
    /// Why he takes no calls: a reason of centre.yaml's `not_ready`, the first of it if none is said.
    #[arg(long, value_name = "REASON", requires = "not_ready")]
    reason: Option<String>,
    /// He is ready again by himself after so many minutes.
    #[arg(long, value_name = "N", requires = "not_ready", value_parser = clap::value_parser!(u16).range(1..=480))]
    minutes: Option<u16>,
    /// Only those in a passing state whose deadline is over: none in a healthy centre. Exit code 1 if there is one.
    #[arg(long, conflicts_with_all = ["ready", "not_ready"])]
    stuck: bool,
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: Json,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Make agents.yaml from a CSV file: a spreadsheet's list, checked before it is written.
    Import(Import),
}

impl Agents {
    /// Exit code 0: done; 1: refused, and why; or somebody is stuck.
    pub fn run(mut self) -> Done {
        if let Some(Verb::Import(import)) = self.verb.take() {
            return import.run();
        }
        let agents = self.list()?;
        let order = match (&self.ready, &self.not_ready) {
            (Some(id), _) => Some(ControlRequest::AgentReady { agent: find(&agents, id)?.agent }),
            (None, Some(id)) => Some(ControlRequest::AgentNotReady {
                agent: find(&agents, id)?.agent,
                reason: self.reason.clone(),
                minutes: self.minutes,
            }),
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
            let why = agent.not_ready_for.as_ref().map_or(String::new(), |r| format!(" ({r})"));
            let stuck = agent.stuck_in.as_ref().map_or(String::new(), |s| format!(", STUCK in {s}"));
            let asks = agent.asks_for.as_ref().map_or(String::new(), |r| format!(", asks for {r}"));
            say!(
                "{:>8}  {:?}{why} {:?}, {} telephones{asks}{stuck}",
                agent.agent_id,
                agent.presence,
                agent.activity,
                agent.contacts
            );
        }
        write_json(self.json.json.as_deref(), &agents)?;
        Ok(!self.stuck || agents.is_empty())
    }

    fn list(&self) -> Result<Vec<AgentShown>, String> {
        match self.control.ask(&ControlRequest::Agents { stuck: self.stuck })?? {
            ControlReply::Agents { agents } => Ok(agents),
            other => Err(format!("the centre answered another question: {other:?}")),
        }
    }
}

pub(super) fn find<'a>(agents: &'a [AgentShown], id: &str) -> Result<&'a AgentShown, String> {
    agents.iter().find(|a| a.agent_id == id).ok_or_else(|| format!("there is no agent {id}"))
}
