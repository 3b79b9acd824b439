//! Everything started in the right order, and ended in the reverse one.
//!
//! ```text
//!   start:  sockets (all or nothing) ─► figures ─► shards, floor, media ─► control ─► reader: now calls come
//!   end:    drain (no new calls) ─► running ones end by themselves, until the limit ─► the rest is ended ─► threads, journal
//! ```
use crate::control::{self, Answers, ControlReply, ControlRequest};
use crate::ear::StreamEar;
use crate::figures::{Figures, FiguresThread};
use crate::floor_thread::{FloorMail, FloorRings, FloorThread};
use crate::media_thread::{MediaMail, MediaThread};
use crate::router::{Dropped, Router};
use crate::shard_thread::{ShardMail, ShardRings, ShardThread};
use crate::sip_out::SipOut;
use crate::tape::{Tape, ladder};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use switchboard_api::orders::{Centre, Feed};
use switchboard_engine::command::{CallOrder, Order, Reply};
use switchboard_engine::{Config, Floor, FloorSetup, Ports, Shard, ShardSetup};
use switchboard_matcher::Matcher;
use switchboard_media::{Media, MediaConfig, Sounds};
use switchboard_model::{AgentId, Chance, ContactEvent, ENDPOINT_FLOOR, EndpointId, FlowId, ShardId, What};
use switchboard_net::{
    BindError, Clock, Dscp, Lateness, Marks, PortStock, RtpLoop, SipSocket, Stop, StreamCounts, StreamSender,
    StreamSetup, StreamSockets, Tls, TlsError, TlsFiles, run_streams, seed,
};
use switchboard_reach::Reach;
use switchboard_sip::EndpointConfig;
use switchboard_sip::registrar::RegistrarConfig;
use switchboard_store::Writer;

/// Reads the configuration again, or says in words for the operator why not.
pub type Reload = Box<dyn Fn(&Config) -> Result<(Arc<Config>, Arc<Sounds>), String> + Send>;

/// What a centre is started from.
pub struct Setup {
    /// The rules.
    pub config: Arc<Config>,
    /// The sounds of its prompts.
    pub sounds: Arc<Sounds>,
    /// Where SIP listens.
    pub sip: SocketAddr,
    /// Where SIP is taken over connections.
    pub streams: StreamAddresses,
    /// The address of SIP and RTP as others see it, if it differs from the one listened on.
    pub advertised: Option<IpAddr>,
    /// Where RTP comes in; two even ports a call.
    pub rtp_ports: RangeInclusive<u16>,
    /// How urgent what we send is.
    pub marks: Marks,
    /// Where the control channel listens; must be on loopback.
    pub control: SocketAddr,
    /// 1 to 15.
    pub shards: u8,
    /// The journal, if events are kept.
    pub journal: Option<Writer>,
    /// The number of each writer's last event in the record that goes on; empty for a new record.
    pub events_so_far: BTreeMap<ShardId, u64>,
    /// Reads the configuration again; says why not in words for the operator.
    pub reload: Reload,
    /// The clock.
    pub clock: Clock,
}

/// Where SIP is taken over connections.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StreamAddresses {
    /// TCP. With port 0 the port that UDP got.
    pub tcp: Option<SocketAddr>,
    /// TLS, with what.
    pub tls: Option<(SocketAddr, TlsFiles)>,
    /// By which name whoever is called there over TLS must be known; by its address if it has none here.
    pub names: BTreeMap<SocketAddr, String>,
}

