//! `trunks.yaml`: where calls come from, and which number leads to which menu.
use crate::faults::code;
use crate::loaded::{Source, TrunkConf};
use std::collections::BTreeMap;
use std::net::IpAddr;
use switchboard_source::{At, Diagnostic, Doc, Item};

/// A menu that a dialled number leads to, and where that stands.
pub struct Led {
    /// The menu.
    pub menu: String,
    /// Where.
    pub at: At,
}

/// Reads it, and which menus it leads to.
pub fn read(doc: &Doc, faults: &mut Vec<Diagnostic>) -> (Vec<TrunkConf>, Vec<Led>) {
    let (mut trunks, mut led): (Vec<TrunkConf>, Vec<Led>) = (vec![], vec![]);
    let Some(mut fields) = doc.top().fields(faults) else { return (trunks, led) };
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    for item in fields.must("trunks", faults).map_or(vec![], |i| i.list(faults)) {
        if let Some(trunk) = read_trunk(&item, &mut led, faults) {
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

fn read_trunk(item: &Item<'_>, led: &mut Vec<Led>, faults: &mut Vec<Diagnostic>) -> Option<TrunkConf> {
    let mut fields = item.fields(faults)?;
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    let mut sources = vec![];
    for item in fields.must("sources", faults).map_or(vec![], |i| i.list(faults)) {
        sources.extend(
            item.parse("an address, as 192.0.2.10, 192.0.2.0/24 or 192.0.2.10:5060", faults, source).map(|s| s.value),
        );
    }
    let country = fields.may("country").map_or(Some("86".to_owned()), |i| i.text(faults).map(|t| t.value));
    let area = fields.may("area").map_or(Some(String::new()), |i| i.text(faults).map(|t| t.value));
    let max_calls = fields.may("max_calls").map_or(Some(1_000), |i| i.number(1..=100_000, faults));
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
        country: country?,
        area: area?,
        max_calls: max_calls? as u32,
        numbers,
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
