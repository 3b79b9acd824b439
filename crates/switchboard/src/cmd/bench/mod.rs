//! `switchboard bench`: what a centre carries, measured by callers and agents who do not wait for it.
//!
//! ```text
//!   knee      the highest rate it carries          load    one rate or a day, for as long as wanted
//!   overload  1×, 2×, 3× the knee: what is left     fill    so many wait, so many talk: memory and cores
//!   failover  restart, kill, drain under load       soak    hours: does anything grow?
//!   versus    two targets, the same callers         compare two results, and what changed
//!   proof     does this judge catch liars?
//! ```
mod compare;
mod demo_target;
mod failover;
mod fill;
mod knee;
mod load;
mod options;
mod overload;
mod people;
mod profile;
mod progress;
mod proof;
mod result;
mod session;
mod soak;
mod target;
mod versus;

use super::Done;
use clap::Subcommand;

/// Measure a centre: this program's own, or any that is reached by SIP.
#[derive(clap::Args, Debug)]
pub struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Find the highest rate of calls that the target carries.
    Knee(knee::Knee),
    /// Call at one rate, and say what came of it.
    Load(load::Load),
    /// So many wait and so many talk: what memory and cores does that take?
    Fill(fill::Fill),
    /// Call at the knee, at twice and at three times the knee: how much is still served?
    Overload(overload::Overload),
    /// Restart, kill and drain the target while people call: what did they feel?
    Failover(failover::Failover),
    /// Call for hours: does memory, latency or the number of open files grow?
    Soak(soak::Soak),
    /// Two targets, the same callers in the same run: ratios.
    Versus(versus::Versus),
    /// Hold this judge against a loop that lies in known ways: each lie must be caught.
    Proof(proof::Proof),
    /// Two results of `--json`: what changed beyond noise.
    Compare(compare::Compare),
}

impl Bench {
    /// Exit code 0: what was asked for holds; 1: it does not; 2: it could not be measured.
    pub fn run(self) -> Done {
        match self.what {
            What::Knee(verb) => verb.run(),
            What::Load(verb) => verb.run(),
            What::Fill(verb) => verb.run(),
            What::Overload(verb) => verb.run(),
            What::Failover(verb) => verb.run(),
            What::Soak(verb) => verb.run(),
            What::Versus(verb) => verb.run(),
            What::Proof(verb) => verb.run(),
            What::Compare(verb) => verb.run(),
        }
    }
}
