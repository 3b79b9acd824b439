//! One seed, and a set of them.
use crate::base::Base;
use crate::coverage::Coverage;
use crate::engine_side::EngineSide;
use crate::people_side::{PeopleSide, Who};
use crate::scenario::{Depth, Restore, Scenario};
use crate::world::{Line, World};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_acd::{AtMaxWait, Overflow};
use switchboard_engine::Config;
use switchboard_engine::command::Order;
use switchboard_engine::config::{AnnouncePlace, HealthCheck, OutBy, Sbc, Source, Verification};
use switchboard_engine::lookup::Backend;
use switchboard_media::{Media, MediaConfig};
use switchboard_model::{AgentId, Chance, Digit, Instant, Transport};
use switchboard_people::{AgentPerson, Caller, CallerPlan, Depth as Sound, Habit, PhoneAddress, tones};

/// The day on which every world begins, in seconds since 1970: 2027-01-15, midnight in Shanghai.
const DAY_S: u64 = 1_799_942_400;

/// When a world begins.
pub fn start_of(scenario: &Scenario) -> Instant {
    Instant::from_millis((DAY_S + 3_600 * u64::from(scenario.hour)) * 1_000)
}

/// A law that was broken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Broken {
    /// In which world.
    pub seed: u64,
    /// Which law.
    pub law: String,
    /// How.
    pub why: String,
    /// When, in seconds since the world began.
    pub at_s: u64,
}

/// What became of one world.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Outcome {
    /// Which.
    pub seed: u64,
    /// Of everything that was sent, told and decided.
    pub digest: String,
    /// Calls that arrived.
    pub calls: u64,
    /// Events the threads handled.
    pub events: u64,
    /// How often the engine was dropped and made anew.
    pub restores: u64,
    /// The law that was broken, if one was.
    pub broken: Option<Broken>,
    /// What was taken.
    #[serde(skip)]
    pub coverage: Coverage,
    /// What happened, if it was to be told.
    #[serde(skip)]
    pub story: Vec<Line>,
}

/// Runs the world of a scenario under this configuration.
pub fn run(scenario: &Scenario, base: &Base, tell: bool) -> Outcome {
    let mut chance = Chance::from_number(scenario.seed);
    let start = start_of(scenario);
    let config = Arc::new(base.config_for(scenario));
    let mut engine =
        EngineSide::new(config.clone(), scenario.shards, scenario.ports, start, Chance::from_seed(chance.seed()));
    if scenario.restore == Restore::Never {
        engine.keeps_nothing();
    }
    let sounded = (scenario.depth == Depth::Sounded)
        .then(|| Media::new(base.sounds.clone(), Chance::from_seed(chance.seed()), MediaConfig::default()));
    let people = people(scenario, &config, start, &mut chance);
    let end_of_calls = start + scenario.arrivals_within;
    let mut world = World::new(scenario.clone(), start, engine, people, sounded, base.config.menus.clone(), tell);
    for _ in 0..scenario.deaths {
        let at = start + scenario.arrivals_within.mul_f64(chance.unit());
        let who = if chance.happens(0.4) {
            Who::Agent(chance.below(scenario.agents as u64) as usize)
        } else {
            Who::Caller(chance.below(scenario.callers as u64) as usize)
        };
        // Half of the callers who die do so within the first moments of their call.
        let at = match who {
            Who::Caller(n) if chance.happens(0.5) => {
                world.people.callers[n].plan().at + Duration::from_millis(chance.below(200))
            }
            Who::Caller(n) => world.people.callers[n].plan().at + Duration::from_secs(chance.below(60)),
            Who::Agent(_) => at,
        };
        world.dies_at(at, who);
    }
    if scenario.depth == Depth::Told {
        for n in 0..3 {
            let agent = AgentId(chance.below(scenario.agents as u64) as u32);
            world.pause(
                start + Duration::from_secs(40 + 60 * n + chance.below(40)),
                agent,
                Duration::from_secs(5 + chance.below(60)),
            );
        }
    }
    let mut live = config.clone();
    let mut churn = Chance::from_number(scenario.seed ^ 0xc4u64);
    for n in 0..scenario.reloads {
        let part = (n as f64 + churn.unit()) / scenario.reloads as f64;
        live = Arc::new(changed(&live, &base.config_for(scenario), &mut churn));
        world.reloaded_at(start + scenario.arrivals_within.mul_f64(part), live.clone());
    }
    if scenario.drains {
        let at = start + scenario.arrivals_within.mul_f64(0.8);
        for thread in 1..=usize::from(scenario.shards) {
            world.ordered_at(at, thread, Order::Drain);
            world.ordered_at(at + Duration::from_secs(60), thread, Order::EndAll);
        }
    }
    let end = end_of_calls + Duration::from_secs(3_600);
    let broken = world.run(end).err().map(|(law, why)| Broken {
        seed: scenario.seed,
        law: law.to_owned(),
        why,
        at_s: world.now().since(start).as_secs(),
    });
    let (events, restores) = world.counts();
    Outcome {
        seed: scenario.seed,
        digest: world.digest(),
        calls: world.arrived(),
        events,
        restores,
        broken,
        coverage: world.coverage(),
        story: world.take_story(),
    }
}

