//! `switchboard reload`: a running centre reads its configuration again. All of it goes live, or nothing.
use super::Done;
use super::ask::Control;
use crate::cmd::say::say;
use switchboard_node::{ControlReply, ControlRequest};

/// Read the configuration again.
#[derive(clap::Args, Debug)]
pub struct Reload {
    #[command(flatten)]
    control: Control,
}

impl Reload {
    /// Exit code 0: live; 1: refused, and why; the old one stays.
    pub fn run(self) -> Done {
        match self.control.ask(&ControlRequest::Reload)? {
            Ok(ControlReply::Done { text }) => {
                say!("{text}");
                Ok(true)
            }
            Ok(other) => Err(format!("the centre answered another question: {other:?}")),
            Err(why) => {
                say!("not live: {why}");
                Ok(false)
            }
        }
    }
}
