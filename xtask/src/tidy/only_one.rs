//! Two versions of a runtime are two runtimes: a socket of one cannot be waited for by the other.
use super::Law;
use super::ground::{Fault, Ground};
use std::collections::BTreeSet;

pub const LAW: Law =
    Law { name: "only one", says: "what deny.toml wants once (tokio, rustls, hyper …) comes in one version", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for ban in ground.deny.bans.deny.iter().filter(|b| b.deny_multiple_versions) {
        let versions: BTreeSet<&str> =
            ground.packages.iter().filter(|p| p.name == ban.package).map(|p| p.version.as_str()).collect();
        if versions.len() > 1 {
            let versions: Vec<&str> = versions.into_iter().collect();
            let what = format!("comes in versions {}: {}", versions.join(" and "), ban.reason);
            faults.push(Fault { path: ban.package.clone(), line: 0, what });
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::deny::Ban;
    use super::super::ground::Package;
    use super::*;

    #[test]
    fn a_second_version_is_found() {
        let package =
            |version: &str| Package { name: "tokio".to_owned(), version: version.to_owned(), ..Package::default() };
        let mut ground = Ground { packages: vec![package("1.54.1")], ..Ground::default() };
        let reason = "one runtime".to_owned();
        ground.deny.bans.deny = vec![Ban { package: "tokio".to_owned(), deny_multiple_versions: true, reason }];
        assert_eq!(check(&ground), []);
        ground.packages.push(package("0.2.25"));
        assert_eq!(check(&ground).len(), 1);
    }
}
