//! One stream: what it hears, what is heard of it.
use crate::rig::{CALLER, MUSIC, Person, Rig, SOUNDS, caller, prompts};
use proptest::prelude::*;
use std::time::Duration;
use switchboard_media::tone::Tone;
use switchboard_media::{Codec, Fact, Hears, Input, MediaConfig, StreamWish, g711};
use switchboard_model::Digit;
use switchboard_wire::rtp::{self, Header};

const HOME: &str = "10.0.0.1:4000";

fn person() -> Person {
    Person::new(CALLER.slot, HOME, 1_000.0)
}

#[test]
fn nothing_to_hear_is_silence_in_packets() {
    for (codec, byte) in [(Codec::Pcma, 0xd5), (Codec::Pcmu, 0xff)] {
        let mut rig = Rig::new();
        rig.wish(1, vec![StreamWish { codec, payload_type: codec.static_payload_type(), ..caller(Hears::Nothing) }]);
        rig.ticks(10);
        assert_eq!(rig.sent.len(), 10);
        assert!(rig.sent.iter().all(|s| s.payload == [byte; 160] && s.to.to_string() == HOME));
        assert!(rig.sent.iter().map(|s| s.header.marker).eq([true].into_iter().chain([false; 9])));
        for pair in rig.sent.windows(2) {
            assert_eq!(pair[1].header.sequence, pair[0].header.sequence.wrapping_add(1));
            assert_eq!(pair[1].header.timestamp, pair[0].header.timestamp.wrapping_add(160));
        }
    }
}

#[test]
fn prompts_are_heard_in_turn_and_end_once() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(prompts(4, &[0, 1, 0]))]);
    rig.ticks(200);
    assert_eq!(rig.heard(CALLER.slot, Codec::Pcma, &[SOUNDS[0].0, SOUNDS[1].0]), [800, 200]);
    assert_eq!(rig.done(CALLER), [4]);
}

#[test]
fn who_does_not_want_to_hear_is_sent_nothing() {
    let mut rig = Rig::new();
    rig.wish(1, vec![StreamWish { send: false, ..caller(prompts(4, &[0])) }]);
    rig.ticks(50);
    assert!(rig.sent.is_empty());
    assert_eq!(rig.done(CALLER), [4], "time passes all the same");
    // Held in the old way: an address that is none.
    rig.wish(2, vec![StreamWish { remote: crate::rig::address("0.0.0.0:4000"), ..caller(MUSIC) }]);
    rig.ticks(50);
    assert!(rig.sent.is_empty());
    rig.wish(3, vec![caller(MUSIC)]);
    rig.ticks(1);
    assert!(rig.sent[0].header.marker);
}

#[test]
fn silence_and_speech_are_noticed_once() {
    let mut rig = Rig::with(MediaConfig { silent_after_ms: 1_000, ..MediaConfig::default() }, 1);
    let mut person = person();
    rig.wish(1, vec![caller(Hears::Nothing)]);
    rig.ticks(100);
    let (silent, heard) = (Fact::Silent { stream: CALLER }, Fact::Heard { stream: CALLER });
    assert_eq!(rig.facts, [silent]);
    for _ in 0..100 {
        person.talk(&mut rig);
        rig.ticks(1);
    }
    assert_eq!(rig.facts, [silent, heard]);
    rig.ticks(100);
    assert_eq!(rig.facts, [silent, heard, silent]);
    // On hold by his own word he may be silent; when he comes back the second begins anew.
    person.talk(&mut rig);
    rig.wish(2, vec![StreamWish { listen: false, ..caller(Hears::Nothing) }]);
    rig.ticks(100);
    rig.wish(3, vec![caller(Hears::Nothing)]);
    rig.ticks(49);
    assert_eq!(rig.facts.len(), 3);
    rig.ticks(1);
    assert_eq!(rig.facts.len(), 4);
}

#[test]
fn keys_are_told_once() {
    let mut rig = Rig::new();
    let mut person = person();
    rig.wish(1, vec![caller(Hears::Nothing)]);
    for event in [1, 1, 0, 11, 16] {
        person.press(&mut rig, event);
        person.talk(&mut rig);
    }
    assert_eq!(rig.keys(CALLER), "110#");
    let Fact::Digit { digit, rtp_timestamp, .. } = rig.facts[1] else { panic!("{:?}", rig.facts) };
    assert_eq!((digit.face(), rtp_timestamp), ('1', u32::MAX - 900));
}

