//! What all measuring verbs share: the options, the target running, the load's ceiling, a step, the result.
use super::demo_target::{DemoTarget, accounts};
use super::target::{Target, behaviour};
use crate::cmd::say::{say, say_on};
use crate::cmd::{Done, write_json};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use switchboard_benches::ceiling::{self, Ceiling};
use switchboard_benches::knee::Limits;
use switchboard_benches::machine::{self, process_use};
use switchboard_benches::page::page;
use switchboard_benches::report::{Report, Verdict};
use switchboard_benches::step::{Before, Step};
use switchboard_benches::telephones::{AgentAccount, Behaviour, Run, Spread, Telephones};
use switchboard_model::Instant;
use switchboard_net::Clock;

/// Options of every measuring verb.
#[derive(clap::Args, Debug, Clone)]
pub struct Options {
    /// `demo` (an engine of its own, in a process of its own), or the file that describes a target.
    #[arg(long, value_name = "demo|FILE.yaml", default_value = "demo")]
    pub target: String,
    /// A host that is not this machine may be loaded only if it is named.
    #[arg(long = "i-may-load-this-host", value_name = "ADDRESS")]
    pub allowed: Vec<IpAddr>,
    /// From which all chance follows.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Agents of the target `demo`; fewer are taken when there is little time.
    #[arg(long, default_value_t = 800, value_parser = clap::value_parser!(u16).range(1..=900))]
    pub agents: u16,
    /// Of a hundred calls, so many have sound both ways, which is judged.
    #[arg(long, value_name = "PERCENT", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub sound: u32,
    /// Calls that must go all the way, in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0)]
    pub success: f64,
    /// The longest time to the answer, and from key to agent, at p99.
    #[arg(long, value_name = "MS", default_value_t = 200.0)]
    pub latency_ms: f64,
    /// Calls that the target `demo` has room for; none is twice its agents.
    #[arg(skip)]
    pub calls: usize,
    /// Write the result to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the result to this file too, as one page with pictures.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// What stood in a target that was filled.
pub struct Filled {
    /// Waiting and talking at the end.
    pub there: (usize, usize),
    /// Memory before anybody called, in kB.
    pub idle_kb: u64,
    /// Memory at the end, in kB.
    pub full_kb: u64,
    /// Cores while all were there.
    pub cores: f64,
    /// The run.
    pub step: Step,
}

/// A running measurement.
pub struct Session {
    options: Options,
    verb: &'static str,
    clock: Clock,
    ends: Instant,
    demo: Option<DemoTarget>,
    phones: Telephones,
    agents: Vec<AgentAccount>,
    registered: Instant,
    /// How people behave.
    pub behaviour: Behaviour,
    /// What the load itself carries.
    pub ceiling: Ceiling,
    target: String,
    machine: String,
    notes: Vec<String>,
}

impl Options {
    fn limits(&self) -> Limits {
        Limits { success_percent: self.success, setup_p99_ms: self.latency_ms, dispatch_p99_ms: self.latency_ms }
    }

