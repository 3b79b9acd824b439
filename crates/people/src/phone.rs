//! One telephone, sans-IO: a SIP endpoint and at most one audio stream at a time.
//!
//! ```text
//!   sip(bytes) ─► Endpoint ─► poll_event ─► the person            call, answer, refuse, hang_up, press ─► poll ─► bytes to send
//!   rtp(bytes) ─► Audio    ─► hears_person
//! ```
//! In depth `Told` there is no sound: digits leave as `PhoneOutput::Pressed`, and the world says what is heard.
use crate::audio::Audio;
use bytes::Bytes;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{Chance, Digit, EndpointId, FlowId, Instant};
use switchboard_sip::{Credentials, DialogId, Endpoint, EndpointConfig, Event, Invite, OutRequest, Output};
use switchboard_wire::sdp::{self, Negotiated};

/// Whether sound is real.
#[derive(Clone, Debug)]
pub enum Depth {
    /// RTP flows; the person's own tone, and the tones he listens for.
    Sounded {
        /// His own, in Hz.
        own: f64,
        /// Those of the people he may talk to.
        others: Vec<f64>,
    },
    /// Nothing sounds; the world tells.
    Told,
}

/// Where a telephone is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhoneAddress {
    /// Its SIP socket.
    pub sip: SocketAddr,
    /// Its RTP socket.
    pub rtp: SocketAddr,
}

/// What leaves a telephone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneOutput {
    /// A SIP message.
    Sip {
        /// Where to.
        to: SocketAddr,
        /// Its bytes.
        bytes: Bytes,
    },
    /// An RTP packet.
    Rtp {
        /// Where to.
        to: SocketAddr,
        /// Its bytes.
        bytes: Bytes,
    },
    /// In depth `Told`: a key was pressed.
    Pressed(Digit),
}

/// A telephone.
pub struct Phone {
    user: String,
    address: PhoneAddress,
    sip: Endpoint,
    depth: Depth,
    audio: Option<Audio>,
    told_person: bool,
    dialog: Option<(DialogId, bool)>,
    offered: Option<Bytes>,
    /// The offer in an INVITE that rings here.
    ringing_offer: Option<Bytes>,
    out: VecDeque<PhoneOutput>,
    events: VecDeque<Event>,
    chance: Chance,
    sdp_version: u64,
}

/// A person is heard once a tone of the others has lasted this long.
const HEARD_AFTER_MS: u64 = 200;

impl Phone {
    /// A telephone of this user.
    pub fn new(user: String, address: PhoneAddress, depth: Depth, mut chance: Chance) -> Self {
        let config = EndpointConfig::new(EndpointId(1), address.sip, "people", Chance::from_seed(chance.seed()));
        let sip = Endpoint::new(EndpointConfig { refers: true, ..config });
        Phone {
            user,
            address,
            sip,
            depth,
            audio: None,
            told_person: false,
            dialog: None,
            offered: None,
            ringing_offer: None,
            out: VecDeque::new(),
            events: VecDeque::new(),
            chance,
            sdp_version: 1,
        }
    }

    /// Where it is.
    pub fn address(&self) -> PhoneAddress {
        self.address
    }

