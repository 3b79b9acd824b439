//! Who may log in: names, roles, teams and what argon2id makes of passwords, in one file beside the data.
//!
//! ```text
//!   log in ─► unknown, wrong, locked: the same words, the same work        5 failures ─► locked for 15 minutes
//!          └► right, older than 90 days ─► only a new password may be set
//! ```
//! The file is written whole and renamed into its place; a verb and the running centre may both write it, so it is read again
//! whenever it has changed. The slow work (about 20 MB and tens of milliseconds) is the caller's thread's: never the floor's.
use argon2::Argon2;
use argon2::password_hash::rand_core::{OsRng, RngCore};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use switchboard_engine::command::rights::Role;
use switchboard_model::Instant;

/// Days after which a password must be changed.
pub const AGE_DAYS_MAX: u64 = 90;
/// Failures in a row that lock an account.
pub const FAILURES_MAX: u32 = 5;
/// How long it stays locked, in seconds.
pub const LOCKED_S: u64 = 900;
/// Characters of a password at the least.
pub const LENGTH_MIN: usize = 10;
/// And at the most: argon2 would take more, nobody types it.
pub const LENGTH_MAX: usize = 128;
/// Earlier passwords that may not come again.
const BEFORE: usize = 3;
/// Accounts of one centre.
const ACCOUNTS_MAX: usize = 20_000;

/// One who may log in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// The name he logs in by; for an agent, his agent ID.
    pub user: String,
    /// What he is.
    pub role: Role,
    /// Which agent he is, if he takes calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// The teams he leads.
    #[serde(default)]
    pub teams: Vec<String>,
    hash: String,
    #[serde(default)]
    before: Vec<String>,
    /// When the password was set, in seconds since 1970.
    changed_s: u64,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u8,
    accounts: Vec<Account>,
}

/// All of them.
pub struct Accounts {
    /// None for a centre that keeps none: a demo.
    path: Option<PathBuf>,
    inner: Mutex<Inner>,
    /// What an unknown name's password is compared with, so that it takes as long.
    nobody: String,
}

#[derive(Default)]
struct Inner {
    accounts: BTreeMap<String, Account>,
    read_at: Option<SystemTime>,
    failures: BTreeMap<String, (u32, Instant)>,
}

/// Why somebody was not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// Name or password; or the account is locked. Nobody is told which.
    No,
    /// The password is too old: only a new one may be set.
    TooOld,
}

