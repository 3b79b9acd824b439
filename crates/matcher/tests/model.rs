//! One thread and a naive model beside the matcher: every answer and every match must be the same, and what can be looked at.
//!
//! The model is two lists searched from end to end. It knows the operator's wishes, not the plan made from them.
//! Not covered: anything that two threads do at once.
#![cfg(not(loom))]
mod common;

use common::{Rng, Size, Wishes};
use switchboard_matcher::*;

/// A caller as the model knows him. Held while `met`.
#[derive(Clone, Copy, Debug)]
struct Caller {
    entry: Entry,
    key: u64,
    step: u8,
    met: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Sits {
    Out,
    Rests,
    Held { leaving: bool },
}

#[derive(Clone, Copy, Debug)]
struct Agent {
    chair: Chair,
    key: u64,
    sits: Sits,
    generation: Option<ChairGen>,
}

struct Naive {
    wishes: Wishes,
    callers: Vec<Caller>,
    agents: Vec<Agent>,
}

impl Naive {
    fn best_agent(&self, line: u32, step: u8) -> Option<Chair> {
        let fit = self.agents.iter().filter(|a| a.sits == Sits::Rests).filter_map(|a| {
            let rank = self.wishes.rank(line, step, a.chair.profile)?;
            Some((rank, a.key, a.chair))
        });
        fit.min().map(|(.., chair)| chair)
    }

    fn most_urgent(&self, chair: Chair) -> Option<Entry> {
        let fit = self.callers.iter().filter(|c| !c.met).filter_map(|c| {
            self.wishes.rank(c.entry.line, c.step, chair.profile)?;
            Some((self.wishes.virtual_time(c.entry.line, c.step, c.key), c.entry.line, c.step, c.entry))
        });
        fit.min().map(|(.., entry)| entry)
    }

    /// Whom somebody who has just come to wait here meets. Others cannot: before he came nobody at rest fitted anybody.
    fn for_caller(&self, entry: Entry) -> Vec<(Entry, Chair)> {
        let caller = self.callers.iter().find(|c| c.entry == entry).expect("he waits");
        self.best_agent(entry.line, caller.step).map(|chair| (entry, chair)).into_iter().collect()
    }

    fn for_agent(&self, chair: Chair) -> Vec<(Entry, Chair)> {
        self.most_urgent(chair).map(|entry| (entry, chair)).into_iter().collect()
    }

    fn meet(&mut self, entry: Entry, chair: Chair) {
        self.caller(entry).met = true;
        self.agent(chair).sits = Sits::Held { leaving: false };
    }

    /// After a new plan: class by class, as long as somebody waits there for whom somebody rests.
    fn all_anew(&mut self) -> Vec<(Entry, Chair)> {
        let mut met = vec![];
        for line in 0..self.wishes.lines.len() as u32 {
            for step in 0..self.wishes.lines[line as usize].steps.len() as u8 {
                while self.callers.iter().any(|c| !c.met && (c.entry.line, c.step) == (line, step))
                    && let Some(chair) = self.best_agent(line, step)
                {
                    let entry = self.most_urgent(chair).expect("at least the one he was sought for");
                    self.meet(entry, chair);
                    met.push((entry, chair));
                }
            }
        }
        met
    }

    fn caller(&mut self, entry: Entry) -> &mut Caller {
        self.callers.iter_mut().find(|c| c.entry == entry).expect("he is here")
    }

    fn agent(&mut self, chair: Chair) -> &mut Agent {
        self.agents.iter_mut().find(|a| a.chair == chair).expect("he is here")
    }

