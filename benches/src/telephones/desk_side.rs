//! What an agent's telephone does: rings, answers, is told of the end.
use super::agents::Taken;
use super::call::Stage;
use super::leg::{audio_at, caller_of, response, user_of};
use super::sound::{CallSound, Party};
use super::{Due, Said, Side, Telephones};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_wire::sdp;
use switchboard_wire::sip::Message;

/// A later caller may be served first by so much: one tick of media, in which the keys of both were read.
const ORDER_TOLERANCE: Duration = Duration::from_millis(20);

/// An agent whose call has brought no sound for so long has lost it.
const SILENT_AFTER: Duration = Duration::from_millis(200);

impl Telephones {
    /// An INVITE came to the desk.
    pub(super) fn ring(&mut self, now: Instant, from: SocketAddr, invite: &Message<'_>) {
        let at = self.desk.own();
        let (k, agent) = (caller_of(invite), user_of(invite.request_uri()).and_then(|user| self.agents.by_user(user)));
        let known = k.and_then(|k| Some((k, self.calls.get(&k)?)));
        let (Some((k, call)), Some(agent)) = (known, agent) else {
            response(&mut self.text, invite, "404 Not Found", Some("nobody"), at, b"");
            return self.send(Side::Desk, from);
        };
        if call.agent == Some(agent) {
            self.measured.came_again += 1;
            return;
        }
        let taken = if call.agent.is_some() { Taken::Busy(k) } else { self.agents.take(agent, k, now) };
        let silent = |other: u64| {
            let sound = self.calls.get(&other).and_then(|c| c.sound.as_ref());
            sound.is_some_and(|sound| sound.silent_for(now) >= SILENT_AFTER)
        };
        match taken {
            Taken::Now => {}
            // He works on, and his telephone says so.
            Taken::AfterCallWork => {
                self.measured.rung_in_acw += 1;
                response(&mut self.text, invite, "486 Busy Here", Some("acw"), at, b"");
                return self.send(Side::Desk, from);
            }
            // The target has lost his call, and he does not know it yet.
            Taken::Busy(other) if other != k && silent(other) => {
                self.measured.rung_in_silence += 1;
                response(&mut self.text, invite, "486 Busy Here", Some("silent"), at, b"");
                return self.send(Side::Desk, from);
            }
            Taken::Busy(_) => {
                self.measured.doubled_agents += 1;
                let call = self.calls.get_mut(&k).expect("it was just found");
                call.fault.get_or_insert_with(|| DOUBLED.to_owned());
                response(&mut self.text, invite, "486 Busy Here", Some("busy"), at, b"");
                return self.send(Side::Desk, from);
            }
        }
        let free_since = self.agents.free_since(agent);
        let call = self.calls.get_mut(&k).expect("it was just found");
        if let Some(key_at) = call.key_at.filter(|_| call.pressed) {
            self.waiting.remove(&(key_at, k));
            self.measured.dispatch.record(now.since(key_at.max(free_since)));
            if let Some((first, _)) = self.waiting.first()
                && *first + ORDER_TOLERANCE < key_at
            {
                self.measured.out_of_order += 1;
            }
        }
        call.agent = Some(agent);
        if call.stage < Stage::Rung {
            call.stage = Stage::Rung;
        }
        let rtp = self.agent_rtp.local_addr().expect("it is bound");
        let offered = invite.body().unwrap_or(b"");
        let Ok((answer, _)) = sdp::answer(offered, rtp, 1, 1) else {
            call.fault = Some("the offer to the agent could not be answered".to_owned());
            response(&mut self.text, invite, "488 Not Acceptable Here", Some("sdp"), at, b"");
            return self.send(Side::Desk, from);
        };
        call.agent_rtp = audio_at(offered, from);
        let tag = format!("a{agent}-{k}");
        response(&mut self.text, invite, "180 Ringing", Some(&tag), at, b"");
        self.send(Side::Desk, from);
        response(&mut self.text, invite, "200 OK", Some(&tag), at, &answer);
        let text = self.text.clone();
        let call = self.calls.get_mut(&k).expect("it was just found");
        call.answer = Some((from, text));
        let answers_after = call.drawn.answers_after;
        if answers_after.is_zero() {
            self.answer(k);
        } else {
            self.later(now + answers_after, k, Due::Answer);
        }
    }

    /// The agent answers.
    pub(super) fn answer(&mut self, k: u64) {
        let Some((to, text)) = self.calls.get_mut(&k).and_then(|c| c.answer.take()) else { return };
        self.text = text;
        self.say(Side::Desk, k, to, Said::Answer);
    }

    /// The agent's 200 was acknowledged: the two talk.
    pub(super) fn acknowledged(&mut self, now: Instant, ack: &Message<'_>) {
        let Some(k) = caller_of(ack) else { return };
        self.heard_of(k, Said::Answer);
        let Some(call) = self.calls.get_mut(&k).filter(|c| c.stage == Stage::Rung) else { return };
        let talk = call.drawn.talk;
        let Some(agent) = call.agent else { return };
        call.stage = Stage::Talking;
        if let (true, Some(caller), Some(desk)) = (call.sounds, call.caller_rtp, call.agent_rtp) {
            call.sound = Some(CallSound::new(k, agent, caller, desk, &mut self.tones, now));
            self.sounding.insert(caller, (k, Party::Caller));
            self.sounding.insert(desk, (k, Party::Agent));
            self.later(now, k, Due::Frame);
        }
        self.later(now + talk, k, Due::HangUp);
    }

    /// A BYE came.
    pub(super) fn other_hangs_up(&mut self, side: Side, from: SocketAddr, bye: &Message<'_>) {
        let at = self.link(side).own();
        response(&mut self.text, bye, "200 OK", None, at, b"");
        self.send(side, from);
        if side == Side::Desk && self.login_bye(bye) {
            return;
        }
        let Some(k) = caller_of(bye) else { return };
        let Some(call) = self.calls.get_mut(&k) else { return };
        if call.stage != Stage::Leaving {
            call.fault.get_or_insert_with(|| "the target hung up".to_owned());
            call.stage = Stage::Leaving;
            self.later(self.clock.now() + Duration::from_secs(5), k, Due::Forget);
        }
        self.leg_over(k, side);
    }

    /// The target no longer wants this agent.
    pub(super) fn cancelled(&mut self, from: SocketAddr, cancel: &Message<'_>) {
        let at = self.desk.own();
        response(&mut self.text, cancel, "200 OK", None, at, b"");
        self.send(Side::Desk, from);
        let Some(k) = caller_of(cancel) else { return };
        let Some(call) = self.calls.get_mut(&k) else { return };
        // The 200 that was not yet said becomes the 487 (RFC 3261 §9.2).
        if let Some((to, text)) = call.answer.take() {
            let head = text.split_once("\r\nContact:").map_or(text.as_str(), |(head, _)| head);
            self.text = head.replacen("SIP/2.0 200 OK", "SIP/2.0 487 Request Terminated", 1);
            self.text.push_str("\r\nContent-Length: 0\r\n\r\n");
            self.send(Side::Desk, to);
            self.leg_over(k, Side::Desk);
        }
    }
}

/// The sentence for a call whose agent was rung while he had another, or that had two.
pub const DOUBLED: &str = "an agent was rung who was in another call, or two agents for one caller";
