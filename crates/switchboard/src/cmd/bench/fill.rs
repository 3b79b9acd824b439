//! `switchboard bench fill`: so many wait and so many talk; what memory and cores a call costs that only stays.
use super::demo_target::CALLS_MAX;
use super::options::Options;
use super::session::Session;
use crate::cmd::{Done, seconds};
use std::time::Duration;
use switchboard_benches::machine::process_use;
use switchboard_benches::report::Verdict;
use switchboard_benches::step::Step;
use switchboard_benches::telephones::{Arrivals, Behaviour, Spread};

/// Fill a centre, and see what that takes.
#[derive(clap::Args, Debug)]
pub struct Fill {
    /// Callers who wait and hear music.
    #[arg(long, value_name = "CALLS", default_value_t = 100)]
    waiting: usize,
    /// Callers who talk; each has an agent.
    #[arg(long, value_name = "CALLS", default_value_t = 50)]
    talking: usize,
    /// For how long all of them stay.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "30s")]
    lasts: Duration,
    #[command(flatten)]
    options: Options,
}

impl Fill {
    /// Exit code 0: all of them were there to the end; 1: not all; 2: not measured.
    pub fn run(mut self) -> Done {
        let all = self.waiting + self.talking;
        // Two in reserve, and one port for an agent beside his caller's.
        if self.talking == 0 || self.talking > 900 || all + 20 > CALLS_MAX {
            return Err(format!(
                "--waiting {} --talking {}: write 1 to 900 who talk, and no more than {} in all",
                self.waiting,
                self.talking,
                CALLS_MAX - 20
            ));
        }
        if self.lasts.is_zero() || self.lasts > Duration::from_secs(3_600) {
            return Err(format!("--for {} s: write 1s to 1h", self.lasts.as_secs()));
        }
        self.options.agents = self.talking as u16;
        self.options.calls = all + 20;
        let mut session = Session::start("fill", self.options, self.lasts + Duration::from_secs(600), Some(FILL_CPS))?;
        session.most()?;
        let filled = fill(&mut session, self.waiting, self.talking, self.lasts)?;
        // That they stay is what was wanted, and no fault of theirs.
        let mut report = session.report(vec![]);
        let kb = filled.full_kb.saturating_sub(filled.idle_kb) as f64 / all as f64;
        let whole = filled.there == (self.waiting, self.talking);
        report.verdict = if whole { Verdict::Pass } else { Verdict::Fail };
        report.reason = format!(
            "{} of {} wait and {} of {} talk to the end; {kb:.1} kB and {:.2} ms of CPU a second for each of them",
            filled.there.0,
            self.waiting,
            filled.there.1,
            self.talking,
            filled.cores * 1_000.0 / all as f64
        );
        report.disturbed.extend(filled.step.disturbed);
        for (name, value) in [
            ("memory_idle_kb", filled.idle_kb as f64),
            ("memory_full_kb", filled.full_kb as f64),
            ("memory_a_call_kb", kb),
            ("cores", filled.cores),
            ("cores_per_100_calls", filled.cores * 100.0 / all as f64),
        ] {
            report.figures.insert(name.to_owned(), value);
        }
        session.finish(report)
    }
}

/// What stood in a target that was filled.
struct Filled {
    /// Waiting and talking at the end.
    there: (usize, usize),
    /// Memory before anybody called, in kB.
    idle_kb: u64,
    /// Memory at the end, in kB.
    full_kb: u64,
    /// Cores while all were there.
    cores: f64,
    /// The run.
    step: Step,
}

/// So many callers come and stay; what the target used when all were there, and what a call of them cost.
fn fill(session: &mut Session, waiting: usize, talking: usize, lasts: Duration) -> Result<Filled, String> {
    let pid = session
        .pid()
        .ok_or("memory and cores are those of a process of this program: `bench fill` has the target `demo` only")?;
    let everybody = waiting + talking;
    let stays = Spread::fixed(lasts * 3 + Duration::from_secs(120));
    session.behaviour =
        Behaviour { talk: stays.clone(), talk_silent: stays.clone(), patience: stays, ..session.behaviour.clone() };
    session.phones.behave(session.behaviour.clone());
    let idle = process_use(pid).ok_or("the target ended by itself")?;
    let comes_in = Duration::from_secs_f64(everybody as f64 / FILL_CPS * 1.5 + 2.0);
    let (full_at, end_at) = (comes_in, comes_in + lasts);
    let (mut full, mut last, mut there) = (None, None, (0, 0));
    let told = session.stay(Arrivals::Steady(FILL_CPS), end_at, everybody, |gone, phones| {
        if full.is_none() && gone >= full_at {
            full = process_use(pid).map(|used| (gone, used));
        }
        if last.is_none() && gone >= end_at {
            there = (phones.waiting(), phones.talking());
            last = process_use(pid).map(|used| (gone, used));
        }
        last.is_none()
    })?;
    let (Some((from, full)), Some((to, last))) = (full, last) else {
        return Err("the target ended while its callers stayed".to_owned());
    };
    let cores = last.cpu_ms.saturating_sub(full.cpu_ms) as f64 / (to - from).as_millis().max(1) as f64;
    Ok(Filled { there, idle_kb: idle.rss_kb, full_kb: last.rss_kb, cores, step: told })
}

/// How fast a target is filled.
const FILL_CPS: f64 = 20.0;
