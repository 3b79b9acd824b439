//! A profile: the file that describes a target, any ACD that is reached by SIP.
//!
//! ```text
//!   sip transport number key(s) callers agents ──read, every fault with its place──► Profile ──► the telephones' place and people
//! ```
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use switchboard_benches::telephones::{AgentAccount, Transport};
use switchboard_model::Digit;
use switchboard_sip::Credentials;
use switchboard_source::{Diagnostic, Doc, Fields, Item};

/// What a profile file says.
#[derive(Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub sip: SocketAddr,
    /// How SIP is carried.
    pub transport: Transport,
    /// What callers dial.
    pub dials: String,
    /// What leads to a person, each line with its weight.
    pub keys: Vec<(f64, Vec<Digit>)>,
    /// How long after the answer the first is pressed.
    pub key_after: Duration,
    /// How long after one the next.
    pub key_gap: Duration,
    /// Where the callers' trunk is, if the target wants it there.
    pub trunk: Option<SocketAddr>,
    /// What callers answer to a challenge.
    pub credentials: Option<Credentials>,
    /// Where the agents' telephones are, if the target wants them there.
    pub desk: Option<SocketAddr>,
    /// Its agents' telephones; none if the number leads to no agents.
    pub agents: Vec<AgentAccount>,
}

impl Profile {
    /// Refuses a host that is not this machine, unless it is named once more.
    pub fn permitted(self, allowed: &[IpAddr]) -> Result<Profile, String> {
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

/// Reads a profile; none if it has a fault.
pub fn read(doc: &Doc, faults: &mut Vec<Diagnostic>) -> Option<Profile> {
    let mut top = doc.top().fields(faults)?;
    if let Some(version) = top.must("version", faults) {
        version.number(1..=1, faults);
    }
    let name = top.must("name", faults).and_then(|i| i.text(faults));
    let sip = top.must("sip", faults).and_then(|i| address(&i, faults));
    let transport = |t: &str| match t {
        "udp" => Some(Transport::Udp),
        "tcp" => Some(Transport::Tcp),
        _ => None,
    };
    let transport = top
        .may("transport")
        .map_or(Some(Transport::Udp), |i| i.parse("udp or tcp", faults, transport).map(|t| t.value));
    let dials = top.must("number", faults).and_then(|i| i.text(faults));
    let keys = keys(&mut top, faults);
    let key_after = top.may("key_after_ms").map_or(Some(100), |i| i.number(0..=60_000, faults));
    let key_gap = top.may("key_gap_ms").map_or(Some(600), |i| i.number(50..=60_000, faults));
    let callers = top.may("callers").map_or(Some((None, None)), |i| callers(&i, faults));
    let agents = top.must("agents", faults).and_then(|i| agents(&i, faults));
    top.done(faults);
    let (trunk, credentials) = callers?;
    let (desk, agents) = agents?;
    Some(Profile {
        name: name?.value,
        sip: sip?,
        transport: transport?,
        dials: dials?.value,
        keys: keys?,
        key_after: Duration::from_millis(key_after?),
        key_gap: Duration::from_millis(key_gap?),
        trunk,
        credentials,
        desk,
        agents,
    })
}

fn address(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<SocketAddr> {
    Some(item.parse("an address and port, as 127.0.0.1:5060", faults, |t| t.parse().ok())?.value)
}

/// `key: "0"`, or `keys: { "0": 90, "10": 10 }`; neither: the number leads to people at once.
fn keys(top: &mut Fields<'_>, faults: &mut Vec<Diagnostic>) -> Option<Vec<(f64, Vec<Digit>)>> {
    let line = |t: &str| t.chars().map(Digit::from_char).collect::<Option<Vec<_>>>();
    let one = top.may("key").map(|i| i.parse("one key: 0 to 9, * or #", faults, |t| line(t).filter(|l| l.len() == 1)));
    let Some(many) = top.may("keys") else {
        return match one {
            Some(key) => Some(vec![(1.0, key?.value)]),
            None => Some(vec![]),
        };
    };
    if one.is_some() {
        faults.push(many.wrong("`key` or `keys`, not both"));
        return None;
    }
    let mut all = vec![];
    for (keys, weight) in many.entries(faults) {
        let weight = weight.decimal(0.0..=1e6, faults);
        match (line(&keys).filter(|l| l.len() <= KEYS_MAX), weight) {
            (Some(line), Some(weight)) => all.push((weight, line)),
            (None, _) => faults.push(many.wrong(&format!("keys of 0 to 9, * and #, {KEYS_MAX} at most, not `{keys}`"))),
            (_, None) => {}
        }
    }
    if all.iter().all(|(weight, _)| *weight <= 0.0) {
        faults.push(many.wrong("a weight above 0 for at least one line of keys"));
    }
    Some(all)
}

type Callers = (Option<SocketAddr>, Option<Credentials>);

fn callers(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<Callers> {
    let mut fields = item.fields(faults)?;
    let from = fields.may("from").and_then(|i| address(&i, faults));
    let user = fields.may("user").and_then(|i| i.text(faults)).map(|t| t.value);
    let password = fields.may("password").and_then(|i| i.text(faults)).map(|t| t.value);
    fields.done(faults);
    let credentials = match (user, password) {
        (Some(user), Some(password)) => Some(Credentials { user, password }),
        (None, None) => None,
        _ => {
            faults.push(item.wrong("`user` and `password` together: callers answer a challenge with both"));
            None
        }
    };
    Some((from, credentials))
}

fn agents(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<(Option<SocketAddr>, Vec<AgentAccount>)> {
    let mut fields = item.fields(faults)?;
    let known = |t: &str| ["register", "code", "static", "none"].into_iter().find(|word| *word == t);
    let login =
        fields.must("login", faults).and_then(|i| i.parse("register, code, static or none", faults, known))?.value;
    if login == "none" {
        fields.done(faults);
        return Some((None, vec![]));
    }
    let first = fields.must("first_user", faults).and_then(|i| i.number(0..=999_999_999, faults));
    let count = fields.must("count", faults).and_then(|i| i.number(1..=AGENTS_MAX, faults));
    let password = fields.may("password").and_then(|i| i.text(faults)).map(|t| t.value);
    let code = fields.may("code").and_then(|i| i.text(faults)).map(|t| t.value);
    let at = fields.may("at").and_then(|i| address(&i, faults));
    fields.done(faults);
    match (login, &password, &code, at) {
        ("register", None, ..) => faults.push(item.wrong("agents that register need a `password`")),
        ("code", _, None, _) => faults.push(item.wrong("agents that log in by a feature code need it: `code: \"*45\"`")),
        ("register" | "static", _, Some(_), _) => faults.push(item.wrong("no `code`: only `login: code` dials one")),
        ("code", None, _, None) => faults.push(item.wrong(
            "a `password`, with which these telephones register before they dial the code, or `at`, where the target looks for them",
        )),
        ("static", _, _, None) => faults.push(item.wrong(
            "`at`, the address and port at which the target looks for these telephones, as 127.0.0.1:6000",
        )),
        _ => {}
    }
    let of = |text: &str, user: u64| text.replace("{user}", &user.to_string());
    let account = |user: u64| AgentAccount {
        user: user.to_string(),
        password: password.as_deref().map_or(String::new(), |p| of(p, user)),
        registers: login == "register" || login == "code" && at.is_none(),
        code: code.as_deref().map(|code| of(code, user)),
    };
    let (first, count) = (first?, count?);
    Some((at, (first..first + count).map(account).collect()))
}

/// The address from which this target is reached.
pub fn own_address(target: SocketAddr) -> Result<IpAddr, String> {
    if target.ip().is_loopback() {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
    let socket = std::net::UdpSocket::bind(any).map_err(|e| e.to_string())?;
    let own = socket.connect(target).and_then(|()| socket.local_addr());
    own.map(|a| a.ip()).map_err(|e| format!("there is no way to {target} from here: {e}"))
}

/// More telephones than one desk answers for.
const AGENTS_MAX: u64 = 5_000;
/// A caller who presses more has an account number in mind.
const KEYS_MAX: usize = 32;

#[cfg(test)]
mod tests {
    use super::super::target::Target;
    use super::*;

    fn check(text: &str, allowed: &[&str]) -> Result<Profile, String> {
        let folder = switchboard_benches::child::Folder::new()?;
        let file = folder.path().join("peer.yaml");
        std::fs::write(&file, text).expect("a file");
        let allowed: Vec<IpAddr> = allowed.iter().map(|a| a.parse().expect("an address")).collect();
        match Target::read(&file.to_string_lossy(), &allowed)? {
            Target::Profile(profile) => Ok(*profile),
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
        assert_eq!(profile.agents[2], AgentAccount::registering("7002", "p-7002"));
        assert_eq!(profile.keys, [(1.0, vec![Digit::from_char('0').expect("a key")])]);
        assert_eq!((profile.transport, profile.trunk, profile.desk), (Transport::Udp, None, None));
    }

    #[test]
    fn a_profile_says_how_people_come_in() {
        let text = "version: 1\nname: peer\nsip: 127.0.0.1:5060\ntransport: tcp\nnumber: \"9500\"\nkeys: { \"0\": 90, \"1*\": 10 }\n\
                    callers: { from: \"127.0.0.1:6100\", user: trunk1, password: x }\n\
                    agents: { login: code, code: \"*45{user}\", at: \"127.0.0.1:6000\", first_user: 7000, count: 2 }\n";
        let profile = check(text, &[]).expect("a good profile");
        assert_eq!((profile.transport, profile.keys.len(), profile.keys[1].1.len()), (Transport::Tcp, 2, 2));
        assert_eq!((profile.agents[1].code.as_deref(), profile.agents[1].registers), (Some("*457001"), false));
        assert_eq!((profile.trunk.map(|a| a.port()), profile.desk.map(|a| a.port())), (Some(6_100), Some(6_000)));
        assert!(profile.credentials.is_some_and(|c| c.user == "trunk1"));
        let none = GOOD.replace("login: register, first_user: 7000, count: 3, password: \"p-{user}\"", "login: none");
        assert_eq!(check(&none, &[]).expect("a good profile").agents, []);
        says(&text.replace("at: \"127.0.0.1:6000\", ", ""), &[], "or `at`, where the target looks");
        says(&text.replace("code: \"*45{user}\", ", ""), &[], "need it: `code:");
        says(&text.replace(", password: x", ""), &[], "`user` and `password` together");
        says(&text.replace("transport: tcp", "transport: sctp"), &[], "peer.yaml:4");
        says(&text.replace("90", "0").replace("10 }", "0 }"), &[], "a weight above 0");
        says(&text.replace("1*", "1x"), &[], "not `1x`");
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
