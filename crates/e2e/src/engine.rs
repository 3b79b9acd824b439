//! The program under test: `switchboard serve` with the repository's own configuration and menus, changed where a site differs.
//!
//! ```text
//!   config/, ivr-menus/ ─copied─► listen 10.9.0.1:5060, the callers' addresses as trunk, the test's agents
//!                                 welcome.wav and music.wav are tones, so that menu and music can be told by frequency
//! ```
//! The program is looked for beside the test (`target/debug/switchboard`), or where `SWITCHBOARD_BIN` says. It is not built from
//! here: a test that builds would measure an old program when it cannot.
use crate::papers;
use crate::phone::{Account, By};
use crate::site::built;
use crate::{Phone, Running, Sipp, Site, Sound};
use md5::{Digest, Md5};
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output};
use std::time::Duration;

/// The tone every agent's telephone sends.
pub const AGENT_HZ: u32 = 1000;
/// The tone of the main menu's greeting.
pub const GREETING_HZ: f64 = 600.0;
/// The tone of the music.
pub const MUSIC_HZ: f64 = 1400.0;

/// What the configuration is to say.
#[derive(Clone, Debug)]
pub struct Centre {
    /// Agent IDs, which are also the users of their telephones; each can do everything.
    pub agents: Vec<&'static str>,
    /// How long a telephone rings, at least 5 s.
    pub ring_s: u32,
    /// How long running calls may go on after SIGTERM.
    pub drain_s: u32,
    /// The database of the record; none for SQLite.
    pub record: Option<String>,
    /// Whether SIP is taken over TLS too, at port 5061.
    pub tls: Option<Papers>,
}

/// The certificates of a centre that takes SIP over TLS.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Papers {
    /// It has one.
    Ours,
    /// It asks whoever connects for one too.
    Both,
}

impl Default for Centre {
    fn default() -> Centre {
        Centre { agents: vec!["8001", "8002"], ring_s: 15, drain_s: 60, record: None, tls: None }
    }
}

/// A running engine.
#[derive(Debug)]
pub struct Engine<'a> {
    site: &'a Site,
    running: Running,
    folder: PathBuf,
}

