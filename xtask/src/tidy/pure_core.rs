//! The core knows no runtime, socket, file, clock, thread or chance of its own: that is what lets a failure be replayed.
use super::Law;
use super::ground::{Fault, Ground, has_word};

pub const LAW: Law = Law {
    name: "pure core",
    says: "below the rim there is no IO, no clock, no thread, no runtime and no chance but what is handed in",
    check,
};

/// The crates below the rim.
pub const CORE: &[&str] = &[
    "model", "source", "wire", "sip", "media", "ivr", "matcher", "acd", "stats", "care", "engine", "config", "people",
    "sim",
];

const FORBIDDEN: &[(&str, &str)] = &[
    ("std::thread", "a thread"),
    ("thread::spawn", "a thread"),
    ("thread::scope", "a thread"),
    ("Instant::now", "the clock"),
    ("SystemTime", "the clock"),
    ("Zoned::now", "the clock"),
    ("Timestamp::now", "the clock"),
    ("UdpSocket", "a socket"),
    ("TcpStream", "a socket"),
    ("TcpListener", "a socket"),
    ("UnixStream", "a socket"),
    ("ToSocketAddrs", "a name look-up"),
    ("std::fs", "a file"),
    ("std::process", "a process"),
    ("std::env", "the environment"),
    ("tokio", "a runtime"),
    ("async fn", "a state that only waiting can test"),
    ("async move", "a state that only waiting can test"),
    (".await", "a state that only waiting can test"),
    ("thread_rng", "chance of its own"),
    ("rand::rng", "chance of its own"),
    ("OsRng", "chance of its own"),
    ("getrandom", "chance of its own"),
    ("RandomState", "chance of its own"),
];

fn check(ground: &Ground) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in ground.rust().filter(|f| f.crate_name().is_some_and(|c| CORE.contains(&c))) {
        for (i, line) in file.code.lines().enumerate() {
            for (word, thing) in FORBIDDEN.iter().filter(|(word, _)| has_word(line, word)) {
                faults.push(file.fault(i + 1, format!("`{word}` in a core crate: {thing}")));
            }
            if line.contains("std::time") && has_word(line, "Instant") {
                faults.push(
                    file.fault(i + 1, "the standard library's `Instant` in a core crate: ours is `model::Instant`"),
                );
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_asks_nobody() {
        let check = |path: &str, text: &str, n: usize| {
            assert_eq!(check(&Ground::of(&[(path, text)])).len(), n, "{path}: {text}");
        };
        check("crates/sip/src/a.rs", "use std::time::Duration;\nuse std::net::SocketAddr;", 0);
        check("crates/sip/src/a.rs", "use std::time::{Duration, Instant};", 1);
        check("crates/sip/src/a.rs", "let t = Instant::now();", 1);
        check("crates/engine/src/call/a.rs", "std::thread::spawn(f)", 2);
        check("crates/engine/src/a.rs", "// never SystemTime\nlet x = \"tokio\";", 0);
        check("crates/engine/src/a.rs", "async fn f() {}", 1);
        check("crates/engine/src/a.rs", "#[cfg(test)]\nmod tests { use std::fs; }", 0);
        check("crates/engine/tests/a.rs", "use std::fs;", 0);
        check("crates/net/src/a.rs", "use std::net::UdpSocket;", 0);
    }
}
