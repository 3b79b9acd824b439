//! A queue without a bound answers overload with all the memory there is.
use super::Law;
use super::ground::{Fault, Ground};

pub const LAW: Law =
    Law { name: "bounded", says: "every queue has a bound, and an answer for the day it is reached", check };

const UNBOUNDED: &[&str] = &["unbounded_channel", "unbounded()", "unbounded::<", "channel()", "SegQueue"];

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in ground.rust() {
        for word in UNBOUNDED {
            let lines = file.lines_with(word).filter(|line| !holds_one_word(file.code.lines().nth(line - 1)));
            faults.extend(lines.map(|line| file.fault(line, format!("`{word}` has no bound"))));
        }
    }
    faults
}

/// A channel for one word is bounded by what it is. A call without a number is std's, under whatever name it was imported.
fn holds_one_word(line: Option<&str>) -> bool {
    line.is_some_and(|line| line.contains("oneshot::channel()"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number() {
        let faults = |text: &str| check(&Ground::of(&[("crates/node/src/a.rs", text)])).len();
        assert_eq!(faults("let (a, b) = mpsc::channel();"), 1);
        assert_eq!(faults("let (a, b) = channel();"), 1);
        assert_eq!(faults("let (a, b) = oneshot::channel();"), 0);
        assert_eq!(faults("let (a, b) = crossbeam::channel::unbounded();"), 1);
        assert_eq!(faults("let (a, b) = tokio::sync::mpsc::channel(64);"), 0);
        assert_eq!(faults("let (a, b) = mpsc::sync_channel(1);"), 0);
    }
}
