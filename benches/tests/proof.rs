//! A judge is to be trusted if he catches liars: each lie of the bare loop must show where it should, and the honest loop must pass.
//!
//! The stall is held to a count of late answers, never to a speed: a slow machine has more of them, not fewer.
use std::time::Duration;
use switchboard_benches::proof::{CASES, prove};
use switchboard_net::Clock;

fn check(name: &str) {
    let case = CASES.iter().find(|c| c.name == name).expect("a case of that name");
    let (proved, measured) = prove(case, Duration::from_secs(2), 1, Clock::start()).expect("loopback has ports");
    assert!(proved.caught, "{name}: {}", proved.seen);
    assert_eq!(
        measured.offered,
        measured.done + measured.faults.values().sum::<u64>(),
        "each call is done or has one fault: {}",
        proved.seen
    );
    assert!(measured.offered > 5, "{}", proved.seen);
}

#[test]
fn the_honest_loop_passes() {
    check("honest");
}
#[test]
fn sound_of_the_wrong_party_fails_by_its_sound() {
    check("sound of the wrong party");
}
#[test]
fn doubled_agents_are_counted_and_fail() {
    check("doubled agents");
}
#[test]
fn answers_out_of_order_are_counted() {
    check("answers out of order");
}
#[test]
fn a_stall_shows_in_the_latency_of_all_who_meant_to_call() {
    check("a stall of 50 ms");
}
#[test]
fn sound_that_comes_late_shows_in_its_delay() {
    check("sound that comes 100 ms late");
}
#[test]
fn sound_that_is_lost_is_counted() {
    check("one in 23 frames of sound lost");
}
#[test]
fn refusals_are_named_with_their_status() {
    check("503 to everything");
}
#[test]
fn an_agent_left_on_the_line_is_a_fault() {
    check("agents left on the line");
}