/// Why a centre could not be started. Nothing of it runs.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A socket could not be opened.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The control channel is not on loopback, or its port is taken.
    #[error("the control channel cannot listen on {address}: {why}")]
    Control {
        /// Where.
        address: SocketAddr,
        /// Why, and what to do.
        why: String,
    },
    /// Certificates could not be used.
    #[error("centre.yaml, tls: {0}")]
    Tls(#[from] TlsError),
    /// The layout of queues and agents is impossible.
    #[error(transparent)]
    Layout(#[from] switchboard_acd::LayoutError),
    /// The kernel refused a timer or a thread.
    #[error("the kernel refused a thread, a timer or chance: {0}")]
    Kernel(#[from] std::io::Error),
}

/// A running centre.
pub struct Node {
    handles: Arc<Handles>,
    stop: Stop,
    figures: Figures,
    figures_thread: JoinHandle<()>,
    threads: Vec<JoinHandle<()>>,
    sip: SocketAddr,
    control: SocketAddr,
    calls: Vec<Arc<AtomicU64>>,
    counts: Arc<Dropped>,
    sender: switchboard_net::Sender,
    streams: StreamSender,
    tcp: Option<SocketAddr>,
    tls: Option<SocketAddr>,
    lateness: Arc<Mutex<Lateness>>,
    facts_lost: Arc<AtomicU64>,
}

/// What went through, and what found no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct NodeCounts {
    /// New INVITEs that found their shard's ring full.
    pub new_calls_dropped: u64,
    /// Other datagrams that found a full ring.
    pub others_dropped: u64,
    /// Datagrams that were no SIP.
    pub garbage: u64,
    /// Facts of the media thread that found a full ring.
    pub facts_lost: u64,
    /// Datagrams received.
    pub received: u64,
    /// Datagrams sent.
    pub sent: u64,
    /// The media tick's lateness that 99 % did not exceed, in microseconds.
    pub tick_late_us_p99: u64,
}

/// What the control channel works with.
pub struct Handles {
    pub(crate) shards: Vec<ShardMail>,
    pub(crate) floor: FloorMail,
    pub(crate) answers: Arc<Answers>,
    pub(crate) matcher: Mutex<Arc<Matcher>>,
    /// For so many agents the rings have room.
    pub(crate) agents_max: usize,
    pub(crate) config: Mutex<Arc<Config>>,
    pub(crate) figures: crate::figures::FiguresMail,
    pub(crate) tapes: Vec<Arc<Mutex<Tape>>>,
    pub(crate) seq: AtomicU64,
    pub(crate) clock: Clock,
    pub(crate) reload: Mutex<Reload>,
    pub(crate) media: MediaMail,
    /// Those of the live configuration alone.
    pub(crate) sounds: Mutex<Arc<Sounds>>,
    /// Where they are read from, and those in force.
    pub(crate) certificates: Option<(TlsFiles, Tls)>,
}

/// Agents for whom the rings between the threads have room beyond twice those of the configuration the centre is started with: as
/// many may come by reloads. A place is some bytes.
const AGENTS_ROOM: usize = 64;

/// RTP ports of one shard must be one run of slots; the media thread has them all.
fn split(total: usize, shards: u8) -> usize {
    total / usize::from(shards)
}

impl Node {
    /// Starts a centre.
    pub fn start(setup: Setup) -> Result<Node, StartError> {
        switchboard_net::no_core_dumps()?;
        assert!((1..=15).contains(&setup.shards), "{} shards: 1 to 15 are possible", setup.shards);
        let Setup { mut config, sounds, clock, .. } = setup;
        if config.next_lapse().is_some_and(|at| at <= clock.now()) {
            let mut lapsed = (*config).clone();
            lapsed.lapse(clock.now());
            lapsed.lay_out()?;
            config = Arc::new(lapsed);
        }
        let (socket, sockets, certificates) = sip_sockets(setup.sip, setup.streams, setup.marks.signalling)?;
        let local = socket.local();
        let sip = SipOut { udp: socket.sender(), streams: sockets.sender() };
        let (tcp, tls) = (sockets.tcp(), sockets.tls());
        let listener = control_listener(setup.control)?;
        let control_address = listener.local_addr()?;
        let count = setup.rtp_ports.clone().filter(|p| p % 2 == 0).count();
        let stock = PortStock::open(local.ip(), setup.rtp_ports, count)?;
        stock.iter().try_for_each(|s| s.mark(setup.marks.media))?;
        let advertised =
            |address: SocketAddr| SocketAddr::new(setup.advertised.unwrap_or(address.ip()), address.port());
        let addresses: Vec<SocketAddr> = stock.iter().map(|s| advertised(s.local())).collect();
        let rtp = RtpLoop::new(clock, 0, stock)?;
        let matcher = Arc::new(Matcher::new(config.layout.plan()?));
        let stop = Stop::new();
        let agents = config.layout.agent_count() * 2 + AGENTS_ROOM;
        let first_start = clock.now();
        let mut chance = Chance::from_seed(seed()?);

        let so_far = |writer: ShardId| setup.events_so_far.get(&writer).copied().unwrap_or(0);
        let (figures_mail, figures, figures_thread) = FiguresThread::new(
            setup.journal,
            &setup.events_so_far,
            Arc::new(Feed::new(first_start.millis())),
            stop.clone(),
        );
        figures_mail.tell(config_live(&config, clock, so_far(NODE) + 1));
        let (floor_mail, floor_rings) = FloorRings::new(agents);
        let facts_lost = Arc::new(AtomicU64::new(0));
        let media = Media::new(sounds.clone(), Chance::from_seed(chance.seed()), MediaConfig::default());
        let (media_mail, mut media_thread) = MediaThread::new(media, rtp, clock, stop.clone(), facts_lost.clone());
        let lateness = media_thread.lateness();
        let reach = Arc::new(Reach::start(clock)?);
        let answers = Arc::new(Answers::default());
        let endpoint = |id: EndpointId, chance: &mut Chance| {
            let usual = EndpointConfig::new(id, advertised(local), &config.product, Chance::from_seed(chance.seed()));
            let secure = tls.map_or(usual.secure, &advertised);
            EndpointConfig { secure, ..usual }
        };
        let each = split(addresses.len(), setup.shards);
        let (mut mails, mut calls, mut shard_threads, mut tapes) = (vec![], vec![], vec![], vec![]);
        for n in 1..=setup.shards {
            let (mail, rings) = ShardRings::new(agents);
            let first = each * usize::from(n - 1);
            let shard = Shard::new(ShardSetup {
                id: ShardId(n),
                first_start,
                events_so_far: so_far(ShardId(n)),
                sip: endpoint(EndpointId(n), &mut chance),
                ports: Ports::new(first as u32, addresses[first..first + each].to_vec()),
                config: config.clone(),
                matcher: matcher.clone(),
            });
            let count = Arc::new(AtomicU64::new(0));
            let looked_up = mail.looked_up.clone();
            mails.push(mail);
            calls.push(count.clone());
            let tape = Arc::new(Mutex::new(Tape::default()));
            tapes.push(tape.clone());
            shard_threads.push(ShardThread {
                shard,
                rings,
                clock,
                stop: stop.clone(),
                sip: sip.clone(),
                floor: floor_mail.clone(),
                media: media_mail.clone(),
                reach: reach.clone(),
                looked_up,
                figures: figures_mail.clone(),
                answers: answers.clone(),
                tape,
                calls: count,
            });
        }
        media_thread.set_shards(mails.clone());
        let floor = Floor::new(
            FloorSetup {
                first_start,
                events_so_far: so_far(ShardId(0)),
                sip: endpoint(ENDPOINT_FLOOR, &mut chance),
                config: config.clone(),
                matcher: matcher.clone(),
                registrar: RegistrarConfig {
                    algorithms: config.digest.clone(),
                    ..RegistrarConfig::new(&config.realm, Chance::from_seed(chance.seed()))
                },
            },
            first_start,
        );
        let floor_thread = FloorThread {
            floor,
            rings: floor_rings,
            clock,
            stop: stop.clone(),
            sip: sip.clone(),
            shards: mails.clone(),
            figures: figures_mail.clone(),
            answers: answers.clone(),
        };
        let handles = Arc::new(Handles {
            shards: mails.clone(),
            floor: floor_mail.clone(),
            answers,
            matcher: Mutex::new(matcher),
            agents_max: agents,
            config: Mutex::new(config.clone()),
            figures: figures_mail,
            tapes,
            seq: AtomicU64::new(so_far(NODE) + 1),
            clock,
            reload: Mutex::new(setup.reload),
            media: media_mail,
            sounds: Mutex::new(sounds.clone()),
            certificates,
        });
        let counts = Arc::new(Dropped::default());
        let router = Router { shards: mails, floor: floor_mail, dropped: counts.clone() };
        let sender = socket.sender();

        let figures_thread = spawn("figures", move || figures_thread.run())?;
        let mut threads = vec![];
        for (n, thread) in shard_threads.into_iter().enumerate() {
            threads.push(spawn(&format!("shard-{}", n + 1), move || thread.run())?);
        }
        threads.push(spawn("floor", move || floor_thread.run())?);
        threads.push(spawn("media", move || {
            if let Err(e) = media_thread.run() {
                tracing::error!("the media thread ended: {e}");
            }
        })?);
        let (control_handles, control_stop) = (handles.clone(), stop.clone());
        threads.push(spawn("control", move || control::serve(listener, &control_handles, &control_stop))?);
        let (lapse_handles, lapse_stop) = (handles.clone(), stop.clone());
        threads.push(spawn("lapses", move || lapse_handles.watch_lapses(&lapse_stop))?);
        let (ear, streams_stop) = (StreamEar::new(router.clone(), config.product.clone()), stop.clone());
        threads.push(spawn("sip-streams", move || {
            if let Err(e) = run_streams(sockets, clock, &streams_stop, ear) {
                tracing::error!("the thread of SIP connections ended: {e}");
            }
        })?);
        let reader_stop = stop.clone();
        threads.push(spawn("sip-reader", move || {
            if let Err(e) = switchboard_net::run_reader(&socket, clock, &reader_stop, |_, from, bytes| {
                router.route(FlowId::UDP, from, bytes);
            }) {
                tracing::error!("the SIP reader ended: {e}");
            }
        })?);
        Ok(Node {
            handles,
            stop,
            figures,
            figures_thread,
            threads,
            sip: advertised(local),
            control: control_address,
            calls,
            counts,
            sender,
            streams: sip.streams,
            tcp: tcp.map(advertised),
            tls: tls.map(advertised),
            lateness,
            facts_lost,
        })
    }

    /// Where SIP is reached.
    pub fn sip(&self) -> SocketAddr {
        self.sip
    }
    /// Where SIP is reached over TCP.
    pub fn tcp(&self) -> Option<SocketAddr> {
        self.tcp
    }
    /// Where SIP is reached over TLS.
    pub fn tls(&self) -> Option<SocketAddr> {
        self.tls
    }
    /// What went through connections.
    pub fn stream_counts(&self) -> StreamCounts {
        self.streams.counts()
    }
    /// Where the control channel is reached.
    pub fn control(&self) -> SocketAddr {
        self.control
    }
    /// The figures.
    pub fn figures(&self) -> Figures {
        self.figures.clone()
    }
    /// How many calls there are now.
    pub fn calls(&self) -> u64 {
        self.calls.iter().map(|c| c.load(Ordering::Relaxed)).sum()
    }
    /// What went through, and what found no room.
    pub fn counts(&self) -> NodeCounts {
        let udp = self.sender.counts();
        NodeCounts {
            new_calls_dropped: self.counts.new_calls.load(Ordering::Relaxed),
            others_dropped: self.counts.others.load(Ordering::Relaxed),
            garbage: self.counts.garbage.load(Ordering::Relaxed),
            facts_lost: self.facts_lost.load(Ordering::Relaxed),
            received: udp.received,
            sent: udp.sent,
            tick_late_us_p99: self.lateness.lock().unwrap_or_else(std::sync::PoisonError::into_inner).micros_at(0.99),
        }
    }
    /// The centre, for an API.
    pub fn centre(&self) -> Arc<dyn Centre> {
        self.handles.clone()
    }
    /// Asks as the control channel would.
    pub fn ask(&self, request: ControlRequest) -> ControlReply {
        self.handles.answer(request)
    }

    /// No new calls from now on; running ones may go on for `within`, then they are ended. Returns how many were.
    pub fn drain(&self, within: Duration) -> u64 {
        self.handles.to_shards(&Order::Drain);
        self.wait_for_calls(within);
        let cut = self.calls();
        if cut > 0 {
            self.handles.to_shards(&Order::EndAll);
        }
        // BYEs are answered within this, as a rule; who does not answer is not waited for.
        self.wait_for_calls(LAST_WORDS);
        cut
    }

    fn wait_for_calls(&self, within: Duration) {
        let until = self.handles.clock.now() + within;
        while self.calls() > 0 && self.handles.clock.now() < until {
            // Nobody rings when the last call ends; ten looks a second cost nothing.
            std::thread::park_timeout(Duration::from_millis(100));
        }
    }

    /// Ends the threads and returns when the last event has been folded and kept. Call `drain` first.
    pub fn stop(self) {
        self.stop.raise();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread ended by a panic");
            }
        }
        drop(self.figures_thread.join());
    }
}

