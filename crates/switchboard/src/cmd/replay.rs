//! `switchboard replay SEED`: one simulated world, arrow by arrow.
use super::world::{DepthArg, base};
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use switchboard_sim::{Scenario, run};

/// Run one simulated world.
#[derive(clap::Args, Debug)]
pub struct Replay {
    /// Which.
    seed: u64,
    /// Whether sound is real.
    #[arg(long, value_enum, default_value = "told")]
    depth: DepthArg,
    /// A planted bug, by its name; only test builds have them.
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    #[command(flatten)]
    json: Json,
}

impl Replay {
    /// Exit code 0: every law held; 1: the broken one is printed last but one.
    pub fn run(self) -> Done {
        let base = base(self.mutant.as_deref())?;
        let outcome = run(&Scenario::of(self.seed, self.depth.depth()), &base, true);
        for line in &outcome.story {
            say!("{line}");
        }
        if let Some(broken) = &outcome.broken {
            say!("breaks the law `{}` after {} s: {}", broken.law, broken.at_s, broken.why);
        }
        say!("seed={} digest={}", outcome.seed, outcome.digest);
        write_json(self.json.json.as_deref(), &outcome)?;
        Ok(outcome.broken.is_none())
    }
}
