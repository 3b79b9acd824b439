//! Two streams: each hears the other, and nobody else does.
use crate::rig::{AGENT, CALLER, MUSIC, Person, Rig, SOUNDS, Sent, agent, caller, prompts};
use std::time::Duration;
use switchboard_media::{Codec, Hears, Input, StreamWish, Wish, g711};
use switchboard_model::{CallId, ShardId};

fn people() -> (Person, Person) {
    (Person::new(CALLER.slot, "10.0.0.1:4000", 1_000.0), Person::new(AGENT.slot, "10.0.0.2:6000", 2_000.0))
}

/// Both talk for this long; packets come 7 ms after the tick.
fn talk(rig: &mut Rig, caller: &mut Person, agent: &mut Person, ms: usize) {
    for _ in 0..ms / 20 {
        rig.ticks(1);
        let tick = rig.now;
        rig.pass(7);
        caller.talk(rig);
        agent.talk(rig);
        rig.now = tick;
    }
}

/// One numbering: same SSRC, no sequence number left out or twice, timestamps with the clock.
fn check_no_seam(sent: &[&Sent]) {
    for pair in sent.windows(2) {
        let (a, b) = (&pair[0].header, &pair[1].header);
        assert_eq!(a.ssrc, b.ssrc);
        assert_eq!(b.sequence, a.sequence.wrapping_add(1));
        let samples = u64::from(b.timestamp.wrapping_sub(a.timestamp));
        let by_clock = pair[1].at.since(pair[0].at).as_micros() as u64 / 125;
        assert!(samples >= 160 && samples.abs_diff(by_clock) <= 160, "{samples} samples in {by_clock}");
        assert!(b.marker || samples == 160, "a leap of {samples} is announced");
    }
}

#[test]
fn prompt_music_party_and_back_without_a_seam() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    rig.wish(1, vec![caller(prompts(1, &[0, 1]))]);
    rig.ticks(40);
    rig.wish(2, vec![caller(MUSIC)]);
    rig.ticks(100);
    rig.wish(3, vec![caller(Hears::Party(AGENT)), agent(Hears::Party(CALLER))]);
    talk(&mut rig, &mut a, &mut b, 2_000);
    // The agent puts the caller on hold, and takes him back; the agent's telephone has counted on meanwhile.
    rig.wish(4, vec![caller(MUSIC), agent(Hears::Nothing)]);
    talk(&mut rig, &mut a, &mut b, 1_000);
    rig.wish(5, vec![caller(Hears::Party(AGENT)), agent(Hears::Party(CALLER))]);
    talk(&mut rig, &mut a, &mut b, 1_000);
    check_no_seam(&rig.sent_from(CALLER.slot));
    check_no_seam(&rig.sent_from(AGENT.slot));
    // The windows of the ear do not begin where a source does, so that one may be lost at each change.
    let heard = rig.heard(CALLER.slot, Codec::Pcma, &[SOUNDS[0].0, SOUNDS[1].0, SOUNDS[2].0, 2_000.0, 1_000.0]);
    for (heard, expected) in heard.iter().zip([400, 200, 3_000, 3_000, 0]) {
        assert!((expected - 300.min(expected)..=expected).contains(heard), "{heard} of {expected}");
    }
    assert!(heard[0] > 0 && heard[1] > 0);
    let heard = rig.heard(AGENT.slot, Codec::Pcma, &[1_000.0, 2_000.0]);
    assert!(heard[0] >= 2_700 && heard[1] == 0, "{heard:?}");
    let markers = rig.sent_from(CALLER.slot).iter().filter(|s| s.header.marker).count();
    assert_eq!(markers, 4, "the first packet, and three changes between us and a person");
}

