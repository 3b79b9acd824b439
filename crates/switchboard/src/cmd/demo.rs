//! `switchboard demo`: a contact centre at work, with people who are simulated and SIP, RTP, digits and sound that are not.
use super::board::Screen;
use super::data::Data;
use super::people::{self, JoinIn};
use super::serve::log;
use super::{Done, Json, load, seconds, wallboard, write_json};
use crate::cmd::say::{say, say_on};
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use switchboard_api::{Kept, Wall};
use switchboard_benches::{Conversation, Driver, DriverSetup, Heard, Judgement, NotHeard, judge};
use switchboard_engine::Config;
use switchboard_model::{AgentActivity, AgentPresence, CallId, Instant, What};
use switchboard_net::{Clock, Marks, Stop, on_signals};
use switchboard_node::{Figures, Node, Setup, Snapshot, StreamAddresses};
use switchboard_stats::{Ask, Fold, Formula};

/// Show a centre at work.
#[derive(clap::Args, Debug)]
pub struct Demo {
    /// Ends by itself after this; otherwise Ctrl-C ends it.
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    within: Option<Duration>,
    /// Calls a second.
    #[arg(long, value_name = "CPS", default_value_t = 2.4)]
    rate: f64,
    /// From which all chance of callers and agents follows.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where SIP listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5060")]
    sip: SocketAddr,
    /// Where the control channel listens.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5070")]
    control: SocketAddr,
    /// Where the wallboard is shown.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5080")]
    wallboard: SocketAddr,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    json: Json,
}

/// The level of the last minutes.
#[derive(Serialize)]
struct Level {
    formula: String,
    x_s: u32,
    percent: Option<f64>,
}

/// The day's report.
#[derive(Serialize)]
struct Day {
    offered: u64,
    answered: u64,
    abandoned: u64,
    failed: u64,
    waiting: u64,
    ended_in_menu: u64,
    rejected: u64,
    conserved: bool,
    heard_both_ways: u64,
    shorter_than_1s: Vec<u64>,
    not_heard: Vec<NotHeard>,
    service_level: Level,
    callers: u64,
    callers_not_made: u64,
    records_lost: u64,
    data: String,
}

/// The level is of the last so many minutes.
const WINDOW: Duration = Duration::from_secs(300);
/// After the end nobody new calls; who talks may finish, who waits may be answered, for this long.
const LAST_CALLS: Duration = Duration::from_secs(12);
/// Callers at once; each needs two ports.
const CALLERS_MAX: usize = 160;

