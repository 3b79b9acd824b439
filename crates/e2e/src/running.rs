//! A process that a test has started: what it says, line by line; how it ends; and that it does end.
use crate::until::{now, until};
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Ends with its owner.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    said: Arc<Said>,
}

#[derive(Debug, Default)]
struct Said {
    so_far: Mutex<SoFar>,
    more: Condvar,
}

#[derive(Debug, Default)]
struct SoFar {
    lines: Vec<String>,
    /// Of its two outputs.
    closed: u8,
}

impl SoFar {
    fn with<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a String> {
        self.lines.iter().filter(move |line| line.contains(text))
    }

    fn last(&self) -> String {
        self.lines[self.lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Running {
    /// Starts `command`; what it says is kept, and written to `folder/name.log`.
    #[track_caller]
    pub fn start(name: &str, folder: &Path, command: &mut Command) -> Running {
        let log = File::create(folder.join(format!("{name}.log"))).expect("the folder can be written");
        let log = Arc::new(Mutex::new(log));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{name} ({command:?}) did not start: {e}"));
        let said = Arc::new(Said::default());
        let out = child.stdout.take().expect("it was asked for");
        let err = child.stderr.take().expect("it was asked for");
        listen(out, said.clone(), log.clone());
        listen(err, said.clone(), log);
        Running { name: name.to_owned(), child, said }
    }

    /// Waits until it says a line in which `text` stands, or has said it already.
    #[track_caller]
    pub fn says(&self, text: &str, within: Duration) -> String {
        self.says_times(text, 1, within)
    }

    /// Waits until it has said `times` lines in which `text` stands; the last of them.
    #[track_caller]
    pub fn says_times(&self, text: &str, times: usize, within: Duration) -> String {
        let start = now();
        let mut so_far = self.said.so_far.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(line) = so_far.with(text).nth(times - 1) {
                return line.clone();
            }
            let name = &self.name;
            assert!(so_far.closed < 2, "{name} ended and had not said `{text}`; its last words:\n{}", so_far.last());
            let left = within.saturating_sub(start.elapsed());
            assert!(!left.is_zero(), "{name} has not said `{text}` in {} s", within.as_secs());
            so_far = self.said.more.wait_timeout(so_far, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// How often it has said a line with `text` so far.
    pub fn said(&self, text: &str) -> usize {
        self.said.so_far.lock().unwrap_or_else(PoisonError::into_inner).with(text).count()
    }

    /// Waits until somebody in its namespace has opened this UDP port.
    #[track_caller]
    pub fn listens(&self, port: u16) {
        let (table, wanted) = (format!("/proc/{}/net/udp", self.child.id()), format!(":{port:04X} "));
        until(&format!("{} listens at UDP port {port}", self.name), Duration::from_secs(10), || {
            std::fs::read_to_string(&table).is_ok_and(|text| text.contains(&wanted)).then_some(())
        });
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub fn ends(&mut self, within: Duration) -> ExitStatus {
        let what = format!("{} ends by itself", self.name);
        until(&what, within, || self.child.try_wait().expect("a child can be asked"))
    }

    /// Waits until it ends by itself, with exit code 0.
    #[track_caller]
    pub fn ends_well(&mut self, within: Duration) {
        let status = self.ends(within);
        assert!(status.success(), "{} ended with {status}", self.name);
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }

    /// Asks it to end, as an operator would.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        // It may have ended by itself, which is all that was wanted; its pid is ours until it has been waited for.
        let _ = kill_process(pid, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Lines end with a line feed, or with the carriage return of a counter that runs in its place.
fn listen(from: impl Read + Send + 'static, said: Arc<Said>, log: Arc<Mutex<File>>) {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let _ = log.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line);
            let text = String::from_utf8_lossy(&line);
            let mut so_far = said.so_far.lock().unwrap_or_else(PoisonError::into_inner);
            so_far.lines.extend(text.split(['\r', '\n']).filter(|l| !l.is_empty()).map(str::to_owned));
            said.more.notify_all();
            line.clear();
        }
        said.so_far.lock().unwrap_or_else(PoisonError::into_inner).closed += 1;
        said.more.notify_all();
    });
}
