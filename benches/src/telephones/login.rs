//! How agents log in: their telephones register, or dial a feature code; and how they stay logged in.
//!
//! ```text
//!   REGISTER ─► 401 ─► REGISTER, digest ─► 200                    again every so often, while calls go on, as telephones do
//!   INVITE *45 ─► 407 ─► ACK, INVITE, digest ─► 200 ─► ACK, BYE ─► 200
//! ```
//! Some at a time; what is not answered is said again by RFC 3261's timers. An agent who cannot log in at the start ends the run.
use super::leg::{Leg, contact_uri};
use super::{Side, T1, Telephones, readable};
use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::time::Duration;
use switchboard_model::Instant;
use switchboard_sip::Credentials;
use switchboard_sip::digest::Challenge;
use switchboard_wire::sip::{Message, Name};

/// An agent's telephone, as the target knows it. One that neither registers nor dials is where the target expects it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentAccount {
    /// Its user.
    pub user: String,
    /// Its password, where the target asks for one.
    pub password: String,
    /// Whether it registers.
    pub registers: bool,
    /// The feature code that it dials, after that.
    pub code: Option<String>,
}

impl AgentAccount {
    /// One that registers.
    pub fn registering(user: impl Into<String>, password: impl Into<String>) -> AgentAccount {
        AgentAccount { user: user.into(), password: password.into(), registers: true, code: None }
    }
}

/// Telephones that log in just now, by user, and when each is to do so again.
#[derive(Default)]
pub(super) struct Logins {
    accounts: Vec<AgentAccount>,
    going: BTreeMap<String, Going>,
    /// How many have been begun: Call-IDs differ by it.
    asked: u64,
    /// How often they register again, and when who is next.
    again: Option<(Duration, Instant, usize)>,
}

struct Going {
    account: usize,
    dials: bool,
    leg: Leg,
    cseq: u32,
    /// The challenge that was answered, as a header line.
    auth: String,
    stage: Stage,
    text: Vec<u8>,
    say_again: (Instant, u32),
    until: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Asking,
    Leaving,
}

impl Logins {
    /// Whether an agent has registered.
    pub(super) fn any_registers(&self) -> bool {
        self.accounts.iter().any(|account| account.registers)
    }
}

impl Telephones {
    /// These agents take their places, some at a time. The first who cannot ends it.
    pub fn log_in(&mut self, accounts: &[AgentAccount]) -> Result<(), String> {
        let now = self.clock.now();
        for account in accounts {
            self.agents.add(&account.user, now);
        }
        // What failed before, while a target was down, is over.
        self.login_failed = None;
        self.logins.going.clear();
        self.logins.accounts = accounts.to_vec();
        let register = (0..accounts.len()).filter(|n| accounts[*n].registers).map(|n| (n, false));
        let dial = (0..accounts.len()).filter(|n| accounts[*n].code.is_some()).map(|n| (n, true));
        let mut next = register.chain(dial).peekable();
        loop {
            while self.logins.going.len() < AT_ONCE
                // Whoever registers and dials does one after the other.
                && let Some((n, dials)) = next.next_if(|(n, _)| !self.logins.going.contains_key(&accounts[*n].user))
            {
                self.ask(n, dials);
            }
            if self.logins.going.is_empty() {
                return Ok(());
            }
            readable(self.desk.as_fd(), LOOK);
            self.read_sip(Side::Desk).map_err(|e| format!("the agents' socket failed: {e}"))?;
            self.logins_due();
            if let Some(why) = self.login_failed.take() {
                self.logins.going.clear();
                return Err(why);
            }
        }
    }

    /// From now on each registers again about this often, spread evenly; who cannot is counted.
    pub fn keep_registered(&mut self, every: Duration) {
        self.logins.again = Some((every, self.clock.now(), 0));
    }

