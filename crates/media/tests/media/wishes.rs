//! The newest wish is the truth.
use crate::rig::{AGENT, CALLER, MUSIC, Person, Rig, SOUNDS, agent, call, caller, prompts};
use proptest::prelude::*;
use switchboard_media::{Codec, Fact, Hears, Input, MediaConfig, StreamWish, Wish};
use switchboard_model::{CallId, ShardId, StreamId};

#[test]
fn a_stream_left_out_is_closed() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(MUSIC), agent(MUSIC)]);
    rig.ticks(5);
    assert_eq!((rig.sent_from(CALLER.slot).len(), rig.sent_from(AGENT.slot).len()), (5, 5));
    rig.wish(2, vec![caller(MUSIC)]);
    rig.ticks(5);
    assert_eq!((rig.sent_from(CALLER.slot).len(), rig.sent_from(AGENT.slot).len()), (10, 5));
    assert_eq!(rig.closed, [AGENT.slot]);
    rig.wish(3, vec![]);
    rig.ticks(5);
    assert_eq!(rig.sent.len(), 15);
    assert_eq!(rig.closed, [AGENT.slot, CALLER.slot]);
    assert_eq!(rig.media.streams(), 0);
}

#[test]
fn a_late_wish_cannot_open_a_call_that_is_over() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(MUSIC)]);
    rig.wish(3, vec![]);
    rig.ticks(10);
    rig.wish(2, vec![caller(MUSIC)]);
    rig.ticks(10);
    assert_eq!((rig.media.streams(), rig.sent.len()), (0, 0));
    // Nor can one of the same version: that was taken already, as it was.
    rig.wish(3, vec![caller(MUSIC)]);
    assert_eq!((rig.media.streams(), rig.media.stats().wishes_old), (0, 2));
}

#[test]
fn a_port_lent_anew_is_the_newcomers() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(MUSIC)]);
    let other = CallId::new(ShardId(1), 82);
    let lent_anew = StreamWish { stream: StreamId { generation: 1, ..CALLER }, ..caller(MUSIC) };
    rig.handle(Input::Wish(Wish { call: other, version: 1, streams: vec![lent_anew] }));
    // The old call's last words come late: they neither close nor change the newcomer's stream.
    rig.wish(2, vec![caller(Hears::Nothing)]);
    rig.wish(3, vec![]);
    rig.ticks(50);
    assert_eq!((rig.media.streams(), rig.closed.len(), rig.media.stats().streams_refused), (1, 0, 1));
    assert_eq!(rig.heard(CALLER.slot, Codec::Pcma, &[SOUNDS[2].0]), [1_000]);
    assert!(rig.facts.is_empty());
}

#[test]
fn a_port_beyond_the_stock_is_refused() {
    let mut rig = Rig::with(MediaConfig { slots_max: 4, ..MediaConfig::default() }, 1);
    rig.wish(1, vec![caller(MUSIC), agent(MUSIC)]);
    rig.ticks(1);
    assert_eq!((rig.media.streams(), rig.sent.len(), rig.media.stats().streams_refused), (1, 1, 1));
}

#[test]
fn the_same_wish_again_disturbs_nothing() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(prompts(1, &[0, 1]))]);
    for version in 2..40 {
        rig.ticks(1);
        rig.wish(version, vec![caller(prompts(1, &[0, 1]))]);
    }
    assert_eq!(rig.heard(CALLER.slot, Codec::Pcma, &[SOUNDS[0].0, SOUNDS[1].0]), [400, 200]);
    assert_eq!(rig.done(CALLER), [1]);
    assert!(rig.sent_from(CALLER.slot).iter().skip(1).all(|s| !s.header.marker));
}

#[test]
fn sound_goes_on_after_a_restart() {
    let streams = vec![caller(Hears::Party(AGENT)), agent(Hears::Party(CALLER))];
    let mut person = Person::new(CALLER.slot, "10.0.0.1:4000", 1_000.0);
    let mut rig = Rig::with(MediaConfig::default(), 1);
    rig.wish(7, streams.clone());
    let mut heard = 0;
    for seed in [2, 3] {
        for _ in 0..50 {
            rig.ticks(1);
            person.talk(&mut rig);
        }
        let now = rig.heard(AGENT.slot, Codec::Pcma, &[1_000.0])[0];
        assert_eq!(now, 1_000);
        heard += now;
        // The process died; all that is left is the wish, as it stands in the engine's record.
        let written = postcard_round(&Wish { call: call(), version: 7, streams: streams.clone() });
        let later = rig.now;
        rig = Rig::with(MediaConfig::default(), seed);
        rig.now = later;
        rig.handle(Input::Wish(written));
    }
    assert_eq!(heard, 2_000);
    // And prompts begin again, with one end.
    rig.wish(8, vec![caller(prompts(1, &[0]))]);
    rig.ticks(30);
    assert_eq!(rig.heard(CALLER.slot, Codec::Pcma, &[SOUNDS[0].0]), [400]);
    assert_eq!(rig.done(CALLER), [1]);
}

