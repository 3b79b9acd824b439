//! The agents: who of them is free since when, and who still works on.
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_model::Instant;

/// All agents.
#[derive(Default)]
pub struct Agents {
    all: Vec<Agent>,
    by_user: BTreeMap<String, usize>,
}

struct Agent {
    /// When he was or will be free after his last call, after-call work included.
    free_since: Instant,
    call: Option<u64>,
}

/// What came of ringing an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// The call is his.
    Now,
    /// He has this one.
    Busy(u64),
    /// He works on after his last one.
    AfterCallWork,
}

impl Agents {
    /// The agent with this user.
    pub fn by_user(&self, user: &str) -> Option<usize> {
        self.by_user.get(user).copied()
    }
    /// He is rung for this caller.
    pub fn take(&mut self, agent: usize, call: u64, now: Instant) -> Taken {
        let agent = &mut self.all[agent];
        match agent.call {
            Some(other) => Taken::Busy(other),
            None if agent.free_since > now => Taken::AfterCallWork,
            None => {
                agent.call = Some(call);
                Taken::Now
            }
        }
    }
    /// He works on for so long and is free then, if that was his call.
    pub fn free(&mut self, agent: usize, call: u64, now: Instant, acw: Duration) {
        let agent = &mut self.all[agent];
        if agent.call == Some(call) {
            (agent.call, agent.free_since) = (None, now + acw);
        }
    }
    /// Since when he has been free.
    pub fn free_since(&self, agent: usize) -> Instant {
        self.all[agent].free_since
    }
    /// One more, if he is not there already.
    pub fn add(&mut self, user: &str, now: Instant) {
        if !self.by_user.contains_key(user) {
            self.by_user.insert(user.to_owned(), self.all.len());
            self.all.push(Agent { free_since: now, call: None });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_on_is_neither_free_nor_busy() {
        let at = |s: u64| Instant::from_millis(s * 1_000);
        let mut agents = Agents::default();
        agents.add("8001", at(0));
        agents.add("8001", at(5));
        assert_eq!(agents.by_user("8001"), Some(0));
        assert_eq!((agents.take(0, 7, at(1)), agents.take(0, 8, at(2))), (Taken::Now, Taken::Busy(7)));
        agents.free(0, 8, at(3), Duration::ZERO);
        assert_eq!(agents.take(0, 8, at(3)), Taken::Busy(7), "another call's end frees nobody");
        agents.free(0, 7, at(3), Duration::from_secs(10));
        assert_eq!((agents.take(0, 8, at(12)), agents.take(0, 8, at(13))), (Taken::AfterCallWork, Taken::Now));
        assert_eq!(agents.free_since(0), at(13));
    }
}
