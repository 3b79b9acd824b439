//! The queue against queueing theory: what layout and matcher do with Poisson arrivals and exponential talks is what the exact
//! stationary distributions say.
//!
//! * M/M/c: Erlang's C formula, for who waits, how long, and how many do.
//! * M/M/c+M: the birth-and-death chain of Erlang A, with callers who leave.
//! * Two skills, one agent of the first and one of both (an N): the chain of all states, the order of the waiting included; so the
//!   best fit for a caller and the longest waiting over all queues for an agent are both in the figures.
//!
//! Each figure is a mean of 61 batches, and must lie within 99.9 % of Student's t for 60 degrees of freedom. The seeds are fixed, so a
//! test gives the same answer each time. SIP, ringing and after-call work are not in here: they have no formula.
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use switchboard_acd::{KeyMint, Layout, Queue, StaffMember};
use switchboard_matcher::{Chair, Entry, Event, Matcher, Withdrawn};
use switchboard_model::{AgentId, Chance, Instant, Language, Level, Need, QueueId, ShardId, SkillId, Skills};

/// 99.95 % quantile of Student's t, 60 degrees of freedom: both tails together are one in a thousand.
const T_999: f64 = 3.460;
const BATCHES: usize = 61;
const CMN: SkillId = SkillId(0);

/// One kind of caller. Rates per second.
struct Kind {
    arrivals: f64,
    service: f64,
    /// 0: waits for ever.
    patience: f64,
    room: u32,
}

/// What one batch saw of one kind.
#[derive(Clone, Default)]
struct Seen {
    arrived: f64,
    waited: f64,
    waited_over: f64,
    blocked: f64,
    left: f64,
    /// Integral over time of how many wait, in seconds.
    waiting: f64,
    /// By agent.
    served: Vec<f64>,
}

struct Batch {
    seconds: f64,
    of: Vec<Seen>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Arrival(usize),
    Done(usize),
    Leaves(u64),
}

struct Centre<'a> {
    kinds: &'a [Kind],
    /// A wait longer than this many seconds is counted apart.
    over_s: f64,
    matcher: Matcher,
    lines: Vec<u32>,
    chairs: Vec<Chair>,
    due: BTreeSet<(Instant, Due)>,
    waiting: BTreeMap<u64, (usize, Instant, Entry)>,
    keys: KeyMint,
    idle_keys: KeyMint,
    chance: Chance,
    now: Instant,
}

fn skill(kind: usize) -> SkillId {
    SkillId(1 + kind as u16)
}

fn queue(n: usize, kind: &Kind) -> Queue {
    let one = Level::new(1).expect("a level");
    Queue {
        id: QueueId(n as u16),
        name: format!("kind {n}"),
        needs: vec![Need { skill: skill(n), at_least: one }],
        steps: vec![],
        priority_offset_s: 0,
        max_waiting: kind.room,
        max_wait_s: 86_400,
        at_max_wait: switchboard_acd::AtMaxWait::HangUp,
        overflow: None,
    }
}

fn staff_member(n: usize, levels: &[u8]) -> StaffMember {
    let own = levels.iter().enumerate().filter(|(_, l)| **l > 0).map(|(kind, l)| (skill(kind), *l));
    let skills = own.chain([(CMN, 1)]).map(|(skill, l)| (skill, Level::new(l).expect("a level"))).collect();
    StaffMember { id: AgentId(n as u32), skills: Skills(skills), trainee: false }
}

