//! What a caller's telephone does: dials, acknowledges, presses, hangs up.
use super::call::{Call, Drawn, NO_AGENT, Stage};
use super::leg::{Leg, audio_at, caller_of, contact_uri, number};
use super::login::answer_challenge;
use super::{Behaviour, Due, Said, Side, Telephones};
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
    /// What is drawn for the next caller: always the same draws in the same order, whatever the target does.
    fn draw(&mut self) -> (bool, Drawn) {
        let Behaviour { keys, key_after, answers_after, talk, talk_silent, patience, acw, sound_percent, .. } =
            &self.behaviour;
        let chance = &mut self.chance;
        let sounds = chance.below(100) < u64::from(*sound_percent);
        let mut dice = chance.unit() * keys.iter().map(|(share, _)| share).sum::<f64>();
        let line = keys.iter().position(|(share, _)| {
            dice -= share;
            dice < 0.0
        });
        let talks = [talk.draw(chance), talk_silent.draw(chance)];
        let drawn = Drawn {
            keys: line.unwrap_or(keys.len().saturating_sub(1)),
            key_after: key_after.draw(chance),
            answers_after: answers_after.draw(chance),
            talk: talks[usize::from(!sounds)],
            patience: patience.draw(chance),
            acw: acw.draw(chance),
        };
        (sounds, drawn)
    }

    /// A caller who meant to call at `intended` calls; or not, if too many are open.
    pub(super) fn dial(&mut self, intended: Instant, now: Instant, open_max: usize) {
        let (sounds, drawn) = self.draw();
        if self.calls.len() >= open_max {
            return self.fault_of(intended, format!("not made: {open_max} calls are open already"));
        }
        // So many at once show what sound is like; more would make the load measure itself.
        let sounds = sounds && self.sounding_calls < self.behaviour.sounding_max;
        self.sounding_calls += usize::from(sounds);
        self.measured.sounded += u64::from(sounds);
        let k = self.next_number;
        self.next_number += 1;
        let (number, own, target) = (number(k), self.trunk.own(), self.target);
        let uri = format!("sip:{}@{target}", self.behaviour.dials);
        let leg = Leg {
            from: format!("\"{number}\" <{}>;tag=c{number}", own.uri(&number)),
            to: format!("<{uri}>"),
            call_id: format!("{number}-{}@{}", intended.micros(), own.at),
            remote_target: uri,
            routes: String::new(),
        };
        self.calls.insert(k, Call::new(intended, leg, target, sounds, drawn));
        self.caller_invites(k, "");
        self.later(now.max(intended + drawn.patience), k, Due::LosePatience);
    }

    fn caller_invites(&mut self, k: u64, auth: &str) {
        let (number, own) = (number(k), self.trunk.own());
        let Some(call) = self.calls.get(&k) else { return };
        let branch = format!("i{number}x{}", call.cseq);
        let offer = if call.sounds { &self.offers.0 } else { &self.offers.1 };
        let more = format!(
            "Contact: <{}>\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\nUser-Agent: bench\r\n{auth}",
            own.uri(&number)
        );
        call.caller.request(&mut self.text, "INVITE", call.cseq, &branch, own, &more, offer);
        let via = call.via;
        self.say(Side::Trunk, k, via, Said::Invite);
    }

    pub(super) fn caller_response(&mut self, now: Instant, from: SocketAddr, code: u16, message: &Message<'_>) {
        let Some(k) = caller_of(message) else { return };
        let Some(call) = self.calls.get_mut(&k) else { return };
        if message.get(Name::CallId) != Some(call.caller.call_id.as_str()) {
            return;
        }
        let (cseq, of) = message.cseq().unwrap_or((0, ""));
        match (of, code) {
            ("INVITE", 100..=199) => self.heard_of(k, Said::Invite),
            ("INVITE", 200..=299) => {
                let first = call.caller_rtp.is_none() && call.stage == Stage::Dialling;
                let gone = call.stage == Stage::Leaving && call.caller_rtp.is_none();
                if first || gone {
                    message.get(Name::To).unwrap_or("").clone_into(&mut call.caller.to);
                    call.caller.remote_target = contact_uri(message).unwrap_or(call.caller.remote_target.clone());
                    call.caller.routes = Leg::routes_of(message);
                    call.via = from;
                    call.caller_rtp = Some(message.body().and_then(|b| audio_at(b, from)).unwrap_or(from));
                    let took = now.since(call.intended);
                    self.measured.setup.record(took);
                    if let Some(line) = &mut self.measured.timeline {
                        line.answered(call.intended, took);
                    }
                } else {
                    self.measured.came_again += 1;
                }
                if first && self.behaviour.to_agents {
                    call.stage = Stage::InMenu;
                    let at = now + call.drawn.key_after;
                    self.later(at, k, Due::Press(0));
                } else if first {
                    // Whoever answers is who was wanted: it is listened to for a while.
                    call.stage = Stage::Talking;
                    let talk = call.drawn.talk;
                    self.later(now + talk, k, Due::HangUp);
                }
                self.heard_of(k, Said::Invite);
                self.caller_says(k, "ACK", cseq, 'a');
                self.send(Side::Trunk, from);
                if gone {
                    self.caller_byes(k, "");
                }
            }
            ("INVITE", _) => {
                // RFC 3261 §17.1.1.3: the ACK to a refusal has the INVITE's branch.
                let to = std::mem::replace(&mut call.caller.to, message.get(Name::To).unwrap_or("").to_owned());
                let (again, asked) = (cseq != call.cseq, matches!(code, 401 | 407) && !call.challenged.0);
                let remote = call.caller.remote_target.clone();
                self.caller_says(k, "ACK", cseq, 'i');
                self.send(Side::Trunk, from);
                let Some(call) = self.calls.get_mut(&k).filter(|_| !again) else { return };
                let auth = self.credentials.as_ref().filter(|_| asked && call.fault.is_none());
                let auth = auth.and_then(|c| answer_challenge(code, message, c, "INVITE", &remote));
                if let Some(auth) = auth {
                    (call.caller.to, call.challenged.0) = (to, true);
                    call.cseq += 1;
                    return self.caller_invites(k, &auth);
                }
                let why = call.fault.take().unwrap_or_else(|| format!("refused with {code}"));
                self.end_with(k, why);
            }
            ("BYE", 401 | 407) if !call.challenged.1 && self.credentials.is_some() => {
                call.challenged.1 = true;
                let remote = call.caller.remote_target.clone();
                let auth = self.credentials.as_ref().and_then(|c| answer_challenge(code, message, c, "BYE", &remote));
                self.caller_byes(k, &auth.unwrap_or_default());
            }
            ("BYE", 200..) => {
                self.heard_of(k, Said::Bye);
                self.leg_over(k, Side::Trunk);
            }
            _ => {}
        }
    }

    /// The `n`th key of his line was meant for `at`; after the last he waits for a person.
    pub(super) fn press(&mut self, k: u64, n: usize, at: Instant) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        let Some(to) = call.caller_rtp.filter(|_| call.stage == Stage::InMenu) else { return };
        let line = self.behaviour.keys.get(call.drawn.keys).map_or(&[][..], |(_, line)| line.as_slice());
        let last = n + 1 >= line.len();
        if last {
            call.stage = Stage::Waiting;
            call.key_at = Some(at);
            call.pressed = !line.is_empty() || self.behaviour.keys.is_empty();
            if call.pressed {
                self.waiting.insert((at, k));
            }
        }
        let Some(key) = line.get(n) else { return };
        for packet in 1..=3 {
            let header = Header {
                payload_type: sdp::TELEPHONE_EVENT,
                marker: packet == 1,
                sequence: n as u16 * 3 + packet,
                // A new event has a new timestamp (RFC 4733 §2.5.1.2).
                timestamp: 160 + n as u32 * 8 * self.behaviour.key_gap.as_millis() as u32,
                ssrc: k as u32 + 1,
            };
            let event = TelephoneEvent { event: key.event(), end: packet > 1, volume: 10, duration: 160 * packet };
            let sent = self.caller_rtp.send_to(&rtp::write(&header, &event.write()), to);
            self.measured.not_sent += u64::from(sent.is_err());
        }
        if !last {
            self.later(at + self.behaviour.key_gap, k, Due::Press(n + 1));
        }
    }

    pub(super) fn lose_patience(&mut self, k: u64) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        match call.stage {
            Stage::Dialling => {
                let why = call.why_open();
                call.fault.get_or_insert(why);
                call.stage = Stage::Leaving;
                let (via, cseq) = (call.via, call.cseq);
                self.caller_says(k, "CANCEL", cseq, 'i');
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
            sound.tell(&mut self.measured);
            if let Some(fault) = sound.fault(now) {
                call.fault.get_or_insert_with(|| fault.to_owned());
            }
        }
        self.caller_byes(k, "");
    }

    fn caller_byes(&mut self, k: u64, auth: &str) {
        let own = self.trunk.own();
        let Some(call) = self.calls.get_mut(&k) else { return };
        call.cseq += 1;
        let branch = format!("b{}x{}", number(k), call.cseq);
        call.caller.request(&mut self.text, "BYE", call.cseq, &branch, own, auth, b"");
        let via = call.via;
        self.say(Side::Trunk, k, via, Said::Bye);
        self.later(self.clock.now() + FORGET, k, Due::Forget);
    }

    fn caller_says(&mut self, k: u64, method: &str, cseq: u32, branch: char) {
        let own = self.trunk.own();
        let Some(call) = self.calls.get(&k) else { return };
        let mut whole = String::with_capacity(24);
        let _ = write!(whole, "{branch}{}x{cseq}", number(k));
        call.caller.request(&mut self.text, method, cseq, &whole, own, "", b"");
    }

    /// One of the two legs has ended.
    pub(super) fn leg_over(&mut self, k: u64, side: Side) {
        let Some(call) = self.calls.get_mut(&k) else { return };
        match side {
            Side::Trunk => call.caller_over = true,
            Side::Desk => call.agent_over = true,
        }
        if let (Side::Desk, Some(agent)) = (side, call.agent) {
            self.agents.free(agent, k, self.clock.now(), call.drawn.acw);
        }
        if !call.is_over() {
            return;
        }
        match call.fault.take() {
            Some(why) => self.end_with(k, why),
            None => self.done(k),
        }
    }
}
