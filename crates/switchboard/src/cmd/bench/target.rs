//! Which target, and how its people behave: `demo`, or a profile file.
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use switchboard_benches::telephones::{AgentAccount, Behaviour, Spread};
use switchboard_model::Digit;
use switchboard_source::{Diagnostic, Doc, read, render};

/// A target, before it runs.
pub enum Target {
    /// An engine of our own, in a process of its own.
    Demo,
    /// Any that is reached by SIP over UDP.
    Profile(Profile),
}

/// What a profile file says.
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub sip: SocketAddr,
    /// What callers dial.
    pub dials: String,
    /// The key that leads to a person.
    pub key: Option<Digit>,
    /// How long after the answer it is pressed.
    pub key_after: Duration,
    /// Its agents' telephones.
    pub agents: Vec<AgentAccount>,
}

impl Target {
    /// `demo`, or the file of that name; only this machine, unless the host is named once more.
    pub fn read(text: &str, allowed: &[IpAddr]) -> Result<Target, String> {
        if text == "demo" {
            return Ok(Target::Demo);
        }
        let bytes = std::fs::read(Path::new(text)).map_err(|e| {
            format!("the target `{text}` cannot be read: {e}; write `demo`, or the name of a profile file")
        })?;
        let (doc, mut faults) = read("BEN", text, &bytes);
        let profile = doc.as_ref().and_then(|doc| profile(doc, &mut faults));
        match profile.filter(|_| !switchboard_source::has_errors(&faults)) {
            Some(profile) => profile.permitted(allowed).map(Target::Profile),
            None => Err(format!("the profile has {} faults\n{}", faults.len(), render(&faults).trim_end())),
        }
    }
}

impl Profile {
    fn permitted(self, allowed: &[IpAddr]) -> Result<Profile, String> {
        let host = self.sip.ip();
        if host.is_loopback() || allowed.contains(&host) {
            return Ok(self);
        }
        Err(format!(
            "{} is at {host}, which is not this machine: a load may bring it down. If you may load it, add --i-may-load-this-host {host}",
            self.name
        ))
    }
}

/// How people behave at a target; times that the command line may change come from there.
pub fn behaviour(target: &Target, sound_percent: u32) -> Behaviour {
    let (dials, key, key_after) = match target {
        Target::Demo => ("9500".to_owned(), Digit::from_char('0'), Duration::from_millis(100)),
        Target::Profile(p) => (p.dials.clone(), p.key, p.key_after),
    };
    Behaviour {
        dials,
        key,
        key_after,
        answers_after: Duration::ZERO,
        talk: Spread { least: Duration::from_millis(800), more: Duration::from_millis(200) },
        talk_silent: Spread { least: Duration::from_millis(100), more: Duration::from_millis(100) },
        patience: Spread::fixed(Duration::from_secs(4)),
        sound_percent,
    }
}

fn profile(doc: &Doc, faults: &mut Vec<Diagnostic>) -> Option<Profile> {
    let mut top = doc.top().fields(faults)?;
    if let Some(version) = top.must("version", faults) {
        version.number(1..=1, faults);
    }
    let name = top.must("name", faults).and_then(|i| i.text(faults));
    let sip = top
        .must("sip", faults)
        .and_then(|i| i.parse("an address and port, as 127.0.0.1:5060", faults, |t| t.parse().ok()));
    let dials = top.must("number", faults).and_then(|i| i.text(faults));
    let one = |t: &str| Some(t.chars().next()?).filter(|_| t.len() == 1).and_then(Digit::from_char);
    let key = top.may("key").map(|i| i.parse("one key: 0 to 9, * or #", faults, one));
    let key_after = top.may("key_after_ms").map_or(Some(100), |i| i.number(0..=60_000, faults));
    let mut agents = None;
    if let Some(item) = top.must("agents", faults)
        && let Some(mut fields) = item.fields(faults)
    {
        let login = |t: &str| match t {
            "register" => Some(true),
            "static" => Some(false),
            _ => None,
        };
        let login = fields.must("login", faults).and_then(|i| i.parse("register or static", faults, login));
        let first = fields.must("first_user", faults).and_then(|i| i.number(0..=999_999_999, faults));
        let count = fields.must("count", faults).and_then(|i| i.number(1..=AGENTS_MAX, faults));
        let password = fields.may("password").and_then(|i| i.text(faults)).map(|t| t.value);
        if let (Some(login), None) = (&login, &password)
            && login.value
        {
            faults.push(item.wrong("agents that register need a `password`"));
        }
        fields.done(faults);
        if let (Some(login), Some(first), Some(count)) = (login, first, count) {
            let secret = |user: u64| password.as_ref().map(|p| p.replace("{user}", &user.to_string()));
            let account =
                |user: u64| AgentAccount { user: user.to_string(), password: secret(user).filter(|_| login.value) };
            agents = Some((first..first + count).map(account).collect());
        }
    }
    top.done(faults);
    Some(Profile {
        name: name?.value,
        sip: sip?.value,
        dials: dials?.value,
        key: match key {
            Some(read) => Some(read?.value),
            None => None,
        },
        key_after: Duration::from_millis(key_after?),
        agents: agents?,
    })
}

/// More telephones than one desk answers for.
const AGENTS_MAX: u64 = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, allowed: &[&str]) -> Result<Profile, String> {
        let folder = switchboard_benches::child::Folder::new()?;
        let file = folder.path().join("peer.yaml");
        std::fs::write(&file, text).expect("a file");
        let allowed: Vec<IpAddr> = allowed.iter().map(|a| a.parse().expect("an address")).collect();
        match Target::read(&file.to_string_lossy(), &allowed)? {
            Target::Profile(profile) => Ok(profile),
            Target::Demo => Err("demo".to_owned()),
        }
    }

    fn says(text: &str, allowed: &[&str], word: &str) {
        let why = check(text, allowed).err().unwrap_or_default();
        assert!(why.contains(word), "`{why}` does not say `{word}`");
    }

    const GOOD: &str = "version: 1\nname: peer\nsip: 127.0.0.1:5060\nnumber: \"9500\"\nkey: \"0\"\n\
                        agents: { login: register, first_user: 7000, count: 3, password: \"p-{user}\" }\n";

    #[test]
    fn a_profile_says_who_and_where() {
        let profile = check(GOOD, &[]).expect("a good profile");
        assert_eq!(profile.agents[2], AgentAccount { user: "7002".into(), password: Some("p-7002".into()) });
        assert_eq!(profile.key, Digit::from_char('0'));
        let fixed = check(&GOOD.replace("register", "static"), &[]).expect("a good profile");
        assert_eq!(fixed.agents[0].password, None, "who does not register needs no password");
    }

    #[test]
    fn only_this_machine_unless_it_is_named() {
        let far = GOOD.replace("127.0.0.1", "192.0.2.7");
        says(&far, &[], "--i-may-load-this-host 192.0.2.7");
        says(&far, &["192.0.2.8"], "--i-may-load-this-host 192.0.2.7");
        assert!(check(&far, &["192.0.2.7"]).is_ok());
    }

    #[test]
    fn faults_have_places() {
        says(&GOOD.replace("\"0\"", "zero"), &[], "peer.yaml:5");
        says(&GOOD.replace("count: 3", "count: 0"), &[], "peer.yaml:6");
        says(&GOOD.replace(", password: \"p-{user}\"", ""), &[], "need a `password`");
        says(&GOOD.replace("number", "nummer"), &[], "nummer");
    }
}
