//! A hundred fixed worlds, held to every law; and every planted bug is caught.
//!
//! Not covered here: thousands of seeds (`make test-full`), and two threads truly at once (the matcher's loom tests).
#![cfg(feature = "mutants")]
use switchboard_engine::mutant::MUTANTS;
use switchboard_sim::{Base, Coverage, Depth, Restore, Scenario, run, run_set};

fn base(mutant: Option<&str>) -> Base {
    Base::embedded()
        .expect("the embedded configuration is sound")
        .with_mutant(mutant)
        .expect("a planted bug of this name")
}

fn told(seed: u64) -> Scenario {
    Scenario::of(seed, Depth::Told)
}

#[test]
fn a_hundred_worlds_keep_every_law_and_take_every_arrow_and_cause() {
    let halves =
        [0..50, 50..100].map(|seeds| std::thread::spawn(move || run_set(seeds, told, &base(None), false, |_| {})));
    let mut coverage = Coverage::default();
    for half in halves {
        let set = half.join().expect("no law panics");
        assert!(set.broken.is_empty(), "{:#?}", set.broken);
        assert!(set.calls >= 50 * 150, "{} calls in {} worlds", set.calls, set.seeds);
        coverage.add(&set.coverage);
    }
    let missing = coverage.missing();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn sound_is_right_packet_by_packet() {
    let set = run_set(0..6, |seed| Scenario::of(seed, Depth::Sounded), &base(None), false, |_| {});
    assert!(set.broken.is_empty(), "{:#?}", set.broken);
    assert!(set.coverage.guards["sound"] >= 10, "{:?}", set.coverage.guards);
}

#[test]
fn a_day_of_50_000_calls_and_300_agents_keeps_every_law() {
    // A seed whose callers are told their place.
    let outcome = run(&Scenario::day(2), &base(None), false);
    assert!(outcome.broken.is_none(), "{:?}", outcome.broken);
    assert!(outcome.calls >= 49_000, "{} calls", outcome.calls);
    // The rarest: somebody waits while agents rest, of whom none fits him.
    for (law, asked) in outcome.coverage.guards.iter().filter(|(law, _)| *law != "end") {
        assert!(*asked > 30, "{law} was asked {asked} times");
    }
}

#[test]
fn a_seed_is_one_world() {
    let scenario = Scenario::of(1, Depth::Told);
    let (one, two) = (run(&scenario, &base(None), true), run(&scenario, &base(None), true));
    assert_eq!((one.digest, &one.story), (two.digest, &two.story));
    assert!(one.story.len() > 1_000);
}

#[test]
fn restored_after_every_event_it_is_the_same_world() {
    let scenario = Scenario::of(7, Depth::Told);
    assert_eq!(scenario.restore, Restore::EveryEvent);
    let with = run(&scenario, &base(None), false);
    assert!(with.broken.is_none(), "{:?}", with.broken);
    assert!(with.restores > 3_000, "{} restores", with.restores);
    let without = run(&Scenario { restore: Restore::Never, ..scenario }, &base(None), false);
    assert_eq!(with.digest, without.digest);
}

#[test]
fn every_planted_bug_is_caught_within_200_worlds() {
    let mut missed = vec![];
    for (_, name) in MUTANTS {
        let set = run_set(0..200, told, &base(Some(name)), true, |_| {});
        if set.broken.is_empty() {
            missed.push(*name);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
