//! What a verb says on standard output, whoever has stopped listening.
//!
//! ```text
//!   say!("…") ──► standard output
//!                  ├ closed (`… | head -1`): said to nobody; the verb goes on to its verdict, and a centre to its calls
//!                  └ failing (a full disk):  told on standard error once, and the exit code is 2
//! ```
//! `println!` would panic at either.
use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether something could not be said. A flag of its own: no other memory hangs on it.
static FAILED: AtomicBool = AtomicBool::new(false);

/// Like `println!`, without its panic.
macro_rules! say {
    ($($said:tt)*) => { $crate::cmd::say::line(format_args!($($said)*), "\n") };
}
/// Like `print!`, without its panic.
macro_rules! say_on {
    ($($said:tt)*) => { $crate::cmd::say::line(format_args!($($said)*), "") };
}
pub(crate) use {say, say_on};

pub(crate) fn line(said: Arguments<'_>, end: &str) {
    let mut out = std::io::stdout().lock();
    let written = out.write_fmt(format_args!("{said}{end}")).and_then(|()| out.flush());
    match written {
        Err(e) if e.kind() != ErrorKind::BrokenPipe && !FAILED.swap(true, Ordering::Relaxed) => {
            eprintln!("error: standard output cannot be written: {e}");
        }
        _ => {}
    }
}

/// Whether all that was said could be written, if somebody listened.
pub(crate) fn all_said() -> bool {
    !FAILED.load(Ordering::Relaxed)
}