/// How long the last BYEs are waited for.
const LAST_WORDS: Duration = Duration::from_secs(2);

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<JoinHandle<()>> {
    std::thread::Builder::new().name(name.to_owned()).spawn(run)
}

/// UDP, the listeners for connections, and the papers that TLS shows.
type SipSockets = (SipSocket, StreamSockets, Option<(TlsFiles, Tls)>);

/// All of them or none. Where any port will do, TCP gets the one that UDP got, and another is tried while somebody else has that.
fn sip_sockets(sip: SocketAddr, streams: StreamAddresses, mark: Dscp) -> Result<SipSockets, StartError> {
    let tls = match streams.tls {
        None => None,
        Some((address, files)) => Some((address, Tls::open(&files)?, files)),
    };
    let mut tries = 0;
    loop {
        tries += 1;
        let socket = SipSocket::bind(sip)?.marked(mark)?;
        let tcp = streams.tcp.map(|at| match at.port() {
            0 => SocketAddr::new(at.ip(), socket.local().port()),
            _ => at,
        });
        let any = sip.port() == 0 && streams.tcp.is_some_and(|at| at.port() == 0);
        let setup = StreamSetup {
            tcp,
            tls: tls.as_ref().map(|(address, tls, _)| (*address, tls.clone())),
            names: streams.names.clone(),
            mark: Some(mark),
            ..StreamSetup::default()
        };
        match StreamSockets::bind(setup) {
            Ok(sockets) => return Ok((socket, sockets, tls.map(|(_, tls, files)| (files, tls)))),
            Err(BindError::InUse(at)) if any && Some(at) == tcp && tries < PORT_TRIES => {}
            Err(e) => return Err(e.into()),
        }
    }
}

