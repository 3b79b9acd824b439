//! SIPp as a caller, as an agent's telephone that misbehaves, or as anybody else: one process, one scenario file, one call.
//!
//! The scenarios lie in `crates/e2e/scenarios`. What differs from test to test comes in by keys (`[caller]`), by the default pause
//! (`-d`), and by `voice.pcap`, which SIPp finds in its own folder.
use crate::{Running, Site, Voice};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// A SIPp process.
#[derive(Debug)]
pub struct Sipp {
    running: Running,
    folder: PathBuf,
}

/// How to start one.
#[derive(Debug)]
pub struct Start<'a> {
    site: &'a Site,
    name: &'a str,
    scenario: &'a str,
    at: IpAddr,
    port: u16,
    peer: Option<SocketAddr>,
    number: &'a str,
    pause: Duration,
    voice: Option<Voice>,
    keys: Vec<(String, String)>,
    login: Option<(String, String)>,
    calls: u32,
    tcp: bool,
}

impl Sipp {
    /// Will run `scenarios/<scenario>.xml` at this address, port 5060; `name` is for the logs.
    pub fn at<'a>(site: &'a Site, name: &'a str, scenario: &'a str, at: IpAddr) -> Start<'a> {
        Start {
            site,
            name,
            scenario,
            at,
            port: 5060,
            peer: None,
            number: "9500",
            pause: Duration::from_secs(1),
            voice: None,
            keys: vec![("caller".to_owned(), "13800138000".to_owned())],
            login: None,
            calls: 1,
            tcp: false,
        }
    }

    /// Waits until the scenario is over and went as written.
    #[track_caller]
    pub fn ends_well(mut self, within: Duration) {
        let status = self.running.ends(within);
        assert!(status.success(), "SIPp ended with {status}: {}", self.why());
    }

    /// Waits until it is over, however it went.
    #[track_caller]
    pub fn ends(&mut self, within: Duration) -> ExitStatus {
        self.running.ends(within)
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.running.runs()
    }

    /// What it says was unexpected.
    pub fn why(&self) -> String {
        std::fs::read_to_string(self.folder.join("errors.log")).unwrap_or_else(|_| "it says nothing".to_owned())
    }
}

impl<'a> Start<'a> {
    /// Sends to this address.
    pub fn to(mut self, peer: SocketAddr) -> Self {
        self.peer = Some(peer);
        self
    }
    /// Another port than 5060, above it.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
    /// Dials this number, or serves this user.
    pub fn number(mut self, number: &'a str) -> Self {
        self.number = number;
        self
    }
    /// The length of the scenario's pauses.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }
    /// Says this.
    pub fn voice(mut self, voice: Voice) -> Self {
        self.voice = Some(voice);
        self
    }
    /// Puts a word into the scenario, where `[key]` stands.
    pub fn key(mut self, key: &str, word: &str) -> Self {
        self.keys.push((key.to_owned(), word.to_owned()));
        self
    }
    /// What it answers to a challenge.
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }
    /// By TCP, everything over one connection.
    pub fn tcp(mut self) -> Self {
        self.tcp = true;
        self
    }
    /// As many calls one after another.
    pub fn calls(mut self, calls: u32) -> Self {
        self.calls = calls;
        self
    }

    /// Starts it.
    #[track_caller]
    pub fn start(self) -> Sipp {
        let folder = self.site.folder(self.name);
        self.voice.unwrap_or_default().write(&folder.join("voice.pcap"));
        let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scenarios/{}.xml", self.scenario));
        let mut command = self.site.command(self.at, "sipp");
        // Beside it SIPp looks for the sound.
        let copy = folder.join("scenario.xml");
        std::fs::copy(&scenario, &copy).unwrap_or_else(|e| panic!("{}: {e}", scenario.display()));
        command.current_dir(&folder).arg("-sf").arg(copy);
        command.args(["-nostdin", "-m", &self.calls.to_string(), "-l", "1", "-s", self.number]);
        command.args(["-i", &self.at.to_string(), "-p", &self.port.to_string()]);
        // SIPp opens its sound's ports at once, and two of them may share an address.
        let media = 40_000 + (self.port - 5060) * 10;
        command.args(["-mi", &self.at.to_string(), "-mp", &media.to_string()]);
        command.args(["-t", if self.tcp { "t1" } else { "u1" }]);
        command.args(["-d", &self.pause.as_millis().to_string()]);
        command.args(["-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log"]);
        for (key, word) in &self.keys {
            command.args(["-key", key, word]);
        }
        if let Some((user, password)) = &self.login {
            command.args(["-au", user, "-ap", password]);
        }
        command.args(self.peer.map(|p| p.to_string()));
        let running = Running::start("screen", &folder, &mut command);
        let sipp = Sipp { running, folder };
        if self.peer.is_none() {
            sipp.running.listens(self.port);
        }
        sipp
    }
}
