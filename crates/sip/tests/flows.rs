//! Calls told in words. `check(script, wanted)`: the script's steps are done 50 ms apart, and the events come out as words.
//!
//! ```text
//!   a.invite      the verbs: invite invite? cancel bye reinvite reinvite? 180 183 200 486 …   (? : without SDP)
//!   a.bye!        without the 50 ms, so that two things cross
//!   lose.a.2      the next two datagrams from a are lost         hold.a  release.a     datagrams from a wait
//!   cut  mend     nothing arrives         5s  time passes        restart.a  records, restore, and a twin from then on
//! ```
//! Not covered: more than two parties.
mod world;
use bytes::Bytes;
use switchboard_sip::DialogId;
use world::{A, B, SDP, Weather, World};

fn play(script: &str) -> World {
    let mut w = World::new(7, Weather::FAIR);
    let mut last: [Option<DialogId>; 2] = [None, None];
    for step in script.split_whitespace() {
        let (step, at_once) = step.strip_suffix('!').map_or((step, false), |s| (s, true));
        let parts: Vec<&str> = step.split('.').collect();
        match parts[..] {
            ["cut"] => w.cut = true,
            ["mend"] => w.cut = false,
            ["lose", side, n] => w.sides[who(side)].lose = n.parse().expect("a number"),
            ["hold", side] => w.sides[who(side)].held = Some(vec![]),
            ["release", side] => w.release(who(side)),
            ["restart", side] => w.restore(who(side)),
            [time] if time.ends_with('s') => w.ms(time.trim_end_matches('s').parse::<u64>().expect("seconds") * 1000),
            [side, verb] => {
                let me = who(side);
                last[me] = w.dialog(me).or(last[me]);
                verb_of(&mut w, me, verb, last[me]);
            }
            _ => panic!("{step}"),
        }
        if !at_once {
            w.ms(50);
        }
    }
    w
}

fn who(side: &str) -> usize {
    ["a", "b"].iter().position(|s| *s == side).unwrap_or_else(|| panic!("{side} is nobody"))
}

fn verb_of(w: &mut World, me: usize, verb: &str, dialog: Option<DialogId>) {
    let sdp = Bytes::from_static(SDP);
    let dialog = || dialog.expect("a dialog");
    match verb {
        "invite" => drop(w.invite(me, true)),
        "invite?" => drop(w.invite(me, false)),
        "cancel" => {
            let d = dialog();
            w.own_end(me, d, "own cancel");
            w.to(me, |e, now| e.cancel(now, d, Some("SIP;cause=200".to_owned())));
        }
        "bye" => {
            let d = dialog();
            w.own_end(me, d, "own bye");
            w.to(me, |e, now| e.bye(now, d, Some((16, "done".to_owned()))));
        }
        "reinvite" => {
            let d = dialog();
            w.to(me, |e, now| e.reinvite(now, d, sdp.clone()));
        }
        "reinvite?" => {
            let d = dialog();
            w.to(me, |e, now| e.reinvite(now, d, Bytes::new()));
        }
        "200" => {
            let d = dialog();
            if w.to(me, |e, now| e.answer(now, d, sdp.clone())).is_err() {
                w.log.push(format!("{}:gone", ["a", "b"][me]));
            }
        }
        code => {
            let (d, code) = (dialog(), code.parse::<u16>().expect("a status"));
            if code < 200 {
                let early = (code == 183).then(|| sdp.clone());
                w.to(me, |e, now| e.progress(now, d, code, early.clone()));
            } else {
                w.to(me, |e, now| e.reject(now, d, code, &[("Reason", "Q.850;cause=17".to_owned())]));
            }
        }
    }
}

/// Plays it, compares the words, and sees that all is forgotten in the end unless the script leaves a call standing.
fn check(script: &str, wanted: &str) -> World {
    let mut w = play(script);
    assert_eq!(w.log.join(" "), wanted, "{script}");
    w.log.clear();
    w.ms(200_000);
    w
}

fn check_all_over(script: &str, wanted: &str) -> World {
    let mut w = check(script, wanted);
    for side in &mut w.sides {
        side.dialogs
            .values_mut()
            .filter(|end| end.is_none())
            .for_each(|end| *end = Some("refused by its owner".to_owned()));
    }
    w.assert_empty();
    w
}

const UP: &str = "b:invite a:100 a:180 a:answered b:acked";