/// What people change during the day: somebody learns or forgets, somebody leaves or comes back, a queue asks for more or is made
/// more urgent. Everybody keeps his telephone.
fn changed(live: &Config, base: &Config, chance: &mut Chance) -> Config {
    let mut new = base.clone();
    for _ in 0..3 {
        let (a, b) = (chance.below(new.agents.len() as u64) as usize, chance.below(new.agents.len() as u64) as usize);
        let skills = new.agents[a].skills.clone();
        new.agents[a].skills = new.agents[b].skills.clone();
        new.agents[b].skills = skills;
    }
    if chance.happens(0.5) {
        let gone = chance.below(new.agents.len() as u64) as usize;
        new.agents.remove(gone);
    }
    if chance.happens(0.3) {
        new.agents.reverse();
    }
    let queue = chance.below(new.queues.len() as u64) as usize;
    new.queues[queue].queue.priority_offset_s = chance.below(120) as u32;
    new.following(live).expect("languages stay, and what could be laid out before can be now")
}

impl Base {
    fn config_for(&self, scenario: &Scenario) -> Config {
        let mut config = self.config.clone();
        for queue in &mut config.queues {
            queue.queue.max_waiting = scenario.max_waiting;
            queue.queue.max_wait_s = scenario.max_wait_s;
            queue.announce_agent_id = scenario.announces;
            // Announced early and often, so that short waits see it.
            queue.announce_place = scenario
                .seed
                .is_multiple_of(2)
                .then_some(AnnouncePlace { first: Duration::from_secs(3), every: Duration::from_secs(15) });
            if scenario.seed % 4 == 1 {
                queue.queue.at_max_wait = AtMaxWait::HangUp;
            }
            // In every third world callers go over to the general desk before the longest wait.
            queue.queue.overflow =
                (scenario.seed.is_multiple_of(3) && queue.queue.name != "general" && queue.queue.name != "duty")
                    .then(|| Overflow { after: Duration::from_secs(15), queue: "general".to_owned() });
        }
        for trunk in &mut config.trunks {
            trunk.answer_after = scenario.answer_after;
            trunk.calls_max = scenario.calls_max;
            trunk.cps_max = scenario.cps_max;
            trunk.sources.push(Source { address: [10, 1, 0, 0].into(), prefix: 16, port: None });
        }
        // Above a trunk's, so that either bound is met.
        config.limits.calls_max = scenario.calls_max + scenario.calls_max / 2;
        // By a trunk of two SBCs, the first of which never answers, so that every call out tries the second too.
        let sbc = |at, priority| Sbc { at, transport: Transport::Udp, priority, weight: 0 };
        config.trunks[0].sbcs = vec![sbc(address([10, 3], 1).sip, 1), sbc(address([10, 3], 0).sip, 2)];
        config.trunks[0].health = HealthCheck::Passive;
        config.outside.by = Some(OutBy::Trunk(config.trunks[0].id));
        config.outside.ring_max = Duration::from_secs(15);
        config.outside.allow = vec![crate::desk::OUTSIDE.to_owned()];
        // Whoever is asked need not have a sound: silence is a question too.
        config.verification = Some(Verification {
            account_digits: (1, 19),
            pin_digits: 4,
            attempts: 2,
            backend: Backend {
                address: address([10, 4], 0).sip,
                host: String::new(),
                path: String::new(),
                within: Duration::from_secs(3),
            },
            ask_account: BTreeMap::new(),
            ask_pin: BTreeMap::new(),
            again: BTreeMap::new(),
            failed: BTreeMap::new(),
        });
        // As with verification: what was keyed is forgotten in a restart, so it is asked for only where that is meant.
        if scenario.restore != Restore::Crash {
            config.services = None;
        }
        config.limits.hold_max = Duration::from_secs(20);
        config.limits.consult_max = Duration::from_secs(30);
        // More than the files have: the same people again, under other numbers.
        let own = config.agents.clone();
        for n in own.len()..scenario.agents {
            let mut agent = own[n % own.len()].clone();
            agent.id = AgentId(n as u32);
            agent.agent_id = (8_001 + n).to_string();
            agent.account.user.clone_from(&agent.agent_id);
            config.agents.push(agent);
        }
        config.agents.truncate(scenario.agents);
        config.lay_out().expect("fewer agents and shorter queues can be laid out");
        config
    }
}

