//! What the laws look at: every text file of the repository, and what cargo knows about the packages.
use super::code::{without_comments_and_texts, without_tests};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything.
#[derive(Default)]
pub struct Ground {
    /// The repository's text files, in order of their paths.
    pub files: Vec<File>,
    /// The paths of all files, and of all folders, from the root.
    pub paths: BTreeSet<String>,
    /// Every package of the dependency graph, ours included.
    pub packages: Vec<Package>,
    /// `deny.toml`.
    pub deny: super::deny::Deny,
}

/// A text file.
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// All of it.
    pub text: String,
    /// Of a Rust file: the same lines without comments, texts in quotes and test modules.
    pub code: String,
    /// The same with test modules.
    pub code_and_tests: String,
}

/// What cargo says about one package.
#[derive(Deserialize, Clone, Default)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// An SPDX expression.
    pub license: Option<String>,
    /// Nothing for our own.
    pub source: Option<String>,
    /// What it asks for.
    pub dependencies: Vec<Dependency>,
}

/// One line of a manifest.
#[derive(Deserialize, Clone, Default)]
pub struct Dependency {
    /// Of the package asked for.
    pub name: String,
}

/// Something a law has found.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, from the root.
    pub path: String,
    /// Its line, from 1; 0 if it is about the whole file.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            n => write!(f, "{}:{n}: {}", self.path, self.what),
        }
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the repository's root").to_owned()
}

impl Ground {
    /// Reads the repository and asks cargo.
    pub fn read() -> Result<Ground, String> {
        let root = root();
        let mut ground = Ground::default();
        walk(&root, &root, &mut ground).map_err(|e| format!("the repository cannot be read: {e}"))?;
        ground.files.sort_by(|a, b| a.path.cmp(&b.path));
        let deny = fs::read_to_string(root.join("deny.toml")).map_err(|e| format!("deny.toml: {e}"))?;
        ground.deny = toml::from_str(&deny).map_err(|e| format!("deny.toml: {e}"))?;
        ground.packages = packages(&root)?;
        Ok(ground)
    }

    /// All Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|f| f.path.ends_with(".rs"))
    }

    /// Our own packages.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.source.is_none())
    }

    fn add(&mut self, path: &str, text: Option<&str>) {
        self.paths.extend(path.match_indices('/').map(|(i, _)| path[..i].to_owned()));
        self.paths.insert(path.to_owned());
        self.files.extend(text.map(|text| File::new(path, text)));
    }

    /// A ground of these files only.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Ground {
        let mut ground = Ground::default();
        for (path, text) in files {
            ground.add(path, Some(text));
        }
        ground
    }
}

impl File {
    /// `path` from the root.
    pub fn new(path: &str, text: &str) -> File {
        let rust = path.ends_with(".rs");
        let code_and_tests = if rust { without_comments_and_texts(text) } else { String::new() };
        let code = if is_test(path) { String::new() } else { without_tests(&code_and_tests) };
        File { path: path.to_owned(), text: text.to_owned(), code, code_and_tests }
    }

    /// `sip` of `crates/sip/src/timers.rs`; nothing for a file outside `crates`.
    pub fn crate_name(&self) -> Option<&str> {
        self.path.strip_prefix("crates/")?.split('/').next()
    }

    /// Every line of the code in which `word` stands as a word, with its number.
    pub fn lines_with<'a>(&'a self, word: &'a str) -> impl Iterator<Item = usize> + 'a {
        self.code.lines().enumerate().filter(move |(_, line)| has_word(line, word)).map(|(i, _)| i + 1)
    }

    /// A fault in this file.
    pub fn fault(&self, line: usize, what: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), line, what: what.into() }
    }
}

/// Whether `word` stands in `line` and is not part of a longer name.
pub fn has_word(line: &str, word: &str) -> bool {
    let name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let grows =
            (word.starts_with(name) && before.is_some_and(name)) || (word.ends_with(name) && after.is_some_and(name));
        !grows
    })
}

/// A file that only tests and benches compile.
fn is_test(path: &str) -> bool {
    let crate_folder = path.strip_prefix("crates/").and_then(|p| p.split_once('/')).map_or(path, |(_, rest)| rest);
    crate_folder.starts_with("tests/") || crate_folder.starts_with("benches/") || path.ends_with("/tests.rs")
}

/// Reads every text file below `folder`; what is built, written at run time or fetched is no part of the repository.
fn walk(root: &Path, folder: &Path, ground: &mut Ground) -> std::io::Result<()> {
    const OTHERS: &[&str] = &["target", ".git", "data", "node_modules", "dist"];
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let kind = entry.file_type()?;
        if kind.is_dir() {
            // `data` at the root only: a crate may well have a module of that name.
            let skip = OTHERS.iter().any(|o| name == *o) && (name != "data" || folder == root);
            if !skip {
                walk(root, &path, ground)?;
            }
        } else if kind.is_file() {
            let relative = path.strip_prefix(root).expect("walked from the root").to_string_lossy().into_owned();
            let text = String::from_utf8(fs::read(&path)?);
            ground.add(&relative, text.as_deref().ok());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let out = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--all-features"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo metadata did not start: {e}"))?;
    if !out.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&out.stderr)));
    }
    let metadata: Metadata = serde_json::from_slice(&out.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    Ok(metadata.packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        let check = |line: &str, word: &str, there: bool| assert_eq!(has_word(line, word), there, "{word} in {line}");
        check("use std::time::Instant;", "std::time", true);
        check("my_std::time", "std::time", false);
        check("std::timer", "std::time", false);
        check("async fn f()", "async fn", true);
        check("my_async fn", "async fn", false);
        check(".await", ".await", true);
        check("x.await_it()", ".await", false);
        check("a HashMapper, a HashMap", "HashMap", true);
    }
}
