//! What the fold answers is what counting the truth caller by caller gives, for any window, X, formula and queue.
mod common;
use common::{Day, START, Truth};
use proptest::prelude::*;
use std::time::Duration;
use switchboard_model::{Instant, QueueId, ShardId};
use switchboard_stats::*;

fn fold(day: &Day) -> Fold {
    let mut fold = Fold::new();
    day.events.iter().for_each(|event| fold.add(event));
    fold
}

/// Counts, straight from the truth.
fn count(day: &Day, q: &Question) -> Counts {
    let mut c = Counts::default();
    let now = day.now.micros();
    for t in day.callers().filter(|t| q.queue.is_none_or(|want| want.0 == t.queue)) {
        let Truth { requested: Some(since), over, .. } = *t else { continue };
        if since > now {
            continue;
        }
        let (how, until) = over.filter(|&(_, at)| at <= now).unwrap_or(('w', now));
        let belongs = if q.by == By::End { until } else { since } / 1_000_000;
        if !(q.from.seconds()..q.to.seconds()).contains(&belongs) {
            continue;
        }
        let ms = (until - since) / 1000;
        let within = ms <= u64::from(q.within_s) * 1000;
        let one = |yes: bool| u64::from(yes);
        match how {
            'a' => (c.answered, c.answered_within) = (c.answered + 1, c.answered_within + one(within)),
            'b' => {
                c.abandoned += 1;
                c.abandoned_within += one(within);
                c.abandoned_over += one(!within);
                c.short += one(ms <= u64::from(q.short_s) * 1000);
            }
            'f' => c.failed += 1,
            _ => (c.waiting, c.waiting_over) = (c.waiting + 1, c.waiting_over + one(!within)),
        }
    }
    c
}

fn formula() -> impl Strategy<Value = Formula> {
    prop::sample::select(FORMULAS.iter().map(|row| row.formula).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn any_question_is_answered_exactly(
        seed in 0u64..500, cut in 30u64..400, from in 0u64..200, len in 1u64..4000, within_s in 0u32..70, short_s in 0u32..10,
        formula in formula(), arrival: bool, queue in prop::option::of(0u16..3)
    ) {
        let day = Day::new(seed, 40, 150, cut);
        let from = Instant::from_micros(START + from * 1_000_000);
        let by = if arrival { By::Arrival } else { By::End };
        let queue = queue.map(QueueId);
        let question = Question { queue, from, to: from + Duration::from_secs(len), within_s, formula, by, short_s };
        let answer = fold(&day).answer(&question, day.now);
        prop_assert_eq!(answer.counts, count(&day, &question));
        prop_assert_eq!(answer.percent, percent(answer.numerator, answer.denominator));
        prop_assert_eq!(answer.id, formula.id());
    }

    #[test]
    fn shards_fold_apart_and_add_up(seed in 0u64..500) {
        let day = Day::new(seed, 40, 150, 4000);
        let (whole, mut one, mut two) = (fold(&day), Fold::new(), Fold::new());
        for event in &day.events {
            if event.by == ShardId(1) { one.add(event) } else { two.add(event) }
        }
        for by in [By::End, By::Arrival] {
            let mut sum = one.cells(by).clone();
            sum.merge(two.cells(by));
            prop_assert_eq!(&sum, whole.cells(by));
        }
    }

    #[test]
    fn a_fold_that_was_written_goes_on_as_if_it_had_not(seed in 0u64..500, at in 0usize..300) {
        let day = Day::new(seed, 30, 150, 4000);
        let (before, after) = day.events.split_at(at.min(day.events.len()));
        let mut half = Fold::new();
        before.iter().for_each(|event| half.add(event));
        let bytes = postcard::to_stdvec(&half).expect("plain data");
        let mut again: Fold = postcard::from_bytes(&bytes).expect("what we wrote");
        after.iter().for_each(|event| again.add(event));
        prop_assert_eq!(again, fold(&day));
    }

    #[test]
    fn each_of_an_agents_seconds_is_in_one_cell(seed in 0u64..500, from in 0u64..300, len in 1u64..300) {
        let day = Day::new(seed, 30, 150, 4000);
        let (from, to) = (START + from * 1_000_000, START + (from + len) * 1_000_000);
        let times = fold(&day).agent_times(Instant::from_micros(from), Instant::from_micros(to), day.now);
        prop_assert_eq!(times.len(), 4);
        for (agent, cells) in times {
            let sum: u64 = cells.values().sum();
            // Each cell is rounded down to its millisecond once.
            prop_assert!(sum <= len * 1000 && sum + cells.len() as u64 > len * 1000, "agent {agent}: {sum} of {len} s");
        }
    }

    #[test]
    fn what_happens_later_is_answered_the_same_after_forgetting(seed in 0u64..100, within_s in 0u32..70) {
        let day = Day::new(seed, 60, 150, 4000);
        let (whole, mut some) = (fold(&day), fold(&day));
        let hour = Instant::from_micros(START + 30_000_000);
        some.forget(hour + Duration::from_secs(1));
        let to = hour + Duration::from_secs(7200);
        let question = Question { queue: None, from: hour, to, within_s, formula: Formula::F1, by: By::End, short_s: 5 };
        prop_assert_eq!(some.answer(&question, day.now), whole.answer(&question, day.now));
        prop_assert_eq!(some.indicators(&question, day.now), whole.indicators(&question, day.now));
    }
}

#[test]
fn a_window_that_cannot_be_answered_says_why() {
    let at = |s: u64| Instant::from_micros(START + s * 1_000_000);
    let ask = |from: u64, to: u64| {
        let q = Question {
            queue: None,
            from: at(from),
            to: at(to),
            within_s: 20,
            formula: Formula::F3,
            by: By::End,
            short_s: 0,
        };
        q.check(at(100)).map_err(|e| e.to_string())
    };
    assert_eq!(ask(0, 10), Ok(()));
    assert_eq!(ask(0, 1000), Ok(()));
    assert_eq!(ask(10, 10), Err(BadQuestion::Empty.to_string()));
    assert_eq!(ask(10, 5), Err(BadQuestion::Empty.to_string()));
    assert_eq!(ask(101, 200), Err(BadQuestion::Future.to_string()));
}
