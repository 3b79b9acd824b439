//! What of a configuration a joint test needs to know.
use std::net::SocketAddr;
use switchboard_config::{Loaded, TrunkConf};
use switchboard_ivr::Does;
use switchboard_people::joint::Plan;

/// Checks that press the key that leads to a person.
pub const KEYED: &[&str] = &["dtmf-in", "info-in", "foreign-sound-in"];

/// The trunk with this name.
pub fn trunk<'a>(loaded: &'a Loaded, name: &str) -> Result<&'a TrunkConf, String> {
    loaded.trunks.iter().find(|t| t.name == name).ok_or_else(|| {
        let known: Vec<&str> = loaded.trunks.iter().map(|t| t.name.as_str()).collect();
        format!("trunks.yaml has no trunk `{name}`; it has {}", known.join(", "))
    })
}

/// Where the carrier's SBC is asked: the first source that is one address.
pub fn address(trunk: &TrunkConf) -> Result<SocketAddr, String> {
    let one = |s: &&switchboard_config::Source| s.prefix == if s.address.is_ipv4() { 32 } else { 128 };
    let source = trunk.sources.iter().find(one).ok_or_else(|| {
        format!(
            "every source of trunk `{}` is a network: name the SBC's address with --to, as 192.0.2.10:5060",
            trunk.name
        )
    })?;
    Ok(SocketAddr::new(source.address, source.port.unwrap_or(5060)))
}

/// The plan.
pub fn plan(loaded: &Loaded, trunk: &TrunkConf, dial: Option<&str>) -> Result<Plan, String> {
    let (dials, menu) = trunk.numbers.first_key_value().ok_or_else(|| {
        format!("trunk `{}` has no numbers: nothing can be called; write one under `numbers`", trunk.name)
    })?;
    let menu = loaded.menus.menu(menu).ok_or_else(|| format!("there is no menu `{menu}`"))?;
    let key = menu.options.iter().find(|o| matches!(o.does, Does::Queue(_))).map(|o| o.key);
    let free = |n: &String| !trunk.numbers.contains_key(n);
    let unknown = (0..).map(|n| format!("{dials}99{n}")).find(free).expect("numbers end somewhere");
    Ok(Plan {
        dials: dials.clone(),
        unknown,
        country: trunk.country.clone(),
        area: trunk.area.clone(),
        key,
        callee: dial.unwrap_or(SIMULATED_CALLEE).to_owned(),
        nobody: NOBODY.to_owned(),
    })
}

/// Whom the simulated SBC rings.
const SIMULATED_CALLEE: &str = "13800000000";
/// A number that cannot be given to anybody: mobiles in China do not begin with 100.
const NOBODY: &str = "10000000001";
