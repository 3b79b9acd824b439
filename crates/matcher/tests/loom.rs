//! Every interleaving of two or three threads on a tiny matcher, the short cuts on and off, and each planted bug caught.
//!
//! ```text
//!   RUSTFLAGS="--cfg loom" cargo test -p switchboard-matcher --test loom      FULL=1   more pre-emptions: some minutes
//!                                                                             BOUND=1  at most so many
//! ```
//! A thread's events come back with its handle, so no lock of the test puts an order between the threads. Under loom a block
//! is two slots, so three slots have two levels of bounds.
//!
//! Not covered: more pre-emptions than the bound, wrap-around of versions, the locks inside `plans.rs` (the standard library's).
#![cfg(loom)]
use std::sync::Arc;
use switchboard_matcher::mutant::{Mutant, plant};
use switchboard_matcher::*;

// ── the harness ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/// `name: a b, long way c d`: pre-emptions when everything is run, and by default; then the same with the short cuts off.
macro_rules! cases {
    ($($name:ident: $full:literal $chosen:literal, long way $long_full:literal $long_chosen:literal;)+) => {$(
        mod $name {
            #[test]
            fn short_cut() {
                super::check($full, $chosen, &[], super::$name);
            }
            #[test]
            fn long_way() {
                super::check($long_full, $long_chosen, &[super::Mutant::LongWay], super::$name);
            }
        }
    )+};
}

cases! {
    arrive_x_ready: 5 3, long way 4 3;
    arrive_x_arrive_x_ready: 2 2, long way 2 2;
    arrive_x_arrive_with_two_at_rest: 4 3, long way 3 2;
    withdraw_x_ready: 5 3, long way 4 3;
    withdraw_then_arrive_x_ready: 4 3, long way 3 2;
    put_back_x_ready: 4 3, long way 4 3;
    relax_x_ready: 5 3, long way 4 3;
    relax_within_reach_x_ready: 4 3, long way 4 2;
    unready_x_arrive: 5 3, long way 4 3;
    unready_x_arrive_then_withdraw_x_arrive: 2 2, long way 2 2;
    give_back_x_arrive: 4 3, long way 4 3;
    give_back_x_arrive_x_withdraw: 2 1, long way 2 1;
    arrive_x_tidying_look: 4 3, long way 4 2;
    two_levels_arrive_x_tidying_look: 4 3, long way 4 2;
    replan_x_arrive_x_ready: 3 2, long way 3 2;
    replan_x_replan: 4 3, long way 4 3;
    put_back_x_relax_x_ready: 2 1, long way 1 1;
    put_back_x_withdraw_then_arrive: 3 2, long way 2 2;
}

fn env(name: &str) -> Option<usize> {
    std::env::var(name).ok()?.parse().ok()
}

fn builder(bound: usize) -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(bound);
    builder.max_branches = 20_000;
    builder
}

fn check(full: usize, chosen: usize, planted: &[Mutant], case: fn()) {
    let everything = env("FULL") == Some(1);
    let bound = if everything { full } else { chosen }.min(env("BOUND").unwrap_or(usize::MAX));
    plant(planted);
    builder(bound).check(case);
}

/// The planted bug must be seen by this case within so many pre-emptions, and for this reason.
fn caught(bound: usize, planted: &[Mutant], case: fn(), reason: &str) {
    let mutants = planted.to_vec();
    let run = std::thread::spawn(move || {
        plant(&mutants);
        builder(bound).check(case);
    });
    let panic = run.join().expect_err(&format!("{planted:?} went unnoticed"));
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied())
        .unwrap_or_default();
    assert!(said.contains(reason), "{planted:?} was noticed, but so: {said}");
}

type Thread<R> = loom::thread::JoinHandle<(R, Vec<Event>)>;

/// Another thread, who tells at the end what came of it.
fn go<R: 'static>(matcher: &Arc<Matcher>, f: impl FnOnce(&Matcher, &mut Vec<Event>) -> R + 'static) -> Thread<R> {
    let matcher = matcher.clone();
    loom::thread::spawn(move || {
        let mut events = vec![];
        let answer = f(&matcher, &mut events);
        (answer, events)
    })
}

