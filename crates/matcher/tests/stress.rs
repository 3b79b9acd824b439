//! Several threads, a random load, and an auditor. Owners keep the rules of the house: matches travel to the entry's owner by
//! mail, and only then does the chair's owner hear what becomes of his agent.
//!
//! ```text
//!   audit of one operation:   who rests, wholly shown ─► the operation ─► who of them has rested all the time
//!                             and none of these may have been better than whom the operation brought together (L3, L4)
//!   at a standstill:          fitting and at rest on both sides: nobody (L1); nobody twice (L2); the sums agree (L5)
//! ```
//! A rest is known by its number, so "all the time" is read off the matcher and needs no common clock.
//!
//! Not covered: that `Full` is said only when full (`model.rs`), the order of memory (`loom.rs`).
#![cfg(not(loom))]
mod common;

use common::{Rng, Size, Wishes};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use switchboard_matcher::*;

/// What one owner tells another.
enum Mail {
    Met(Match),
    Left(Chair),
    /// The match is over for the entry: now the chair's owner acts.
    Released {
        chair: Chair,
        generation: ChairGen,
        caller_left: bool,
    },
}

/// A rest that was wholly shown before it was written down here.
#[derive(Clone, Copy)]
struct EntryAtRest {
    entry: Entry,
    key: u64,
    step: u8,
    rests: u16,
}
#[derive(Clone, Copy)]
struct ChairAtRest {
    chair: Chair,
    key: u64,
    generation: ChairGen,
}

#[derive(Default)]
struct Shown {
    entries: Vec<EntryAtRest>,
    chairs: Vec<ChairAtRest>,
}

struct House {
    matcher: Matcher,
    wishes: Wishes,
    plan: Plan,
    threads: usize,
    clock: AtomicU64,
    mail: Vec<Mutex<Vec<Mail>>>,
    shown: Vec<Mutex<Shown>>,
    /// By profile and slot: the key of the agent's present readiness. Written by his owner while he is out.
    agent_keys: Vec<Vec<AtomicU64>>,
}

#[derive(Default, Clone, Copy, Debug)]
struct Tally {
    operations: u64,
    arrived: u64,
    withdrawn: u64,
    finished: u64,
    put_back: u64,
    relaxed: u64,
    pending: u64,
    left: u64,
    matches: u64,
    judged: u64,
}

struct MyChair {
    chair: Chair,
    generation: Option<ChairGen>,
    leaving: bool,
}

struct Owner<'h> {
    house: &'h House,
    me: usize,
    rng: Rng,
    audits: bool,
    entries: Vec<Entry>,
    ringing: Vec<Match>,
    chairs: Vec<MyChair>,
    tally: Tally,
}

impl House {
    fn new(size: Size, threads: usize, seed: u64) -> House {
        let size = Size { agents_each: size.agents_each * threads, ..size };
        let wishes = Wishes::random(size, 4_000, &mut Rng(seed));
        House {
            matcher: Matcher::new(wishes.plan()),
            plan: wishes.plan(),
            threads,
            clock: AtomicU64::new(1),
            mail: (0..threads).map(|_| Mutex::default()).collect(),
            shown: (0..threads).map(|_| Mutex::default()).collect(),
            agent_keys: (0..size.profiles)
                .map(|_| (0..size.agents_each).map(|_| AtomicU64::new(0)).collect())
                .collect(),
            wishes,
        }
    }

