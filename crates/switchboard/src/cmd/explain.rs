//! `switchboard explain --longest`: why does this caller wait, and for whom?
use super::ask::Control;
use super::{Done, Json, write_json};
use crate::cmd::say::{say, say_on};
use switchboard_engine::explain::Explanation;
use switchboard_model::CallId;
use switchboard_node::{ControlReply, ControlRequest};

/// Why a caller waits.
#[derive(clap::Args, Debug)]
pub struct Explain {
    /// The call, by its id.
    #[arg(value_name = "CALL", conflicts_with = "longest", required_unless_present = "longest")]
    call: Option<u64>,
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
        match self.control.ask(&ControlRequest::Explain { call: self.call.map(CallId) })? {
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
