//! A package from a repository can change under the same name; one from the registry cannot.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law =
    Law { name: "sources", says: "packages come from the registries of deny.toml, or are our own", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let foreign = ground.packages.iter().filter(|p| {
        let allowed = &ground.deny.sources.allow_registry;
        p.source.as_ref().is_some_and(|s| !allowed.iter().any(|a| s.strip_prefix("registry+") == Some(a)))
    });
    foreign
        .map(|p| Fault {
            path: format!("{} {}", p.name, p.version),
            line: 0,
            what: format!("comes from {}", p.source.as_deref().unwrap_or_default()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::ground::Package;
    use super::*;

    #[test]
    fn only_the_registry() {
        let faults = |source: Option<&str>| {
            let package = Package { name: "p".to_owned(), source: source.map(str::to_owned), ..Package::default() };
            let mut ground = Ground { packages: vec![package], ..Ground::default() };
            ground.deny.sources.allow_registry.push("https://registry.example".to_owned());
            check(&ground).len()
        };
        assert_eq!(faults(None), 0);
        assert_eq!(faults(Some("registry+https://registry.example")), 0);
        assert_eq!(faults(Some("git+https://registry.example")), 1);
        assert_eq!(faults(Some("registry+https://another.example")), 1);
    }
}
