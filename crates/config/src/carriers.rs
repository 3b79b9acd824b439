//! What of a trunk is its carrier's: SBCs, registration, and profiles (`carriers/NAME.yaml`) that trunks share.
//!
//! ```text
//!   trunks.yaml: profile: china-ims ──► carriers/china-ims.yaml      what the trunk says itself goes before its profile
//! ```
use crate::loaded::{HealthConf, RegisterConf, SbcConf};
use std::net::SocketAddr;
use switchboard_engine::config::ShownIn;
use switchboard_model::Transport;
use switchboard_source::{At, Diagnostic, Doc, Fields, Item};

/// What a trunk may say itself or leave to its carrier's profile.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Profile {
    pub country: Option<String>,
    pub transport: Option<Transport>,
    pub health: Option<HealthConf>,
    pub max_calls: Option<u32>,
    /// Calls that may begin in one second.
    pub max_cps: Option<u32>,
    /// How long a registration is asked for.
    pub expires_s: Option<u32>,
    /// What an INVITE is answered for which there is no room, and Retry-After.
    pub overload: Option<(u16, Option<u32>)>,
    /// Where the carrier wants to read the number we show.
    pub shown_in: Option<ShownIn>,
    /// The session interval that our calls ask for.
    pub session_s: Option<u32>,
}

impl Profile {
    /// From a file of its own.
    pub fn of_file(doc: &Doc, faults: &mut Vec<Diagnostic>) -> Profile {
        let Some(mut fields) = doc.top().fields(faults) else { return Profile::default() };
        if let Some(version) = fields.must("version", faults) {
            version.number(1..=1, faults);
        }
        if let Some(about) = fields.may("about") {
            about.text(faults);
        }
        let profile = Profile::read(&mut fields, faults);
        fields.done(faults);
        profile
    }

    /// From a trunk or a profile.
    pub fn read(fields: &mut Fields<'_>, faults: &mut Vec<Diagnostic>) -> Profile {
        let health = |text: &str| {
            let all = [
                ("options", HealthConf::Options),
                ("register", HealthConf::Register),
                ("passive", HealthConf::Passive),
            ];
            all.into_iter().find(|(word, _)| *word == text).map(|(_, health)| health)
        };
        let number = |item: Option<Item<'_>>, range, faults: &mut Vec<Diagnostic>| {
            item.and_then(|i| i.number(range, faults)).map(|n| n as u32)
        };
        Profile {
            country: fields.may("country").and_then(|i| i.text(faults)).map(|t| t.value),
            transport: fields
                .may("transport")
                .and_then(|i| i.parse("udp, tcp or tls", faults, transport))
                .map(|t| t.value),
            health: fields
                .may("health")
                .and_then(|i| i.parse("options, register or passive", faults, health))
                .map(|h| h.value),
            max_calls: number(fields.may("max_calls"), 1..=100_000, faults),
            max_cps: number(fields.may("max_cps"), 1..=10_000, faults),
            expires_s: number(fields.may("expires_s"), 60..=604_800, faults),
            overload: fields.may("overload").and_then(|i| overload(&i, faults)),
            shown_in: fields
                .may("shown_in")
                .and_then(|i| i.parse("from, pai or ppi", faults, shown_in))
                .map(|s| s.value),
            session_s: number(fields.may("session_s"), 90..=86_400, faults),
        }
    }

    /// What this leaves open is taken from `below`.
    pub fn over(self, below: Profile) -> Profile {
        Profile {
            country: self.country.or(below.country),
            transport: self.transport.or(below.transport),
            health: self.health.or(below.health),
            max_calls: self.max_calls.or(below.max_calls),
            max_cps: self.max_cps.or(below.max_cps),
            expires_s: self.expires_s.or(below.expires_s),
            overload: self.overload.or(below.overload),
            shown_in: self.shown_in.or(below.shown_in),
            session_s: self.session_s.or(below.session_s),
        }
    }
}

/// The header of the number that is shown, as engineers call it.
fn shown_in(text: &str) -> Option<ShownIn> {
    [("from", ShownIn::From), ("pai", ShownIn::Asserted), ("ppi", ShownIn::Preferred)]
        .into_iter()
        .find(|(word, _)| *word == text)
        .map(|(_, header)| header)
}

