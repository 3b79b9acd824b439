//! Three streams: each hears the sum of the others and not himself; keys stay where they were pressed.
use crate::rig::{AGENT, CALLER, Person, Rig, agent, caller};
use std::f64::consts::TAU;
use switchboard_media::{Codec, Hears, StreamWish, g711};
use switchboard_model::StreamId;

const SECOND: StreamId = StreamId { slot: 7, generation: 1 };
const HZ: [f64; 3] = [1_000.0, 2_000.0, 3_000.0];

fn second(hears: Hears) -> StreamWish {
    StreamWish {
        stream: SECOND,
        remote: "10.0.0.3:6000".parse().expect("an address"),
        codec: Codec::Pcmu,
        payload_type: 0,
        ..caller(hears)
    }
}

fn people() -> [Person; 3] {
    [
        Person::new(CALLER.slot, "10.0.0.1:4000", HZ[0]),
        Person::new(AGENT.slot, "10.0.0.2:6000", HZ[1]),
        Person::new(SECOND.slot, "10.0.0.3:6000", HZ[2]),
    ]
}

/// How loud this tone was in what was sent from this port, as an amplitude.
fn level(rig: &Rig, slot: u32, codec: Codec, hz: f64) -> f64 {
    let sent = rig.sent_from(slot);
    let samples: Vec<f64> = sent.iter().flat_map(|s| &s.payload).map(|b| f64::from(g711::decode(codec, *b))).collect();
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let phase = TAU * hz * n as f64 / 8_000.0;
        (re, im) = (re + sample * phase.cos(), im + sample * phase.sin());
    }
    2.0 * f64::hypot(re, im) / samples.len().max(1) as f64
}

/// Which of the three tones reach a port: loud, or hardly.
fn heard(rig: &Rig, slot: u32, codec: Codec) -> [bool; 3] {
    HZ.map(|hz| {
        let level = level(rig, slot, codec, hz);
        assert!(!(200.0..=2_000.0).contains(&level), "{hz} Hz at {level} on port {slot} is neither heard nor not");
        level > 2_000.0
    })
}

fn talk(rig: &mut Rig, people: &mut [Person], ms: usize) {
    for _ in 0..ms / 20 {
        rig.ticks(1);
        let tick = rig.now;
        rig.pass(7);
        people.iter_mut().for_each(|person| person.talk(rig));
        rig.now = tick;
    }
}

#[test]
fn each_hears_the_sum_of_the_others_in_his_own_law() {
    let mut rig = Rig::new();
    let mix = |of: &[StreamId]| Hears::Mix(of.to_vec());
    rig.wish(1, vec![caller(mix(&[AGENT, SECOND])), agent(mix(&[CALLER, SECOND])), second(mix(&[CALLER, AGENT]))]);
    talk(&mut rig, &mut people(), 2_000);
    assert_eq!(heard(&rig, CALLER.slot, Codec::Pcma), [false, true, true]);
    assert_eq!(heard(&rig, AGENT.slot, Codec::Pcma), [true, false, true]);
    assert_eq!(heard(&rig, SECOND.slot, Codec::Pcmu), [true, true, false]);
}

#[test]
fn while_two_consult_the_third_hears_neither() {
    let mut rig = Rig::new();
    let others = vec![agent(Hears::Party(SECOND)), second(Hears::Party(AGENT))];
    rig.wish(1, [vec![caller(Hears::Nothing)], others].concat());
    talk(&mut rig, &mut people(), 1_000);
    assert_eq!(heard(&rig, CALLER.slot, Codec::Pcma), [false; 3]);
    assert_eq!(heard(&rig, AGENT.slot, Codec::Pcma), [false, false, true]);
    assert_eq!(heard(&rig, SECOND.slot, Codec::Pcmu), [false, true, false]);
}

#[test]
fn who_leaves_a_conference_is_not_heard_any_more() {
    let mut rig = Rig::new();
    let mix = |of: &[StreamId]| Hears::Mix(of.to_vec());
    let mut people = people();
    rig.wish(1, vec![caller(mix(&[AGENT, SECOND])), agent(mix(&[CALLER, SECOND])), second(mix(&[CALLER, AGENT]))]);
    talk(&mut rig, &mut people, 500);
    rig.wish(2, vec![caller(Hears::Party(SECOND)), second(Hears::Party(CALLER))]);
    rig.sent.clear();
    talk(&mut rig, &mut people, 1_000);
    assert_eq!(heard(&rig, CALLER.slot, Codec::Pcma), [false, false, true]);
    assert_eq!(heard(&rig, SECOND.slot, Codec::Pcmu), [true, false, false]);
    assert!(rig.sent_from(AGENT.slot).is_empty());
}
