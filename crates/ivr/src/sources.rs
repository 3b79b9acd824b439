//! The texts and sounds of one version, in memory.
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Files that are not menus.
pub(crate) const NOT_MENUS: [&str; 4] = ["prompts.yaml", "policy.yaml", "calendars.yaml", "services.yaml"];

/// Files by path. Menus are `*.yaml` beside those of `NOT_MENUS`; sounds lie where `prompts.yaml` says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, Bytes>,
}

impl Sources {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Adds a file; a later one of the same path replaces it.
    pub fn add(&mut self, path: impl Into<String>, bytes: impl Into<Bytes>) {
        self.files.insert(path.into(), bytes.into());
    }
    /// A file by path.
    pub fn file(&self, path: &str) -> Option<&Bytes> {
        self.files.get(path)
    }
    /// All files by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes))
    }
    /// The menus' texts.
    pub(crate) fn menus(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.files().filter(|(path, _)| path.ends_with(".yaml") && !NOT_MENUS.contains(&name(path)))
    }
    /// A text that is no menu (`NOT_MENUS`). There may be several; the deepest comes last and wins.
    pub(crate) fn named(&self, wanted: &str) -> Vec<(&str, &Bytes)> {
        let mut found: Vec<_> = self.files().filter(|(path, _)| name(path) == wanted).collect();
        found.sort_by_key(|(path, _)| path.matches('/').count());
        found
    }
    /// SHA-256 of all paths, without the folder that all of them have in common, and of all bytes; in hex. A copy of a folder has its hash.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let folder = |path: &str| path.rfind('/').map_or(0, |i| i + 1);
        let mut common = self.files.keys().next().map_or("", |first| &first[..folder(first)]);
        for path in self.files.keys() {
            while !path.starts_with(common) {
                common = &common[..folder(common.trim_end_matches('/'))];
            }
        }
        for (path, bytes) in &self.files {
            let path = &path[common.len()..];
            hash.update((path.len() as u64).to_be_bytes());
            hash.update(path);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// A path's last part.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A path beside another one, `..` resolved.
pub(crate) fn beside(path: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            ".." if parts.last().is_some_and(|p| *p != ".." && !p.is_empty()) => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_beside_another() {
        for (path, relative, wants) in [
            ("ivr-menus/prompts.yaml", "prompts/en/a.wav", "ivr-menus/prompts/en/a.wav"),
            ("ivr-menus/bad/x/prompts.yaml", "../../prompts/en/a.wav", "ivr-menus/prompts/en/a.wav"),
            ("prompts.yaml", "a.wav", "a.wav"),
            ("prompts.yaml", "../a.wav", "../a.wav"),
            ("/x/prompts.yaml", "../../../a.wav", "/../../a.wav"),
        ] {
            assert_eq!(beside(path, relative), wants, "{path} {relative}");
        }
    }

    #[test]
    fn the_hash_is_of_names_and_bytes() {
        let hash = |files: &[(&str, &str)]| {
            let mut sources = Sources::new();
            files.iter().for_each(|(p, b)| sources.add(*p, b.as_bytes().to_vec()));
            sources.hash()
        };
        assert_eq!(hash(&[("a", "1"), ("b", "2")]), hash(&[("b", "2"), ("a", "1")]));
        assert_ne!(hash(&[("a", "1")]), hash(&[("a", "2")]));
        assert_ne!(hash(&[("a", "1")]), hash(&[("a1", "")]));
        let (here, there) = ([("x/a", "1"), ("x/b/c", "2")], [("/y/z/a", "1"), ("/y/z/b/c", "2")]);
        assert_eq!(hash(&here), hash(&there), "wherever the folder lies");
        assert_ne!(hash(&here), hash(&[("x/a", "1"), ("x/c", "2")]));
    }
}
