//! What was lost between two threads is made good after a restart, and by the law of the line: the earliest caller first.
//!
//! Not covered here: everything else about a restart, which the simulated worlds try at random moments.
mod rig;

use rig::{Rig, START, address};
use std::sync::Arc;
use std::time::Duration;
use switchboard_acd::{Agent, Presence};
use switchboard_engine::{Config, Floor, FloorSetup, Output, Shard, restore};
use switchboard_matcher::Matcher;
use switchboard_model::{AgentId, Chance, ENDPOINT_FLOOR, Instant, Record, RecordKind, ShardId};
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;

/// The records of a shard with one caller who waits since `at`.
fn with_a_caller(id: ShardId, config: &Arc<Config>, at: Instant) -> Vec<Record> {
    let mut rig = Rig::new(id, config, at);
    rig.call();
    rig.ack();
    rig.key('0');
    rig.shard.records()
}

/// The records of a floor on which this agent is ready and idle: what he had been matched to is lost.
fn with_an_agent(config: &Arc<Config>, floor: &Floor) -> Vec<Record> {
    let ready = |record: &Record| {
        let mut agent: Agent = record.read(record.version).expect("our own record");
        agent.presence = Presence::Ready;
        Record::write(record.key, record.version, &agent)
    };
    let generalist = u64::from(config.agents[generalist(config)].id.0);
    let it_is_his = |r: &Record| r.key.kind == RecordKind::Agent && r.key.id == generalist;
    floor.records().iter().map(|r| if it_is_his(r) { ready(r) } else { r.clone() }).collect()
}

/// Who has the most skills.
fn generalist(config: &Config) -> usize {
    let skills = |n: &usize| config.agents[*n].skills.0.len();
    (0..config.agents.len()).max_by_key(skills).expect("the embedded centre has agents")
}

#[test]
fn after_a_restart_the_earliest_caller_is_served_whichever_shard_has_him() {
    let config = Rig::config();
    let (early, late) = (START, START + Duration::from_secs(1));
    for early_shard in [1, 2, 3] {
        let at = |shard| if shard == early_shard { early } else { late };
        let setup = |matcher: &Arc<Matcher>| FloorSetup {
            first_start: START,
            events_so_far: 0,
            sip: EndpointConfig::new(ENDPOINT_FLOOR, address("198.51.100.1:5060"), "test", Chance::from_number(2)),
            config: config.clone(),
            matcher: matcher.clone(),
            registrar: RegistrarConfig::new(&config.realm, Chance::from_number(3)),
        };
        let matcher = Arc::new(Matcher::new(config.layout.plan().expect("a plan")));
        let now = late + Duration::from_secs(1);
        let records = with_an_agent(&config, &Floor::new(setup(&matcher), now));
        let mut floor = Floor::from_records(setup(&matcher), now, &records).expect("our own records");
        let mut shards: Vec<Shard> = [1, 2, 3]
            .map(|n| {
                let records = with_a_caller(ShardId(n), &config, at(n));
                Shard::from_records(Rig::setup(ShardId(n), &config, matcher.clone()), &records)
                    .expect("our own records")
            })
            .into();
        restore::engine(now, &config, &matcher, &mut floor, &mut shards);
        let mut told: Vec<(ShardId, AgentId)> = vec![];
        while let Some(output) = floor.poll() {
            if let Output::ToShard(shard, matched) = output {
                told.push((shard, matched.agent));
            }
        }
        let his = config.agents[generalist(&config)].id;
        assert_eq!(told, [(ShardId(early_shard), his)]);
        let words = shards.iter_mut().filter_map(Shard::poll).filter(|o| matches!(o, Output::ToFloor(_))).count();
        assert_eq!(words, 0, "a shard made a match of its own");
    }
}