    fn owners(&self, seed: u64, audits: bool) -> Vec<Owner<'_>> {
        let mut owners: Vec<Owner> = (0..self.threads)
            .map(|me| Owner {
                house: self,
                me,
                rng: Rng(seed << 8 | me as u64),
                audits,
                entries: vec![],
                ringing: vec![],
                chairs: vec![],
                tally: Tally::default(),
            })
            .collect();
        for profile in 0..self.wishes.profiles.len() as u32 {
            while let Ok(chair) = self.matcher.seat(profile) {
                owners[chair.slot as usize % self.threads].chairs.push(MyChair {
                    chair,
                    generation: None,
                    leaving: false,
                });
            }
        }
        owners
    }

    fn send(&self, to: usize, mail: Mail) {
        self.mail[to].lock().unwrap().push(mail);
    }

    /// Keys carry their owner, as a shard's do.
    fn owner_of(&self, key: u64) -> usize {
        (key % self.threads as u64) as usize
    }

    fn agent_key(&self, chair: Chair) -> u64 {
        self.agent_keys[chair.profile as usize][chair.slot as usize].load(Ordering::Acquire)
    }

    fn still(&self, of: &EntryAtRest) -> bool {
        self.matcher.entry_state(of.entry) == EntryState::Waits { step: of.step, key: of.key, rests: of.rests }
    }

    /// In its first rest of this readiness, which its owner published; later rests may be half shown by somebody else.
    fn still_first(&self, of: &ChairAtRest) -> bool {
        let state = ChairState::Rests { key: of.key, rests: 1 };
        self.matcher.chair_state(of.chair) == ChairView { generation: of.generation, state }
    }

    /// L3: nobody more urgent for this agent has rested all the time. L4: nor a better agent for this caller.
    fn judge(&self, met: &Match, entries: &[EntryAtRest], chairs: &[ChairAtRest]) -> u64 {
        let mut judged = 0;
        let time = |class: u32, key: u64| key as i64 - self.plan.credit(class).expect("a class") as i64;
        let mine = time(met.class, met.key);
        for other in entries {
            let class = self.plan.class(other.entry.line, other.step).expect("a class");
            if self.plan.tier(class, met.chair.profile).is_some() {
                judged += 1;
                assert!(
                    mine <= time(class, other.key),
                    "L3: {:?} of class {class} was passed over for {met:?}",
                    other.entry
                );
            }
        }
        let tier = self.plan.tier(met.class, met.chair.profile).expect("L2: an agent who does not fit");
        let his = (tier, self.agent_key(met.chair));
        for other in chairs.iter().filter(|_| met.class == met.sought_for) {
            if let Some(tier) = self.plan.tier(met.class, other.chair.profile) {
                judged += 1;
                assert!(his <= (tier, other.key), "L4: {:?} was passed over for {met:?}", other.chair);
            }
        }
        judged
    }
}

