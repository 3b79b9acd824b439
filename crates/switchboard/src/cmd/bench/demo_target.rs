//! The target `demo`: this program as `serve`, in a process of its own, with the embedded configuration and more agents.
//!
//! What differs from the embedded files, and why: every agent has every skill (so that any agent may serve any caller), no after-call work (unless asked for)
//! and no announcement of the agent ID (so that an agent is free when he hangs up), no wallboard, bounds above the load, ports of its own. They are
//! real files that `serve` reads, menus, prompts and checks included.
use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use switchboard_benches::child::{Folder, Running};
use switchboard_benches::machine;
use switchboard_benches::telephones::AgentAccount;
use switchboard_config::embedded::Inside;
use switchboard_ivr::{Disk, Entry};

/// A running centre.
pub struct DemoTarget {
    /// Its process. Goes before its folder does.
    pub running: Running,
    /// Where SIP is reached.
    pub sip: SocketAddr,
    start: Start,
    folder: Folder,
}

/// What it is made for.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Agents.
    pub agents: usize,
    /// Room for so many calls at once.
    pub calls: usize,
    /// After-call work of all agents, in s.
    pub acw_s: u64,
    /// When it is asked to end, running calls may go on for so long, in s.
    pub drain_s: u64,
    /// Its ports for sound; any of some ranges if none are named.
    pub rtp_ports: Option<(u16, u16)>,
    /// The CPU on which it runs.
    pub cpu: Option<usize>,
}

/// How it is started, and started again.
#[derive(Clone, Debug)]
pub struct Start {
    program: PathBuf,
    args: Vec<String>,
    errors: PathBuf,
    cpu: Option<usize>,
}

impl Start {
    /// The same, but so long running calls may go on when it is asked to end.
    pub fn draining(mut self, drain: Duration) -> Start {
        if let Some(last) = self.args.last_mut() {
            *last = format!("{}s", drain.as_secs());
        }
        self
    }

    /// Starts it, from a thread of its own, whose CPU the process inherits.
    pub fn now(&self) -> Result<Running, String> {
        let start = self.clone();
        let started = std::thread::spawn(move || {
            if let Some(cpu) = start.cpu {
                machine::pin(cpu);
            }
            let args: Vec<&str> = start.args.iter().map(String::as_str).collect();
            Running::start(&start.program, &args, &start.errors)
        });
        started.join().unwrap_or_else(|_| Err("the thread that starts the target panicked".to_owned()))
    }
}

impl DemoTarget {
    /// Starts it.
    pub fn start(shape: &Shape) -> Result<DemoTarget, String> {
        let folder = Folder::new()?;
        let program = std::env::current_exe().map_err(|e| format!("this program does not know where it lies: {e}"))?;
        let ranges: Vec<(u16, Option<u16>)> = match shape.rtp_ports {
            Some((first, last)) => vec![(first, Some(last))],
            None => FIRST_PORTS.iter().map(|first| (*first, None)).collect(),
        };
        let mut why = String::new();
        for (first, last) in &ranges {
            write_config(folder.path(), shape, *first, *last)?;
            let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
            let (config, data, drain) = (path("config"), path(&format!("data-{first}")), format!("{}s", shape.drain_s));
            let args = ["serve", "--config", &config, "--data", &data, "--drain", &drain].map(str::to_owned).to_vec();
            let start = Start { program: program.clone(), args, errors: path("errors").into(), cpu: shape.cpu };
            match start.now() {
                Ok(running) => {
                    let sip = running.ready.split_once("sip=udp:").and_then(|(_, rest)| rest.split(' ').next());
                    let sip = sip.and_then(|s| s.parse().ok()).ok_or("the target does not say where it listens")?;
                    return Ok(DemoTarget { running, sip, start, folder });
                }
                Err(said) => why = said,
            }
        }
        let (first, last) = ranges[0];
        Err(match last {
            Some(last) => format!(
                "the target `demo` did not start with the ports {first}-{last}: {why}; name others with --rtp-ports"
            ),
            None => format!(
                "the target `demo` did not start, with any of {} ranges of ports: {why}; name a free one with --rtp-ports",
                ranges.len()
            ),
        })
    }

    /// From now on it listens where it does now, whenever it is started again; how to.
    pub fn stays(&self) -> Result<Start, String> {
        let sip = self.sip;
        edit(self.folder.path(), "centre.yaml", |line| line.starts_with("listen:").then(|| format!("listen: {sip}")))?;
        Ok(self.start.clone())
    }
}

