//! What docs/conformance.md promises can be run: every test that it names is there, and every RFC that we are asked about has its row.
//!
//! ```text
//!   | section | done | how | test |     in the last cell, each `word` is a test's function, a file or folder of ours, a crate,
//!                              └────    or a check of the joint test
//! ```
//! Whether a test shows what its row says, a reader must judge.
use super::Law;
use super::ground::{Fault, Ground};
use std::collections::BTreeSet;

pub const LAW: Law = Law {
    name: "conformance",
    says: "every test that docs/conformance.md names exists, and every RFC asked for has a row",
    check,
};

const DOCUMENT: &str = "docs/conformance.md";

/// What carriers' engineers ask about.
const RFCS: &[u32] = &[
    3261, 3262, 3263, 3264, 3311, 3323, 3325, 3326, 3327, 3398, 3515, 3581, 3608, 3891, 3892, 4028, 4320, 4475, 4733,
    5009, 5393, 5626, 5806, 6026, 6665, 7044, 7118, 7433, 8760, 8866,
];

fn check(ground: &Ground) -> Vec<Fault> {
    let Some(document) = ground.files.iter().find(|f| f.path == DOCUMENT) else { return vec![] };
    let known = Known::of(ground);
    let mut faults = vec![];
    for (i, line) in document.text.lines().enumerate() {
        let missing = named(line).into_iter().filter(|word| !known.has(word));
        faults.extend(missing.map(|word| document.fault(i + 1, format!("there is no test `{word}`"))));
    }
    let has_row = |rfc: &&u32| {
        let name = rfc.to_string();
        document.text.lines().any(|l| {
            l.starts_with("| RFC ")
                && l.split('|').nth(1).is_some_and(|first| first.split([' ', ',']).any(|w| w == name))
        }) || document.text.lines().any(|l| l.starts_with("## ") && l.contains(&format!("RFC {name}")))
    };
    let silent = RFCS.iter().filter(|rfc| !has_row(rfc));
    faults.extend(silent.map(|rfc| document.fault(0, format!("RFC {rfc} has no row"))));
    faults
}

/// The words in backticks in the last cell of a table's row.
fn named(line: &str) -> Vec<&str> {
    let Some(cell) = line.strip_prefix('|').and_then(|l| l.trim_end().strip_suffix('|')) else { return vec![] };
    let cell = cell.rsplit('|').next().unwrap_or("");
    // Every second part stands between two backticks; what has a space in it is no name.
    cell.split('`').skip(1).step_by(2).filter(|word| !word.contains(' ')).collect()
}

struct Known {
    tests: BTreeSet<String>,
    places: BTreeSet<String>,
    checks: BTreeSet<String>,
}

impl Known {
    fn of(ground: &Ground) -> Known {
        let (mut tests, mut places, mut checks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for file in ground.rust() {
            let mut is_test = false;
            for line in file.code_and_tests.lines().map(str::trim) {
                if line.starts_with("#[test]") {
                    is_test = true;
                }
                if let Some(name) = line.strip_prefix("fn ").and_then(|rest| rest.split(['(', '<']).next()) {
                    if is_test {
                        tests.insert(name.to_owned());
                    }
                    is_test = false;
                }
            }
            if file.path.contains("/joint/checks/") {
                let id = |line: &str| line.trim().strip_prefix("id: \"")?.strip_suffix("\",").map(str::to_owned);
                checks.extend(file.text.lines().find_map(id));
            }
        }
        for path in &ground.paths {
            let short = path.trim_start_matches("crates/").replace("/src/", "/");
            places.insert(short.trim_end_matches(".rs").to_owned());
        }
        Known { tests, places, checks }
    }

    fn has(&self, word: &str) -> bool {
        let place = word.trim_end_matches("/*");
        let ends =
            |known: &String| known.strip_suffix(place).is_some_and(|head| head.is_empty() || head.ends_with('/'));
        self.tests.contains(word) || self.checks.contains(word) || self.places.iter().any(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rows: &str) -> Vec<String> {
        let all: String = RFCS.iter().map(|rfc| format!("| RFC {rfc} x | no | | |\n")).collect();
        let text = format!("{all}{rows}");
        let files = [
            (DOCUMENT, text.as_str()),
            ("crates/sip/tests/flows.rs", "#[test]\nfn a_call() {}\nfn helper() {}"),
            (
                "crates/wire/src/sip/lexer.rs",
                "mod tests {\n    #[test]\n    #[allow(x)]\n    fn no_bytes_panic_it() {}\n}",
            ),
            ("crates/people/src/joint/checks/big_in.rs", "    id: \"big-in\",\n"),
        ];
        check(&Ground::of(&files)).into_iter().map(|f| f.what).collect()
    }

    #[test]
    fn what_is_named_is_there() {
        assert_eq!(faults(""), Vec::<String>::new());
        assert_eq!(
            faults("| x | yes | `Ignored` | `flows` `a_call`, `wire/sip/lexer` `no_bytes_panic_it` `big-in` |"),
            Vec::<String>::new()
        );
        assert_eq!(faults("| x | yes | | `sip/tests/*` and the arrow `A => B` |"), Vec::<String>::new());
        for missing in ["a_calls", "helper", "flow", "wire/sip/lexers", "big-out"] {
            assert_eq!(faults(&format!("| x | yes | | `{missing}` |")), [format!("there is no test `{missing}`")]);
        }
    }

    #[test]
    fn every_rfc_has_its_row() {
        let check = |text: &str| check(&Ground::of(&[(DOCUMENT, text)])).len();
        assert_eq!(check(""), RFCS.len());
        assert_eq!(check("| RFC 3262 | no | | |"), RFCS.len() - 1);
        assert_eq!(check("| RFC 3262, 3263 | no | | |"), RFCS.len() - 2);
        assert_eq!(check("| RFC 32620 | no | RFC 3263 | |"), RFCS.len());
        assert_eq!(check("## RFC 3261"), RFCS.len() - 1);
    }
}
