//! A target of our own: a program that is started on a CPU apart, says when it is ready, and is ended.
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A folder that goes when its owner goes.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one among the machine's temporary files.
    pub fn new() -> Result<Folder, String> {
        for n in 0..1_000 {
            let path = std::env::temp_dir().join(format!("switchboard-bench-{}-{n}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Folder(path)),
                Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(e) => return Err(format!("no folder for the target, {}: {e}; set TMPDIR", path.display())),
            }
        }
        Err(format!("a thousand folders of this process are in {} already", std::env::temp_dir().display()))
    }
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now lies among temporary files.
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A running program.
pub struct Running {
    child: Child,
    /// The line with which it said that it is ready.
    pub ready: String,
}

impl Running {
    /// Starts it and waits for a line that begins with `ready`. What it says on standard error is the reason if none comes.
    pub fn start(program: &Path, args: &[&str], errors: &Path) -> Result<Running, String> {
        let log = File::create(errors).map_err(|e| format!("{} cannot be written: {e}", errors.display()))?;
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("{} cannot be started: {e}", program.display()))?;
        let mut out = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut ready = String::new();
        while out.read_line(&mut ready).is_ok_and(|n| n > 0) {
            if ready.starts_with("ready") {
                // Whatever more it says goes nowhere, and must not block it.
                std::thread::spawn(move || drop(std::io::copy(&mut out, &mut std::io::sink())));
                return Ok(Running { child, ready });
            }
            ready.clear();
        }
        drop(child.kill());
        drop(child.wait());
        let said = fs::read_to_string(errors).unwrap_or_default();
        Err(said.lines().last().unwrap_or("it ended without a word").to_owned())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
    /// Ends it without a word (SIGKILL), as a crash does.
    pub fn kill(&mut self) {
        drop(self.child.kill());
    }
    /// Asks it to end (SIGTERM), and does not wait.
    pub fn ask_to_end(&self) {
        if let Some(pid) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
    }
    /// Ends it, and waits: in order, or after five seconds without a word.
    pub fn end(&mut self) {
        if !self.is_alive() {
            return;
        }
        self.ask_to_end();
        for _ in 0..100 {
            if !self.is_alive() {
                return;
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
        self.kill();
        drop(self.child.wait());
    }
    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