/// The telephones of its agents.
pub fn accounts(agents: usize) -> Vec<AgentAccount> {
    let account = |n| AgentAccount::registering(user(n), format!("bench-{}", user(n)));
    (0..agents).map(account).collect()
}

fn user(n: usize) -> String {
    format!("{}", 70_000 + n)
}

fn write_config(folder: &Path, shape: &Shape, first_port: u16, last_port: Option<u16>) -> Result<(), String> {
    copy("config", folder)?;
    copy("ivr-menus", folder)?;
    let calls = shape.calls.clamp(20, CALLS_MAX);
    let last_port = last_port.map_or(usize::from(first_port) + calls * 4 - 2, usize::from);
    edit(folder, "centre.yaml", |line| match line.split(':').next().unwrap_or("") {
        "listen" => Some("listen: 127.0.0.1:0".to_owned()),
        "control" => Some("control: 127.0.0.1:0".to_owned()),
        "wallboard" => Some("wallboard: none".to_owned()),
        "public" => Some("public: 127.0.0.1".to_owned()),
        "rtp_ports" => Some(format!("rtp_ports: {first_port}-{last_port}")),
        "acw_s" => Some(format!("acw_s: {}", shape.acw_s)),
        _ => None,
    })?;
    edit(folder, "trunks.yaml", |line| {
        line.trim_start().starts_with("max_calls:").then(|| format!("    max_calls: {CALLS_MAX}"))
    })?;
    edit(folder, "queues.yaml", |line| {
        let is = line.trim_start().starts_with("max_waiting:");
        is.then(|| format!("    max_waiting: {CALLS_MAX}\n    announce_agent_id: false"))
    })?;
    let mut text = "version: 1\nagents:\n".to_owned();
    let skills = "lang.cmn: 9, lang.en: 9, lang.yue: 9, acct: 9, card: 9, loan: 9, complaint: 9";
    for AgentAccount { user, password, .. } in accounts(shape.agents) {
        let _ = writeln!(
            text,
            "  - {{ agent_id: \"{user}\", name: agent {user}, password: {password}, skills: {{ {skills} }} }}"
        );
    }
    let path = folder.join("config/agents.yaml");
    fs::write(&path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}

/// Lines for which `change` has something else.
fn edit(folder: &Path, file: &str, change: impl Fn(&str) -> Option<String>) -> Result<(), String> {
    let path = folder.join("config").join(file);
    let say = |e: std::io::Error| format!("{}: {e}", path.display());
    let old = fs::read_to_string(&path).map_err(say)?;
    let new: String = old.lines().map(|l| change(l).unwrap_or_else(|| l.to_owned()) + "\n").collect();
    fs::write(&path, new).map_err(say)
}

fn copy(from: &str, to: &Path) -> Result<(), String> {
    let here = to.join(from);
    let say = |e: std::io::Error| format!("{}: {e}", here.display());
    fs::create_dir_all(&here).map_err(say)?;
    for (name, kind) in Inside.list(from).map_err(say)? {
        let inner = format!("{from}/{name}");
        match kind {
            // The faulty menus are examples of what `check` finds, and no part of the centre.
            Entry::Folder if name == "bad" || name == "tests" => {}
            Entry::Folder => copy(&inner, to)?,
            Entry::File => fs::write(to.join(&inner), Inside.read(&inner).map_err(say)?).map_err(say)?,
        }
    }
    Ok(())
}

/// Each range is tried in turn: another program, or another measurement, may have one. Below what machines lend at random (32768).
const FIRST_PORTS: [u16; 4] = [10_000, 18_200, 24_600, 14_100];
/// Bounds ports and memory: 1 900 calls have 7 600 numbers of ports.
pub const CALLS_MAX: usize = 1_900;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_a_sound_configuration() {
        let folder = Folder::new().expect("a folder");
        let shape = Shape { agents: 30, calls: 60, ..Shape::default() };
        write_config(folder.path(), &shape, 10_000, None).expect("it is written");
        let loaded = crate::cmd::load::load(Some(&folder.path().join("config"))).expect("no fault");
        assert_eq!((loaded.agents.len(), loaded.centre.rtp_ports), (30, (10_000, 10_238)));
        let (config, _) = crate::cmd::load::engine(&loaded).expect("a possible layout");
        assert!(config.rules.work.lasts(true).is_zero());
        assert!(config.queues.iter().all(|q| !q.announce_agent_id && q.queue.max_waiting == CALLS_MAX as u32));
    }
}
