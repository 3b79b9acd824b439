//! A real browser, spoken to over two pipes in its own language (Chrome DevTools Protocol: JSON, each message ended by a zero byte).
//!
//! ```text
//!   test ── {"id":1,"method":"Page.navigate",…}\0 ──► [in]  ──► Chromium, file descriptor 3
//!        ◄── {"id":1,"result":…}\0 ────────────────── [out] ◄── file descriptor 4
//! ```
//! No port and no driver program: the two pipes have names in the test's folder, and a shell opens them for the browser. What the
//! page shows is asked of the page (`see`), again until it is so or the time is over.
use crate::until::now;
use crate::{Running, Site};
use serde_json::{Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    /// Ends the browser with the test.
    _running: Running,
    folder: PathBuf,
    to: File,
    from: BufReader<File>,
    session: Option<String>,
    last: u64,
}

impl Browser {
    /// Starts it in the namespace of this address, with a window of so many pixels.
    #[track_caller]
    pub fn start(site: &Site, at: IpAddr, (width, height): (u32, u32)) -> Browser {
        let found = Command::new("chromium").arg("--version").output().is_ok_and(|out| out.status.success());
        assert!(
            found,
            "the wallboard is tested in a real browser, and there is no `chromium`: apt-get install chromium (`make tools` does)"
        );
        let folder = site.folder(&format!("browser-{width}"));
        let [input, output] = ["in", "out"].map(|name| {
            let pipe = folder.join(name);
            let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo starts");
            assert!(made.success(), "{} cannot be made", pipe.display());
            pipe
        });
        let mut command = site.command(at, "sh");
        let chromium = "exec chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking --disable-sync \
                        --disable-component-update --no-first-run --hide-scrollbars --remote-debugging-pipe \"$@\" 3<\"$IN\" 4>\"$OUT\"";
        command.args(["-c", chromium, "chromium"]);
        command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
        command.arg(format!("--window-size={width},{height}")).arg("about:blank");
        command.env("IN", &input).env("OUT", &output).env("HOME", &folder);
        let running = Running::start(&format!("browser-{width}"), &folder, &mut command);
        // Each of these waits for the other end, in the order in which the shell opens them.
        let to = OpenOptions::new().write(true).open(&input).expect("the pipe was made");
        let from = BufReader::new(File::open(&output).expect("the pipe was made"));
        let mut browser = Browser { _running: running, folder, to, from, session: None, last: 0 };
        let targets = browser.ask("Target.getTargets", json!({}));
        let pages = targets["targetInfos"].as_array().expect("a list of targets");
        let page = pages.iter().find(|t| t["type"] == "page").expect("about:blank is open")["targetId"].clone();
        let attached = browser.ask("Target.attachToTarget", json!({ "targetId": page, "flatten": true }));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser
    }

    /// Opens a page.
    #[track_caller]
    pub fn open(&mut self, address: &str) {
        let opened = self.ask("Page.navigate", json!({ "url": address }));
        assert!(opened["errorText"].is_null(), "{address}: {}", opened["errorText"]);
    }

    /// What this expression is, in the page.
    #[track_caller]
    pub fn value(&mut self, expression: &str) -> Value {
        let reply = self.ask("Runtime.evaluate", json!({ "expression": expression, "returnByValue": true }));
        assert!(reply["exceptionDetails"].is_null(), "{expression}: {}", reply["exceptionDetails"]);
        reply["result"]["value"].clone()
    }

    /// Waits until this expression is true in the page.
    #[track_caller]
    pub fn see(&mut self, what: &str, expression: &str, within: Duration) {
        let start = now();
        while self.value(&format!("Boolean({expression})")) != Value::Bool(true) {
            let shown = self.value("document.body ? document.body.innerText : ''");
            assert!(
                start.elapsed() < within,
                "waited {} s in vain: {what}; the page shows:\n{shown}",
                within.as_secs()
            );
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Keeps a picture of the page as `name.png` in the test's folder.
    #[track_caller]
    pub fn picture(&mut self, name: &str) {
        let shot = self.ask("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = base64(shot["data"].as_str().expect("a picture"));
        assert!(bytes.starts_with(b"\x89PNG"), "the browser sent something else than a PNG");
        fs::write(self.folder.join(format!("{name}.png")), bytes).expect("the folder can be written");
    }

    #[track_caller]
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).expect("the browser listens");
        loop {
            let mut bytes = Vec::new();
            let n = self.from.read_until(0, &mut bytes).expect("the browser's pipe can be read");
            assert!(n > 0, "the browser ended; its words are in {}", self.folder.display());
            bytes.pop();
            let reply: Value = serde_json::from_slice(&bytes).expect("the browser speaks JSON");
            if reply["id"] == self.last {
                assert!(reply["error"].is_null(), "{method}: {}", reply["error"]);
                return reply["result"].clone();
            }
        }
    }
}

/// RFC 4648 §4; the browser sends pictures so.
fn base64(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut n) = (Vec::new(), 0u32, 0);
    for digit in text.bytes().filter_map(|b| DIGITS.iter().position(|d| *d == b)) {
        bits = (bits << 6 | digit as u32) & 0xFFFF;
        n += 6;
        if n >= 8 {
            n -= 8;
            out.push((bits >> n) as u8);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_rfc_4648() {
        for (text, want) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(base64(text), want.as_bytes());
        }
    }
}
