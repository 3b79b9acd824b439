//! We register with a carrier, as an IMS wants of a private branch exchange (RFC 3261 §10.2, 3GPP TS 24.229 §5.1.1).
//!
//! ```text
//!             200                     600 s before its end, or at half (TS 24.229 §5.1.1.4.1)
//!   Asking ────────► Registered ─────────────────────────────────► Asking
//!    ▲  │ 423: once more with Min-Expires
//!    │  │ no answer, 5xx: the next SBC at once, until all were asked
//!    │  └──────────► Waiting: 30 s · 2ⁿ, at most half an hour, from half of it to all by chance (RFC 5626 §4.5)
//!    └──────────────────┘
//! ```
//! While a refresh fails we stay registered until the time we were given is over. Digest (401, 407) is the endpoint's.
use super::Hands;
use super::peer::Peer;
use crate::command::RegistrationShown;
use crate::config::Registering;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_sip::{Credentials, Endpoint, OutRequest, RequestId, Series};
use switchboard_wire::sip::{Address, split_commas};

/// Our registration with one carrier.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Registration {
    /// As it was asked for, to see whether that has changed.
    wanted: Registering,
    /// One Call-ID for all, with rising CSeq (RFC 3261 §10.2).
    series: Series,
    /// What 423 taught us.
    expires_s: u32,
    stage: Stage,
    /// What the registrar last gave us; while it lasts we can be called.
    given: Option<Given>,
    /// Attempts in a row by all SBCs that failed.
    failures: u32,
    /// The last refusal.
    refused: Option<u16>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Stage {
    Asking { request: RequestId, peer: usize, tried: Vec<usize>, shortened: bool },
    Waiting { at: Instant },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Given {
    until: Instant,
    peer: usize,
    /// The way of calls out (RFC 3608).
    service_route: Vec<String>,
    /// The numbers that are ours (RFC 7315 §4.1); the first is our default identity.
    associated: Vec<String>,
}

/// RFC 5626 §4.5: the first wait when every flow has failed, and the longest.
const BACK_OFF: Duration = Duration::from_secs(30);
const BACK_OFF_MAX: Duration = Duration::from_secs(1_800);
/// TS 24.229 §5.1.1.4.1: so long before the end, if more than twice that was given; else at half.
const BEFORE_THE_END: Duration = Duration::from_secs(600);

impl Registration {
    pub fn new(wanted: &Registering, hands: &mut Hands<'_>) -> Registration {
        Registration {
            wanted: wanted.clone(),
            series: hands.sip.new_series(),
            expires_s: wanted.expires_s,
            stage: Stage::Waiting { at: hands.now },
            given: None,
            failures: 0,
            refused: None,
        }
    }

    pub fn is_for(&self, wanted: &Registering) -> bool {
        self.wanted == *wanted
    }

    pub fn asked(&self) -> Option<RequestId> {
        match &self.stage {
            Stage::Asking { request, .. } => Some(*request),
            Stage::Waiting { .. } => None,
        }
    }

    pub fn next_timeout(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Asking { .. } => None,
            Stage::Waiting { at } => Some(*at),
        }
    }

    pub fn on_time(&mut self, peers: &mut [Peer], hands: &mut Hands<'_>) {
        if matches!(&self.stage, Stage::Waiting { at } if *at <= hands.now) {
            self.ask_next(vec![], peers, hands);
        }
    }

    pub fn on_response(&mut self, code: u16, headers: &[(String, String)], peers: &mut [Peer], hands: &mut Hands<'_>) {
        let now = hands.now;
        let waiting = Stage::Waiting { at: now };
        let Stage::Asking { peer, tried, shortened, .. } = std::mem::replace(&mut self.stage, waiting) else {
            return;
        };
        let nobody = matches!(code, 408 | 503);
        if let Some(asked) = peers.get_mut(peer) {
            if nobody { asked.silent(now) } else { asked.heard(now) }
        }
        let value = |name: &str| headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
        match code {
            200..300 => self.registered(peer, headers, hands),
            423 if !shortened => {
                let least = value("Min-Expires").and_then(|v| v.trim().parse().ok());
                self.expires_s = least.filter(|s| (1..=EXPIRES_S_MAX).contains(s)).unwrap_or(self.expires_s * 2);
                self.ask(peer, tried, true, peers, hands);
            }
            500..600 | 408 => {
                self.refused = Some(code);
                let wait = value("Retry-After").and_then(|v| v.split([';', ' ', '(']).next()?.trim().parse().ok());
                let more = peers.len() > tried.len();
                match more {
                    true => self.ask_next(tried, peers, hands),
                    false => self.back_off(wait.map(Duration::from_secs), hands),
                }
            }
            // It will not help to ask another: credentials or identity are wrong.
            _ => {
                self.refused = Some(code);
                self.back_off(None, hands);
            }
        }
    }

    /// Says that we go, to whom we are registered with. Nobody waits for the answer.
    pub fn leave(mut self, peers: &[Peer], now: Instant, sip: &mut Endpoint) {
        if let Some(given) = self.given.take()
            && let Some(peer) = peers.get(given.peer)
        {
            self.expires_s = 0;
            let request = self.request(peer, sip);
            sip.request_of(now, request, &mut self.series);
        }
    }

    /// With which SBC we are registered, and the way that calls out must take from there.
    pub fn way(&self, now: Instant) -> Option<(usize, &[String])> {
        self.given.as_ref().filter(|g| g.until > now).map(|g| (g.peer, g.service_route.as_slice()))
    }

    pub fn shown(&self, peers: &[Peer]) -> RegistrationShown {
        let given = self.given.as_ref();
        RegistrationShown {
            identity: self.wanted.identity.clone(),
            until: given.map(|g| g.until),
            by: given.and_then(|g| peers.get(g.peer)).map(|p| p.at),
            service_route: given.map_or(vec![], |g| g.service_route.clone()),
            associated: given.map_or(vec![], |g| g.associated.clone()),
            refused: self.refused,
            next_at: self.next_timeout(),
        }
    }

    fn registered(&mut self, peer: usize, headers: &[(String, String)], hands: &mut Hands<'_>) {
        let all = |name: &str| {
            let of = headers.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name));
            let parts = of.flat_map(|(_, v)| split_commas(v)).map(|v| v.trim().to_owned());
            parts.filter(|v| !v.is_empty()).collect::<Vec<String>>()
        };
        let expires = self.ours(&all("Contact"), hands.sip).or_else(|| all("Expires").first()?.parse().ok());
        let given_s = expires.unwrap_or(self.expires_s).min(EXPIRES_S_MAX);
        if given_s == 0 {
            // A registrar that accepts and gives nothing has not registered us.
            self.given = None;
            return self.back_off(None, hands);
        }
        let given = Duration::from_secs(u64::from(given_s));
        self.given = Some(Given {
            until: hands.now + given,
            peer,
            service_route: all("Service-Route"),
            associated: all("P-Associated-URI"),
        });
        (self.failures, self.refused) = (0, None);
        let refresh = if given > BEFORE_THE_END * 2 { given - BEFORE_THE_END } else { given / 2 };
        self.stage = Stage::Waiting { at: hands.now + refresh };
    }

    /// The seconds that the answer gives to our own Contact among those it lists.
    fn ours(&self, contacts: &[String], sip: &Endpoint) -> Option<u32> {
        let ours = sip.reached_at();
        let of_us = |a: &Address<'_>| {
            let there = a.uri.sip().and_then(|u| u.socket()).map(|s| s.ip());
            a.uri.user() == self.wanted.contact_user && there == Some(ours.ip())
        };
        contacts.iter().filter_map(|c| Address::parse(c)).find(of_us)?.params().value("expires")?.parse().ok()
    }

    fn ask_next(&mut self, tried: Vec<usize>, peers: &mut [Peer], hands: &mut Hands<'_>) {
        // Where we are registered is asked first while it lives (a registration moves only when it must).
        let now_at = self.given.as_ref().map(|g| g.peer);
        let left = (0..peers.len()).filter(|n| !tried.contains(n));
        match left.min_by_key(|n| (peers[*n].rank().0, Some(*n) != now_at, peers[*n].rank())) {
            Some(next) => self.ask(next, tried, false, peers, hands),
            None => self.back_off(None, hands),
        }
    }

    fn ask(&mut self, peer: usize, mut tried: Vec<usize>, shortened: bool, peers: &[Peer], hands: &mut Hands<'_>) {
        if !tried.contains(&peer) {
            tried.push(peer);
        }
        let request = self.request(&peers[peer], hands.sip);
        let request = hands.sip.request_of(hands.now, request, &mut self.series);
        self.stage = Stage::Asking { request, peer, tried, shortened };
    }

    fn request(&self, peer: &Peer, sip: &Endpoint) -> OutRequest {
        let wanted = &self.wanted;
        let (user, domain) = wanted.identity.split_once('@').expect("an identity was checked to be user@domain");
        let contact = sip.contact_of(peer.flow, &wanted.contact_user);
        OutRequest {
            method: "REGISTER".to_owned(),
            target: format!("sip:{domain}"),
            to_addr: peer.at,
            flow: peer.flow,
            from_user: user.to_owned(),
            headers: vec![
                ("Contact".to_owned(), format!("{contact};expires={}", self.expires_s)),
                ("Expires".to_owned(), self.expires_s.to_string()),
                ("Supported".to_owned(), "path".to_owned()),
            ],
            body: bytes::Bytes::new(),
            credentials: Some(Credentials { user: wanted.user.clone(), password: wanted.password.clone() }),
        }
    }

    fn back_off(&mut self, at_least: Option<Duration>, hands: &mut Hands<'_>) {
        let doubled = BACK_OFF.saturating_mul(1 << self.failures.min(6)).min(BACK_OFF_MAX);
        self.failures = self.failures.saturating_add(1);
        let half = doubled.as_millis() as u64 / 2;
        let wait = Duration::from_millis(half + hands.sip.by_chance(half + 1));
        self.stage = Stage::Waiting { at: hands.now + wait.max(at_least.unwrap_or_default().min(BACK_OFF_MAX)) };
        // What we were given has ended meanwhile.
        self.given = self.given.take().filter(|g| g.until > hands.now);
    }
}

/// A week; what a registrar gives beyond is not believed.
const EXPIRES_S_MAX: u32 = 604_800;
