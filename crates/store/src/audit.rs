//! Who looked up, exported, held or erased what: lines that cannot be changed, taken out or put in without being seen.
//!
//! ```text
//!   audit.jsonl   hash₁ {n:1,…}⏎  hash₂ {n:2,…}⏎ …       hashₙ = SHA-256(hashₙ₋₁ ‖ the JSON of line n), hash₀ = 64 zeros
//! ```
//! A line is on the disk before what it speaks of is done. What the chain cannot see is that its last lines were cut off; so who
//! checks keeps the last hash elsewhere and asks for it again (`--head`).
use crate::StoreError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use switchboard_model::Instant;

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AuditLine {
    /// Its number, from 1.
    pub n: u64,
    /// When.
    pub at: Instant,
    /// Who: the user of the machine, and his number.
    pub who: String,
    /// What he did: `report`, `export`, `verify`, `file`, `keep`, `hold`, `release`, `erase` …
    pub did: String,
    /// To what.
    pub to: String,
    /// What else must be known: why, how many, or the hash of a list.
    pub more: String,
}

/// A chain that holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Chain {
    /// The lines, oldest first.
    pub lines: Vec<AuditLine>,
    /// The hash of the last.
    pub head: String,
}

/// The first line that does not follow from those before it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("line {line} of the audit log: {why}")]
pub struct Broken {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

const FILE: &str = "audit.jsonl";
/// The hash before the first line.
const NONE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Adds a line; when this returns it is on the disk.
pub fn audit(dir: &Path, at: Instant, who: &str, did: &str, to: &str, more: &str) -> Result<(), StoreError> {
    let path = dir.join(FILE);
    let io = |e| StoreError::io(&path)(e);
    let mut file = File::options().create(true).read(true).append(true).open(&path).map_err(io)?;
    file.lock().map_err(io)?;
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io)?;
    // What a crash has left of a line was never acknowledged, and nothing was done after it.
    let whole = text.rfind('\n').map_or(0, |i| i + 1);
    if whole < text.len() {
        file.set_len(whole as u64).map_err(io)?;
        file.seek(SeekFrom::End(0)).map_err(io)?;
    }
    let last = text[..whole].lines().last();
    let before = last.and_then(|line| line.split(' ').next()).unwrap_or(NONE);
    let n = text[..whole].lines().count() as u64 + 1;
    let line = AuditLine { n, at, who: who.to_owned(), did: did.to_owned(), to: to.to_owned(), more: more.to_owned() };
    let json = serde_json::to_string(&line).expect("plain data");
    file.write_all(format!("{} {json}\n", chained(before, &json)).as_bytes()).map_err(io)?;
    file.sync_data().map_err(io)
}

/// The same, by whoever runs this program.
pub fn audit_now(dir: &Path, at: Instant, did: &str, to: &str, more: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt;
    let me = Path::new("/proc/self");
    let uid = std::fs::metadata(me).map_err(StoreError::io(me))?.uid();
    // Behind sudo it is the one who called it.
    let name = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|word| std::env::var(word).ok());
    let who = format!("{} ({uid})", name.unwrap_or_else(|| "?".to_owned()));
    audit(dir, at, &who, did, to, more)
}

/// Reads all of it and holds each line to those before it; `head` is a hash that somebody noted earlier.
pub fn audit_chain(dir: &Path, head: Option<&str>) -> Result<Result<Chain, Broken>, StoreError> {
    let path: PathBuf = dir.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(StoreError::io(&path)(e)),
    };
    Ok(check(&text, head))
}

