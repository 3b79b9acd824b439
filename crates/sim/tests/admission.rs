//! A flood of calls for which there is no room: the first of a second are told, the others are answered and forgotten.
//!
//! Not covered here: what the flood costs in time (`switchboard bench overload`).
mod rig;

use rig::{Rig, START};
use std::sync::Arc;
use switchboard_engine::config::OverloadAnswer;
use switchboard_model::{Cause, Instant, ShardId, What};

fn invite(n: u32) -> String {
    format!(
        "INVITE sip:9500@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKf{n}\r\nFrom: <sip:1@192.0.2.1>;tag=f\r\n\
         To: <sip:9500@198.51.100.1>\r\nCall-ID: flood{n}\r\nCSeq: 1 INVITE\r\nContact: <sip:1@192.0.2.1>\r\nMax-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn a_flood_above_the_limit_is_answered_and_not_kept() {
    let mut config = (*Rig::config()).clone();
    config.limits.calls_max = 0;
    for trunk in &mut config.trunks {
        trunk.overload = OverloadAnswer { code: 503, retry_after_s: Some(7) };
    }
    let mut rig = Rig::new(ShardId(1), &Arc::new(config), START);
    let before = rig.shard.records().len();
    for n in 0..10_000 {
        rig.sip(&invite(n));
        let answer = rig.said();
        assert!(answer.starts_with("SIP/2.0 503 ") && answer.contains("Retry-After: 7\r\n"), "{answer}");
    }
    let told = rig.told.iter().filter(|w| matches!(w, What::Ended { cause: Cause::Overload, .. })).count();
    let tally = rig.shard.tally();
    assert_eq!((told, tally.shed, tally.arrived), (50, 9_950, 50));
    assert_eq!(
        rig.shard.records().len() - before,
        50,
        "one transaction for each that was told, and nothing for the flood"
    );
}

#[test]
fn of_a_trunk_with_a_rate_so_many_calls_begin_in_a_second() {
    let mut config = (*Rig::config()).clone();
    config.trunks[0].cps_max = Some(1);
    let mut rig = Rig::new(ShardId(1), &Arc::new(config), START);
    let in_second = |s: u64, ms: u64| Instant::from_millis((START.seconds() + s) * 1_000 + ms);
    for (n, (at, answer)) in [
        (in_second(1, 0), "SIP/2.0 200 "),
        (in_second(1, 999), "SIP/2.0 486 "),
        (in_second(2, 0), "SIP/2.0 200 "),
        (in_second(2, 1), "SIP/2.0 486 "),
    ]
    .into_iter()
    .enumerate()
    {
        rig.at(at);
        rig.sip(&invite(n as u32));
        assert!(rig.said().starts_with(answer), "call {n}: {}", rig.said());
    }
    let refused = rig.told.iter().filter(|w| matches!(w, What::Ended { cause: Cause::Overload, .. })).count();
    assert_eq!((refused, rig.shard.calls()), (2, 2));
}
