//! `switchboard trunk state`: which SBCs live, where we are registered and until when.
use super::super::ask::Control;
use super::super::{Done, Json, write_json};
use crate::cmd::say::say;
use switchboard_engine::command::{RegistrationShown, TrunkShown};
use switchboard_model::Instant;
use switchboard_net::Clock;
use switchboard_node::{ControlReply, ControlRequest};

/// The trunks of a running centre.
#[derive(clap::Args, Debug)]
pub struct State {
    #[command(flatten)]
    control: Control,
    #[command(flatten)]
    json: Json,
}

impl State {
    /// Exit code 0: every trunk has an SBC that lives, or that is not asked, and is registered where it should be; 1: some have not.
    pub fn run(self) -> Done {
        let now = Clock::start().now();
        let trunks = match self.control.ask(&ControlRequest::Trunks)?? {
            ControlReply::Trunks { trunks } => trunks,
            other => return Err(format!("the centre answered another question: {other:?}")),
        };
        if trunks.is_empty() {
            say!("no trunk has `sbcs` in trunks.yaml, so nobody is asked and nothing is registered");
        }
        for trunk in &trunks {
            say!("{}", trunk.trunk);
            for sbc in &trunk.sbcs {
                let heard = sbc
                    .heard_at
                    .map_or("never answered".to_owned(), |at| format!("answered {} s ago", seconds(at, now)));
                say!("  SBC {}:{} {}, {heard}", sbc.transport.word(), sbc.at, sbc.health);
            }
            if let Some(registration) = &trunk.registration {
                say!("  {}", told(registration, now));
            }
        }
        write_json(self.json.json.as_deref(), &trunks)?;
        Ok(trunks.iter().all(|t| well(t, now)))
    }
}

fn well(trunk: &TrunkShown, now: Instant) -> bool {
    trunk.sbcs.iter().any(|s| s.health != "down") && trunk.registration.as_ref().is_none_or(|r| is_registered(r, now))
}

fn is_registered(registration: &RegistrationShown, now: Instant) -> bool {
    registration.until.is_some_and(|until| until > now)
}

fn told(registration: &RegistrationShown, now: Instant) -> String {
    let RegistrationShown { identity, until, by, service_route, associated, refused, next_at } = registration;
    let mut words = match (until, by) {
        (Some(until), Some(by)) if *until > now => {
            format!("registered {identity} at {by} for {} s more", seconds(now, *until))
        }
        _ => format!("NOT registered {identity}"),
    };
    if let Some(code) = refused {
        words += &format!("; last answer {code}");
    }
    if let Some(at) = next_at {
        words += &format!("; next attempt in {} s", seconds(now, *at));
    }
    for (name, values) in [("Service-Route", service_route), ("ours by P-Associated-URI", associated)] {
        if !values.is_empty() {
            words += &format!("; {name}: {}", values.join(", "));
        }
    }
    words
}

fn seconds(from: Instant, to: Instant) -> u64 {
    to.since(from).as_secs()
}
