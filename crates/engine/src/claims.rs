//! An agent is asked for by name: transferred to, or asked for advice.
//!
//! ```text
//!   shard ─► Claim{agent} ── idle, and out of the matcher ─► Ringing, turn + 1 ─► Claimed{turn, contacts} ─► that shard
//!                         └─ else ─► Claimed{why not}
//! ```
//! Who is claimed is out of the matcher before he rings, so nobody else can have him; and who is just in another thread's hand
//! (a match of his is on its way) is busy. From then on it is a turn like any other.
use crate::floor::Floor;
use crate::input::{Claim, Claimed, NotClaimed};
use crate::output::Output;
use switchboard_acd::{Activity, Presence, Reason};
use switchboard_matcher::Unready;
use switchboard_model::{AgentId, Instant};

impl Floor {
    pub(crate) fn on_claim(&mut self, now: Instant, claim: Claim) {
        let Claim { agent, call, claim } = claim;
        let outcome = match self.may_be_claimed(agent) {
            Err(why) => Err(why),
            Ok(()) => {
                let turn = self.claimed(now, agent);
                Ok((turn, self.contacts(agent)))
            }
        };
        self.push(Output::Claimed(call.shard(), Claimed { agent, call, claim, outcome }));
    }

    /// Takes him out of the matcher if he can be had.
    fn may_be_claimed(&mut self, id: AgentId) -> Result<(), NotClaimed> {
        let agent = self.agent(id);
        match (agent.presence, agent.activity) {
            (Presence::LoggedOut, _) => return Err(NotClaimed::LoggedOut),
            (Presence::NotReady { reason: Reason::Rona | Reason::Device, .. }, _) => return Err(NotClaimed::Away),
            (_, Activity::Ringing { .. } | Activity::Talking { .. } | Activity::AfterCallWork { .. }) => {
                return Err(NotClaimed::Busy);
            }
            (Presence::Ready | Presence::NotReady { reason: Reason::Asked(_), .. }, Activity::Idle) => {}
        }
        match self.leave_chair(id) {
            Unready::Left | Unready::WasOut => Ok(()),
            // Another thread has him in hand. If it lets him go, he rests again: he is still ready.
            Unready::Pending | Unready::Stale => Err(NotClaimed::Busy),
        }
    }

    /// Who was claimed did not talk: he was out of the matcher all the while.
    pub(crate) fn unclaimed(&mut self, now: Instant, id: AgentId) {
        let agent = self.agent(id);
        if agent.rests() {
            let key = agent.idle_key;
            self.rest_with(now, id, key);
        }
    }
}
