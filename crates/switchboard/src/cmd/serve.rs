//! `switchboard serve`: the real thing.
use super::data::Data;
use super::load::{self, Where};
use super::menu::watch;
use super::{Done, seconds, wallboard};
use crate::cmd::say::say;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use switchboard_api::Kept;
use switchboard_config::{Loaded, TlsConf};
use switchboard_net::{ClientCertificates, Clock, Marks, Stop, TlsFiles, on_signals};
use switchboard_node::{Node, Setup, StreamAddresses};
use switchboard_store::{CatchUp, Place, Usually};

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
    /// Where the wallboard is shown, if not where centre.yaml says; `none` for nowhere.
    #[arg(long, value_name = "ADDRESS", value_parser = wall)]
    wallboard: Option<Wall>,
    /// How long running calls may go on after SIGTERM before they are ended, if not what centre.yaml says.
    #[arg(long, value_name = "TIME", value_parser = seconds)]
    drain: Option<Duration>,
}

/// How often the database catches up: what is asked of it by SQL is younger than this.
const COPY_EVERY: Duration = Duration::from_secs(1);

/// An address, or nowhere.
#[derive(Clone, Copy, Debug)]
struct Wall(Option<SocketAddr>);

fn wall(text: &str) -> Result<Wall, String> {
    if text == "none" {
        return Ok(Wall(None));
    }
    let address =
        text.parse().map_err(|_| format!("`{text}` is no address and port, as 127.0.0.1:5080, nor `none`"))?;
    Ok(Wall(Some(address)))
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
        let clock = Clock::start();
        let loaded = load::load_from_desk(&dir, &self.data.data, clock.now())?;
        let (config, sounds) = load::engine(&loaded)?;
        let record: Place = match &loaded.centre.record {
            None => Place::Beside,
            Some(address) => {
                address.0.parse().map_err(|e| format!("`record` in {}/centre.yaml: {e}", dir.display()))?
            }
        };
        let (journal, recovered) = self.data.open(&loaded, &config)?;
        let accounts = super::account::open(&self.data.data)?;
        let node = Node::start(Setup {
            config: config.clone(),
            sounds,
            sip: loaded.centre.listen,
            streams: streams(&loaded),
            advertised: (loaded.centre.public != loaded.centre.listen.ip()).then_some(loaded.centre.public),
            marks: Marks::of(loaded.centre.dscp.0, loaded.centre.dscp.1).expect("centre.yaml was checked: 0 to 63"),
            rtp_ports: loaded.centre.rtp_ports.0..=loaded.centre.rtp_ports.1,
            control: self.control.unwrap_or(loaded.centre.control),
            shards: loaded.centre.shards,
            journal: Some(journal.writer()),
            events_so_far: recovered.last,
            reload: reload_from(dir, self.data.data.clone(), clock),
            clock,
        })
        .map_err(|e| e.to_string())?;
        let usually = Usually::start(&self.data.data, move || clock.now());
        let copy = CatchUp::start(&self.data.data, record, COPY_EVERY);
        let kept = Kept {
            dir: Some(self.data.data.clone()),
            journal: Some(journal.writer()),
            copying: Some(copy.copying()),
            usual: usually.known(),
        };
        let shown = self.wallboard.map_or(loaded.centre.wallboard, |Wall(at)| at);
        let wallboard =
            shown.map(|at| wallboard::start(at, &loaded.centre.name, &config, &node, kept, clock, accounts));
        let wallboard = match wallboard.transpose() {
            Ok(wallboard) => wallboard,
            Err(why) => {
                node.stop(); // all sockets are opened, or none
                return Err(why);
            }
        };
        let shown = wallboard.as_ref().map_or("none".to_owned(), |(w, _)| format!("http://{}/", w.address()));
        let (or_none, sip) = (|a: Option<SocketAddr>| a.map_or("none".to_owned(), |a| a.to_string()), node.sip());
        let (tcp, tls) = (or_none(node.tcp()), or_none(node.tls()));
        say!("ready sip=udp:{sip} tcp={tcp} tls={tls} control={} wallboard={shown}", node.control());
        let stop = Stop::new();
        on_signals(&stop).map_err(|e| format!("signals cannot be heard: {e}"))?;
        watch::follow(self.data.data.clone(), node.control(), clock, stop.clone())
            .map_err(|e| format!("no thread can be started: {e}"))?;
        wait(&stop);
        let within = self.drain.unwrap_or(Duration::from_secs(u64::from(loaded.centre.drain_s)));
        say!("draining: no new calls; {} running ones may go on for {} s", node.calls(), within.as_secs());
        let cut = node.drain(within);
        let counts = node.counts();
        node.stop();
        drop(wallboard);
        drop(usually);
        let status = journal.close();
        let copied = copy.close();
        if let Some(why) = &copied.failing {
            eprintln!(
                "warning: the contact database lacks the last {} bytes of the journal and gets them after the next start: {why}",
                copied.behind_bytes
            );
        }
        say!(
            "stopped: {cut} calls were cut off, {} events kept, {} datagrams dropped",
            status.durable,
            counts.new_calls_dropped + counts.others_dropped
        );
        Ok(true)
    }
}

/// Where connections are taken, as the configuration says.
fn streams(loaded: &Loaded) -> StreamAddresses {
    let centre = &loaded.centre;
    let files = |tls: &TlsConf| TlsFiles {
        certificate: PathBuf::from(&tls.certificate),
        key: PathBuf::from(&tls.key),
        authorities: tls.authorities.as_ref().map(PathBuf::from),
        clients: if tls.clients_required { ClientCertificates::Required } else { ClientCertificates::NotAsked },
    };
    let named = loaded.trunks.iter().flat_map(|t| &t.sbcs).filter_map(|s| Some((s.at, s.name.clone()?)));
    StreamAddresses {
        tcp: centre.tcp,
        tls: centre.tls.as_ref().map(|tls| (tls.listen, files(tls))),
        names: named.collect(),
    }
}

/// What reads the folder again for `reload`.
pub fn reload_from(dir: PathBuf, data: PathBuf, clock: Clock) -> switchboard_node::Reload {
    Box::new(move |live| {
        let (loaded, faults) = load::read_from_desk(&dir, &data, clock.now())?;
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
