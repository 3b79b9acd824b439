//! A name is a promise of what is inside: the folder is the crate's name, and no file is called after not knowing.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law = Law {
    name: "names",
    says: "folder = crate name with `switchboard-` before it, every crate a member, no utils, common or helper",
    check,
};

const NAMELESS: &[&str] = &["util", "utils", "common", "helper", "helpers", "misc"];

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in &ground.files {
        let stem = file.path.rsplit('/').next().and_then(|n| n.strip_suffix(".rs"));
        if stem.is_some_and(|s| NAMELESS.contains(&s)) {
            faults.push(file.fault(0, "the concept of this file is not found yet"));
        }
        if file.path == "Cargo.toml" {
            let line = file.text.lines().position(|l| l.starts_with("exclude") && l.contains("crates/"));
            faults
                .extend(line.map(|i| file.fault(i + 1, "a crate is left out of the workspace, and so of every check")));
        }
        let Some(folder) = file.path.strip_prefix("crates/").and_then(|p| p.strip_suffix("/Cargo.toml")) else {
            continue;
        };
        let name = file.text.lines().find_map(|l| l.strip_prefix("name = ")).unwrap_or_default().trim_matches('"');
        let expected = if folder == "switchboard" { folder.to_owned() } else { format!("switchboard-{folder}") };
        if name != expected {
            faults.push(file.fault(0, format!("the crate is called `{name}`, not `{expected}`")));
        }
        if !file.text.contains("[lints]\nworkspace = true") {
            faults.push(file.fault(0, "does not take the workspace's lints"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_is_inside() {
        let faults = |path: &str, text: &str| check(&Ground::of(&[(path, text)])).len();
        assert_eq!(faults("crates/sip/Cargo.toml", "name = \"switchboard-sip\"\n[lints]\nworkspace = true"), 0);
        assert_eq!(faults("crates/sip/Cargo.toml", "name = \"sip\"\n[lints]\nworkspace = true"), 1);
        assert_eq!(faults("crates/sip/Cargo.toml", "name = \"switchboard-sip\""), 1);
        assert_eq!(faults("crates/sip/src/utils.rs", ""), 1);
        assert_eq!(faults("Cargo.toml", "exclude = [\"crates/sip\"]"), 1);
        assert_eq!(faults("Cargo.toml", "exclude = [\"fuzz\"]"), 0);
    }
}
