//! A thread that is stopped anywhere inside the matcher stops nobody, and nothing is lost when it goes on.
//!
//! ```text
//!   one thread:   one operation, stopped before its n-th atomic step ··············· goes on ─► ends
//!   another:                        everything there is, within a bounded number of steps     │
//!                                                                        everybody's laws ◄───┘    for every n
//! ```
//! This is what lock-free means, asked of every step for one thread stopped there. loom cannot ask it (it never stops a thread
//! for good), and it interrupts loom's few steps only; here whole operations happen in between.
//!
//! Not covered: two threads stopped at once, the order of memory (`loom.rs`). Wants the feature `mutants` for the hook.
#![cfg(all(not(loom), feature = "mutants"))]
mod common;

use common::{Rng, Size, Wishes};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use switchboard_matcher::mutant::{Mutant, at_each_step, plant};
use switchboard_matcher::*;

/// 130 slots are three blocks, so there are levels.
const SIZE: Size = Size { lines: 2, steps: 2, profiles: 3, agents_each: 8, capacity: 130 };

/// No operation of another thread takes as many steps, however the stopped one lies in its way.
const STEPS_MAX: u64 = 5_000;

/// What the stopped thread is about, its own entry and chair included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum What {
    Arrive,
    Withdraw,
    Relax,
    PutBack,
    Finish,
    Ready,
    Unready,
    GiveBack,
    Engage,
    Replan,
}

/// What the stopped thread does, and where it puts what it brought about.
type Operation = Box<dyn FnOnce(&Matcher, &mut Vec<Event>) + Send>;

/// A matcher with some history, in which everything of the stopped thread's is ready for `what`.
struct Scene {
    matcher: Arc<Matcher>,
    wishes: [Wishes; 2],
    entries: Vec<Entry>,
    chairs: Vec<(Chair, Option<ChairGen>)>,
    events: Vec<Event>,
    clock: u64,
}

impl Scene {
    fn new(seed: u64) -> Scene {
        let mut rng = Rng(seed);
        let mut wishes = [Wishes::random(SIZE, 300, &mut rng), Wishes::random(SIZE, 300, &mut rng)];
        // Profile 0 serves line 0 on its first step, so that the stopped thread has somebody to meet.
        for wishes in &mut wishes {
            let fit = &mut wishes.lines[0].steps[0].profiles;
            fit.retain(|(_, profile)| *profile != 0);
            fit.push((0, 0));
        }
        let matcher = Arc::new(Matcher::new(wishes[0].plan()));
        let mut scene = Scene { matcher, wishes, entries: vec![], chairs: vec![], events: vec![], clock: 1_000 };
        for n in 0..6 {
            scene.arrive(n % 2);
        }
        for profile in [1, 2] {
            scene.ready(profile);
        }
        if seed.is_multiple_of(2) {
            scene.ready(0);
        }
        scene
    }

    fn key(&mut self) -> u64 {
        self.clock += 10;
        self.clock
    }
    fn arrive(&mut self, line: u32) -> Entry {
        let key = self.key();
        let entry = self.matcher.arrive(line, 0, key, &mut |e| self.events.push(e)).expect("room");
        self.entries.push(entry);
        entry
    }
    fn ready(&mut self, profile: u32) -> (Chair, ChairGen) {
        let (chair, key) = (self.matcher.seat(profile).expect("room"), self.key());
        let generation = self.matcher.ready(chair, key, &mut |e| self.events.push(e)).expect("he was out");
        self.chairs.push((chair, Some(generation)));
        (chair, generation)
    }
    fn a_match(&mut self) -> Match {
        let (entry, chair) = (self.arrive(0), self.ready(0).0);
        let one = |event: &Event| matches!(event, Event::Met(met) if met.chair == chair || met.entry == entry);
        let at = self.events.iter().position(one).expect("they fit");
        let Event::Met(met) = self.events.swap_remove(at) else { unreachable!() };
        met
    }

