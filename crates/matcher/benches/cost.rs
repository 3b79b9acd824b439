//! What an operation costs, beside one lock around ordered maps that answers the same questions, and beside a poller, in the same run.
//!
//! ```text
//!   cargo bench -p switchboard-matcher --bench cost              a short set, about half a minute
//!   cargo bench -p switchboard-matcher --bench cost -- --all     100 to 10 000 agents × 0 to 100 000 waiting × 16 to 4 096 classes × 1, 2 threads
//!   ns, p50 / p99 / p99.9 of each operation (p99.9 from 10 000 samples on); ratio = lock ÷ ours, above 1 is in our favour
//! ```
//! A meeting is counted whole: found, finished, and the agent engaged. The clock's own cost is printed, not taken off. On a busy
//! machine read the ratios, not the numbers. With one thread a lock is never contended, and is cheaper; what is bought is the
//! tail with two. The poller scans all who wait and all who rest, as engines do that look every 100 ms: its meetings wait for the scan.
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Barrier, Mutex};
use std::time::Instant;
use switchboard_matcher::*;

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let Some(at) = words.iter().position(|word| word == "--memory-of") {
        return memory_of(words.get(at + 1).map_or("", String::as_str));
    }
    let all = words.iter().any(|word| word == "--all");
    let mut clock = Samples::default();
    (0..100_000).for_each(|_| clock.time(|| ()));
    println!("clock itself: {}", shown(clock.percentiles()));
    let short = [
        (100, 0, 16),
        (1_000, 0, 256),
        (10_000, 0, 256),
        (1_000, 1_000, 16),
        (10_000, 100_000, 256),
        (10_000, 100_000, 4_096),
    ];
    let mut grid = vec![];
    for agents in [100, 1_000, 10_000] {
        for waiting in [0, 1_000, 100_000] {
            grid.extend([16, 256, 4_096].map(|classes| (agents, waiting, classes)));
        }
    }
    let cases = if all { &grid[..] } else { &short[..] };
    for (agents, waiting, classes) in cases.iter().copied() {
        for threads in [1, 2] {
            case(Case { agents, waiting, classes, profiles: classes.min(256), threads, operations: 60_000 });
        }
        poller(Case { agents, waiting, classes, profiles: classes.min(256), threads: 1, operations: 0 });
    }
    memory();
}

/// One scan of a poller: each who waits, in order, is held against each who rests, until one fits.
fn poller(case: Case) {
    let mut rng = Rng(0x5eed);
    let serves: Vec<Vec<u32>> =
        (0..case.classes).map(|c| case.fits(c).into_iter().map(|(_, profile)| profile).collect()).collect();
    // In a busy centre hardly anybody rests who fits: a hundredth of the agents do, and most who wait find nobody.
    let resting: Vec<u32> = (0..(case.agents / 100).max(1)).map(|n| (n % case.profiles) as u32).collect();
    let waiting: Vec<usize> = (0..case.waiting.max(1)).map(|_| rng.below(case.classes)).collect();
    let mut samples = Samples::default();
    for _ in 0..9 {
        let met = samples.time(|| waiting.iter().filter(|c| resting.iter().any(|p| serves[**c].contains(p))).count());
        assert!(met <= waiting.len());
    }
    let scan = samples.percentiles()[0] as f64 / 1e6;
    println!(
        "  poller, 100 ms: a scan takes {scan:.3} ms; whoever could meet waits {:.0} ms (half the period, and the scan)",
        50.0 + scan
    );
}

/// Who waits while memory is measured.
const CROWD: Case = Case { agents: 100, waiting: 100_000, classes: 256, profiles: 256, threads: 1, operations: 0 };
/// What the design gives an entry's slot.
const SLOT_GOAL_B: u32 = 17;

/// Bytes of memory for each who waits, each engine in a process of its own: what this one has used before is used again, and would
/// hide what it takes.
fn memory() {
    let program = std::env::current_exe().expect("a program knows where it lies");
    let of = |engine: &str| {
        let child = std::process::Command::new(&program).args(["--memory-of", engine]).output().expect("ours starts");
        let text = String::from_utf8_lossy(&child.stdout).trim().to_owned();
        text.parse::<usize>().unwrap_or_else(|e| panic!("no bytes of {engine} ({e}): {text}"))
    };
    let each = |bytes: usize| bytes as f64 / CROWD.waiting as f64;
    let (ours, lock) = (each(of("ours")), each(of("lock")));
    println!(
        "\nmemory for each of {} who wait, {} classes, 100 agents, all included, each in a fresh process: ours {ours:.1} B   lock {lock:.1} B\n\
         (matching.md: {SLOT_GOAL_B} B a slot, 250 B a line, 18 B an agent)",
        CROWD.waiting, CROWD.classes
    );
    assert!(ours > f64::from(SLOT_GOAL_B) / 2.0 && lock > 8.0, "who waits takes memory: {ours} and {lock} B");
}