/// A port that is free for UDP is nearly always free for TCP too.
const PORT_TRIES: u32 = 16;

fn control_listener(address: SocketAddr) -> Result<TcpListener, StartError> {
    if !address.ip().is_loopback() {
        let why = "it is for the operator on this machine and takes orders without a password; choose 127.0.0.1 or ::1"
            .to_owned();
        return Err(StartError::Control { address, why });
    }
    TcpListener::bind(address)
        .map_err(|e| StartError::Control { address, why: format!("{e}; choose another port, or 0 for any") })
}

/// The node's own events bear the number 255: neither a shard nor the floor wrote them.
const NODE: ShardId = ShardId(255);

pub(crate) fn config_live(config: &Config, clock: Clock, seq: u64) -> ContactEvent {
    let what = What::ConfigLive { hash: config.hash.clone() };
    ContactEvent { v: ContactEvent::VERSION, by: NODE, seq, at: clock.now(), call: None, what }
}

impl Handles {
    /// Answers a question or carries out an order.
    pub fn answer(&self, request: ControlRequest) -> ControlReply {
        match request {
            ControlRequest::Explain { call } => self.explain(call),
            ControlRequest::Trace { call } => self.trace(call),
            ControlRequest::Agents { stuck } => match self.ask_floor(Order::Agents { stuck }) {
                Reply::Agents { agents } => ControlReply::Agents { agents },
                other => refused(other),
            },
            ControlRequest::Trunks => match self.ask_floor(Order::Trunks) {
                Reply::Trunks { trunks } => ControlReply::Trunks { trunks },
                other => refused(other),
            },
            ControlRequest::Calls => {
                let mut all = vec![];
                for reply in self.to_shards(&Order::Calls) {
                    match reply {
                        Reply::Calls { calls } => all.extend(calls),
                        other => return refused(other),
                    }
                }
                ControlReply::Calls { calls: all }
            }
            ControlRequest::AgentReady { agent } => refused(self.ask_floor(Order::AgentReady { agent })),
            ControlRequest::AgentNotReady { agent, reason, minutes } => {
                refused(self.ask_floor(Order::AgentNotReady { agent, reason, minutes, by_leader: true }))
            }
            ControlRequest::ExplainAgent { agent } => match self.ask_floor(Order::ExplainAgent { agent }) {
                Reply::AgentExplanation(explanation) => ControlReply::AgentExplanation(explanation),
                other => refused(other),
            },
            ControlRequest::OnCall { agent, what } => self.on_call(agent, what),
            ControlRequest::Reload => self.reload(),
        }
    }

