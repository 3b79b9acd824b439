//! `switchboard audit`: who looked up, exported, held and erased; and whether anybody has changed that log.
use super::data::Data;
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use switchboard_store::{audit_chain, rfc3339};

/// The audit log.
#[derive(clap::Args, Debug)]
pub struct Log {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Every line, oldest first.
    Show {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        json: Json,
    },
    /// Is it whole? Exit code 1 names the first line that is not.
    Verify {
        /// A hash that was noted earlier: it must be in the log, or lines were cut off its end.
        #[arg(long, value_name = "HASH")]
        head: Option<String>,
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        json: Json,
    },
}

impl Log {
    /// Exit code 0: whole; 1: the first broken line is named.
    pub fn run(self) -> Done {
        let (data, head, json, show) = match &self.what {
            What::Show { data, json } => (data, None, json, true),
            What::Verify { head, data, json } => (data, head.as_deref(), json, false),
        };
        match audit_chain(&data.newest()?, head).map_err(|e| e.to_string())? {
            Ok(chain) => {
                if show {
                    for l in &chain.lines {
                        say!("{} {} {} {} {}: {}", l.n, rfc3339(l.at), l.who, l.did, l.to, l.more);
                    }
                }
                say!("{} lines, each follows from those before it; the last hash is {}", chain.lines.len(), chain.head);
                write_json(json.json.as_deref(), &chain)?;
                Ok(true)
            }
            Err(broken) => {
                say!("{broken}");
                write_json(json.json.as_deref(), &broken)?;
                Ok(false)
            }
        }
    }
}
