//! The target `demo`: this program as `serve`, in a process of its own, with the embedded configuration and more agents.
//!
//! What differs from the embedded files, and why: every agent has every skill (so that any agent may serve any caller), no after-call work
//! and no announcement of the agent ID (so that an agent is free when he hangs up), bounds above the load, ports of its own. They are
//! real files that `serve` reads, menus, prompts and checks included.
use std::fmt::Write;
use std::fs;
use std::path::Path;
use switchboard_benches::child::{Folder, Running};
use switchboard_benches::telephones::AgentAccount;
use switchboard_config::embedded::Inside;
use switchboard_ivr::{Disk, Entry};

/// A running centre.
pub struct DemoTarget {
    /// Its process. Goes before its folder does.
    pub running: Running,
    /// Where SIP is reached.
    pub sip: std::net::SocketAddr,
    _folder: Folder,
}

impl DemoTarget {
    /// Starts it with room for so many agents and calls at once.
    pub fn start(agents: usize, calls: usize) -> Result<DemoTarget, String> {
        let folder = Folder::new()?;
        let program = std::env::current_exe().map_err(|e| format!("this program does not know where it lies: {e}"))?;
        let mut why = String::new();
        for first in FIRST_PORTS {
            write_config(folder.path(), agents, calls, first)?;
            let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
            let (config, data, errors) = (path("config"), path(&format!("data-{first}")), path("errors"));
            let args = ["serve", "--config", &config, "--data", &data, "--drain", "0s"];
            match Running::start(&program, &args, Path::new(&errors)) {
                Ok(running) => {
                    let sip = running.ready.split_once("sip=udp:").and_then(|(_, rest)| rest.split(' ').next());
                    let sip = sip.and_then(|s| s.parse().ok()).ok_or("the target does not say where it listens")?;
                    return Ok(DemoTarget { running, sip, _folder: folder });
                }
                Err(said) => why = said,
            }
        }
        Err(format!("the target `demo` did not start, with any of {} ranges of ports: {why}", FIRST_PORTS.len()))
    }
}

/// The telephones of its agents.
pub fn accounts(agents: usize) -> Vec<AgentAccount> {
    let account = |n| AgentAccount { user: user(n), password: Some(format!("bench-{}", user(n))) };
    (0..agents).map(account).collect()
}

fn user(n: usize) -> String {
    format!("{}", 70_000 + n)
}

fn write_config(folder: &Path, agents: usize, calls: usize, first_port: u16) -> Result<(), String> {
    copy("config", folder)?;
    copy("ivr-menus", folder)?;
    let calls = calls.clamp(20, CALLS_MAX);
    let last_port = usize::from(first_port) + calls * 4 - 2;
    edit(folder, "centre.yaml", |line| match line.split(':').next().unwrap_or("") {
        "listen" => Some("listen: 127.0.0.1:0".to_owned()),
        "control" => Some("control: 127.0.0.1:0".to_owned()),
        "public" => Some("public: 127.0.0.1".to_owned()),
        "rtp_ports" => Some(format!("rtp_ports: {first_port}-{last_port}")),
        "acw_s" => Some("acw_s: 0".to_owned()),
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
    let skills = "lang.cmn: 9, lang.en: 9, acct: 9, card: 9, loan: 9, complaint: 9";
    for AgentAccount { user, password } in accounts(agents) {
        let password = password.unwrap_or_default();
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
        write_config(folder.path(), 30, 60, 10_000).expect("it is written");
        let loaded = crate::cmd::load::load(Some(&folder.path().join("config"))).expect("no fault");
        assert_eq!((loaded.agents.len(), loaded.centre.rtp_ports), (30, (10_000, 10_238)));
        let (config, _) = crate::cmd::load::engine(&loaded).expect("a possible layout");
        assert!(config.rules.work.lasts(true).is_zero());
        assert!(config.queues.iter().all(|q| !q.announce_agent_id && q.queue.max_waiting == CALLS_MAX as u32));
    }
}
