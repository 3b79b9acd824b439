//! What is measured, one function a question. Each has a centre of its own, so that none pays for another's leftovers.
//!
//! ```text
//!   the way alone   one datagram to a thread and back                     what loopback and two wake-ups cost here
//!   idle agent      a key is pressed ─► INVITE on the agent's socket      one at a time, eight agents idle
//!   coming free     the agent's BYE  ─► his next INVITE                   one at a time, 200 wait and hear music
//!   drain           200 wait, four agents: served in order?
//!   closed loop     so many calls in flight ─► calls a second             the centre, and the bare loop
//!   open loop       so many calls a second (Poisson) ─► all of them done? CPU a call; key ─► INVITE under that load
//! ```
use super::bare::{Bare, Script};
use super::centre::{Blueprint, Centre, Lost};
use super::load::{Load, Manner, Seen, Stage, big_socket};
use super::machine;
use super::samples::{FOR_P999, Samples};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use switchboard_model::Chance;
use switchboard_wire::sdp::Direction;

/// One step of any of this. Who needs longer has lost something.
const STEP_MAX: Duration = Duration::from_secs(3);
/// After the last datagram of a call, until the floor has its agent at rest again.
const SETTLE: Duration = Duration::from_micros(500);
/// What a caller needs between hearing the menu begin and pressing, at the very least.
const PRESS_AFTER: Duration = Duration::from_millis(20);

const BY_HAND: Manner = Manner { press: None, hangs_up: false, waits: false, offers: Direction::SendOnly };
const BY_ITSELF: Manner =
    Manner { press: Some(PRESS_AFTER), hangs_up: true, waits: false, offers: Direction::SendOnly };

/// One datagram to another thread and back.
pub fn way_alone(samples: usize) -> Result<Samples, String> {
    let (here, there) = (big_socket().map_err(text)?, big_socket().map_err(text)?);
    for socket in [&here, &there] {
        socket.set_nonblocking(false).map_err(text)?;
        socket.set_read_timeout(Some(Duration::from_millis(200))).map_err(text)?;
    }
    let to = there.local_addr().map_err(text)?;
    let echo = move || {
        let mut buffer = [0; 1_024];
        while let Ok((n, from)) = there.recv_from(&mut buffer) {
            let _ = there.send_to(&buffer[..n], from);
        }
    };
    let echo = std::thread::Builder::new().name("echo".to_owned()).spawn(echo).map_err(text)?;
    let mut all = Samples::default();
    let mut buffer = [0; 1_024];
    for _ in 0..samples {
        let start = Instant::now();
        here.send_to(&[7; 500], to).map_err(text)?;
        here.recv_from(&mut buffer).map_err(text)?;
        all.add(start.elapsed());
    }
    echo.join().map_err(|_| "the echo thread died".to_owned())?;
    Ok(all)
}

/// A caller in the menu presses `0`, agents are idle.
pub fn idle_agent(blueprint: &Blueprint, within: Duration) -> Result<Samples, String> {
    const AT_ONCE: usize = 20;
    let (centre, mut load) = open(blueprint, BY_HAND, 8)?;
    let end = Instant::now() + within;
    let mut all = Samples::default();
    while all.len() < FOR_P999 && Instant::now() < end {
        let some: Vec<usize> = (0..AT_ONCE).map(|_| load.dial()).collect();
        in_menu(&mut load, &centre, &some)?;
        for k in some {
            load.press(k);
            step(load.until(STEP_MAX, |l| l.stage(k) == Stage::Talking), "an agent")?;
            load.hang_up(k);
            step(load.until(STEP_MAX, |l| l.stage(k) == Stage::Over), "the end of the call")?;
            let rest = Instant::now() + SETTLE;
            load.until(SETTLE, |_| Instant::now() >= rest);
        }
        all = load.waits().collect();
    }
    close(centre, load.seen())?;
    Ok(all)
}

/// What came of 200 who wait.
pub struct Queue {
    /// From the agent's BYE to his next INVITE.
    pub free: Samples,
    /// Served before one who came earlier.
    pub out_of_order: usize,
    /// Served.
    pub served: usize,
}

/// How many wait.
pub const WAITING: usize = 200;

