//! The demo's people, and how one joins them.
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use switchboard_benches::{AgentSeat, Demand};
use switchboard_engine::Config;
use switchboard_people::Habit;
use switchboard_sip::registrar::Password;

/// Everybody in the configuration but the last agent, whose place is left for a visitor.
pub fn agents(config: &Config) -> Vec<AgentSeat> {
    let simulated = config.agents.len().saturating_sub(1);
    let seat = |(n, agent): (usize, &switchboard_engine::config::AgentConfig)| AgentSeat {
        user: agent.account.user.clone(),
        password: plain(&agent.account.password),
        habit: Habit {
            // One in six lets a call ring now and then.
            lets_ring: if n % 6 == 5 { 0.25 } else { 0.0 },
            picks_up: (Duration::from_millis(800), Duration::from_millis(3_500)),
            talks: (Duration::from_secs(4), Duration::from_secs(30)),
            ..Habit::steady()
        },
    };
    config.agents.iter().take(simulated).enumerate().map(seat).collect()
}

/// The demo's passwords are in the open, in its embedded configuration.
fn plain(password: &Password) -> String {
    match password {
        Password::Plain(password) => password.clone(),
        Password::Ha1 { .. } => unreachable!("the embedded configuration has plain passwords"),
    }
}

/// The demo's callers: they want what a bank's callers want.
pub fn demand(rate: f64) -> Demand {
    let keys = [
        (0.30, "0"),
        (0.15, "1"),
        (0.12, "2"),
        (0.10, "10"),
        (0.08, "4"),
        (0.05, "9"),
        (0.04, "80"),
        (0.02, "7"),
        (0.02, "*0"),
    ];
    Demand {
        calls_per_s: rate,
        dials: "9500".to_owned(),
        patience_mean_s: 22.0,
        patience_least: Duration::from_secs(6),
        talk_mean_s: 5.0,
        talk_least: Duration::from_secs(2),
        keys: keys.iter().map(|(p, line)| (*p, (*line).to_owned())).collect(),
        first_key: (Duration::from_secs(1), Duration::from_secs(7)),
    }
}

/// How to join in, as it is printed.
pub struct JoinIn<'a> {
    /// Where SIP is reached.
    pub sip: SocketAddr,
    /// Where the control channel is reached.
    pub control: SocketAddr,
    /// The rules.
    pub config: &'a Config,
    /// Where the record is.
    pub data: &'a Path,
}

impl fmt::Display for JoinIn<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JoinIn { sip, control, config, data } = self;
        writeln!(
            f,
            "The centre runs at sip:{sip} (UDP), {} agents, {} queues. Join in:",
            config.agents.len() - 1,
            config.queues.len()
        )?;
        writeln!(f, "  as a caller   dial sip:9500@{sip} with any softphone; 0 brings you to a person")?;
        if let Some(agent) = config.agents.last() {
            writeln!(
                f,
                "  as an agent   register user {} password {} at {sip}, and answer when it rings",
                agent.account.user,
                plain(&agent.account.password)
            )?;
        }
        writeln!(f, "  your trunk    in config/trunks.yaml:")?;
        writeln!(f, "                  - name: my-carrier")?;
        writeln!(f, "                    sources: [192.0.2.10]      # where its INVITEs come from")?;
        writeln!(f, "                    numbers: {{ \"9500\": main }} # dialled number: menu")?;
        writeln!(f, "                then: switchboard serve --config config")?;
        writeln!(f, "  why?          switchboard explain --longest --control {control}")?;
        writeln!(f, "  the record    {}; Ctrl-C ends the day and prints its report", data.display())
    }
}