    /// All that can be looked at is as the model has it.
    fn compare(&self, matcher: &Matcher, rng: &mut Rng) {
        let plan = self.wishes.plan();
        let line = rng.below(self.wishes.lines.len()) as u32;
        let step = rng.below(self.wishes.lines[line as usize].steps.len()) as u8;
        let here = self.callers.iter().filter(|c| !c.met && (c.entry.line, c.step) == (line, step)).count();
        assert_eq!(matcher.waiting(line, step), here);
        if let Some(caller) = rng.pick(&self.callers) {
            let before =
                self.callers.iter().filter(|c| !c.met && c.entry.line == caller.entry.line && c.key < caller.key);
            assert_eq!(matcher.position(caller.entry), before.count());
            match matcher.entry_state(caller.entry) {
                EntryState::Waits { step, key, .. } => {
                    assert_eq!((step, key, false), (caller.step, caller.key, caller.met))
                }
                EntryState::Met { step } => assert_eq!((step, true), (caller.step, caller.met)),
                EntryState::Gone => panic!("{caller:?} is gone"),
            }
        }
        for agent in &self.agents {
            let view = matcher.chair_state(agent.chair);
            let sits = match view.state {
                ChairState::Out => Sits::Out,
                ChairState::Rests { key, .. } => {
                    assert_eq!(key, agent.key);
                    Sits::Rests
                }
                ChairState::Held { leaving } => Sits::Held { leaving },
            };
            assert_eq!(sits, agent.sits);
            assert!(agent.generation.is_none_or(|generation| generation == view.generation));
            let class = plan.class(line, step).expect("a class");
            assert_eq!(
                plan.tier(class, agent.chair.profile).is_some(),
                self.wishes.rank(line, step, agent.chair.profile).is_some()
            );
        }
    }
}

const KINDS: usize = 14;

/// How often each kind of operation was done.
fn check(size: Size, seed: u64, operations: usize) -> [usize; KINDS] {
    let mut rng = Rng(seed);
    let wishes = Wishes::random(size, 300 << 16, &mut rng);
    let matcher = Matcher::new(wishes.plan());
    let mut naive = Naive { wishes, callers: vec![], agents: vec![] };
    for profile in 0..size.profiles as u32 {
        for _ in 0..size.agents_each {
            let chair = matcher.seat(profile).expect("room");
            naive.agents.push(Agent { chair, key: 0, sits: Sits::Out, generation: None });
        }
        assert_eq!(matcher.seat(profile), Err(Full));
    }
    let (mut rung, mut count): (Vec<Match>, [usize; KINDS]) = (vec![], [0; KINDS]);
    for now in 10_000..10_000 + operations as u64 {
        let fresh = |ago: usize| (now - ago as u64) << 16 | now & 0xffff;
        let mut events = vec![];
        let mut sink = |event| events.push(event);
        let which = rng.below(100);
        let (kind, expected): (usize, Vec<(Entry, Chair)>) = match which {
            // One in five comes with an older time, as who was transferred does.
            0..32 => {
                let line = rng.below(size.lines) as u32;
                let step = if rng.one_in(8) { rng.below(size.steps) as u8 } else { 0 };
                let key = fresh(if rng.one_in(5) { rng.below(2_000) } else { 0 });
                match matcher.arrive(line, step, key, &mut sink) {
                    Ok(entry) => {
                        naive.callers.push(Caller { entry, key, step, met: false });
                        (0, naive.for_caller(entry))
                    }
                    Err(Full) => {
                        let here = naive.callers.iter().filter(|c| c.entry.line == line).count();
                        assert_eq!(here, size.capacity, "full only when full");
                        (1, vec![])
                    }
                }
            }
            32..42 => {
                let Some(caller) = rng.pick(&naive.callers).copied() else { continue };
                if caller.met {
                    assert_eq!(matcher.withdraw(caller.entry), Withdrawn::Met);
                    (2, vec![])
                } else {
                    assert_eq!(matcher.withdraw(caller.entry), Withdrawn::Withdrawn);
                    assert_eq!(matcher.withdraw(caller.entry), Withdrawn::Stale);
                    assert_eq!(matcher.entry_state(caller.entry), EntryState::Gone);
                    naive.callers.retain(|c| c.entry != caller.entry);
                    (3, vec![])
                }
            }
            42..55 => {
                let Some(caller) = rng.pick(&naive.callers).copied() else { continue };
                let more = usize::from(caller.step) + 1 < size.steps;
                assert_eq!(matcher.relax(caller.entry, &mut sink), more);
                naive.caller(caller.entry).step += u8::from(more);
                (4, if more && !caller.met { naive.for_caller(caller.entry) } else { vec![] })
            }
            55..75 => {
                let chair = rng.pick(&naive.agents).expect("agents").chair;
                let agent = naive.agent(chair);
                let answer = matcher.ready(chair, fresh(0), &mut sink);
                assert_eq!(answer.is_some(), agent.sits == Sits::Out, "who is out gets ready, and nobody else");
                if answer.is_none() {
                    continue;
                }
                assert_ne!(answer, agent.generation, "another readiness");
                (agent.key, agent.sits, agent.generation) = (fresh(0), Sits::Rests, answer);
                (5, naive.for_agent(chair))
            }
            75..82 => {
                let chair = rng.pick(&naive.agents).expect("agents").chair;
                let agent = naive.agent(chair);
                let Some(generation) = agent.generation else { continue };
                let (answer, sits) = match agent.sits {
                    Sits::Out => (Unready::WasOut, Sits::Out),
                    Sits::Rests => (Unready::Left, Sits::Out),
                    Sits::Held { .. } => (Unready::Pending, Sits::Held { leaving: true }),
                };
                assert_eq!(matcher.unready(chair, generation), answer);
                agent.sits = sits;
                (6, vec![])
            }
            82..83 if rng.one_in(4) => {
                naive.wishes = Wishes::random(size, 300 << 16, &mut rng);
                assert_eq!(matcher.replan(naive.wishes.plan(), &mut sink), Ok(()));
                let met = naive.all_anew();
                // For the common end below they meet once more.
                for (entry, chair) in &met {
                    naive.caller(*entry).met = false;
                    naive.agent(*chair).sits = Sits::Rests;
                }
                (7, met)
            }
            // Out, he goes home; somebody else takes the chair, and old orders are of no meaning to him.
            83..84 => {
                let chair = rng.pick(&naive.agents).expect("agents").chair;
                let agent = naive.agent(chair);
                if agent.sits != Sits::Out {
                    continue;
                }
                matcher.leave(chair);
                assert_eq!(matcher.seat(chair.profile), Ok(chair), "the only free chair");
                assert!(agent.generation.is_none_or(|g| !matcher.engage(chair, g)));
                (8, vec![])
            }
            _ => {
                let Some(met) = rng.draw(&mut rung) else { continue };
                let (entry, chair, generation) = (met.entry, met.chair, met.chair_gen);
                assert_eq!(naive.agent(chair).generation, Some(generation));
                match rng.below(3) {
                    // He did not answer.
                    0 => {
                        assert_eq!(matcher.put_back(met, &mut sink), (entry, chair));
                        assert!(matcher.engage(chair, generation));
                        naive.agent(chair).sits = Sits::Out;
                        naive.caller(entry).met = false;
                        (9, naive.for_caller(entry))
                    }
                    // The caller went while he was being rung.
                    1 => {
                        assert_eq!(matcher.finish(met), (entry, chair));
                        naive.callers.retain(|c| c.entry != entry);
                        let agent = naive.agent(chair);
                        if agent.sits == (Sits::Held { leaving: true }) {
                            assert_eq!(matcher.give_back(chair, generation, &mut sink), GivenBack::Left);
                            agent.sits = Sits::Out;
                            (10, vec![])
                        } else {
                            assert_eq!(matcher.give_back(chair, generation, &mut sink), GivenBack::Rests);
                            agent.sits = Sits::Rests;
                            (11, naive.for_agent(chair))
                        }
                    }
                    // He answered.
                    _ => {
                        assert_eq!(matcher.finish(met), (entry, chair));
                        assert!(matcher.engage(chair, generation));
                        assert!(!matcher.engage(chair, generation), "he is out already");
                        assert_eq!(matcher.give_back(chair, generation, &mut sink), GivenBack::Stale);
                        naive.agent(chair).sits = Sits::Out;
                        naive.callers.retain(|c| c.entry != entry);
                        (12, vec![])
                    }
                }
            }
        };
        count[kind] += 1;
        let got: Vec<(Entry, Chair)> = events
            .iter()
            .map(|event| match event {
                Event::Met(met) => (met.entry, met.chair),
                Event::Left(chair) => panic!("{chair:?} was in nobody's hand"),
            })
            .collect();
        assert_eq!(got, expected, "operation {now} of kind {kind}");
        for event in events {
            let Event::Met(met) = event else { unreachable!() };
            count[13] += 1;
            naive.meet(met.entry, met.chair);
            let caller = *naive.caller(met.entry);
            let class = naive.wishes.plan().class(met.entry.line, caller.step);
            assert_eq!(
                (met.key, Some(met.class), Some(met.chair_gen)),
                (caller.key, class, naive.agent(met.chair).generation)
            );
            rung.push(met);
        }
        if rng.one_in(8) {
            naive.compare(&matcher, &mut rng);
        }
    }
    count
}

const FEW: Size = Size { lines: 5, steps: 3, profiles: 6, agents_each: 3, capacity: 20 };
const MANY: Size = Size { lines: 2, steps: 2, profiles: 40, agents_each: 2, capacity: 300 };
/// More than 4 096 slots in a line are three levels of bounds.
const DEEP: Size = Size { lines: 1, steps: 2, profiles: 1, agents_each: 1, capacity: 5_000 };

fn every_kind_was_done(counts: impl Iterator<Item = [usize; KINDS]>) {
    let sum = counts.fold([0; KINDS], |sum, count| std::array::from_fn(|n| sum[n] + count[n]));
    assert!(sum.iter().all(|n| *n > 20), "some kinds of operation were hardly done: {sum:?}");
}

#[test]
fn few_lines_and_few_agents() {
    every_kind_was_done((1..=12).map(|seed| check(FEW, seed, 40_000)));
}

#[test]
fn many_profiles() {
    for seed in 21..=24 {
        check(MANY, seed, 20_000);
    }
}

#[test]
fn three_levels_of_bounds() {
    check(DEEP, 41, 20_000);
}

/// Everybody is shown before he looks, as where operations overlap.
#[cfg(feature = "mutants")]
#[test]
fn the_long_way_round() {
    switchboard_matcher::mutant::plant(&[switchboard_matcher::mutant::Mutant::LongWay]);
    every_kind_was_done((1..=6).map(|seed| check(FEW, seed, 40_000)));
    check(MANY, 21, 20_000);
}

/// On a matcher made anew a pair is matched again, and from there on everything is as it was.
#[test]
fn a_restored_match_is_a_match() {
    let step = |profiles| ClassSpec { credit: 0, profiles };
    let line = LineSpec { capacity: 2, steps: vec![step(vec![]), step(vec![(0, 0)])] };
    let plan = || Plan::new(vec![line.clone()], vec![2]).expect("a plan");
    let mut events = vec![];
    let before = Matcher::new(plan());
    let chair = before.seat(0).expect("room");
    before.ready(chair, 7, &mut |e| events.push(e)).expect("he was out");
    before.arrive(0, 1, 40, &mut |e| events.push(e)).expect("room");
    let Some(Event::Met(old)) = events.pop() else { panic!("they fit") };
    let (key, class) = (old.key, old.class);

    let after = Matcher::new(plan());
    let chair = after.seat(0).expect("room");
    let (met, generation) = after.restore_match(0, 1, 40, chair, 7).expect("room");
    assert_eq!((met.key, met.class, met.chair, met.chair_gen), (key, class, chair, generation));
    assert_eq!(after.entry_state(met.entry), EntryState::Met { step: 1 });
    assert_eq!(after.withdraw(met.entry), Withdrawn::Met);
    // The restored caller keeps his place before one who came later, and the agent his idle time before another.
    let young = after.arrive(0, 1, 50, &mut |e| events.push(e)).expect("room");
    assert_eq!(after.restore_match(0, 1, 60, chair, 7).err(), Some(Full));
    let (old, _) = after.put_back(met, &mut |e| events.push(e));
    assert_eq!((after.position(old), after.position(young)), (0, 1));
    assert!(events.is_empty(), "the chair is still held");
    assert_eq!(after.give_back(chair, generation, &mut |e| events.push(e)), GivenBack::Rests);
    let Some(Event::Met(again)) = events.pop() else { panic!("he rests beside two who wait") };
    assert_eq!((again.entry, again.chair_gen), (old, generation));
    assert_eq!(after.finish(again), (old, chair));
}

#[test]
fn a_plan_of_another_shape_is_refused() {
    let line = |capacity| LineSpec { capacity, steps: vec![ClassSpec { credit: 0, profiles: vec![] }] };
    let plan = |capacity, agents| Plan::new(vec![line(capacity)], vec![agents]).expect("a plan");
    let matcher = Matcher::new(plan(1, 1));
    for other in [plan(2, 1), plan(1, 2), Plan::new(vec![], vec![1]).expect("a plan")] {
        assert_eq!(matcher.replan(other, &mut |_| unreachable!()), Err(ReplanError::Shape));
    }
    assert_eq!(matcher.replan(plan(1, 1), &mut |_| unreachable!()), Ok(()));
}
