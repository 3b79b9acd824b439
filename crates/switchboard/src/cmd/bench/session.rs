//! What all measuring verbs share: the target running, the load's ceiling, a run, the result.
use super::demo_target::{DemoTarget, Shape, accounts};
use super::options::Options;
use super::progress::Progress;
use super::result::{cannot_open, empty, line_of, write};
use super::target::Target;
use crate::cmd::Done;
use crate::cmd::say::{say, say_on};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;
use switchboard_benches::ceiling::{self, AGENTS_BUSY, Ceiling};
use switchboard_benches::knee::Limits;
use switchboard_benches::machine;
use switchboard_benches::measured::Measured;
use switchboard_benches::report::{Report, Verdict};
use switchboard_benches::step::{Before, Step};
use switchboard_benches::telephones::{AgentAccount, Arrivals, Behaviour, Place, Run, Telephones};
use switchboard_benches::timeline::{Point, Reading};
use switchboard_model::Instant;
use switchboard_net::Clock;

/// A running measurement.
pub struct Session {
    /// What was asked for.
    pub options: Options,
    verb: &'static str,
    /// The clock of all of it.
    pub clock: Clock,
    ends: Instant,
    /// The target, if it is a process of ours.
    pub demo: Option<DemoTarget>,
    /// All telephones.
    pub phones: Telephones,
    agents: Vec<AgentAccount>,
    registered: Instant,
    /// How people behave.
    pub behaviour: Behaviour,
    /// What the load itself carries.
    pub ceiling: Ceiling,
    /// For so many calls a second its agents suffice.
    agents_cps: f64,
    target: String,
    machine: String,
    notes: Vec<String>,
    /// That the target ended by itself, if it did: what was seen until then is kept.
    died: Option<String>,
    /// The target is ended on purpose: that it ends is no reason to stop.
    pub touches: bool,
    /// What is seen of it meanwhile.
    pub progress: Progress,
}

/// One run: the whole of it, along its time, and as it was counted.
pub struct Told {
    /// The whole.
    pub step: Step,
    /// Along its time.
    pub points: Vec<Point>,
    /// As it was counted.
    pub measured: Measured,
    /// When it began.
    pub start: Instant,
}

impl Session {
    /// The load's ceiling first, or whether it carries the rate that is wanted; then the target, its agents logged in. Ends after `within` at the
    /// latest. If it cannot be, the result says so, and why.
    pub fn start(
        verb: &'static str,
        options: Options,
        within: Duration,
        wanted: Option<f64>,
    ) -> Result<Session, String> {
        options.check()?;
        let clock = Clock::start();
        let mut told = None;
        match Session::begin(verb, options.clone(), within, wanted, clock, &mut told) {
            Ok(session) => Ok(session),
            Err(why) => {
                let mut report = empty(verb, &options, told.as_ref());
                report.reason.clone_from(&why);
                report.could_not_measure.push(why);
                write(&options, &report)?;
                Err(report.line())
            }
        }
    }

