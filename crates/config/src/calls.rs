//! `calls.yaml`: what may be done with a call once an agent has it. Without the file nothing is allowed that could cost money.
use crate::faults::code;
use std::net::SocketAddr;
use std::time::Duration;
use switchboard_source::{At, Diagnostic, Doc, Fields, Item, Spanned};

/// What it says.
#[derive(Clone, Debug)]
pub struct CallsConf {
    /// How long a caller may be held before he is back with his agent.
    pub hold_max: Duration,
    /// How long two may consult while a caller waits for them.
    pub consult_max: Duration,
    /// Where calls to numbers outside are sent, if it is one address and no trunk.
    pub gateway: Option<SocketAddr>,
    /// By which trunk they are sent, and where that stands.
    pub trunk: Option<Spanned<String>>,
    /// The number that is shown there; empty: the trunk says.
    pub shown: String,
    /// How long they are let ring.
    pub ring_max: Duration,
    /// Whole numbers, or beginnings that end in `*`.
    pub allow: Vec<String>,
    /// How callers prove who they are; none if they cannot.
    pub verify: Option<VerifyConf>,
    /// Who does what menus offer without a person; none if nobody does.
    pub services: Option<ServicesConf>,
}

/// Who does what menus offer without a person. How long each may take stands in services.yaml.
#[derive(Clone, Debug)]
pub struct ServicesConf {
    /// Who.
    pub backend: SocketAddr,
    /// For `Host`.
    pub host: String,
    /// A service is posted to its name below this.
    pub path: String,
}

/// How callers prove who they are.
#[derive(Clone, Debug)]
pub struct VerifyConf {
    /// Who judges.
    pub backend: SocketAddr,
    /// For `Host`.
    pub host: String,
    /// What is posted to.
    pub path: String,
    /// How long his answer is waited for.
    pub within: Duration,
    /// How many digits an account may have.
    pub account_digits: (usize, usize),
    /// How many a PIN has.
    pub pin_digits: usize,
    /// How often a caller may try in one call.
    pub attempts: u32,
    /// Where it stands.
    pub at: At,
}

impl Default for CallsConf {
    fn default() -> Self {
        CallsConf {
            hold_max: Duration::from_secs(600),
            consult_max: Duration::from_secs(600),
            gateway: None,
            trunk: None,
            shown: String::new(),
            ring_max: Duration::from_secs(60),
            allow: vec![],
            verify: None,
            services: None,
        }
    }
}

/// Reads it.
pub fn read(doc: &Doc, faults: &mut Vec<Diagnostic>) -> CallsConf {
    let mut conf = CallsConf::default();
    let Some(mut fields) = doc.top().fields(faults) else { return conf };
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    if let Some(s) = fields.may("hold_max_s").and_then(|i| i.number(10..=7_200, faults)) {
        conf.hold_max = Duration::from_secs(s);
    }
    if let Some(s) = fields.may("consult_max_s").and_then(|i| i.number(10..=7_200, faults)) {
        conf.consult_max = Duration::from_secs(s);
    }
    if let Some(item) = fields.may("outside")
        && let Some(mut outside) = item.fields(faults)
    {
        let address = |text: &str| text.parse::<SocketAddr>().ok();
        conf.gateway = outside
            .may("gateway")
            .and_then(|i| i.parse("an address and port, as 192.0.2.1:5060", faults, address))
            .map(|g| g.value);
        conf.trunk = outside.may("trunk").and_then(|i| i.text(faults));
        if let Some(s) = outside.may("ring_s").and_then(|i| i.number(5..=180, faults)) {
            conf.ring_max = Duration::from_secs(s);
        }
        conf.shown = outside.may("shown").and_then(|i| i.text(faults)).map_or(String::new(), |t| t.value);
        for item in outside.may("allow").map_or(vec![], |i| i.list(faults)) {
            let number = item.parse("a number, or its beginning and `*`, as 0216*", faults, number);
            conf.allow.extend(number.map(|n| n.value));
        }
        match (&conf.trunk, conf.gateway) {
            (None, None) if !conf.allow.is_empty() => {
                let fault =
                    Diagnostic::error(code(28), &item.at(), "numbers are allowed, and there is no way to call them");
                faults.push(fault.help("`trunk` names one of trunks.yaml; or allow none"));
            }
            (Some(trunk), Some(_)) => {
                let fault = Diagnostic::error(code(28), &trunk.at, "there are two ways out, a trunk and a gateway");
                faults.push(fault.help("leave `gateway` out: the trunk's SBCs are called in turn"));
            }
            _ => {}
        }
        outside.done(faults);
    }
    conf.services = fields.may("services").and_then(|i| services(&i, faults));
    conf.verify = fields.may("verify").and_then(|i| verify(&i, faults));
    fields.done(faults);
    conf
}

fn services(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<ServicesConf> {
    let mut fields = item.fields(faults)?;
    let (backend, host) = backend(&mut fields, faults);
    let path = path(&mut fields, "/services", faults);
    fields.done(faults);
    let path = path?.trim_end_matches('/').to_owned();
    Some(ServicesConf { backend: backend?, host: host?, path })
}

/// Where it is, and what it is called in `Host`.
fn backend(fields: &mut Fields<'_>, faults: &mut Vec<Diagnostic>) -> (Option<SocketAddr>, Option<String>) {
    let address = |text: &str| text.parse::<SocketAddr>().ok();
    let wanted = "an address and port, as 127.0.0.1:5090";
    let backend = fields.must("backend", faults).and_then(|i| i.parse(wanted, faults, address)).map(|b| b.value);
    let host = fields.may("host").and_then(|i| i.text(faults)).map(|t| t.value);
    (backend, host.or(backend.map(|b| b.to_string())))
}

fn path(fields: &mut Fields<'_>, usual: &str, faults: &mut Vec<Diagnostic>) -> Option<String> {
    let Some(item) = fields.may("path") else { return Some(usual.to_owned()) };
    let of = |t: &str| (t.starts_with('/') && !t.contains([' ', '\r', '\n'])).then(|| t.to_owned());
    item.parse(&format!("a path, as {usual}"), faults, of).map(|p| p.value)
}

fn verify(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<VerifyConf> {
    let mut fields = item.fields(faults)?;
    let (backend, host) = backend(&mut fields, faults);
    let path = path(&mut fields, "/verify", faults);
    let within = fields.may("within_ms").map_or(Some(3_000), |i| i.number(100..=20_000, faults));
    let least = fields.may("account_digits_min").map_or(Some(4), |i| i.number(1..=32, faults));
    let most = fields.may("account_digits_max").map_or(Some(19), |i| i.number(1..=32, faults));
    let pin = fields.may("pin_digits").map_or(Some(6), |i| i.number(4..=12, faults));
    let attempts = fields.may("attempts").map_or(Some(3), |i| i.number(1..=5, faults));
    fields.done(faults);
    Some(VerifyConf {
        backend: backend?,
        host: host?,
        path: path?,
        within: Duration::from_millis(within?),
        account_digits: (least? as usize, most? as usize),
        pin_digits: pin? as usize,
        attempts: attempts? as u32,
        at: item.at(),
    })
}

/// What the caller is told; each must have a sound in every language.
pub const PROMPTS: [&str; 4] = ["verify_account", "verify_pin", "verify_again", "verify_failed"];

fn number(text: &str) -> Option<String> {
    let digits = text.strip_suffix('*').unwrap_or(text);
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| text.to_owned())
}
