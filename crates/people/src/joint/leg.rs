//! What a tester knows of its call, and how it writes a request in it (RFC 3261 §8.1.1, §12).
use super::draft::Draft;
use super::heard::{Heard, Sdp};
use super::lie::EVENTS;
use super::line::{Addresses, Line};
use super::{Plan, SeenCall};
use std::net::SocketAddr;
use switchboard_model::{Chance, Instant, Number};

/// A tester's call, and what it has heard.
pub struct Leg {
    /// What is tested.
    pub plan: Plan,
    /// Where everybody is.
    pub at: Addresses,
    /// By which socket it speaks.
    pub line: Line,
    /// The caller's number, of which there is only one in a run.
    pub caller: String,
    /// Every SIP message of this check, in the order in which it came.
    pub heard: Vec<Heard>,
    /// The one that the last step waited for.
    pub last: Option<Heard>,
    /// When the last request left.
    pub asked_at: Instant,
    /// The method and CSeq number of the last request.
    pub asked: (String, u32),
    /// What somebody has agreed to send to: from the last session description of the other side.
    pub rtp: Option<SocketAddr>,
    pub(super) call_id: String,
    pub(super) up: bool,
    pub(super) inviting: Option<Inviting>,
    pub(super) chance: Chance,
    from_uri: String,
    from_tag: String,
    to_uri: String,
    to_tag: Option<String>,
    target: String,
    routes: Vec<String>,
    cseq: u32,
    check: &'static str,
    calls: u32,
    sdp_version: u32,
}

/// An INVITE that has not been answered for good.
#[derive(Clone)]
pub(super) struct Inviting {
    pub via: String,
    pub uri: String,
    pub to: String,
    pub cseq: u32,
    pub initial: bool,
}

impl Leg {
    pub(super) fn new(check: &'static str, line: Line, number: u32, plan: Plan, at: Addresses, chance: Chance) -> Leg {
        let mut leg = Leg {
            caller: format!("138{number:04}0000"),
            plan,
            at,
            line,
            heard: vec![],
            last: None,
            asked_at: Instant::from_millis(0),
            asked: (String::new(), 0),
            rtp: None,
            call_id: String::new(),
            up: false,
            inviting: None,
            chance,
            from_uri: String::new(),
            from_tag: String::new(),
            to_uri: String::new(),
            to_tag: None,
            target: String::new(),
            routes: vec![],
            cseq: 0,
            check,
            calls: 0,
            sdp_version: 0,
        };
        leg.begin();
        leg
    }

    /// A call of its own from here on.
    pub(super) fn begin(&mut self) {
        self.calls += 1;
        self.call_id = format!("jt.{}.{}.{}", self.check, self.calls, self.chance.token(12));
        self.from_tag = self.chance.token(8);
        // As carriers write it: without the port, so that nobody takes it for an address to send to.
        self.from_uri = format!("sip:{}@{}", self.caller, self.at.of(self.line).ip());
        self.to_uri = String::new();
        self.target = String::new();
        (self.to_tag, self.routes, self.cseq, self.up, self.inviting, self.rtp) = (None, vec![], 0, false, None, None);
    }

    /// Whether a message with this Call-ID is of this check.
    pub(super) fn owns(check: &str, call_id: &str) -> bool {
        call_id.strip_prefix("jt.").and_then(|rest| rest.split('.').next()) == Some(check)
    }

    // ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A request: to a number or an address while there is no call, within the call once there is one.
    pub fn request(&mut self, method: &str, to: &str) -> Draft {
        self.cseq += 1;
        let uri = match &self.to_tag {
            Some(_) if !self.target.is_empty() => self.target.clone(),
            _ if to.contains(':') => to.to_owned(),
            _ if to.is_empty() => format!("sip:{}", self.at.peer),
            _ => format!("sip:{to}@{}", self.at.peer),
        };
        if self.to_tag.is_none() {
            self.to_uri.clone_from(&uri);
        }
        let via = self.via();
        self.asked = (method.to_owned(), self.cseq);
        let draft = self.write(method, &uri, &via, self.cseq);
        if method == "INVITE" {
            let to = draft.get("To").unwrap_or("").to_owned();
            let initial = self.to_tag.is_none();
            self.inviting = Some(Inviting { via, uri, to, cseq: self.cseq, initial });
        }
        draft
    }

