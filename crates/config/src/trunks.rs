//! `trunks.yaml`: where calls come from, and which number leads to which menu.
use crate::carriers::{self, Profile};
use crate::faults::code;
use crate::loaded::{HealthConf, Source, TrunkConf};
use std::collections::BTreeMap;
use std::net::IpAddr;
use switchboard_engine::config::ShownIn;
use switchboard_model::Transport;
use switchboard_source::{At, Diagnostic, Doc, Item};

/// A menu that a dialled number leads to, and where that stands.
pub struct Led {
    /// The menu.
    pub menu: String,
    /// Where.
    pub at: At,
}

/// Reads it, and which menus it leads to. `profiles`: by name, what of a trunk is its carrier's.
pub fn read(
    doc: &Doc,
    profiles: &BTreeMap<String, Profile>,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<TrunkConf>, Vec<Led>) {
    let (mut trunks, mut led): (Vec<TrunkConf>, Vec<Led>) = (vec![], vec![]);
    let Some(mut fields) = doc.top().fields(faults) else { return (trunks, led) };
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    for item in fields.must("trunks", faults).map_or(vec![], |i| i.list(faults)) {
        if let Some(trunk) = read_trunk(&item, profiles, &mut led, faults) {
            if trunks.iter().any(|t| t.name == trunk.name) {
                faults.push(Diagnostic::error(code(5), &item.at(), format!("there are two trunks `{}`", trunk.name)));
            }
            if let Some(other) = trunks.iter().find(|t| t.sources.iter().any(|s| trunk.sources.contains(s))) {
                let message = format!("the trunks `{}` and `{}` have the same source", other.name, trunk.name);
                let fault = Diagnostic::error(code(15), &item.at(), message);
                faults.push(fault.help("tell them apart by port, or make them one trunk"));
            }
            trunks.push(trunk);
        }
    }
    fields.done(faults);
    (trunks, led)
}

fn read_trunk(
    item: &Item<'_>,
    profiles: &BTreeMap<String, Profile>,
    led: &mut Vec<Led>,
    faults: &mut Vec<Diagnostic>,
) -> Option<TrunkConf> {
    let mut fields = item.fields(faults)?;
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    // One that is not there was reported where it was looked for.
    let profile = fields.may("profile").and_then(|i| i.text(faults)).and_then(|p| profiles.get(&p.value));
    let profile = profile.cloned().unwrap_or_default();
    let own = Profile::read(&mut fields, faults).over(profile);
    let sbcs = carriers::sbcs(fields.may("sbcs"), own.transport.unwrap_or(Transport::Udp), faults);
    let register = match fields.may("register") {
        None => None,
        Some(i) => {
            if sbcs.is_empty() {
                let fault = Diagnostic::error(code(33), &i.at(), "there is no SBC to register with");
                faults.push(fault.help("`sbcs` names it: `sbcs: [{ at: 192.0.2.10:5060 }]`"));
            }
            carriers::register(&i, own.expires_s, faults)
        }
    };
    let health = own.health.unwrap_or(if register.is_some() { HealthConf::Register } else { HealthConf::Options });
    let mut sources: Vec<Source> =
        sbcs.iter().map(|s| Source { address: s.at.ip(), prefix: whole(s.at.ip()), port: None }).collect();
    let listed = match fields.may("sources") {
        None if sources.is_empty() => fields.must("sources", faults),
        listed => listed,
    };
    for item in listed.map_or(vec![], |i| i.list(faults)) {
        sources.extend(
            item.parse("an address, as 192.0.2.10, 192.0.2.0/24 or 192.0.2.10:5060", faults, source).map(|s| s.value),
        );
    }
    let shown = fields.may("shown").map_or(Some(String::new()), |i| {
        i.parse("a number, as +862195588", faults, |text| {
            let digits = text.strip_prefix('+').unwrap_or(text);
            (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
        })
        .map(|t| t.value)
    });
    let area = fields.may("area").map_or(Some(String::new()), |i| i.text(faults).map(|t| t.value));
    let mut numbers = BTreeMap::new();
    for (number, menu) in fields.must("numbers", faults).map_or(vec![], |i| i.entries(faults)) {
        if let Some(menu) = menu.text(faults) {
            led.push(Led { menu: menu.value.clone(), at: menu.at });
            numbers.insert(number, menu.value);
        }
    }
    fields.done(faults);
    Some(TrunkConf {
        name: name?.value,
        sources,
        country: own.country.unwrap_or_else(|| "86".to_owned()),
        area: area?,
        max_calls: own.max_calls.unwrap_or(1_000),
        max_cps: own.max_cps,
        numbers,
        overload: own.overload.unwrap_or((486, None)),
        sbcs,
        health,
        register,
        shown: shown?,
        shown_in: own.shown_in.unwrap_or(ShownIn::From),
        session_s: own.session_s.unwrap_or(1_800),
    })
}

fn source(text: &str) -> Option<Source> {
    if let Some((address, prefix)) = text.split_once('/') {
        let address: IpAddr = address.parse().ok()?;
        let prefix = prefix.parse().ok().filter(|p| *p <= whole(address))?;
        return Some(Source { address, prefix, port: None });
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(Source { address, prefix: whole(address), port: None });
    }
    let address: std::net::SocketAddr = text.parse().ok()?;
    Some(Source { address: address.ip(), prefix: whole(address.ip()), port: Some(address.port()) })
}

fn whole(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_an_address_a_network_or_an_address_with_a_port() {
        for (text, reads) in [
            ("192.0.2.10", Some((32, None))),
            ("192.0.2.0/24", Some((24, None))),
            ("192.0.2.10:5060", Some((32, Some(5060)))),
            ("2001:db8::1", Some((128, None))),
            ("192.0.2.0/33", None),
            ("carrier.example", None),
        ] {
            assert_eq!(source(text).map(|s| (s.prefix, s.port)), reads, "{text}");
        }
    }
}
