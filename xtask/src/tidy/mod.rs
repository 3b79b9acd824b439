//! The architecture's laws that text can test.
//!
//! ```text
//!   files on disk ──► Tree ────┐
//!                              ├──► law: fn(&Ground) -> Vec<Fault>     one law a file, in the list below
//!   cargo metadata ─► Packages ┘
//! ```
//! A law says what it finds and why it matters, and its tests show it finding something. What needs types (who can build a
//! `Menu`) is a matter for the compiler, what needs running is a matter for `sim`: neither is here.
mod bans;
mod channels;
mod code;
mod conformance;
mod deny;
mod direction;
mod ground;
mod hash_order;
mod licences;
mod links;
mod marks;
mod module_docs;
mod names;
mod only_one;
mod paths;
mod pure_core;
mod sources;
mod unsafe_code;

use crate::outcome::Outcome;
pub use ground::root;
use ground::{Fault, Ground};

/// One law.
struct Law {
    /// Its name, as the report prints it.
    name: &'static str,
    /// What holds if it finds nothing.
    says: &'static str,
    check: fn(&Ground) -> Vec<Fault>,
}

const LAWS: &[Law] = &[
    direction::LAW,
    pure_core::LAW,
    hash_order::LAW,
    channels::LAW,
    unsafe_code::LAW,
    marks::LAW,
    module_docs::LAW,
    names::LAW,
    links::LAW,
    paths::LAW,
    licences::LAW,
    bans::LAW,
    only_one::LAW,
    sources::LAW,
    conformance::LAW,
];

/// `cargo xtask tidy`
pub fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        eprintln!("tidy takes no arguments, not {args:?}");
        return Outcome::CouldNotRun;
    }
    let ground = match Ground::read() {
        Ok(ground) => ground,
        Err(why) => {
            eprintln!("{why}");
            return Outcome::CouldNotRun;
        }
    };
    let mut faults = 0;
    for law in LAWS {
        for fault in (law.check)(&ground) {
            faults += 1;
            eprintln!("{fault}\n  law `{}`: {}", law.name, law.says);
        }
    }
    if faults == 0 {
        println!(
            "tidy: {} laws hold over {} files and {} packages",
            LAWS.len(),
            ground.files.len(),
            ground.packages.len()
        );
        Outcome::Pass
    } else {
        eprintln!("tidy: {faults} faults");
        Outcome::Fail
    }
}