fn address(net: [u8; 2], n: usize) -> PhoneAddress {
    let ip = [net[0], net[1], (n / 250) as u8, (n % 250 + 1) as u8];
    PhoneAddress { sip: SocketAddr::from((ip, 5060)), rtp: SocketAddr::from((ip, 4000)) }
}

fn people(scenario: &Scenario, config: &Config, start: Instant, chance: &mut Chance) -> PeopleSide {
    let sounded = scenario.depth == Depth::Sounded;
    let sound = |own: f64, others: Vec<f64>| if sounded { Sound::Sounded { own, others } } else { Sound::Told };
    let mut people = PeopleSide::new(sounded);
    let centre = crate::engine_side::centre();
    for (n, agent) in config.agents.iter().enumerate() {
        let habit = Habit {
            lets_ring: scenario.lets_ring,
            busy: 0.03,
            refuses: 0.02,
            too_late: Some((0.03, Duration::from_millis(14_900 + chance.below(300)))),
            picks_up: (Duration::from_millis(300), Duration::from_secs(6)),
            talks: (Duration::from_secs(5), Duration::from_secs_f64(scenario.talk_mean_s * 10.0 / 3.0)),
            drops: 0.02,
            refers: Some((scenario.desk / 3.0, refer_to(scenario, n))),
        };
        let mut person = AgentPerson::new(
            &agent.account.user,
            plain(&agent.account.password),
            address([10, 2], n),
            centre,
            habit,
            sound(tones::of_agent(n), tones::callers()),
            start + Duration::from_millis(chance.below(20_000)),
            Chance::from_seed(chance.seed()),
        );
        person.registers_for(scenario.expires_s);
        people.add_agent(person);
    }
    // Before the world ends everybody logs out.
    let logs_out = start + scenario.arrivals_within + Duration::from_secs(1_500);
    people.agents.iter_mut().for_each(|a| a.log_out_at(logs_out));
    // Some come and go meanwhile.
    for _ in 0..2 {
        let n = chance.below(people.agents.len() as u64) as usize;
        people.agents[n].log_out_at(start + scenario.arrivals_within.mul_f64(chance.unit()));
    }
    // Who answers outside: he has no account here and registers nowhere.
    let mut outside = AgentPerson::new(
        crate::desk::OUTSIDE,
        "",
        address([10, 3], 0),
        centre,
        Habit {
            picks_up: (Duration::from_millis(300), Duration::from_secs(18)),
            talks: (Duration::from_secs(3), Duration::from_secs(40)),
            busy: 0.2,
            ..Habit::steady()
        },
        sound(tones::of_agent(config.agents.len()), tones::callers()),
        start,
        Chance::from_seed(chance.seed()),
    );
    outside.never_registers();
    people.add_outside(outside);
    for n in 0..scenario.callers {
        let plan = caller_plan(scenario, n, start, chance);
        let own = tones::of_caller(n);
        people.add_caller(Caller::new(
            plan,
            address([10, 1], n),
            centre,
            sound(own, tones::agents()),
            Chance::from_seed(chance.seed()),
        ));
    }
    people
}

/// Where an agent's transfer key leads.
fn refer_to(scenario: &Scenario, n: usize) -> String {
    let centre = crate::engine_side::centre();
    let user = match n % 4 {
        0 => "general".to_owned(),
        1 => crate::desk::OUTSIDE.to_owned(),
        _ => format!("80{:02}", 1 + (n * 7) % scenario.agents),
    };
    format!("sip:{user}@{centre}")
}

fn plain(password: &switchboard_sip::registrar::Password) -> &str {
    match password {
        switchboard_sip::registrar::Password::Plain(password) => password,
        switchboard_sip::registrar::Password::Ha1 { .. } => panic!("simulated agents need a password that can be read"),
    }
}

