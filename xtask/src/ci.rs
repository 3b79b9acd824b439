//! Every check in one command, cheapest first, the tests last.
//!
//! ```text
//!   fmt ─► tidy ─► web ─► clippy ─► doc ─► loom ─► binary ─► [long runs] ─► nextest, whose summary is the last thing on the screen
//! ```
//! The first step that fails ends the run: what follows would only bury the fault. One feature set for everything that shares
//! the target folder; loom has a folder of its own, since `--cfg loom` would otherwise rebuild the world twice.
use crate::outcome::Outcome;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// `cargo xtask ci [--full]`
pub fn run(args: &[String]) -> Outcome {
    let full = match args {
        [] => false,
        [one] if one == "--full" => true,
        other => {
            eprintln!("ci takes --full or nothing, not {other:?}");
            return Outcome::CouldNotRun;
        }
    };
    if !has_nextest() {
        eprintln!("cargo-nextest is missing: cargo install --locked cargo-nextest");
        return Outcome::CouldNotRun;
    }
    for step in steps(full) {
        eprintln!("── {} ──", step.name);
        #[expect(clippy::disallowed_methods, reason = "how long a step took is for the maintainer only")]
        let start = Instant::now();
        let outcome = (step.run)(full);
        if outcome != Outcome::Pass {
            eprintln!("── {} failed ──", step.name);
            return outcome;
        }
        if !step.last {
            eprintln!("── {} passed in {} s ──", step.name, start.elapsed().as_secs());
        }
    }
    Outcome::Pass
}

struct Step {
    name: &'static str,
    run: fn(bool) -> Outcome,
    last: bool,
}

fn steps(full: bool) -> Vec<Step> {
    let step = |name, run| Step { name, run, last: false };
    let mut steps = vec![
        step("fmt", |_| cargo(&["fmt", "--all", "--check"], &[])),
        step("tidy", |_| crate::tidy::run(&[])),
        // Before cargo builds anything: the program takes the page in.
        step("web", |_| crate::web::run(&[])),
        step("clippy", |_| {
            cargo(&["clippy", "--workspace", "--all-features", "--all-targets", "--", "-D", "warnings"], &[])
        }),
        step("doc", |_| {
            let deny = [("RUSTDOCFLAGS", "-D warnings".to_owned())];
            cargo(&["doc", "--workspace", "--all-features", "--no-deps", "--document-private-items"], &deny)
        }),
        step("loom", |_| loom()),
        // The end-to-end tests start this very file; building it with the tests' features compiles nothing twice.
        step("binary", |_| cargo(&["build", "--workspace", "--all-features", "--bins"], &[])),
    ];
    if full {
        steps.push(step("ten thousand seeds", |_| ten_thousand_seeds()));
    }
    steps.push(Step { name: "tests", run: nextest, last: true });
    steps
}

/// The matcher's interleavings. Optimised: loom walks every one of them.
fn loom() -> Outcome {
    let folder = target_folder().join("loom").display().to_string();
    let env = [("RUSTFLAGS", "--cfg loom".to_owned()), ("CARGO_TARGET_DIR", folder)];
    cargo(&["test", "--package", "switchboard-matcher", "--release", "--test", "loom"], &env)
}

/// Optimised, because they are many, and because the release profile is what runs at a customer's. With the planted error, so that it
/// is seen in this profile too that a panic costs one call; without it no call could end for the cause `internal`, and the run would say so.
fn ten_thousand_seeds() -> Outcome {
    let built = cargo(&["build", "--package", "switchboard", "--release", "--all-features"], &[]);
    if built != Outcome::Pass {
        return built;
    }
    let program = target_folder().join("release").join("switchboard");
    for (depth, seeds) in [("told", 10_000), ("sounded", 200)] {
        let outcome = seeds_on_every_core(&program, depth, seeds);
        if outcome != Outcome::Pass {
            return outcome;
        }
    }
    Outcome::Pass
}

/// A world is one thread, so each core gets its share of the seeds.
fn seeds_on_every_core(program: &Path, depth: &str, seeds: usize) -> Outcome {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = seeds.div_ceil(cores);
    let start = |first: usize| {
        let range = format!("{first}..{}", (first + share).min(seeds));
        let report = target_folder().join(format!("sim-{depth}-{first}.json"));
        Command::new(program).args(["sim", "--depth", depth, "--seeds", &range, "--json"]).arg(report).spawn()
    };
    let running: Vec<_> = (0..seeds).step_by(share).map(start).collect();
    let mut outcome = Outcome::Pass;
    for child in running {
        match child.and_then(|mut child| child.wait()) {
            Ok(status) if status.success() => {}
            Ok(_) => outcome = Outcome::Fail,
            Err(e) => {
                eprintln!("{} did not run: {e}", program.display());
                return Outcome::CouldNotRun;
            }
        }
    }
    outcome
}

/// Two tests a core: those with real telephones and real loads mostly wait for the clock, the worlds of the simulator do not.
fn nextest(full: bool) -> Outcome {
    let profile = if full { "full" } else { "default" };
    let threads = (std::thread::available_parallelism().map_or(1, usize::from) * 2).to_string();
    let what = ["nextest", "run", "--workspace", "--all-features", "--no-fail-fast", "--profile", profile];
    cargo(&[&what[..], &["--test-threads", &threads]].concat(), &[])
}

fn has_nextest() -> bool {
    Command::new(cargo_path()).args(["nextest", "--version"]).output().is_ok_and(|out| out.status.success())
}

fn cargo(args: &[&str], env: &[(&str, String)]) -> Outcome {
    command(&cargo_path(), args, env)
}

fn command(program: &str, args: &[&str], env: &[(&str, String)]) -> Outcome {
    let status = Command::new(program).args(args).envs(env.iter().map(|(k, v)| (k, v))).status();
    match status {
        Ok(status) if status.success() => Outcome::Pass,
        Ok(_) => Outcome::Fail,
        Err(e) => {
            eprintln!("{program} did not start: {e}");
            Outcome::CouldNotRun
        }
    }
}

fn cargo_path() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Where cargo puts what it builds.
fn target_folder() -> PathBuf {
    let root = crate::tidy::root();
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir))
}
