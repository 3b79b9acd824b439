//! Contact events are folded, a level is asked for, a group of events goes to the disk.
//!
//! ```text
//!   fold      a call's eight events into cells     │ its wait into a list, and nothing else
//!   level     Y % within 20 s of a day's 50 000    │ the list of waits walked, as a table of calls is by SQL
//!   journal   1 000 events offered, all on disk    │ their lines in one write, and one fdatasync
//! ```
use divan::{Bencher, black_box};
use std::io::Write;
use std::time::Duration;
use switchboard_model::{
    AgentId, CallId, Cause, ContactEvent, HungUp, Instant, Language, Number, QueueId, RequestedBy, ShardId, TrunkId,
    What,
};
use switchboard_stats::{By, Fold, Formula, Question};
use switchboard_store::Journal;

const DAY: u64 = 1_800_000_000_000;
const CALLS: u64 = 50_000;

/// Waits of 0 to 65 s, in ms, without chance.
fn wait_ms(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40 & 0xffff
}

/// Everything the record holds of the `n`th call of a day: one comes each second, and is answered.
fn call(n: u64) -> [ContactEvent; 8] {
    let (queue, agent) = (QueueId((n % 6) as u16), AgentId(8_001 + (n % 300) as u32));
    let (at, wait) = (DAY + n * 1_000, wait_ms(n));
    let by = ShardId(1);
    let events = [
        (
            0,
            What::Arrived {
                trunk: TrunkId(0),
                from: Number::default(),
                dialled: Number::default(),
                first_dialled: None,
                sip_call_id: "a@b".to_owned(),
            },
        ),
        (1, What::Answered),
        (4_000, What::HumanRequested { queue, by: RequestedBy::Key }),
        (4_000, What::Queued { queue, language: Language::Mandarin, since: Instant::from_millis(at + 4_000) }),
        (4_000 + wait, What::Ringing { queue, agent, ring: 1 }),
        (4_000 + wait, What::PickedUp { queue, agent, wait_ms: wait }),
        (64_000 + wait, What::TalkEnded { agent, talk_ms: 60_000, hung_up: HungUp::Caller }),
        (64_000 + wait, What::Ended { cause: Cause::CallerDone, queue: Some(queue), wait_ms: Some(wait) }),
    ];
    let mut seq = n * 8;
    events.map(|(after, what)| {
        seq += 1;
        let (v, call) = (ContactEvent::VERSION, Some(CallId::new(by, n + 1)));
        ContactEvent { v, by, seq, at: Instant::from_millis(at + after), call, what }
    })
}

#[divan::bench]
fn fold_a_call(bencher: Bencher<'_, '_>) {
    let (mut fold, mut n) = (Fold::new(), 0);
    bencher
        .with_inputs(|| {
            n += 1;
            call(n)
        })
        .bench_local_values(|events| events.iter().for_each(|event| fold.add(black_box(event))));
}

#[divan::bench]
fn fold_a_call_baseline_list(bencher: Bencher<'_, '_>) {
    let (mut list, mut n) = (Vec::<(u64, u64)>::new(), 0);
    bencher
        .with_inputs(|| {
            n += 1;
            call(n)
        })
        .bench_local_values(|events| {
            for event in &events {
                if let What::PickedUp { wait_ms, .. } = black_box(event).what {
                    list.push((event.at.millis(), wait_ms));
                }
            }
        });
}

#[divan::bench]
fn level_of_a_day(bencher: Bencher<'_, '_>) {
    let mut fold = Fold::new();
    (0..CALLS).flat_map(call).for_each(|event| fold.add(&event));
    let (from, to) = (Instant::from_millis(DAY), Instant::from_millis(DAY + 86_400_000));
    let question = Question { queue: None, from, to, within_s: 20, formula: Formula::F1, by: By::End, short_s: 5 };
    bencher.bench_local(|| fold.answer(black_box(&question), to));
}

#[divan::bench]
fn level_of_a_day_baseline_list(bencher: Bencher<'_, '_>) {
    let list: Vec<(u64, u64)> = (0..CALLS).map(|n| (DAY + n * 1_000, wait_ms(n))).collect();
    bencher.bench_local(|| {
        let within = black_box(&list).iter().filter(|(at, _)| (DAY..DAY + 86_400_000).contains(at));
        within.fold((0_u64, 0_u64), |(good, all), (_, wait)| (good + u64::from(*wait <= 20_000), all + 1))
    });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn journal_1000_events(bencher: Bencher<'_, '_>) {
    let dir = tempfile::tempdir().expect("a folder");
    let (journal, _) = Journal::open(dir.path()).expect("an empty folder");
    let (writer, mut n) = (journal.writer(), 0);
    bencher
        .with_inputs(|| {
            n += 125;
            (n..n + 125).flat_map(call).collect::<Vec<_>>()
        })
        .bench_local_values(|events| {
            events.into_iter().for_each(|event| assert!(writer.offer(event), "the journal has room"));
            assert!(writer.flush(Duration::from_secs(10)), "the disk takes a thousand events");
        });
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn journal_1000_events_baseline_one_write(bencher: Bencher<'_, '_>) {
    let mut file = tempfile::tempfile().expect("a file");
    let mut n = 0;
    bencher
        .with_inputs(|| {
            n += 125;
            (n..n + 125)
                .flat_map(call)
                .map(|e| serde_json::to_string(&e).expect("plain data") + "\n")
                .collect::<String>()
        })
        .bench_local_values(|lines| {
            file.write_all(lines.as_bytes()).and_then(|()| file.sync_data()).expect("the disk takes a thousand lines");
        });
}
