//! Carries out one check: step after step, until one fails or all are done.
//!
//! ```text
//!   sip, rtp, look, timeout ─► Tester ─► poll: datagrams            steps ──fail──► why ┐
//!                                │  wants: a look at the board            └──done──►    ├─► hangs up ─► Outcome
//!                                └─ manners: ACK of refusals, 200 to what the other side asks, repetition until something comes
//! ```
use super::draft::Draft;
use super::heard::{Heard, Sound};
use super::leg::Leg;
use super::lie::{EVENTS, Lie};
use super::line::{Addresses, Line, Sent};
use super::{Check, Plan, SeenCall, Step, Way};
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, Instant};
use switchboard_wire::rtp::{self, Header, TelephoneEvent};

/// A SIP message as it went over the wire.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Noted {
    /// When.
    pub at: Instant,
    /// Whether the tester sent it.
    pub said: bool,
    /// The tester's own address.
    pub own: SocketAddr,
    /// The other side's.
    pub peer: SocketAddr,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What came of a check.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Which.
    pub id: &'static str,
    /// Why it failed; none if it passed.
    pub why: Option<String>,
    /// Every SIP message.
    pub noted: Vec<Noted>,
    /// From the first request to its first response, in µs.
    pub round_trip_us: Option<u64>,
}

/// What a tester wants from outside, besides datagrams.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wants {
    /// Nothing.
    Nothing,
    /// A look at the centre's board, soon.
    Look,
}

/// Carries out one check.
pub struct Tester {
    check: &'static Check,
    leg: Leg,
    lie: Option<Lie>,
    steps: VecDeque<Step>,
    /// The step at the head has begun, and ends at this moment at the latest.
    until: Option<Instant>,
    /// Messages before this place have been judged.
    judged: usize,
    sound: Sound,
    again: Option<Again>,
    talking: Option<Talking>,
    last_ack: Option<Draft>,
    closing: Option<Instant>,
    why: Option<String>,
    over: bool,
    round_trip_us: Option<u64>,
    noted: Vec<Noted>,
    out: VecDeque<Sent>,
}

/// A request that nothing has come back to.
struct Again {
    draft: Draft,
    at: Instant,
    every: Duration,
}

struct Talking {
    next: Instant,
    sequence: u16,
    timestamp: u32,
    sending: bool,
}

/// RFC 3261 §17.1.1.1.
const T1: Duration = Duration::from_millis(500);
const T2: Duration = Duration::from_secs(4);
const FRAME: Duration = Duration::from_millis(20);
/// Hanging up is waited for so long.
const CLOSING: Duration = Duration::from_millis(1_500);
/// Messages kept for the ladder.
const NOTED_MAX: usize = 400;
/// A frame of silence in A-law.
const SILENCE: [u8; 160] = [0xd5; 160];

impl Tester {
    /// One that begins now. `number` tells the testers of a run apart.
    pub fn new(
        check: &'static Check,
        number: u32,
        plan: Plan,
        at: Addresses,
        lie: Option<Lie>,
        mut chance: Chance,
        now: Instant,
    ) -> Tester {
        let line = if check.way == Way::InRinging { Line::Other } else { Line::Sip };
        let sequence = chance.u32();
        let mut tester = Tester {
            leg: Leg::new(check.id, line, number, plan, at, chance),
            lie: lie.filter(|_| !check.way.is_out()),
            steps: (check.steps)().into(),
            check,
            until: None,
            judged: 0,
            sound: Sound::default(),
            again: None,
            talking: Some(Talking { next: now, sequence: sequence as u16, timestamp: sequence, sending: false }),
            last_ack: None,
            closing: None,
            why: None,
            over: false,
            round_trip_us: None,
            noted: vec![],
            out: VecDeque::new(),
        };
        tester.go(now);
        tester
    }