impl Owner<'_> {
    fn key(&self) -> u64 {
        self.house.clock.fetch_add(1, Ordering::Relaxed) * self.house.threads as u64 + self.me as u64
    }

    /// An operation, audited now and then; what it brought about goes to the owners.
    fn operate<R>(&mut self, operation: impl FnOnce(&Matcher, &mut dyn FnMut(Event)) -> R) -> R {
        let (mut entries, mut chairs) = (vec![], vec![]);
        let audit = self.audits && self.rng.one_in(3);
        if audit {
            for shown in &self.house.shown {
                let shown = shown.lock().unwrap();
                entries.extend(shown.entries.iter().filter(|e| self.house.still(e)));
                chairs.extend(shown.chairs.iter().filter(|c| self.house.still_first(c)));
            }
        }
        let mut events = vec![];
        let answer = operation(&self.house.matcher, &mut |event| events.push(event));
        self.tally.operations += 1;
        if audit && !events.is_empty() {
            entries.retain(|e| self.house.still(e));
            chairs.retain(|c| self.house.still_first(c));
        }
        for event in events {
            match event {
                Event::Met(met) => {
                    self.tally.matches += 1;
                    if audit {
                        self.tally.judged += self.house.judge(&met, &entries, &chairs);
                    }
                    self.house.send(self.house.owner_of(met.key), Mail::Met(met));
                }
                Event::Left(chair) => self.house.send(chair.slot as usize % self.house.threads, Mail::Left(chair)),
            }
        }
        answer
    }

    fn show_entry(&mut self, entry: Entry) {
        if let EntryState::Waits { step, key, rests } = self.house.matcher.entry_state(entry) {
            let mut shown = self.house.shown[self.me].lock().unwrap();
            if shown.entries.len() > 300 {
                shown.entries.retain(|e| self.house.still(e));
            }
            shown.entries.push(EntryAtRest { entry, key, step, rests });
        }
    }

    fn read_mail(&mut self) {
        let mail = std::mem::take(&mut *self.house.mail[self.me].lock().unwrap());
        for mail in mail {
            match mail {
                Mail::Met(met) => {
                    assert!(self.entries.contains(&met.entry), "L2: {met:?} is nobody's or had ended");
                    assert!(self.ringing.iter().all(|m| m.entry != met.entry), "L2: two agents for {met:?}");
                    self.ringing.push(met);
                }
                Mail::Left(chair) => {
                    let mine = self.my(chair);
                    assert!(mine.leaving, "{chair:?} had not asked to leave");
                    (mine.generation, mine.leaving) = (None, false);
                    self.tally.left += 1;
                }
                Mail::Released { chair, generation, caller_left } => {
                    assert_eq!(self.my(chair).generation, Some(generation), "L2: a match of another readiness");
                    if caller_left {
                        match self.operate(|m, mut sink| m.give_back(chair, generation, &mut sink)) {
                            GivenBack::Rests => assert!(!self.my(chair).leaving),
                            GivenBack::Left => {
                                let mine = self.my(chair);
                                assert!(mine.leaving);
                                (mine.generation, mine.leaving) = (None, false);
                            }
                            GivenBack::Stale => panic!("{chair:?} was held by a match"),
                        }
                    } else {
                        assert!(self.operate(|m, _| m.engage(chair, generation)));
                        let mine = self.my(chair);
                        (mine.generation, mine.leaving) = (None, false);
                    }
                }
            }
        }
    }

    fn my(&mut self, chair: Chair) -> &mut MyChair {
        self.chairs.iter_mut().find(|mine| mine.chair == chair).expect("mail is for the owner")
    }

    fn step(&mut self) {
        self.read_mail();
        match self.rng.below(100) {
            0..36 => {
                let (line, key) = (self.rng.below(self.house.wishes.lines.len()) as u32, self.key());
                if let Ok(entry) = self.operate(|m, mut sink| m.arrive(line, 0, key, &mut sink)) {
                    self.tally.arrived += 1;
                    self.entries.push(entry);
                    self.show_entry(entry);
                }
            }
            36..46 => {
                let Some(entry) = self.rng.pick(&self.entries).copied() else { return };
                match self.operate(|m, _| m.withdraw(entry)) {
                    Withdrawn::Withdrawn => {
                        self.tally.withdrawn += 1;
                        self.entries.retain(|e| *e != entry);
                    }
                    Withdrawn::Met => {}
                    Withdrawn::Stale => panic!("{entry:?} was mine"),
                }
            }
            46..54 => {
                let Some(entry) = self.rng.pick(&self.entries).copied() else { return };
                if self.operate(|m, mut sink| m.relax(entry, &mut sink)) {
                    self.tally.relaxed += 1;
                    self.show_entry(entry);
                }
            }
            54..80 => {
                let n = self.rng.below(self.chairs.len());
                if self.chairs[n].generation.is_some() {
                    return;
                }
                let (chair, key) = (self.chairs[n].chair, self.key());
                self.house.agent_keys[chair.profile as usize][chair.slot as usize].store(key, Ordering::Release);
                let generation = self.operate(|m, mut sink| m.ready(chair, key, &mut sink)).expect("he was out");
                self.chairs[n].generation = Some(generation);
                let rest = ChairAtRest { chair, key, generation };
                if self.house.still_first(&rest) {
                    let mut shown = self.house.shown[self.me].lock().unwrap();
                    shown.chairs.retain(|c| c.chair != chair);
                    shown.chairs.push(rest);
                }
            }
            80..86 => {
                let n = self.rng.below(self.chairs.len());
                let MyChair { chair, generation: Some(generation), leaving: false } = self.chairs[n] else { return };
                match self.operate(|m, _| m.unready(chair, generation)) {
                    Unready::Left => self.chairs[n].generation = None,
                    Unready::Pending => {
                        self.tally.pending += 1;
                        self.chairs[n].leaving = true;
                    }
                    answer @ (Unready::WasOut | Unready::Stale) => panic!("{chair:?} was ready: {answer:?}"),
                }
            }
            _ => {
                let Some(met) = self.rng.draw(&mut self.ringing) else { return };
                let (chair, generation) = (met.chair, met.chair_gen);
                let how = self.rng.below(10);
                if how < 3 {
                    let (entry, _) = self.operate(|m, mut sink| m.put_back(met, &mut sink));
                    self.tally.put_back += 1;
                    self.show_entry(entry);
                } else {
                    let (entry, _) = self.operate(|m, _| m.finish(met));
                    self.tally.finished += 1;
                    self.entries.retain(|e| *e != entry);
                }
                let released = Mail::Released { chair, generation, caller_left: (3..6).contains(&how) };
                self.house.send(chair.slot as usize % self.house.threads, released);
            }
        }
    }
}

/// Nothing moves: L1, L2 and L5 are read off the matcher.
fn standstill(house: &House, plan: &Plan, owners: &[Owner]) {
    let waiting: Vec<(Entry, u8)> = owners
        .iter()
        .flat_map(|o| &o.entries)
        .filter_map(|e| match house.matcher.entry_state(*e) {
            EntryState::Waits { step, .. } => Some((*e, step)),
            EntryState::Met { .. } => None,
            EntryState::Gone => panic!("{e:?} was lost"),
        })
        .collect();
    let resting: Vec<Chair> = owners
        .iter()
        .flat_map(|o| &o.chairs)
        .map(|c| c.chair)
        .filter(|c| matches!(house.matcher.chair_state(*c).state, ChairState::Rests { .. }))
        .collect();
    let profiles: BTreeSet<u32> = resting.iter().map(|c| c.profile).collect();
    let classes: BTreeSet<u32> = waiting.iter().map(|(e, step)| plan.class(e.line, *step).expect("a class")).collect();
    for class in &classes {
        for profile in &profiles {
            assert!(plan.tier(*class, *profile).is_none(), "L1: class {class} waits and profile {profile} rests");
        }
    }
    let steps = house.wishes.lines[0].steps.len() as u8;
    let counted: usize = (0..house.wishes.lines.len() as u32)
        .flat_map(|l| (0..steps).map(move |s| (l, s)))
        .map(|(l, s)| house.matcher.waiting(l, s))
        .sum();
    assert_eq!(counted, waiting.len(), "who waits is counted");
    let sum = |f: fn(&Tally) -> u64| owners.iter().map(|o| f(&o.tally)).sum::<u64>();
    let rung = owners.iter().map(|o| o.ringing.len()).sum::<usize>();
    let accounted = sum(|t| t.withdrawn) + sum(|t| t.finished) + (waiting.len() + rung) as u64;
    assert_eq!(sum(|t| t.arrived), accounted, "L5: arrived = withdrawn + finished + waiting + rung");
}