    /// The operation, prepared.
    fn prepare(&mut self, what: What) -> Operation {
        match what {
            What::Arrive => {
                let key = self.key();
                Box::new(move |m, events| assert!(m.arrive(0, 0, key, &mut |e| events.push(e)).is_ok()))
            }
            What::Withdraw => {
                let entry = self.arrive(1);
                Box::new(move |m, _| assert_ne!(m.withdraw(entry), Withdrawn::Stale))
            }
            What::Relax => {
                let entry = self.arrive(1);
                Box::new(move |m, events| assert!(m.relax(entry, &mut |e| events.push(e))))
            }
            What::PutBack => {
                let met = self.a_match();
                let (entry, chair) = (met.entry, met.chair);
                Box::new(move |m, events| assert_eq!(m.put_back(met, &mut |e| events.push(e)), (entry, chair)))
            }
            What::Finish => {
                let met = self.a_match();
                let (entry, chair) = (met.entry, met.chair);
                Box::new(move |m, _| assert_eq!(m.finish(met), (entry, chair)))
            }
            What::Ready => {
                let (chair, key) = (self.matcher.seat(0).expect("room"), self.key());
                self.chairs.push((chair, None));
                Box::new(move |m, events| assert!(m.ready(chair, key, &mut |e| events.push(e)).is_some()))
            }
            What::Unready => {
                let (chair, generation) = self.ready(1);
                Box::new(move |m, _| assert_ne!(m.unready(chair, generation), Unready::Stale))
            }
            What::GiveBack => {
                let met = self.a_match();
                let (chair, generation) = (met.chair, met.chair_gen);
                let _ = self.matcher.finish(met);
                Box::new(move |m, events| {
                    assert_eq!(m.give_back(chair, generation, &mut |e| events.push(e)), GivenBack::Rests);
                })
            }
            What::Engage => {
                let met = self.a_match();
                let (chair, generation) = (met.chair, met.chair_gen);
                let _ = self.matcher.finish(met);
                Box::new(move |m, _| assert!(m.engage(chair, generation)))
            }
            What::Replan => {
                let plan = self.wishes[1].plan();
                Box::new(move |m, events| assert_eq!(m.replan(plan, &mut |e| events.push(e)), Ok(())))
            }
        }
    }

    /// Everything there is, by a thread that meets the stopped one's traces; each operation within bounded steps.
    fn everything(&mut self) {
        within_bounded_steps(|bounded| {
            for round in 0..2 {
                let (one, other) = (self.arrive(0), self.arrive(1));
                bounded();
                self.matcher.relax(other, &mut |e| self.events.push(e));
                bounded();
                if self.matcher.withdraw(one) == Withdrawn::Withdrawn {
                    self.entries.retain(|e| *e != one);
                }
                bounded();
                let (chair, generation) = self.ready(round);
                bounded();
                self.matcher.unready(chair, generation);
                bounded();
                let met = self.a_match();
                let (chair, generation) = (met.chair, met.chair_gen);
                self.matcher.put_back(met, &mut |e| self.events.push(e));
                bounded();
                self.matcher.give_back(chair, generation, &mut |e| self.events.push(e));
                bounded();
                let met = self.a_match();
                assert!(self.matcher.engage(met.chair, met.chair_gen));
                let _ = self.matcher.finish(met);
                bounded();
                // Another plan is being brought in by the stopped thread, perhaps; nobody waits for it.
                let plan = self.wishes[1 - round as usize].plan();
                let answer = self.matcher.replan(plan, &mut |e| self.events.push(e));
                assert!(matches!(answer, Ok(()) | Err(ReplanError::Busy)));
                bounded();
            }
        });
    }

