//! A PostgreSQL server of the test's own: a cluster in a temporary folder, reached by a Unix socket there and by nothing else.
//!
//! ```text
//!   initdb ─► folder/data      postgres -k folder, no TCP ─► folder/.s.PGSQL.5432      ended with the value, killed if asked
//! ```
//! PostgreSQL refuses to run as root, so for root it runs as the user that its Debian package makes.
#![allow(dead_code)]
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A running server.
pub struct Postgres {
    folder: tempfile::TempDir,
    server: Child,
    made: AtomicU32,
}

/// How often it is looked at most, 50 ms apart, whether it answers: a minute.
const LOOKS: u32 = 1200;

impl Postgres {
    /// Makes a cluster and starts it.
    pub fn start() -> Postgres {
        let folder = tempfile::tempdir().expect("a temporary folder");
        if root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let data = folder.path().join("data");
        let mut initdb = program("initdb");
        run(initdb.arg("-D").arg(&data).args(["-U", "record", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"]));
        let server = serve(folder.path());
        let mut postgres = Postgres { folder, server, made: AtomicU32::new(0) };
        assert!(postgres.ready(), "PostgreSQL did not start: {}", postgres.log());
        postgres
    }

    /// The address of one of its databases, as it stands in centre.yaml.
    pub fn address(&self, database: &str) -> String {
        let host = self.folder.path().to_str().expect("a path of letters").replace('/', "%2F");
        format!("postgres://record@{host}:5432/{database}")
    }

    /// A new database.
    pub fn database(&self) -> String {
        let name = format!("contacts{}", self.made.fetch_add(1, Ordering::Relaxed));
        run(program("createdb").arg("-h").arg(self.folder.path()).args(["-U", "record", &name]));
        self.address(&name)
    }

    /// kill -9 of the server; its children end by themselves when it is gone.
    pub fn kill(&mut self) {
        kill_process(Pid::from_child(&self.server), Signal::KILL).expect("it runs");
        self.server.wait().expect("a child of ours");
    }

    /// Starts it again over the same cluster.
    pub fn start_again(&mut self) {
        // After a kill its children may hold the cluster for a moment yet; then it ends at once, and says so.
        for _ in 0..LOOKS {
            self.server = serve(self.folder.path());
            if self.ready() {
                return;
            }
        }
        panic!("PostgreSQL did not start again: {}", self.log());
    }

    /// Stops it in the middle of whatever it does, without ending it; `false` lets it go on.
    pub fn freeze(&self, frozen: bool) {
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        for pid in children(self.server.id()).into_iter().chain([self.server.id()]) {
            let _ = kill_process(Pid::from_raw(pid as i32).expect("a process"), signal);
        }
    }

    fn ready(&mut self) -> bool {
        for _ in 0..LOOKS {
            let mut ask = program("pg_isready");
            let ask = ask.arg("-h").arg(self.folder.path()).arg("-q");
            if ask.status().is_ok_and(|s| s.success()) {
                return true;
            }
            if self.server.try_wait().is_ok_and(|ended| ended.is_some()) {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        false
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.freeze(false);
        let _ = kill_process(Pid::from_child(&self.server), Signal::INT); // fast shutdown
        let _ = self.server.wait();
    }
}

fn serve(folder: &Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).expect("a folder of ours");
    let mut command = program("postgres");
    command.arg("-D").arg(folder.join("data")).arg("-k").arg(folder).args([
        "-c",
        "listen_addresses=",
        "-c",
        "fsync=on",
    ]);
    command.stdout(Stdio::null()).stderr(log).stdin(Stdio::null());
    command.spawn().expect("the program was found")
}

fn children(of: u32) -> Vec<u32> {
    let list = std::fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A program of PostgreSQL's, run by somebody who is not root.
fn program(name: &str) -> Command {
    let mut command = Command::new("setpriv");
    // It dies with the test, however that ends.
    command.arg("--pdeathsig=KILL");
    if root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--").arg(find(name)).current_dir("/");
    command
}

/// Debian keeps the server's programs out of the way, one folder a version.
fn find(name: &str) -> PathBuf {
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
    versions.sort();
    let found = versions.into_iter().rev().map(|v| v.join("bin").join(name)).find(|p| p.exists());
    found.unwrap_or_else(|| panic!("{name} is not installed: apt-get install postgresql"))
}

fn run(command: &mut Command) {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?} did not start: {e}"));
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}
