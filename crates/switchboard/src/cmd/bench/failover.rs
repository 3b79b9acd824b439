//! `switchboard bench failover`: a target is restarted, killed and drained while people call; what they felt.
//!
//! ```text
//!   Before ─ a third of the time is gone ─► Ending ─ its process is gone ─► Starting ─ it says ready ─► Up
//!              restart  SIGTERM, running calls are cut        kill  SIGKILL        drain  SIGTERM, running calls go on
//! ```
//! Telephones register again every few seconds, as telephones do: nobody tells them that the target has lost them.
use super::demo_target::{DemoTarget, Start};
use super::options::Options;
use super::session::{Session, Told};
use crate::cmd::{Done, seconds};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_benches::child::Running;
use switchboard_benches::measured::Touched;
use switchboard_benches::report::{Report, Verdict};
use switchboard_benches::telephones::{Arrivals, Behaviour, Spread, Telephones};
use switchboard_benches::timeline::TimelineEvent;

/// Restart, kill and drain the target `demo` while people call: which calls are lost, and when do new ones succeed?
#[derive(clap::Args, Debug)]
pub struct Failover {
    /// What is done to the target; all three, one after the other, if not given.
    #[arg(long, value_enum)]
    how: Vec<How>,
    /// Calls a second.
    #[arg(long, value_name = "CPS", default_value_t = 10.0)]
    rate: f64,
    /// For how long callers come in each of the three; the target is touched after a third of it.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds, default_value = "30s")]
    lasts: Duration,
    /// So long after it (and after a drain's end) all new calls must succeed again.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "10s")]
    within: Duration,
    /// When it is drained, running calls may go on for so long.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "10s")]
    drain: Duration,
    /// Every agent's telephone registers again this often.
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "5s")]
    register_every: Duration,
    #[command(flatten)]
    options: Options,
}

/// What is done to the target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
enum How {
    /// Asked to end, its calls cut, and started again.
    Restart,
    /// Ended without a word, as by a crash, and started again.
    Kill,
    /// Asked to end when its calls are over, and started again.
    Drain,
}

impl How {
    const ALL: [How; 3] = [How::Restart, How::Kill, How::Drain];
    const fn word(self) -> &'static str {
        match self {
            How::Restart => "restart",
            How::Kill => "kill",
            How::Drain => "drain",
        }
    }
}

/// Where the target is on its way through one of them.
enum Stage {
    Before,
    Ending,
    Starting(JoinHandle<Result<Running, String>>),
    Up,
    Lost(String),
}

/// What was felt of one of them.
struct Felt {
    how: How,
    touched: Touched,
    down: Option<Duration>,
}

impl Failover {
    /// Exit code 0: new calls succeed in time, and a drain loses no call; 1: not so; 2: not measured.
    pub fn run(mut self) -> Done {
        if self.options.target != "demo" {
            return Err(
                "--target: only `demo` is a process of this program, which it may end and start again".to_owned()
            );
        }
        if !(LEAST..=MOST).contains(&self.lasts) {
            return Err(format!("--for {} s: write 6s to 1h", self.lasts.as_secs()));
        }
        if self.register_every.is_zero() {
            return Err("--register-every 0 s: write 1s or more".to_owned());
        }
        let hows = if self.how.is_empty() { How::ALL.to_vec() } else { self.how.clone() };
        // Twice as many as talk at once: some are still thought busy by a target that has lost their calls.
        let busy = self.rate * TALK.mean().as_secs_f64();
        self.options.agents = self.options.agents.min((busy * 2.0) as u16 + 10).min(900);
        let all = (self.lasts + self.drain + Duration::from_secs(30)) * hows.len() as u32 + Duration::from_secs(60);
        let mut session = Session::start("failover", self.options.clone(), all, Some(self.rate))?;
        session.carries(self.rate)?;
        session.touches = true;
        let patience = Spread::fixed(self.register_every + Duration::from_secs(3));
        let base = session.behaviour.clone();
        session.behaviour = Behaviour { talk: TALK, talk_silent: TALK, patience, sound_percent: 100, ..base };
        session.phones.behave(session.behaviour.clone());
        session.phones.keep_registered(self.register_every);
        let start = session.demo.as_ref().ok_or("the target `demo` does not run")?.stays()?;
        let mut report = session.report(vec![]);
        let mut felt = vec![];
        for (n, how) in hows.iter().enumerate() {
            let next = hows.get(n + 1).copied();
            // The process that stands here was started for what is done to it now, but for the first.
            if n == 0 && *how == How::Drain {
                restart(&mut session, &start.clone().draining(self.drain))?;
            }
            let begins = if next == Some(How::Drain) {
                start.clone().draining(self.drain)
            } else {
                start.clone().draining(Duration::ZERO)
            };
            match self.one(&mut session, *how, &begins, &mut report) {
                Ok(one) => felt.push(one),
                // What was measured until then is kept.
                Err(why) => {
                    report.could_not_measure.push(format!("{}: {why}", how.word()));
                    break;
                }
            }
        }
        self.judge(&mut report, &felt);
        session.finish(report)
    }