/// 200 wait; one agent hangs up, again and again; each time another caller joins.
pub fn coming_free(blueprint: &Blueprint, within: Duration) -> Result<Queue, String> {
    let (centre, mut load) = open(blueprint, Manner { waits: true, offers: Direction::SendRecv, ..BY_HAND }, 1)?;
    let mut line = VecDeque::new();
    for _ in 0..=WAITING {
        join(&mut load, &centre, &mut line)?;
    }
    let mut queue = Queue { free: Samples::default(), out_of_order: 0, served: 0 };
    let mut talking = first_ring(&mut load, &mut line, &mut queue)?;
    step(load.until(STEP_MAX, |l| l.stage(talking) == Stage::Talking), "the first talk")?;
    let end = Instant::now() + within;
    while queue.free.len() < FOR_P999 && Instant::now() < end {
        step(load.until(STEP_MAX, |_| centre.waiting() == WAITING as u64), "200 who wait")?;
        let left = load.agent_hangs_up(talking);
        let next = first_ring(&mut load, &mut line, &mut queue)?;
        queue.free.add(load.rang(next).expect("he was just rung for") - left);
        step(load.until(STEP_MAX, |l| l.stage(next) == Stage::Talking && l.stage(talking) == Stage::Over), "a talk")?;
        talking = next;
        join(&mut load, &centre, &mut line)?;
    }
    close(centre, load.seen())?;
    Ok(queue)
}

/// 200 wait, four agents of one profile log in and take one after the other.
pub fn drain(blueprint: &Blueprint) -> Result<Queue, String> {
    let (centre, mut load) = open(blueprint, Manner { waits: true, hangs_up: true, ..BY_HAND }, 0)?;
    let mut line = VecDeque::new();
    for _ in 0..WAITING {
        join(&mut load, &centre, &mut line)?;
    }
    let mut queue = Queue { free: Samples::default(), out_of_order: 0, served: 0 };
    load.register(4)?;
    step(load.until(Duration::from_secs(10), |l| l.seen().done == WAITING as u64), "all 200")?;
    while let Some(k) = load.next_ring() {
        served(&mut line, k, &mut queue);
    }
    close(centre, load.seen())?;
    Ok(queue)
}

/// One more caller joins the line; when this returns, the figures show him there.
fn join(load: &mut Load, centre: &Centre, line: &mut VecDeque<usize>) -> Result<(), String> {
    let k = load.dial();
    in_menu(load, centre, &[k])?;
    line.push_back(k);
    for _ in 0..3 {
        load.press(k);
        if load.until(STEP_MAX / 4, |_| centre.before_the_line() == 0) {
            return Ok(());
        }
    }
    step(false, "the line")
}

/// When this returns, the centre itself says that all of them are in the menu, so that a key means something.
fn in_menu(load: &mut Load, centre: &Centre, all: &[usize]) -> Result<(), String> {
    step(load.until(STEP_MAX, |l| all.iter().all(|k| l.stage(*k) == Stage::InMenu)), "an answer")?;
    step(load.until(STEP_MAX, |_| centre.in_menu() == all.len()), "the menu")
}

fn first_ring(load: &mut Load, line: &mut VecDeque<usize>, queue: &mut Queue) -> Result<usize, String> {
    let mut rung = None;
    step(
        load.until(STEP_MAX, |l| {
            rung = rung.or_else(|| l.peek_ring());
            rung.is_some()
        }),
        "a ring",
    )?;
    let k = load.next_ring().expect("one was seen");
    served(line, k, queue);
    Ok(k)
}

fn served(line: &mut VecDeque<usize>, k: usize, queue: &mut Queue) {
    queue.served += 1;
    if line.front() == Some(&k) {
        line.pop_front();
    } else {
        queue.out_of_order += 1;
        line.retain(|other| *other != k);
    }
}

/// What a load brought.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Calls begun.
    pub offered: u64,
    /// Seconds from the first to the end of the last.
    pub seconds: f64,
    /// What the load saw.
    pub seen: Seen,
    /// What the centre lost.
    pub lost: Lost,
    /// Nanoseconds on a CPU by thread.
    pub cpu: BTreeMap<String, u64>,
    /// From the key to the agent's INVITE.
    pub waits: Samples,
    /// How late the load itself was with a call, at most.
    pub load_late: Duration,
    /// Messages of one call, if that was asked for.
    pub script: Option<Script>,
}

impl Run {
    /// Calls a second that went all the way.
    pub fn cps(&self) -> f64 {
        self.seen.done as f64 / self.seconds
    }
    /// Nothing was lost, refused or said twice.
    pub fn is_clean(&self) -> bool {
        let Seen { done, refused, repeated, pressed_again, not_sent, .. } = self.seen;
        done == self.offered && refused + repeated + pressed_again + not_sent == 0 && self.lost == Lost::default()
    }
    /// Microseconds of these threads' CPU time for each call.
    pub fn cpu_us_a_call(&self, of: impl Fn(&str) -> bool) -> f64 {
        let ns: u64 = self.cpu.iter().filter(|(name, _)| of(name)).map(|(_, ns)| ns).sum();
        ns as f64 / 1_000.0 / self.seen.done.max(1) as f64
    }
}

