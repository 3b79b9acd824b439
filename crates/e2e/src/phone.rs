//! An agent's telephone: baresip, which registers with digest, answers by itself or on command, sends a sine of its own and
//! records what it hears.
//!
//! What there is to know about it (version 1.0): it takes the first address of an interface, so `net_interface` is given an
//! *address*; it has no player that writes a file, but the filter `sndfile` writes what was decoded (`dump-…-dec.wav`), complete
//! when the call is over; `ausine` wants 48 kHz and two channels; its running counter must be switched off to read its lines.
use crate::{Running, Site, Sound, until};
use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// A baresip process.
#[derive(Debug)]
pub struct Phone {
    running: Running,
    folder: PathBuf,
    control: SocketAddr,
}

/// What kind of telephone it is.
#[derive(Clone, Debug)]
pub struct Account<'a> {
    /// The user it registers as.
    pub user: &'a str,
    /// With this password.
    pub password: &'a str,
    /// Where it registers; nowhere if nothing.
    pub registrar: Option<SocketAddr>,
    /// The tone it sends.
    pub hz: u32,
    /// Answers by itself.
    pub answers: bool,
    /// By which transport it registers and is rung.
    pub by: By,
}

/// A telephone's transport.
#[derive(Clone, Debug, Default)]
pub enum By {
    /// Datagrams.
    #[default]
    Udp,
    /// A connection.
    Tcp,
    /// A connection over TLS; the certificate of whoever answers must be of this file's authority.
    Tls(PathBuf),
}

impl Phone {
    /// Starts it at this address and waits until it is ready.
    #[track_caller]
    pub fn start(site: &Site, at: IpAddr, account: &Account<'_>) -> Phone {
        let folder = site.folder(&format!("phone-{}", account.user));
        let dump = folder.display();
        let control = SocketAddr::new(at, 4444);
        let config = format!(
            "poll_method epoll\nsip_listen {at}:5060\nnet_interface {at}\nrtp_ports 41000-41100\nstatmode_default off\n\
             audio_source ausine,{hz}\nausrc_srate 48000\nausrc_channels 2\naudio_level no\nsnd_path {dump}\n\
             ctrl_tcp_listen {control}\nmodule_path {MODULES}\nmodule g711.so\nmodule ausine.so\nmodule sndfile.so\n\
             module ctrl_tcp.so\nmodule_tmp account.so\nmodule_app menu.so\n",
            hz = account.hz,
        );
        let (transport, config) = match &account.by {
            By::Udp => ("", config),
            By::Tcp => (";transport=tcp", config),
            By::Tls(authority) => {
                (";transport=tls", format!("{config}sip_verify_server yes\nsip_cafile {}\n", authority.display()))
            }
        };
        let interval = if account.registrar.is_some() { 60 } else { 0 };
        let domain = account.registrar.unwrap_or(SocketAddr::new(at, 5060));
        let mode = if account.answers { "auto" } else { "manual" };
        let line = format!(
            "<sip:{}@{domain}{transport}>;auth_user={};auth_pass={};regint={interval};answermode={mode};audio_codecs=PCMA/8000/1,PCMU/8000/1\n",
            account.user, account.user, account.password
        );
        for (name, text) in [("config", config), ("accounts", line), ("contacts", String::new())] {
            fs::write(folder.join(name), text).expect("the folder can be written");
        }
        let mut command = site.command(at, "baresip");
        command.arg("-f").arg(&folder).arg("-s").arg("-v").env("HOME", &folder);
        let running = Running::start("phone", &folder, &mut command);
        running.says("baresip is ready", Duration::from_secs(10));
        Phone { running, folder, control }
    }

    /// Waits until its registration was accepted.
    #[track_caller]
    pub fn registered(&self, within: Duration) {
        self.running.says("[1 binding", within);
    }

    /// Waits until its `n`th call is established.
    #[track_caller]
    pub fn talks(&self, n: usize, within: Duration) {
        self.running.says_times("Call established", n, within);
    }

    /// How many calls it has talked in.
    pub fn talked(&self) -> usize {
        self.running.said("Call established")
    }

    /// Waits until its `n`th call with sound is over, whoever hung up.
    #[track_caller]
    pub fn hung_up(&self, n: usize, within: Duration) {
        self.running.says_times("audio: destroyed", n, within);
    }

    /// Presses the red button.
    #[track_caller]
    pub fn hang_up(&self) {
        self.press("hangup");
    }

    /// Presses the green button.
    #[track_caller]
    pub fn answer(&self) {
        self.press("accept");
    }

    /// What it has heard in its calls that are over, one after another.
    #[track_caller]
    pub fn heard(&self) -> Sound {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)
            .expect("the folder is there")
            .map(|e| e.expect("the folder can be read").path())
            .filter(|p| p.to_string_lossy().ends_with("-dec.wav"))
            .collect();
        files.sort();
        Sound(files.iter().flat_map(|file| Sound::from_wav(file).0).collect())
    }

    #[track_caller]
    fn press(&self, command: &str) {
        let mut stream = until("the telephone takes commands", Duration::from_secs(5), || {
            TcpStream::connect_timeout(&self.control, Duration::from_secs(1)).ok()
        });
        stream.set_read_timeout(Some(Duration::from_secs(5))).expect("a socket has a timeout");
        let json = format!("{{\"command\":\"{command}\"}}");
        write!(stream, "{}:{json},", json.len()).expect("the telephone takes commands");
        let mut answer = [0; 4096];
        let n = stream.read(&mut answer).expect("the telephone answers a command");
        let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
        assert!(answer.contains("\"ok\":true") || answer.contains("\"event\""), "`{command}`: {answer}");
    }
}

/// Where Debian puts them.
const MODULES: &str = "/usr/lib/baresip/modules";
