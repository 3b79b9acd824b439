//! What is written down must be true on everybody's machine.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law = Law {
    name: "paths",
    says: "no file names a folder of one machine, or a package mirror that only some can reach",
    check,
};

/// Written in two halves, so that this file does not find itself.
const FOREIGN: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("arti", "factory"),
    concat!("--index", "-url"),
    concat!("replace", "-with"),
];

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in &ground.files {
        for (i, line) in file.text.lines().enumerate() {
            for word in FOREIGN.iter().filter(|word| stands_alone(line, word)) {
                faults.push(file.fault(i + 1, format!("`{word}` is of one machine only")));
            }
        }
    }
    faults
}

/// `/name/` begins a path: it is not the middle of a longer one or of an address.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !word.starts_with('/') || !before.is_some_and(|c| c.is_alphanumeric() || "./-_}~".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_machine_is_named() {
        let faults = |text: &str| check(&Ground::of(&[("docs/a.md", text)])).len();
        assert_eq!(faults(concat!("cd /ho", "me/li/switchboard")), 1);
        assert_eq!(faults(concat!("see https://example.org/wo", "rk/")), 0);
        assert_eq!(faults("cd ~/switchboard && make demo"), 0);
        assert_eq!(faults(concat!("cargo --config source.crates-io.replace", "-with=x")), 1);
    }
}
