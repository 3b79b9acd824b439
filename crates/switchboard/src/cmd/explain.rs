//! `switchboard explain`: why does this caller wait, and for whom; why does nothing ring at this agent; why was he given this call?
use super::agents::find;
use super::ask::Control;
use super::{Done, Json, write_json};
use crate::cmd::say::{say, say_on};
use switchboard_engine::explain::{AgentExplanation, Because, Decision, Explanation};
use switchboard_model::CallId;
use switchboard_node::{ControlReply, ControlRequest};

/// Why a caller waits, or why he was given to his agent; or why nothing rings at an agent.
#[derive(clap::Args, Debug)]
pub struct Explain {
    /// The call, by its id: why it waits, or why it was given to the agent who picked it up.
    #[arg(value_name = "CALL", conflicts_with = "longest", required_unless_present_any = ["longest", "agent"])]
    call: Option<u64>,
    /// Why nothing rings at this agent (by agent ID).
    #[arg(long, value_name = "AGENT", conflicts_with_all = ["call", "longest"])]
    agent: Option<String>,
    /// The call that waits longest.
    #[arg(long)]
    longest: bool,
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: Json,
}

impl Explain {
    /// Exit code 0: explained; 1: there is nobody to explain.
    pub fn run(self) -> Done {
        let request = match &self.agent {
            None => ControlRequest::Explain { call: self.call.map(CallId) },
            Some(id) => match self.control.ask(&ControlRequest::Agents { stuck: false })? {
                Ok(ControlReply::Agents { agents }) => ControlRequest::ExplainAgent { agent: find(&agents, id)?.agent },
                Ok(other) => return Err(format!("the centre answered another question: {other:?}")),
                Err(why) => return Err(why),
            },
        };
        match self.control.ask(&request)? {
            Ok(ControlReply::AgentExplanation(explanation)) => {
                say_on!("{}", of_agent(&explanation));
                write_json(self.json.json.as_deref(), &explanation)?;
                Ok(true)
            }
            Ok(ControlReply::Decision(decision)) => {
                say_on!("{}", of_match(&decision));
                write_json(self.json.json.as_deref(), &decision)?;
                Ok(true)
            }
            Ok(ControlReply::Explanation(explanation)) => {
                say_on!("{}", render(&explanation));
                write_json(self.json.json.as_deref(), &explanation)?;
                Ok(true)
            }
            Ok(other) => Err(format!("the centre answered another question: {other:?}")),
            Err(why) => {
                say!("{why}");
                Ok(false)
            }
        }
    }
}

fn of_agent(explanation: &AgentExplanation) -> String {
    let because = match explanation.because {
        Because::LoggedOut => "no telephone of his is registered",
        Because::NotReady => "he does not take calls",
        Because::Busy => "he has a call, or work after one",
        Because::NobodyWaits => "nobody waits",
        Because::NoneFits => "some wait, and he fits none of them as yet",
        Because::AboutToRing => "somebody he fits waits: it rings by now",
    };
    let mut lines = vec![format!(
        "agent {} is {:?}, {:?}: {because}",
        explanation.agent_id, explanation.presence, explanation.activity
    )];
    lines.extend(explanation.changes_at.map(|at| format!("  that changes by itself at {} s", at.seconds())));
    for line in &explanation.waiting {
        let fits =
            if line.lacks.is_empty() { "he fits".to_owned() } else { format!("lacks {}", line.lacks.join(", ")) };
        lines.push(format!(
            "  {} wait in {} ({}) at step {}: {fits}",
            line.waiting, line.queue, line.language, line.step
        ));
    }
    lines.join("\n") + "\n"
}

fn of_match(decision: &Decision) -> String {
    let mut lines = vec![format!(
        "given at {} s, at overflow step {}; at rest then, the first is the one who was chosen:",
        decision.at.seconds(),
        decision.step
    )];
    lines.extend(decision.fit.iter().map(|c| format!("  agent {} rank {} idle key {}", c.agent_id, c.rank, c.key)));
    lines.extend(decision.why_not.iter().map(|w| format!("  not agent {}: lacks {}", w.agent_id, w.lacks.join(", "))));
    if decision.not_shown > 0 {
        lines.push(format!("  and {} more at rest, not listed", decision.not_shown));
    }
    lines.join("\n") + "\n"
}

fn render(explanation: &Explanation) -> String {
    use std::fmt::Write as _;
    let entry = &explanation.entry;
    let mut text = String::new();
    let mut line = |s: String| writeln!(text, "{s}").expect("a string takes everything");
    line(format!(
        "call {} waits in queue {} for a person who speaks {}; {} before it in its line; overflow step {}",
        entry.call, explanation.queue_name, entry.language, entry.ahead, entry.step
    ));
    for fit in &explanation.fit {
        let changes = fit
            .changes_at
            .map_or(String::new(), |at| format!(", changes by itself at {}.{:03} s", at.seconds(), at.millis() % 1000));
        line(format!(
            "  fits (rank {}): agent {} is {:?}, {:?}{changes}",
            fit.rank, fit.agent_id, fit.presence, fit.activity
        ));
    }
    for not in &explanation.why_not {
        line(format!("  does not fit: agent {} lacks {}", not.agent_id, not.lacks.join(", ")));
    }
    match explanation.chosen {
        Some(agent) => line(format!("chosen: agent number {agent}")),
        None => line("chosen: nobody; no agent who fits is ready and idle".to_owned()),
    }
    if let Some(at) = entry.next_step_at {
        line(format!("less is asked of the agent from {} s on", at.seconds()));
    }
    text
}