fn check(text: &str, noted: Option<&str>) -> Result<Chain, Broken> {
    let (mut lines, mut head, mut met) = (Vec::new(), NONE.to_owned(), noted.is_none_or(|h| h == NONE));
    for (i, line) in text.split_inclusive('\n').enumerate() {
        let n = i as u64 + 1;
        let broken = |why: &str| Broken { line: n, why: why.to_owned() };
        let line = line.strip_suffix('\n').ok_or_else(|| broken("it is torn: its end is missing"))?;
        let (hash, json) = line.split_once(' ').ok_or_else(|| broken("it is no hash and JSON"))?;
        if hash != chained(&head, json) {
            return Err(broken("its hash does not follow from the line before it and its own text"));
        }
        let read: AuditLine = serde_json::from_str(json).map_err(|e| broken(&format!("it cannot be read: {e}")))?;
        if read.n != n {
            return Err(broken(&format!("it says that it is line {}", read.n)));
        }
        head = hash.to_owned();
        met = met || noted == Some(hash);
        lines.push(read);
    }
    if !met {
        let line = lines.len() as u64 + 1;
        return Err(Broken {
            line,
            why: "the hash that was noted is not in the chain: lines were cut off its end, or it was made anew"
                .to_owned(),
        });
    }
    Ok(Chain { lines, head })
}

fn chained(before: &str, json: &str) -> String {
    hex(&Sha256::new().chain_update(before).chain_update(json).finalize())
}

/// Bytes as hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log(n: u64) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        for i in 0..n {
            audit(dir.path(), Instant::from_millis(i), "anna (1000)", "report", "cards", &format!("{i}"))
                .expect("a line");
        }
        let text = std::fs::read_to_string(dir.path().join(FILE)).unwrap_or_default();
        (dir, text)
    }

    #[test]
    fn a_chain_holds_and_its_head_is_found_again() {
        let (dir, text) = log(4);
        let chain = audit_chain(dir.path(), None).expect("readable").expect("whole");
        assert_eq!((chain.lines.len(), chain.lines[2].n, chain.lines[2].more.as_str()), (4, 3, "2"));
        let second = text.lines().nth(1).and_then(|l| l.split(' ').next()).expect("a hash");
        for head in [chain.head.as_str(), second] {
            assert!(check(&text, Some(head)).is_ok());
        }
        let cut: String = text.split_inclusive('\n').take(3).collect();
        assert!(check(&cut, None).is_ok(), "what was cut off its end the chain alone cannot see");
        let why = check(&cut, Some(&chain.head)).expect_err("the noted head is gone");
        assert!(why.line == 4 && why.to_string().contains("cut off"), "{why}");
    }

    #[test]
    fn a_torn_line_is_cut_and_the_chain_goes_on() {
        let (dir, text) = log(3);
        std::fs::write(dir.path().join(FILE), &text[..text.len() - 10]).expect("our file");
        assert_eq!(audit_chain(dir.path(), None).expect("readable").expect_err("torn").line, 3);
        audit(dir.path(), Instant::from_millis(9), "anna (1000)", "erase", "all", "").expect("a line");
        let chain = audit_chain(dir.path(), None).expect("readable").expect("whole");
        assert_eq!((chain.lines.len(), chain.lines[2].did.as_str()), (3, "erase"));
    }

    proptest! {
        /// Whatever byte is changed, whichever line is taken out, doubled or moved, the first line that is wrong is named.
        #[test]
        fn any_change_is_named(at in 0usize..2000, byte: u8, line in 0usize..5, how in 0u8..3) {
            let (_dir, text) = log(5);
            let at = at % text.len();
            let mut bytes = text.clone().into_bytes();
            prop_assume!(bytes[at] != byte && byte != b'\n' && bytes[at] != b'\n');
            bytes[at] = byte;
            if let Ok(changed) = String::from_utf8(bytes) {
                let named = check(&changed, None).expect_err("a byte was changed").line;
                prop_assert_eq!(named, text[..at].matches('\n').count() as u64 + 1);
            }
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            let first = match how {
                0 if line < 4 => { lines.remove(line); line }
                1 => { lines.insert(line, lines[line]); line + 1 }
                2 if line < 4 => { lines.swap(line, line + 1); line }
                _ => return Ok(()),
            };
            prop_assert_eq!(check(&lines.concat(), None).expect_err("a line was moved").line, first as u64 + 1);
        }
    }
}
