//! A file that does not say why it exists will be filled with whatever is at hand.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law =
    Law { name: "module docs", says: "every Rust file begins with `//!`: why it exists, what it does not do", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let silent = ground.rust().filter(|file| {
        let first = file.text.lines().find(|l| !l.trim().is_empty() && !l.starts_with("#!["));
        !first.is_some_and(|l| l.starts_with("//!"))
    });
    silent.map(|file| file.fault(1, "does not begin with a module doc")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_its_reason() {
        let faults = |text: &str| check(&Ground::of(&[("crates/a/src/a.rs", text)])).len();
        assert_eq!(faults("//! Why.\nfn f() {}"), 0);
        assert_eq!(faults("#![cfg(loom)]\n//! Why.\nfn f() {}"), 0);
        assert_eq!(faults("use std::fmt;\n//! Why."), 1);
        assert_eq!(faults(""), 1);
    }
}
