//! What is staged, approved and in force, in the data folder: `menus/desk.json`, and one folder for each version.
//!
//! ```text
//!   menus/desk.json            who staged, who approved, in which order they were to go live; what holds for the whole centre
//!   menus/<hash>/…             the texts and sounds of a version, as they were when they were staged
//!   menus/<hash>.proof.json    its proof, stored when it was approved
//!   menus/live.json            what a running centre has made of it last; written by `serve` (`watch.rs`)
//! ```
//! Everything here is written beside the old file and moved there, under a lock: two people at two desks lose nothing.
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::path::{Path, PathBuf};
use switchboard_ivr::Conditions;
use switchboard_model::Instant;

/// The desk's state.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Desk {
    /// Every version that was staged, oldest first.
    pub staged: Vec<Staged>,
    /// Approved versions in the order in which they were approved; a rollback takes the last one away.
    pub order: Vec<String>,
    /// What was last declared for the whole centre.
    pub declared: Option<Declared>,
}

/// A version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Staged {
    /// SHA-256 of its texts and sounds, as its proof bears it.
    pub hash: String,
    /// Who staged it.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Not live before this.
    pub effective_from: Option<Instant>,
    /// Who approved it: somebody else.
    pub approved_by: Option<String>,
}

/// What holds for the whole centre, and who says so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Declared {
    /// What holds.
    pub conditions: Conditions,
    /// Who declared it.
    pub by: String,
    /// When.
    pub at: Instant,
    /// Without approval it holds until then.
    pub until: Instant,
    /// Who approved it: somebody else.
    pub approved_by: Option<String>,
}

/// Versions kept at the desk: a bank changes its menus some twenty times a year.
const STAGED_MAX: usize = 200;

impl Desk {
    /// The version that is to be live now: the last approved one whose time has come.
    pub fn version(&self, now: Instant) -> Option<&Staged> {
        let of = |hash: &String| self.staged.iter().find(|s| s.hash == *hash);
        self.order.iter().rev().filter_map(of).find(|s| s.effective_from.is_none_or(|from| from <= now))
    }
    /// What holds now: what was declared, if somebody else has approved it or its minutes have not passed.
    pub fn conditions(&self, now: Instant) -> Conditions {
        let holds = |d: &&Declared| d.approved_by.is_some() || now < d.until;
        self.declared.as_ref().filter(holds).map_or(Conditions::default(), |d| d.conditions.clone())
    }
    /// The version whose hash begins so; none if several do, or none.
    pub fn find(&self, prefix: &str) -> Option<&Staged> {
        let mut found = self.staged.iter().filter(|s| prefix.len() >= 8 && s.hash.starts_with(prefix));
        found.next().filter(|_| found.next().is_none())
    }
    /// Adds a version, or the same one again, which then needs approval again.
    pub fn stage(&mut self, staged: Staged) -> Result<(), String> {
        self.staged.retain(|s| s.hash != staged.hash || self.order.contains(&s.hash));
        if self.staged.iter().any(|s| s.hash == staged.hash) {
            return Err(format!(
                "{} has been approved already; `switchboard menu status` shows it",
                &staged.hash[..16]
            ));
        }
        if self.staged.len() >= STAGED_MAX {
            return Err(format!("{STAGED_MAX} versions are staged; move old ones out of the data folder"));
        }
        self.staged.push(staged);
        Ok(())
    }
    /// A second person approves a version.
    pub fn approve(&mut self, hash: &str, by: &str) -> Result<(), String> {
        let staged = self.staged.iter_mut().find(|s| s.hash == hash).ok_or("it is not staged")?;
        second(&staged.by, by)?;
        if staged.approved_by.is_some() {
            return Err("it has been approved already".to_owned());
        }
        staged.approved_by = Some(by.to_owned());
        self.order.push(hash.to_owned());
        Ok(())
    }
    /// Back to the version before this one.
    pub fn roll_back(&mut self) -> Result<(String, String), String> {
        let [.., before, last] = &self.order[..] else {
            return Err("there is no version to go back to".to_owned());
        };
        let (before, last) = (before.clone(), last.clone());
        self.order.pop();
        // It may be staged and approved again.
        self.staged.retain(|s| s.hash != last);
        Ok((last, before))
    }
    /// A second person approves what was declared.
    pub fn approve_declared(&mut self, by: &str, now: Instant) -> Result<(), String> {
        let declared = self.declared.as_mut().ok_or("nothing has been declared")?;
        second(&declared.by, by)?;
        if declared.approved_by.is_none() && now >= declared.until {
            return Err("its minutes have passed, and it holds no longer; declare it again".to_owned());
        }
        declared.approved_by = Some(by.to_owned());
        Ok(())
    }
}

