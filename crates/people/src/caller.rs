//! A caller: dials, listens, presses what he came for (or nothing), waits as long as his patience lasts, talks, hangs up.
//!
//! ```text
//!   start ─► Calling ─200─► Listening ── hears a person ──► Talking ── has said all ──► Gone
//!               │ no          │ patience ends                  │ the other hangs up
//!               └────────────►└────────────────────────────────┴──────────────────────► Gone
//! ```
//! He knows what he hears and nothing else: that a person answered, he hears by the person's voice.
use crate::phone::{Depth, Phone, PhoneAddress, PhoneOutput};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, Digit, Instant};
use switchboard_sip::Event;

/// What a caller means to do.
#[derive(Clone, PartialEq, Debug)]
pub struct CallerPlan {
    /// His number: what stands in From.
    pub number: String,
    /// What he dials.
    pub dials: String,
    /// When.
    pub at: Instant,
    /// Keys, each with the time since the answer.
    pub keys: Vec<(Duration, Digit)>,
    /// How long he listens, from the answer on, before he gives up.
    pub patience: Duration,
    /// How long he wants to talk.
    pub talk: Duration,
    /// Gives up before he is answered, after this.
    pub gives_up_ringing: Option<Duration>,
    /// His telephone knows AMR and nothing else.
    pub only_amr: bool,
}

/// Who ended a call, as the caller saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HangUp {
    /// He himself.
    Caller,
    /// The other side.
    Other,
    /// Nobody: he was refused, with this status.
    Refused(u16),
}

/// What a caller went through.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CallerReport {
    /// His number.
    pub number: String,
    /// Whether the call was answered by anything.
    pub answered: bool,
    /// How long he heard each tone, in ms.
    pub heard: Vec<(f64, u64)>,
    /// Whether he ever heard a person.
    pub talked: bool,
    /// From hearing a person to the end, in ms.
    pub talked_ms: u64,
    /// Who hung up.
    pub hang_up: HangUp,
    /// When it was over for him.
    pub ended: Instant,
}

/// A caller.
pub struct Caller {
    plan: CallerPlan,
    phone: Phone,
    centre: SocketAddr,
    stage: Stage,
    answered: bool,
    talked_since: Option<Instant>,
    report: Option<CallerReport>,
}

enum Stage {
    NotYet,
    Calling { until: Option<Instant> },
    Listening { since: Instant, next_key: usize },
    Talking { until: Instant, since: Instant, next_key: usize },
    Gone,
}

impl Caller {
    /// A caller with a telephone at `address`, who calls the centre at `centre`.
    pub fn new(plan: CallerPlan, address: PhoneAddress, centre: SocketAddr, depth: Depth, chance: Chance) -> Self {
        let user = plan.number.clone();
        Caller {
            plan,
            phone: Phone::new(user, address, depth, chance),
            centre,
            stage: Stage::NotYet,
            answered: false,
            talked_since: None,
            report: None,
        }
    }

    /// His telephone.
    pub fn phone(&mut self) -> &mut Phone {
        &mut self.phone
    }
    /// What he means to do.
    pub fn plan(&self) -> &CallerPlan {
        &self.plan
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
        match self.stage {
            Stage::NotYet if self.plan.at <= now => {
                let uri = format!("sip:{}@{}", self.plan.dials, self.centre);
                self.phone.call(now, &uri, self.centre, self.plan.only_amr);
                self.stage = Stage::Calling { until: self.plan.gives_up_ringing.map(|d| now + d) };
            }
            Stage::Calling { until: Some(at) } if at <= now => {
                self.phone.hang_up(now);
                self.stage = Stage::Calling { until: None };
            }
            Stage::Listening { since, .. } if since + self.plan.patience <= now => self.hang_up(now),
            Stage::Talking { until, .. } if until <= now => self.hang_up(now),
            Stage::Listening { .. } | Stage::Talking { .. } => self.press_due_keys(now),
            Stage::NotYet | Stage::Calling { .. } | Stage::Gone => {}
        }
        self.after(now);
    }

    fn press_due_keys(&mut self, now: Instant) {
        let (Stage::Listening { since, next_key } | Stage::Talking { since, next_key, .. }) = &mut self.stage else {
            return;
        };
        while let Some((after, digit)) = self.plan.keys.get(*next_key)
            && *since + *after <= now
        {
            *next_key += 1;
            self.phone.press(now, *digit);
        }
    }

    /// When he wants `timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let own = match &self.stage {
            Stage::NotYet => Some(self.plan.at),
            Stage::Calling { until } => *until,
            Stage::Listening { since, next_key } => {
                let key = self.plan.keys.get(*next_key).map(|(after, _)| *since + *after);
                key.into_iter().chain([*since + self.plan.patience]).min()
            }
            Stage::Talking { until, since, next_key } => {
                let key = self.plan.keys.get(*next_key).map(|(after, _)| *since + *after);
                key.into_iter().chain([*until]).min()
            }
            Stage::Gone => None,
        };
        own.into_iter().chain(self.phone.next_timeout()).min()
    }

    /// What leaves his telephone.
    pub fn poll(&mut self) -> Option<PhoneOutput> {
        self.phone.poll()
    }

    /// What he went through; once, when it is over.
    pub fn take_report(&mut self) -> Option<CallerReport> {
        self.report.take()
    }

    /// Whether he has gone and his telephone has nothing more to do.
    pub fn is_gone(&self) -> bool {
        matches!(self.stage, Stage::Gone) && self.phone.next_timeout().is_none()
    }
    /// Whether his call is over.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Gone)
    }

    /// He hangs up now, whatever he meant to do.
    pub fn give_up(&mut self, now: Instant) {
        match self.stage {
            Stage::Listening { .. } | Stage::Talking { .. } => self.hang_up(now),
            Stage::Calling { .. } => {
                self.phone.hang_up(now);
                self.stage = Stage::Calling { until: None };
            }
            Stage::NotYet => self.gone(now, HangUp::Caller),
            Stage::Gone => {}
        }
        self.after(now);
    }

    fn hang_up(&mut self, now: Instant) {
        self.phone.hang_up(now);
        self.gone(now, HangUp::Caller);
    }

    fn after(&mut self, now: Instant) {
        while let Some(event) = self.phone.poll_event(now) {
            match event {
                Event::Answered { .. } => {
                    self.answered = true;
                    self.stage = Stage::Listening { since: now, next_key: 0 };
                }
                Event::Refused { code: 487, .. } | Event::LateAnswer { .. } => self.gone(now, HangUp::Caller),
                Event::Refused { code, .. } => self.gone(now, HangUp::Refused(code)),
                Event::Ended { .. } => self.gone(now, HangUp::Other),
                _ => {}
            }
        }
        if let Stage::Listening { since, next_key } = self.stage
            && self.phone.hears_person()
        {
            self.talked_since = Some(now);
            self.stage = Stage::Talking { until: now + self.plan.talk, since, next_key };
        }
    }

    fn gone(&mut self, now: Instant, hang_up: HangUp) {
        if matches!(self.stage, Stage::Gone) {
            return;
        }
        self.stage = Stage::Gone;
        let heard = self.phone.stop_sound();
        self.report = Some(CallerReport {
            number: self.plan.number.clone(),
            answered: self.answered,
            heard,
            talked: self.talked_since.is_some(),
            talked_ms: self.talked_since.map_or(0, |at| now.ms_since(at)),
            hang_up,
            ended: now,
        });
    }
}
