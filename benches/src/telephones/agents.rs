//! The agents: their accounts, and who of them is free since when.
use super::{Side, Telephones, readable, receive};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_model::{Chance, EndpointId, FlowId, Instant};
use switchboard_sip::{Credentials, Endpoint, EndpointConfig, Event, OutRequest, Output};
use switchboard_wire::sip::Message;

/// An agent's telephone, as the target knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AgentAccount {
    /// Its user.
    pub user: String,
    /// Its password; none for a telephone that the target reaches without being told.
    pub password: Option<String>,
}

/// All agents.
#[derive(Default)]
pub struct Agents {
    all: Vec<Agent>,
    by_user: BTreeMap<String, usize>,
}

struct Agent {
    free_since: Instant,
    call: Option<u64>,
}

impl Agents {
    /// The agent with this user.
    pub fn by_user(&self, user: &str) -> Option<usize> {
        self.by_user.get(user).copied()
    }
    /// He is rung for this caller; false if he has another call.
    pub fn take(&mut self, agent: usize, call: u64) -> bool {
        let free = self.all[agent].call.is_none();
        if free {
            self.all[agent].call = Some(call);
        }
        free
    }
    /// He is free again, if that was his call.
    pub fn free(&mut self, agent: usize, call: u64, now: Instant) {
        let agent = &mut self.all[agent];
        if agent.call == Some(call) {
            (agent.call, agent.free_since) = (None, now);
        }
    }
    /// Since when he has been free.
    pub fn free_since(&self, agent: usize) -> Instant {
        self.all[agent].free_since
    }
    fn add(&mut self, user: &str, now: Instant) {
        if !self.by_user.contains_key(user) {
            self.by_user.insert(user.to_owned(), self.all.len());
            self.all.push(Agent { free_since: now, call: None });
        }
    }
}

impl Telephones {
    /// These agents take their places: those with a password register, one after the other. Again after that, it renews.
    pub fn register(&mut self, accounts: &[AgentAccount]) -> Result<(), String> {
        for (n, account) in accounts.iter().enumerate() {
            self.agents.add(&account.user, self.clock.now());
            if let Some(password) = &account.password {
                let who = format!("agent {} of {} (user {})", n + 1, accounts.len(), account.user);
                self.register_one(account, password).map_err(|why| format!("{who} cannot log in: {why}"))?;
            }
        }
        Ok(())
    }

    fn register_one(&mut self, account: &AgentAccount, password: &str) -> Result<(), String> {
        let (at, target) = (self.address(Side::Desk), self.target);
        let config = EndpointConfig::new(EndpointId(1), at, "bench", Chance::from_seed(self.chance.seed()));
        let mut phone = Endpoint::new(config);
        let request = OutRequest {
            method: "REGISTER".to_owned(),
            target: format!("sip:{target}"),
            to_addr: target,
            flow: FlowId(0),
            from_user: account.user.clone(),
            headers: vec![
                ("Contact".to_owned(), format!("<sip:{}@{at}>", account.user)),
                ("Expires".to_owned(), EXPIRES_S.to_string()),
            ],
            body: Bytes::new(),
            credentials: Some(Credentials { user: account.user.clone(), password: password.to_owned() }),
        };
        phone.request(self.clock.now(), request);
        let until = self.clock.now() + ANSWER_WITHIN;
        loop {
            while let Some(output) = phone.poll() {
                match output {
                    Output::Send { to, bytes, .. } => drop(self.desk.send_to(&bytes, to).map_err(|e| e.to_string())?),
                    Output::Event(Event::Response { code: 200..=299, .. }) => return Ok(()),
                    Output::Event(Event::Response { code, .. }) => return Err(says_no(code)),
                    Output::Event(_) => {}
                }
            }
            let now = self.clock.now();
            if now >= until {
                return Err(format!(
                    "{target} said nothing within {} s; is it the target's SIP address (UDP), and does it run?",
                    ANSWER_WITHIN.as_secs()
                ));
            }
            let wake = phone.next_timeout().map_or(until, |at| at.min(until));
            readable(&[&self.desk], wake.since(now));
            phone.handle_timeout(self.clock.now());
            let mut buffer = std::mem::take(&mut self.buffer);
            while let Ok(Some((n, from))) = receive(&self.desk, &mut buffer) {
                // Those who have registered before may be rung already.
                let of_register = |m: Message<'_>| m.cseq().is_some_and(|(_, method)| method == "REGISTER");
                if Message::parse(&buffer[..n]).is_ok_and(of_register) {
                    phone.handle_datagram(self.clock.now(), FlowId(0), from, &buffer[..n]);
                } else {
                    self.take(Side::Desk, from, &buffer[..n]);
                }
            }
            self.buffer = buffer;
        }
    }
}

fn says_no(code: u16) -> String {
    let why = match code {
        401 | 403 | 407 => "; is the password right?",
        404 => "; does the target know this user?",
        503 => "; the target says that it is out of service",
        _ => "",
    };
    format!("the answer to its REGISTER was {code}{why}")
}

/// An hour, which registrars grant: longer than a run, or renewed within it.
const EXPIRES_S: u32 = 3_600;
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