fn postcard_round(wish: &Wish) -> Wish {
    let bytes = postcard::to_stdvec(wish).expect("written");
    let back = postcard::from_bytes(&bytes).expect("read");
    assert_eq!(wish, &back);
    back
}

fn hears() -> impl Strategy<Value = Hears> {
    prop_oneof![
        Just(Hears::Nothing),
        Just(MUSIC),
        (0u32..3, proptest::collection::vec(0u32..3, 0..3)).prop_map(|(play, list)| prompts(play, &list)),
        prop_oneof![Just(CALLER), Just(AGENT)].prop_map(Hears::Party),
    ]
}

fn streams() -> impl Strategy<Value = Vec<StreamWish>> {
    let line = || proptest::option::of((hears(), any::<bool>(), any::<bool>(), any::<bool>()));
    (line(), line()).prop_map(|(one, two)| {
        let with = |line: StreamWish, (hears, send, listen, a_law): (Hears, bool, bool, bool)| {
            let codec = if a_law { Codec::Pcma } else { Codec::Pcmu };
            StreamWish { hears, send, listen, codec, payload_type: codec.static_payload_type(), ..line }
        };
        let one = one.map(|l| with(caller(Hears::Nothing), l));
        let two = two.map(|l| with(agent(Hears::Nothing), l));
        one.into_iter().chain(two).collect()
    })
}

/// What can be known from outside about what each stream does now: how much it sends a tick, under which payload type and what,
/// and what it passes on. Prompts are past their end by then.
fn conduct(rig: &mut Rig) -> Vec<(u32, u8, u64)> {
    let mut people =
        [Person::new(CALLER.slot, "10.0.0.1:4000", 1_000.0), Person::new(AGENT.slot, "10.0.0.2:6000", 2_000.0)];
    rig.ticks(120);
    rig.sent.clear();
    for _ in 0..50 {
        people.iter_mut().for_each(|p| p.talk(rig));
        rig.ticks(1);
    }
    let mut conduct = vec![];
    for slot in [CALLER.slot, AGENT.slot] {
        for codec in Codec::ALL {
            let sent =
                rig.sent_from(slot).iter().filter(|s| s.header.payload_type == codec.static_payload_type()).count();
            conduct.push((slot, codec.static_payload_type(), sent as u64));
            conduct
                .extend(rig.heard(slot, codec, &[1_000.0, 2_000.0, SOUNDS[2].0]).into_iter().map(|ms| (slot, 99, ms)));
        }
    }
    conduct
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever order wishes come in, doubled or not, what is done in the end is what the newest says alone.
    #[test]
    fn any_order_ends_as_the_newest(
        wishes in proptest::collection::vec(streams(), 1..6),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let newest = wishes.len() - 1;
        let mut order: Vec<usize> = order.iter().map(|i| i.index(wishes.len())).collect();
        if !order.contains(&newest) {
            order.push(newest);
        }
        let mut rig = Rig::with(MediaConfig::default(), 1);
        for i in order {
            rig.wish(i as u32 + 1, wishes[i].clone());
            rig.ticks(3);
        }
        let mut alone = Rig::with(MediaConfig::default(), 1);
        alone.wish(newest as u32 + 1, wishes[newest].clone());
        prop_assert_eq!(rig.media.streams(), wishes[newest].len());
        prop_assert_eq!(conduct(&mut rig), conduct(&mut alone));
    }

    /// A play that is wished for until its end is told as done exactly once, whatever else changes meanwhile.
    #[test]
    fn a_play_ends_once(list in proptest::collection::vec(0u32..2, 0..4), changes in proptest::collection::vec((0usize..8, any::<bool>()), 0..10)) {
        let mut rig = Rig::new();
        let line = caller(prompts(9, &list));
        rig.wish(1, vec![line.clone()]);
        for (n, (ticks, send)) in changes.into_iter().enumerate() {
            rig.ticks(ticks);
            rig.wish(n as u32 + 2, vec![StreamWish { send, ..line.clone() }, agent(MUSIC)]);
        }
        rig.ticks(100);
        prop_assert_eq!(rig.done(CALLER), [9]);
    }
}

#[test]
fn facts_of_a_closed_stream_are_not_told() {
    let mut rig = Rig::new();
    rig.wish(1, vec![caller(prompts(1, &[0]))]);
    rig.ticks(3);
    rig.wish(2, vec![]);
    rig.ticks(2_000);
    assert!(rig.facts.iter().all(|f| !matches!(f, Fact::PromptDone { .. } | Fact::Silent { .. })), "{:?}", rig.facts);
}