impl Demo {
    /// Exit code 0: it ran, everything adds up, and everybody who talked heard the other.
    pub fn run(self) -> Done {
        let _log = log();
        let mut loaded = load::load(None)?;
        loaded.let_in(self.sip.ip());
        let (config, sounds) = load::engine(&loaded)?;
        let clock = Clock::start();
        let (journal, dir) = self.data.open_new(&loaded, &config, clock.now())?;
        let node = Node::start(Setup {
            config: config.clone(),
            sounds,
            sip: self.sip,
            streams: StreamAddresses { tcp: Some(self.sip), ..StreamAddresses::default() },
            advertised: None,
            marks: Marks::of(loaded.centre.dscp.0, loaded.centre.dscp.1).expect("centre.yaml was checked: 0 to 63"),
            rtp_ports: loaded.centre.rtp_ports.0..=loaded.centre.rtp_ports.1,
            control: self.control,
            shards: loaded.centre.shards,
            journal: Some(journal.writer()),
            events_so_far: BTreeMap::new(),
            reload: Box::new(|_| {
                Err("the demo runs on its embedded configuration, which cannot change; `switchboard serve` can reload"
                    .to_owned())
            }),
            clock,
        })
        .map_err(|e| e.to_string())?;
        let kept = Kept { dir: Some(dir.clone()), journal: Some(journal.writer()), ..Kept::default() };
        let (accounts, password) = super::account::of_demo(&config, clock.now())?;
        let (wallboard, wall) =
            wallboard::start(self.wallboard, &loaded.centre.name, &config, &node, kept, clock, accounts)?;
        let driver = Driver::start(DriverSetup {
            centre: node.sip(),
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            ports: 30_000..=31_998,
            callers_max: CALLERS_MAX,
            agents: people::agents(&config),
            demand: people::demand(self.rate),
            seed: self.seed,
            clock,
        })
        .map_err(|e| e.to_string())?;
        say_on!("{}", JoinIn { sip: node.sip(), control: node.control(), config: &config, data: &dir });
        say!("  on the wall   open http://{}/ in a browser", wallboard.address());
        say!(
            "  orders        log in at http://{}/api/v1/login as `operations`, `supervisor` or `8001`,",
            wallboard.address()
        );
        say!("                password {password}; the orders are in /api/v1/openapi.json\n");
        let stop = Stop::new();
        on_signals(&stop).map_err(|e| format!("signals cannot be heard: {e}"))?;
        let ask = Ask { within_s: config.queues[0].level_x_s, formula: Formula::F8, short_s: 5 };
        let foot =
            format!("http://{}/  ·  dial sip:9500@{}  ·  Ctrl-C ends the day 结束", wallboard.address(), node.sip());
        let screen = Screen::take(foot);
        show_until(&stop, self.within, clock, screen, &wall, || {
            line(&node.figures().snapshot(clock.now(), WINDOW, ask))
        })?;

        say!("no new calls; those that run may finish within {} s", LAST_CALLS.as_secs());
        driver.stop_calling();
        wait_until(clock, LAST_CALLS, || driver.alive() == 0);
        driver.hang_up_all();
        wait_until(clock, Duration::from_secs(5), || driver.alive() == 0 && node.calls() == 0);
        let callers = driver.made();
        let figures = node.figures();
        node.drain(Duration::from_secs(2));
        let counts = node.counts();
        let heard = driver.finish().map_err(|e| format!("the simulated people stopped: {e}"))?;
        node.stop();
        drop(wallboard);
        let kept = journal.close();
        let snapshot = figures.snapshot(clock.now(), WINDOW, ask);
        let conversations = conversations(&dir, &config)?;
        let day = day(&snapshot, &figures, ask, judge(&conversations, &heard), callers, &heard, &dir);
        say_on!("{}", report(&day, &snapshot, counts, kept.durable));
        write_json(self.json.json.as_deref(), &day)?;
        Ok(day.conserved
            && day.not_heard.is_empty()
            && day.heard_both_ways + day.shorter_than_1s.len() as u64 == day.answered)
    }
}

/// Until the end, once a second: the board on a terminal, else a line.
fn show_until(
    stop: &Stop,
    within: Option<Duration>,
    clock: Clock,
    mut screen: Option<Screen>,
    wall: &Wall,
    line: impl Fn() -> String,
) -> Result<(), String> {
    let thread = std::thread::current();
    stop.on_raise(move || thread.unpark());
    let start = clock.now();
    let mut second = 0;
    while !stop.is_raised() && within.is_none_or(|d| clock.now() < start + d) {
        second += 1;
        let next = start + Duration::from_secs(second);
        while !stop.is_raised() && clock.now() < next {
            std::thread::park_timeout(clock.until(next));
        }
        if stop.is_raised() {
            break;
        }
        match &mut screen {
            Some(screen) => {
                let board = wall.board();
                let age = board.as_ref().map_or(Duration::ZERO, |b| clock.now().since(Instant::from_millis(b.at_ms)));
                screen.show(board.as_deref(), age)?;
            }
            None => say!("{second:>4} s | {}", line()),
        }
    }
    Ok(())
}

