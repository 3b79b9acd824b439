//! Work that was put off belongs into the list of issues, where somebody sees it; a test that does not run proves nothing.
use super::Law;
use super::ground::{Fault, Ground, has_word};

pub const LAW: Law =
    Law { name: "marks", says: "nothing is put off in a comment, no test is left out, nothing waits for luck", check };

/// In any text. Written in two halves, so that this file does not find itself.
const IN_TEXT: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
/// In code, tests included.
const IN_CODE: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore", "thread::sleep", "sleep_ms"];

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in ground.files.iter().filter(|f| !f.path.ends_with("Cargo.lock")) {
        for (i, line) in file.text.lines().enumerate() {
            for word in IN_TEXT.iter().filter(|word| has_word(line, word)) {
                faults.push(file.fault(i + 1, format!("a {word} mark")));
            }
        }
        for (i, line) in file.code_and_tests.lines().enumerate() {
            for word in IN_CODE.iter().filter(|word| has_word(line, word)) {
                faults.push(file.fault(i + 1, format!("`{word}`")));
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_put_off() {
        let faults = |path: &str, text: &str| check(&Ground::of(&[(path, text)])).len();
        assert_eq!(faults("crates/a/src/a.rs", concat!("// TO", "DO later")), 1);
        assert_eq!(faults("docs/a.md", concat!("FIX", "ME")), 1);
        assert_eq!(faults("docs/a.md", concat!("call +86XX", "XX5")), 0, "part of a longer word");
        assert_eq!(faults("crates/a/src/a.rs", "#[cfg(test)]\nmod tests { #[ignore] fn f() { thread::sleep(d) } }"), 2);
        assert_eq!(faults("crates/a/src/a.rs", "fn f() { todo!() }"), 1);
        assert_eq!(faults("crates/a/src/a.rs", "// no todo!() here"), 0);
    }
}