    fn begin(
        verb: &'static str,
        options: Options,
        within: Duration,
        wanted: Option<f64>,
        clock: Clock,
        told: &mut Option<Ceiling>,
    ) -> Result<Session, String> {
        let ends = clock.now() + within;
        let target = Target::read(&options.target, &options.allowed)?;
        let behaviour = target.behaviour(&options.people)?;
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
        let agents_cps = match behaviour.to_agents {
            true => agents.len() as f64 * AGENTS_BUSY / behaviour.busy().as_secs_f64(),
            false => f64::INFINITY,
        };
        let pinned = apart.is_some_and(|(_, own)| machine::pin(own));
        if !pinned {
            notes.push("target and load shared their CPUs: this machine lets nobody be pinned apart".to_owned());
        }
        let progress = Progress::new(within);
        let each = match wanted {
            Some(_) => Duration::from_secs(1),
            None => (within / 60).clamp(Duration::from_millis(300), Duration::from_secs(2)),
        };
        let own_cpu = apart.map(|(target, _)| target);
        let limits = options.limits();
        let ceiling = ceiling::measure(&behaviour, &limits, agents.len(), wanted, each, options.seed, clock, own_cpu)?;
        *told = Some(ceiling.clone());
        let carries = ceiling.cps.map_or("carries nothing".to_owned(), |cps| {
            let adds = ceiling.step.setup.p99_ms.or(ceiling.step.setup.max_ms).unwrap_or(0.0);
            let late = ceiling.step.media_delay.p99_ms.or(ceiling.step.media_delay.max_ms);
            let late = late.map_or(String::new(), |ms| format!(", and {ms:.1} ms to sound"));
            let us = ceiling.own_us_a_call;
            format!("carries {cps:.0} calls/s against a bare answering loop at {us:.0} µs each and adds {adds:.1} ms (p99){late}")
        });
        progress.say(&format!("the load itself: {carries}; {}", ceiling.why));
        let (demo, place, name) = match target {
            Target::Demo => {
                let calls = if options.calls > 0 { options.calls } else { demo_agents * 2 };
                let demo = DemoTarget::start(&Shape {
                    agents: demo_agents,
                    calls,
                    acw_s: options.people.demo_acw_s()?,
                    drain_s: options.drain_s,
                    rtp_ports: options.rtp_ports,
                    cpu: own_cpu,
                })?;
                let place = Place::any(demo.sip, IpAddr::V4(Ipv4Addr::LOCALHOST));
                (Some(demo), place, format!("demo: this program, {demo_agents} agents, one shard"))
            }
            Target::Profile(p) => {
                let name = format!("{} at {} over {}, {} agents", p.name, p.sip, p.transport.name(), p.agents.len());
                (None, p.place()?, name)
            }
        };
        let (sip, transport) = (place.target, place.transport.name());
        let mut phones = Telephones::new(place, behaviour.clone(), options.seed, clock)
            .map_err(|e| cannot_open(&e, &format!("{sip} over {transport}")))?;
        phones.log_in(&agents)?;
        phones.is_there().map_err(|why| format!("the target {name} is not reached: {why}"))?;
        progress.say(&format!("target: {name}; seed {}", options.seed));
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
            agents_cps,
            target: name,
            machine,
            notes,
            died: None,
            touches: false,
            progress,
        })
    }

    /// How much time is left.
    pub fn left(&self) -> Duration {
        self.clock.until(self.ends)
    }
    /// The highest rate that is asked of the target: what the load was seen to carry, and its agents suffice for.
    pub fn most(&self) -> Result<f64, String> {
        Ok(self.own_most()?.min(self.agents_cps))
    }
    /// Refuses a rate that the load does not carry itself. For more callers than its agents suffice for there is a note: they wait.
    pub fn carries(&mut self, rate: f64) -> Result<(), String> {
        let most = self.own_most()?;
        if !(rate > 0.0 && rate <= most) {
            return Err(format!("--rate {rate}: this load carries up to {most:.0} calls/s here (its agents included)"));
        }
        if rate > self.agents_cps {
            let cps = self.agents_cps;
            self.progress.say(&format!("note: the agents suffice for {cps:.1} calls/s when {AGENTS_BUSY} of their time is taken: callers will wait"));
        }
        Ok(())
    }
    fn own_most(&self) -> Result<f64, String> {
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
    /// The process of the target, if it is one of ours.
    pub fn pid(&self) -> Option<u32> {
        self.demo.as_ref().map(|d| d.running.pid())
    }

    /// All agents log in again, as after a restart.
    pub fn log_in_again(&mut self) -> Result<(), String> {
        self.registered = self.clock.now();
        self.phones.log_in(&self.agents)
    }

    /// One run at one rate.
    pub fn step(&mut self, calls_per_s: f64, lasts: Duration) -> Result<Step, String> {
        let told = self.tell(&Arrivals::Steady(calls_per_s), lasts, None, |_, _, _| {})?;
        self.died.clone().map_or(Ok(told.step), Err)
    }

    /// One run, in slices if wanted. `each` may touch the target: it is handed the time since the start, and the telephones.
    pub fn tell(
        &mut self,
        arrivals: &Arrivals,
        lasts: Duration,
        slice: Option<Duration>,
        mut each: impl FnMut(Duration, &mut Option<DemoTarget>, &mut Telephones),
    ) -> Result<Told, String> {
        if self.clock.now().since(self.registered) > RENEW_AFTER {
            self.log_in_again()?;
        }
        if lasts > RENEW_AFTER {
            // A long run is one run: telephones register again while it goes on.
            self.phones.keep_registered(RENEW_AFTER);
        }
        let rate = arrivals.peak();
        let before = Before::now(self.pid());
        let run = Run {
            arrivals: arrivals.clone(),
            lasts,
            calls_max: CALLS_MAX,
            open_max: self.agents.len() * 2 + 200,
            settles: self.behaviour.settles(),
            slice,
        };
        let (clock, start) = (self.clock, self.clock.now());
        let watch = !self.touches;
        let Session { phones, demo, progress, .. } = self;
        let (mut readings, mut died, mut look_at) = (vec![], false, Duration::ZERO);
        let measured = phones.run(&run, |phones| {
            let gone = clock.now().since(start);
            each(gone, demo, phones);
            if gone < look_at {
                return true;
            }
            // Looking on must not cost what is looked at.
            look_at = gone + LOOK;
            progress.at(gone, || phones.so_far());
            if let Some(every) = phones.slice() {
                let n = (gone.as_micros() / every.as_micros()) as usize;
                if n > 0 && readings.last().is_none_or(|r: &Reading| r.slice + 1 < n) {
                    let pid = demo.as_ref().map(|d| d.running.pid());
                    readings.extend(pid.and_then(|pid| Reading::of(pid, n - 1)));
                }
            }
            died = watch && demo.as_mut().is_some_and(|d| !d.running.is_alive());
            !died
        });
        let measured = measured.map_err(|e| format!("the load's sockets failed in the middle: {e}"))?;
        if died {
            let at = self.clock.now().since(start).as_secs_f64();
            self.died = Some(format!("the target ended by itself at {rate:.1} calls/s, after {at:.1} s"));
        }
        let mut step = before.step(rate, lasts, &measured);
        step.carried = self.limits().broken_by(&step).is_none();
        let points = measured.timeline.as_ref().map_or(vec![], |line| line.points(&readings));
        self.progress.say(&line_of(&step, lasts));
        Ok(Told { step, points, measured, start })
    }

    /// So many callers come and stay until `each` says that it is over: it is handed the time since the start.
    pub fn stay(
        &mut self,
        arrivals: Arrivals,
        lasts: Duration,
        everybody: usize,
        mut each: impl FnMut(Duration, &Telephones) -> bool,
    ) -> Result<Step, String> {
        let (before, rate) = (Before::now(self.pid()), arrivals.peak());
        let run = Run {
            arrivals,
            lasts,
            calls_max: everybody as u64,
            open_max: everybody + 1,
            settles: Duration::from_secs(1),
            slice: None,
        };
        let (clock, start) = (self.clock, self.clock.now());
        let Session { phones, progress, .. } = self;
        let measured = phones.run(&run, |phones| {
            let gone = clock.now().since(start);
            progress.at(gone, || phones.so_far());
            each(gone, phones)
        });
        let measured = measured.map_err(|e| format!("the load's sockets failed: {e}"))?;
        Ok(before.step(rate, lasts, &measured))
    }

    /// A result to be filled in.
    pub fn report(&self, steps: Vec<Step>) -> Report {
        let mut report = empty(self.verb, &self.options, Some(&self.ceiling));
        report.disturbed.clone_from(&self.notes);
        report.target.clone_from(&self.target);
        report.machine.clone_from(&self.machine);
        report.steps = steps;
        report
    }

    /// Prints and writes it; the exit code.
    pub fn finish(self, mut report: Report) -> Done {
        drop(self.progress);
        if let Some(why) = self.died {
            (report.verdict, report.reason) = (Verdict::Fail, why);
        }
        report.gather_disturbances();
        report.say_what_is_missing();
        report.say_what_is_wrong_with_the_target(&self.behaviour.dials);
        if !report.steps.is_empty() {
            say_on!("{}", report.table());
        }
        if let Some(step) = report.steps.last() {
            step.faults.iter().for_each(|(why, n)| say!("  {n} × {why}"));
        }
        report.could_not_measure.iter().for_each(|what| say!("could not measure {what}"));
        write(&self.options, &report)?;
        match report.verdict {
            Verdict::Pass | Verdict::Fail => say!("{}", report.line()),
            Verdict::CouldNotMeasure => return Err(report.line()),
        }
        Ok(report.verdict == Verdict::Pass)
    }
}

/// How often it is looked whether the target lives, and what it uses.
const LOOK: Duration = Duration::from_millis(100);
/// Registrations last an hour; a run between them may last as long again.
const RENEW_AFTER: Duration = Duration::from_secs(1_200);
/// Bounds memory: of a call some hundred bytes are kept.
const CALLS_MAX: u64 = 10_000_000;
