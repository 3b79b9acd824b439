//! A document that points at nothing is worse than one that does not point.
use super::Law;
use super::ground::{Fault, Ground};
use std::path::{Component, Path};

pub const LAW: Law =
    Law { name: "links", says: "every relative link in a document leads to a file or folder that is there", check };

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in ground.files.iter().filter(|f| f.path.ends_with(".md")) {
        let mut code = false;
        for (i, line) in file.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                code = !code;
            }
            let missing = targets(line).filter(|t| !code && !leads_somewhere(ground, &file.path, t));
            faults.extend(missing.map(|t| file.fault(i + 1, format!("the link to {t} leads nowhere"))));
        }
    }
    faults
}

/// What stands in `](…)`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("](").filter_map(|(at, _)| {
        let rest = &line[at + 2..];
        Some(rest[..rest.find(')')?].split_whitespace().next().unwrap_or_default())
    })
}

fn leads_somewhere(ground: &Ground, from: &str, target: &str) -> bool {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return true;
    }
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let mut parts: Vec<String> = Vec::new();
    for part in folder.join(path).components() {
        match part {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir if parts.pop().is_none() => return false,
            Component::ParentDir | Component::CurDir => {}
            Component::RootDir | Component::Prefix(_) => return false,
        }
    }
    parts.is_empty() || ground.paths.contains(&parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_somewhere() {
        let faults = |text: &str| {
            let files = [("docs/a.md", text), ("docs/b.md", ""), ("crates/sip/src/lib.rs", "//! x")];
            check(&Ground::of(&files)).len()
        };
        assert_eq!(faults("[b](b.md) [code](../crates/sip) [self](#here) [out](https://example.org) [b](b.md#x)"), 0);
        assert_eq!(faults("[c](c.md)"), 1);
        assert_eq!(faults("[b](../b.md)"), 1);
        assert_eq!(faults("[far](../../b.md)"), 1);
        assert_eq!(faults("[root](/docs/b.md)"), 1);
        assert_eq!(faults("```\n[c](c.md)\n```"), 0);
    }
}
