//! Who can be reached where.
use crate::Request;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{BadRecord, Chance, FlowId, Instant, Record, RecordKey};

/// How a registrar behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistrarConfig {
    /// The digest realm.
    pub realm: String,
    /// Less is refused with 423.
    pub expires_s_min: u32,
    /// More is shortened.
    pub expires_s_max: u32,
    /// Where the telephone asks for nothing.
    pub expires_s_default: u32,
    /// How long a nonce may be used.
    pub nonce_lifetime: Duration,
    /// More nonces in use than this: the oldest go stale.
    pub nonces_max: usize,
    /// More contacts of one user than this are refused.
    pub contacts_max: usize,
    /// For the nonces' secret.
    pub chance: Chance,
}

impl RegistrarConfig {
    /// With the usual bounds.
    pub fn new(realm: &str, chance: Chance) -> Self {
        RegistrarConfig {
            realm: realm.to_owned(),
            expires_s_min: 60,
            expires_s_max: 3600,
            expires_s_default: 300,
            nonce_lifetime: Duration::from_secs(3600),
            nonces_max: 10_000,
            contacts_max: 4,
            chance,
        }
    }
}

/// Who may register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The user part of the address of record, and the user name of the digest.
    pub user: String,
    /// His password.
    pub password: Password,
}

/// A password, or what is left of it. It does not print.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// As it is.
    Plain(String),
    /// H(user:realm:password) in lower-case hex, for each algorithm that is offered.
    Ha1 {
        /// MD5.
        md5: Option<String>,
        /// SHA-256.
        sha256: Option<String>,
    },
}

/// Where a user can be reached.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    /// The URI to be dialled.
    pub uri: String,
    /// Where the REGISTER came from: the way to the telephone through whatever stands between.
    pub source: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// Until when.
    pub expires_at: Instant,
}

/// The answer to a REGISTER.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub code: u16,
    /// The headers that go with it.
    pub headers: Vec<(String, String)>,
    /// The user whose contacts changed, if they did.
    pub changed: Option<String>,
}

/// Who can be reached where.
pub struct Registrar;

#[allow(unused_variables, missing_docs)]
impl Registrar {
    pub fn new(config: RegistrarConfig, accounts: Vec<Account>) -> Self {
        Registrar
    }
    pub fn handle(&mut self, now: Instant, request: &Request) -> Answer {
        Answer { code: 401, headers: vec![], changed: None }
    }
    pub fn contacts(&self, user: &str) -> &[Contact] {
        &[]
    }
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<String> {
        vec![]
    }
    pub fn next_timeout(&self) -> Option<Instant> {
        None
    }
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        None
    }
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        None
    }
    pub fn records(&self) -> Vec<Record> {
        vec![]
    }
    pub fn restore(config: RegistrarConfig, accounts: Vec<Account>, records: &[Record]) -> Result<Self, BadRecord> {
        Ok(Registrar)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}
