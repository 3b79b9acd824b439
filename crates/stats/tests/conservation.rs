//! One event lost or doubled turns the light red, whichever it is.
//!
//! Not covered: two errors that cancel each other out.
mod common;
use common::Day;
use std::collections::BTreeMap;
use switchboard_model::{ContactEvent, ShardId, What};
use switchboard_stats::{Equation, Fold, Ledger, Outside};

/// What others counted, from the truth and not from the events.
fn outside(day: &Day) -> Outside {
    let mut written = BTreeMap::new();
    for event in &day.events {
        *written.entry(event.by).or_insert(0) += 1;
    }
    let waits =
        |t: &&common::Truth| t.requested.is_some_and(|at| day.past(at)) && !t.over.is_some_and(|(_, at)| day.past(at));
    Outside {
        arrived: day.callers().count() as u64,
        waiting: day.callers().filter(waits).count() as u64,
        alive: day.callers().filter(|t| !day.past(t.ended)).count() as u64,
        written,
    }
}

fn ledger(events: &[ContactEvent], outside: Outside) -> Ledger {
    let mut fold = Fold::new();
    events.iter().for_each(|event| fold.add(event));
    fold.ledger(outside)
}

fn days() -> impl Iterator<Item = Day> {
    (0..6).map(|seed| Day::new(seed, 25, 120, if seed % 2 == 0 { 60 } else { 400 }))
}

#[test]
fn a_valid_day_is_conserved_at_every_moment() {
    for seed in 0..40 {
        for cut in [5, 60, 61, 90, 1000] {
            let day = Day::new(seed, 30, 120, cut);
            let ledger = ledger(&day.events, outside(&day));
            assert!(ledger.conserved, "seed {seed} cut {cut}: {ledger:?}");
        }
    }
}

#[test]
fn any_event_dropped_or_doubled_is_seen() {
    for day in days() {
        for i in 0..day.events.len() {
            let (mut dropped, mut doubled) = (day.events.clone(), day.events.clone());
            dropped.remove(i);
            doubled.insert(i, doubled[i].clone());
            for (how, events) in [("dropped", dropped), ("doubled", doubled)] {
                let ledger = ledger(&events, outside(&day));
                assert!(!ledger.conserved, "{how} {:?}", day.events[i]);
                assert!(ledger.failing.contains(&Equation::Writers), "{how} {:?}", day.events[i]);
            }
        }
    }
}

/// As if a writer had never written it, or had counted it twice: the numbers tell nothing, the equations must.
#[test]
fn an_event_that_bears_a_term_is_seen_without_its_number() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for day in days() {
        for (i, event) in day.events.iter().enumerate() {
            let last_of_call = !day.events[i + 1..].iter().any(|e| e.call == event.call);
            let word = match event.what {
                What::Arrived { .. } => "arrived",
                What::Answered if !last_of_call => "answered",
                What::HumanRequested { .. } => "human_requested",
                What::PickedUp { .. } => "picked_up",
                What::Ended { .. } => "ended",
                _ => continue,
            };
            *seen.entry(word).or_default() += 1;
            let (mut dropped, mut doubled) = (day.events.clone(), day.events.clone());
            dropped.remove(i);
            doubled.insert(i, event.clone());
            for (how, mut events) in [("dropped", dropped), ("doubled", doubled)] {
                renumber(&mut events);
                let ledger = ledger(&events, Outside { written: BTreeMap::new(), ..outside(&day) });
                assert!(!ledger.conserved, "{how} {event:?}");
                assert!(!ledger.failing.contains(&Equation::Writers), "{how} {event:?}");
            }
        }
    }
    assert!(seen.len() == 5 && seen.values().all(|&n| n > 5), "{seen:?}");
}

fn renumber(events: &mut [ContactEvent]) {
    let mut last: BTreeMap<ShardId, u64> = BTreeMap::new();
    for event in events {
        let seq = last.entry(event.by).or_default();
        *seq += 1;
        event.seq = *seq;
    }
}

#[test]
fn each_outside_number_has_its_equation() {
    let day = Day::new(3, 30, 120, 60);
    for (name, wrong, want) in [
        ("arrived", Outside { arrived: outside(&day).arrived + 1, ..outside(&day) }, Equation::Trunk),
        ("waiting", Outside { waiting: outside(&day).waiting + 1, ..outside(&day) }, Equation::Queue),
        ("alive", Outside { alive: outside(&day).alive + 1, ..outside(&day) }, Equation::Calls),
        ("written", Outside { written: BTreeMap::from([(ShardId(9), 1)]), ..outside(&day) }, Equation::Writers),
    ] {
        let ledger = ledger(&day.events, wrong);
        assert!(ledger.failing.contains(&want), "{name}: {:?}", ledger.failing);
    }
}