    /// The floor knows in which call an agent is; that call's shard carries the order out.
    fn on_call(&self, agent: AgentId, what: CallOrder) -> ControlReply {
        let call = match self.ask_floor(Order::CallOf { agent }) {
            Reply::CallOf { call } => call,
            other => return refused(other),
        };
        let shard = &self.shards[usize::from(call.shard().0) - 1];
        let order = Order::OnCall { call, agent, what };
        refused(self.answers.ask(order, |command| shard.commands.push(command).is_ok()))
    }

    pub(crate) fn explain(&self, call: Option<switchboard_model::CallId>) -> ControlReply {
        let mut waiting = vec![];
        for reply in self.to_shards(&Order::Waiting) {
            match reply {
                Reply::Waiting { entries } => waiting.extend(entries),
                other => return refused(other),
            }
        }
        match control::pick(waiting, call) {
            Some(entry) => match self.ask_floor(Order::Explain { entry }) {
                Reply::Explanation(explanation) => ControlReply::Explanation(explanation),
                other => refused(other),
            },
            None if let Some(call) = call => match self.ask_floor(Order::ExplainMatch { call }) {
                Reply::Decision(decision) => ControlReply::Decision(decision),
                Reply::Unknown { why } => ControlReply::Refused {
                    why: format!("this call is not waiting in a queue, and {why}; see `switchboard explain --longest`"),
                },
                other => refused(other),
            },
            None => ControlReply::Refused { why: "nobody waits".to_owned() },
        }
    }

