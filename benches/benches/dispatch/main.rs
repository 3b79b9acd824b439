//! How fast the centre is on this machine: `cargo bench -p switchboard-benches --bench dispatch`, or `make bench`; about a minute.
//!
//! ```text
//!   this process:  load (one thread, plain sockets) ◄─ loopback UDP ─► node::Node (its own threads) · bare loop (one thread)
//!                                     └─► figures ─► the screen, and docs/performance.md between two marks
//! ```
//! `… -- --hold CPS SECONDS` instead makes so many calls a second for so long, says what came of them, and writes nothing.
//!
//! Nothing here is a test: no figure makes it fail. It fails (1) when callers were served out of order or calls were lost where
//! there was no load, and cannot run (2) without ports.
#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
mod bare;
mod centre;
mod load;

mod phases;
mod report;
mod samples;
mod texts;

use centre::Blueprint;
use report::Figures;
use std::process::ExitCode;
use std::time::Duration;
use switchboard_benches::machine;

/// RTP ports of a centre, two a call: what is open at once in the worst moment of the closed loop, and as many again.
const PORTS: usize = 2_400;
/// Telephones of agents.
const AGENTS: usize = 300;
/// Calls in flight in the closed loops: enough to keep every thread busy in spite of the time before the key.
const IN_FLIGHT: u64 = 256;
/// Shares of the closed loop's rate that are tried, from above, until one is without loss.
const SHARES: &[f64] = &[0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip_while(|w| w != "--hold").collect();
    if let [_, cps, seconds, ..] = words.as_slice() {
        return hold(cps, seconds);
    }
    // A thread of its own, so that what the load uses has a name among the threads.
    let load = std::thread::Builder::new().name("load".to_owned()).spawn(measure);
    match load.expect("one more thread").join() {
        Ok(Ok(figures)) => {
            println!("{}", figures.markdown());
            if let Err(e) = report::write(&figures.markdown()) {
                eprintln!("docs/performance.md could not be written: {e}");
                return ExitCode::from(2);
            }
            ExitCode::from(u8::from(figures.out_of_order() > 0))
        }
        Ok(Err(why)) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
        Err(_) => ExitCode::from(1),
    }
}

fn hold(cps: &str, seconds: &str) -> ExitCode {
    let (Ok(cps), Ok(seconds)) = (cps.parse::<f64>(), seconds.parse::<u64>()) else {
        eprintln!("--hold wants calls a second and seconds, as --hold 500 60");
        return ExitCode::from(2);
    };
    match phases::open_loop(&blueprint(), cps, AGENTS, Duration::from_secs(seconds)) {
        Ok(run) => {
            println!("offered {}, {:?}, {:?}", run.offered, run.seen, run.lost);
            ExitCode::from(u8::from(!run.is_clean()))
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::from(2)
        }
    }
}

fn blueprint() -> Blueprint {
    let files = machine::raise_file_limit(PORTS as u64 + 512);
    // A machine with few open files gets a smaller centre; the load then fits into it or is refused, and that is counted.
    let ports = PORTS.min(usize::try_from(files).unwrap_or(PORTS).saturating_sub(256)) & !1;
    Blueprint::new(AGENTS, ports)
}

fn measure() -> Result<Figures, String> {
    let blueprint = blueprint();
    let before = machine::Ticks::now();
    let say = |what: &str| eprintln!("  {what} …");
    say("the way alone");
    let way = phases::way_alone(20_000)?;
    say("callers to idle agents, one at a time");
    let idle = phases::idle_agent(&blueprint, Duration::from_secs(25))?;
    say("an agent comes free while 200 wait");
    let free = phases::coming_free(&blueprint, Duration::from_secs(25))?;
    say("200 are drained");
    let drain = phases::drain(&blueprint)?;
    say("calls in a closed loop");
    let closed = phases::closed_loop(&blueprint, IN_FLIGHT, AGENTS, Duration::from_secs(3))?;
    say("the bare loop");
    let script = closed.script.as_ref().ok_or("no call was recorded")?;
    let bare = phases::bare_loop(script, IN_FLIGHT, Duration::from_secs(3))?;
    let mut tried = vec![];
    let mut clean = None;
    for share in SHARES {
        let cps = closed.cps() * share;
        say(&format!("{cps:.0} calls a second"));
        let run = phases::open_loop(&blueprint, cps, AGENTS, Duration::from_secs(3))?;
        let is_clean = run.is_clean();
        tried.push((cps, run));
        if is_clean {
            clean = Some(cps);
            break;
        }
    }
    let half = clean.unwrap_or(closed.cps()) / 2.0;
    say(&format!("half of that, {half:.0} calls a second"));
    let half = (half, phases::open_loop(&blueprint, half, AGENTS, Duration::from_secs(6))?);
    let disturbed = machine::Ticks::now().others_and_steal(before);
    Ok(Figures { way, idle, free, drain, closed, bare, tried, clean, half, disturbed })
}
