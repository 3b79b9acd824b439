//! `cargo xtask web`: builds the wallboard's page, if anything of it has changed.
//!
//! ```text
//!   web/package-lock.json ── npm ci ──► node_modules ── npm run build ──► web/dist ──► crates/api/build.rs takes it in
//! ```
//! npm runs no package's own install scripts: nothing here needs them.
use crate::outcome::Outcome;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// Builds what is out of date.
pub fn run(args: &[String]) -> Outcome {
    if !args.is_empty() {
        eprintln!("web takes no arguments, not {args:?}");
        return Outcome::CouldNotRun;
    }
    let web = crate::tidy::root().join("web");
    let lock = web.join("package-lock.json");
    let installed = web.join("node_modules/.package-lock.json");
    if newest(&lock) > newest(&installed) {
        let outcome = npm(&web, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        if outcome != Outcome::Pass {
            return outcome;
        }
    }
    let sources = ["src", "package.json", "package-lock.json", "tsconfig.json", "copy.mjs"];
    let changed = sources.iter().filter_map(|s| newest(&web.join(s))).max();
    // Written last, so it is there only if all is.
    if changed <= newest(&web.join("dist/index.html")) {
        return Outcome::Pass;
    }
    npm(&web, &["run", "--silent", "build"])
}

/// When this file, or the newest in this folder, was written; none if it is not there.
fn newest(path: &Path) -> Option<SystemTime> {
    let here = fs::metadata(path).ok()?;
    if !here.is_dir() {
        return here.modified().ok();
    }
    fs::read_dir(path).ok()?.filter_map(|entry| newest(&entry.ok()?.path())).max()
}

fn npm(web: &Path, args: &[&str]) -> Outcome {
    match Command::new("npm").args(args).current_dir(web).status() {
        Ok(status) if status.success() => Outcome::Pass,
        Ok(_) => {
            eprintln!("npm {} failed in web/", args.join(" "));
            Outcome::Fail
        }
        Err(e) => {
            eprintln!(
                "npm did not start ({e}); the wallboard's page is built with it: install Node.js 20 or later with npm"
            );
            Outcome::CouldNotRun
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_older_than_anything() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(newest(&here.join("src/web.rs")) > newest(&here.join("src/nothing.rs")));
        assert!(newest(&here.join("src")) >= newest(&here.join("src/web.rs")), "a folder is as new as its newest file");
    }
}