    /// Whether a message with this Call-ID is of this tester.
    pub fn owns(&self, call_id: &str) -> bool {
        Leg::owns(self.check.id, call_id)
    }
    /// Its check.
    pub fn check(&self) -> &'static Check {
        self.check
    }

    /// A SIP message came.
    pub fn sip(&mut self, now: Instant, line: Line, from: SocketAddr, bytes: &[u8]) {
        let Some(heard) = Heard::read(now, line, from, bytes) else { return };
        self.note(now, false, line, from, bytes);
        if heard.code.is_some() && heard.method == self.leg.asked.0 && heard.cseq == self.leg.asked.1 {
            self.again = None;
            if self.round_trip_us.is_none() {
                self.round_trip_us = Some(now.since(self.leg.asked_at).as_micros() as u64);
            }
        }
        self.leg.learn(&heard);
        self.manners(now, &heard);
        self.leg.heard.push(heard);
        self.go(now);
    }

    /// A sound packet came to the named port.
    pub fn rtp(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        self.sound.hear(from, bytes);
        self.go(now);
    }

    /// What the centre's board shows.
    pub fn look(&mut self, now: Instant, calls: &[SeenCall]) {
        match self.steps.front() {
            Some(Step::Look(shows, ..)) if shows(&self.leg, calls) => self.next(now),
            Some(Step::LookNot(shows, _, why)) if shows(&self.leg, calls) => self.fail(now, (*why).to_owned()),
            _ => {}
        }
    }

    /// Time has come.
    pub fn timeout(&mut self, now: Instant) {
        if let Some(again) = self.again.as_mut().filter(|a| a.at <= now) {
            again.every = (again.every * 2).min(T2);
            again.at = now + again.every;
            let draft = again.draft.clone();
            self.send(now, self.leg.line, &draft);
        }
        self.talk(now);
        if self.closing.is_some_and(|at| at <= now) {
            self.over = true;
        }
        self.go(now);
    }

    /// When it wants `timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let talking = self.talking.as_ref().filter(|t| t.sending).map(|t| t.next);
        let again = self.again.as_ref().map(|a| a.at);
        [talking, again, self.until, self.closing].into_iter().flatten().min()
    }

    /// What leaves.
    pub fn poll(&mut self) -> Option<Sent> {
        self.out.pop_front()
    }

    /// What it wants.
    pub fn wants(&self) -> Wants {
        match self.steps.front() {
            Some(Step::Look(..) | Step::LookNot(..)) if !self.over => Wants::Look,
            _ => Wants::Nothing,
        }
    }

    /// What came of it, once it is over.
    pub fn outcome(&self) -> Option<Outcome> {
        self.over.then(|| Outcome {
            id: self.check.id,
            why: self.why.clone(),
            noted: self.noted.clone(),
            round_trip_us: self.round_trip_us,
        })
    }

    // ── steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// Does the steps that can be done now.
    fn go(&mut self, now: Instant) {
        if self.closing.is_some() {
            return self.closed(now);
        }
        while !self.over && self.closing.is_none() {
            let Some(step) = self.steps.front().copied() else { return self.close(now) };
            let (within, missing) = match step {
                Step::Final(ms) | Step::Progress(ms) => (ms, Some("")),
                Step::Await(_, ms, why) | Step::Hear(_, ms, why) | Step::Look(_, ms, why) => (ms, Some(why)),
                Step::Quiet(_, ms, _) | Step::LookNot(_, ms, _) | Step::Wait(ms) => (ms, None),
                Step::Say(_)
                | Step::SayFrom(..)
                | Step::Must(_)
                | Step::Talk(_)
                | Step::Press(_)
                | Step::Listen
                | Step::NewCall => (0, None),
            };
            let until = *self.until.get_or_insert(now + Duration::from_millis(within));
            match self.try_step(now, step) {
                Tried::Done => self.next_step(),
                Tried::Failed(why) => return self.fail(now, why),
                Tried::NotYet if now < until => return,
                Tried::NotYet => match missing {
                    None => self.next_step(),
                    Some("") => {
                        let what = self.leg.asked.0.clone();
                        return self
                            .fail(now, format!("{what} was not answered within {:.1} s", within as f64 / 1_000.0));
                    }
                    Some(why) => return self.fail(now, why.to_owned()),
                },
            }
        }
    }

    fn try_step(&mut self, now: Instant, step: Step) -> Tried {
        let (method, number) = self.leg.asked.clone();
        let answers = |h: &Heard| h.code.is_some() && h.method == method && h.cseq == number;
        match step {
            Step::Say(write) => {
                let draft = write(&mut self.leg);
                self.say(now, draft);
                Tried::Done
            }
            Step::SayFrom(line, write) => {
                let draft = write(&mut self.leg);
                self.leg.asked_at = now;
                self.send(now, line, &draft);
                Tried::Done
            }
            Step::Final(_) => self.find(|h| answers(h) && h.code >= Some(200)),
            Step::Progress(_) => self.find(|h| answers(h) && h.code >= Some(180)),
            Step::Await(is, ..) => self.find(is),
            Step::Quiet(is, _, why) => match self.find(is) {
                Tried::Done => Tried::Failed(why.to_owned()),
                other => other,
            },
            Step::Must(holds) => holds(&mut self.leg).map_or_else(Tried::Failed, |()| Tried::Done),
            Step::Talk(sending) => {
                if let Some(talking) = &mut self.talking {
                    (talking.sending, talking.next) = (sending, now);
                }
                Tried::Done
            }
            Step::Press(line) => {
                self.press(line);
                Tried::Done
            }
            Step::Listen => {
                self.sound = Sound::default();
                Tried::Done
            }
            Step::Hear(is, ..) if is(&self.leg, &self.sound) => Tried::Done,
            Step::Hear(..) | Step::Look(..) | Step::LookNot(..) | Step::Wait(_) => Tried::NotYet,
            Step::NewCall => {
                self.hang_up(now);
                self.again = None;
                self.leg.begin();
                Tried::Done
            }
        }
    }

    /// The first message like this that no step has looked at.
    fn find(&mut self, is: impl Fn(&Heard) -> bool) -> Tried {
        match self.leg.heard[self.judged..].iter().position(is) {
            Some(at) => {
                self.judged += at + 1;
                self.leg.last = self.leg.heard.get(self.judged - 1).cloned();
                Tried::Done
            }
            None => Tried::NotYet,
        }
    }

    fn next_step(&mut self) {
        self.steps.pop_front();
        self.until = None;
    }
    fn next(&mut self, now: Instant) {
        self.next_step();
        self.go(now);
    }
    fn fail(&mut self, now: Instant, why: String) {
        self.why = Some(why);
        self.close(now);
    }

    // ── the end ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn close(&mut self, now: Instant) {
        self.steps.clear();
        (self.until, self.again) = (None, None);
        if let Some(talking) = &mut self.talking {
            talking.sending = false;
        }
        if self.leg.up || self.leg.inviting.is_some() {
            self.hang_up(now);
            self.closing = Some(now + CLOSING);
        } else {
            self.over = true;
        }
    }

    /// It ends when what it said last is answered for good.
    fn closed(&mut self, now: Instant) {
        let (method, number) = self.leg.asked.clone();
        let done = |h: &Heard| h.method == method && h.cseq == number && h.code >= Some(200);
        if self.leg.heard.iter().any(done) || self.closing.is_some_and(|at| at <= now) {
            self.over = true;
        }
    }

    fn hang_up(&mut self, now: Instant) {
        if let Some(ack) = self.leg.inviting.is_some().then(|| self.answered_invite()).flatten() {
            self.say(now, ack);
        }
        let draft = match &self.leg.inviting {
            Some(inviting) if inviting.initial => self.leg.cancel(),
            Some(_) | None if self.leg.up => self.leg.request("BYE", ""),
            Some(_) | None => return,
        };
        self.leg.up = false;
        self.say(now, draft);
    }

    /// The ACK of a 200 that a step left without one.
    fn answered_invite(&mut self) -> Option<Draft> {
        let cseq = self.leg.inviting.as_ref()?.cseq;
        let ok = |h: &&Heard| h.method == "INVITE" && h.cseq == cseq && h.code.is_some_and(|c| c / 100 == 2);
        let _ = self.leg.heard.iter().rev().find(ok)?;
        Some(self.leg.ack(""))
    }

    // ── manners ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn manners(&mut self, now: Instant, heard: &Heard) {
        match heard.code {
            Some(code) if heard.method == "INVITE" && code >= 300 && heard.line != Line::Stranger => {
                if let Some(ack) = self.leg.ack_refusal(heard) {
                    self.send(now, self.leg.line, &ack);
                    self.leg.inviting = None;
                }
            }
            // A 200 that comes again has not seen its ACK.
            Some(code) if heard.method == "INVITE" && code / 100 == 2 => {
                let again = self.last_ack.clone().filter(|ack| {
                    ack.get("Call-ID") == Some(self.leg.call_id.as_str())
                        && ack.get("CSeq") == Some(&format!("{} ACK", heard.cseq))
                });
                if let Some(ack) = again {
                    self.send(now, self.leg.line, &ack);
                }
            }
            Some(_) => {}
            None if heard.method == "ACK" => {}
            None if heard.method == "INVITE" => {
                let sdp = self.leg.usual();
                let answer = self.leg.response(heard, 200).body("application/sdp", &sdp);
                self.send(now, heard.line, &answer);
            }
            None => {
                if heard.method == "BYE" {
                    self.leg.up = false;
                }
                let answer = self.leg.response(heard, 200);
                self.send(now, heard.line, &answer);
            }
        }
    }

    fn say(&mut self, now: Instant, draft: Draft) {
        let line = self.leg.line;
        if draft.is("ACK") {
            self.last_ack = Some(draft.clone());
        } else if draft.code().is_none() {
            self.leg.asked_at = now;
            self.again = Some(Again { draft: draft.clone(), at: now + T1, every: T1 });
        }
        self.send(now, line, &draft);
    }

    fn send(&mut self, now: Instant, line: Line, draft: &Draft) {
        let to = draft.to.unwrap_or(self.leg.at.peer);
        let sent = Sent { line, to, bytes: draft.write() };
        let bent = match self.lie {
            Some(lie) => lie.bend(sent),
            None => Some(sent),
        };
        if let Some(sent) = bent {
            self.note(now, true, sent.line, sent.to, &sent.bytes);
            self.out.push_back(sent);
        }
    }

    fn note(&mut self, at: Instant, said: bool, line: Line, peer: SocketAddr, bytes: &[u8]) {
        if self.noted.len() < NOTED_MAX {
            let own = self.leg.at.of(line);
            self.noted.push(Noted { at, said, own, peer, bytes: Bytes::copy_from_slice(bytes) });
        }
    }

    // ── sound ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn talk(&mut self, now: Instant) {
        let (Some(talking), Some(to)) = (self.talking.as_mut(), self.leg.rtp) else { return };
        if !talking.sending || talking.next > now {
            return;
        }
        talking.next = (talking.next + FRAME).max(now);
        talking.sequence = talking.sequence.wrapping_add(1);
        talking.timestamp = talking.timestamp.wrapping_add(160);
        let header = Header {
            payload_type: 8,
            marker: false,
            sequence: talking.sequence,
            timestamp: talking.timestamp,
            ssrc: SSRC,
        };
        self.out.push_back(Sent { line: Line::Rtp, to, bytes: rtp::write(&header, &SILENCE) });
    }

    /// A key of 100 ms, its end said three times (RFC 4733 §2.5.1.4).
    fn press(&mut self, line: Line) {
        let (Some(talking), Some(to)) = (self.talking.as_mut(), self.leg.rtp) else { return };
        let Some(key) = self.leg.plan.key else { return };
        talking.timestamp = talking.timestamp.wrapping_add(800);
        for (n, duration) in [160u16, 320, 480, 640, 800, 800, 800].into_iter().enumerate() {
            talking.sequence = talking.sequence.wrapping_add(1);
            let header = Header {
                payload_type: EVENTS,
                marker: n == 0,
                sequence: talking.sequence,
                timestamp: talking.timestamp,
                ssrc: SSRC,
            };
            let event = TelephoneEvent { event: key.event(), end: n >= 4, volume: 10, duration };
            let sent = Sent { line, to, bytes: rtp::write(&header, &event.write()) };
            self.out.extend(match self.lie {
                Some(lie) => lie.bend(sent),
                None => Some(sent),
            });
        }
    }
}

/// Any will do: there is one stream a call.
const SSRC: u32 = 0x5a5a_0001;

enum Tried {
    Done,
    NotYet,
    Failed(String),
}
