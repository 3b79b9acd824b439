//! Who can be reached where (RFC 3261 §10.3), and whether he is who he says (§22.4).
//!
//! ```text
//!   REGISTER ─► 401 + nonce ─► REGISTER + digest ─► bindings of this user ─► Answer{200, Contact…, changed}
//!                                                      │ expires_at
//!                                                      └─► handle_timeout ─► users whose contacts changed
//! ```
//! A nonce costs no memory until somebody who knows the password has used it: it carries its hour and a seal that only we can make.
//! Used ones are kept with their count, so that nothing is accepted twice; there is a bound to them, and what falls out is stale.
//! It does not send (`Endpoint::respond` does) and does not know what a user is (`engine` does).
use crate::digest::{Algorithm, Claim, hex};
use crate::owner::fnv;
use crate::{Request, RequestContact};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_model::{BadRecord, Chance, FlowId, Instant, Record, RecordKey, RecordKind};
use switchboard_wire::sip::Uri;

/// How a registrar behaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RegistrarConfig {
    /// Which algorithms a challenge offers, first the one preferred.
    pub algorithms: Vec<Algorithm>,
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
    /// More contacts of one user than this: the oldest goes.
    pub contacts_max: usize,
    /// For the nonces' secret.
    pub chance: Chance,
}

impl RegistrarConfig {
    /// With the usual bounds.
    pub fn new(realm: &str, chance: Chance) -> Self {
        RegistrarConfig {
            algorithms: Algorithm::ALL.to_vec(),
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

impl Password {
    fn ha1(&self, algorithm: Algorithm, user: &str, realm: &str) -> Option<String> {
        match (self, algorithm) {
            (Password::Plain(password), _) => Some(algorithm.ha1(user, realm, password)),
            (Password::Ha1 { md5, .. }, Algorithm::Md5) => md5.clone(),
            (Password::Ha1 { sha256, .. }, Algorithm::Sha256) => sha256.clone(),
        }
    }
}

/// Where a user can be reached.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// The URI to be dialled.
    pub uri: String,
    /// Where the REGISTER came from: the way to the telephone through whatever stands between.
    pub source: SocketAddr,
    /// By which connection.
    pub flow: FlowId,
    /// Until when.
    pub expires_at: Instant,
    /// The REGISTER that made it, to tell an old one that was delayed (RFC 3261 §10.3 step 7).
    call_id: String,
    cseq: u32,
}

/// The answer to a REGISTER.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// The status.
    pub code: u16,
    /// The headers that go with it.
    pub headers: Vec<(String, String)>,
    /// The user whose contacts changed, if they did; a refresh that changes nothing but the time is no change.
    pub changed: Option<String>,
}

/// Who can be reached where.
#[derive(Clone, Debug)]
pub struct Registrar {
    config: RegistrarConfig,
    accounts: BTreeMap<String, Account>,
    bindings: BTreeMap<String, Vec<Contact>>,
    secret: Secret,
    /// By the moment of issue and a part of the seal.
    nonces: BTreeMap<NonceId, Used>,
    changed: BTreeSet<RecordKey>,
    /// Derived: every contact's end.
    ends: BTreeSet<(Instant, String)>,
    /// Derived: which user or nonce a record is of.
    user_of: BTreeMap<RecordKey, String>,
    nonce_of: BTreeMap<RecordKey, NonceId>,
}

/// What makes the seal; and below which hour a nonce is stale in any case.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Secret {
    key: [u8; 32],
    stale_before: Instant,
}