impl<'a> Engine<'a> {
    /// Starts it and waits until calls may come.
    #[track_caller]
    pub fn start(site: &'a Site, centre: &Centre) -> Engine<'a> {
        let engine = Engine::begin(site, centre);
        engine.running.says("ready sip=udp:", Duration::from_secs(20));
        engine
    }

    /// Starts it and waits for nothing.
    #[track_caller]
    pub fn begin(site: &'a Site, centre: &Centre) -> Engine<'a> {
        let folder = site.folder("engine");
        configure(site, centre, &folder);
        let running = Running::start("serve", &folder, &mut serve(site, &folder));
        Engine { site, running, folder }
    }

    /// Starts it again over the same folder, after it was killed.
    #[track_caller]
    pub fn start_again(&mut self) {
        self.running = Running::start("serve-again", &self.folder, &mut serve(self.site, &self.folder));
        self.running.says("ready sip=udp:", Duration::from_secs(20));
    }

    /// What the wallboard's HTTP server answers to a path.
    #[track_caller]
    pub fn get(&self, path: &str) -> String {
        let request = format!(
            "exec 3<>/dev/tcp/127.0.0.1/5080; printf 'GET {path} HTTP/1.0\\r\\nHost: a\\r\\n\\r\\n' >&3; cat <&3"
        );
        let out = self.site.command(self.site.engine().ip(), "bash").args(["-c", &request]).output();
        let said = String::from_utf8_lossy(&out.expect("bash starts").stdout).into_owned();
        said.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or(said)
    }

    /// Its process.
    pub fn running(&mut self) -> &mut Running {
        &mut self.running
    }

    /// Records one of its prompts anew, as a tone, under the folder it reads; it is live after `reload`.
    #[track_caller]
    pub fn record_anew(&self, prompt: &str, hz: f64, seconds: f64) {
        Sound::tone(hz, seconds).write_wav(&self.folder.join("ivr-menus/prompts").join(prompt));
    }

    /// Lets it read its configuration again.
    #[track_caller]
    pub fn reload(&self) {
        let said = self.ask(&["reload"]);
        let text = [said.stdout, said.stderr].map(|s| String::from_utf8_lossy(&s).into_owned()).concat();
        assert!(said.status.success() && text.contains("is live"), "reload: {text}");
    }

    /// Waits until this agent's line of `switchboard agents` contains `state` (`Ready Idle`, `NotReady`, `LoggedOut`).
    #[track_caller]
    pub fn agent_is(&self, agent: &str, state: &str, within: Duration) {
        let mut last = String::new();
        crate::until(&format!("agent {agent} is {state}"), within, || {
            let shown = self.ask(&["agents"]);
            let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
            last = shown.lines().find(|l| l.trim_start().starts_with(agent)).unwrap_or_default().to_owned();
            last.contains(state).then_some(())
        });
    }

    /// Starts the `n`th agent's telephone, which registers as this user, answers by itself and says [`AGENT_HZ`].
    #[track_caller]
    pub fn telephone(&self, n: u8, user: &str) -> Phone {
        let password = password(user);
        let registrar = Some(self.site.engine());
        let account = Account { user, password: &password, registrar, hz: AGENT_HZ, answers: true, by: By::Udp };
        Phone::start(self.site, self.site.agent(n), &account)
    }

    /// Registers the `n`th agent as this user with a telephone of SIPp's, which does with one call what the scenario says.
    #[track_caller]
    pub fn scripted_telephone(&self, n: u8, user: &str, scenario: &str) -> Sipp {
        let (site, at, name) = (self.site, self.site.agent(n), format!("register-{user}"));
        // One after the other at one port: calls are sent to where the registration came from.
        let register = Sipp::at(site, &name, "agent_registers", at).number(user).to(site.engine());
        register.login(user, &password(user)).start().ends_well(Duration::from_secs(10));
        let telephone = Sipp::at(site, &format!("agent-{user}"), scenario, at).number(user).start();
        self.agent_is(user, "Ready Idle", Duration::from_secs(10));
        telephone
    }

    /// The same telephone by another transport; over TLS it believes the centre's authority.
    #[track_caller]
    pub fn telephone_by(&self, n: u8, user: &str, by: By) -> Phone {
        let (at, password) = (self.site.engine(), password(user));
        let registrar = match by {
            By::Tls(_) => SocketAddr::new(at.ip(), 5061),
            By::Udp | By::Tcp => at,
        };
        let account =
            Account { user, password: &password, registrar: Some(registrar), hz: AGENT_HZ, answers: true, by };
        Phone::start(self.site, self.site.agent(n), &account)
    }

    /// The file of whose certificates it has, if it takes SIP over TLS.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("config/tls/authority.pem")
    }

    /// A certificate and its key, issued by the centre's authority to this name, as two files.
    #[track_caller]
    pub fn certificate_for(&self, name: &str) -> (PathBuf, PathBuf) {
        papers::issue(&self.folder.join("config/tls"), name, self.site.engine().ip())
    }

    /// Runs another verb beside it, in its namespace and over its data.
    #[track_caller]
    pub fn ask(&self, words: &[&str]) -> Output {
        let mut command = self.site.command(self.site.engine().ip(), program());
        command.args(words).current_dir(&self.folder);
        command.output().unwrap_or_else(|e| panic!("switchboard {words:?} did not start: {e}"))
    }

    /// Asks it to end, and waits until it has.
    #[track_caller]
    pub fn stop(&mut self, within: Duration) -> ExitStatus {
        self.running.terminate();
        self.running.ends(within)
    }

    /// Asks it to end, sees that it does so in peace, and reads the report of the day, each figure computed twice.
    #[track_caller]
    pub fn day(self) -> Day {
        self.day_of(&[])
    }

    /// The same, asking `verify-report` with these words as well.
    #[track_caller]
    pub fn day_of(mut self, words: &[&str]) -> Day {
        let status = self.stop(Duration::from_secs(20));
        assert!(status.success(), "serve ended with {status}");
        let verify = [&["verify-report", "--data", "data", "report.json"], words].concat();
        for words in [&["report", "--data", "data", "--json", "report.json"][..], &verify] {
            let out = self.ask(words);
            let said = [out.stdout, out.stderr].map(|s| String::from_utf8_lossy(&s).into_owned()).concat();
            assert!(out.status.success(), "{words:?} ended with {}: {said}", out.status);
        }
        let report = fs::read(self.folder.join("report.json")).expect("report has written its file");
        let report: serde_json::Value = serde_json::from_slice(&report).expect("the report is JSON");
        let counts = &report["levels"][0]["counts"];
        let count = |name: &str| counts[name].as_u64().unwrap_or_else(|| panic!("`{name}` in {counts}"));
        Day {
            answered: count("answered"),
            abandoned: count("abandoned"),
            failed: count("failed"),
            waiting: count("waiting"),
        }
    }
}

/// What the report says of all queues together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Day {
    /// Calls that talked to an agent.
    pub answered: u64,
    /// Callers who left while they waited.
    pub abandoned: u64,
    /// Calls that we lost.
    pub failed: u64,
    /// Callers who still wait.
    pub waiting: u64,
}