/// In the fresh process: fills one engine and prints by how many bytes it has grown.
fn memory_of(engine: &str) {
    let before = resident();
    let fill = |arrive: &dyn Fn(usize, u64)| (0..CROWD.waiting).for_each(|n| arrive(n % CROWD.classes, n as u64 + 1));
    let kept: Box<dyn std::any::Any> = match engine {
        "ours" => {
            let ours = Ours::new(CROWD);
            fill(&|class, key| assert!(ours.arrive(class, key).is_ok()));
            Box::new(ours)
        }
        "lock" => {
            let lock = Locked::new(CROWD);
            fill(&|class, key| assert!(lock.arrive(class, key).is_ok()));
            Box::new(lock)
        }
        other => panic!("--memory-of takes ours or lock, and not `{other}`"),
    };
    println!("{}", resident() - before);
    drop(kept);
}

/// Memory of this process, in bytes.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<usize>().ok()).unwrap_or(0) * 1_024
}

#[derive(Clone, Copy)]
struct Case {
    agents: usize,
    waiting: usize,
    classes: usize,
    profiles: usize,
    threads: usize,
    operations: usize,
}

impl Case {
    /// Eight profiles of three ranks fit each class.
    fn fits(&self, class: usize) -> Vec<(u8, u32)> {
        let all: BTreeMap<u32, u8> =
            (0..8).map(|n| (((class * 7 + n * 5) % self.profiles) as u32, (n % 3) as u8)).collect();
        all.into_iter().map(|(profile, rank)| (rank, profile)).collect()
    }
}

/// Repeats a case, ours and the lock in turn, and shows the medians.
fn case(case: Case) {
    const REPEATS: usize = 5;
    let mut all: Vec<[Vec<[u64; 3]>; 2]> = KINDS.iter().map(|_| [vec![], vec![]]).collect();
    for _ in 0..REPEATS {
        let both = [drive(&Ours::new(case), case), drive(&Locked::new(case), case)];
        for (engine, kinds) in both.into_iter().enumerate() {
            for (kind, mut samples) in kinds.into_iter().enumerate().filter(|(_, s)| !s.0.is_empty()) {
                all[kind][engine].push(samples.percentiles());
            }
        }
    }
    let Case { agents, waiting, classes, threads, .. } = case;
    println!("\n{agents} agents, {waiting} wait, {classes} classes, {threads} threads");
    for (name, [ours, lock]) in KINDS.iter().zip(all).filter(|(_, both)| !both[0].is_empty()) {
        let (ours, lock) = (median(ours), median(lock));
        let one = |n: usize| {
            if ours[n] == 0 || lock[n] == 0 {
                "–".to_owned()
            } else {
                format!("{:.2}", lock[n] as f64 / ours[n] as f64)
            }
        };
        let ratio: Vec<String> = (0..3).map(one).collect();
        println!("  {name:<13} ours {}   lock {}   ratio {}", shown(ours), shown(lock), ratio.join(" / "));
    }
}

const KINDS: [&str; 5] = ["arrive meets", "ready rests", "ready meets", "arrive rests", "withdraw"];

/// The median of repeats; nothing for a percentile that any of them had too few samples for.
fn median(of: Vec<[u64; 3]>) -> [u64; 3] {
    std::array::from_fn(|n| {
        let mut one: Vec<u64> = of.iter().map(|p| p[n]).collect();
        one.sort_unstable();
        if one[0] == 0 { 0 } else { one[one.len() / 2] }
    })
}

fn shown([p50, p99, p999]: [u64; 3]) -> String {
    let tail = if p999 == 0 { "–".to_owned() } else { p999.to_string() };
    format!("{p50:>5} /{p99:>6} /{tail:>7}")
}