    fn check(&self) -> Result<(), String> {
        if !(0.0..=100.0).contains(&self.success) {
            return Err(format!("--success {}: write a share in per cent, 0 to 100", self.success));
        }
        if self.latency_ms.is_finite() && self.latency_ms > 0.0 {
            return Ok(());
        }
        Err(format!("--latency-ms {}: write milliseconds above 0", self.latency_ms))
    }
}

impl Session {
    /// The load's ceiling first; then the target, its agents logged in. Ends after `within` at the latest.
    pub fn start(verb: &'static str, options: Options, within: Duration) -> Result<Session, String> {
        options.check()?;
        let clock = Clock::start();
        let ends = clock.now() + within;
        let target = Target::read(&options.target, &options.allowed)?;
        let behaviour = behaviour(&target, options.sound);
        let mut notes = vec![];
        // Before this thread is pinned to one CPU, and sees no other.
        let machine = machine::machine();
        machine::raise_file_limit(16_384);
        // A CPU for the target and another for the load: neither may take the other's.
        let cpus = machine::cpus();
        let apart = (cpus.len() >= 2).then(|| (cpus[0], cpus[1]));
        let (agents, demo_agents) = match &target {
            // Logging in takes time, of which a short run has little.
            Target::Demo => {
                let most = (within.as_secs() as usize * 8).max(40).min(usize::from(options.agents));
                (accounts(most), most)
            }
            Target::Profile(p) => (p.agents.clone(), 0),
        };
        let most = agents.len() as f64 * AGENTS_BUSY / behaviour.busy().as_secs_f64();
        let pinned = apart.is_some_and(|(_, own)| machine::pin(own));
        if !pinned {
            notes.push("target and load shared their CPUs: this machine lets nobody be pinned apart".to_owned());
        }
        let each = (within / 60).clamp(Duration::from_millis(300), Duration::from_secs(2));
        let ceiling = ceiling::measure(
            &behaviour,
            &options.limits(),
            agents.len(),
            most,
            each,
            options.seed,
            clock,
            apart.map(|(target, _)| target),
        )?;
        say(&format!(
            "the load itself: {}; {}",
            ceiling.cps.map_or("carries nothing".to_owned(), |cps| format!(
                "carries {cps:.0} calls/s against a bare answering loop and adds {:.1} ms (p99)",
                ceiling.step.setup.p99_ms.or(ceiling.step.setup.max_ms).unwrap_or(0.0)
            )),
            ceiling.why
        ));
        let calls = if options.calls > 0 { options.calls } else { demo_agents * 2 };
        let (demo, sip, name) = match target {
            Target::Demo => {
                if let Some((cpu, own)) = apart {
                    // A process inherits the CPUs of the thread that starts it.
                    machine::pin(cpu);
                    let demo = DemoTarget::start(demo_agents, calls);
                    machine::pin(own);
                    let demo = demo?;
                    let sip = demo.sip;
                    (Some(demo), sip, format!("demo: this program, {demo_agents} agents, one shard"))
                } else {
                    let demo = DemoTarget::start(demo_agents, calls)?;
                    let sip = demo.sip;
                    (Some(demo), sip, format!("demo: this program, {demo_agents} agents, one shard"))
                }
            }
            Target::Profile(p) => (None, p.sip, format!("{} at {}, {} agents", p.name, p.sip, p.agents.len())),
        };
        let own = own_address(sip)?;
        let mut phones = Telephones::new(sip, own, behaviour.clone(), options.seed, clock)
            .map_err(|e| format!("the telephones cannot be set up: {e}"))?;
        phones.register(&agents)?;
        say(&format!("target: {name}; seed {}", options.seed));
        let registered = clock.now();
        Ok(Session {
            options,
            verb,
            clock,
            ends,
            demo,
            phones,
            agents,
            registered,
            behaviour,
            ceiling,
            target: name,
            machine,
            notes,
        })
    }

    /// How much time is left.
    pub fn left(&self) -> Duration {
        self.clock.until(self.ends)
    }
    /// The highest rate that is asked of the target: what the load was seen to carry.
    pub fn most(&self) -> Result<f64, String> {
        self.ceiling.cps.ok_or_else(|| {
            format!(
                "this machine cannot carry the load itself: {}; make it quieter, or call more slowly",
                self.ceiling.why
            )
        })
    }
    /// What a rate must fulfil.
    pub fn limits(&self) -> Limits {
        self.options.limits()
    }

    /// One run at one rate.
    pub fn step(&mut self, calls_per_s: f64, lasts: Duration) -> Result<Step, String> {
        if self.clock.now().since(self.registered) > RENEW_AFTER {
            self.phones.register(&self.agents)?;
            self.registered = self.clock.now();
        }
        let pid = self.demo.as_ref().map(|d| d.running.pid());
        let before = Before::now(pid);
        let run = Run {
            calls_per_s,
            lasts,
            calls_max: CALLS_MAX,
            open_max: self.agents.len() * 2 + 200,
            settles: self.behaviour.settles(),
        };
        let measured =
            self.phones.run(run, |_| true).map_err(|e| format!("the load's sockets failed in the middle: {e}"))?;
        if let Some(demo) = &mut self.demo
            && !demo.running.is_alive()
        {
            return Err(format!("the target ended by itself at {calls_per_s:.0} calls/s"));
        }
        let mut step = before.step(calls_per_s, lasts, &measured);
        step.carried = self.limits().broken_by(&step).is_none();
        say(&format!(
            "{calls_per_s:>8.1} calls/s for {:.1} s: {:.2} % of {} went all the way, setup p99 {}, dispatch p99 {}{}",
            lasts.as_secs_f64(),
            step.success_percent,
            step.offered,
            ms(step.setup.p99_ms),
            ms(step.dispatch.p99_ms),
            if step.disturbed.is_empty() {
                String::new()
            } else {
                format!(" (disturbed: {})", step.disturbed.join(", "))
            },
        ));
        Ok(step)
    }