    /// A SIP message came.
    pub fn sip(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        self.sip.handle_datagram(now, FlowId(0), from, bytes);
        self.drain(now);
    }
    /// An RTP packet came.
    pub fn rtp(&mut self, _now: Instant, _from: SocketAddr, bytes: &[u8]) {
        if let Some(audio) = &mut self.audio {
            audio.hear(bytes);
        }
    }
    /// The world says whether a person is heard.
    pub fn told(&mut self, hears_person: bool) {
        self.told_person = hears_person;
    }
    /// Time has come.
    pub fn timeout(&mut self, now: Instant) {
        self.sip.handle_timeout(now);
        if let Some(audio) = &mut self.audio {
            audio.tick(now, &mut self.out);
        }
        self.drain(now);
    }
    /// When it wants `timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let audio = self.audio.as_ref().map(Audio::next_frame);
        self.sip.next_timeout().into_iter().chain(audio).min()
    }
    /// What leaves it.
    pub fn poll(&mut self) -> Option<PhoneOutput> {
        self.out.pop_front()
    }
    /// What SIP has to say to the person.
    pub fn poll_event(&mut self, now: Instant) -> Option<Event> {
        self.drain(now);
        self.events.pop_front()
    }

    /// Whether a person is heard now, or has been.
    pub fn hears_person(&self) -> bool {
        match &self.depth {
            Depth::Sounded { .. } => {
                self.audio.as_ref().is_some_and(|a| a.heard().iter().any(|(_, ms)| *ms >= HEARD_AFTER_MS))
            }
            Depth::Told => self.told_person,
        }
    }

    /// Dials; with an offer of AMR alone, if that is all it knows.
    pub fn call(&mut self, now: Instant, uri: &str, to: SocketAddr, only_amr: bool) {
        let offer = if only_amr {
            amr_offer(self.address.rtp)
        } else {
            sdp::offer(self.address.rtp, u64::from(self.chance.u32()), 1)
        };
        self.offered = Some(offer.clone());
        let dialog = self.sip.invite(
            now,
            Invite {
                target: uri.to_owned(),
                to_addr: to,
                flow: FlowId(0),
                from_user: self.user.clone(),
                from_display: None,
                headers: vec![],
                sdp: Some(offer),
                credentials: None,
                terms: Default::default(),
            },
        );
        self.dialog = Some((dialog, false));
        self.drain(now);
    }

    /// Says that it rings.
    pub fn ring(&mut self, now: Instant, dialog: DialogId) {
        self.sip.progress(now, dialog, 180, None);
        self.drain(now);
    }

    /// Picks up. False if there is nothing to be picked up any more, or no common codec.
    pub fn answer(&mut self, now: Instant, dialog: DialogId) -> bool {
        let Some(offer) = self.ringing_offer.take() else { return false };
        let Ok((answer, negotiated)) = sdp::answer(&offer, self.address.rtp, u64::from(self.chance.u32()), 1) else {
            self.sip.reject(now, dialog, 488, &[]);
            self.drain(now);
            return false;
        };
        let answered = self.sip.answer(now, dialog, answer).is_ok();
        if answered {
            self.dialog = Some((dialog, true));
            self.start_sound(now, &negotiated);
        }
        self.drain(now);
        answered
    }

    /// Refuses.
    pub fn refuse(&mut self, now: Instant, dialog: DialogId, code: u16) {
        self.sip.reject(now, dialog, code, &[]);
        self.drain(now);
    }

    /// Hangs up, or gives up dialling.
    pub fn hang_up(&mut self, now: Instant) {
        match self.dialog.take() {
            Some((dialog, true)) => self.sip.bye(now, dialog, None),
            Some((dialog, false)) => self.sip.cancel(now, dialog, None),
            None => {}
        }
        self.drain(now);
    }

    /// Presses a key.
    pub fn press(&mut self, now: Instant, digit: Digit) {
        match &mut self.audio {
            Some(audio) => audio.press(now, digit),
            None => self.out.push_back(PhoneOutput::Pressed(digit)),
        }
    }

    /// Puts the other side on hold, or takes it back, by re-INVITE.
    pub fn hold(&mut self, now: Instant, hold: bool) {
        if let Some((dialog, true)) = self.dialog {
            self.sdp_version += 1;
            let direction = if hold { sdp::Direction::SendOnly } else { sdp::Direction::SendRecv };
            let offer = sdp::offer_with(self.address.rtp, 1, self.sdp_version, direction);
            self.offered = Some(offer.clone());
            self.sip.reinvite(now, dialog, offer);
            self.drain(now);
        }
    }

    /// Sends the other side elsewhere by REFER, as the transfer key of a telephone does.
    pub fn refer(&mut self, now: Instant, to: &str) {
        if let Some((dialog, true)) = self.dialog {
            self.sip.refer(now, dialog, to);
            self.drain(now);
        }
    }

    /// Registers for `expires_s` seconds; 0 unregisters.
    pub fn register(&mut self, now: Instant, user: &str, password: &str, registrar: SocketAddr, expires_s: u32) {
        let contact = format!("<sip:{user}@{}>", self.address.sip);
        self.sip.request(
            now,
            OutRequest {
                method: "REGISTER".to_owned(),
                target: format!("sip:{registrar}"),
                to_addr: registrar,
                flow: FlowId(0),
                from_user: user.to_owned(),
                headers: vec![("Contact".to_owned(), contact), ("Expires".to_owned(), expires_s.to_string())],
                body: Bytes::new(),
                credentials: Some(Credentials { user: user.to_owned(), password: password.to_owned() }),
            },
        );
        self.drain(now);
    }

    /// Ends sending and listening; returns how long each tone was heard.
    pub fn stop_sound(&mut self) -> Vec<(f64, u64)> {
        self.told_person = false;
        self.dialog = None;
        self.audio.take().map_or_else(Vec::new, |a| a.heard())
    }

    fn start_sound(&mut self, now: Instant, negotiated: &Negotiated) {
        if let Depth::Sounded { own, others } = &self.depth {
            self.audio = Some(Audio::new(*own, others, negotiated, self.chance.u32(), now));
        }
    }

    fn drain(&mut self, now: Instant) {
        while let Some(output) = self.sip.poll() {
            match output {
                Output::Send { to, bytes, .. } => self.out.push_back(PhoneOutput::Sip { to, bytes }),
                Output::Event(event) => self.on_event(now, event),
            }
        }
    }

    fn on_event(&mut self, now: Instant, event: Event) {
        match &event {
            Event::Invite { offer, .. } => self.ringing_offer = offer.clone(),
            Event::Answered { dialog, sdp } => {
                self.dialog = Some((*dialog, true));
                let negotiated = self.offered.take().zip(sdp.as_ref()).and_then(|(o, a)| sdp::read_answer(&o, a).ok());
                if let Some(negotiated) = negotiated {
                    self.start_sound(now, &negotiated);
                }
            }
            // The session as it is, once more: how the centre asks whether we are still there.
            Event::Reoffer { dialog, sdp } => {
                self.sdp_version += 1;
                let answer = sdp.as_ref().map(|offer| sdp::answer(offer, self.address.rtp, 1, self.sdp_version));
                match answer {
                    Some(Ok((answer, _))) => {
                        let _ = self.sip.answer(now, *dialog, answer);
                    }
                    Some(Err(_)) | None => self.sip.reject(now, *dialog, 488, &[]),
                }
            }
            Event::Ended { dialog, .. } | Event::Refused { dialog, .. } | Event::LateAnswer { dialog }
                if self.dialog.is_some_and(|(d, _)| d == *dialog) =>
            {
                self.dialog = None;
            }
            // A simulated person is there to find errors, not to bear them.
            Event::Fault => panic!("an error of our own in a telephone's endpoint"),
            _ => {}
        }
        self.events.push_back(event);
    }
}

fn amr_offer(rtp: SocketAddr) -> Bytes {
    let (ip, port) = (rtp.ip(), rtp.port());
    let text = format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP 96\r\na=rtpmap:96 AMR/8000\r\n"
    );
    Bytes::from(text)
}

/// One frame of G.711.
pub const FRAME: Duration = Duration::from_millis(20);