fn check(size: Size, threads: usize, seed: u64, rounds: usize, steps: usize) -> Tally {
    let house = House::new(size, threads, seed);
    let mut owners = house.owners(seed, true);
    for _ in 0..rounds {
        std::thread::scope(|scope| {
            for owner in &mut owners {
                scope.spawn(move || (0..steps).for_each(|_| owner.step()));
            }
        });
        // Mail may bring about more mail, until nothing moves.
        while house.mail.iter().any(|m| !m.lock().unwrap().is_empty()) {
            owners.iter_mut().for_each(Owner::read_mail);
        }
        standstill(&house, &house.plan, &owners);
    }
    let mut total = Tally::default();
    for Tally { operations, arrived, withdrawn, finished, put_back, relaxed, pending, left, matches, judged } in
        owners.iter().map(|o| o.tally)
    {
        total.operations += operations;
        total.arrived += arrived;
        total.withdrawn += withdrawn;
        total.finished += finished;
        total.put_back += put_back;
        total.relaxed += relaxed;
        total.pending += pending;
        total.left += left;
        total.matches += matches;
        total.judged += judged;
    }
    eprintln!("{total:?}");
    total
}

#[test]
fn every_law_under_load() {
    let size = Size { lines: 6, steps: 3, profiles: 5, agents_each: 2, capacity: 200 };
    let tally = check(size, 3, 1, 40, 1_500);
    assert!(tally.judged > 10_000 && tally.put_back > 100 && tally.pending > 10, "hardly anything happened: {tally:?}");
}

#[test]
fn crowded_on_one_line() {
    let size = Size { lines: 1, steps: 2, profiles: 2, agents_each: 1, capacity: 8 };
    check(size, 4, 12, 60, 800);
}

#[test]
fn many_classes_and_profiles() {
    let size = Size { lines: 40, steps: 4, profiles: 70, agents_each: 1, capacity: 64 };
    check(size, 2, 21, 20, 2_000);
}

#[test]
fn often_at_a_standstill() {
    let size = Size { lines: 3, steps: 2, profiles: 3, agents_each: 1, capacity: 70 };
    check(size, 3, 31, 1_200, 30);
}

/// Plans come and go under load; whoever waits at the end does so under the last of them.
#[test]
fn plans_come_and_go() {
    let size = Size { lines: 4, steps: 3, profiles: 5, agents_each: 2, capacity: 70 };
    let house = House::new(size, 2, 51);
    let all = Size { agents_each: size.agents_each * 2, ..size };
    let mut owners = house.owners(51, false);
    let mut rng = Rng(52);
    let mut plan = house.plan.clone();
    for _ in 0..500 {
        let over = AtomicBool::new(false);
        plan = std::thread::scope(|scope| {
            let working: Vec<_> =
                owners.iter_mut().map(|owner| scope.spawn(move || (0..200).for_each(|_| owner.step()))).collect();
            let planner = scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    plan = Wishes::random(all, 4_000, &mut rng).plan();
                    let mut events = vec![];
                    assert_eq!(house.matcher.replan(plan.clone(), &mut |e| events.push(e)), Ok(()));
                    for event in events {
                        match event {
                            Event::Met(met) => house.send(house.owner_of(met.key), Mail::Met(met)),
                            Event::Left(chair) => house.send(chair.slot as usize % house.threads, Mail::Left(chair)),
                        }
                    }
                }
                plan
            });
            working.into_iter().for_each(|thread| thread.join().unwrap());
            over.store(true, Ordering::Relaxed);
            planner.join().unwrap()
        });
        while house.mail.iter().any(|m| !m.lock().unwrap().is_empty()) {
            owners.iter_mut().for_each(Owner::read_mail);
        }
        standstill(&house, &plan, &owners);
    }
    let matches: u64 = owners.iter().map(|o| o.tally.finished).sum();
    assert!(matches > 100, "hardly anybody was served: {matches}");
}
