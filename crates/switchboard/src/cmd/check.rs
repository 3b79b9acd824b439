//! `switchboard check`: is this configuration fit to go live?
use super::load::{Where, engine, read};
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use serde::Serialize;
use switchboard_engine::precedence::{ORDER, Precedence, precedence};

/// Check configuration and menus.
#[derive(clap::Args, Debug)]
pub struct Check {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    json: Json,
}

#[derive(Serialize)]
struct Checked {
    live: bool,
    hash: Option<String>,
    faults: serde_json::Value,
    order: Vec<Precedence>,
}

impl Check {
    /// Exit code 0: it can go live; 1: its faults are printed.
    pub fn run(self) -> Done {
        let (loaded, faults) = read(self.place.config.as_deref());
        eprint!("{}", switchboard_source::render(&faults));
        let mut order = vec![];
        let hash = match &loaded {
            Some(loaded) => {
                order = precedence(&engine(loaded)?.0);
                say!(
                    "ready to go live: {} trunks, {} queues, {} agents, {} menus; hash {}",
                    loaded.trunks.len(),
                    loaded.queues.len(),
                    loaded.agents.len(),
                    loaded.menus.all().count(),
                    loaded.hash
                );
                ORDER.iter().for_each(|line| say!("order of {line}"));
                for queue in order.iter().filter(|q| !q.overtaken_by.is_empty()) {
                    let by: Vec<String> =
                        queue.overtaken_by.iter().map(|(other, s)| format!("{other} up to {s} s later")).collect();
                    say!("  {} can be overtaken by {}", queue.queue, by.join(", "));
                }
                Some(loaded.hash.clone())
            }
            None => {
                say!("{} faults; this does not go live", faults.len());
                None
            }
        };
        write_json(
            self.json.json.as_deref(),
            &Checked { live: hash.is_some(), hash, faults: switchboard_source::json(&faults), order },
        )?;
        Ok(loaded.is_some())
    }
}