/// `{ answer: 503, retry_after_s: 5 }`; the second only with a 503.
fn overload(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<(u16, Option<u32>)> {
    let mut fields = item.fields(faults)?;
    let answer = fields
        .must("answer", faults)
        .and_then(|i| i.parse("486 or 503", faults, |text| text.parse().ok().filter(|code| matches!(code, 486 | 503))));
    let wait = fields.may("retry_after_s");
    let wait_at = wait.as_ref().map(Item::at);
    let seconds = wait.map(|i| i.number(1..=3_600, faults));
    if let (Some(486), Some(at)) = (answer.as_ref().map(|a| a.value), &wait_at) {
        let fault = Diagnostic::error(crate::faults::code(35), at, "a 486 has no Retry-After");
        faults.push(fault.help("agree on 503 with the carrier, or leave `retry_after_s` out"));
    }
    fields.done(faults);
    Some((
        answer?.value,
        match seconds {
            None => None,
            Some(seconds) => Some(seconds? as u32),
        },
    ))
}

/// The profiles that trunks name, and where.
pub fn named(doc: &Doc) -> Vec<(String, At)> {
    // Whatever is of the wrong shape is reported where it is read.
    let mut unheard = vec![];
    let Some(mut fields) = doc.top().fields(&mut unheard) else { return vec![] };
    let trunks = fields.may("trunks").map_or(vec![], |i| i.list(&mut unheard));
    let of = |item: &Item<'_>| item.fields(&mut vec![])?.may("profile")?.text(&mut vec![]).map(|p| (p.value, p.at));
    trunks.iter().filter_map(of).collect()
}

/// Whether it is a file's name and no way to another folder.
pub fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The carrier's SBCs, in the order of the text.
pub fn sbcs(item: Option<Item<'_>>, usual: Transport, faults: &mut Vec<Diagnostic>) -> Vec<SbcConf> {
    let mut sbcs: Vec<SbcConf> = vec![];
    for item in item.map_or(vec![], |i| i.list(faults)) {
        let Some(sbc) = sbc(&item, usual, faults) else { continue };
        if sbcs.iter().any(|s| s.at == sbc.at && s.transport == sbc.transport) {
            faults.push(Diagnostic::error(
                crate::faults::code(5),
                &item.at(),
                format!("there are two SBCs at {}", sbc.at),
            ));
        }
        sbcs.push(sbc);
    }
    sbcs
}

fn sbc(item: &Item<'_>, usual: Transport, faults: &mut Vec<Diagnostic>) -> Option<SbcConf> {
    let mut fields = item.fields(faults)?;
    let of = fields.may("transport").map(|i| i.parse("udp, tcp or tls", faults, transport));
    let transport = match of {
        None => Some(usual),
        Some(read) => read.map(|t| t.value),
    };
    let port = transport.unwrap_or(usual).usual_port();
    let address = |text: &str| text.parse().ok().or_else(|| Some(SocketAddr::new(text.parse().ok()?, port)));
    let at = fields
        .must("at", faults)
        .and_then(|i| i.parse("an address, as 192.0.2.10 or 192.0.2.10:5060", faults, address));
    let priority = fields.may("priority").map_or(Some(0), |i| i.number(0..=65_535, faults));
    let weight = fields.may("weight").map_or(Some(0), |i| i.number(0..=65_535, faults));
    let name = fields.may("name").map(|i| i.text(faults));
    fields.done(faults);
    Some(SbcConf {
        at: at?.value,
        transport: transport?,
        priority: priority? as u16,
        weight: weight? as u16,
        name: match name {
            None => None,
            Some(name) => Some(name?.value),
        },
    })
}

/// What is registered with the carrier.
pub fn register(item: &Item<'_>, usual_s: Option<u32>, faults: &mut Vec<Diagnostic>) -> Option<RegisterConf> {
    let mut fields = item.fields(faults)?;
    let identity = fields.must("identity", faults).and_then(|i| {
        i.parse("user@domain, as +862195588@ims.carrier.example", faults, |text| {
            let text = text.strip_prefix("sip:").unwrap_or(text);
            let well = |s: &str| !s.is_empty() && !s.contains(['@', ' ', '<', '>', ';', '"']);
            text.split_once('@').filter(|(user, domain)| well(user) && well(domain)).map(|_| text.to_owned())
        })
    });
    let user = fields.may("user").map(|i| i.text(faults));
    let password = fields.must("password", faults).and_then(|i| i.text(faults));
    let contact = fields.may("contact_user").map(|i| i.text(faults));
    let expires_s =
        fields.may("expires_s").map_or(Some(u64::from(usual_s.unwrap_or(3_600))), |i| i.number(60..=604_800, faults));
    fields.done(faults);
    let identity = identity?.value;
    let own = identity.split('@').next().unwrap_or_default().to_owned();
    let or_own = |said: Option<Option<switchboard_source::Spanned<String>>>| match said {
        None => Some(own.clone()),
        Some(said) => said.map(|s| s.value),
    };
    Some(RegisterConf {
        user: or_own(user)?,
        contact_user: or_own(contact)?,
        password: password?.value,
        expires_s: expires_s? as u32,
        identity,
    })
}

fn transport(text: &str) -> Option<Transport> {
    Transport::of_word(text).filter(|t| matches!(t, Transport::Udp | Transport::Tcp | Transport::Tls))
}