/// Why a password or an account was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A rule of passwords.
    #[error("{0}")]
    Rule(&'static str),
    /// The name is there already, or is not.
    #[error("{0}")]
    Name(String),
    /// The file.
    #[error("the file of accounts {path}: {why}")]
    File {
        /// Which.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Accounts {
    /// Those of this file; none yet if there is no file.
    pub fn open(path: &Path) -> Result<Accounts, AccountError> {
        let accounts =
            Accounts { path: Some(path.to_owned()), inner: Mutex::default(), nobody: hashed("nobody's password") };
        accounts.read_again(&mut accounts.lock())?;
        Ok(accounts)
    }

    /// Kept nowhere.
    pub fn in_memory() -> Accounts {
        Accounts { path: None, inner: Mutex::default(), nobody: hashed("nobody's password") }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_again(&self, inner: &mut Inner) -> Result<(), AccountError> {
        let Some(path) = &self.path else { return Ok(()) };
        let bad = |why: String| AccountError::File { path: path.display().to_string(), why };
        let changed = match std::fs::metadata(path) {
            Ok(meta) => meta.modified().map_err(|e| bad(e.to_string()))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(bad(e.to_string())),
        };
        if inner.read_at == Some(changed) {
            return Ok(());
        }
        let text = std::fs::read(path).map_err(|e| bad(e.to_string()))?;
        let written: Written =
            serde_json::from_slice(&text).map_err(|e| bad(format!("{e}; it was written by `switchboard account`")))?;
        if written.version != 1 {
            return Err(bad(format!("its version is {}; this program reads 1", written.version)));
        }
        inner.accounts = written.accounts.into_iter().map(|a| (a.user.clone(), a)).collect();
        inner.read_at = Some(changed);
        Ok(())
    }

    fn write(&self, inner: &mut Inner) -> Result<(), AccountError> {
        let Some(path) = &self.path else { return Ok(()) };
        let bad = |e: std::io::Error| AccountError::File { path: path.display().to_string(), why: e.to_string() };
        let written = Written { version: 1, accounts: inner.accounts.values().cloned().collect() };
        let mut text = serde_json::to_vec_pretty(&written).expect("plain data");
        text.push(b'\n');
        let beside = path.with_extension("json.new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&beside).map_err(bad)?;
        file.write_all(&text).and_then(|()| file.sync_all()).map_err(bad)?;
        std::fs::rename(&beside, path).map_err(bad)?;
        inner.read_at = std::fs::metadata(path).and_then(|m| m.modified()).ok();
        Ok(())
    }

    /// A new account.
    pub fn add(
        &self,
        now: Instant,
        user: &str,
        role: Role,
        agent_id: Option<String>,
        teams: Vec<String>,
        password: &str,
    ) -> Result<(), AccountError> {
        let sound = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
        if user.is_empty() || user.chars().count() > 64 || !user.chars().all(sound) {
            let why = "a user's name has 1 to 64 letters, digits, `.`, `_` or `-`".to_owned();
            return Err(AccountError::Name(why));
        }
        rules(user, password)?;
        let hash = hashed(password);
        let mut inner = self.lock();
        self.read_again(&mut inner)?;
        if inner.accounts.contains_key(user) {
            return Err(AccountError::Name(format!("there is an account `{user}` already")));
        }
        if inner.accounts.len() == ACCOUNTS_MAX {
            return Err(AccountError::Name(format!("there are {ACCOUNTS_MAX} accounts already")));
        }
        let account =
            Account { user: user.to_owned(), role, agent_id, teams, hash, before: vec![], changed_s: now.seconds() };
        inner.accounts.insert(user.to_owned(), account);
        self.write(&mut inner)
    }

    /// Takes an account away.
    pub fn remove(&self, user: &str) -> Result<(), AccountError> {
        let mut inner = self.lock();
        self.read_again(&mut inner)?;
        match inner.accounts.remove(user) {
            Some(_) => self.write(&mut inner),
            None => Err(AccountError::Name(format!("there is no account `{user}`"))),
        }
    }

    /// All of them, by name.
    pub fn list(&self) -> Result<Vec<Account>, AccountError> {
        let mut inner = self.lock();
        self.read_again(&mut inner)?;
        Ok(inner.accounts.values().cloned().collect())
    }

    /// Whether this is his password. Takes as long for an unknown name as for a known one.
    pub fn log_in(&self, now: Instant, user: &str, password: &str) -> Result<Account, Refused> {
        let account = self.known(now, user, password)?;
        if now.seconds().saturating_sub(account.changed_s) > AGE_DAYS_MAX * 86_400 {
            Err(Refused::TooOld)
        } else {
            Ok(account)
        }
    }

    fn known(&self, now: Instant, user: &str, password: &str) -> Result<Account, Refused> {
        let (account, locked) = {
            let mut inner = self.lock();
            if let Err(e) = self.read_again(&mut inner) {
                tracing::error!("{e}; the accounts read before stay");
            }
            let locked = inner.failures.get(user).is_some_and(|(n, until)| *n >= FAILURES_MAX && now < *until);
            (inner.accounts.get(user).cloned(), locked)
        };
        let right = is(account.as_ref().map_or(&self.nobody, |a| &a.hash), password);
        let mut inner = self.lock();
        match account {
            Some(account) if right && !locked => {
                inner.failures.remove(user);
                Ok(account)
            }
            // Only names that exist are remembered, so that inventing names fills no memory.
            Some(_) if !locked => {
                let (n, until) = inner.failures.entry(user.to_owned()).or_insert((0, now));
                // A lock that is over begins anew.
                *n = if *n >= FAILURES_MAX { 1 } else { *n + 1 };
                *until = now + std::time::Duration::from_secs(LOCKED_S);
                Err(Refused::No)
            }
            Some(_) | None => Err(Refused::No),
        }
    }

    /// A new password, by who knows the old one; however old that is.
    pub fn change(&self, now: Instant, user: &str, old: &str, new: &str) -> Result<Result<(), AccountError>, Refused> {
        let account = self.known(now, user, old)?;
        if let Err(rule) = rules(user, new) {
            return Ok(Err(rule));
        }
        if std::iter::once(&account.hash).chain(&account.before).any(|hash| is(hash, new)) {
            return Ok(Err(AccountError::Rule("a new password differs from the last ones")));
        }
        let hash = hashed(new);
        let mut inner = self.lock();
        if let Some(account) = inner.accounts.get_mut(user) {
            let last = std::mem::replace(&mut account.hash, hash);
            account.before.insert(0, last);
            account.before.truncate(BEFORE - 1);
            account.changed_s = now.seconds();
        }
        Ok(self.write(&mut inner))
    }
}

/// The rules of passwords.
pub fn rules(user: &str, password: &str) -> Result<(), AccountError> {
    let length = password.chars().count();
    if !(LENGTH_MIN..=LENGTH_MAX).contains(&length) {
        return Err(AccountError::Rule("a password has 10 to 128 characters"));
    }
    let kinds: [fn(char) -> bool; 4] =
        [|c| c.is_lowercase(), |c| c.is_uppercase(), |c| c.is_ascii_digit(), |c| !c.is_alphanumeric()];
    if kinds.iter().filter(|kind| password.chars().any(kind)).count() < 3 {
        return Err(AccountError::Rule("a password has three of: small letters, capitals, digits, signs"));
    }
    if password.to_lowercase().contains(&user.to_lowercase()) {
        return Err(AccountError::Rule("a password does not contain the user's name"));
    }
    Ok(())
}

fn hashed(password: &str) -> String {
    let salt = SaltString::generate(&mut OsRng);
    let hash =
        Argon2::default().hash_password(password.as_bytes(), &salt).expect("argon2 takes any password of this length");
    hash.to_string()
}

fn is(hash: &str, password: &str) -> bool {
    // Longer ones are nobody's, and would only cost work.
    password.len() <= 4 * LENGTH_MAX
        && PasswordHash::new(hash)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A token that cannot be guessed, in hex.
pub(super) fn token() -> String {
    let mut bytes = [0u8; 32];
    OsRng.fill_bytes(&mut bytes);
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// A password for a demo: fresh, and by the rules.
pub fn fresh_password() -> String {
    format!("Demo-{}", &token()[..12])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const GOOD: &str = "Blue.Kettle7";

    fn at(s: u64) -> Instant {
        Instant::from_millis(1_800_000_000_000) + Duration::from_secs(s)
    }

    fn with_wang() -> Accounts {
        let accounts = Accounts::in_memory();
        accounts.add(at(0), "wang", Role::Supervisor, None, vec!["A".to_owned()], GOOD).expect("a good password");
        accounts
    }

    #[test]
    fn rules_of_passwords() {
        for (password, good) in [
            (GOOD, true),
            ("short.A1", false),
            ("onlysmallletters", false),
            ("Small.and.Capital", true),
            ("wang.Wang.2027", false),
            (&"aA1".repeat(50), false),
        ] {
            assert_eq!(rules("wang", password).is_ok(), good, "{password}");
        }
    }

    #[test]
    fn five_failures_lock_for_a_quarter_of_an_hour_and_nobody_is_told() {
        let accounts = with_wang();
        let log_in = |s, user, password| accounts.log_in(at(s), user, password).map(|a| a.user);
        assert_eq!(log_in(1, "wang", GOOD), Ok("wang".to_owned()));
        assert_eq!(log_in(1, "nobody", GOOD), Err(Refused::No));
        for _ in 0..FAILURES_MAX {
            assert_eq!(log_in(2, "wang", "Wrong.Kettle7"), Err(Refused::No));
        }
        assert_eq!(log_in(3, "wang", GOOD), Err(Refused::No), "it is locked");
        assert_eq!(log_in(2 + LOCKED_S, "wang", GOOD), Ok("wang".to_owned()));
    }

    #[test]
    fn an_old_password_only_changes() {
        let accounts = with_wang();
        let old = AGE_DAYS_MAX * 86_400 + 1;
        assert_eq!(accounts.log_in(at(old), "wang", GOOD).err(), Some(Refused::TooOld));
        let change = |from: &str, to: &str| accounts.change(at(old), "wang", from, to).map(|r| r.is_ok());
        assert_eq!(change("Wrong.Kettle7", "Green.Kettle7"), Err(Refused::No));
        assert_eq!(change(GOOD, GOOD), Ok(false), "it is the same");
        assert_eq!(change(GOOD, "weak"), Ok(false));
        assert_eq!(change(GOOD, "Green.Kettle7"), Ok(true));
        assert_eq!(change("Green.Kettle7", GOOD), Ok(false), "it was the last one");
        assert!(accounts.log_in(at(old), "wang", "Green.Kettle7").is_ok());
    }

    #[test]
    fn the_file_is_read_again_when_another_has_written_it() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("accounts.json");
        let (verb, centre) = (Accounts::open(&path).expect("no file yet"), Accounts::open(&path).expect("no file yet"));
        verb.add(at(0), "wang", Role::Qa, None, vec![], GOOD).expect("a good password");
        assert!(centre.log_in(at(1), "wang", GOOD).is_ok());
        assert!(!std::fs::read_to_string(&path).expect("it is there").contains(GOOD));
        assert!(matches!(verb.add(at(0), "wang", Role::Qa, None, vec![], GOOD), Err(AccountError::Name(_))));
        verb.remove("wang").expect("it is there");
        std::fs::write(&path, "{").expect("a broken file");
        assert!(matches!(Accounts::open(&path), Err(AccountError::File { .. })));
    }
}
