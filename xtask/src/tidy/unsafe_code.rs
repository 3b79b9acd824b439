//! `unsafe` lives in `net`, where the kernel is, and each says why it holds.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law =
    Law { name: "unsafe", says: "`unsafe` stands in `net` only, under a comment that begins with SAFETY", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in ground.rust() {
        for (i, _) in file.code_and_tests.lines().enumerate().filter(|(_, l)| super::ground::has_word(l, "unsafe")) {
            if file.crate_name() != Some("net") {
                faults.push(file.fault(i + 1, "`unsafe` outside `net`"));
            } else if !file.text.lines().skip(i.saturating_sub(4)).take(4.min(i)).any(|l| l.contains("// SAFETY:")) {
                faults.push(file.fault(i + 1, "`unsafe` without a `// SAFETY:` above it"));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_has_one_home_and_a_reason() {
        let faults = |path: &str, text: &str| check(&Ground::of(&[(path, text)])).len();
        assert_eq!(faults("crates/matcher/src/a.rs", "unsafe { f() }"), 1);
        assert_eq!(faults("crates/net/src/a.rs", "unsafe { f() }"), 1);
        assert_eq!(faults("crates/net/src/a.rs", "// SAFETY: f has no conditions.\nunsafe { f() }"), 0);
        assert_eq!(faults("crates/matcher/src/a.rs", "// nothing unsafe here\n#![deny(unsafe_code)]"), 0);
    }
}