    fn trace(&self, call: Option<switchboard_model::CallId>) -> ControlReply {
        let of = |tape: &Arc<Mutex<Tape>>| tape.lock().unwrap_or_else(std::sync::PoisonError::into_inner).of(call);
        let newest = self.tapes.iter().filter_map(of).max_by_key(|(_, said)| said.last().map(|s| s.at));
        match newest {
            Some((call, said)) => ControlReply::Done { text: ladder(call, &said) },
            None => ControlReply::Refused {
                why: "no message of such a call is kept: there was none, or newer ones have taken its place".to_owned(),
            },
        }
    }

    pub(crate) fn ask_floor(&self, order: Order) -> Reply {
        self.answers.ask(order, |command| self.floor.commands.push(command).is_ok())
    }

    pub(crate) fn to_shards(&self, order: &Order) -> Vec<Reply> {
        self.shards
            .iter()
            .map(|s| self.answers.ask(order.clone(), |command| s.commands.push(command).is_ok()))
            .collect()
    }
}

fn refused(reply: Reply) -> ControlReply {
    match reply {
        Reply::Done => ControlReply::Done { text: "done".to_owned() },
        Reply::Asked => ControlReply::Done { text: "asked; a team leader must grant it".to_owned() },
        Reply::Refused { why } | Reply::Unknown { why } => ControlReply::Refused { why },
        Reply::Wrong { field, why } => ControlReply::Refused { why: format!("{field} {why}") },
        other => ControlReply::Refused { why: format!("an answer to another question came: {other:?}") },
    }
}