#[test]
fn both_laws() {
    for (of_caller, of_agent) in [(Codec::Pcma, Codec::Pcmu), (Codec::Pcmu, Codec::Pcma), (Codec::Pcmu, Codec::Pcmu)] {
        let mut rig = Rig::new();
        let (mut a, mut b) = people();
        (a.codec, b.codec) = (of_caller, of_agent);
        let with =
            |line: StreamWish, codec: Codec| StreamWish { codec, payload_type: codec.static_payload_type(), ..line };
        rig.wish(1, vec![with(caller(Hears::Party(AGENT)), of_caller), with(agent(Hears::Party(CALLER)), of_agent)]);
        talk(&mut rig, &mut a, &mut b, 1_000);
        assert_eq!(rig.heard(CALLER.slot, of_caller, &[2_000.0, 1_000.0]), [1_000, 0]);
        assert_eq!(rig.heard(AGENT.slot, of_agent, &[1_000.0, 2_000.0]), [1_000, 0]);
        assert_eq!(rig.sent_from(CALLER.slot).len(), 50, "in one law only");
        // Byte for byte; an ear alone can be deceived by a wave of few steps.
        let bytes = a.frame();
        rig.packet(CALLER.slot, a.from, &bytes);
        let expected: Vec<u8> = bytes[12..].iter().map(|b| g711::translate(of_caller, of_agent, *b)).collect();
        assert_eq!(rig.sent.last().expect("forwarded").payload, expected);
    }
}

#[test]
fn a_packet_goes_on_at_once_and_whole() {
    let mut rig = Rig::new();
    let (mut a, _) = people();
    rig.wish(1, vec![caller(Hears::Nothing), agent(Hears::Party(CALLER))]);
    let bytes = a.frame();
    rig.packet(CALLER.slot, a.from, &bytes);
    assert_eq!(rig.sent.len(), 1, "without waiting for a tick");
    assert_eq!(rig.sent[0].payload, bytes[12..]);
    assert_eq!(rig.sent[0].to.to_string(), "10.0.0.2:6000");
}

#[test]
fn what_was_lost_stays_lost_and_what_was_doubled_does_not() {
    let mut rig = Rig::new();
    let (mut a, _) = people();
    rig.wish(1, vec![caller(Hears::Nothing), agent(Hears::Party(CALLER))]);
    let frames: Vec<Vec<u8>> = (0..6).map(|_| a.frame()).collect();
    for i in [0, 1, 1, 3, 2, 5, 0] {
        rig.packet(CALLER.slot, a.from, &frames[i]);
    }
    let first = rig.sent[0].header;
    let places: Vec<(u16, u32)> = rig
        .sent
        .iter()
        .map(|s| (s.header.sequence.wrapping_sub(first.sequence), s.header.timestamp.wrapping_sub(first.timestamp)))
        .collect();
    assert_eq!(places, [(0, 0), (1, 160), (3, 480), (2, 320), (5, 800)]);
    assert_eq!((rig.media.stats().late_or_double, rig.media.stats().forwarded), (2, 5));
}

#[test]
fn a_telephone_that_begins_anew_is_heard_without_a_seam() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    rig.wish(1, vec![caller(Hears::Party(AGENT)), agent(Hears::Party(CALLER))]);
    talk(&mut rig, &mut a, &mut b, 500);
    (a.header.ssrc, a.header.sequence, a.header.timestamp) = (77, 9, 12_345);
    talk(&mut rig, &mut a, &mut b, 500);
    check_no_seam(&rig.sent_from(AGENT.slot));
    assert_eq!(rig.heard(AGENT.slot, Codec::Pcma, &[1_000.0]), [1_000]);
}

