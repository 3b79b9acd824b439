//! The three ends of every verb, the same as the program's own: 0 pass, 1 fail, 2 could not run.
use std::process::ExitCode;

/// How a verb ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Everything holds.
    Pass,
    /// Something was found.
    Fail,
    /// The question could not be asked.
    CouldNotRun,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Pass => 0,
            Outcome::Fail => 1,
            Outcome::CouldNotRun => 2,
        })
    }
}
