//! What a caller's telephone does: dials, acknowledges, presses, hangs up.
use super::call::{Call, NO_AGENT, Stage};
use super::leg::{Leg, audio_at, caller_of, contact_uri, number};
use super::{Due, Said, Side, Telephones, offer};
use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_wire::rtp::{self, Header, TelephoneEvent};
use switchboard_wire::sdp;
use switchboard_wire::sip::{Message, Name};

/// So long after his BYE a caller is forgotten, whatever has or has not come.
const FORGET: Duration = Duration::from_secs(5);

impl Telephones {
    /// A caller who meant to call at `intended` calls.
    pub(super) fn dial(&mut self, intended: Instant, now: Instant) {
        let k = self.next_number;
        self.next_number += 1;
        let (number, local, target) = (number(k), self.address(Side::Trunk), self.target);
        let uri = format!("sip:{}@{target}", self.behaviour.dials);
        let leg = Leg {
            from: format!("\"{number}\" <sip:{number}@{local}>;tag=c{number}"),
            to: format!("<{uri}>"),
            call_id: format!("{number}-{}@{local}", intended.micros()),
            remote_target: uri,
        };
        let sounds = self.chance.below(100) < u64::from(self.behaviour.sound_percent);
        let offer = offer(self.caller_rtp.local_addr().expect("it is bound"), sounds);
        let contact = format!(
            "Contact: <sip:{number}@{local}>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nUser-Agent: bench\r\n"
        );
        leg.request(&mut self.text, "INVITE", 1, &format!("i{number}"), local, &contact, &offer);
        self.calls.insert(k, Call::new(intended, leg, target, sounds));
        self.say(Side::Trunk, k, target, Said::Invite);
        let patience = self.behaviour.patience.draw(&mut self.chance);
        self.later(now.max(intended + patience), k, Due::LosePatience);
    }

    pub(super) fn caller_response(&mut self, now: Instant, from: SocketAddr, code: u16, message: &Message<'_>) {
        let Some(k) = caller_of(message) else { return };
        let Some(call) = self.calls.get_mut(&k) else { return };
        if message.get(Name::CallId) != Some(call.caller.call_id.as_str()) {
            return;
        }
        let of = message.cseq().map_or("", |(_, method)| method).to_owned();
        match (of.as_str(), code) {
            ("INVITE", 100..=199) => self.heard_of(k, Said::Invite),
            ("INVITE", 200..=299) => {
                let first = call.caller_rtp.is_none() && call.stage == Stage::Dialling;
                let gone = call.stage == Stage::Leaving && call.caller_rtp.is_none();
                if first || gone {
                    message.get(Name::To).unwrap_or("").clone_into(&mut call.caller.to);
                    call.caller.remote_target = contact_uri(message).unwrap_or(call.caller.remote_target.clone());
                    call.via = from;
                    call.caller_rtp = Some(message.body().and_then(|b| audio_at(b, from)).unwrap_or(from));
                    self.measured.setup.record(now.since(call.intended));
                } else {
                    self.measured.came_again += 1;
                }
                if first {
                    call.stage = Stage::InMenu;
                    let at = now + self.behaviour.key_after;
                    self.later(at, k, Due::Press);
                }
                self.heard_of(k, Said::Invite);
                self.caller_says(k, "ACK", 1, 'a');
                self.send(Side::Trunk, from);
                if gone {
                    self.caller_byes(k);
                }
            }
            ("INVITE", _) => {
                // RFC 3261 §17.1.1.3: the ACK to a refusal has the INVITE's branch.
                message.get(Name::To).unwrap_or("").clone_into(&mut call.caller.to);
                let why = call.fault.take().unwrap_or_else(|| format!("refused with {code}"));
                self.caller_says(k, "ACK", 1, 'i');
                self.send(Side::Trunk, from);
                self.end_with(k, why);
            }
            ("BYE", 200..) => {
                self.heard_of(k, Said::Bye);
                self.leg_over(k, Side::Trunk);
            }
            _ => {}
        }
    }

    /// The key was meant for `at`.
    pub(super) fn press(&mut self, k: u64, at: Instant) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        let Some(to) = call.caller_rtp.filter(|_| call.stage == Stage::InMenu) else { return };
        call.stage = Stage::Waiting;
        call.key_at = Some(at);
        self.waiting.insert((at, k));
        let Some(key) = self.behaviour.key else { return };
        for (sequence, end) in [(1, false), (2, true), (3, true)] {
            let header = Header {
                payload_type: sdp::TELEPHONE_EVENT,
                marker: sequence == 1,
                sequence,
                timestamp: 160,
                ssrc: k as u32 + 1,
            };
            let event = TelephoneEvent { event: key.event(), end, volume: 10, duration: 160 * sequence };
            let sent = self.caller_rtp.send_to(&rtp::write(&header, &event.write()), to);
            self.measured.not_sent += u64::from(sent.is_err());
        }
    }

    pub(super) fn lose_patience(&mut self, k: u64) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        match call.stage {
            Stage::Dialling => {
                let why = call.why_open();
                call.fault.get_or_insert(why);
                call.stage = Stage::Leaving;
                self.caller_says(k, "CANCEL", 1, 'i');
                let via = self.calls[&k].via;
                self.send(Side::Trunk, via);
                self.later(self.clock.now() + FORGET, k, Due::Forget);
            }
            Stage::InMenu | Stage::Waiting => {
                call.fault.get_or_insert_with(|| NO_AGENT.to_owned());
                self.hang_up(k);
            }
            Stage::Rung | Stage::Talking | Stage::Leaving => {}
        }
    }

    pub(super) fn hang_up(&mut self, k: u64) {
        let now = self.clock.now();
        let Some(call) = self.calls.get_mut(&k) else { return };
        if matches!(call.stage, Stage::Dialling) {
            return self.lose_patience(k);
        }
        if call.stage == Stage::Leaving {
            return;
        }
        if call.stage != Stage::Talking && call.fault.is_none() {
            call.fault = Some(NO_AGENT.to_owned());
        }
        call.stage = Stage::Leaving;
        if let Some(sound) = &call.sound {
            self.measured.sound_judged += u64::from(sound.is_measurable(now));
            if let Some(fault) = sound.fault(now) {
                call.fault.get_or_insert_with(|| fault.to_owned());
            }
        }
        self.caller_byes(k);
    }

    fn caller_byes(&mut self, k: u64) {
        let via = self.calls[&k].via;
        self.caller_says(k, "BYE", 2, 'b');
        self.say(Side::Trunk, k, via, Said::Bye);
        self.later(self.clock.now() + FORGET, k, Due::Forget);
    }

    fn caller_says(&mut self, k: u64, method: &str, cseq: u32, branch: char) {
        let local = self.address(Side::Trunk);
        let Some(call) = self.calls.get(&k) else { return };
        let mut whole = String::with_capacity(16);
        let _ = write!(whole, "{branch}{}", number(k));
        call.caller.request(&mut self.text, method, cseq, &whole, local, "", b"");
    }

    /// One of the two legs has ended.
    pub(super) fn leg_over(&mut self, k: u64, side: Side) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        match side {
            Side::Trunk => call.caller_over = true,
            Side::Desk => call.agent_over = true,
        }
        if let (Side::Desk, Some(agent)) = (side, call.agent) {
            self.agents.free(agent, k, self.clock.now());
        }
        if !call.is_over() {
            return;
        }
        match call.fault.take() {
            Some(why) => self.end_with(k, why),
            None => {
                self.measured.done += 1;
                self.remove(k);
            }
        }
    }
}
