//! Which crate may know which. An arrow upwards or sideways makes two crates one.
use super::Law;
use super::ground::{Fault, Ground};
use std::collections::BTreeSet;

pub const LAW: Law = Law {
    name: "direction",
    says: "a crate uses only crates below it (the table in xtask/src/tidy/direction.rs)",
    check,
};

/// Each crate, and what lies directly below it. What lies below that may be used too, for it is part of what is used.
pub const BELOW: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("source", &[]),
    ("matcher", &[]),
    ("wire", &["model"]),
    ("sip", &["wire"]),
    ("media", &["wire"]),
    ("ivr", &["source", "model"]),
    ("acd", &["matcher", "model"]),
    ("stats", &["model"]),
    ("care", &["model"]),
    ("engine", &["sip", "media", "ivr", "acd", "stats", "care"]),
    ("config", &["engine", "source", "ivr"]),
    ("people", &["sip", "media"]),
    ("sim", &["config", "engine", "people"]),
    ("net", &["model"]),
    ("store", &["stats"]),
    // `config` for its tests only: they need a whole configuration.
    ("api", &["store", "engine", "config"]),
    ("reach", &["model", "net"]),
    ("node", &["config", "net", "store", "api", "reach"]),
    // The node for `cargo bench` only: it measures a whole centre.
    ("benches", &["net", "people", "node"]),
    ("switchboard", &["node", "sim", "benches"]),
    // Test-only: it sees the program from outside, as a carrier does.
    ("e2e", &["model"]),
];

/// Every crate that `name` may use.
fn allowed(name: &str) -> BTreeSet<&'static str> {
    let mut all = BTreeSet::new();
    let mut open: Vec<&str> = below(name).unwrap_or_default().to_vec();
    while let Some(one) = open.pop() {
        if let Some((one, next)) = BELOW.iter().find(|(n, _)| *n == one)
            && all.insert(*one)
        {
            open.extend(*next);
        }
    }
    all
}

fn below(name: &str) -> Option<&'static [&'static str]> {
    BELOW.iter().find(|(n, _)| *n == name).map(|(_, below)| *below)
}

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in ground.ours() {
        let Some(name) = short(&package.name) else { continue };
        let mut fault = |what: String| faults.push(Fault { path: package.name.clone(), line: 0, what });
        if below(name).is_none() {
            fault(format!("has no place in the table: say what lies below `{name}`"));
        }
        let allowed = allowed(name);
        for used in package.dependencies.iter().filter_map(|d| short(&d.name)) {
            if used != name && !allowed.contains(used) {
                fault(format!("uses {used}, which does not lie below it"));
            }
        }
    }
    faults
}

/// The folder's name; the program itself bears the project's name alone.
fn short(package: &str) -> Option<&str> {
    if package == "switchboard" { Some(package) } else { package.strip_prefix("switchboard-") }
}

#[cfg(test)]
mod tests {
    use super::super::ground::{Dependency, Package};
    use super::*;

    fn faults(name: &str, uses: &[&str]) -> usize {
        let dependencies = uses.iter().map(|u| Dependency { name: (*u).to_owned() }).collect();
        let package = Package { name: name.to_owned(), dependencies, ..Package::default() };
        check(&Ground { packages: vec![package], ..Ground::default() }).len()
    }

    #[test]
    fn arrows_go_down_only() {
        assert_eq!(faults("switchboard-engine", &["switchboard-sip", "switchboard-wire", "serde"]), 0);
        assert_eq!(faults("switchboard-sip", &["switchboard-media"]), 1, "sideways");
        assert_eq!(faults("switchboard-sip", &["switchboard-engine"]), 1, "upwards");
        assert_eq!(faults("switchboard-matcher", &["switchboard-model"]), 1, "the matcher knows not even the nouns");
        assert_eq!(faults("switchboard-engine", &["switchboard-net"]), 1, "into the rim");
        assert_eq!(faults("switchboard-gossip", &[]), 1, "not in the table");
        assert_eq!(faults("switchboard", &["switchboard-node", "switchboard-engine"]), 0);
    }

    #[test]
    fn the_table_has_no_circle() {
        for (name, _) in BELOW {
            assert!(!allowed(name).contains(name), "{name} lies below itself");
        }
    }
}
