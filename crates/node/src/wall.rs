//! The wallboard's end in the figures' thread: the desk with the clock it keeps time by.
//!
//! It is looked at whenever the thread wakes, and the thread wakes at least when the next board is due. Does not know HTTP.
use std::time::Duration;
use switchboard_api::{Bell, Desk, Kept, Plan, View, Wall, open};
use switchboard_model::Instant;
use switchboard_net::Clock;

/// A desk at work.
pub(crate) struct Published {
    desk: Desk,
    clock: Clock,
}

impl Published {
    /// And the readers' end of it; `bell` wakes the thread.
    pub fn open(plan: Plan, kept: Kept, clock: Clock, bell: Bell) -> (Published, Wall) {
        let (desk, wall) = open(plan, kept, clock.now(), bell);
        (Published { desk, clock }, wall)
    }

    /// Whether a board is due or somebody has asked.
    pub fn is_due(&self) -> bool {
        self.desk.is_due(self.clock.now())
    }

    /// Publishes and answers.
    pub fn serve(&mut self, view: &View<'_>) {
        let now: Instant = self.clock.now();
        self.desk.serve(now, view);
    }

    /// How long the thread may sleep.
    pub fn rests(&self) -> Duration {
        self.clock.until(self.desk.next())
    }
}