    /// Nothing moves any more.
    fn laws(&self, plan: &Plan, more: &[Event]) {
        for entry in &self.entries {
            let EntryState::Waits { step, .. } = self.matcher.entry_state(*entry) else { continue };
            let class = plan.class(entry.line, step).expect("a class");
            for (chair, _) in &self.chairs {
                let rests = matches!(self.matcher.chair_state(*chair).state, ChairState::Rests { .. });
                assert!(!rests || plan.tier(class, chair.profile).is_none(), "{entry:?} waits and {chair:?} rests");
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        for event in self.events.iter().chain(more) {
            let Event::Met(met) = event else { continue };
            assert!(seen.insert(met.entry), "{:?} has two agents", met.entry);
            assert!(matches!(self.matcher.entry_state(met.entry), EntryState::Met { .. }));
        }
    }
}

/// Each operation of the calling thread, up to the next call of what `f` is given, takes no more than so many steps.
fn within_bounded_steps(f: impl FnOnce(&dyn Fn())) {
    let steps = Rc::new(Cell::new(0u64));
    let counter = steps.clone();
    at_each_step(Some(Box::new(move || {
        counter.set(counter.get() + 1);
        assert!(counter.get() < STEPS_MAX, "an operation waits for a stopped thread");
    })));
    f(&|| steps.set(0));
    at_each_step(None);
}

enum Word {
    Stopped,
    Done(Vec<Event>),
}

/// The operation in a thread of its own, stopped before its `n`-th step until told to go on.
fn stopped_at(n: u64, matcher: Arc<Matcher>, op: Operation) -> (Receiver<Word>, SyncSender<()>) {
    let ((say, hear), (go, wait)) = (sync_channel(2), sync_channel::<()>(1));
    std::thread::spawn(move || {
        let (mut left, stopped) = (n, say.clone());
        at_each_step(Some(Box::new(move || {
            if left == 0 {
                let _ = stopped.send(Word::Stopped);
                let _ = wait.recv(); // an error: the other thread has given up, and so has the test
            }
            left = left.wrapping_sub(1);
        })));
        let mut events = vec![];
        op(&matcher, &mut events);
        let _ = say.send(Word::Done(events));
    });
    (hear, go)
}

/// Stops `what` everywhere. At how many steps that was.
fn everywhere(what: What, seed: u64) -> u64 {
    for n in 0.. {
        let mut scene = Scene::new(seed);
        let op = scene.prepare(what);
        let (hear, go) = stopped_at(n, scene.matcher.clone(), op);
        match hear.recv().expect("it says where it is") {
            Word::Done(_) => return n,
            Word::Stopped => {
                scene.everything();
                go.send(()).expect("it waits");
                let Word::Done(events) = hear.recv().expect("it ends") else { panic!("stopped twice") };
                if what == What::Arrive {
                    // Its entry, wherever it is now, is one of those that must not wait beside an agent.
                    scene
                        .entries
                        .extend(events.iter().filter_map(|e| if let Event::Met(m) = e { Some(m.entry) } else { None }));
                }
                // Whose plan is in force is settled by one more.
                let plan = scene.wishes[0].plan();
                assert_eq!(scene.matcher.replan(plan.clone(), &mut |e| scene.events.push(e)), Ok(()));
                scene.laws(&plan, &events);
            }
        }
    }
    unreachable!()
}

fn check(what: What, least: u64) {
    for seed in 1..=12 {
        let steps = everywhere(what, seed);
        assert!(steps >= least, "{what:?} was stopped at {steps} steps only");
    }
}

#[test]
fn arrive() {
    check(What::Arrive, 12);
}
#[test]
fn withdraw() {
    check(What::Withdraw, 3);
}
#[test]
fn relax() {
    check(What::Relax, 8);
}
#[test]
fn put_back() {
    check(What::PutBack, 8);
}
#[test]
fn finish() {
    check(What::Finish, 3);
}
#[test]
fn ready() {
    check(What::Ready, 8);
}
#[test]
fn unready() {
    check(What::Unready, 2);
}
#[test]
fn give_back() {
    check(What::GiveBack, 8);
}
#[test]
fn engage() {
    check(What::Engage, 2);
}
#[test]
fn replan() {
    check(What::Replan, 8);
}

/// An agent comes and a plan is brought in while a caller is half shown: he rests and looks for himself when he goes on.
fn a_new_plan_beside_a_half_shown_caller() {
    for n in 0.. {
        let line = LineSpec { capacity: 70, steps: vec![ClassSpec { credit: 0, profiles: vec![(0, 0)] }] };
        let plan = Plan::new(vec![line], vec![1]).expect("a plan");
        let matcher = Arc::new(Matcher::new(plan.clone()));
        let chair = matcher.seat(0).expect("room");
        let op = |m: &Matcher, events: &mut Vec<Event>| assert!(m.arrive(0, 0, 5, &mut |e| events.push(e)).is_ok());
        let (hear, go) = stopped_at(n, matcher.clone(), Box::new(op));
        let Word::Stopped = hear.recv().expect("it says where it is") else { return };
        let mut events = vec![];
        within_bounded_steps(|bounded| {
            assert!(matcher.ready(chair, 1, &mut |e| events.push(e)).is_some());
            bounded();
            assert_eq!(matcher.replan(plan, &mut |e| events.push(e)), Ok(()));
        });
        go.send(()).expect("it waits");
        let Word::Done(more) = hear.recv().expect("it ends") else { panic!("stopped twice") };
        assert_eq!(events.len() + more.len(), 1, "they met once");
    }
}

#[test]
fn replan_beside_a_half_shown_caller() {
    a_new_plan_beside_a_half_shown_caller();
}

/// A new plan that looks after callers who are still being shown goes on for ever: the test can fail.
#[test]
#[should_panic = "waits for a stopped thread"]
fn planted_replan_waits_for_who_is_being_shown() {
    plant(&[Mutant::BareReplan]);
    a_new_plan_beside_a_half_shown_caller();
}
