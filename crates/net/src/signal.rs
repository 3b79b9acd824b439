//! SIGTERM and Ctrl-C. The first asks politely; the second, from someone who has lost patience, ends the process.
//!
//! ```text
//!   running ──SIGTERM | SIGINT──► stop.raise(): no new calls, running ones end in peace
//!      └──────── and again ────► exit 130 | 143, at once
//! ```
use crate::Stop;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Raises `stop` at the first SIGTERM or SIGINT. Starts the one thread that waits for them.
pub fn on_signals(stop: &Stop) -> io::Result<()> {
    let asked = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // The order matters: the exit looks at the flag before the next line's action arms it.
        flag::register_conditional_shutdown(signal, 128 + signal, asked.clone())?;
        flag::register(signal, asked.clone())?;
    }
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let stop = stop.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if signals.forever().next().is_some() {
            stop.raise();
        }
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Signal, getpid, kill_process};

    #[test]
    fn sigterm_raises_the_stop() {
        let stop = Stop::new();
        on_signals(&stop).unwrap();
        let (said, heard) = std::sync::mpsc::sync_channel(1);
        stop.on_raise(move || {
            let _ = said.try_send(());
        });
        kill_process(getpid(), Signal::TERM).unwrap();
        heard.recv_timeout(std::time::Duration::from_secs(5)).expect("the stop was not raised");
        assert!(stop.is_raised());
    }
}
