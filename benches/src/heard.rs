//! Did they hear each other? The record says who talked to whom; the tones say who heard whom.
use crate::driver::Heard;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use switchboard_people::tones;

/// A conversation, by the record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conversation {
    /// The call's id.
    pub call: u64,
    /// The caller's number, as he dialled with it.
    pub caller: String,
    /// The agent's place in the list of agents.
    pub agent: usize,
    /// The user of the agent's telephone.
    pub agent_user: String,
    /// Sound both ways, by the record, in ms.
    pub talk_ms: u64,
}

/// What the tones say of all conversations.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Judgement {
    /// Each side's own tone was heard by the other for at least a second.
    pub heard_both_ways: u64,
    /// Calls that were answered and did not last long enough for that.
    pub shorter_than_1s: Vec<u64>,
    /// Calls that lasted, and were not heard.
    pub not_heard: Vec<NotHeard>,
}

/// A conversation that was not heard.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotHeard {
    /// The call's id.
    pub id: u64,
    /// Who did not hear whom, and for how long he did.
    pub why: String,
}

/// What counts as heard.
const HEARD_MS: u64 = 1_000;
/// Windows of a tenth of a second are lost at both ends, and the first packets of a stream latch: a conversation shorter than this
/// cannot show a second of tone for sure.
const MEASURABLE_MS: u64 = 1_400;

/// Holds the record against the tones.
pub fn judge(conversations: &[Conversation], heard: &Heard) -> Judgement {
    let callers: BTreeMap<_, _> =
        heard.callers.iter().map(|r| (r.number.as_str(), (number_of(&r.number), r.heard.as_slice()))).collect();
    let mut judgement = Judgement::default();
    for talk in conversations {
        let Some((n, caller_heard)) = callers.get(talk.caller.as_str()) else {
            judgement
                .not_heard
                .push(NotHeard { id: talk.call, why: format!("no caller {} has told what he heard", talk.caller) });
            continue;
        };
        let of_agent = ms_of(caller_heard, tones::of_agent(talk.agent));
        // The driver gives the nth caller the (n+1)th tone.
        let own = tones::of_caller(n + 1);
        let by_agent =
            heard.agents.iter().filter(|r| r.user == talk.agent_user).map(|r| ms_of(&r.heard, own)).max().unwrap_or(0);
        if of_agent >= HEARD_MS && by_agent >= HEARD_MS {
            judgement.heard_both_ways += 1;
        } else if talk.talk_ms < MEASURABLE_MS {
            judgement.shorter_than_1s.push(talk.call);
        } else {
            let why = format!(
                "of {} ms the caller heard the agent for {of_agent} ms, the agent the caller for {by_agent} ms",
                talk.talk_ms
            );
            judgement.not_heard.push(NotHeard { id: talk.call, why });
        }
    }
    judgement
}

fn number_of(number: &str) -> usize {
    number.get(3..).and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn ms_of(heard: &[(f64, u64)], tone: f64) -> u64 {
    heard.iter().find(|(t, _)| *t == tone).map_or(0, |(_, ms)| *ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::Instant;
    use switchboard_people::{AgentReport, CallerReport, HangUp};

    fn check(of_agent: u64, by_agent: u64, talk_ms: u64) -> (u64, usize, usize) {
        let heard = Heard {
            callers: vec![CallerReport {
                number: "13900000004".into(),
                answered: true,
                heard: vec![(tones::of_agent(2), of_agent)],
                talked: true,
                talked_ms: talk_ms,
                hang_up: HangUp::Caller,
                ended: Instant::from_millis(0),
            }],
            agents: vec![AgentReport {
                user: "8003".into(),
                heard: vec![(tones::of_caller(5), by_agent)],
                picked_up: Instant::from_millis(0),
                ended: Instant::from_millis(1),
            }],
            not_made: 0,
        };
        let talk = Conversation { call: 7, caller: "13900000004".into(), agent: 2, agent_user: "8003".into(), talk_ms };
        let judgement = judge(&[talk], &heard);
        (judgement.heard_both_ways, judgement.shorter_than_1s.len(), judgement.not_heard.len())
    }

    #[test]
    fn one_way_is_not_both_ways() {
        assert_eq!(check(5_000, 5_000, 5_200), (1, 0, 0));
        assert_eq!(check(5_000, 0, 5_200), (0, 0, 1));
        assert_eq!(check(0, 5_000, 5_200), (0, 0, 1));
        assert_eq!(check(400, 400, 700), (0, 1, 0));
    }
}