#[test]
fn keys_go_on_as_events_under_the_listeners_number() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    let line = StreamWish { telephone_event: Some(96), ..agent(Hears::Party(CALLER)) };
    rig.wish(1, vec![caller(Hears::Party(AGENT)), line]);
    talk(&mut rig, &mut a, &mut b, 200);
    a.press(&mut rig, 5);
    talk(&mut rig, &mut a, &mut b, 200);
    let sent = rig.sent_from(AGENT.slot);
    let events: Vec<&&Sent> = sent.iter().filter(|s| s.header.payload_type == 96).collect();
    assert_eq!(events.len(), 8);
    assert!(events.iter().all(|s| s.payload[0] == 5 && s.header.timestamp == events[0].header.timestamp));
    assert!(events[0].header.marker && events[7].payload[1] & 0x80 != 0);
    assert!(sent.windows(2).all(|p| p[1].header.sequence == p[0].header.sequence.wrapping_add(1)));
    assert_eq!(rig.keys(CALLER), "5", "and it is told");
}

#[test]
fn keys_for_who_takes_no_events_leave_no_hole() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    rig.wish(1, vec![caller(Hears::Party(AGENT)), StreamWish { telephone_event: None, ..agent(Hears::Party(CALLER)) }]);
    talk(&mut rig, &mut a, &mut b, 200);
    a.press(&mut rig, 5);
    talk(&mut rig, &mut a, &mut b, 200);
    let sent = rig.sent_from(AGENT.slot);
    assert_eq!(sent.len(), 20);
    assert!(sent.iter().all(|s| s.header.payload_type == 8));
    assert!(sent.windows(2).all(|p| p[1].header.sequence == p[0].header.sequence.wrapping_add(1)));
}

#[test]
fn nobody_else_hears() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    // The agent is not listened to, then not heard by the caller, then belongs to another call.
    rig.wish(1, vec![caller(Hears::Party(AGENT)), StreamWish { listen: false, ..agent(Hears::Nothing) }]);
    talk(&mut rig, &mut a, &mut b, 500);
    rig.wish(2, vec![caller(Hears::Nothing), agent(Hears::Party(CALLER))]);
    talk(&mut rig, &mut a, &mut b, 500);
    assert_eq!(rig.heard(CALLER.slot, Codec::Pcma, &[2_000.0]), [0]);
    assert_eq!(rig.heard(AGENT.slot, Codec::Pcma, &[1_000.0]), [500]);
    rig.wish(3, vec![caller(Hears::Party(AGENT))]);
    let stranger = Wish { call: CallId::new(ShardId(1), 82), version: 1, streams: vec![agent(Hears::Party(CALLER))] };
    rig.handle(Input::Wish(stranger));
    rig.sent.clear();
    for _ in 0..50 {
        rig.now = rig.now + Duration::from_millis(20);
        a.talk(&mut rig);
    }
    assert_eq!(rig.sent.len(), 0, "a stream of another call cannot listen in");
}

#[test]
fn a_port_claimed_by_two_calls_belongs_to_the_first() {
    let mut rig = Rig::new();
    let (mut a, _) = people();
    let theirs = Wish { call: CallId::new(ShardId(1), 82), version: 1, streams: vec![agent(Hears::Party(CALLER))] };
    rig.handle(Input::Wish(theirs));
    rig.wish(1, vec![caller(Hears::Party(AGENT)), agent(MUSIC)]);
    assert_eq!(rig.media.stats().streams_refused, 1);
    for _ in 0..50 {
        a.talk(&mut rig);
        rig.ticks(1);
    }
    assert_eq!(rig.heard(AGENT.slot, Codec::Pcma, &[1_000.0]), [0], "what our caller says");
    rig.wish(2, vec![caller(MUSIC)]);
    assert!(rig.closed.is_empty(), "what is not ours is not ours to close");
    assert_eq!(rig.media.streams(), 2);
}

#[test]
fn who_may_not_be_sent_to_hears_nothing() {
    let mut rig = Rig::new();
    let (mut a, mut b) = people();
    rig.wish(1, vec![caller(Hears::Party(AGENT)), StreamWish { send: false, ..agent(Hears::Party(CALLER)) }]);
    talk(&mut rig, &mut a, &mut b, 500);
    assert_eq!((rig.sent_from(CALLER.slot).len(), rig.sent_from(AGENT.slot).len()), (25, 0));
}
