//! `switchboard trunk test NAME`: the joint test of a trunk (入网联调), and its report.
//!
//! ```text
//!   out: we ─── OPTIONS, calls ───► the carrier's SBC, or a simulated one (--simulated)
//!   in:  a simulated carrier ─────► a centre of this configuration, started for the test on ports of its own
//! ```
//! What is checked is in `people::joint`, one file a check. Calls that make a telephone ring are made only where `--dial` names whose.
mod centre;
mod plan;
mod report;
mod state;

use super::load::{self, Where};
use super::{Done, Json, write_json};
use crate::cmd::say::{say, say_on};
use report::{Judged, Report};
use std::net::SocketAddr;
use std::path::PathBuf;
use switchboard_benches::{CarrierSockets, JointSetup, run_joint};
use switchboard_net::{Clock, seed, source_towards};
use switchboard_people::joint::{self, Check, Lie, Way};

/// Trunks.
#[derive(clap::Args, Debug)]
pub struct Trunk {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Test a trunk with its carrier, and write a joint-test report: each check with its ladder, pass or fail, and what to change.
    Test(Test),
    /// What a running centre knows of its trunks: which SBCs live, where we are registered and until when.
    State(state::State),
}

impl Trunk {
    /// Does what was asked.
    pub fn run(self) -> Done {
        match self.verb {
            Verb::Test(test) => test.run(),
            Verb::State(state) => state.run(),
        }
    }
}

/// Test a trunk.
#[derive(clap::Args, Debug)]
pub struct Test {
    /// The trunk, as trunks.yaml names it.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    place: Where,
    /// Against a simulated SBC, which is started; no packet leaves this machine.
    #[arg(long)]
    simulated: bool,
    /// What the simulated SBC does wrong, to see that it is found; `--fault list` names them.
    #[arg(long, value_name = "FAULT", requires = "simulated")]
    fault: Option<String>,
    /// The carrier's SBC; otherwise the first source of the trunk that is one address (port 5060 unless it names one).
    #[arg(long, value_name = "ADDRESS", conflicts_with = "simulated")]
    to: Option<SocketAddr>,
    /// Our address towards the carrier; otherwise what centre.yaml says: the carrier knows us by it.
    #[arg(long, value_name = "ADDRESS", conflicts_with = "simulated")]
    from: Option<SocketAddr>,
    /// A telephone that may be rung by calls to the carrier; without it these are left out.
    #[arg(long, value_name = "NUMBER")]
    dial: Option<String>,
    /// Only these checks, by their ids.
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Write the report to this file: .md or .html.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    json: Json,
}

impl Test {
    /// Exit code 0: all pass; 1: some fail; 2: could not run.
    pub fn run(self) -> Done {
        let _log = super::serve::log();
        let lie = match self.fault.as_deref() {
            Some("list") => return list_faults(),
            Some(word) => Some(fault(word)?),
            None => None,
        };
        if let Some(file) = &self.report {
            report::kind(file)?;
        }
        let loaded = load::load(self.place.config.as_deref())?;
        let trunk = plan::trunk(&loaded, &self.name)?;
        let plan = plan::plan(&loaded, trunk, self.dial.as_deref())?;
        let sbc = if self.simulated { None } else { Some(self.to.map_or_else(|| plan::address(trunk), Ok)?) };
        let (checks, not_run) = self.choose(sbc.is_some(), plan.key.is_none())?;
        let clock = Clock::start();
        let carrier = CarrierSockets::open().map_err(|e| e.to_string())?;
        let centre = centre::start(&loaded, &self.name, carrier.ringing(), clock)?;
        let setup = JointSetup {
            checks: checks.clone(),
            plan: plan.clone(),
            centre: centre.sip(),
            carrier,
            from: self.our_address(&loaded, sbc)?,
            sbc,
            lie,
            ports: 45_000..=48_998,
            at_once: AT_ONCE.min(trunk.max_calls as usize),
            seed: seed().map_err(|e| format!("the kernel gives no chance: {e}"))?,
            clock,
        };
        let ran = run_joint(setup, &mut || centre::board(&centre));
        centre::stop(centre);
        let outcomes = ran.map_err(|e| explained(&e.to_string(), sbc.is_some()))?;
        let judged = checks.into_iter().zip(outcomes).map(|(check, outcome)| Judged { check, outcome }).collect();
        let against = sbc.map_or("simulated SBC".to_owned(), |a| a.to_string());
        let report = Report::new(&self.name, against, lie, &plan, judged, not_run);
        say_on!("{}", report.summary());
        if let Some(file) = &self.report {
            report.write(file)?;
            say!("report: {}", file.display());
        }
        write_json(self.json.json.as_deref(), &report)?;
        Ok(report.failed == 0)
    }

    /// What is run, and what is left out and why.
    fn choose(&self, real: bool, no_key: bool) -> Result<(Vec<&'static Check>, Vec<LeftOut>), String> {
        if let Some(strange) = self.only.iter().find(|id| joint::ALL.iter().all(|c| c.id != id.as_str())) {
            let all: Vec<&str> = joint::ALL.iter().map(|c| c.id).collect();
            return Err(format!("there is no check `{strange}`; there are {}", all.join(", ")));
        }
        let (mut run, mut left_out) = (vec![], vec![]);
        for check in joint::ALL.iter().copied() {
            if !self.only.is_empty() && !self.only.iter().any(|id| id == check.id) {
                continue;
            }
            if real && check.way == Way::OutCall && self.dial.is_none() {
                left_out.push((check, "it makes a call by the carrier: name a telephone that may ring with --dial"));
            } else if no_key && plan::KEYED.contains(&check.id) {
                left_out.push((check, "the menu of this number has no key that leads to a queue"));
            } else {
                run.push(check);
            }
        }
        if run.is_empty() {
            return Err(
                "nothing is left to be checked; name other checks with --only, or a telephone with --dial".to_owned()
            );
        }
        Ok((run, left_out))
    }

    fn our_address(&self, loaded: &switchboard_config::Loaded, sbc: Option<SocketAddr>) -> Result<SocketAddr, String> {
        let Some(sbc) = sbc else { return Ok(SocketAddr::from(([127, 0, 0, 1], 0))) };
        if let Some(from) = self.from {
            return Ok(from);
        }
        let listen = loaded.centre.listen;
        if !listen.ip().is_unspecified() {
            return Ok(listen);
        }
        let ip = source_towards(sbc).map_err(|e| format!("there is no way to {sbc} from this machine: {e}"))?;
        Ok(SocketAddr::new(ip, listen.port()))
    }
}

/// A check that is not run, and why.
type LeftOut = (&'static Check, &'static str);

/// Checks at a time; more would only make the ladders slower than the peers are.
const AT_ONCE: usize = 8;

fn fault(word: &str) -> Result<Lie, String> {
    Lie::ALL.iter().copied().find(|l| l.word() == word).ok_or_else(|| {
        let all: Vec<&str> = Lie::ALL.iter().map(|l| l.word()).collect();
        format!("there is no fault `{word}`; there are {}", all.join(", "))
    })
}

fn list_faults() -> Done {
    for lie in Lie::ALL {
        say!("{:<20} {} Found by {}.", lie.word(), lie.meaning(), lie.found_by());
    }
    Ok(true)
}

fn explained(why: &str, real: bool) -> String {
    if real {
        format!(
            "{why}\n  a centre that runs here has the address by which the carrier knows us: stop it, or name another with --from"
        )
    } else {
        why.to_owned()
    }
}