/// The program, which somebody must have built.
#[track_caller]
pub fn program() -> PathBuf {
    let path = std::env::var_os("SWITCHBOARD_BIN").map_or_else(|| built().join("switchboard"), PathBuf::from);
    let there = path.is_file();
    assert!(there, "{} is not there: `cargo build -p switchboard` first (`cargo xtask ci` does)", path.display());
    path
}

/// MD5 of `user:realm:password` (RFC 2617 §3.2.2.2): with it the engine offers MD5 alone, and baresip 1.0 knows nothing else.
fn ha1(user: &str) -> String {
    let hash = Md5::digest(format!("{user}:switchboard.example:{}", password(user)));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The password of an agent's telephone.
pub fn password(user: &str) -> String {
    format!("secret-{user}")
}

fn serve(site: &Site, folder: &Path) -> Command {
    let mut command = site.command(site.engine().ip(), program());
    command.arg("serve").arg("--config").arg(folder.join("config")).arg("--data").arg(folder.join("data"));
    command.env("RUST_LOG", "switchboard=debug,info").current_dir(folder);
    command
}

fn configure(site: &Site, centre: &Centre, folder: &Path) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["config", "ivr-menus"] {
        let status = Command::new("cp").arg("-r").arg(repository.join(part)).arg(folder).status();
        assert!(status.expect("cp starts").success(), "{part} could not be copied");
    }
    let (engine, any) = (site.engine(), SocketAddr::from(([0, 0, 0, 0], 5060)));
    change(&folder.join("config/centre.yaml"), &format!("listen: {any}"), &format!("listen: {engine}"));
    change(&folder.join("config/centre.yaml"), "public: 127.0.0.1", &format!("public: {}", engine.ip()));
    change(&folder.join("config/centre.yaml"), "ring_s: 15", &format!("ring_s: {}", centre.ring_s));
    change(&folder.join("config/centre.yaml"), "drain_s: 60", &format!("drain_s: {}", centre.drain_s));
    if let Some(record) = &centre.record {
        change(&folder.join("config/centre.yaml"), "record: sqlite", &format!("record: {record}"));
    }
    if let Some(tls) = centre.tls {
        let dir = folder.join("config/tls");
        papers::authority(&dir);
        papers::issue(&dir, "centre", engine.ip());
        let clients = if tls == Papers::Both { "required" } else { "not-asked" };
        let mut file =
            fs::OpenOptions::new().append(true).open(folder.join("config/centre.yaml")).expect("it is there");
        writeln!(
            file,
            "tls: {{ listen: \"{}:5061\", certificate: tls/centre.pem, key: tls/centre.key, authorities: tls/authority.pem, \
             clients: {clients} }}",
            engine.ip()
        )
        .expect("the folder can be written");
    }
    let callers: Vec<String> = (0..8).map(|n| site.caller(n).to_string()).collect();
    change(&folder.join("config/trunks.yaml"), "sources: [127.0.0.1]", &format!("sources: [{}]", callers.join(", ")));
    let mut agents = "version: 1\nagents:\n".to_owned();
    for user in &centre.agents {
        agents += &format!(
            "  - {{ agent_id: \"{user}\", name: 坐席{user}, team: A, ha1: {}, skills: {{ lang.cmn: 9, lang.en: 9, lang.yue: 9, acct: 5, card: 5, \
             loan: 5, complaint: 5 }} }}\n",
            ha1(user)
        );
    }
    fs::write(folder.join("config/agents.yaml"), agents).expect("the folder can be written");
    Sound::tone(GREETING_HZ, 2.0).write_wav(&folder.join("ivr-menus/prompts/zh-CN/welcome.wav"));
    // Whole periods, so that the tone goes on where the music begins again.
    Sound::tone(MUSIC_HZ, 4.0).write_wav(&folder.join("ivr-menus/prompts/music.wav"));
}

#[track_caller]
fn change(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in {}", file.display());
    fs::write(file, text.replace(from, to)).expect("the folder can be written");
}
