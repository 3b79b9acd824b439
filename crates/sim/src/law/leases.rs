//! A passing state ends by somebody's word, not by its lease: a lease that expires means that a word was lost.
use super::{Law, View};
use switchboard_acd::Activity;

/// No lease expires.
#[derive(Default)]
pub struct Leases {
    taken: u64,
}

impl Law for Leases {
    fn name(&self) -> &'static str {
        "leases"
    }

    fn after_event(&mut self, view: &View<'_>) -> Result<(), String> {
        self.taken += view.floor.each_agent().filter(|a| matches!(a.activity, Activity::Ringing { .. })).count() as u64;
        match view.floor.leases_expired() {
            0 => Ok(()),
            n => Err(format!("{n} leases of agents expired")),
        }
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
