//! `switchboard preview OLD NEW`: who is affected when NEW takes over from OLD, said before it is done.
use super::load;
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use std::path::PathBuf;
use switchboard_engine::preview::preview;

/// What a reload would change.
#[derive(clap::Args, Debug)]
pub struct Preview {
    /// The folder that is live.
    old: PathBuf,
    /// The folder that is to go live.
    new: PathBuf,
    #[command(flatten)]
    json: Json,
}

impl Preview {
    /// Exit code 0: it can take over, and this is what changes; 1: it cannot, and why.
    pub fn run(self) -> Done {
        let old = load::load(Some(&self.old))?;
        let new = load::load(Some(&self.new))?.following(&old.menus);
        let old = old.engine().map_err(|e| e.to_string())?;
        let new = match new.engine().map_err(|e| e.to_string())?.following(&old) {
            Ok(new) => new,
            Err(why) => {
                say!("it cannot take over: {why}");
                return Ok(false);
            }
        };
        let found = preview(&old, &new);
        for queue in &found.queues {
            say!("queue {}: {}", queue.queue, queue.what.join("; "));
        }
        for agent in &found.agents {
            say!("agent {}: {}", agent.agent_id, agent.what.join("; "));
        }
        found.other.iter().for_each(|line| say!("{line}"));
        if found.is_empty() {
            say!("nobody is affected");
        }
        write_json(self.json.json.as_deref(), &found)?;
        Ok(true)
    }
}
