//! `switchboard trace --last`: the messages of one call of a running centre, both legs, in the order of time.
use super::Done;
use super::ask::Control;
use crate::cmd::say::{say, say_on};
use switchboard_model::CallId;
use switchboard_node::{ControlReply, ControlRequest};

/// The ladder of a call.
#[derive(clap::Args, Debug)]
pub struct Trace {
    /// The call, by its id.
    #[arg(value_name = "CALL", conflicts_with = "last", required_unless_present = "last")]
    call: Option<u64>,
    /// The call last heard of.
    #[arg(long)]
    last: bool,
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: super::Json,
}

impl Trace {
    /// Exit code 0: shown; 1: nothing of it is kept.
    pub fn run(self) -> Done {
        match self.control.ask(&ControlRequest::Trace { call: self.call.map(CallId) })? {
            Ok(ControlReply::Done { text }) => {
                say_on!("{text}");
                super::write_json(self.json.json.as_deref(), &text.lines().collect::<Vec<_>>())?;
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