fn to(events: &mut Vec<Event>) -> impl FnMut(Event) + '_ {
    |event| events.push(event)
}

fn join<R>(thread: Thread<R>, events: &mut Vec<Event>) -> R {
    let (answer, more) = thread.join().unwrap();
    events.extend(more);
    answer
}

fn met(events: &[Event]) -> Vec<(Entry, Chair)> {
    let both = |event: &Event| if let Event::Met(met) = event { Some((met.entry, met.chair)) } else { None };
    events.iter().filter_map(both).collect()
}

/// One line of `steps` steps, one profile that fits from step `from` on.
fn plan(entries: usize, chairs: usize, steps: usize, from: usize) -> Plan {
    let step = |s| ClassSpec { credit: 0, profiles: if s >= from { vec![(0, 0)] } else { vec![] } };
    Plan::new(vec![LineSpec { capacity: entries, steps: (0..steps).map(step).collect() }], vec![chairs]).unwrap()
}

fn matcher(entries: usize, chairs: usize, steps: usize, from: usize) -> Arc<Matcher> {
    Arc::new(Matcher::new(plan(entries, chairs, steps, from)))
}

fn waits(matcher: &Matcher, entry: Entry) -> bool {
    matches!(matcher.entry_state(entry), EntryState::Waits { .. })
}

fn rests(matcher: &Matcher, chair: Chair) -> bool {
    matches!(matcher.chair_state(chair).state, ChairState::Rests { .. })
}

/// A caller with key 5 and an agent with key 1, matched.
fn matched(matcher: &Matcher) -> Match {
    let chair = matcher.seat(0).unwrap();
    let mut events = vec![];
    matcher.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    matcher.ready(chair, 1, &mut to(&mut events)).unwrap();
    let Some(Event::Met(met)) = events.pop() else { panic!("they fit") };
    met
}

// ── the cases ────────────────────────────────────────────────────────────────────────────────────────────────────────────

fn arrive_x_ready() {
    let (m, mut events) = (matcher(1, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)).unwrap());
    let entry = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    let generation = join(agent, &mut events);
    assert_eq!(met(&events), [(entry, chair)], "who came second made the match");
    let Some(Event::Met(met)) = events.pop() else { unreachable!() };
    assert_eq!((met.key, met.chair_gen, met.class), (5, generation, 0));
}

