//! `switchboard`: one verb a file in `cmd/`, no logic here.
//!
//! Every verb ends with 0 (pass), 1 (fail) or 2 (could not run).
#![deny(missing_docs)]
// They panic when nobody listens any more; `cmd/say.rs` does not.
#![deny(clippy::print_stdout)]
mod cmd;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cmd::Cli::parse().run()
}