#[test]
fn keys_count_only_where_somebody_listens() {
    let mut rig = Rig::new();
    let mut person = person();
    rig.wish(1, vec![StreamWish { listen: false, ..caller(Hears::Nothing) }]);
    person.press(&mut rig, 1);
    rig.wish(2, vec![caller(Hears::Nothing)]);
    person.press(&mut rig, 2);
    assert_eq!(rig.keys(CALLER), "2");
}

#[test]
fn events_under_our_number_count_too() {
    // He answered with 96, but sends what we offered: 101.
    let mut rig = Rig::new();
    rig.wish(1, vec![StreamWish { telephone_event: Some(96), ..caller(Hears::Nothing) }]);
    person().press(&mut rig, 5);
    assert_eq!(rig.keys(CALLER), "5");
}

#[test]
fn keys_in_the_sound_where_no_events_are_agreed() {
    let play = |telephone_event| {
        let mut rig = Rig::new();
        rig.wish(1, vec![StreamWish { telephone_event, ..caller(Hears::Nothing) }]);
        let mut header = Header { payload_type: 8, ..Header::default() };
        for (low, high) in [(770.0, 1_336.0), (941.0, 1_477.0)] {
            let (mut row, mut column) = (Tone::new(low, 5_000), Tone::new(high, 5_000));
            for frame in 0..8 {
                let sample = |on: bool| if on { row.sample() + column.sample() } else { 0 };
                let samples = (0..160).map(|_| frame < 4).map(sample).map(|s| g711::encode(Codec::Pcma, s));
                let bytes = rtp::write(&header, &samples.collect::<Vec<u8>>());
                rig.packet(CALLER.slot, HOME, &bytes);
                header.sequence += 1;
                header.timestamp += 160;
            }
        }
        rig.keys(CALLER)
    };
    assert_eq!(play(None), "5#");
    assert_eq!(play(Some(101)), "");
}

#[test]
fn packets_go_to_where_packets_come_from() {
    let mut rig = Rig::new();
    let to = |rig: &mut Rig| {
        rig.ticks(1);
        rig.sent.last().expect("a frame").to.to_string()
    };
    rig.wish(1, vec![caller(Hears::Nothing)]);
    assert_eq!(to(&mut rig), HOME);
    // Noise, RTCP and unknown payloads latch nothing, from wherever they come.
    rig.packet(CALLER.slot, "10.0.0.1:4999", b"hello");
    rig.packet(CALLER.slot, "10.0.0.1:4999", &[0x80, 200, 0, 1, 0, 0, 0, 0]);
    let unknown = rtp::write(&Header { payload_type: 18, ..Header::default() }, &[0; 20]);
    rig.packet(CALLER.slot, "10.0.0.1:4999", &unknown);
    assert_eq!(to(&mut rig), HOME);
    Person { from: "10.9.9.9:1", ..person() }.talk(&mut rig);
    assert_eq!(to(&mut rig), HOME, "a stranger within the first 200 ms");
    Person { from: "10.0.0.1:4002", ..person() }.talk(&mut rig);
    assert_eq!(to(&mut rig), "10.0.0.1:4002");
    rig.ticks(100);
    Person { from: "10.9.9.9:1", ..person() }.press(&mut rig, 1);
    assert_eq!(to(&mut rig), "10.0.0.1:4002");
    assert_eq!(rig.keys(CALLER), "", "a stranger presses no keys");
    rig.wish(2, vec![StreamWish { remote: crate::rig::address("10.7.7.7:9"), ..caller(Hears::Nothing) }]);
    assert_eq!(to(&mut rig), "10.7.7.7:9");
    let stats = rig.media.stats();
    assert_eq!(
        (stats.garbage, stats.rtcp, stats.payload_unknown, stats.source_ignored, stats.latched),
        (1, 1, 1, 9, 1)
    );
}

#[test]
fn what_comes_for_nobody_is_counted() {
    let mut rig = Rig::new();
    rig.packet(77, HOME, &person().frame());
    rig.packet(u32::MAX, HOME, b"");
    assert_eq!((rig.media.stats().no_stream, rig.media.stats().packets_in), (2, 2));
}