fn wait_until(clock: Clock, within: Duration, done: impl Fn() -> bool) {
    let until = clock.now() + within;
    while !done() && clock.now() < until {
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

fn line(snapshot: &Snapshot) -> String {
    let live = &snapshot.live;
    let level = &live.all.level;
    let totals = |f: fn(&switchboard_stats::Ledger) -> u64| snapshot.ledgers.values().map(f).sum::<u64>();
    let mut states: BTreeMap<&str, u64> = BTreeMap::new();
    for state in live.agents.values() {
        let word = match (state.presence, state.activity) {
            (AgentPresence::LoggedOut, _) => continue,
            (_, AgentActivity::Ringing) => "ringing",
            (_, AgentActivity::Talking) => "talking",
            (_, AgentActivity::AfterCallWork) => "after-call",
            (AgentPresence::Ready, AgentActivity::Idle) => "ready",
            (AgentPresence::NotReadyRona, _) => "rona",
            (AgentPresence::NotReady | AgentPresence::NotReadyDevice, _) => "not-ready",
        };
        *states.entry(word).or_default() += 1;
    }
    let states: Vec<String> = states.iter().map(|(word, n)| format!("{word} {n}")).collect();
    let percent = level.percent.map_or("no data".to_owned(), |p| format!("{p:.1} %"));
    format!(
        "in menu {:>2} | waiting {:>2}, longest {:>4.1} s | answered {:>4} abandoned {:>3} | {} within {} s: {percent} | {}{}",
        live.in_menu,
        live.all.waiting,
        live.all.longest_wait_ms.unwrap_or(0) as f64 / 1_000.0,
        totals(|l| l.answered),
        totals(|l| l.abandoned),
        level.question.formula.id(),
        level.question.within_s,
        states.join(", "),
        if snapshot.conserved { "" } else { " | DOES NOT ADD UP" },
    )
}

/// Who talked to whom, by the record that was kept.
fn conversations(dir: &Path, config: &Config) -> Result<Vec<Conversation>, String> {
    let mut callers: BTreeMap<CallId, String> = BTreeMap::new();
    let mut talks: BTreeMap<CallId, Conversation> = BTreeMap::new();
    for event in switchboard_store::read_all(dir).map_err(|e| e.to_string())? {
        let event = event.map_err(|e| format!("the record has a damaged line: {e:?}"))?;
        let Some(call) = event.call else { continue };
        match event.what {
            What::Arrived { from, .. } => drop(callers.insert(call, from.raw)),
            What::PickedUp { agent, .. } => {
                let talk = Conversation {
                    call: call.0,
                    caller: callers.get(&call).cloned().unwrap_or_default(),
                    agent: agent.0 as usize,
                    agent_user: config.agent(agent).account.user.clone(),
                    talk_ms: 0,
                };
                talks.insert(call, talk);
            }
            What::TalkEnded { talk_ms, .. } => {
                if let Some(talk) = talks.get_mut(&call) {
                    talk.talk_ms = talk_ms;
                }
            }
            _ => {}
        }
    }
    Ok(talks.into_values().collect())
}

fn day(
    snapshot: &Snapshot,
    figures: &Figures,
    ask: Ask,
    judgement: Judgement,
    callers: u64,
    heard: &Heard,
    dir: &Path,
) -> Day {
    let totals = figures.with_fold(Fold::totals);
    let level = &snapshot.live.all.level;
    Day {
        offered: totals.offered,
        answered: totals.answered,
        abandoned: totals.abandoned,
        failed: totals.failed,
        waiting: figures.with_fold(Fold::waiting),
        ended_in_menu: totals.ended_in_menu,
        rejected: totals.rejected,
        conserved: snapshot.conserved,
        heard_both_ways: judgement.heard_both_ways,
        shorter_than_1s: judgement.shorter_than_1s,
        not_heard: judgement.not_heard,
        service_level: Level {
            formula: format!("{}: {}", ask.formula.id(), ask.formula.row().text),
            x_s: ask.within_s,
            percent: level.percent,
        },
        callers,
        callers_not_made: heard.not_made,
        records_lost: snapshot.records_lost,
        data: dir.display().to_string(),
    }
}

fn report(day: &Day, snapshot: &Snapshot, counts: switchboard_node::NodeCounts, kept: u64) -> String {
    let percent = day.service_level.percent.map_or("no data".to_owned(), |p| format!("{p:.1} %"));
    format!(
        "\nThe day's report\n\
         \x20 callers               {}\n\
         \x20 offered to people     {} = answered {} + abandoned {} + failed {} + waiting {}\n\
         \x20 ended in the menu     {}; refused {}\n\
         \x20 service level         {percent} within {} s of the request, {}\n\
         \x20 heard both ways       {} of {} answered; shorter than a second {}; not heard {}\n\
         \x20 adds up               {}\n\
         \x20 record                {} events in {}; lost {}\n\
         \x20 datagrams             {} in, {} out; media tick late p99 {} µs\n\
         \x20 agents' late answers  {}\n\
         Ask it more: switchboard report --within 20 --formula all\n",
        day.callers,
        day.offered,
        day.answered,
        day.abandoned,
        day.failed,
        day.waiting,
        day.ended_in_menu,
        day.rejected,
        day.service_level.x_s,
        day.service_level.formula,
        day.heard_both_ways,
        day.answered,
        day.shorter_than_1s.len(),
        day.not_heard.len(),
        if day.conserved { "yes" } else { "NO" },
        kept,
        day.data,
        day.records_lost,
        counts.received,
        counts.sent,
        counts.tick_late_us_p99,
        snapshot.late_answers,
    )
}
