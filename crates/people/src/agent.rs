//! An agent at his telephone: registers, picks up (or not), talks, hangs up (or lets the caller do it).
//!
//! ```text
//!   Away ─REGISTER─► Idle ─INVITE─► Rings ── picks up ──► Talking ── has said all, or the caller has ──► Idle
//!                     ▲               │ busy, refuses, lets it ring, answers too late
//!                     └───────────────┘
//! ```
use crate::phone::{Depth, Phone, PhoneAddress, PhoneOutput};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, Instant};
use switchboard_sip::{DialogId, Event};

/// How an agent behaves. Probabilities are for each ringing; the first that happens is done.
#[derive(Clone, PartialEq, Debug)]
pub struct Habit {
    /// Lets it ring.
    pub lets_ring: f64,
    /// His telephone says busy.
    pub busy: f64,
    /// Refuses (603).
    pub refuses: f64,
    /// Picks up only after this, too late as a rule.
    pub too_late: Option<(f64, Duration)>,
    /// Picks up within these.
    pub picks_up: (Duration, Duration),
    /// Hangs up when he has talked this long, if the caller has not.
    pub talks: (Duration, Duration),
    /// Hangs up at once when he answers, as a faulty telephone does.
    pub drops: f64,
    /// Presses his telephone's transfer key, and sends the caller there.
    pub refers: Option<(f64, String)>,
}

impl Habit {
    /// Answers at once and leaves hanging up to the caller.
    pub fn steady() -> Self {
        Habit {
            lets_ring: 0.0,
            busy: 0.0,
            refuses: 0.0,
            too_late: None,
            picks_up: (Duration::from_millis(500), Duration::from_secs(3)),
            talks: (Duration::from_secs(3_600), Duration::from_secs(3_600)),
            drops: 0.0,
            refers: None,
        }
    }
}

/// What an agent heard in one conversation.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AgentReport {
    /// His user.
    pub user: String,
    /// How long he heard each tone, in ms.
    pub heard: Vec<(f64, u64)>,
    /// When he picked up.
    pub picked_up: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// An agent.
pub struct AgentPerson {
    user: String,
    password: String,
    registrar: SocketAddr,
    phone: Phone,
    habit: Habit,
    chance: Chance,
    stage: Stage,
    register_at: Option<Instant>,
    expires_s: u32,
    logs_out_at: Option<Instant>,
    registered: bool,
    reports: Vec<AgentReport>,
}

enum Stage {
    Idle,
    Rings { dialog: DialogId, then: Option<(Instant, Then)> },
    Talking { since: Instant, until: Instant, refers: Option<(Instant, String)> },
}

#[derive(Clone, Copy)]
enum Then {
    PickUp,
    Refuse(u16),
}

/// How long a registration is asked for, unless he asks for another time.
const EXPIRES_S: u32 = 300;

impl AgentPerson {
    /// An agent who registers at `registrar` at `starts`.
    #[allow(clippy::too_many_arguments, reason = "each is a plain fact about one person")]
    pub fn new(
        user: &str,
        password: &str,
        address: PhoneAddress,
        registrar: SocketAddr,
        habit: Habit,
        depth: Depth,
        starts: Instant,
        mut chance: Chance,
    ) -> Self {
        let phone = Phone::new(user.to_owned(), address, depth, Chance::from_seed(chance.seed()));
        AgentPerson {
            user: user.to_owned(),
            password: password.to_owned(),
            registrar,
            phone,
            habit,
            chance,
            stage: Stage::Idle,
            register_at: Some(starts),
            expires_s: EXPIRES_S,
            logs_out_at: None,
            registered: false,
            reports: vec![],
        }
    }

    /// He is nobody's agent: his telephone rings without being registered.
    pub fn never_registers(&mut self) {
        self.register_at = None;
    }
    /// His telephone asks for registrations of so many seconds, and renews each at half of it.
    pub fn registers_for(&mut self, expires_s: u32) {
        self.expires_s = expires_s;
    }
    /// His telephone.
    pub fn phone(&mut self) -> &mut Phone {
        &mut self.phone
    }
    /// His user.
    pub fn user(&self) -> &str {
        &self.user
    }
    /// Whether his telephone is registered, as far as it knows.
    pub fn is_registered(&self) -> bool {
        self.registered
    }
    /// Whether he is in no call.
    pub fn is_idle(&self) -> bool {
        matches!(self.stage, Stage::Idle)
    }
    /// Unregisters at that moment.
    pub fn log_out_at(&mut self, at: Instant) {
        self.logs_out_at = Some(at);
    }
    /// Registers (again) at that moment.
    pub fn log_in_at(&mut self, at: Instant) {
        self.register_at = Some(at);
    }