    fn one(&self, session: &mut Session, how: How, again: &Start, report: &mut Report) -> Result<Felt, String> {
        let (touch_at, offset) = (self.lasts / 3, report.timeline.last().map_or(0.0, |p| p.at_s + 1.0));
        let (mut stage, mut events, mut down) = (Stage::Before, vec![], None);
        let mut touched_at = Duration::ZERO;
        let each = |gone: Duration, demo: &mut Option<DemoTarget>, phones: &mut Telephones| {
            let Some(demo) = demo else { return };
            let mut event = |what: String| events.push(TimelineEvent { at_s: offset + gone.as_secs_f64(), what });
            stage = match std::mem::replace(&mut stage, Stage::Up) {
                Stage::Before if gone >= touch_at => {
                    phones.touch();
                    touched_at = gone;
                    event(how.word().to_owned());
                    match how {
                        How::Kill => demo.running.kill(),
                        How::Restart | How::Drain => demo.running.ask_to_end(),
                    }
                    Stage::Ending
                }
                Stage::Ending if !demo.running.is_alive() => {
                    let again = again.clone();
                    Stage::Starting(std::thread::spawn(move || again.now()))
                }
                Stage::Starting(thread) if thread.is_finished() => match thread.join() {
                    Ok(Ok(running)) => {
                        demo.running = running;
                        down = Some(gone - touched_at);
                        event("ready again".to_owned());
                        Stage::Up
                    }
                    Ok(Err(why)) => Stage::Lost(why),
                    Err(_) => Stage::Lost("the thread that starts it panicked".to_owned()),
                },
                other => other,
            };
        };
        let slice = (self.lasts / 60).max(Duration::from_millis(250));
        let told = session.tell(&Arrivals::Steady(self.rate), self.lasts, Some(slice), each)?;
        if let Stage::Lost(why) = stage {
            return Err(format!("the target could not be started again: {why}"));
        }
        let Told { step, points, measured, start } = told;
        let touched = measured.touched.ok_or("the run ended before the target was touched")?;
        if let Some(all) = touched.all_succeed() {
            let at_s = offset + (touched.at + all).since(start).as_secs_f64();
            events.push(TimelineEvent { at_s, what: "all new calls succeed".to_owned() });
        }
        report.events.extend(events);
        report.timeline.extend(points.into_iter().map(|mut point| {
            point.at_s += offset;
            point
        }));
        report.steps.push(step);
        Ok(Felt { how, touched, down })
    }

    fn judge(&self, report: &mut Report, felt: &[Felt]) {
        let (mut said, mut bad) = (vec![], false);
        for Felt { how, touched, down } in felt {
            let (word, (talking, lived)) = (how.word(), touched.talking);
            let allowed = self.within + if *how == How::Drain { self.drain } else { Duration::ZERO };
            let recovered = touched.all_succeed();
            bad |= recovered.is_none_or(|after| after > allowed);
            bad |= *how == How::Drain && lived < talking;
            let seconds =
                |d: Option<Duration>| d.map_or("never".to_owned(), |d| format!("{:.1} s after it", d.as_secs_f64()));
            said.push(format!(
                "{word}: {lived} of {talking} calls in talk lived and {} of {} that were coming; {} calls meant after it failed; \
                 the first new call succeeded that was meant {}, and all from {}",
                touched.coming.1,
                touched.coming.0,
                touched.failed_after(),
                seconds(touched.first_success()),
                seconds(recovered),
            ));
            let mut figure = |name: &str, value: Option<f64>| {
                if let Some(value) = value {
                    report.figures.insert(format!("{word}_{name}"), value);
                }
            };
            figure("talking", Some(talking as f64));
            figure("talking_lived", Some(lived as f64));
            figure("coming", Some(touched.coming.0 as f64));
            figure("coming_lived", Some(touched.coming.1 as f64));
            figure("failed_after", Some(touched.failed_after() as f64));
            figure("first_success_s", touched.first_success().map(|d| d.as_secs_f64()));
            figure("all_succeed_s", recovered.map(|d| d.as_secs_f64()));
            figure("process_ready_s", down.map(|d| d.as_secs_f64()));
        }
        report.verdict = match (felt.is_empty() || !report.could_not_measure.is_empty(), bad) {
            (true, _) => Verdict::CouldNotMeasure,
            (false, true) => Verdict::Fail,
            (false, false) => Verdict::Pass,
        };
        report.reason = if said.is_empty() { report.could_not_measure.join("; ") } else { said.join(". ") };
    }
}

/// Ends the target and starts it so; before anybody calls.
fn restart(session: &mut Session, start: &Start) -> Result<(), String> {
    let demo = session.demo.as_mut().ok_or("the target `demo` does not run")?;
    demo.running.end();
    demo.running = start.now()?;
    session.log_in_again()
}

/// Conversations long enough to be in when the target is touched.
const TALK: Spread = Spread::Exponential { least: Duration::from_secs(3), more: Duration::from_secs(1) };
const LEAST: Duration = Duration::from_secs(6);
const MOST: Duration = Duration::from_secs(3_600);
