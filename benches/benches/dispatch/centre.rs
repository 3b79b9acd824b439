//! A real centre on ports of its own: the embedded configuration with one team of agents who are all alike.
//!
//! What differs from `config/`, and why: agents of one profile (so that order has one meaning), no after-call work and no
//! announcement (so that an agent is free when he hangs up), and bounds above the load (so that no call is refused). Everything
//! else, the journal on the disk included, is as `serve` has it.
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use switchboard_engine::Config;
use switchboard_engine::config::AgentConfig;
use switchboard_media::{Sound, Sounds};
use switchboard_model::AgentId;
use switchboard_net::{Clock, Marks};
use switchboard_node::{ControlReply, ControlRequest, Figures, Node, NodeCounts, Setup, StreamAddresses};
use switchboard_sip::registrar::{Account, Password};
use switchboard_stats::Fold;
use switchboard_store::Journal;

/// What all centres of a run are made from.
pub struct Blueprint {
    config: Arc<Config>,
    sounds: Arc<Sounds>,
    /// RTP ports of each centre.
    ports: usize,
}

/// The password of every telephone.
pub const PASSWORD: &str = "bench";

/// A running centre.
pub struct Centre {
    node: Node,
    figures: Figures,
    journal: Journal,
    _record: tempfile::TempDir,
}

/// What went wrong inside, all of it zero in a run without loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lost {
    /// Datagrams and facts that found a full ring.
    pub in_rings: u64,
    /// Contact events that were not kept.
    pub events: u64,
}

impl Blueprint {
    /// With so many agents, and two of `ports` a call.
    pub fn new(agents: usize, ports: usize) -> Blueprint {
        let (loaded, faults) = switchboard_config::embedded::load();
        assert!(faults.is_empty(), "the embedded configuration has faults:\n{}", switchboard_source::render(&faults));
        let mut loaded = loaded.expect("nothing is wrong");
        loaded.let_in(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut config = loaded.engine().expect("the embedded layout is possible");
        let model = config.agents.last().expect("there are agents").clone();
        config.agents = (0..agents).map(|n| alike(&model, n)).collect();
        for queue in &mut config.queues {
            queue.announce_agent_id = false;
            queue.queue.max_waiting = CALLS_MAX;
        }
        for trunk in &mut config.trunks {
            trunk.calls_max = CALLS_MAX;
        }
        config.limits.calls_max = CALLS_MAX;
        config.rules.work.time = Duration::ZERO;
        config.lay_out().expect("one profile is always possible");
        let mut sounds = Sounds::new();
        for prompt in loaded.menus.prompts() {
            sounds.insert(prompt.id, Arc::new(Sound::from_wav(&prompt.sound).expect("an embedded prompt is sound")));
        }
        Blueprint { config: Arc::new(config), sounds: Arc::new(sounds), ports }
    }

    /// Starts one.
    pub fn start(&self) -> Result<Centre, String> {
        let record = tempfile::tempdir().map_err(|e| format!("no folder for the record: {e}"))?;
        let (journal, _) = Journal::open(record.path()).map_err(|e| e.to_string())?;
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let first = FIRST_RTP_PORT;
        let node = Node::start(Setup {
            config: self.config.clone(),
            sounds: self.sounds.clone(),
            sip: any,
            streams: StreamAddresses::default(),
            advertised: None,
            marks: Marks::default(),
            rtp_ports: first..=first + (self.ports as u16 - 1) * 2,
            control: any,
            shards: 1,
            journal: Some(journal.writer()),
            events_so_far: BTreeMap::new(),
            reload: Box::new(|_| Err("a bench does not reload".to_owned())),
            clock: Clock::start(),
        })
        .map_err(|e| e.to_string())?;
        Ok(Centre { figures: node.figures(), node, journal, _record: record })
    }
}

impl Centre {
    /// Where SIP is reached.
    pub fn sip(&self) -> SocketAddr {
        self.node.sip()
    }
    /// How many callers wait for a person, by the figures; those rung for among them.
    pub fn waiting(&self) -> u64 {
        self.figures.with_fold(Fold::waiting)
    }
    /// How many have not yet asked for a person, by the figures.
    pub fn before_the_line(&self) -> u64 {
        self.figures.with_fold(Fold::in_menu)
    }
    /// How many hear the menu, by the shard itself: their ACK has been read.
    pub fn in_menu(&self) -> usize {
        match self.node.ask(ControlRequest::Calls) {
            ControlReply::Calls { calls } => calls.iter().filter(|c| c.state == "Menu").count(),
            other => panic!("the centre was asked for its calls and said {other:?}"),
        }
    }

    /// Ends it; what was lost in its life.
    pub fn stop(self) -> Lost {
        self.node.drain(Duration::ZERO);
        let NodeCounts { new_calls_dropped, others_dropped, facts_lost, .. } = self.node.counts();
        self.node.stop();
        let kept = self.journal.close();
        Lost { in_rings: new_calls_dropped + others_dropped + facts_lost, events: kept.records_lost }
    }
}

fn alike(model: &AgentConfig, n: usize) -> AgentConfig {
    let user = agent_user(n);
    AgentConfig {
        id: AgentId(n as u32),
        agent_id: user.clone(),
        name: format!("agent {n}"),
        account: Account { user, password: Password::Plain(PASSWORD.to_owned()) },
        ..model.clone()
    }
}

/// The telephone's user of the `n`th agent.
pub fn agent_user(n: usize) -> String {
    format!("{}", 7_000 + n)
}

/// Above whatever the load can keep alive.
const CALLS_MAX: u32 = 10_000;
/// Away from the demo's and from the ports that programs are given at random.
const FIRST_RTP_PORT: u16 = 22_000;