#[test]
fn a_call() {
    check_all_over("a.invite b.180 b.200 a.bye", &format!("{UP} b:bye"));
    check_all_over("a.invite b.180 b.200 b.bye", &format!("{UP} a:bye"));
    check_all_over("a.invite? b.200 b.bye", "b:invite? a:100 a:answered b:acked a:bye");
    check_all_over("a.invite b.183 b.180 b.200 20s a.bye", "b:invite a:100 a:183 a:180 a:answered b:acked b:bye");
    check_all_over("a.invite b.180 b.486", "b:invite a:100 a:180 a:refused486");
    check_all_over("a.invite b.603", "b:invite a:100 a:refused603");
    check_all_over("a.invite b.180 b.bye", "b:invite a:100 a:180 a:refused480");
    // Both hang up at once: nobody needs to be told anything.
    check_all_over("a.invite b.180 b.200 a.bye! b.bye", UP);
}

#[test]
fn a_call_over_a_bad_line() {
    check_all_over("lose.a.2 a.invite 2s b.180 b.200 a.bye", &format!("{UP} b:bye"));
    // 100, 180 and the first two 200 are lost.
    check_all_over("lose.b.4 a.invite b.180 b.200 2s a.bye", "b:invite a:answered b:acked b:bye");
    // The ACK is lost twice.
    check_all_over("a.invite b.180 lose.a.2 b.200 4s a.bye", &format!("{UP} b:bye"));
    check_all_over("a.invite b.180 b.200 lose.a.3 a.bye 8s", &format!("{UP} b:bye"));
    check_all_over("a.invite b.180 b.200 lose.b.3 a.bye 8s", &format!("{UP} b:bye"));
    // 486 and its ACK are lost.
    check_all_over("a.invite lose.b.2 b.486 lose.a.1 5s", "b:invite a:100 a:refused486");
}

#[test]
fn nobody_answers() {
    let w = check_all_over("cut a.invite 33s", "a:refused408");
    let sent: Vec<u64> = w.wire.iter().map(|(_, at, _)| at.ms_since(w.wire[0].1)).collect();
    assert_eq!(sent, [0, 500, 1_500, 3_500, 7_500, 15_500, 31_500], "timer A");
    check_all_over("a.invite b.180 b.200 cut a.bye 33s b.bye 33s", &format!("{UP} a:noresponse b:noresponse"));
}

#[test]
fn a_side_that_was_cut_off_is_found_dead_by_reinvite() {
    check_all_over("a.invite b.180 b.200 cut b.reinvite 33s a.bye 33s", &format!("{UP} b:noresponse a:noresponse"));
}

#[test]
fn the_200_is_repeated_until_its_ack_and_given_up() {
    // RFC 3261 §13.3.1.4.
    let w = check("a.invite b.180 hold.a b.200 33s", "b:invite a:100 a:180 a:answered b:noack a:bye");
    let oks: Vec<u64> = w
        .wire
        .iter()
        .filter(|(who, _, line)| *who == B && line.contains("200"))
        .map(|(_, at, _)| at.millis())
        .collect();
    let gaps: Vec<u64> = oks.windows(2).map(|p| p[1] - p[0]).collect();
    assert_eq!(gaps, [500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000]);
    assert!(w.wire.iter().any(|(who, _, line)| *who == B && line.starts_with("BYE")));
}

#[test]
fn bye_before_the_ack_waits_for_it() {
    // RFC 3261 §15: the called must not send BYE before the ACK or the time-out.
    check_all_over(
        "a.invite b.180 hold.a b.200 b.bye 1s release.a 1s",
        "b:invite a:100 a:180 a:answered b:acked a:bye",
    );
    let w = check("a.invite b.180 hold.a b.200 b.bye 33s release.a 2s", "b:invite a:100 a:180 a:answered a:bye");
    let bye = w.wire.iter().find(|(who, _, line)| *who == B && line.starts_with("BYE")).expect("sent").1;
    let ok = w.wire.iter().find(|(who, _, line)| *who == B && line.contains("200 OK")).expect("sent").1;
    assert_eq!(bye.ms_since(ok), 32_000);
    // The caller hangs up while our BYE waits for his ACK: he has said all.
    check_all_over("a.invite b.180 lose.a.1 b.200 b.bye! a.bye", "b:invite a:100 a:180 a:answered");
}

