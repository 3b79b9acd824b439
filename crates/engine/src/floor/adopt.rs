//! Another configuration over another matcher, while calls run.
//!
//! ```text
//!   the threads stand still ──► floor and shards adopt (chairs and handles are forgotten) ──► restore::engine claims all anew
//! ```
//! Agents keep their numbers (`Config::following`); those who stand in the files no more log out, new ones are logged out.
use super::{Floor, agent_key};
use crate::config::SharedConfig;
use std::sync::Arc;
use switchboard_acd::{Agent, Presence};
use switchboard_matcher::Matcher;
use switchboard_model::Instant;

impl Floor {
    /// Takes it. Chairs are of the old matcher and are forgotten; `restore::engine` takes new ones.
    pub(crate) fn adopt_config(&mut self, now: Instant, config: SharedConfig, matcher: Arc<Matcher>) {
        self.config = config;
        self.matcher = matcher;
        self.chairs.clear();
        self.agent_of.clear();
        for conf in &self.config.agents {
            let fresh = || Agent::new(conf.id, now);
            self.agents.entry(conf.id).or_insert_with(fresh);
            self.changed.insert(agent_key(conf.id));
        }
        for user in self.registrar.set_accounts(self.config.accounts()) {
            self.registration_changed(now, &user);
        }
        let gone: Vec<_> = self.config.agents.iter().filter(|a| a.gone).map(|a| a.id).collect();
        for id in gone {
            if self.agents[&id].presence != Presence::LoggedOut {
                self.agents.get_mut(&id).expect("just read").presence = Presence::LoggedOut;
                self.agent_changed(now, id, "gone");
            }
        }
    }
}