/// So many calls in flight, for so long.
pub fn closed_loop(blueprint: &Blueprint, in_flight: u64, agents: usize, within: Duration) -> Result<Run, String> {
    let (centre, mut load) = open(blueprint, BY_ITSELF, agents)?;
    load.record();
    load.dial();
    step(load.until(STEP_MAX, |l| l.seen().done == 1), "the first call")?;
    let script = load.recorded();
    let mut run = drive(&mut load, within, keep(in_flight));
    run.script = script;
    run.offered += 1;
    finish(centre, run)
}

/// The same against the bare loop.
pub fn bare_loop(script: &Script, in_flight: u64, within: Duration) -> Result<Run, String> {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 9));
    let mut load = Load::new(nowhere, Manner { press: None, ..BY_ITSELF }).map_err(text)?;
    let bare = Bare::start(script, load.desk());
    load.aim_at(bare.at());
    let run = drive(&mut load, within, keep(in_flight));
    bare.stop();
    Ok(run)
}

/// So many calls a second, at random moments, for so long.
pub fn open_loop(blueprint: &Blueprint, cps: f64, agents: usize, within: Duration) -> Result<Run, String> {
    let (centre, mut load) = open(blueprint, BY_ITSELF, agents)?;
    let mut chance = Chance::from_number(1);
    let mut next = Instant::now();
    let mut late_max = Duration::ZERO;
    let mut run = drive(&mut load, within, |load, now| {
        while next <= now {
            late_max = late_max.max(now - next);
            load.dial();
            next += Duration::from_secs_f64(chance.exponential(1.0 / cps));
        }
        next
    });
    run.load_late = late_max;
    finish(centre, run)
}

fn keep(in_flight: u64) -> impl FnMut(&mut Load, Instant) -> Instant {
    move |load, now| {
        while load.dialled() as u64 - load.seen().done < in_flight {
            load.dial();
        }
        now + Duration::from_millis(5)
    }
}

/// Calls as `dial` says (it returns when it wants to be asked again), then waits for the last ones.
fn drive(load: &mut Load, within: Duration, mut dial: impl FnMut(&mut Load, Instant) -> Instant) -> Run {
    let (before, before_cpu) = (load.seen(), machine::cpu_by_thread());
    let (dialled, start) = (load.dialled(), Instant::now());
    let mut now = start;
    while now < start + within {
        let again = dial(load, now);
        load.turn(again.min(start + within));
        now = Instant::now();
    }
    let offered = (load.dialled() - dialled) as u64;
    // Longer than the first repetition of anything (RFC 3261 T1): what was lost shows as repeated or as not done.
    load.until(Duration::from_millis(1_500), |l| l.seen().done - before.done == offered);
    let seen = load.seen();
    Run {
        offered,
        seconds: start.elapsed().as_secs_f64(),
        cpu: machine::used(&before_cpu, &machine::cpu_by_thread()),
        seen: Seen {
            done: seen.done - before.done,
            messages: seen.messages - before.messages,
            bytes: seen.bytes - before.bytes,
            ..seen
        },
        waits: load.waits().collect(),
        ..Run::default()
    }
}

fn finish(centre: Centre, mut run: Run) -> Result<Run, String> {
    run.lost = centre.stop();
    Ok(run)
}

fn open(blueprint: &Blueprint, manner: Manner, agents: usize) -> Result<(Centre, Load), String> {
    let centre = blueprint.start()?;
    let mut load = Load::new(centre.sip(), manner).map_err(text)?;
    load.register(agents)?;
    Ok((centre, load))
}

/// A figure of a run in which something was lost would be of something else.
fn close(centre: Centre, seen: Seen) -> Result<(), String> {
    let lost = centre.stop();
    if seen.refused + seen.not_sent > 0 || lost != Lost::default() {
        return Err(format!("something was lost in a run without load: {seen:?}, {lost:?}"));
    }
    Ok(())
}

fn step(came: bool, what: &str) -> Result<(), String> {
    came.then_some(()).ok_or_else(|| format!("waited in vain for {what}"))
}

fn text(e: std::io::Error) -> String {
    e.to_string()
}
