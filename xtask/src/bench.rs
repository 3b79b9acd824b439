//! `cargo xtask bench`: a short set of all measurements, and `docs/performance.md` filled by them.
//!
//! ```text
//!   dispatch  a whole centre        writes its own part, machine and commit above it
//!   micro     single steps          ─┐
//!   cost      the matcher           ─┴─► what they print, between the marks of their part, with machine, commit and command
//! ```
//! Figures of a busy machine say little: the load while it ran stands in the page.
use crate::outcome::Outcome;
use crate::tidy::root;
use std::fs;
use std::process::{Command, Stdio};

/// A measurement whose output goes into the page.
struct Part {
    /// The name of its marks.
    name: &'static str,
    /// What `cargo bench` is told.
    args: &'static [&'static str],
}

const PARTS: [Part; 2] = [
    Part { name: "steps", args: &["-p", "switchboard-benches", "--bench", "micro"] },
    Part { name: "matcher", args: &["-p", "switchboard-matcher", "--bench", "cost"] },
];

/// Measures all of it; with names, only those parts.
pub fn run(args: &[String]) -> Outcome {
    let known = |name: &String| name == "dispatch" || PARTS.iter().any(|p| p.name == *name);
    if let Some(unknown) = args.iter().find(|a| !known(a)) {
        eprintln!("bench knows dispatch, steps and matcher, not `{unknown}`");
        return Outcome::CouldNotRun;
    }
    let wanted = |name: &str| args.is_empty() || args.iter().any(|a| a == name);
    if wanted("dispatch") {
        let outcome = cargo(&["-p", "switchboard-benches", "--bench", "dispatch"], false).map(|_| ());
        if let Err(outcome) = outcome {
            return outcome;
        }
    }
    for part in PARTS.iter().filter(|p| wanted(p.name)) {
        let said = match cargo(part.args, true) {
            Ok(said) => said,
            Err(outcome) => return outcome,
        };
        println!("{said}");
        let page = root().join("docs/performance.md");
        let written = fs::read_to_string(&page)
            .map_err(|e| e.to_string())
            .and_then(|old| put(&old, part.name, &section(part, &said)))
            .and_then(|new| fs::write(&page, new).map_err(|e| e.to_string()));
        if let Err(why) = written {
            eprintln!("{} could not be written: {why}", page.display());
            return Outcome::CouldNotRun;
        }
    }
    Outcome::Pass
}

/// Runs a bench; what it printed, if that is wanted.
fn cargo(args: &[&str], keep: bool) -> Result<String, Outcome> {
    let mut command = Command::new("cargo");
    command.arg("bench").args(args).current_dir(root());
    if keep {
        command.stdout(Stdio::piped());
    }
    let ended = command.spawn().and_then(|child| child.wait_with_output());
    match ended {
        Ok(out) if out.status.success() => Ok(String::from_utf8_lossy(&out.stdout).into_owned()),
        Ok(out) => {
            eprintln!("cargo bench {} ended with {}", args.join(" "), out.status);
            Err(if out.status.code() == Some(1) { Outcome::Fail } else { Outcome::CouldNotRun })
        }
        Err(e) => {
            eprintln!("cargo did not start: {e}");
            Err(Outcome::CouldNotRun)
        }
    }
}

fn section(part: &Part, said: &str) -> String {
    let busy = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let busy = busy.split(' ').next().unwrap_or("?");
    format!(
        "Measured {}, {}, commit {}, release profile; `cargo bench {}`; load average {busy} at its end.\n\n```text\n{}\n```",
        first_line("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        machine(),
        first_line("git", &["rev-parse", "--short=12", "HEAD"]),
        part.args.join(" "),
        said.trim_end()
    )
}

fn machine() -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find(|l| l.starts_with("model name")).and_then(|l| l.split(": ").nth(1));
    let many = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{many} × {}, Linux {}", model.unwrap_or("a CPU without a name"), first_line("uname", &["-r"]))
}

fn first_line(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).current_dir(root()).output();
    let text = out.map(|o| String::from_utf8_lossy(&o.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

/// The page with this between the marks of that name.
fn put(page: &str, name: &str, text: &str) -> Result<String, String> {
    let (begin, end) = (format!("<!-- {name}: begin; written by `make bench` -->"), format!("<!-- {name}: end -->"));
    let parts = page.split_once(&begin).and_then(|(head, rest)| Some((head, rest.split_once(&end)?.1)));
    let (head, tail) = parts.ok_or(format!("the marks `{begin}` and `{end}` are missing"))?;
    Ok(format!("{head}{begin}\n\n{text}\n\n{end}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_the_marks_is_replaced_and_nothing_else() {
        let page = "a\n<!-- steps: begin; written by `make bench` -->\nold\n<!-- steps: end -->\nb\n";
        let new = put(page, "steps", "new").expect("the marks are there");
        assert_eq!(new, "a\n<!-- steps: begin; written by `make bench` -->\n\nnew\n\n<!-- steps: end -->\nb\n");
        assert!(put(page, "matcher", "x").is_err_and(|why| why.contains("matcher: begin")));
    }

    #[test]
    fn the_page_has_the_marks_of_every_part() {
        let page = fs::read_to_string(root().join("docs/performance.md")).expect("the page is there");
        for part in &PARTS {
            assert!(put(&page, part.name, "x").is_ok(), "{}", part.name);
        }
    }
}
