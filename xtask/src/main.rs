//! `cargo xtask VERB`: what a maintainer runs. Each verb is a file of its own; this one only finds it.
mod bench;
mod ci;
mod outcome;
mod tidy;
mod web;

use outcome::Outcome;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    let outcome = match verb.as_str() {
        "bench" => bench::run(&rest),
        "ci" => ci::run(&rest),
        "tidy" => tidy::run(&rest),
        "web" => web::run(&rest),
        _ => {
            eprintln!("{USAGE}");
            Outcome::CouldNotRun
        }
    };
    outcome.into()
}

const USAGE: &str = "\
cargo xtask VERB
  bench [dispatch | steps | matcher]  measures, and writes docs/performance.md
  ci [--full]   every check: format, clippy, docs, tidy, loom, tests (--full adds the long runs)
  tidy          the architecture's laws that text can test";