impl<'a> Centre<'a> {
    /// Agents by their levels in each kind's skill; 0 is none.
    fn new(kinds: &'a [Kind], agents: &[Vec<u8>], over_s: f64, seed: u64) -> Self {
        let queues: Vec<Queue> = kinds.iter().enumerate().map(|(n, kind)| queue(n, kind)).collect();
        let staff: Vec<StaffMember> = agents.iter().enumerate().map(|(n, levels)| staff_member(n, levels)).collect();
        let layout = Layout::new(&queues, &[(Language::Mandarin, CMN)], &staff).expect("a possible layout");
        let matcher = Matcher::new(layout.plan().expect("a plan"));
        let line = |n| layout.line(QueueId(n as u16), Language::Mandarin).expect("a line");
        let seat = |n| matcher.seat(layout.profile(AgentId(n as u32)).expect("a profile")).expect("a chair");
        let chairs: Vec<Chair> = (0..agents.len()).map(seat).collect();
        let start = Instant::from_millis(1_800_000_000_000);
        let mut idle_keys = KeyMint::new(start, ShardId(0));
        for chair in &chairs {
            matcher.ready(*chair, idle_keys.next(start), &mut |_| panic!("nobody waits yet")).expect("he was out");
        }
        let mut centre = Centre {
            kinds,
            over_s,
            lines: (0..kinds.len()).map(line).collect(),
            chairs,
            matcher,
            due: BTreeSet::new(),
            waiting: BTreeMap::new(),
            keys: KeyMint::new(start, ShardId(1)),
            idle_keys,
            chance: Chance::from_number(seed),
            now: start,
        };
        for (n, kind) in kinds.iter().enumerate() {
            centre.after(kind.arrivals, Due::Arrival(n));
        }
        centre
    }

    fn after(&mut self, rate: f64, due: Due) {
        let wait = Duration::from_secs_f64(self.chance.exponential(1.0 / rate));
        self.due.insert((self.now + wait, due));
    }

    fn batch(&mut self, seconds: f64) -> Batch {
        let nothing = Seen { served: vec![0.0; self.chairs.len()], ..Seen::default() };
        let mut batch = Batch { seconds, of: vec![nothing; self.kinds.len()] };
        let end = self.now + Duration::from_secs_f64(seconds);
        while let Some((at, due)) = self.due.pop_first() {
            let until = at.min(end);
            for (kind, ..) in self.waiting.values() {
                batch.of[*kind].waiting += until.since(self.now).as_secs_f64();
            }
            self.now = until;
            if at > end {
                self.due.insert((at, due));
                break;
            }
            self.happen(due, &mut batch);
        }
        batch
    }

    fn happen(&mut self, due: Due, batch: &mut Batch) {
        let mut met = vec![];
        match due {
            Due::Arrival(kind) => {
                self.after(self.kinds[kind].arrivals, Due::Arrival(kind));
                let seen = &mut batch.of[kind];
                seen.arrived += 1.0;
                let key = self.keys.next(self.now);
                match self.matcher.arrive(self.lines[kind], 0, key, &mut |event| met.push(event)) {
                    Err(_) => seen.blocked += 1.0,
                    Ok(entry) => {
                        seen.waited += f64::from(u8::from(met.is_empty()));
                        self.waiting.insert(key, (kind, self.now, entry));
                        if met.is_empty() && self.kinds[kind].patience > 0.0 {
                            self.after(self.kinds[kind].patience, Due::Leaves(key));
                        }
                    }
                }
            }
            Due::Done(agent) => {
                let key = self.idle_keys.next(self.now);
                self.matcher.ready(self.chairs[agent], key, &mut |event| met.push(event)).expect("he was out");
            }
            Due::Leaves(key) => {
                if let Some((kind, _, entry)) = self.waiting.remove(&key) {
                    assert_eq!(self.matcher.withdraw(entry), Withdrawn::Withdrawn);
                    batch.of[kind].left += 1.0;
                }
            }
        }
        for event in met {
            let Event::Met(met) = event else { panic!("nobody asked to leave") };
            let (kind, since, _) = self.waiting.remove(&met.key).expect("a caller who waits, or has just come");
            let agent = self.chairs.iter().position(|c| *c == met.chair).expect("one of our chairs");
            let seen = &mut batch.of[kind];
            seen.waited_over += f64::from(u8::from(self.now.since(since).as_secs_f64() > self.over_s));
            seen.served[agent] += 1.0;
            let generation = met.chair_gen;
            let (_, chair) = self.matcher.finish(met);
            assert!(self.matcher.engage(chair, generation));
            self.after(self.kinds[kind].service, Due::Done(agent));
        }
    }
}

/// A figure: its name, its exact value, and how a batch tells it.
type Figure<'a> = (&'a str, f64, &'a dyn Fn(&Batch) -> f64);