/// Two people, not one (复核).
fn second(first: &str, second: &str) -> Result<(), String> {
    match first.trim().to_lowercase() == second.trim().to_lowercase() {
        true => Err(format!("{first} cannot approve what {first} has done: a second person must (复核)")),
        false => Ok(()),
    }
}

/// The desk's folder in the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("menus")
}

/// Reads the desk; an empty one if there is none.
pub fn read(data: &Path) -> Result<Desk, String> {
    let path = folder(data).join("desk.json");
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| format!("{} cannot be read: {e}", path.display())),
        // Where there is no folder there is no desk; that it cannot be one either is said by who makes it.
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            Ok(Desk::default())
        }
        Err(e) => Err(format!("{} cannot be read: {e}", path.display())),
    }
}

/// Changes the desk: read, changed and written while nobody else can.
pub fn change<T>(
    data: &Path,
    change: impl FnOnce(&mut Desk) -> Result<T, String>,
) -> Result<Result<T, String>, String> {
    let dir = folder(data);
    std::fs::create_dir_all(&dir).map_err(|e| format!("cannot make {}: {e}", dir.display()))?;
    let lock = dir.join("desk.lock");
    let lock = File::options().create(true).append(true).open(&lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    lock.lock().map_err(|e| format!("cannot lock the desk: {e}"))?;
    let mut desk = read(data)?;
    let done = match change(&mut desk) {
        Ok(done) => done,
        Err(why) => return Ok(Err(why)),
    };
    write(&dir.join("desk.json"), serde_json::to_string_pretty(&desk).expect("plain data").as_bytes())?;
    Ok(Ok(done))
}

/// Writes a file beside the old one and moves it there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let beside = path.with_extension("new");
    let written = std::fs::write(&beside, bytes).and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|e| format!("cannot write {}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_millis(seconds * 1000)
    }
    fn staged(hash: &str, by: &str, from: Option<u64>) -> Staged {
        Staged { hash: hash.repeat(8), by: by.into(), at: at(0), effective_from: from.map(at), approved_by: None }
    }

    #[test]
    fn a_version_needs_two_people_and_its_time() {
        let mut desk = Desk::default();
        let (a, b) = ("aaaaaaaa".to_owned(), "bbbbbbbb".to_owned());
        desk.stage(staged("a", "张三", None)).expect("room");
        assert!(desk.approve(&a, " 张三").is_err(), "one person is not two");
        assert_eq!(desk.version(at(9)), None, "nobody has approved it");
        desk.approve(&a, "李四").expect("a second person");
        assert!(desk.approve(&a, "王五").is_err(), "once is enough");
        desk.stage(staged("b", "李四", Some(100))).expect("room");
        desk.approve(&b, "张三").expect("a second person");
        for (now, live) in [(0, "a"), (99, "a"), (100, "b"), (101, "b")] {
            assert_eq!(desk.version(at(now)).map(|s| &s.hash[..1]), Some(live), "{now}");
        }
        assert_eq!(desk.find("aaaaaaaa").map(|s| s.by.as_str()), Some("张三"));
        assert!(desk.find("aaa").is_none(), "too short to be sure");
        assert_eq!(desk.roll_back(), Ok((b.clone(), a)));
        assert_eq!(desk.version(at(101)).map(|s| &s.hash[..1]), Some("a"));
        assert!(desk.roll_back().is_err(), "there must always be one");
        desk.stage(staged("b", "李四", None)).expect("it may come again");
        assert!(desk.version(at(101)).is_some_and(|s| s.hash.starts_with('a')), "and needs approval again");
    }

    #[test]
    fn what_is_declared_ends_unless_a_second_person_approves() {
        let storm = Conditions { emergency: Some("storm".into()), systems_down: false };
        let declared = |until| Declared {
            conditions: storm.clone(),
            by: "张三".into(),
            at: at(0),
            until: at(until),
            approved_by: None,
        };
        let mut desk = Desk { declared: Some(declared(600)), ..Desk::default() };
        assert_eq!((desk.conditions(at(599)), desk.conditions(at(600))), (storm.clone(), Conditions::default()));
        assert!(desk.approve_declared("张三", at(10)).is_err());
        assert!(desk.approve_declared("李四", at(600)).is_err(), "too late");
        desk.approve_declared("李四", at(599)).expect("in time");
        assert_eq!(desk.conditions(at(9_999)), storm);
    }
}
