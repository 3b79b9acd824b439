//! `switchboard`: one verb a file in `cmd/`, no logic here.
//!
//! Every verb ends with 0 (pass), 1 (fail) or 2 (could not run).
#![deny(missing_docs)]
mod cmd;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cmd::Cli::parse().run()
}
