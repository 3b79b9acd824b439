//! The wallboard of a running centre: from the configuration to an address that people can open.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_api::orders::Orders;
use switchboard_api::orders::accounts::Accounts;
use switchboard_api::{AgentPlan, Kept, Plan, QueuePlan, Server, Wall, page_is_built};
use switchboard_engine::Config;
use switchboard_net::Clock;
use switchboard_node::Node;
use switchboard_stats::Formula;
use switchboard_store::Target;

/// The level is of the last half an hour, the interval in which centres are planned and judged.
const WINDOW: Duration = Duration::from_secs(1800);

/// Shows the wallboard of this node, or says why it cannot be shown.
pub fn start(
    address: SocketAddr,
    name: &str,
    config: &Config,
    node: &Node,
    kept: Kept,
    clock: Clock,
    accounts: Accounts,
) -> Result<(Server, Wall), String> {
    let wall = node.figures().publish(plan(name, config), kept, clock);
    let orders = Orders::new(node.centre(), accounts, node.figures().feed());
    let server = Server::start(address, wall.clone(), Some(Arc::new(orders))).map_err(|e| e.to_string())?;
    if !page_is_built() {
        eprintln!(
            "warning: the wallboard's page was not built into this program; build it with `make build`, which needs npm"
        );
    }
    Ok((server, wall))
}

fn plan(name: &str, config: &Config) -> Plan {
    let queue = |q: &switchboard_engine::config::QueueConfig| QueuePlan {
        id: q.queue.id,
        name: q.queue.name.clone(),
        target: Target { x_s: q.level_x_s, y_percent: q.level_y_percent },
    };
    let agent = |a: &switchboard_engine::config::AgentConfig| AgentPlan {
        id: a.id,
        agent_id: a.agent_id.clone(),
        name: a.name.clone(),
    };
    Plan {
        centre: name.to_owned(),
        queues: config.queues.iter().map(queue).collect(),
        agents: config.agents.iter().map(agent).collect(),
        window: WINDOW,
        formula: Formula::F8,
        short_s: 5,
    }
}
