//! Datagrams that arrive damaged: nothing panics, nothing is answered twice, and nothing is left.
//!
//! * Whatever is made of a message, every dialog that it opens or disturbs ends, with one word to its owner.
//! * 64·T1 after the owners have hung up, no transaction and no dialog is left: damage leaves no debris.
//!
//! Not covered: damage that an owner of a whole call must bear (`crates/sim`), and bytes that were never a message (`wire`).
mod world;

use bytes::Bytes;
use proptest::prelude::*;
use world::{A, B, SDP, Weather, World};

/// What happened: how many datagrams were sent, so that a world in which nothing did is noticed.
fn hurt(seed: u64, damage: f64) -> usize {
    let weather = Weather { loss: 0.05, doubling: 0.2, delay_ms_min: 1, delay_ms_max: 300, late_ms_max: 0, damage };
    let mut w = World::new(seed, weather);
    let sdp = Bytes::from_static(SDP);
    for call in 0..3 {
        w.invite(call % 2, true);
        for _ in 0..10 {
            let pause = w.chance().below(900);
            w.ms(pause);
            let me = w.chance().below(2) as usize;
            let Some(dialog) = w.dialog(me) else { continue };
            match w.chance().below(8) {
                0 => w.to(me, |e, now| e.progress(now, dialog, 180, None)),
                1..=3 => drop(w.to(me, |e, now| e.answer(now, dialog, sdp.clone()))),
                4 | 5 => w.to(me, |e, now| e.reinvite(now, dialog, sdp.clone())),
                6 => w.to(me, |e, now| e.cancel(now, dialog, None)),
                _ => {
                    w.own_end(me, dialog, "own end");
                    w.to(me, |e, now| e.bye(now, dialog, None));
                }
            }
        }
    }
    for _ in 0..4 {
        for me in [A, B] {
            while let Some(dialog) = w.dialog(me) {
                w.own_end(me, dialog, "own end");
                w.to(me, |e, now| e.bye(now, dialog, None));
            }
        }
        w.ms(40_000);
    }
    w.ms(64_000);
    w.assert_empty();
    w.wire.len()
}

#[test]
fn fixed_seeds() {
    let sent: usize = (0..300).map(|seed| hurt(seed, [0.1, 0.3, 0.6, 1.0][seed as usize % 4])).sum();
    assert!(sent > 300 * 6, "only {sent} datagrams: nothing happened in these worlds");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_damage_leaves_debris(seed in any::<u64>(), damage in 0.05f64..1.0) {
        hurt(seed, damage);
    }
}