/// With fewer samples the 99.9th percentile is the word of a handful.
const FOR_P999: usize = 10_000;

#[derive(Default)]
struct Samples(Vec<u64>);

impl Samples {
    fn time<R>(&mut self, f: impl FnOnce() -> R) -> R {
        let from = Instant::now();
        let answer = f();
        self.0.push(from.elapsed().as_nanos() as u64);
        answer
    }
    fn percentiles(&mut self) -> [u64; 3] {
        self.0.sort_unstable();
        let at = |p: usize| self.0[self.0.len() * p / 1_000];
        [at(500), at(990), if self.0.len() >= FOR_P999 { at(999) } else { 0 }]
    }
}

/// A pair that meets is over before the call returns.
trait Engine: Sync {
    type Entry: Copy + Send;
    type Agent: Copy + Send + Sync;
    fn agents(&self) -> Vec<Self::Agent>;
    /// He waits, or this agent took him.
    fn arrive(&self, class: usize, key: u64) -> Result<Self::Entry, Self::Agent>;
    /// The class of the caller he took; none: he rests.
    fn ready(&self, agent: Self::Agent, key: u64) -> Option<usize>;
    fn withdraw(&self, entry: Self::Entry) -> bool;
    fn unready(&self, agent: Self::Agent, key: u64);
}

/// Times every operation, by kind.
fn drive<E: Engine>(engine: &E, case: Case) -> Vec<Samples> {
    let (clock, agents) = (AtomicU64::new(1), engine.agents());
    let now = || clock.fetch_add(1, Ordering::Relaxed);
    let mut rng = Rng(0x5eed);
    let mut waiting: Vec<Vec<E::Entry>> = vec![vec![]; case.threads];
    if case.waiting == 0 {
        agents.iter().for_each(|agent| assert!(engine.ready(*agent, now()).is_none()));
    }
    for n in 0..case.waiting {
        waiting[n % case.threads].extend(engine.arrive(rng.below(case.classes), now()));
    }
    let (gate, all) = (Barrier::new(case.threads), Mutex::new(KINDS.map(|_| Samples::default())));
    std::thread::scope(|scope| {
        for (me, mut mine) in waiting.into_iter().enumerate() {
            let (gate, all, now) = (&gate, &all, &now);
            let agents: Vec<E::Agent> = agents.iter().skip(me).step_by(case.threads).copied().collect();
            scope.spawn(move || {
                let (mut rng, mut samples) = (Rng(77 + me as u64), KINDS.map(|_| Samples::default()));
                gate.wait();
                for _ in 0..case.operations / case.threads {
                    if case.waiting == 0 {
                        let (class, key) = (rng.below(case.classes), now());
                        match samples[0].time(|| engine.arrive(class, key)) {
                            Err(agent) => {
                                let key = now();
                                samples[1].time(|| engine.ready(agent, key));
                            }
                            Ok(entry) => drop(engine.withdraw(entry).then_some(())), // everybody who fits was in another hand
                        }
                        continue;
                    }
                    let (agent, key) = (agents[rng.below(agents.len())], now());
                    match samples[2].time(|| engine.ready(agent, key)) {
                        Some(class) => {
                            let key = now();
                            if let Ok(entry) = samples[3].time(|| engine.arrive(class, key)) {
                                let n = rng.below(mine.len());
                                mine[n] = entry;
                            }
                        }
                        None => engine.unready(agent, key), // nobody waits whom he fits
                    }
                    let n = rng.below(mine.len());
                    let entry = mine[n];
                    if samples[4].time(|| engine.withdraw(entry)) {
                        mine[n] = engine.arrive(rng.below(case.classes), now()).unwrap_or(entry);
                    }
                }
                let mut all = all.lock().unwrap();
                all.iter_mut().zip(samples).for_each(|(all, mine)| all.0.extend(mine.0));
            });
        }
    });
    all.into_inner().unwrap().into()
}

struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 33) % n as u64) as usize
    }
}

struct Ours {
    matcher: Matcher,
    chairs: Vec<Chair>,
}

impl Ours {
    fn new(case: Case) -> Ours {
        let capacity = (case.waiting / case.classes * 3 / 2 + 64).next_multiple_of(64);
        let line = |class| LineSpec { capacity, steps: vec![ClassSpec { credit: 0, profiles: case.fits(class) }] };
        let lines = (0..case.classes).map(line).collect();
        let plan = Plan::new(lines, vec![case.agents.div_ceil(case.profiles); case.profiles]).expect("a plan");
        let matcher = Matcher::new(plan);
        let chairs = (0..case.agents).map(|n| matcher.seat((n % case.profiles) as u32).expect("room")).collect();
        Ours { matcher, chairs }
    }

