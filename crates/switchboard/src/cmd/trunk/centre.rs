//! The centre under test: this configuration, on loopback and on ports of its own, with no record kept.
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_config::Loaded;
use switchboard_engine::config::Source;
use switchboard_net::{BindError, Clock, Marks};
use switchboard_node::{ControlReply, ControlRequest, Node, Setup, StartError, StreamAddresses};
use switchboard_people::joint::SeenCall;

/// Starts it. Besides the trunk's own sources it takes calls from loopback; those from `ringing` are let ring for a while.
pub fn start(loaded: &Loaded, trunk: &str, ringing: SocketAddr, clock: Clock) -> Result<Node, String> {
    let (config, sounds) = super::load::engine(loaded)?;
    let mut config = (*config).clone();
    let mut tested = config.trunks.iter().find(|t| t.name == trunk).cloned().ok_or("the trunk is gone")?;
    // The test must not register at, or ask, the carrier in the running centre's name.
    (tested.sbcs, tested.registering) = (vec![], None);
    let from = |port| Source { address: ringing.ip(), prefix: 32, port };
    let mut rings = tested.clone();
    rings.sources = vec![from(Some(ringing.port()))];
    rings.answer_after = RINGS;
    tested.sources.push(from(None));
    config.trunks = vec![rings, tested];
    let (config, sip) = (Arc::new(config), SocketAddr::from(([127, 0, 0, 1], 0)));
    // The first run of ports that nobody else on this machine holds; below those that the kernel gives to whoever asks for any.
    for first in (10_000..32_000).step_by(usize::from(PORTS)) {
        let started = Node::start(Setup {
            config: config.clone(),
            sounds: sounds.clone(),
            sip,
            streams: StreamAddresses { tcp: Some(sip), ..StreamAddresses::default() },
            advertised: None,
            marks: Marks::default(),
            rtp_ports: first..=first + PORTS - 2,
            control: sip,
            shards: 1,
            journal: None,
            events_so_far: BTreeMap::new(),
            reload: Box::new(|_| Err("a centre under test keeps its configuration".to_owned())),
            clock,
        });
        match started {
            Ok(node) => return Ok(node),
            Err(StartError::Bind(BindError::Few { .. })) => {}
            Err(e) => return Err(e.to_string()),
        }
    }
    Err("between ports 10000 and 32000 there is no free run of ports for sound: end what holds them".to_owned())
}

/// What its board shows.
pub fn board(centre: &Node) -> Vec<SeenCall> {
    match centre.ask(ControlRequest::Calls) {
        ControlReply::Calls { calls } => calls
            .into_iter()
            .map(|c| SeenCall { from: c.from, first_dialled: c.first_dialled, state: c.state })
            .collect(),
        _ => vec![],
    }
}

/// Ends it.
pub fn stop(centre: Node) {
    centre.drain(Duration::ZERO);
    centre.stop();
}

/// Long enough to be cancelled.
const RINGS: Duration = Duration::from_secs(3);
/// Two even ports a call, for every call of a run, should none of them end.
const PORTS: u16 = 400;
