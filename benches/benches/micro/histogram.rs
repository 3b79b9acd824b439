//! A wait is recorded; how many waited at most 20 s is asked. Two digits, as the harness's own slices and live windows have it.
use divan::{Bencher, black_box};
use hdrhistogram::Histogram;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Waits of 0 to 60 s, in ms, without chance.
fn wait(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40 & 0xffff
}

fn histogram() -> Histogram<u32> {
    Histogram::new_with_bounds(1, 3_600_000, 2).expect("bounds in order")
}

#[divan::bench]
fn record(bencher: Bencher<'_, '_>) {
    let (mut all, mut n) = (histogram(), 0);
    bencher.bench_local(|| {
        n += 1;
        all.saturating_record(black_box(wait(n)));
    });
}

#[divan::bench]
fn record_baseline_mutex_map(bencher: Bencher<'_, '_>) {
    let (all, mut n) = (Mutex::new(BTreeMap::<u64, u64>::new()), 0);
    bencher.bench_local(|| {
        n += 1;
        *all.lock().expect("nobody panics").entry(black_box(wait(n))).or_default() += 1;
    });
}

#[divan::bench]
fn within_20_s(bencher: Bencher<'_, '_>) {
    let mut all = histogram();
    (0..50_000).for_each(|n| all.saturating_record(wait(n)));
    bencher.bench_local(|| all.count_between(0, black_box(20_000)));
}

#[divan::bench]
fn within_20_s_baseline_mutex_map(bencher: Bencher<'_, '_>) {
    let all = Mutex::new(BTreeMap::<u64, u64>::new());
    (0..50_000).for_each(|n| *all.lock().expect("nobody panics").entry(wait(n)).or_default() += 1);
    bencher.bench_local(|| all.lock().expect("nobody panics").range(..=black_box(20_000)).map(|(_, n)| n).sum::<u64>());
}
