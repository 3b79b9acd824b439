//! What `sim` and `replay` share: the base of every world, and the depth.
use switchboard_sim::{Base, Depth};

/// Told or sounded.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthArg {
    /// Hundreds of calls; what is heard is said.
    Told,
    /// Few calls; every RTP packet flows.
    Sounded,
}

impl DepthArg {
    /// As the simulator has it.
    pub fn depth(self) -> Depth {
        match self {
            DepthArg::Told => Depth::Told,
            DepthArg::Sounded => Depth::Sounded,
        }
    }
}

/// The embedded configuration, with a planted bug if one is named.
pub fn base(mutant: Option<&str>) -> Result<Base, String> {
    Base::embedded()?.with_mutant(mutant)
}
