//! `switchboard serve`: the real thing.
use super::data::Data;
use super::load::{self, Where};
use super::{Done, seconds, wallboard};
use crate::cmd::say::say;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use switchboard_net::{Clock, Stop, on_signals};
use switchboard_node::{Node, Setup};

/// Run a centre.
#[derive(clap::Args, Debug)]
pub struct Serve {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    data: Data,
    /// Where the control channel listens, if not where centre.yaml says.
    #[arg(long, value_name = "ADDRESS")]
    control: Option<SocketAddr>,
    /// How long running calls may go on after SIGTERM before they are ended, if not what centre.yaml says.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    drain: Option<Duration>,
}

impl Serve {
    /// Exit code 0 after an orderly end.
    pub fn run(self) -> Done {
        let _log = log();
        let dir = self
            .place
            .config
            .clone()
            .ok_or("name the configuration folder: --config DIR (the repository's `config` is a start)")?;
        let loaded = load::load(Some(&dir))?;
        let (config, sounds) = load::engine(&loaded)?;
        let (journal, recovered) = self.data.open(&config)?;
        let clock = Clock::start();
        let node = Node::start(Setup {
            config: config.clone(),
            sounds,
            sip: loaded.centre.listen,
            advertised: (loaded.centre.public != loaded.centre.listen.ip()).then_some(loaded.centre.public),
            rtp_ports: loaded.centre.rtp_ports.0..=loaded.centre.rtp_ports.1,
            control: self.control.unwrap_or(loaded.centre.control),
            shards: loaded.centre.shards,
            journal: Some(journal.writer()),
            events_so_far: recovered.last,
            reload: reload_from(dir),
            clock,
        })
        .map_err(|e| e.to_string())?;
        let wallboard =
            loaded.centre.wallboard.map(|at| wallboard::start(at, &loaded.centre.name, &config, &node, clock));
        let wallboard = match wallboard.transpose() {
            Ok(wallboard) => wallboard,
            Err(why) => {
                node.stop(); // all sockets are opened, or none
                return Err(why);
            }
        };
        let shown = wallboard.as_ref().map_or("none".to_owned(), |(w, _)| format!("http://{}/", w.address()));
        say!("ready sip=udp:{} control={} wallboard={shown}", node.sip(), node.control());
        let stop = Stop::new();
        on_signals(&stop).map_err(|e| format!("signals cannot be heard: {e}"))?;
        wait(&stop);
        let within = self.drain.unwrap_or(Duration::from_secs(u64::from(loaded.centre.drain_s)));
        say!("draining: no new calls; {} running ones may go on for {} s", node.calls(), within.as_secs());
        let cut = node.drain(within);
        let counts = node.counts();
        node.stop();
        drop(wallboard);
        let status = journal.close();
        say!(
            "stopped: {cut} calls were cut off, {} events kept, {} datagrams dropped",
            status.durable,
            counts.new_calls_dropped + counts.others_dropped
        );
        Ok(true)
    }
}

/// What reads the folder again for `reload`.
pub fn reload_from(dir: PathBuf) -> switchboard_node::Reload {
    Box::new(move |live| {
        let (loaded, faults) = load::read(Some(&dir));
        match loaded {
            Some(loaded) => load::engine(&loaded.following(&live.menus)),
            None => Err(switchboard_source::render(&faults)),
        }
    })
}

/// Sleeps until the end is said.
pub fn wait(stop: &Stop) {
    let thread = std::thread::current();
    stop.on_raise(move || thread.unpark());
    while !stop.is_raised() {
        std::thread::park();
    }
}

/// Transitions go to standard error where `RUST_LOG` asks for them, e.g. `RUST_LOG=switchboard=debug`.
pub fn log() -> Option<()> {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init().ok()
}
