//! `switchboard bench proof`: a judge is to be trusted if he catches liars.
use crate::cmd::say::say;
use crate::cmd::{Done, Json, seconds, write_json};
use std::time::Duration;
use switchboard_benches::proof::{CASES, prove};
use switchboard_net::Clock;

/// Hold the judge against liars.
#[derive(clap::Args, Debug)]
pub struct Proof {
    /// Each lie is told for so long.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "4s")]
    each: Duration,
    /// From which all chance follows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    json: Json,
}

impl Proof {
    /// Exit code 0: the honest loop passed and every lie was caught; 1: not so; 2: it could not run.
    pub fn run(self) -> Done {
        if self.each < Duration::from_secs(2) || self.each > Duration::from_secs(60) {
            return Err(format!("--for {} s: write 2s to 1m", self.each.as_secs()));
        }
        let clock = Clock::start();
        let mut all = vec![];
        for case in CASES {
            let (proved, _) = prove(case, self.each, self.seed, clock)?;
            let word = match (case.lie, proved.caught) {
                (None, true) => "passes",
                (None, false) => "DOES NOT PASS",
                (Some(_), true) => "caught",
                (Some(_), false) => "NOT CAUGHT",
            };
            say!("{:<26} {word}: {}\n{:<26} seen: {}", proved.lie, proved.where_it_shows, "", proved.seen);
            all.push(proved);
        }
        let missed: Vec<&str> = all.iter().filter(|p| !p.caught).map(|p| p.lie.as_str()).collect();
        match missed.as_slice() {
            [] => say!("PASS proof: the honest loop passes, and {} lies are caught", all.len() - 1),
            missed => say!("FAIL proof: {}", missed.join(", ")),
        }
        write_json(self.json.json.as_deref(), &all)?;
        Ok(missed.is_empty())
    }
}