#[test]
fn cancel_races() {
    check_all_over("a.invite b.180 a.cancel", "b:invite a:100 a:180 b:cancelled a:refused487");
    // No response yet: CANCEL waits for one.
    check_all_over("hold.b a.invite a.cancel 1s release.b 1s", "b:invite b:cancelled a:refused487");
    // Never any response: timer B.
    check_all_over("cut a.invite a.cancel 33s", "a:refused408");
    // CANCEL and 200 cross: acknowledged and ended, never answered.
    let w = check_all_over(
        "a.invite b.180 hold.b b.200 a.cancel release.b 1s",
        "b:invite a:100 a:180 a:late b:acked b:bye",
    );
    assert!(w.wire.iter().any(|(who, _, line)| *who == A && line.starts_with("ACK")));
    // The 200 comes before a response to the waiting CANCEL.
    check_all_over("lose.b.1 a.invite b.200! a.cancel! 1s", "b:invite a:late b:acked b:bye");
    // No 200 arrives in 64·T1, so b gives up with a BYE (RFC 3261 §13.3.1.4): a learns of it, and nothing is left there.
    check_all_over("a.invite b.180 lose.b.11 b.200 40s", "b:invite a:100 a:180 b:noack a:refused487");
    // The owner answers after the CANCEL came.
    check_all_over("a.invite b.180 a.cancel b.200", "b:invite a:100 a:180 b:cancelled a:refused487 b:gone");
    // It was answered, but its owner has not heard of it.
    check_all_over("a.invite b.180 b.200 a.cancel", &format!("{UP} b:bye"));
    // CANCEL is lost, and everything after it: 64·T1 later it is over.
    check_all_over("a.invite b.180 cut a.cancel 33s b.486 33s", "b:invite a:100 a:180 a:refused487");
    // The 487 is lost twice.
    check_all_over("a.invite b.180 lose.b.2 a.cancel 3s", "b:invite a:100 a:180 b:cancelled a:refused487");
    // Cancelled twice.
    check_all_over("a.invite b.180 a.cancel! a.cancel", "b:invite a:100 a:180 b:cancelled a:refused487");
}

#[test]
fn reinvite() {
    check_all_over(
        "a.invite b.180 b.200 a.reinvite b.200 a.bye",
        &format!("{UP} b:reoffer a:reanswered b:acked b:bye"),
    );
    check_all_over(
        "a.invite b.180 b.200 b.reinvite a.200 a.bye",
        &format!("{UP} a:reoffer b:reanswered a:acked b:bye"),
    );
    check_all_over("a.invite b.180 b.200 a.reinvite b.488 a.bye", &format!("{UP} b:reoffer a:rerefused488 b:bye"));
    check_all_over(
        "a.invite b.180 b.200 a.reinvite? b.200 a.bye",
        &format!("{UP} b:reoffer? a:reanswered b:acked b:bye"),
    );
    check_all_over("a.invite b.180 b.200 a.reinvite b.bye", &format!("{UP} b:reoffer a:rerefused487 a:bye"));
    // The ACK is lost; a re-INVITE waits for it rather than overtake it.
    check_all_over(
        "a.invite b.180 lose.a.1 b.200! b.reinvite 1s a.200 a.bye",
        "b:invite a:100 a:180 a:answered b:acked a:reoffer b:reanswered a:acked b:bye",
    );
    // Hung up while it waits for its answer.
    check_all_over("a.invite b.180 b.200 a.reinvite a.bye b.200", &format!("{UP} b:reoffer b:bye b:gone"));
}

#[test]
fn glare() {
    // Both at once: both get 491, wait (the called at most 2 s, the caller at least 2.1 s), and both succeed.
    let w = check_all_over(
        "a.invite b.180 b.200 a.reinvite! b.reinvite 2s a.200 2s b.200 1s a.bye",
        &format!("{UP} a:reoffer b:reanswered a:acked b:reoffer a:reanswered b:acked b:bye"),
    );
    assert_eq!(w.wire.iter().filter(|(_, _, line)| line.contains(" 491 ")).count(), 2);
}

#[test]
fn a_restored_endpoint_goes_on() {
    for script in [
        "a.invite restart.a restart.b b.180 b.200 a.bye",
        "a.invite b.180 restart.a restart.b b.200 a.bye",
        "a.invite b.180 b.200 restart.a restart.b a.bye",
    ] {
        check_all_over(script, &format!("{UP} b:bye"));
    }
    check_all_over("a.invite b.180 b.200 a.bye! restart.a restart.b", &format!("{UP} b:bye"));
    check_all_over(
        "a.invite b.180 hold.b b.200 a.cancel restart.a restart.b release.b",
        "b:invite a:100 a:180 a:late b:acked b:bye",
    );
}