    /// Those whose turn it is to register again, and what must be said again.
    pub(super) fn logins_due(&mut self) {
        let now = self.clock.now();
        let many = self.logins.accounts.len();
        while let Some((every, at, n)) = self.logins.again
            && at <= now
            && many > 0
        {
            self.logins.again = Some((every, at + every / many as u32, (n + 1) % many));
            let account = &self.logins.accounts[n];
            if account.registers && !self.logins.going.contains_key(&account.user) {
                self.ask(n, false);
            }
        }
        if self.logins.going.is_empty() {
            return;
        }
        let due: Vec<String> =
            self.logins.going.iter().filter(|(_, g)| g.say_again.0 <= now).map(|(u, _)| u.clone()).collect();
        for user in due {
            let target = self.target;
            let Some(going) = self.logins.going.get_mut(&user) else { continue };
            if going.until <= now {
                let within = ANSWER_WITHIN.as_secs();
                self.login_over(
                    &user,
                    Some(format!(
                        "{target} said nothing within {within} s; is that the target's SIP address, and does it run?"
                    )),
                );
                continue;
            }
            going.say_again = (now + T1 * 2u32.pow(going.say_again.1), (going.say_again.1 + 1).min(3));
            if !self.desk.own().transport.is_reliable() {
                let sent = self.desk.send(target, &going.text);
                self.measured.not_sent += u64::from(!sent);
            }
        }
    }

    /// This account's telephone registers, or dials its code.
    fn ask(&mut self, n: usize, dials: bool) {
        let (now, own, target) = (self.clock.now(), self.desk.own(), self.target);
        let AgentAccount { user, code, .. } = &self.logins.accounts[n];
        self.logins.asked += 1;
        let turn = self.logins.asked;
        let (remote, to) = match code.as_ref().filter(|_| dials) {
            Some(code) => (format!("sip:{code}@{target}"), format!("<sip:{code}@{target}>")),
            None => (format!("sip:{target}"), format!("<sip:{user}@{target}>")),
        };
        let leg = Leg {
            from: format!("<sip:{user}@{target}>;tag=l{turn}"),
            to,
            call_id: format!("login-{user}-{turn}-{}@{}", now.micros(), own.at),
            remote_target: remote,
            routes: String::new(),
        };
        let going = Going {
            account: n,
            dials,
            leg,
            cseq: 1,
            auth: String::new(),
            stage: Stage::Asking,
            text: vec![],
            say_again: (now + T1, 1),
            until: now + ANSWER_WITHIN,
        };
        let user = user.clone();
        self.logins.going.insert(user.clone(), going);
        self.login_says(&user);
    }

    /// What its stage wants said.
    fn login_says(&mut self, user: &str) {
        let (own, rtp) = (self.desk.own(), self.agent_rtp.local_addr().expect("it is bound"));
        let Some(going) = self.logins.going.get_mut(user) else { return };
        let branch = format!("l{user}x{}", going.cseq);
        let contact = format!("Contact: <{}>\r\n", own.uri(user));
        match (going.stage, going.dials) {
            (Stage::Asking, false) => {
                let more = format!("{contact}Expires: {EXPIRES_S}\r\n{}", going.auth);
                going.leg.request(&mut self.text, "REGISTER", going.cseq, &branch, own, &more, b"");
            }
            (Stage::Asking, true) => {
                let offer = switchboard_wire::sdp::offer(rtp, 1, 1);
                going.leg.request(&mut self.text, "INVITE", going.cseq, &branch, own, &(contact + &going.auth), &offer);
            }
            (Stage::Leaving, _) => going.leg.request(&mut self.text, "BYE", going.cseq, &branch, own, "", b""),
        }
        going.text = self.text.as_bytes().to_vec();
        self.send(Side::Desk, self.target);
    }