/// Runs 61 batches after one that is thrown away, and holds each figure against its exact value.
fn hold(centre: &mut Centre<'_>, batch_s: f64, figures: &[Figure<'_>]) {
    centre.batch(batch_s);
    let batches: Vec<Batch> = (0..BATCHES).map(|_| centre.batch(batch_s)).collect();
    for (name, exact, of) in figures {
        let seen: Vec<f64> = batches.iter().map(of).collect();
        let n = seen.len() as f64;
        let mean = seen.iter().sum::<f64>() / n;
        let variance = seen.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let half = T_999 * (variance / n).sqrt();
        println!("{name}: exact {exact:.5}, seen {mean:.5} ± {half:.5}");
        assert!(half < exact / 8.0, "{name}: ±{half} says too little about {exact}");
        assert!((mean - exact).abs() <= half, "{name} is {exact}, seen {mean} ± {half}");
    }
}

/// The stationary distribution of a birth-and-death chain with these rates up from n and down from n.
fn birth_and_death(states: usize, up: f64, down: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut weights = vec![1.0];
    for n in 1..states {
        weights.push(weights[n - 1] * up / down(n));
    }
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| w / sum).collect()
}

#[test]
fn callers_who_never_leave_wait_as_erlang_c_says() {
    let (agents, arrivals, service) = (8, 1.0, 1.0 / 6.8);
    let load: f64 = arrivals / service;
    let term = |n: usize| (1..=n).fold(1.0, |product, k| product * load / k as f64);
    let all_busy = term(agents) * agents as f64 / (agents as f64 - load);
    let waits = all_busy / ((0..agents).map(term).sum::<f64>() + all_busy);
    let spare = agents as f64 * service - arrivals;
    let kinds = [Kind { arrivals, service, patience: 0.0, room: 5_000 }];
    let mut centre = Centre::new(&kinds, &vec![vec![9]; agents], 5.0, 1);
    hold(
        &mut centre,
        20_000.0,
        &[
            ("share that waits", waits, &|b| b.of[0].waited / b.of[0].arrived),
            ("share over 5 s", waits * (-spare * 5.0).exp(), &|b| b.of[0].waited_over / b.of[0].arrived),
            ("callers waiting", waits * arrivals / spare, &|b| b.of[0].waiting / b.seconds),
        ],
    );
}

#[test]
fn callers_who_leave_do_so_as_erlang_a_says() {
    let (agents, arrivals, service, patience) = (8usize, 1.0, 1.0 / 9.0, 1.0 / 30.0);
    let queued = |n: usize| n.saturating_sub(agents) as f64;
    let down = |n: usize| service * n.min(agents) as f64 + patience * queued(n);
    let chain = birth_and_death(agents + 400, arrivals, down);
    let waits: f64 = chain[agents..].iter().sum();
    let waiting: f64 = chain.iter().enumerate().map(|(n, p)| queued(n) * p).sum();
    let kinds = [Kind { arrivals, service, patience, room: 400 }];
    let mut centre = Centre::new(&kinds, &vec![vec![9]; agents], 10.0, 2);
    hold(
        &mut centre,
        10_000.0,
        &[
            ("share that waits", waits, &|b| b.of[0].waited / b.of[0].arrived),
            ("share that leaves", patience * waiting / arrivals, &|b| b.of[0].left / b.of[0].arrived),
            ("callers waiting", waiting, &|b| b.of[0].waiting / b.seconds),
        ],
    );
}

/// A state of the N: what the first agent does (0 idle, 1 a first-skill call), what the second does (0 idle, 1 first, 2 second),
/// and who waits, the earliest first (by skill, 0 or 1).
type State = (u8, u8, Vec<u8>);

fn count(queue: &[u8], kind: u8) -> u32 {
    queue.iter().filter(|k| **k == kind).count() as u32
}