type NonceId = (Instant, u64);

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Used {
    at: NonceId,
    /// The highest count that was accepted.
    count: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Binding {
    user: String,
    contacts: Vec<Contact>,
}

const VERSION: u8 = 1;
const SECRET: RecordKey = RecordKey { kind: RecordKind::Nonce, id: 0 };

impl Registrar {
    /// Nobody is registered yet.
    pub fn new(mut config: RegistrarConfig, accounts: Vec<Account>) -> Self {
        let secret = Secret { key: config.chance.seed(), stale_before: Instant::from_micros(0) };
        Registrar {
            config,
            accounts: accounts.into_iter().map(|a| (a.user.clone(), a)).collect(),
            bindings: BTreeMap::new(),
            secret,
            nonces: BTreeMap::new(),
            changed: BTreeSet::from([SECRET]),
            ends: BTreeSet::new(),
            user_of: BTreeMap::new(),
            nonce_of: BTreeMap::new(),
        }
    }

    /// The accounts in force from now on; who has none any more is unregistered. Returns whose contacts changed.
    pub fn set_accounts(&mut self, accounts: Vec<Account>) -> Vec<String> {
        self.accounts = accounts.into_iter().map(|a| (a.user.clone(), a)).collect();
        let gone: Vec<String> =
            self.bindings.keys().filter(|user| !self.accounts.contains_key(*user)).cloned().collect();
        for user in &gone {
            self.store(user, vec![]);
        }
        gone
    }

    /// A REGISTER.
    pub fn handle(&mut self, now: Instant, request: &Request) -> Answer {
        let user = match self.authenticate(now, request) {
            Ok(user) => user,
            Err(answer) => return answer,
        };
        // A user registers himself only (RFC 3261 §10.3 step 4).
        if request.to_user != user {
            return Answer::bare(403);
        }
        match self.bind(now, &user, request) {
            Ok((contacts, altered)) => {
                self.store(&user, contacts);
                let headers = self.contacts(&user).iter().map(|c| {
                    let seconds = c.expires_at.since(now).as_micros().div_ceil(1_000_000);
                    ("Contact".to_owned(), format!("<{}>;expires={seconds}", c.uri))
                });
                Answer { code: 200, headers: headers.collect(), changed: altered.then_some(user) }
            }
            Err(answer) => answer,
        }
    }

    /// Where a user can be reached, last registered first.
    pub fn contacts(&self, user: &str) -> &[Contact] {
        self.bindings.get(user).map_or(&[], Vec::as_slice)
    }

    /// Time has come: returns whose contacts changed.
    pub fn handle_timeout(&mut self, now: Instant) -> Vec<String> {
        let mut users = BTreeSet::new();
        while let Some((at, user)) = self.ends.first().cloned()
            && at <= now
        {
            let left = self.contacts(&user).iter().filter(|c| c.expires_at > now).cloned().collect();
            self.store(&user, left);
            users.insert(user);
        }
        self.forget_nonces(now);
        users.into_iter().collect()
    }

    /// A connection is gone: who registered by it cannot be reached by it any more (RFC 5626 §4.4, §9.3). Returns whose contacts changed.
    pub fn flow_lost(&mut self, flow: FlowId) -> Vec<String> {
        if flow.number() == 0 {
            return vec![];
        }
        let of =
            |(user, contacts): (&String, &Vec<Contact>)| contacts.iter().any(|c| c.flow == flow).then(|| user.clone());
        let users: Vec<String> = self.bindings.iter().filter_map(of).collect();
        for user in &users {
            let left = self.contacts(user).iter().filter(|c| c.flow != flow).cloned().collect();
            self.store(user, left);
        }
        users
    }

    /// When it wants `handle_timeout`.
    pub fn next_timeout(&self) -> Option<Instant> {
        let nonce = self.nonces.first_key_value().map(|((issued, _), _)| *issued + self.config.nonce_lifetime);
        self.ends.first().map(|(at, _)| *at).into_iter().chain(nonce).min()
    }

    // ── who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

    fn authenticate(&mut self, now: Instant, request: &Request) -> Result<String, Answer> {
        let mut claims = request.authorization.iter().filter_map(|value| Claim::parse(value));
        let Some(claim) = claims.rfind(|c| c.realm == self.config.realm) else {
            return Err(self.challenge(now, request, false));
        };
        let ha1 = self
            .accounts
            .get(&claim.user)
            .and_then(|a| a.password.ha1(claim.algorithm(), &claim.user, &self.config.realm));
        // A wrong name and a wrong password are answered alike.
        if !ha1.is_some_and(|ha1| claim.proves(&ha1, &request.method)) {
            return Err(self.challenge(now, request, false));
        }
        if !self.use_nonce(now, &claim) {
            return Err(self.challenge(now, request, true));
        }
        Ok(claim.user)
    }

    fn challenge(&self, now: Instant, request: &Request, stale: bool) -> Answer {
        let nonce = self.nonce(now, fnv(request.call_id.as_bytes()) ^ u64::from(request.cseq));
        // What his stored password cannot answer is not asked for; a stranger is asked for everything.
        let known = self.accounts.get(&request.to_user).map(|a| &a.password);
        let offered = self.config.algorithms.iter().copied().filter(|algorithm| match (known, algorithm) {
            (Some(Password::Ha1 { md5, .. }), Algorithm::Md5) => md5.is_some(),
            (Some(Password::Ha1 { sha256, .. }), Algorithm::Sha256) => sha256.is_some(),
            (Some(Password::Plain(_)) | None, _) => true,
        });
        let headers = offered.map(|algorithm| {
            let (realm, stale) = (&self.config.realm, if stale { ", stale=true" } else { "" });
            let name = algorithm.name();
            (
                "WWW-Authenticate".to_owned(),
                format!("Digest realm=\"{realm}\", qop=\"auth\", nonce=\"{nonce}\", algorithm={name}{stale}"),
            )
        });
        Answer { code: 401, headers: headers.collect(), changed: None }
    }

    /// `hour · salt · seal`, in hex.
    fn nonce(&self, issued: Instant, salt: u64) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.secret.key);
        hasher.update(issued.micros().to_be_bytes());
        hasher.update(salt.to_be_bytes());
        format!("{:016x}{salt:016x}{}", issued.micros(), hex(&hasher.finalize()[..16]))
    }

    /// Whether the nonce is ours, young, and was not used with this count or a higher one; then it is now.
    fn use_nonce(&mut self, now: Instant, claim: &Claim) -> bool {
        let nonce = &claim.nonce;
        let field = |from: usize| nonce.get(from..from + 16).and_then(|f| u64::from_str_radix(f, 16).ok());
        let (Some(issued), Some(salt)) = (field(0), field(16)) else { return false };
        let issued = Instant::from_micros(issued);
        let too_old = issued <= self.secret.stale_before || issued + self.config.nonce_lifetime <= now || issued > now;
        if too_old || *nonce != self.nonce(issued, salt) {
            return false;
        }
        // Without a count a nonce is good for one request.
        let count = claim.count.unwrap_or(u32::MAX);
        let at = (issued, salt);
        let used = self.nonces.entry(at).or_insert(Used { at, count: 0 });
        if count <= used.count {
            return false;
        }
        used.count = count;
        self.nonce_of.insert(nonce_key(at), at);
        self.changed.insert(nonce_key(at));
        while self.nonces.len() > self.config.nonces_max {
            let (oldest, _) = self.nonces.pop_first().expect("more than a bound that is not negative");
            self.secret.stale_before = self.secret.stale_before.max(oldest.0);
            self.nonce_of.remove(&nonce_key(oldest));
            self.changed.extend([nonce_key(oldest), SECRET]);
        }
        true
    }

    fn forget_nonces(&mut self, now: Instant) {
        while let Some((&at, _)) = self.nonces.first_key_value()
            && at.0 + self.config.nonce_lifetime <= now
        {
            self.nonces.pop_first();
            self.nonce_of.remove(&nonce_key(at));
            self.changed.insert(nonce_key(at));
        }
    }

    // ── where ────────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The contacts this REGISTER leaves the user with, and whether they are others than before.
    fn bind(&self, now: Instant, user: &str, request: &Request) -> Result<(Vec<Contact>, bool), Answer> {
        let before = self.contacts(user);
        let late = |c: &Contact| c.call_id == request.call_id && request.cseq <= c.cseq;
        if request.contacts.iter().any(|c| c.uri == "*") {
            // RFC 3261 §10.2.2: alone, and with Expires 0.
            if request.contacts.len() != 1 || request.expires != Some(0) {
                return Err(Answer::bare(400));
            }
            return if before.iter().any(late) { Err(Answer::bare(500)) } else { Ok((vec![], !before.is_empty())) };
        }
        let mut contacts = before.to_vec();
        let mut altered = false;
        for wish in request.contacts.iter().rev() {
            if !matches!(Uri::parse(&wish.uri), Some(Uri::Sip(_))) {
                return Err(Answer::bare(400));
            }
            let seconds = self.seconds(wish, request)?;
            let old = contacts.iter().position(|c| same_uri(&c.uri, &wish.uri)).map(|i| contacts.remove(i));
            if old.as_ref().is_some_and(late) {
                return Err(Answer::bare(500));
            }
            if seconds == 0 {
                altered |= old.is_some();
                continue;
            }
            let expires_at = now + Duration::from_secs(u64::from(seconds));
            let (source, flow) = (request.source, request.flow);
            altered |= old.is_none_or(|o| (o.source, o.flow, &o.uri) != (source, flow, &wish.uri));
            let (call_id, cseq) = (request.call_id.clone(), request.cseq);
            contacts.insert(0, Contact { uri: wish.uri.clone(), source, flow, expires_at, call_id, cseq });
        }
        contacts.truncate(self.config.contacts_max);
        Ok((contacts, altered))
    }

    fn seconds(&self, wish: &RequestContact, request: &Request) -> Result<u32, Answer> {
        match wish.expires.or(request.expires).unwrap_or(self.config.expires_s_default) {
            0 => Ok(0),
            s if s < self.config.expires_s_min => {
                let headers = vec![("Min-Expires".to_owned(), self.config.expires_s_min.to_string())];
                Err(Answer { code: 423, headers, changed: None })
            }
            s => Ok(s.min(self.config.expires_s_max)),
        }
    }

    fn store(&mut self, user: &str, contacts: Vec<Contact>) {
        for contact in self.bindings.remove(user).unwrap_or_default() {
            self.ends.remove(&(contact.expires_at, user.to_owned()));
        }
        self.ends.extend(contacts.iter().map(|c| (c.expires_at, user.to_owned())));
        let key = binding_key(user);
        if contacts.is_empty() {
            self.user_of.remove(&key);
        } else {
            self.user_of.insert(key, user.to_owned());
            self.bindings.insert(user.to_owned(), contacts);
        }
        self.changed.insert(key);
    }

    // ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    /// The next record that changed since it was last asked for.
    pub fn poll_changed(&mut self) -> Option<RecordKey> {
        self.changed.pop_first()
    }
    /// A record; `None` if what it was of is gone.
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        if key == SECRET {
            return Some(Record::write(key, VERSION, &self.secret));
        }
        match key.kind {
            RecordKind::Registration => {
                let user = self.user_of.get(&key)?;
                let contacts = self.bindings.get(user)?.clone();
                Some(Record::write(key, VERSION, &Binding { user: user.clone(), contacts }))
            }
            RecordKind::Nonce => Some(Record::write(key, VERSION, self.nonces.get(self.nonce_of.get(&key)?)?)),
            _ => None,
        }
    }
    /// Every record, sorted.
    pub fn records(&self) -> Vec<Record> {
        let bindings = self.bindings.iter().map(|(user, contacts)| {
            Record::write(binding_key(user), VERSION, &Binding { user: user.clone(), contacts: contacts.clone() })
        });
        let nonces = self.nonces.iter().map(|(at, used)| Record::write(nonce_key(*at), VERSION, used));
        let mut records: Vec<Record> = bindings.chain(nonces).chain(self.record(SECRET)).collect();
        records.sort_by_key(|r| r.key);
        records
    }
    /// From records. Bindings of users without an account are not taken up.
    pub fn restore(config: RegistrarConfig, accounts: Vec<Account>, records: &[Record]) -> Result<Self, BadRecord> {
        let mut registrar = Registrar::new(config, accounts);
        for record in records {
            match record.key.kind {
                RecordKind::Nonce if record.key == SECRET => registrar.secret = record.read(VERSION)?,
                RecordKind::Nonce => {
                    let used: Used = record.read(VERSION)?;
                    registrar.nonce_of.insert(record.key, used.at);
                    registrar.nonces.insert(used.at, used);
                }
                RecordKind::Registration => {
                    let binding: Binding = record.read(VERSION)?;
                    if registrar.accounts.contains_key(&binding.user) {
                        registrar.store(&binding.user, binding.contacts);
                    }
                }
                _ => {}
            }
        }
        registrar.changed.clear();
        Ok(registrar)
    }
}

impl Answer {
    fn bare(code: u16) -> Answer {
        Answer { code, headers: vec![], changed: None }
    }
}

fn binding_key(user: &str) -> RecordKey {
    RecordKey { kind: RecordKind::Registration, id: fnv(user.as_bytes()) }
}
/// Never 0, which is the secret's.
fn nonce_key((issued, salt): NonceId) -> RecordKey {
    RecordKey { kind: RecordKind::Nonce, id: (issued.micros().rotate_left(17) ^ salt) | 1 }
}

/// RFC 3261 §19.1.4 as far as telephones need it: scheme, user, host and port; the user with case, the host without.
fn same_uri(a: &str, b: &str) -> bool {
    match (Uri::parse(a).and_then(Uri::sip), Uri::parse(b).and_then(Uri::sip)) {
        (Some(x), Some(y)) => {
            (x.secure, x.user, x.port) == (y.secure, y.user, y.port)
                && x.host.to_string().eq_ignore_ascii_case(&y.host.to_string())
        }
        _ => a == b,
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password")
    }
}
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
