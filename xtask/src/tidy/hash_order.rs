//! A hash map walks in another order in every run: a seed could not be replayed, and two checkpoints would differ.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law = Law {
    name: "hash order",
    says: "no HashMap and no HashSet below the rim: a BTreeMap, a Vec or a slab has an order",
    check,
};

fn check(ground: &Ground) -> Vec<Fault> {
    let core = ground.rust().filter(|f| f.crate_name().is_some_and(|c| super::pure_core::CORE.contains(&c)));
    core.flat_map(|file| {
        ["HashMap", "HashSet"].iter().flat_map(|word| {
            file.lines_with(word).map(|line| file.fault(line, format!("`{word}` in a core crate"))).collect::<Vec<_>>()
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_below_the_rim() {
        let faults = |path: &str, text: &str| check(&Ground::of(&[(path, text)])).len();
        assert_eq!(faults("crates/acd/src/a.rs", "use std::collections::HashMap;"), 1);
        assert_eq!(faults("crates/acd/src/a.rs", "//! no HashMap\nuse std::collections::BTreeMap;"), 0);
        assert_eq!(faults("crates/store/src/a.rs", "use std::collections::HashSet;"), 0);
    }
}
