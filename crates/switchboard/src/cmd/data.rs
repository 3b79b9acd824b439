//! Where the record is: `--data DIR`, or `switchboard-data` in the folder one stands in.
//!
//! `serve` writes into the folder itself and goes on where it stopped; each `demo` writes into a new folder inside it, and whoever
//! only reads takes the newest.
use std::path::{Path, PathBuf};
use switchboard_engine::Config;
use switchboard_model::Instant;
use switchboard_store::{Journal, Names, Recovered, Target};

/// The data folder.
#[derive(clap::Args, Debug, Clone)]
pub struct Data {
    /// The folder of the record.
    #[arg(long, value_name = "DIR", default_value = "switchboard-data")]
    pub data: PathBuf,
}

impl Data {
    /// Opens the record of `serve`, and says what was found damaged.
    pub fn open(&self, config: &Config) -> Result<(Journal, Recovered), String> {
        open(&self.data, config)
    }

    /// Opens a new record for one demo.
    pub fn open_new(&self, config: &Config, now: Instant) -> Result<(Journal, PathBuf), String> {
        let dir = self.data.join(format!("demo-{}", now.seconds()));
        let (journal, _) = open(&dir, config)?;
        Ok((journal, dir))
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

fn open(dir: &Path, config: &Config) -> Result<(Journal, Recovered), String> {
    let place = dir.display();
    std::fs::create_dir_all(dir)
        .map_err(|e| format!("the data folder {place} cannot be made: {e}; name another with --data"))?;
    let (journal, recovered) = Journal::open(dir).map_err(|e| e.to_string())?;
    if recovered.cut_bytes > 0 {
        eprintln!(
            "warning: the record in {place} ended in the middle of an event; {} bytes were cut off, nothing that had been acknowledged",
            recovered.cut_bytes
        );
    }
    names(config).write(dir).map_err(|e| e.to_string())?;
    Ok((journal, recovered))
}

fn names(config: &Config) -> Names {
    Names {
        queues: config.queues.iter().map(|q| (q.queue.id, q.queue.name.clone())).collect(),
        agents: config.agents.iter().map(|a| (a.id, a.agent_id.clone())).collect(),
        trunks: config.trunks.iter().map(|t| (t.id, t.name.clone())).collect(),
        targets: (config.queues.iter())
            .map(|q| (q.queue.id, Target { x_s: q.level_x_s, y_percent: q.level_y_percent }))
            .collect(),
    }
}
