//! How far it is: a bar where somebody looks, plain lines where not.
//!
//! On a terminal the bar is on standard error, below the lines; in a file or a pipe there is nothing but lines.
use crate::cmd::say::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, Write};
use std::time::Duration;

/// A bar, or nothing.
pub struct Progress(Option<ProgressBar>);

impl Progress {
    /// For something that lasts so long, if a terminal is there.
    pub fn new(lasts: Duration) -> Progress {
        Progress::shown(lasts, std::io::stderr().is_terminal())
    }

    fn shown(lasts: Duration, terminal: bool) -> Progress {
        let bar = terminal.then(|| {
            let bar =
                ProgressBar::with_draw_target(Some(lasts.as_millis() as u64), ProgressDrawTarget::stderr_with_hz(5));
            let style =
                ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}").expect("a template without faults");
            bar.set_style(style);
            bar
        });
        Progress(bar)
    }

    /// So much of the time is gone, and this is to be seen.
    pub fn at(&self, gone: Duration, what: impl FnOnce() -> String) {
        if let Some(bar) = &self.0 {
            bar.set_position(gone.as_millis() as u64);
            bar.set_message(what());
        }
    }

    /// A line that stays.
    pub fn say(&self, line: &str) {
        let now = || {
            say!("{line}");
            // Seen at once also where lines are collected.
            drop(std::io::stdout().flush());
        };
        match &self.0 {
            Some(bar) => bar.suspend(now),
            None => now(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_terminal_there_is_no_bar() {
        let none = Progress::shown(Duration::from_secs(10), false);
        none.at(Duration::from_secs(5), || panic!("nobody sees it"));
        let bar = Progress::shown(Duration::from_secs(10), true);
        bar.at(Duration::from_secs(5), || "open 3".to_owned());
        assert_eq!(bar.0.as_ref().map(|b| (b.position(), b.message())), Some((5_000, "open 3".to_owned())));
    }
}