    /// A response that may be to somebody's log-in; whether it was.
    pub(super) fn login_response(&mut self, code: u16, message: &Message<'_>) -> bool {
        let Some(user) = message.get(Name::From).and_then(super::user_of) else { return false };
        let own = self.desk.own();
        let Some(going) = self.logins.going.get_mut(user) else { return false };
        if message.get(Name::CallId) != Some(going.leg.call_id.as_str()) {
            return false;
        }
        let (cseq, method) = message.cseq().map_or((0, String::new()), |(n, m)| (n, m.to_owned()));
        if code < 200 {
            // Whoever rings has heard us: no more is said, and more time given.
            going.say_again.0 = going.until;
            return true;
        }
        let invite = method == "INVITE";
        if invite {
            let branch = format!("l{user}x{}", if code < 300 { going.cseq + 100 } else { cseq });
            let to = std::mem::replace(&mut going.leg.to, message.get(Name::To).unwrap_or("").to_owned());
            if code < 300 {
                going.leg.remote_target = contact_uri(message).unwrap_or(going.leg.remote_target.clone());
            }
            going.leg.request(&mut self.text, "ACK", cseq, &branch, own, "", b"");
            if code >= 300 {
                going.leg.to = to;
            }
            self.send(Side::Desk, self.target);
        }
        let Some(going) = self.logins.going.get_mut(user) else { return true };
        if cseq != going.cseq {
            return true;
        }
        let account = &self.logins.accounts[going.account];
        match code {
            200..=299 if invite => {
                going.stage = Stage::Leaving;
                going.cseq += 1;
                going.say_again = (self.clock.now() + T1, 1);
                self.login_says(user);
            }
            200..=299 => self.login_over(user, None),
            401 | 407 if going.auth.is_empty() => {
                let credentials = Credentials { user: account.user.clone(), password: account.password.clone() };
                match answer_challenge(code, message, &credentials, &method, &going.leg.remote_target) {
                    Some(auth) => {
                        going.auth = auth;
                        going.cseq += 1;
                        going.say_again = (self.clock.now() + T1, 1);
                        self.login_says(user);
                    }
                    None => self.login_over(user, Some(format!("the challenge of its {code} is not understood"))),
                }
            }
            // The feature has hung up by itself.
            _ if going.stage == Stage::Leaving => self.login_over(user, None),
            _ => {
                let what = if invite { "call of the feature code" } else { "REGISTER" };
                self.login_over(user, Some(format!("the answer to its {what} was {}", says_no(code))));
            }
        }
        true
    }

    /// A BYE within the call of a feature code; whether it was that.
    pub(super) fn login_bye(&mut self, message: &Message<'_>) -> bool {
        let call_id = message.get(Name::CallId);
        let user =
            self.logins.going.iter().find(|(_, g)| call_id == Some(g.leg.call_id.as_str())).map(|(u, _)| u.clone());
        let Some(user) = user else { return false };
        self.login_over(&user, None);
        true
    }

    fn login_over(&mut self, user: &str, failed: Option<String>) {
        let Some(going) = self.logins.going.remove(user) else { return };
        if let Some(why) = failed {
            self.measured.logins_failed += 1;
            let (n, all) = (going.account + 1, self.logins.accounts.len());
            self.login_failed.get_or_insert_with(|| format!("agent {n} of {all} (user {user}) cannot log in: {why}"));
        }
    }
}

/// The header line that answers this challenge; none if it is not understood.
pub(super) fn answer_challenge(
    code: u16,
    message: &Message<'_>,
    credentials: &Credentials,
    method: &str,
    uri: &str,
) -> Option<String> {
    let (asks, answers) = match code {
        401 => (Name::WwwAuthenticate, "Authorization"),
        _ => (Name::ProxyAuthenticate, "Proxy-Authorization"),
    };
    let challenge = Challenge::choose(message.all(asks))?;
    // Bound to this one challenge; that it can be foreseen gives nobody anything on a load's own account.
    let cnonce = format!("{:016x}", challenge.nonce.bytes().fold(7u64, |h, b| h.wrapping_mul(31) ^ u64::from(b)));
    Some(format!("{answers}: {}\r\n", challenge.answer(credentials, method, uri, &cnonce)))
}

fn says_no(code: u16) -> String {
    let why = match code {
        401 | 403 | 407 => "; is the password right?",
        404 => "; does the target know this user?",
        503 => "; the target says that it is out of service",
        _ => "",
    };
    format!("{code}{why}")
}

/// An hour, which registrars grant: longer than a run, or renewed within it.
const EXPIRES_S: u32 = 3_600;
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// So many log in at a time: quick, and no storm.
const AT_ONCE: usize = 20;
const LOOK: Duration = Duration::from_millis(5);
