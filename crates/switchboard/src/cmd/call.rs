//! `switchboard call`: what an agent can do with the call he has, from the command line: hold it, give it on, ask a colleague.
use super::ask::Control;
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use clap::Subcommand;
use switchboard_engine::command::{AgentShown, CallOrder, CallShown};
use switchboard_model::AgentId;
use switchboard_node::{ControlReply, ControlRequest};

/// The calls of a running centre, and what an agent can do with his.
#[derive(clap::Args, Debug)]
pub struct Call {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: Json,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Every call and its state.
    List,
    /// The caller hears music.
    Hold {
        /// The agent, by agent ID (工号).
        agent: String,
    },
    /// They talk again.
    Retrieve {
        /// The agent.
        agent: String,
    },
    /// Give the caller on without a word; if nobody takes him he is back.
    Transfer {
        /// The agent.
        agent: String,
        /// An agent ID, a queue, or a number outside that calls.yaml allows.
        #[arg(long)]
        to: String,
    },
    /// Ask somebody while the caller hears music.
    Consult {
        /// The agent.
        agent: String,
        /// An agent ID, or a number outside that calls.yaml allows.
        #[arg(long)]
        to: String,
    },
    /// The caller is asked for account and PIN; the agent keeps him and hears nothing of it (转IVR验密).
    Verify {
        /// The agent.
        agent: String,
    },
    /// Caller, agent and the one asked hear each other.
    Conference {
        /// The agent.
        agent: String,
    },
    /// The one asked takes the caller over.
    Complete {
        /// The agent.
        agent: String,
    },
    /// The one asked goes; the agent talks to the caller again.
    Back {
        /// The agent.
        agent: String,
    },
    /// Leave the call: out of a consultation or conference the other takes over, else it ends.
    HangUp {
        /// The agent.
        agent: String,
    },
}

impl Call {
    /// Exit code 0: done; 1: refused, and why.
    pub fn run(self) -> Done {
        let Some((agent, what)) = self.order() else { return self.list() };
        let agent = self.find(agent)?;
        let name = what.name();
        if let Err(why) = self.control.ask(&ControlRequest::OnCall { agent, what })? {
            say!("{why}");
            return Ok(false);
        }
        say!("{name}: done");
        self.list()
    }

    fn order(&self) -> Option<(&str, CallOrder)> {
        match &self.what {
            What::List => None,
            What::Hold { agent } => Some((agent, CallOrder::Hold)),
            What::Retrieve { agent } => Some((agent, CallOrder::Retrieve)),
            What::Transfer { agent, to } => Some((agent, CallOrder::Transfer { to: to.clone() })),
            What::Consult { agent, to } => Some((agent, CallOrder::Consult { to: to.clone() })),
            What::Verify { agent } => Some((agent, CallOrder::Verify)),
            What::Conference { agent } => Some((agent, CallOrder::Conference)),
            What::Complete { agent } => Some((agent, CallOrder::Complete)),
            What::Back { agent } => Some((agent, CallOrder::Back)),
            What::HangUp { agent } => Some((agent, CallOrder::HangUp)),
        }
    }

    fn list(&self) -> Done {
        let calls: Vec<CallShown> = match self.control.ask(&ControlRequest::Calls)?? {
            ControlReply::Calls { calls } => calls,
            other => return Err(format!("the centre answered another question: {other:?}")),
        };
        for call in calls.iter().filter(|c| matches!(self.what, What::List) || !c.agents.is_empty()) {
            let verified = call.verified.as_ref().map(|what| format!("  verified: {what}")).unwrap_or_default();
            let with = call.agents.join(" + ");
            say!("{:>8}  {:<12}  {:<16}  {with}{verified}", call.call.to_string(), call.state, call.from);
        }
        write_json(self.json.json.as_deref(), &calls)?;
        Ok(true)
    }

    fn find(&self, id: &str) -> Result<AgentId, String> {
        let agents: Vec<AgentShown> = match self.control.ask(&ControlRequest::Agents { stuck: false })?? {
            ControlReply::Agents { agents } => agents,
            other => return Err(format!("the centre answered another question: {other:?}")),
        };
        let found = agents.iter().find(|a| a.agent_id == id).map(|a| a.agent);
        found.ok_or_else(|| format!("there is no agent {id}"))
    }
}
