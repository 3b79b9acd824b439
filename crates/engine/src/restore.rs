//! From records back to a running engine.
//!
//! ```text
//!   floor, shards  ── from_records ──►  states, but the matcher is empty
//!   1  calls that ring:    claim agent and entry as already matched        the call is the witness: who is busy
//!   2  calls that talk:    their agents talk                               is said by the calls, not by the floor
//!   3  agents nobody claims: who rang rests again, who talked has after-call work
//!   4  callers who wait announce themselves, with their old keys           nobody rests yet, so none is served before another
//!   5  agents at rest announce themselves, the longest idle first          a message lost meanwhile shows as a match made now,
//!                                                                          and it is made with the most urgent caller of all shards
//! ```
//! At a standstill (no message between threads under way) nothing is said and nothing changes; this is what the law
//! `checkpoint ∘ restore ∘ checkpoint` tests after every event.
use crate::call::{Call, State};
use crate::floor::Floor;
use crate::holdings::Who;
use crate::shard::Shard;
use crate::{Output, ToFloor};
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_acd::{Activity, LayoutError, RING_GRACE};
use switchboard_matcher::Matcher;
use switchboard_model::{AgentId, CallId, Instant};

/// Brings floor and shards, each just made from its records, together over an empty matcher.
pub fn engine(now: Instant, config: &crate::Config, matcher: &Matcher, floor: &mut Floor, shards: &mut [Shard]) {
    let claimed = claim(now, config, matcher, floor, shards);
    let busy: Vec<(AgentId, Activity)> = floor.each_agent().map(|a| (a.id, a.activity)).collect();
    for (agent, activity) in busy {
        match activity {
            Activity::Ringing { .. } if !claimed.contains_key(&agent) => floor.correct(now, agent, Activity::Idle),
            Activity::Talking { .. } if !claimed.contains_key(&agent) => {
                floor.correct(
                    now,
                    agent,
                    Activity::AfterCallWork { until: now + config.rules.work.lasts(false), extended: 0 },
                );
            }
            Activity::Ringing { .. } | Activity::Talking { .. } | Activity::Idle | Activity::AfterCallWork { .. } => {}
        }
    }
    for shard in shards.iter_mut() {
        for call in shard.each_call_mut() {
            let waits = matches!(call.state, State::Waiting(_));
            if let Some(entry) = call.body.holdings.entry.as_mut()
                && waits
            {
                let line = config
                    .layout
                    .line(entry.queue, entry.language)
                    .expect("a waiting caller's line is in the configuration");
                let alone = &mut |event| unreachable!("nobody rests yet, and {event:?}");
                let handle = matcher.arrive(line, entry.step, entry.key, alone);
                entry.handle = Some(handle.expect("who waited has room again"));
            }
        }
    }
    floor.rest_all_again(now);
}

/// Another configuration while calls run: a new matcher is laid out, with room for everybody who waits, and everybody takes his
/// place in it with his old key. Nothing may be under way between the threads that is not lost without harm, as at a restart.
/// `config` must follow the one before ([`crate::Config::following`]), so that numbers mean what they meant.
pub fn reload(
    now: Instant,
    config: &crate::config::SharedConfig,
    floor: &mut Floor,
    shards: &mut [Shard],
) -> Result<Arc<Matcher>, LayoutError> {
    let mut waiting: BTreeMap<u32, usize> = BTreeMap::new();
    for entry in shards.iter().flat_map(Shard::each_call).filter_map(|c| c.body.holdings.entry.as_ref()) {
        let line =
            config.layout.line(entry.queue, entry.language).expect("a configuration that follows keeps every line");
        *waiting.entry(line).or_default() += 1;
    }
    let plan = config.layout.plan_with_room(|line| waiting.get(&line).copied().unwrap_or(0))?;
    let matcher = Arc::new(Matcher::new(plan));
    for shard in shards.iter_mut() {
        shard.adopt_config(config.clone(), matcher.clone());
    }
    floor.adopt_config(now, config.clone(), matcher.clone());
    engine(now, config, &matcher, floor, shards);
    Ok(matcher)
}

/// The colleague whom an agent has brought in: in which turn, and whether he has picked up.
fn second(call: &Call) -> Option<(AgentId, u64, bool)> {
    let second = call.body.holdings.second.as_ref()?;
    let Who::Agent { agent, turn: Some(turn), .. } = second.who else { return None };
    Some((agent, turn, second.leg.as_ref().is_some_and(|l| l.negotiated.is_some())))
}

/// Calls claim their agents. Returns whom.
fn claim(
    now: Instant,
    config: &crate::Config,
    matcher: &Matcher,
    floor: &mut Floor,
    shards: &mut [Shard],
) -> BTreeMap<AgentId, CallId> {
    let mut claimed = BTreeMap::new();
    for shard in shards.iter_mut() {
        let mut orphans = vec![];
        for call in shard.each_call_mut() {
            let id = call.body.facts.id;
            if let Some((who, turn, talks)) = second(call) {
                if floor.agent(who).turn != turn || claimed.insert(who, id).is_some() {
                    orphans.push((id, who, turn));
                } else {
                    let deadline = now + config.rules.ring_max + RING_GRACE;
                    match (talks, floor.agent(who).activity) {
                        (true, Activity::Talking { .. }) | (false, Activity::Ringing { .. }) => {}
                        (true, _) => floor.correct(now, who, Activity::Talking { call: id }),
                        (false, _) => floor.correct(now, who, Activity::Ringing { key: 0, deadline }),
                    }
                }
            }
            let rings = matches!(call.state, State::Ringing(_));
            let holdings = &mut call.body.holdings;
            let Some(agent) = &holdings.agent else { continue };
            let (who, turn) = (agent.agent, agent.turn);
            // An agent whom the floor has meanwhile matched to somebody else is no longer this call's.
            if floor.agent(who).turn != turn || claimed.insert(who, id).is_some() {
                orphans.push((id, who, turn));
                continue;
            }
            let activity = floor.agent(who).activity;
            if rings {
                let entry = holdings.entry.as_mut().expect("who rings has a place");
                let line = config
                    .layout
                    .line(entry.queue, entry.language)
                    .expect("a waiting caller's line is in the configuration");
                let chair = floor.chair_again(who);
                let idle_key = floor.agent(who).idle_key;
                let (met, generation) = matcher
                    .restore_match(line, entry.step, entry.key, chair, idle_key)
                    .expect("who waited has room again");
                entry.handle = Some(met.entry);
                holdings.met = Some(met);
                floor.held_again(who, chair, generation);
                if !matches!(activity, Activity::Ringing { .. }) {
                    let deadline = now + config.rules.ring_max + RING_GRACE;
                    floor.correct(
                        now,
                        who,
                        Activity::Ringing { key: holdings.entry.as_ref().map_or(0, |e| e.key), deadline },
                    );
                }
            } else if !matches!(activity, Activity::Talking { .. }) {
                floor.correct(now, who, Activity::Talking { call: id });
            }
        }
        for (_, agent, turn) in orphans {
            // Whatever becomes of it, the floor has long gone on: this word is about an old turn and changes nothing.
            shard.push(Output::ToFloor(ToFloor::TalkOver { agent, turn }));
        }
    }
    claimed
}
