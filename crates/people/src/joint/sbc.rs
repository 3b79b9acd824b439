//! A carrier's SBC that answers our calls, and may be told to do one thing wrong.
//!
//! ```text
//!   INVITE ─► nobody's number? 404 │ 180 ─ 1 s ─► 200 with the first codec offered      re-INVITE, OPTIONS, CANCEL, BYE: as it should be
//!                                                       └─► every message is bent by the lie on its way out
//! ```
//! Sends no sound: what is tested outwards is signalling.
use super::lie::{BIG_BYTES, Lie};
use super::line::{Line, Sent};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant};
use switchboard_sip::{DialogId, Endpoint, EndpointConfig, Event, Output};
use switchboard_wire::sdp;

/// A carrier's SBC.
pub struct Sbc {
    sip: Endpoint,
    rtp: SocketAddr,
    nobody: String,
    lie: Option<Lie>,
    ringing: BTreeMap<DialogId, (Instant, bytes::Bytes)>,
    out: std::collections::VecDeque<Sent>,
}

/// How long it rings: long enough to be cancelled.
const RINGS: Duration = Duration::from_millis(1_000);

impl Sbc {
    /// One at these addresses. Nobody has the number `nobody`.
    pub fn new(sip: SocketAddr, rtp: SocketAddr, nobody: &str, lie: Option<Lie>, chance: Chance) -> Sbc {
        let config = EndpointConfig::new(EndpointId(1), sip, "simulated-sbc", chance);
        let (nobody, ringing) = (nobody.to_owned(), BTreeMap::new());
        Sbc { sip: Endpoint::new(config), rtp, nobody, lie, ringing, out: Default::default() }
    }

    /// A SIP message came.
    pub fn sip(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        if self.lie == Some(Lie::DropsBig) && bytes.len() > BIG_BYTES {
            return;
        }
        self.sip.handle_datagram(now, FlowId(0), from, bytes);
        self.drain(now);
    }

    /// Time has come.
    pub fn timeout(&mut self, now: Instant) {
        self.sip.handle_timeout(now);
        let due: Vec<DialogId> = self.ringing.iter().filter(|(_, (at, _))| *at <= now).map(|(d, _)| *d).collect();
        for dialog in due {
            if let Some((_, offer)) = self.ringing.remove(&dialog) {
                self.answer(now, dialog, &offer);
            }
        }
        self.drain(now);
    }

    /// When it wants `timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        self.ringing.values().map(|(at, _)| *at).chain(self.sip.next_timeout()).min()
    }

    /// What leaves it.
    pub fn poll(&mut self) -> Option<Sent> {
        self.out.pop_front()
    }

    fn answer(&mut self, now: Instant, dialog: DialogId, offer: &[u8]) {
        match sdp::answer(offer, self.rtp, 1, 1) {
            // Who has cancelled in this very moment needs no answer.
            Ok((answer, _)) => drop(self.sip.answer(now, dialog, answer)),
            Err(_) => self.sip.reject(now, dialog, 488, &[]),
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.sip.poll() {
            match output {
                Output::Send { to, bytes, .. } => {
                    let sent = Sent { line: Line::Sip, to, bytes };
                    self.out.extend(match self.lie {
                        Some(lie) => lie.bend(sent),
                        None => Some(sent),
                    });
                }
                Output::Event(event) => self.on_event(now, event),
            }
        }
    }

    fn on_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Invite { dialog, facts, offer, .. } => {
                if facts.request_user == self.nobody && self.lie != Some(Lie::AnyNumber) {
                    return self.sip.reject(now, dialog, 404, &[("Reason", "Q.850;cause=1".to_owned())]);
                }
                self.sip.progress(now, dialog, 180, None);
                self.ringing.insert(dialog, (now + RINGS, offer.unwrap_or_default()));
            }
            Event::Cancelled { dialog } => drop(self.ringing.remove(&dialog)),
            Event::Reoffer { dialog, sdp: Some(offer) } => self.answer(now, dialog, &offer),
            Event::Reoffer { dialog, sdp: None } => self.sip.reject(now, dialog, 488, &[]),
            _ => {}
        }
    }
}