/// Ticks at these ms after the first; expected: frames sent at each.
fn check_ticks(ticks: &[u64], frames: &[usize], skipped: u64) {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(MUSIC)]);
    let start = rig.now;
    let mut told = vec![];
    for tick in ticks {
        rig.now = start + Duration::from_millis(*tick);
        let before = rig.sent.len();
        rig.handle(Input::Tick);
        told.push(rig.sent.len() - before);
    }
    assert_eq!((told.as_slice(), rig.media.stats().frames_skipped), (frames, skipped), "{ticks:?}");
    // Music has no hole, whatever the ticks: what was skipped was time, not sound.
    let heard: Vec<u8> = rig.sent.iter().flat_map(|s| s.payload.clone()).collect();
    let sounds = crate::rig::sounds();
    let music = sounds.find(switchboard_model::PromptId(2)).expect("music").bytes(Codec::Pcma);
    assert_eq!(heard, music[..heard.len()]);
}

#[test]
fn late_ticks_catch_up() {
    check_ticks(&[0, 20, 40, 60], &[1, 1, 1, 1], 0);
    // Jitter of the timer is not lateness.
    check_ticks(&[0, 21, 39, 63, 80], &[1, 1, 1, 1, 1], 0);
    // One missed, two missed, and a long sleep.
    check_ticks(&[0, 40, 60], &[1, 2, 1], 0);
    check_ticks(&[0, 60, 80], &[1, 3, 1], 0);
    check_ticks(&[0, 1_000, 1_020], &[1, 3, 1], 47);
    // Two ticks for one frame.
    check_ticks(&[0, 5, 20], &[1, 0, 1], 0);
}

#[test]
fn skipped_time_is_in_the_timestamp() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(MUSIC)]);
    rig.ticks(1);
    rig.pass(980);
    rig.ticks(1);
    let (first, next) = (&rig.sent[0].header, &rig.sent[1].header);
    assert_eq!(next.timestamp.wrapping_sub(first.timestamp), 8_000);
    assert!(next.marker);
    assert_eq!(next.sequence, first.sequence.wrapping_add(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Keys through a network that loses, doubles and reorders within 100 ms: as long as one packet of each comes, all are told
    /// once and in order.
    #[test]
    fn keys_survive_the_network(
        keys in proptest::collection::vec(0u8..16, 1..10),
        fate in proptest::collection::vec((0u8..4, 0u64..50), 100),
    ) {
        let mut person = person();
        let mut arriving = vec![];
        for (n, key) in keys.iter().enumerate() {
            // 160 ms each, 200 ms apart.
            for (i, bytes) in person.key(*key).into_iter().enumerate() {
                let at = n as u64 * 360 + i as u64 * 20;
                let (copies, delay) = fate[(n * 8 + i) % fate.len()];
                let copies = if i == n % 8 { 1 } else { [0, 0, 1, 2][usize::from(copies)] };
                arriving.extend((0..copies).map(|c| (at + delay * 2 + c * 30, bytes.clone())));
            }
            person.header.timestamp = person.header.timestamp.wrapping_add(1_600);
        }
        arriving.sort_by_key(|(at, _)| *at);
        let mut rig = Rig::new();
        rig.wish(1, vec![caller(Hears::Nothing)]);
        arriving.iter().for_each(|(_, bytes)| rig.packet(CALLER.slot, HOME, bytes));
        let expected: String = keys.iter().filter_map(|k| Digit::from_event(*k)).map(Digit::face).collect();
        prop_assert_eq!(rig.keys(CALLER), expected);
    }

    /// Whatever comes in on a port, nothing panics and what goes out stays RTP.
    #[test]
    fn no_bytes_panic_it(packets in proptest::collection::vec((0u8..4, proptest::collection::vec(any::<u8>(), 0..40)), 0..60)) {
        let mut rig = Rig::new();
        rig.wish(1, vec![caller(Hears::Party(CALLER))]);
        for (kind, bytes) in packets {
            let start: &[u8] = [&[][..], &[0x80, 8], &[0x80, 101], &[0xb1, 0]][usize::from(kind)];
            rig.packet(CALLER.slot, HOME, &[start, &bytes].concat());
            rig.ticks(1);
        }
    }
}