    /// An INVITE to this number, or a re-INVITE, with this offer; none if it is empty.
    pub fn invite(&mut self, to: &str, sdp: &str) -> Draft {
        let draft = self
            .request("INVITE", to)
            .with("Contact", &format!("<sip:{}@{}>", self.caller, self.at.of(self.line)))
            .with("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO");
        if sdp.is_empty() { draft } else { draft.body("application/sdp", sdp) }
    }

    /// A call of the carrier to the number that leads to a menu.
    pub fn call(&mut self, sdp: &str) -> Draft {
        let dials = self.plan.dials.clone();
        self.invite(&dials, sdp)
    }

    /// The ACK of a 200; with an answer, if the offer came in the 200.
    pub fn ack(&mut self, sdp: &str) -> Draft {
        let cseq = self.inviting.take().map_or(self.cseq, |i| i.cseq);
        let (via, uri) = (self.via(), self.target.clone());
        let draft = self.write("ACK", &uri, &via, cseq);
        self.up = true;
        if sdp.is_empty() { draft } else { draft.body("application/sdp", sdp) }
    }

    /// The CANCEL of the INVITE that rings (RFC 3261 §9.1).
    pub fn cancel(&mut self) -> Draft {
        let Some(inviting) = self.inviting.clone() else { return self.request("CANCEL", "") };
        self.asked = ("CANCEL".to_owned(), inviting.cseq);
        let mut draft = self.write("CANCEL", &inviting.uri, &inviting.via, inviting.cseq);
        draft = draft.set("To", &inviting.to);
        draft
    }

    /// The ACK of a refusal: of the transaction of its INVITE (RFC 3261 §17.1.1.3).
    pub(super) fn ack_refusal(&mut self, refusal: &Heard) -> Option<Draft> {
        let inviting = self.inviting.clone().filter(|i| i.cseq == refusal.cseq)?;
        let draft = self.write("ACK", &inviting.uri, &inviting.via, inviting.cseq);
        Some(draft.set("To", &refusal.header("To").unwrap_or_default()))
    }

    /// A response to a request of the other side.
    pub(super) fn response(&self, to: &Heard, code: u16) -> Draft {
        let mut draft = Draft::new(format!("SIP/2.0 {code} {}", switchboard_wire::sip::phrase(code)));
        let message = to.message();
        for (_, name, value) in message.headers() {
            if ["Via", "From", "To", "Call-ID", "CSeq", "Record-Route"].iter().any(|n| n.eq_ignore_ascii_case(name)) {
                draft = draft.with(name, value);
            }
        }
        draft.to = Some(to.from);
        draft.with("Contact", &format!("<sip:{}@{}>", self.caller, self.at.of(self.line)))
    }

    fn via(&mut self) -> String {
        format!("SIP/2.0/UDP {};branch=z9hG4bK{};rport", self.at.of(self.line), self.chance.token(12))
    }

    fn write(&self, method: &str, uri: &str, via: &str, cseq: u32) -> Draft {
        let to = match &self.to_tag {
            Some(tag) => format!("<{}>;tag={tag}", self.to_uri),
            None => format!("<{}>", self.to_uri),
        };
        let mut draft = Draft::new(format!("{method} {uri} SIP/2.0"))
            .with("Via", via)
            .with("Max-Forwards", "70")
            .with("From", &format!("<{}>;tag={}", self.from_uri, self.from_tag))
            .with("To", &to)
            .with("Call-ID", &self.call_id)
            .with("CSeq", &format!("{cseq} {method}"));
        if self.to_tag.is_some() && method != "CANCEL" {
            for route in &self.routes {
                draft = draft.with("Route", route);
            }
        }
        draft.with("User-Agent", "joint-test")
    }

