//! A network of one's own: where port 5060 is free, addresses can be chosen, and nothing reaches anybody else.
//!
//! ```text
//!   test process ── unshare -n -m [-r] ──► the same test again, inside: a router, and a namespace for each party
//!
//!      engine 10.9.0.1 ══╗                         ╔══ caller 10.9.0.2 … 10.9.0.10
//!                        ╠══ the test: forwards, ══╣
//!                        ║   listens, loses        ╚══ agent 10.9.0.11 … 10.9.0.40
//! ```
//! A party has one address and so sends from it; on a shared interface baresip would send its sound from the first address
//! there is. Everything passes the router once, so there it can be recorded and lost. Everything a test starts is a child of the
//! process inside, so a test runner that ends the group ends them all.
use crate::until::until;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The inside.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    /// The last numbers of the addresses that are connected.
    connected: RefCell<BTreeSet<u8>>,
}

/// Runs `body` in a network namespace of its own. `test` is the test function's name: the process starts itself again there.
#[track_caller]
pub fn on_site(test: &str, body: impl FnOnce(&Site)) {
    let folder = scratch().join(test);
    if std::env::var("E2E_SITE").is_ok_and(|inside| inside == test) {
        fs::write(folder.join("entered"), "").expect("the folder was made outside");
        return body(&Site::build(folder));
    }
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{} cannot be made: {e}", folder.display()));
    let mut unshare = Command::new("unshare");
    unshare.args(["-n", "-m"]);
    if !rustix::process::geteuid().is_root() {
        unshare.arg("-r");
    }
    let me = std::env::current_exe().expect("a running program has a path");
    unshare.arg(me).args(["--exact", test, "--nocapture", "--test-threads", "1"]).env("E2E_SITE", test);
    let status = unshare.status().unwrap_or_else(|e| panic!("unshare (package util-linux) did not start: {e}"));
    assert!(
        folder.join("entered").exists(),
        "the test did not run inside: either this machine does not permit network namespaces (run as root), or on_site was \
         given another name than the test's (`{test}`)"
    );
    assert!(status.success(), "failed inside; the logs of all parties are in {}", folder.display());
    if std::env::var_os("E2E_KEEP").is_none() {
        let _ = fs::remove_dir_all(&folder);
    }
}

impl Site {
    /// The engine's address: 10.9.0.1:5060.
    pub fn engine(&self) -> SocketAddr {
        (address(1), 5060).into()
    }

    /// The `n`th caller's address, n in 0..9.
    pub fn caller(&self, n: u8) -> IpAddr {
        assert!(n < 9, "there are nine callers' addresses");
        address(2 + n)
    }

    /// The `n`th agent's address, n in 0..30.
    pub fn agent(&self, n: u8) -> IpAddr {
        assert!(n < 30, "there are thirty agents' addresses");
        address(11 + n)
    }

    /// A new folder for one party's files.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("{} cannot be made: {e}", folder.display()));
        folder
    }

    /// Will start `program` at this address, in a namespace where there is no other.
    #[track_caller]
    pub fn command(&self, at: IpAddr, program: impl AsRef<OsStr>) -> Command {
        let IpAddr::V4(v4) = at else { panic!("a site has IPv4 addresses only, not {at}") };
        let n = v4.octets()[3];
        assert_eq!(at, address(n), "no party of this site");
        if self.connected.borrow_mut().insert(n) {
            connect(n);
        }
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &format!("party{n}")]).arg(program);
        command
    }

    /// The namespaces' names lie in a `/run` of our own, so that every test may use the same ones.
    fn build(folder: PathBuf) -> Site {
        run("mount", "-t tmpfs tmpfs /run");
        fs::write("/proc/sys/net/ipv4/ip_forward", "1").expect("a namespace of one's own can be set up");
        run("ip", "link set lo up");
        Site { folder, connected: RefCell::default() }
    }
}

/// A pair of interfaces, one end in the party's namespace; the router is reached by an address that all ends share.
fn connect(n: u8) {
    let (party, at) = (format!("party{n}"), address(n));
    run("ip", &format!("netns add {party}"));
    run("ip", &format!("link add to{n} type veth peer name line0 netns {party}"));
    run("ip", &format!("address add {ROUTER}/32 dev to{n}"));
    run("ip", &format!("link set to{n} up"));
    run("ip", &format!("route add {at} dev to{n}"));
    for words in [
        "link set lo up",
        &format!("address add {at}/32 dev line0"),
        "link set line0 up",
        &format!("route add {ROUTER} dev line0"),
        &format!("route add default via {ROUTER} src {at}"),
    ] {
        run("ip", &format!("-n {party} {words}"));
    }
    until("the line is up", Duration::from_secs(5), || {
        run("ip", &format!("-o link show to{n}")).contains("state UP").then_some(())
    });
}

fn address(n: u8) -> IpAddr {
    Ipv4Addr::new(10, 9, 0, n).into()
}

#[track_caller]
fn run(program: &str, words: &str) -> String {
    let out = Command::new(program).args(words.split(' ')).output();
    let out = out.unwrap_or_else(|e| panic!("{program} did not start: {e}"));
    assert!(out.status.success(), "{program} {words}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// Link-local (RFC 3927), so that it is nobody's.
const ROUTER: &str = "169.254.1.1";

/// `target/e2e`, beside the program that is being tested.
fn scratch() -> PathBuf {
    built().parent().expect("target/debug lies in target").join("e2e")
}

/// `target/debug`: this test lies in `target/debug/deps`.
pub(crate) fn built() -> PathBuf {
    let me = std::env::current_exe().expect("a running program has a path");
    let folder = me.parent().and_then(Path::parent);
    folder.expect("a test lies in target/debug/deps").to_owned()
}
