//! A call to a number outside: by which of a trunk's SBCs, to which target, and what comes next when one does not do.
//!
//! ```text
//!   ask ─► floor: AskWays ─► Ways, those that live first ─► INVITE by the first of them
//!                 nobody answers, 408, 503 (RFC 3263 §4.3) ──► the next SBC, the same target
//!                 3xx ──► its Contacts that calls.yaml allows, each once (RFC 3261 §8.1.3.4) ──► the same SBC
//!                 any other refusal, or nothing left ──► over
//! ```
//! A redirection decides what is dialled, never who is asked: every INVITE goes to an SBC of the trunk, and a number that calls.yaml
//! does not allow is not called because somebody outside names it. How long it rings is `desk`'s.
use super::Facts;
use super::dial::Dialled;
use crate::config::{OutBy, ShownIn, Trunk};
use crate::effects::Effects;
use crate::input::{AskWays, ToFloor, WayOut};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use switchboard_model::{FlowId, Number, TrunkId};
use switchboard_sip::{Credentials, Terms};
use switchboard_wire::sip::Uri;

/// What is left to try.
#[derive(Debug, Serialize, Deserialize)]
pub struct WaysLeft {
    number: Number,
    /// None for a gateway.
    trunk: Option<TrunkId>,
    /// Which asking of the floor is not answered yet.
    asked: Option<u32>,
    /// The one in use first.
    ways: Vec<WayOut>,
    /// Where we were redirected to; none: the number itself.
    target: Option<String>,
    /// Targets of redirections that were not tried yet, the most wanted first.
    targets: Vec<String>,
    /// Targets of redirections, whether tried or not: each is taken once, so that nobody leads us in a circle.
    known: Vec<String>,
}

/// Targets of one call; a carrier redirects once or twice.
const TARGETS_MAX: usize = 5;

impl WaysLeft {
    /// Begins: the floor is asked, unless all calls go to one gateway. Or says why this call cannot go out.
    pub fn ask(number: &Number, facts: &Facts, fx: &mut Effects<'_>) -> Result<WaysLeft, String> {
        if facts.max_forwards <= 1 {
            return Err("the call has been passed on too often already (Max-Forwards, RFC 3261 §16.3)".to_owned());
        }
        let mut left = WaysLeft {
            number: number.clone(),
            trunk: None,
            asked: None,
            ways: vec![],
            target: None,
            targets: vec![],
            known: vec![],
        };
        match fx.config.outside.by.expect("who allows a number outside has said how it is called") {
            OutBy::Gateway(at) => left.ways.push(WayOut { at, flow: FlowId(0), routes: vec![] }),
            OutBy::Trunk(trunk) => {
                let ask = fx.new_claim();
                fx.tell_floor(ToFloor::AskWays(AskWays { trunk, call: fx.call, ask }));
                (left.trunk, left.asked) = (Some(trunk), Some(ask));
            }
        }
        Ok(left)
    }

    /// Whether the floor's answer is waited for.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// The floor has answered; false if it is not this asking that was answered.
    pub fn answered(&mut self, ask: u32, ways: Vec<WayOut>) -> bool {
        let ours = self.asked == Some(ask);
        if ours {
            (self.asked, self.ways) = (None, ways);
        }
        ours
    }

    /// The SBC in use does not do. True if there is another.
    pub fn next_way(&mut self) -> bool {
        if !self.ways.is_empty() {
            self.ways.remove(0);
        }
        !self.ways.is_empty()
    }

    /// The target in use does not do, or leads elsewhere. True if there is another.
    pub fn next_target(&mut self, contacts: Vec<String>, fx: &Effects<'_>) -> bool {
        let allowed = |uri: &str| Uri::parse(uri).is_some_and(|u| fx.config.outside.allows(&u.user()).is_ok());
        let mut new = vec![];
        for uri in contacts {
            let known = self.known.iter().any(|k| k.eq_ignore_ascii_case(&uri));
            if !known && allowed(&uri) && self.known.len() < TARGETS_MAX {
                self.known.push(uri.clone());
                new.push(uri);
            }
        }
        new.append(&mut self.targets);
        self.targets = new;
        if self.targets.is_empty() {
            return false;
        }
        let target = self.targets.remove(0);
        // If it names one of the trunk's SBCs, that one is meant.
        let named = Uri::parse(&target).and_then(Uri::sip).and_then(|u| u.socket());
        if let Some(place) = self.ways.iter().position(|w| Some(w.at) == named) {
            let way = self.ways.remove(place);
            self.ways.insert(0, way);
        }
        self.target = Some(target);
        true
    }

    /// Whom to ring now; nobody if no SBC is left.
    pub fn dialled(&self, facts: &Facts, fx: &Effects<'_>) -> Option<Dialled> {
        let way = self.ways.first()?;
        let trunk = self.trunk.and_then(|id| fx.config.trunks.get(usize::from(id.0)));
        let registering = trunk.and_then(|t| t.registering.as_ref());
        let identity = registering.and_then(|r| r.identity.split_once('@'));
        let shown = shown(trunk, &fx.config.outside.shown, identity.map(|(user, _)| user));
        let domain = identity.map(|(_, domain)| domain.to_owned());
        let uri = || match &domain {
            Some(domain) => format!("sip:{}@{domain}", self.number.raw),
            None => format!("sip:{}@{}", self.number.raw, way.at),
        };
        let host = domain.clone().unwrap_or_else(|| host(fx.sip.reached_at().ip()));
        let asserted = |header: &str| vec![(header.to_owned(), format!("<sip:{shown}@{host}>"))];
        let shown_in = trunk.map_or(ShownIn::From, |t| t.out.shown_in);
        let headers = match shown_in {
            ShownIn::From => vec![],
            ShownIn::Asserted => asserted("P-Asserted-Identity"),
            ShownIn::Preferred => asserted("P-Preferred-Identity"),
        };
        // Beside a header of its own the number leaves From to who we are registered as.
        let from = match (shown_in, identity) {
            (ShownIn::Asserted | ShownIn::Preferred, Some((user, _))) => user.to_owned(),
            _ => shown.clone(),
        };
        Some(Dialled {
            uri: self.target.clone().unwrap_or_else(uri),
            address: way.at,
            flow: way.flow,
            shown: from,
            headers,
            credentials: registering.map(|r| Credentials { user: r.user.clone(), password: r.password.clone() }),
            terms: Terms {
                from_host: domain,
                routes: way.routes.clone(),
                max_forwards: facts.max_forwards.saturating_sub(1),
                session_s: trunk.map(|t| t.out.session_s),
                session_s_min: None,
                reliable: trunk.is_some(),
            },
        })
    }
}

/// What calls.yaml says goes before what the trunk says, and that before the number we are registered by.
fn shown(trunk: Option<&Trunk>, everywhere: &str, identity: Option<&str>) -> String {
    let of_trunk = trunk.map_or("", |t| t.out.shown.as_str());
    let all = [everywhere, of_trunk, identity.unwrap_or_default()];
    all.into_iter().find(|s| !s.is_empty()).unwrap_or("anonymous").to_owned()
}

fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}