/// Where each transition of the N leads, with its rate.
fn transitions(kinds: &[Kind; 2], (first, second, queue): &State) -> Vec<(State, f64)> {
    let mut all = vec![];
    for kind in 0..2u8 {
        let Kind { arrivals, room, .. } = kinds[usize::from(kind)];
        // The best fit first: for a first-skill caller the specialist.
        if kind == 0 && *first == 0 {
            all.push(((1, *second, queue.clone()), arrivals));
        } else if *second == 0 {
            all.push(((*first, kind + 1, queue.clone()), arrivals));
        } else if count(queue, kind) < room {
            all.push(((*first, *second, [&queue[..], &[kind]].concat()), arrivals));
        }
    }
    let without = |at: usize| [&queue[..at], &queue[at + 1..]].concat();
    if *first == 1 {
        let next = match queue.iter().position(|k| *k == 0) {
            Some(at) => (1, *second, without(at)),
            None => (0, *second, queue.clone()),
        };
        all.push((next, kinds[0].service));
    }
    if *second > 0 {
        let next = match queue.first() {
            Some(kind) => (*first, kind + 1, without(0)),
            None => (*first, 0, vec![]),
        };
        all.push((next, kinds[usize::from(*second - 1)].service));
    }
    all
}

/// Its stationary distribution, by uniformisation until nothing moves.
fn stationary(kinds: &[Kind; 2]) -> Vec<(State, f64)> {
    let mut states: Vec<State> = vec![(0, 0, vec![])];
    let mut number = BTreeMap::from([(states[0].clone(), 0)]);
    let mut arrows = vec![];
    let mut next = 0;
    while next < states.len() {
        for (to, rate) in transitions(kinds, &states[next].clone()) {
            let id = *number.entry(to.clone()).or_insert_with(|| {
                states.push(to);
                states.len() - 1
            });
            arrows.push((next, id, rate));
        }
        next += 1;
    }
    let fastest: f64 = kinds.iter().map(|k| k.arrivals + 2.0 * k.service).sum();
    let mut p = vec![1.0 / states.len() as f64; states.len()];
    for _ in 0..20_000 {
        let mut after = p.clone();
        for (from, to, rate) in &arrows {
            let flow = p[*from] * rate / fastest;
            after[*from] -= flow;
            after[*to] += flow;
        }
        let moved: f64 = p.iter().zip(&after).map(|(a, b)| (a - b).abs()).sum();
        p = after;
        if moved < 1e-13 {
            return states.into_iter().zip(p).collect();
        }
    }
    panic!("the distribution still moves after 20 000 rounds");
}

#[test]
fn two_skills_share_two_agents_as_their_chain_says() {
    let kinds = [
        Kind { arrivals: 0.9, service: 1.0, patience: 0.0, room: 3 },
        Kind { arrivals: 0.5, service: 0.8, patience: 0.0, room: 3 },
    ];
    let chain = stationary(&kinds);
    let mean = |f: &dyn Fn(&State) -> f64| chain.iter().map(|(state, p)| f(state) * p).sum::<f64>();
    let is = |yes: bool| f64::from(u8::from(yes));
    let blocked = |kind: u8| mean(&|(_, _, queue)| is(count(queue, kind) == 3));
    let waiting = |kind: u8| mean(&|(_, _, queue)| f64::from(count(queue, kind)));
    let by_first = mean(&|(first, _, _)| is(*first == 1)) * kinds[0].service;
    let by_second = mean(&|(_, second, _)| is(*second == 1)) * kinds[0].service;
    // The specialist is the better of the two at the first skill; the second skill is the other's alone.
    let mut centre = Centre::new(&kinds, &[vec![9, 0], vec![5, 9]], 1.0, 3);
    let helped = |b: &Batch| b.of[0].served[1] / (b.of[0].served[0] + b.of[0].served[1]);
    hold(
        &mut centre,
        10_000.0,
        &[
            ("first skill turned away", blocked(0), &|b| b.of[0].blocked / b.of[0].arrived),
            ("second skill turned away", blocked(1), &|b| b.of[1].blocked / b.of[1].arrived),
            ("first skill waiting", waiting(0), &|b| b.of[0].waiting / b.seconds),
            ("second skill waiting", waiting(1), &|b| b.of[1].waiting / b.seconds),
            ("first skill served by the second agent", by_second / (by_first + by_second), &helped),
        ],
    );
}