    /// A SIP message came.
    pub fn sip(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        self.phone.sip(now, from, bytes);
        self.after(now);
    }
    /// An RTP packet came.
    pub fn rtp(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        self.phone.rtp(now, from, bytes);
        self.after(now);
    }
    /// In a world without sound: he hears a person, or no longer does.
    pub fn told(&mut self, now: Instant, hears_person: bool) {
        self.phone.told(hears_person);
        self.after(now);
    }

    /// `next_timeout` has come.
    pub fn timeout(&mut self, now: Instant) {
        self.phone.timeout(now);
        if self.register_at.is_some_and(|at| at <= now) {
            self.phone.register(now, &self.user, &self.password, self.registrar, self.expires_s);
            self.register_at = Some(now + Duration::from_secs(u64::from(self.expires_s) / 2));
        }
        if self.logs_out_at.is_some_and(|at| at <= now) {
            self.phone.register(now, &self.user, &self.password, self.registrar, 0);
            (self.register_at, self.logs_out_at) = (None, None);
        }
        match &mut self.stage {
            Stage::Rings { dialog, then: Some((at, then)) } if *at <= now => match (*dialog, *then) {
                (dialog, Then::PickUp) => {
                    self.stage = if self.phone.answer(now, dialog) {
                        let (least, most) = self.habit.talks;
                        let until = now + self.between(least, most);
                        let drops = self.chance.happens(self.habit.drops);
                        let refers = self.habit.refers.clone().filter(|(p, _)| self.chance.happens(*p));
                        let refers = refers.map(|(_, to)| (now + self.between(least, least * 2), to));
                        Stage::Talking {
                            since: now,
                            until: if drops { now + Duration::from_millis(300) } else { until },
                            refers,
                        }
                    } else {
                        Stage::Idle
                    };
                }
                (dialog, Then::Refuse(code)) => {
                    self.phone.refuse(now, dialog, code);
                    self.stage = Stage::Idle;
                }
            },
            Stage::Talking { until, .. } if *until <= now => {
                self.phone.hang_up(now);
                self.end(now);
            }
            Stage::Talking { refers: refers @ Some(_), .. } if refers.as_ref().is_some_and(|(at, _)| *at <= now) => {
                if let Some((_, to)) = refers.take() {
                    self.phone.refer(now, &to);
                }
            }
            Stage::Idle | Stage::Rings { .. } | Stage::Talking { .. } => {}
        }
        self.after(now);
    }

    /// When he wants `timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let own = match &self.stage {
            Stage::Idle => None,
            Stage::Rings { then, .. } => then.map(|(at, _)| at),
            Stage::Talking { until, refers, .. } => refers.iter().map(|(at, _)| *at).chain([*until]).min(),
        };
        [own, self.register_at, self.logs_out_at, self.phone.next_timeout()].into_iter().flatten().min()
    }

    /// What leaves his telephone.
    pub fn poll(&mut self) -> Option<PhoneOutput> {
        self.phone.poll()
    }

    /// The conversations that ended since the last call.
    pub fn take_reports(&mut self) -> Vec<AgentReport> {
        std::mem::take(&mut self.reports)
    }

    fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + (most.saturating_sub(least)).mul_f64(self.chance.unit())
    }

    fn rings(&mut self, now: Instant, dialog: DialogId) {
        if !matches!(self.stage, Stage::Idle) {
            self.phone.refuse(now, dialog, 486);
            return;
        }
        self.phone.ring(now, dialog);
        let habit = self.habit.clone();
        let then = if self.chance.happens(habit.lets_ring) {
            None
        } else if self.chance.happens(habit.busy) {
            Some((now + Duration::from_millis(100), Then::Refuse(486)))
        } else if self.chance.happens(habit.refuses) {
            Some((now + Duration::from_secs(2), Then::Refuse(603)))
        } else if let Some((p, after)) = habit.too_late
            && self.chance.happens(p)
        {
            Some((now + after, Then::PickUp))
        } else {
            Some((now + self.between(habit.picks_up.0, habit.picks_up.1), Then::PickUp))
        };
        self.stage = Stage::Rings { dialog, then };
    }

    fn after(&mut self, now: Instant) {
        while let Some(event) = self.phone.poll_event(now) {
            match event {
                Event::Invite { dialog, .. } => self.rings(now, dialog),
                Event::Cancelled { .. } => self.stage = Stage::Idle,
                Event::Ended { .. } => self.end(now),
                Event::Response { code, .. } => {
                    self.registered = (200..300).contains(&code) && self.register_at.is_some()
                }
                _ => {}
            }
        }
    }

    fn end(&mut self, now: Instant) {
        if let Stage::Talking { since, .. } = self.stage {
            let heard = self.phone.stop_sound();
            self.reports.push(AgentReport { user: self.user.clone(), heard, picked_up: since, ended: now });
        }
        self.stage = Stage::Idle;
    }
}
