//! `switchboard sim --seeds 0..100`: simulated worlds, held to the laws.
use super::world::{DepthArg, base};
use super::{Done, Json, write_json};
use crate::cmd::say::say;
use std::ops::Range;
use switchboard_sim::{Scenario, run_set};

/// Run simulated worlds.
#[derive(clap::Args, Debug)]
pub struct Sim {
    /// Seeds, from A up to and without B; 0..100 unless told, one with `--day`.
    #[arg(long, value_name = "A..B", value_parser = range)]
    seeds: Option<Range<u64>>,
    /// Each world is a working day of 50 000 calls and 300 agents.
    #[arg(long, conflicts_with = "depth")]
    day: bool,
    /// Whether sound is real.
    #[arg(long, value_enum, default_value = "told")]
    depth: DepthArg,
    /// A planted bug, by its name; only test builds have them.
    #[arg(long, value_name = "NAME")]
    mutant: Option<String>,
    #[command(flatten)]
    json: Json,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let bad = || format!("`{text}` is no range of seeds; write 0..100");
    let (a, b) = text.split_once("..").ok_or_else(bad)?;
    let range = a.trim().parse().map_err(|_| bad())?..b.trim().parse().map_err(|_| bad())?;
    if range.is_empty() { Err(bad()) } else { Ok(range) }
}

impl Sim {
    /// Exit code 0: every law held and everything that should be taken was; 1: what was broken is printed.
    pub fn run(self) -> Done {
        let base = base(self.mutant.as_deref())?;
        // Sounded worlds have few calls, and say of sound what told ones cannot; they do not take everything.
        let seeds = self.seeds.unwrap_or(if self.day { 0..1 } else { 0..100 });
        let whole = !self.day && self.depth == DepthArg::Told && seeds.end - seeds.start >= 100;
        let depth = self.depth.depth();
        let scenario = |seed| if self.day { Scenario::day(seed) } else { Scenario::of(seed, depth) };
        let set = run_set(seeds, scenario, &base, self.mutant.is_some(), |outcome| {
            if let Some(broken) = &outcome.broken {
                say!("seed {} breaks the law `{}` after {} s: {}", broken.seed, broken.law, broken.at_s, broken.why);
                if !self.day {
                    say!("  switchboard replay {} shows how", broken.seed);
                }
            }
        });
        say!(
            "{} worlds, {} calls, {} events, {} restores, {} laws broken",
            set.seeds,
            set.calls,
            set.events,
            set.restores,
            set.broken.len()
        );
        // A short set cannot take everything; it is held to the laws only.
        let complete = !whole || self.mutant.is_some() || set.missing.is_empty();
        if !complete {
            set.missing.iter().for_each(|m| say!("not taken: {m}"));
        }
        write_json(self.json.json.as_deref(), &set)?;
        Ok(set.broken.is_empty() && complete)
    }
}