    fn served(&self, met: Option<Event>) -> Option<(usize, Chair)> {
        let Some(Event::Met(met)) = met else { return None };
        let (class, generation) = (met.class as usize, met.chair_gen);
        let (_, chair) = self.matcher.finish(met);
        self.matcher.engage(chair, generation);
        Some((class, chair))
    }
}

impl Engine for Ours {
    type Entry = Entry;
    type Agent = Chair;
    fn agents(&self) -> Vec<Chair> {
        self.chairs.clone()
    }
    fn arrive(&self, class: usize, key: u64) -> Result<Entry, Chair> {
        let mut met = None;
        let entry = self.matcher.arrive(class as u32, 0, key, &mut |event| met = Some(event)).expect("room");
        self.served(met).map_or(Ok(entry), |(_, chair)| Err(chair))
    }
    fn ready(&self, agent: Chair, key: u64) -> Option<usize> {
        let mut met = None;
        self.matcher.ready(agent, key, &mut |event| met = Some(event));
        self.served(met).map(|(class, _)| class)
    }
    fn withdraw(&self, entry: Entry) -> bool {
        self.matcher.withdraw(entry) == Withdrawn::Withdrawn
    }
    fn unready(&self, agent: Chair, _: u64) {
        self.matcher.unready(agent, self.matcher.chair_state(agent).generation);
    }
}

/// Ordered maps of who waits and who rests, by class and profile, and one lock around them.
struct Locked {
    maps: Mutex<Maps>,
    tiers: Vec<[Vec<usize>; 3]>,
    serves: Vec<Vec<usize>>,
    agents: usize,
}

struct Maps {
    waiting: Vec<BTreeMap<u64, ()>>,
    resting: Vec<BTreeMap<u64, usize>>,
}

impl Locked {
    fn new(case: Case) -> Locked {
        let (mut tiers, mut serves) = (vec![], vec![vec![]; case.profiles]);
        for class in 0..case.classes {
            let mut ranks = [vec![], vec![], vec![]];
            for (rank, profile) in case.fits(class) {
                ranks[rank as usize].push(profile as usize);
                serves[profile as usize].push(class);
            }
            tiers.push(ranks);
        }
        let maps = Maps { waiting: vec![BTreeMap::new(); case.classes], resting: vec![BTreeMap::new(); case.profiles] };
        Locked { maps: Mutex::new(maps), tiers, serves, agents: case.agents }
    }
}

impl Engine for Locked {
    type Entry = (usize, u64);
    type Agent = usize;
    fn agents(&self) -> Vec<usize> {
        (0..self.agents).collect()
    }
    fn arrive(&self, class: usize, key: u64) -> Result<(usize, u64), usize> {
        let mut maps = self.maps.lock().unwrap();
        for tier in &self.tiers[class] {
            let heads =
                tier.iter().filter_map(|&p| maps.resting[p].first_key_value().map(|(key, agent)| (*key, p, *agent)));
            if let Some((key, profile, agent)) = heads.min() {
                maps.resting[profile].remove(&key);
                return Err(agent);
            }
        }
        maps.waiting[class].insert(key, ());
        Ok((class, key))
    }
    fn ready(&self, agent: usize, key: u64) -> Option<usize> {
        let mut maps = self.maps.lock().unwrap();
        let profile = agent % self.serves.len();
        let heads =
            self.serves[profile].iter().filter_map(|&c| maps.waiting[c].first_key_value().map(|(key, ())| (*key, c)));
        if let Some((key, class)) = heads.min() {
            maps.waiting[class].remove(&key);
            return Some(class);
        }
        maps.resting[profile].insert(key, agent);
        None
    }
    fn withdraw(&self, (class, key): (usize, u64)) -> bool {
        self.maps.lock().unwrap().waiting[class].remove(&key).is_some()
    }
    fn unready(&self, agent: usize, key: u64) {
        let mut maps = self.maps.lock().unwrap();
        let profile = agent % self.serves.len();
        maps.resting[profile].remove(&key);
    }
}
