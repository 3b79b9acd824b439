//! Where the record is: `--data DIR`, or `switchboard-data` in the folder one stands in.
//!
//! `serve` writes into the folder itself and goes on where it stopped; each `demo` writes into a new folder inside it, and whoever
//! only reads takes the newest.
use std::path::{Path, PathBuf};
use switchboard_config::{Loaded, QueueConf};
use switchboard_engine::Config;
use switchboard_model::Instant;
use switchboard_store::{Journal, Names, Recovered, Target, audit_now, left_open};

/// The data folder.
#[derive(clap::Args, Debug, Clone)]
pub struct Data {
    /// The folder of the record.
    #[arg(long, value_name = "DIR", default_value = "switchboard-data")]
    pub data: PathBuf,
}

impl Data {
    /// Opens the record of `serve`, and says what was found damaged.
    pub fn open(&self, loaded: &Loaded, config: &Config) -> Result<(Journal, Recovered), String> {
        open(&self.data, loaded, config)
    }

    /// Opens a new record for one demo.
    pub fn open_new(&self, loaded: &Loaded, config: &Config, now: Instant) -> Result<(Journal, PathBuf), String> {
        let dir = self.data.join(format!("demo-{}", now.seconds()));
        let (journal, _) = open(&dir, loaded, config)?;
        Ok((journal, dir))
    }

    /// The folder to read, once it stands in its audit log who reads it and what for.
    pub fn audited(&self, did: &str, to: &str, more: &str) -> Result<PathBuf, String> {
        let dir = self.newest()?;
        let now = switchboard_net::Clock::start().now();
        audit_now(&dir, now, did, to, more).map_err(|e| {
            format!("what nobody can be asked about later is not shown: the audit log cannot be written: {e}")
        })?;
        Ok(dir)
    }

    /// The folder to read: itself if it holds a record, else the newest demo's inside it.
    pub fn newest(&self) -> Result<PathBuf, String> {
        if holds_record(&self.data) {
            return Ok(self.data.clone());
        }
        let inside = std::fs::read_dir(&self.data).map_err(|e| {
            format!(
                "there is no record in {} ({e}); run `switchboard demo` first, or name the folder with --data",
                self.data.display()
            )
        })?;
        let mut records: Vec<PathBuf> =
            inside.filter_map(|e| Some(e.ok()?.path())).filter(|p| holds_record(p)).collect();
        records.sort();
        records
            .pop()
            .ok_or_else(|| format!("there is no record in {}; run `switchboard demo` first", self.data.display()))
    }
}

fn holds_record(dir: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(dir) else { return false };
    entries.filter_map(Result::ok).any(|e| e.file_name().to_string_lossy().starts_with("events-"))
}

fn open(dir: &Path, loaded: &Loaded, config: &Config) -> Result<(Journal, Recovered), String> {
    let place = dir.display();
    std::fs::create_dir_all(dir)
        .map_err(|e| format!("the data folder {place} cannot be made: {e}; name another with --data"))?;
    let (journal, mut recovered) = Journal::open(dir).map_err(|e| e.to_string())?;
    if recovered.cut_bytes > 0 {
        eprintln!(
            "warning: the record in {place} ended in the middle of an event; {} bytes were cut off, nothing that had been acknowledged",
            recovered.cut_bytes
        );
    }
    let open = left_open(dir, &mut recovered).map_err(|e| e.to_string())?;
    if !open.is_empty() {
        let (writer, words) = (journal.writer(), open.len());
        let kept = open.into_iter().filter(|event| writer.offer(event.clone())).count();
        eprintln!(
            "warning: the last process ended without a word; {kept} of {words} closing events were written for its calls and agents"
        );
    }
    names(loaded, config).write(dir).map_err(|e| e.to_string())?;
    Ok((journal, recovered))
}

fn names(loaded: &Loaded, config: &Config) -> Names {
    Names {
        queues: config.queues.iter().map(|q| (q.queue.id, q.queue.name.clone())).collect(),
        agents: config.agents.iter().map(|a| (a.id, a.agent_id.clone())).collect(),
        teams: (config.agents.iter().zip(&loaded.agents))
            .filter(|(_, a)| !a.team.is_empty())
            .map(|(a, conf)| (a.id, conf.team.clone()))
            .collect(),
        skills: (config.queues.iter().zip(&loaded.queues))
            .map(|(q, conf)| (q.queue.id, skills(loaded, conf)))
            .collect(),
        trunks: config.trunks.iter().map(|t| (t.id, t.name.clone())).collect(),
        targets: (config.queues.iter())
            .map(|q| (q.queue.id, Target { x_s: q.level_x_s, y_percent: q.level_y_percent }))
            .collect(),
    }
}

/// What a queue asks of an agent, by name.
fn skills(loaded: &Loaded, queue: &QueueConf) -> Vec<String> {
    queue.needs.iter().filter_map(|need| loaded.skills.get(usize::from(need.skill.0)).cloned()).collect()
}
