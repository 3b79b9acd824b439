//! A caller comes while an agent rests, and both meet; 1 000 agents of 64 profiles, 64 classes. More in `-p switchboard-matcher --bench cost`.
use divan::{Bencher, black_box};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use switchboard_matcher::{Chair, ClassSpec, Event, LineSpec, Matcher, Plan};

const CLASSES: usize = 64;
const AGENTS: usize = 1_000;

fn fits(class: usize) -> Vec<(u8, u32)> {
    (0..8)
        .map(|n| ((n % 3) as u8, ((class * 7 + n * 5) % CLASSES) as u32))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .collect()
}

#[divan::bench]
fn ours(bencher: Bencher<'_, '_>) {
    let line = |class| LineSpec { capacity: 64, steps: vec![ClassSpec { credit: 0, profiles: fits(class) }] };
    let plan = Plan::new((0..CLASSES).map(line).collect(), vec![AGENTS.div_ceil(CLASSES); CLASSES]).expect("a plan");
    let matcher = Matcher::new(plan);
    let mut key = 0;
    for n in 0..AGENTS {
        let chair: Chair = matcher.seat((n % CLASSES) as u32).expect("room");
        key += 1;
        matcher.ready(chair, key, &mut |_| {});
    }
    bencher.bench_local(|| {
        key += 2;
        let mut met = None;
        matcher.arrive((key as usize % CLASSES) as u32, 0, key, &mut |event| met = Some(event)).expect("room");
        if let Some(Event::Met(met)) = met {
            let generation = met.chair_gen;
            let (_, chair) = matcher.finish(met);
            matcher.engage(chair, generation);
            matcher.ready(chair, key + 1, &mut |_| {});
            black_box(chair);
        }
    });
}

#[divan::bench]
fn baseline_mutex_ordered_maps(bencher: Bencher<'_, '_>) {
    let mut resting: Vec<BTreeMap<u64, usize>> = vec![BTreeMap::new(); CLASSES];
    for n in 0..AGENTS {
        resting[n % CLASSES].insert(n as u64, n);
    }
    let (resting, mut key) = (Mutex::new(resting), AGENTS as u64);
    let all: Vec<Vec<(u8, u32)>> = (0..CLASSES).map(fits).collect();
    bencher.bench_local(|| {
        key += 2;
        let mut resting = resting.lock().expect("nobody panics");
        for rank in 0..3 {
            let of_rank = all[key as usize % CLASSES].iter().filter(|(r, _)| *r == rank);
            let heads =
                of_rank.filter_map(|(_, p)| resting[*p as usize].first_key_value().map(|(k, a)| (*k, *p as usize, *a)));
            if let Some((first, profile, agent)) = heads.min() {
                resting[profile].remove(&first);
                resting[profile].insert(key + 1, agent);
                return black_box(agent);
            }
        }
        usize::MAX
    });
}

/// Not what it costs but what a caller and an agent who are both there wait until somebody looks. Its time is wall-clock time.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn baseline_poller_every_100_ms(bencher: Bencher<'_, '_>) {
    let (waiting, met, stop) = (Mutex::new(VecDeque::new()), AtomicU64::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::park_timeout(Duration::from_millis(100));
                if waiting.lock().expect("nobody panics").pop_front().is_some() {
                    met.fetch_add(1, Ordering::Release);
                }
            }
        });
        let mut n = 0u64;
        bencher.bench_local(|| {
            let before = met.load(Ordering::Acquire);
            n += 1;
            waiting.lock().expect("nobody panics").push_back(n);
            while met.load(Ordering::Acquire) == before {
                std::thread::park_timeout(Duration::from_micros(200));
            }
        });
        stop.store(true, Ordering::Relaxed);
    });
}