fn caller_plan(scenario: &Scenario, n: usize, start: Instant, chance: &mut Chance) -> CallerPlan {
    let sounded = scenario.depth == Depth::Sounded;
    let first = Duration::from_secs(if sounded { 3 } else { 15 });
    let when = if scenario.humps { on_a_working_day(chance) } else { chance.unit() };
    let at = start + first + (scenario.arrivals_within - first).mul_f64(when);
    let faces = ['0', '0', '0', '1', '2', '2', '3', '4', '5', '8', '9', '*', '#', '7', 'A'];
    let presses = if chance.happens(0.2) { 0 } else { 1 + chance.below(3) };
    let mut after = Duration::from_millis(500 + chance.below(if sounded { 3_000 } else { 12_000 }));
    let mut keys = vec![];
    for _ in 0..presses {
        let face = faces[chance.below(faces.len() as u64 - u64::from(sounded)) as usize];
        keys.push((after, Digit::from_char(face).expect("a key")));
        after += Duration::from_millis(300 + chance.below(6_000));
    }
    let patience = if sounded { 60.0 } else { 8.0 + chance.exponential(90.0) };
    let talk =
        if sounded { 4.0 + chance.exponential(4.0) } else { 1.0 + chance.exponential(scenario.talk_mean_s - 1.0) };
    CallerPlan {
        number: format!("139{:08}", n + 1),
        dials: if chance.happens(0.02) { "9999".to_owned() } else { "9500".to_owned() },
        at,
        keys,
        patience: Duration::from_secs_f64(patience),
        talk: Duration::from_secs_f64(talk),
        gives_up_ringing: chance.happens(0.05).then(|| Duration::from_millis(chance.below(2_500))),
        only_amr: chance.happens(0.02),
    }
}

/// A moment of a working day, as a share of it: three in ten in the morning's hump, two in ten in the afternoon's, the rest evenly.
fn on_a_working_day(chance: &mut Chance) -> f64 {
    match chance.below(10) {
        0..3 => 0.2 + 0.15 * chance.unit(),
        3..5 => 0.55 + 0.1 * chance.unit(),
        _ => chance.unit(),
    }
}

/// A set of seeds.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Set {
    /// How many worlds.
    pub seeds: u64,
    /// Calls in all of them.
    pub calls: u64,
    /// Events in all of them.
    pub events: u64,
    /// Restores in all of them.
    pub restores: u64,
    /// The laws that were broken, by the first broken of each seed.
    pub broken: Vec<Broken>,
    /// What was taken.
    pub coverage: Coverage,
    /// What should have been taken and was not; empty for a set that was cut short by a broken law.
    pub missing: Vec<String>,
}

/// Runs the world of every seed; with `stop`, ends at the first broken law. Each world is run with restores and, where nothing may be
/// lost by them, without: the digests must be equal.
pub fn run_set(
    seeds: std::ops::Range<u64>,
    scenario_of: impl Fn(u64) -> Scenario,
    base: &Base,
    stop: bool,
    mut each: impl FnMut(&Outcome),
) -> Set {
    let mut set = Set {
        seeds: 0,
        calls: 0,
        events: 0,
        restores: 0,
        broken: vec![],
        coverage: Coverage::default(),
        missing: vec![],
    };
    for seed in seeds {
        let scenario = scenario_of(seed);
        let mut outcome = run(&scenario, base, false);
        // One in five of those that are restored at standstills only is run again without.
        if outcome.broken.is_none()
            && outcome.restores > 0
            && scenario.restore != Restore::Crash
            && (seed % 5 == 0 || scenario.restore == Restore::EveryEvent)
        {
            let without = run(&Scenario { restore: Restore::Never, ..scenario }, base, false);
            if without.digest != outcome.digest {
                let why = format!("with restores the digest is {}, without {}", outcome.digest, without.digest);
                outcome.broken = Some(Broken { seed, law: "restore".to_owned(), why, at_s: 0 });
            }
        }
        set.seeds += 1;
        set.calls += outcome.calls;
        set.events += outcome.events;
        set.restores += outcome.restores;
        set.coverage.add(&outcome.coverage);
        each(&outcome);
        if let Some(broken) = outcome.broken {
            set.broken.push(broken);
            if stop {
                return set;
            }
        }
    }
    set.missing = set.coverage.missing();
    set
}