fn arrive_x_arrive_x_ready() {
    let (m, mut events) = (matcher(2, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let other = go(&m, |m, events| m.arrive(0, 0, 6, &mut to(events)).unwrap());
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    let one = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    let other = join(other, &mut events);
    join(agent, &mut events);
    assert_eq!(met(&events).len(), 1, "one agent, one caller");
    assert_eq!([one, other].iter().filter(|e| waits(&m, **e)).count(), 1, "the other waits");
}

fn arrive_x_arrive_with_two_at_rest() {
    let (m, mut events) = (matcher(2, 2, 1, 0), vec![]);
    for key in [1, 2] {
        let chair = m.seat(0).unwrap();
        m.ready(chair, key, &mut to(&mut events)).unwrap();
    }
    let other = go(&m, |m, events| m.arrive(0, 0, 6, &mut to(events)).unwrap());
    m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    join(other, &mut events);
    let met = met(&events);
    assert_eq!(met.len(), 2, "two callers, two agents");
    assert!(met[0].0 != met[1].0 && met[0].1 != met[1].1, "and none twice: {met:?}");
}

fn withdraw_x_ready() {
    let (m, mut events) = (matcher(1, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let entry = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    let answer = m.withdraw(entry);
    join(agent, &mut events);
    match answer {
        Withdrawn::Withdrawn => assert!(met(&events).is_empty() && rests(&m, chair)),
        Withdrawn::Met => assert_eq!(met(&events), [(entry, chair)]),
        Withdrawn::Stale => panic!("the entry was mine"),
    }
}

/// He who holds the agent finds the caller gone, gives back, and must look again for the newcomer in the same slot.
fn withdraw_then_arrive_x_ready() {
    let (m, mut events) = (matcher(1, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let old = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    if m.withdraw(old) == Withdrawn::Withdrawn {
        let new = m.arrive(0, 0, 6, &mut to(&mut events)).unwrap();
        join(agent, &mut events);
        assert_eq!(met(&events), [(new, chair)], "the newcomer is found");
        assert_eq!(m.withdraw(old), Withdrawn::Stale);
    } else {
        join(agent, &mut events);
        assert_eq!(met(&events), [(old, chair)]);
    }
}

fn put_back_x_ready() {
    let (m, mut events) = (matcher(2, 2, 1, 0), vec![]);
    let first = matched(&m);
    let old = first.entry;
    let young = m.arrive(0, 0, 6, &mut to(&mut events)).unwrap();
    let second = m.seat(0).unwrap();
    let agent = go(&m, move |m, events| m.ready(second, 2, &mut to(events)));
    m.put_back(first, &mut to(&mut events));
    join(agent, &mut events);
    let met = met(&events);
    assert_eq!(met.len(), 1, "one agent came");
    let (left, key) = if met[0].0 == old { (young, 6) } else { (old, 5) };
    assert!(
        matches!(m.entry_state(left), EntryState::Waits { key: k, .. } if k == key),
        "the other waits with his own key"
    );
}

fn relax_x_ready() {
    relax(1);
}

/// He fits before and after. While he moves he may be missed, but not for good.
fn relax_within_reach_x_ready() {
    relax(0);
}

fn relax(from: usize) {
    let (m, mut events) = (matcher(1, 1, 2, from), vec![]);
    let chair = m.seat(0).unwrap();
    let entry = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    assert!(m.relax(entry, &mut to(&mut events)));
    join(agent, &mut events);
    assert_eq!(met(&events), [(entry, chair)], "the relaxed one is found");
}

fn unready_x_arrive() {
    let (m, mut events) = (matcher(1, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let generation = m.ready(chair, 1, &mut to(&mut events)).unwrap();
    let caller = go(&m, |m, events| m.arrive(0, 0, 5, &mut to(events)).unwrap());
    let answer = m.unready(chair, generation);
    let entry = join(caller, &mut events);
    match answer {
        Unready::Left => assert!(met(&events).is_empty() && waits(&m, entry)),
        Unready::Pending => {
            assert_eq!(met(&events), [(entry, chair)]);
            assert_eq!(m.chair_state(chair).state, ChairState::Held { leaving: true });
            assert_eq!(m.give_back(chair, generation, &mut to(&mut events)), GivenBack::Left);
        }
        Unready::WasOut | Unready::Stale => panic!("he was ready"),
    }
}

/// Three hands: a caller gives up while somebody holds the agent for him and the agent asks to leave.
fn unready_x_arrive_then_withdraw_x_arrive() {
    let (m, mut events) = (matcher(2, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let generation = m.ready(chair, 1, &mut to(&mut events)).unwrap();
    let fickle = go(&m, |m, events| {
        let entry = m.arrive(0, 0, 5, &mut to(events)).unwrap();
        m.withdraw(entry)
    });
    let caller = go(&m, |m, events| m.arrive(0, 0, 6, &mut to(events)).unwrap());
    let answer = m.unready(chair, generation);
    join(fickle, &mut events);
    let caller = join(caller, &mut events);
    let met = met(&events);
    let left = events.contains(&Event::Left(chair));
    assert!(met.len() <= 1 && !rests(&m, chair), "he has left or is with a caller");
    assert_eq!(
        answer == Unready::Pending,
        left || met.len() == 1,
        "who was promised word gets it, and nobody else: {answer:?}"
    );
    assert!(waits(&m, caller) || met.iter().any(|m| m.0 == caller), "nobody is lost");
}

/// The caller he was rung for has gone: he rests again, and whoever arrives meanwhile gets him. An old order finds him stale.
fn give_back_x_arrive() {
    let (m, mut events) = (matcher(2, 1, 1, 0), vec![]);
    let first = matched(&m);
    let (chair, generation) = (first.chair, first.chair_gen);
    m.finish(first);
    let caller = go(&m, |m, events| m.arrive(0, 0, 6, &mut to(events)).unwrap());
    assert_eq!(m.give_back(chair, generation, &mut to(&mut events)), GivenBack::Rests);
    let entry = join(caller, &mut events);
    assert_eq!(met(&events), [(entry, chair)]);
    assert!(m.engage(chair, generation) && !m.engage(chair, generation), "the same readiness until he is out");
    let next = m.ready(chair, 9, &mut to(&mut events)).unwrap();
    assert!(next != generation && m.unready(chair, generation) == Unready::Stale);
    assert_eq!(m.unready(chair, next), Unready::Left);
}

/// Given back while one caller comes and the one who waits goes.
fn give_back_x_arrive_x_withdraw() {
    let (m, mut events) = (matcher(3, 1, 1, 0), vec![]);
    let first = matched(&m);
    let (chair, generation) = (first.chair, first.chair_gen);
    m.finish(first);
    let fickle = m.arrive(0, 0, 6, &mut to(&mut events)).unwrap();
    let caller = go(&m, |m, events| m.arrive(0, 0, 7, &mut to(events)).unwrap());
    let goes = go(&m, move |m, _| m.withdraw(fickle));
    m.give_back(chair, generation, &mut to(&mut events));
    let caller = join(caller, &mut events);
    let gone = join(goes, &mut events);
    let expected = if gone == Withdrawn::Withdrawn { caller } else { fickle };
    let met = met(&events);
    assert_eq!(met.len(), 1, "one agent, and somebody has him");
    assert!(met[0].0 == expected || waits(&m, fickle) || gone == Withdrawn::Met, "{met:?}");
    assert_eq!(waits(&m, caller), met[0].0 != caller);
}

/// A newcomer beside one who has just found nobody and is about to say so: the versions decide.
fn arrive_x_tidying_look() {
    let (m, mut events) = (matcher(1, 2, 1, 0), vec![]);
    let chairs = [m.seat(0).unwrap(), m.seat(0).unwrap()];
    let old = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    assert_eq!(m.withdraw(old), Withdrawn::Withdrawn); // bound and flag stay as they were
    let tidies = go(&m, move |m, events| m.ready(chairs[0], 1, &mut to(events)));
    let caller = go(&m, |m, events| m.arrive(0, 0, 5, &mut to(events)).unwrap());
    join(tidies, &mut events);
    let entry = join(caller, &mut events);
    m.ready(chairs[1], 2, &mut to(&mut events)).unwrap();
    let met = met(&events);
    assert!(met.len() == 1 && met[0].0 == entry, "one agent for the newcomer, whom no bound was raised over: {met:?}");
}

/// Two blocks, so a level of bounds between root and slots.
fn two_levels_arrive_x_tidying_look() {
    let (m, mut events) = (matcher(4, 1, 1, 0), vec![]);
    let chair = m.seat(0).unwrap();
    let old: Vec<Entry> = (5..8).map(|key| m.arrive(0, 0, key, &mut to(&mut events)).unwrap()).collect();
    old.iter().for_each(|entry| assert_eq!(m.withdraw(*entry), Withdrawn::Withdrawn));
    let tidies = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    let entry = m.arrive(0, 0, 9, &mut to(&mut events)).unwrap();
    join(tidies, &mut events);
    assert_eq!(met(&events), [(entry, chair)]);
}

/// They fit only under the new plan.
fn replan_x_arrive_x_ready() {
    let (m, mut events) = (matcher(1, 1, 1, 1), vec![]);
    let chair = m.seat(0).unwrap();
    let agent = go(&m, move |m, events| m.ready(chair, 1, &mut to(events)));
    let planner = go(&m, |m, events| m.replan(plan(1, 1, 1, 0), &mut to(events)));
    let entry = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    join(agent, &mut events);
    assert_eq!(join(planner, &mut events), Ok(()));
    assert_eq!(met(&events), [(entry, chair)]);
}

/// Two plans at once under which two who rest fit: one planner may be told that the other is at work; the two meet once.
fn replan_x_replan() {
    let (m, mut events) = (matcher(1, 1, 1, 1), vec![]);
    let chair = m.seat(0).unwrap();
    m.ready(chair, 1, &mut to(&mut events)).unwrap();
    let entry = m.arrive(0, 0, 5, &mut to(&mut events)).unwrap();
    assert!(events.is_empty());
    let other = go(&m, |m, events| m.replan(plan(1, 1, 1, 0), &mut to(events)));
    let mine = m.replan(plan(1, 1, 1, 0), &mut to(&mut events));
    let other = join(other, &mut events);
    assert!(mine.is_ok() || other.is_ok());
    assert_eq!(met(&events), [(entry, chair)]);
}

/// Two hands on one entry, more than owners may do: put back while it is relaxed and an agent comes. Nobody waits for another.
fn put_back_x_relax_x_ready() {
    let (m, mut events) = (matcher(1, 2, 2, 0), vec![]);
    let first = matched(&m);
    let (entry, second) = (first.entry, m.seat(0).unwrap());
    let agent = go(&m, move |m, events| m.ready(second, 2, &mut to(events)));
    let relaxes = go(&m, move |m, events| m.relax(entry, &mut to(events)));
    m.put_back(first, &mut to(&mut events));
    join(agent, &mut events);
    assert!(join(relaxes, &mut events));
    assert_eq!(met(&events), [(entry, second)]);
}

/// He who puts back holds the second agent for him, finds him gone, and gives the agent to a newcomer who had found nobody.
fn put_back_x_withdraw_then_arrive() {
    let (m, mut events) = (matcher(2, 2, 1, 0), vec![]);
    let first = matched(&m);
    let (old, second) = (first.entry, m.seat(0).unwrap());
    m.ready(second, 2, &mut to(&mut events)).unwrap();
    let other = go(&m, move |m, events| {
        let answer = m.withdraw(old);
        (answer, m.arrive(0, 0, 6, &mut to(events)).unwrap())
    });
    m.put_back(first, &mut to(&mut events));
    let (answer, new) = join(other, &mut events);
    match answer {
        Withdrawn::Withdrawn => assert_eq!(met(&events), [(new, second)], "somebody waits, or he is rung"),
        Withdrawn::Met | Withdrawn::Stale => assert_eq!(met(&events).len(), 1, "one agent, and somebody has him"),
    }
    assert!(!rests(&m, second), "somebody waits, or he is rung");
}

// ── the planted bugs ─────────────────────────────────────────────────────────────────────────────────────────────────────

mod planted {
    use super::Mutant::*;
    use super::*;

    const WAITS: &str = "exceeded maximum number of branches";

    #[test]
    fn no_fence() {
        caught(1, &[NoFence], arrive_x_ready, "who came second made the match");
    }
    #[test]
    fn no_fence_the_long_way() {
        caught(1, &[NoFence, LongWay], relax_x_ready, "the relaxed one is found");
    }
    #[test]
    fn no_second_look() {
        caught(2, &[NoSecondLook], put_back_x_withdraw_then_arrive, "somebody waits, or he is rung");
    }
    #[test]
    fn no_second_look_the_long_way() {
        caught(2, &[NoSecondLook, LongWay], withdraw_then_arrive_x_ready, "the newcomer is found");
    }
    #[test]
    fn no_version() {
        // Under a bound raised over him he cannot be found by his own look either, which goes on for ever.
        caught(2, &[NoVersion], arrive_x_tidying_look, WAITS);
    }
    #[test]
    fn bounds_from_the_top_down() {
        caught(2, &[TopDown], arrive_x_tidying_look, "one agent for the newcomer");
    }
    #[test]
    fn debt_by_entry() {
        caught(2, &[DebtByEntry], put_back_x_relax_x_ready, WAITS);
    }
    #[test]
    fn replan_looks_after_the_unflagged() {
        caught(2, &[BareReplan], replan_x_arrive_x_ready, WAITS);
    }
}
