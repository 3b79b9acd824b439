//! `centre.yaml`: names, addresses, bounds, and where the menus lie.
use crate::faults::code;
use crate::loaded::{Centre, RecordAt};
use crate::rules;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use switchboard_acd::{FailureRules, ReasonRule, RingRules, WorkMode, WorkRule};
use switchboard_model::Language;
use switchboard_sip::digest::Algorithm;
use switchboard_source::{Diagnostic, Doc, Item, Spanned};

/// What the file says beside the centre itself.
pub struct CentreFile {
    /// The centre.
    pub centre: Centre,
    /// The folder of the menus, relative to the file's.
    pub menus: String,
    /// The file of elderly customers' numbers, relative to the file's.
    pub elderly: Option<Spanned<String>>,
    /// How long an agent's telephone rings.
    pub ring_s: u32,
    /// After-call work.
    pub work: WorkRule,
    /// For what an agent may be not ready.
    pub reasons: Vec<ReasonRule>,
    /// What each kind of failure costs an agent.
    pub failures: FailureRules,
}

/// Reads it.
pub fn read(doc: &Doc, faults: &mut Vec<Diagnostic>) -> Option<CentreFile> {
    let mut fields = doc.top().fields(faults)?;
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    let realm = fields.must("realm", faults).and_then(|i| i.text(faults));
    let address = |text: &str| text.parse::<SocketAddr>().ok();
    let listen =
        fields.must("listen", faults).and_then(|i| i.parse("an address and port, as 0.0.0.0:5060", faults, address));
    let tcp = match fields.may("tcp") {
        None => Some(listen.as_ref().map(|l| l.value)),
        Some(i) => i.parse("an address and port, as 0.0.0.0:5060, or `none`", faults, wall).map(|w| w.value),
    };
    let tls = fields.may("tls").map(|i| crate::tls::read(&i, faults));
    let control =
        fields.must("control", faults).and_then(|i| i.parse("an address and port, as 127.0.0.1:5070", faults, address));
    let wallboard = match fields.may("wallboard") {
        None => Some(Some(WALLBOARD)),
        Some(i) => i.parse("an address and port, as 127.0.0.1:5080, or `none`", faults, wall).map(|w| w.value),
    };
    let record = match fields.may("record") {
        None => Some(None),
        Some(i) => i.parse("`sqlite`, or postgres://user@host:5432/database", faults, record).map(|r| r.value),
    };
    let public = fields.may("public").and_then(|i| i.parse("an address", faults, |t| t.parse::<IpAddr>().ok()));
    let ports = fields.must("rtp_ports", faults).and_then(|i| i.parse("two ports, as 20000-20998", faults, ports));
    let dscp = fields.may("dscp").map_or(Some(DSCP), |i| dscp(&i, faults));
    let drain_s = fields.may("drain_s").map_or(Some(60), |i| i.number(0..=3_600, faults));
    let shards = fields.may("shards").map_or(Some(1), |i| i.number(1..=15, faults));
    let ring_s = fields.may("ring_s").map_or(Some(15), |i| i.number(5..=120, faults));
    let acw_s = fields.may("acw_s").map_or(Some(10), |i| i.number(0..=WorkRule::MAX.as_secs(), faults));
    let acw_mode = fields.may("acw_mode").map_or(Some(WorkMode::Timed), |i| rules::work_mode(&i, faults));
    let acw_extensions = fields.may("acw_extensions").map_or(Some(1), |i| i.number(0..=10, faults));
    let reasons = fields.may("not_ready").map_or_else(ReasonRule::only, |i| rules::reasons(&i, faults));
    let failures =
        fields.may("failures").map_or_else(|| RingRules::default().failures, |i| rules::failures(&i, faults));
    let menus = fields.must("menus", faults).and_then(|i| i.text(faults));
    let elderly = fields.may("elderly_numbers").map(|i| i.text(faults));
    let mut languages = vec![];
    for item in fields.must("languages", faults).map_or(vec![], |i| i.list(faults)) {
        languages.extend(item.parse("zh-CN, en or yue", faults, |t| t.parse::<Language>().ok()).map(|l| l.value));
    }
    if languages.is_empty() {
        faults.push(Diagnostic::error(code(12), &doc.at("/languages"), "a centre needs at least one language"));
    }
    if let Some(control) = &control
        && !control.value.ip().is_loopback()
    {
        let fault = Diagnostic::error(code(8), &control.at, "the control channel is not on loopback");
        faults.push(fault.help("it takes orders without a password: write 127.0.0.1 or [::1]"));
    }
    let mut digest = vec![];
    for item in fields.may("digest").map_or(vec![], |i| i.list(faults)) {
        let read = |t: &str| Algorithm::ALL.into_iter().find(|a| a.name().eq_ignore_ascii_case(t));
        digest.extend(item.parse("SHA-256 or MD5", faults, read).map(|a| a.value));
    }
    if digest.is_empty() {
        digest = Algorithm::ALL.to_vec();
    }
    if let (Some(listen), None) = (&listen, &public)
        && listen.value.ip().is_unspecified()
    {
        let fault = Diagnostic::error(code(16), &listen.at, "nobody can send sound to 0.0.0.0");
        faults.push(fault.help(
            "listening everywhere needs `public`: the address that carriers and telephones reach this machine at",
        ));
    }
    fields.done(faults);
    let listen = listen?.value;
    Some(CentreFile {
        centre: Centre {
            name: name?.value,
            realm: realm?.value,
            listen,
            tcp: tcp?,
            tls: match tls {
                None => None,
                Some(tls) => Some(tls?),
            },
            control: control?.value,
            wallboard: wallboard?,
            record: record?,
            public: public.map_or(listen.ip(), |p| p.value),
            rtp_ports: ports?.value,
            dscp: dscp?,
            drain_s: drain_s? as u32,
            shards: shards? as u8,
            languages: Some(languages).filter(|l| !l.is_empty())?,
            digest,
        },
        menus: menus?.value,
        elderly: elderly.map_or(Some(None), |e| e.map(Some))?,
        ring_s: ring_s? as u32,
        work: WorkRule { mode: acw_mode?, time: Duration::from_secs(acw_s?), extensions_max: acw_extensions? as u8 },
        reasons,
        failures,
    })
}

/// Where the wallboard is if nothing is said: on this machine only, for it asks nobody for a password.
const WALLBOARD: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5080);

fn wall(text: &str) -> Option<Option<SocketAddr>> {
    if text == "none" { Some(None) } else { text.parse().ok().map(Some) }
}

fn record(text: &str) -> Option<Option<RecordAt>> {
    let server = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    if text == "sqlite" { Some(None) } else { server.then(|| Some(RecordAt(text.to_owned()))) }
}

/// CS3 on signalling, EF on media.
const DSCP: (u8, u8) = (24, 46);

/// `dscp: { signalling: 24, media: 46 }`
fn dscp(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<(u8, u8)> {
    let mut fields = item.fields(faults)?;
    let signalling = fields.may("signalling").map_or(Some(u64::from(DSCP.0)), |i| i.number(0..=63, faults));
    let media = fields.may("media").map_or(Some(u64::from(DSCP.1)), |i| i.number(0..=63, faults));
    fields.done(faults);
    Some((signalling? as u8, media? as u8))
}

fn ports(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1_024 && first % 2 == 0 && last >= first + 2).then_some((first, last))
}
