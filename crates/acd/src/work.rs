//! After-call work: what the call left behind, never longer than its lease.
//!
//! ```text
//!   none               ready at once
//!   optional           ready at once, unless he asked for it during the call; then as `timed`
//!   timed              his until the time is over; he may end it earlier
//!   mandatory timed    the same, and he may not
//!   until disposition  until he has said what the call was about; at the end of the time in any case
//! ```
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How after-call work ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum WorkMode {
    /// There is none.
    None,
    /// If he asks for it.
    Optional,
    /// By him, or by time.
    Timed,
    /// By time.
    MandatoryTimed,
    /// By the disposition, or by time.
    UntilDisposition,
}

impl WorkMode {
    /// All of them with their words in centre.yaml.
    pub const ALL: [(WorkMode, &'static str); 5] = [
        (WorkMode::None, "none"),
        (WorkMode::Optional, "optional"),
        (WorkMode::Timed, "timed"),
        (WorkMode::MandatoryTimed, "mandatory_timed"),
        (WorkMode::UntilDisposition, "until_disposition"),
    ];
}

/// The centre's rule for after-call work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WorkRule {
    /// How it ends.
    pub mode: WorkMode,
    /// How long it may last, [`WorkRule::MAX`] at most.
    pub time: Duration,
    /// How often he may have the same time again.
    pub extensions_max: u8,
}

impl WorkRule {
    /// A quarter of an hour: longer work is no longer the call's.
    pub const MAX: Duration = Duration::from_secs(900);

    /// Ended by him or by time, not extendable.
    pub const fn timed(time: Duration) -> WorkRule {
        WorkRule { mode: WorkMode::Timed, time, extensions_max: 0 }
    }

    /// How long it lasts after a call; zero for none.
    pub fn lasts(&self, asked: bool) -> Duration {
        match self.mode {
            WorkMode::None => Duration::ZERO,
            WorkMode::Optional if !asked => Duration::ZERO,
            WorkMode::Optional | WorkMode::Timed | WorkMode::MandatoryTimed | WorkMode::UntilDisposition => self.time,
        }
    }

    /// Whether he may end it by hand.
    pub fn may_be_ended(&self) -> bool {
        match self.mode {
            WorkMode::None | WorkMode::Optional | WorkMode::Timed => true,
            WorkMode::MandatoryTimed | WorkMode::UntilDisposition => false,
        }
    }
}
