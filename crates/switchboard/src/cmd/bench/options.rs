//! The options of every measuring verb.
use super::people::People;
use std::net::IpAddr;
use std::path::PathBuf;
use switchboard_benches::knee::Limits;

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
    /// Ports of the target `demo` for sound, as 10000-12000; two for each party of a call. Any free range if not given.
    #[arg(long, value_name = "FIRST-LAST", value_parser = ports)]
    pub rtp_ports: Option<(u16, u16)>,
    #[command(flatten)]
    pub people: People,
    /// Calls that must go all the way, in per cent.
    #[arg(long, value_name = "PERCENT", default_value_t = 99.0)]
    pub success: f64,
    /// The longest time to the answer, and from key to agent, at p99.
    #[arg(long, value_name = "MS", default_value_t = 200.0)]
    pub latency_ms: f64,
    /// Calls that the target `demo` has room for; none is twice its agents.
    #[arg(skip)]
    pub calls: usize,
    /// How long the target `demo` lets running calls go on when it is asked to end, in s.
    #[arg(skip)]
    pub drain_s: u64,
    /// Write the result to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Write the result to this file too, as one page with pictures.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

impl Options {
    /// What a rate must fulfil.
    pub fn limits(&self) -> Limits {
        Limits { success_percent: self.success, setup_p99_ms: self.latency_ms, dispatch_p99_ms: self.latency_ms }
    }

    /// Refuses what cannot be.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=100.0).contains(&self.success) {
            return Err(format!("--success {}: write a share in per cent, 0 to 100", self.success));
        }
        if self.latency_ms.is_finite() && self.latency_ms > 0.0 {
            return Ok(());
        }
        Err(format!("--latency-ms {}: write milliseconds above 0", self.latency_ms))
    }
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let both = text.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    both.filter(|(first, last): &(u16, u16)| *first >= 1_024 && first.is_multiple_of(2) && *last >= first + 80)
        .ok_or(format!("`{text}` is no range of ports; write 10000-12000: even, from 1024 up, 80 at least"))
}
