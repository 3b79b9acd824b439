//! Asking a running centre over its control channel.
use std::net::SocketAddr;
use switchboard_node::{ControlReply, ControlRequest};

/// Where the running centre listens.
#[derive(clap::Args, Debug, Clone)]
pub struct Control {
    /// The control channel of the running centre.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5070")]
    pub control: SocketAddr,
}

impl Control {
    /// Asks; a refusal is the reason in words.
    pub fn ask(&self, request: &ControlRequest) -> Result<Result<ControlReply, String>, String> {
        match switchboard_node::ask(self.control, request).map_err(|e| e.to_string())? {
            ControlReply::Refused { why } => Ok(Err(why)),
            reply => Ok(Ok(reply)),
        }
    }
}
