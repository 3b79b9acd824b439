//! What kind of world a seed makes.
use crate::network::Quality;
use std::time::Duration;
use switchboard_model::Chance;

/// Whether sound is real.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Sound is said: many calls.
    Told,
    /// Every RTP packet flows: few calls.
    Sounded,
}

/// When the engine is dropped and made anew from its records.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restore {
    /// Never.
    Never,
    /// After every event; threads hand messages over at once, so that they stand still after each.
    EveryEvent,
    /// At some standstills.
    Sometimes,
    /// At some moments, messages between threads and all: what was under way is lost.
    Crash,
}

/// One world.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// From which everything follows.
    pub seed: u64,
    /// Whether sound is real.
    pub depth: Depth,
    /// Shards, 1 to 3.
    pub shards: u8,
    /// Callers.
    pub callers: usize,
    /// Agents.
    pub agents: usize,
    /// Time in which the callers call.
    pub arrivals_within: Duration,
    /// The network.
    pub quality: Quality,
    /// Longest time a message between threads is under way; zero: handed over at once.
    pub ring_delay_max: Duration,
    /// Restores.
    pub restore: Restore,
    /// Probability that an agent lets a call ring.
    pub lets_ring: f64,
    /// The trunk is let ring before we answer, for this long.
    pub answer_after: Duration,
    /// Callers per queue and language that may wait.
    pub max_waiting: u32,
    /// Longest wait.
    pub max_wait_s: u32,
    /// RTP ports of each shard.
    pub ports: usize,
    /// Telephones that die in mid-call.
    pub deaths: usize,
    /// Whether the engine is told to drain before the callers have all called.
    pub drains: bool,
    /// Calls at once in a shard.
    pub calls_max: u32,
    /// The share of conversations in which the agent does more than talk: holds, transfers, consults.
    pub desk: f64,
    /// Whether an agent's ID is announced when he picks up.
    pub announces: bool,
    /// How often the configuration changes while calls run.
    pub reloads: u64,
    /// The hour of the day at which the world begins, in Shanghai: some desks are closed at night.
    pub hour: u8,
    /// How long callers talk, on average, in seconds.
    pub talk_mean_s: f64,
    /// Whether calls come as on a working day, most of them in two humps, and not evenly.
    pub humps: bool,
    /// Calls that may begin in a second by a trunk.
    pub cps_max: Option<u32>,
    /// How long the agents' telephones ask to be registered for, in seconds.
    pub expires_s: u32,
    /// Laws about states are asked after every so many events; 1: after each. Laws about what was told, and about a caller's place,
    /// are asked at each.
    pub laws_every: u64,
}

impl Scenario {
    /// The world of a seed.
    pub fn of(seed: u64, depth: Depth) -> Scenario {
        let mut chance = Chance::from_number(seed ^ 0x5357_4244);
        let pick = |chance: &mut Chance, from: u64, to: u64| from + chance.below(to - from + 1);
        let lossy = chance.happens(0.6);
        let quality = Quality {
            loss: if lossy { 0.2 * chance.unit() } else { 0.0 },
            doubled: if chance.happens(0.5) { 0.1 * chance.unit() } else { 0.0 },
            delay_min: Duration::from_millis(1),
            delay_max: Duration::from_millis(pick(&mut chance, 2, 80)),
        };
        let restore = match seed % 20 {
            7 => Restore::EveryEvent,
            n if n % 5 == 3 => Restore::Crash,
            _ => Restore::Sometimes,
        };
        let ring_delay_max = if restore == Restore::EveryEvent || chance.happens(0.2) {
            Duration::ZERO
        } else {
            Duration::from_micros(pick(&mut chance, 10, 5_000))
        };
        let (callers, agents, minutes) = match depth {
            Depth::Told => (pick(&mut chance, 200, 260), pick(&mut chance, 20, 25), pick(&mut chance, 6, 16)),
            Depth::Sounded => (pick(&mut chance, 8, 12), pick(&mut chance, 3, 4), 1),
        };
        Scenario {
            seed,
            depth,
            shards: pick(&mut chance, 1, 3) as u8,
            callers: callers as usize,
            agents: agents as usize,
            arrivals_within: Duration::from_secs(60 * minutes),
            // Delays that differ by less than a frame: a telephone here has no jitter buffer.
            quality: match depth {
                Depth::Told => quality,
                Depth::Sounded => Quality {
                    loss: 0.02 * chance.unit(),
                    doubled: quality.doubled,
                    delay_min: Duration::from_millis(20),
                    delay_max: Duration::from_millis(35),
                },
            },
            ring_delay_max,
            restore,
            lets_ring: 0.3 * chance.unit(),
            answer_after: if chance.happens(0.3) {
                Duration::from_millis(pick(&mut chance, 50, 2_000))
            } else {
                Duration::ZERO
            },
            max_waiting: if chance.happens(0.3) { pick(&mut chance, 1, 5) as u32 } else { 200 },
            max_wait_s: if chance.happens(0.4) { pick(&mut chance, 20, 90) as u32 } else { 600 },
            ports: if chance.happens(0.1) { 40 } else { 600 },
            deaths: if chance.happens(0.5) { pick(&mut chance, 1, 6) as usize } else { 0 },
            drains: chance.happens(0.15),
            calls_max: if chance.happens(0.15) { pick(&mut chance, 5, 40) as u32 } else { 1_000 },
            announces: chance.happens(0.7),
            hour: pick(&mut chance, 0, 23) as u8,
            // Last, so that the worlds of old seeds stay what they were.
            reloads: if depth == Depth::Told && chance.happens(0.4) { pick(&mut chance, 1, 4) } else { 0 },
            // In depth sounded the tones of a conference would cover each other.
            desk: if depth == Depth::Told { 0.4 * chance.unit() } else { 0.0 },
            talk_mean_s: 36.0,
            humps: false,
            expires_s: 300,
            // By the seed itself, so that other worlds stay what they were. Each shard carries one a second.
            cps_max: (seed % 7 == 5).then_some(1),
            laws_every: 1,
        }
    }

    /// A working day of a large centre: 50 000 calls and 300 agents from seven in the morning to nine at night, over a good network. In the
    /// humps more call than can be served.
    pub fn day(seed: u64) -> Scenario {
        Scenario {
            callers: 50_000,
            agents: 300,
            shards: 2,
            arrivals_within: Duration::from_secs(14 * 3_600),
            quality: Quality {
                loss: 0.001,
                doubled: 0.001,
                delay_min: Duration::from_millis(1),
                delay_max: Duration::from_millis(8),
            },
            ring_delay_max: Duration::from_micros(200),
            restore: Restore::Never,
            lets_ring: 0.01,
            answer_after: Duration::ZERO,
            max_waiting: 400,
            max_wait_s: 1_800,
            ports: 4_000,
            deaths: 20,
            drains: false,
            reloads: 2,
            desk: 0.05,
            calls_max: 2_000,
            announces: true,
            hour: 7,
            talk_mean_s: 260.0,
            humps: true,
            // What most telephones ask for out of the box; with 300 s every tenth event of the day would be a renewal.
            expires_s: 3_600,
            cps_max: None,
            laws_every: 32,
            ..Scenario::of(seed, Depth::Told)
        }
    }
}