    /// So many callers come and stay; what the target used when all were there, and what a call of them cost.
    pub fn fill(&mut self, waiting: usize, talking: usize, lasts: Duration) -> Result<Filled, String> {
        let pid = self.demo.as_ref().map(|d| d.running.pid()).ok_or(
            "memory and cores are those of a process of this program: `bench fill` has the target `demo` only",
        )?;
        let everybody = (waiting + talking) as u64;
        let stays = Spread::fixed(lasts * 3 + Duration::from_secs(120));
        self.behaviour = Behaviour { talk: stays, talk_silent: stays, patience: stays, ..self.behaviour.clone() };
        self.phones.behave(self.behaviour.clone());
        let usage = || process_use(pid).ok_or("the target ended by itself".to_owned());
        let idle = usage()?;
        let comes_in = Duration::from_secs_f64(everybody as f64 / FILL_CPS * 1.5 + 2.0);
        let (clock, start) = (self.clock, self.clock.now());
        let (full_at, end_at) = (start + comes_in, start + comes_in + lasts);
        let (mut full, mut last, mut there) = (None, None, (0, 0));
        let before = Before::now(Some(pid));
        let run = Run {
            calls_per_s: FILL_CPS,
            lasts: comes_in + lasts,
            calls_max: everybody,
            open_max: everybody as usize + 1,
            settles: Duration::from_secs(1),
        };
        let each = |phones: &Telephones| {
            let now = clock.now();
            if full.is_none() && now >= full_at {
                full = process_use(pid).map(|used| (now, used));
            }
            if last.is_none() && now >= end_at {
                there = (phones.waiting(), phones.talking());
                last = process_use(pid).map(|used| (now, used));
            }
            last.is_none()
        };
        let measured = self.phones.run(run, each).map_err(|e| format!("the load's sockets failed: {e}"))?;
        let step = before.step(FILL_CPS, comes_in + lasts, &measured);
        let (Some((from, full)), Some((to, last))) = (full, last) else {
            return Err("the target ended while its callers stayed".to_owned());
        };
        let cores = last.cpu_ms.saturating_sub(full.cpu_ms) as f64 / to.since(from).as_millis().max(1) as f64;
        Ok(Filled { there, idle_kb: idle.rss_kb, full_kb: last.rss_kb, cores, step })
    }

    /// A result to be filled in.
    pub fn report(&self, steps: Vec<Step>) -> Report {
        Report {
            verb: self.verb.to_owned(),
            verdict: Verdict::CouldNotMeasure,
            knee_cps: None,
            limit: None,
            reason: String::new(),
            could_not_measure: vec![],
            disturbed: self.notes.clone(),
            asked: self.limits(),
            ceiling_cps: self.ceiling.cps,
            ceiling_setup_p99_ms: self.ceiling.step.setup.p99_ms,
            target: self.target.clone(),
            when: machine::today(),
            machine: self.machine.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            seed: self.options.seed,
            sound_percent: self.options.sound,
            figures: [].into(),
            steps,
        }
    }

    /// Prints and writes it; the exit code.
    pub fn finish(self, mut report: Report) -> Done {
        report.gather_disturbances();
        report.say_what_is_missing();
        if !report.steps.is_empty() {
            say_on!("{}", report.table());
        }
        let faults: Vec<String> = report
            .steps
            .iter()
            .rev()
            .take(1)
            .flat_map(|s| &s.faults)
            .map(|(why, n)| format!("  {n} × {why}"))
            .collect();
        faults.iter().for_each(|line| say!("{line}"));
        report.could_not_measure.iter().for_each(|what| say!("could not measure {what}"));
        write_json(self.options.json.as_deref(), &report)?;
        if let Some(file) = &self.options.html {
            std::fs::write(file, page(&report)).map_err(|e| format!("cannot write {}: {e}", file.display()))?;
        }
        match report.verdict {
            Verdict::Pass | Verdict::Fail => say!("{}", report.line()),
            Verdict::CouldNotMeasure => return Err(report.line()),
        }
        Ok(report.verdict == Verdict::Pass)
    }
}

/// The address from which this target is reached.
fn own_address(target: SocketAddr) -> Result<IpAddr, String> {
    if target.ip().is_loopback() {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = std::net::UdpSocket::bind(any).map_err(|e| e.to_string())?;
    let own = socket.connect(target).and_then(|()| socket.local_addr());
    own.map(|a| a.ip()).map_err(|e| format!("there is no way to {target} from here: {e}"))
}

/// A line of progress, seen at once also where lines are collected.
pub fn say(line: &str) {
    say!("{line}");
    drop(std::io::stdout().flush());
}

fn ms(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |ms| format!("{ms:.1} ms"))
}

/// So much of the agents' time may be taken on average, so that a free one is nearly always there.
const AGENTS_BUSY: f64 = 0.7;
/// Registrations are for an hour.
const RENEW_AFTER: Duration = Duration::from_secs(1_200);
/// Bounds memory and numbers: at a thousand calls a second this is nearly three hours.
const CALLS_MAX: u64 = 10_000_000;
/// How fast a target is filled.
const FILL_CPS: f64 = 20.0;