    // ── what is heard ────────────────────────────────────────────────────────────────────────────────────────────────────

    /// A response to an INVITE teaches tag, target and route (RFC 3261 §12.1.2).
    pub(super) fn learn(&mut self, heard: &Heard) {
        if heard.method != "INVITE" || !heard.code.is_some_and(|c| (101..300).contains(&c)) {
            return;
        }
        let initial = self.inviting.as_ref().is_some_and(|i| i.initial && i.cseq == heard.cseq);
        if initial {
            self.to_tag = heard.to_tag();
            let message = heard.message();
            self.routes = message.list(switchboard_wire::sip::Name::RecordRoute).map(str::to_owned).collect();
            self.routes.reverse();
        }
        if let Some(contact) = heard.contact() {
            self.target = contact;
        }
        if let Some(rtp) = heard.sdp().rtp() {
            self.rtp = Some(rtp);
        }
    }

    /// The last awaited message's session description.
    pub fn sdp(&self) -> Result<Sdp, String> {
        match self.last.as_ref().map(Heard::sdp) {
            Some(sdp) if !sdp.is_none() => Ok(sdp),
            Some(_) | None => Err("there is no session description in it".to_owned()),
        }
    }
    /// The last awaited message must bear one of these statuses.
    pub fn code(&self, wanted: &[u16]) -> Result<(), String> {
        match self.last.as_ref().and_then(|h| h.code) {
            Some(code) if wanted.contains(&code) => Ok(()),
            got => {
                let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
                let got = got.map_or("no response".to_owned(), |c| c.to_string());
                Err(format!("{} was answered with {got}, not with {}", self.asked.0, wanted.join(" or ")))
            }
        }
    }
    /// The last awaited message must have this header with a value that holds this.
    pub fn header(&self, name: &str, part: &str) -> Result<(), String> {
        match self.last.as_ref().and_then(|h| h.header(name)) {
            Some(value) if value.to_ascii_lowercase().contains(&part.to_ascii_lowercase()) => Ok(()),
            Some(value) => Err(format!("its {name} is `{value}`, without `{part}`")),
            None => Err(format!("it has no {name}")),
        }
    }

    /// The caller's number as the centre's board shows it.
    pub fn masked(&self, raw: &str) -> String {
        Number::read(raw, &self.plan.country, &self.plan.area).masked()
    }
    /// Whether the board shows this tester's call in that state.
    pub fn is_in(&self, calls: &[SeenCall], state: &str) -> bool {
        let mine = self.masked(&self.caller);
        calls.iter().any(|c| c.from == mine && c.state == state)
    }

    // ── session descriptions ─────────────────────────────────────────────────────────────────────────────────────────────

    /// One audio line with these payload types and more lines.
    pub fn offer(&mut self, payload_types: &str, lines: &[&str]) -> String {
        self.offer_at(&self.at.rtp.ip().to_string(), payload_types, lines)
    }
    /// The same, with this connection address.
    pub fn offer_at(&mut self, ip: &str, payload_types: &str, lines: &[&str]) -> String {
        self.sdp_version += 1;
        let (version, port, kind) = (self.sdp_version, self.at.rtp.port(), ip_kind(self.at.rtp));
        let mut text = format!(
            "v=0\r\no=- 4711 {version} IN {kind} {ip}\r\ns=-\r\nc=IN {kind} {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {payload_types}\r\n"
        );
        for line in lines {
            text.push_str(&format!("{line}\r\n"));
        }
        text
    }
    /// What a carrier of the fixed network offers.
    pub fn usual(&mut self) -> String {
        self.offer("8 0 18 101", &[EVENT_LINES[0], EVENT_LINES[1], "a=ptime:20"])
    }
}

/// Telephone-events as every tester offers them.
pub const EVENT_LINES: [&str; 2] = ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"];
const _: () = assert!(EVENTS == 101, "the lines above name it");

fn ip_kind(address: SocketAddr) -> &'static str {
    if address.is_ipv4() { "IP4" } else { "IP6" }
}
