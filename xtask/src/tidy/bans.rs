//! Packages that were looked at and found wanting; the reason stands beside each in deny.toml.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law = Law { name: "bans", says: "no package that deny.toml forbids, not even through another", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ban in ground.deny.bans.deny.iter().filter(|b| !b.deny_multiple_versions) {
        for package in ground.packages.iter().filter(|p| p.name == ban.package) {
            let users: Vec<&str> = (ground.packages.iter())
                .filter(|p| p.dependencies.iter().any(|d| d.name == package.name))
                .map(|p| p.name.as_str())
                .collect();
            let what = format!("is forbidden ({}); asked for by {}", ban.reason, users.join(", "));
            faults.push(Fault { path: format!("{} {}", package.name, package.version), line: 0, what });
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::deny::Ban;
    use super::super::ground::{Dependency, Package};
    use super::*;

    #[test]
    fn a_forbidden_package_is_found_with_who_wants_it() {
        let wants = Dependency { name: "openssl".to_owned() };
        let packages = vec![
            Package { name: "curl".to_owned(), dependencies: vec![wants], ..Package::default() },
            Package { name: "openssl".to_owned(), ..Package::default() },
        ];
        let mut ground = Ground { packages, ..Ground::default() };
        let ban = |deny_multiple_versions| Ban {
            package: "openssl".to_owned(),
            deny_multiple_versions,
            reason: "one TLS provider".to_owned(),
        };
        ground.deny.bans.deny = vec![ban(true)];
        assert_eq!(check(&ground), []);
        ground.deny.bans.deny = vec![ban(false)];
        let faults = check(&ground);
        assert_eq!(faults.len(), 1);
        assert!(faults[0].what.contains("asked for by curl"), "{}", faults[0].what);
    }
}
