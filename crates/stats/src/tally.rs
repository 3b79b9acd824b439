//! What is counted by the second and has no wait: rings, conversations, after-call work, menu exits.
//!
//! One list of marks, each with a count and a sum of milliseconds, kept by the second, queue and agent it belongs to. A new
//! thing to count is a new [`Mark`] and nothing else. It merges by addition, as the cells do.
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_model::{AgentId, Cause, HungUp, QueueId, RequestedBy, RingEnd};

/// A thing that is counted.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Mark {
    /// A caller entered this queue; `again` if he had been in one before, as after a transfer.
    Entered {
        /// Not his first.
        again: bool,
    },
    /// An overflow step began: less was asked of the agent.
    Stepped,
    /// A ringing ended without a conversation.
    RingEnded(RingEnd),
    /// An agent picked up; the milliseconds are those it rang.
    PickedUp,
    /// A conversation ended; the milliseconds are the talk, and it says who hung up (挂机方).
    Talked(Who),
    /// A hold ended; the milliseconds are its length.
    Held,
    /// A consultation ended; the milliseconds are what was spoken.
    Consulted,
    /// An agent gave a caller on.
    GaveOn,
    /// After-call work ended; the milliseconds are its length.
    Worked,
    /// A caller left the menu for a person, here and by this key.
    Requested(Option<String>, Option<char>, RequestedBy),
    /// A call ended in the menu, here and after this key.
    Left(Option<String>, Option<char>, Cause),
}

/// Who hung up, in an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// 客户
    Caller,
    /// 坐席
    Agent,
    /// 系统
    System,
}

impl From<HungUp> for Who {
    fn from(side: HungUp) -> Who {
        match side {
            HungUp::Caller => Who::Caller,
            HungUp::Agent => Who::Agent,
            HungUp::System => Who::System,
        }
    }
}

/// How many, and their milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    /// How many.
    pub n: u64,
    /// Their milliseconds together.
    pub ms: u64,
}

impl Sum {
    pub(crate) fn add(&mut self, other: Sum) {
        self.n += other.n;
        self.ms += other.ms;
    }
}

/// Where a mark belongs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Its queue, if it has one.
    pub queue: Option<QueueId>,
    /// Its agent, if it has one.
    pub agent: Option<AgentId>,
    /// What was counted.
    pub mark: Mark,
}

/// Marks by second.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Tally(BTreeMap<u64, BTreeMap<Place, Sum>>);

impl Tally {
    /// One more.
    pub fn add(&mut self, second: u64, queue: Option<QueueId>, agent: Option<AgentId>, mark: Mark, ms: u64) {
        let place = Place { queue, agent, mark };
        self.0.entry(second).or_default().entry(place).or_default().add(Sum { n: 1, ms });
    }

    /// All of another's as well.
    pub fn merge(&mut self, other: &Tally) {
        for (&second, marks) in &other.0 {
            let ours = self.0.entry(second).or_default();
            marks.iter().for_each(|(place, &sum)| ours.entry(place.clone()).or_default().add(sum));
        }
    }

    /// The marks of the seconds `from..to`, of one queue or of all.
    pub fn window(&self, queue: Option<QueueId>, from: u64, to: u64) -> BTreeMap<Place, Sum> {
        let mut sums: BTreeMap<Place, Sum> = BTreeMap::new();
        if from < to {
            for (place, &sum) in self.0.range(from..to).flat_map(|(_, marks)| marks) {
                if queue.is_none_or(|q| place.queue == Some(q)) {
                    sums.entry(place.clone()).or_default().add(sum);
                }
            }
        }
        sums
    }

    /// Forgets the seconds before this one.
    pub fn forget(&mut self, before: u64) {
        self.0 = self.0.split_off(&before);
    }
}
