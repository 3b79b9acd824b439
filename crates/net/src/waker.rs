//! Wakes a thread that sleeps in `epoll_wait`.
//!
//! ```text
//!   anybody: push into the ring ; wake()        the sleeper: woken ; clear ; drain the ring
//!            wake: pending.swap(true)  ──AcqRel──►  clear: read eventfd ; pending.swap(false)
//!            only the first since the last clear writes to the eventfd
//! ```
//! `pending` is written by everybody. A `wake` that finds it already true does nothing, and loses nothing: the sleeper has yet to
//! clear it, that clear reads what this swap wrote and so sees the push before it, and only then is the ring drained.
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Clone it to whoever may wake the sleeper; `wake` never blocks.
#[derive(Clone, Debug)]
pub struct Waker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    fd: OwnedFd,
    pending: AtomicBool,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Waker> {
        let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Waker(Arc::new(Inner { fd, pending: AtomicBool::new(false) })))
    }

    /// Ends the sleep that is under way, or the next one.
    pub fn wake(&self) {
        if self.0.pending.swap(true, Ordering::AcqRel) {
            return;
        }
        // The counter goes from 0 to 1, so the only refusal left is an interruption.
        while let Err(e) = rustix::io::write(&self.0.fd, &1u64.to_ne_bytes()) {
            assert_eq!(e, Errno::INTR, "an eventfd that holds 0 takes 1");
        }
    }

    /// Takes the wake-up; afterwards the sleeper looks into its rings.
    pub(crate) fn clear(&self) {
        let mut count = [0u8; 8];
        // WouldBlock: somebody has set `pending` and not yet written; his write will wake us once more for nothing.
        while rustix::io::read(&self.0.fd, &mut count) == Err(Errno::INTR) {}
        self.0.pending.swap(false, Ordering::AcqRel);
    }

    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        self.0.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    fn readable(waker: &Waker) -> bool {
        let mut fds = [PollFd::from_borrowed_fd(waker.fd(), PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap() == 1
    }

    #[test]
    fn many_wakes_are_one_until_cleared() {
        let waker = Waker::new().unwrap();
        assert!(!readable(&waker));
        waker.wake();
        waker.clone().wake();
        assert!(readable(&waker));
        waker.clear();
        assert!(!readable(&waker), "the second wake left something behind");
        waker.wake();
        assert!(readable(&waker), "a wake after a clear counts again");
    }

    #[test]
    fn nothing_pushed_before_a_wake_is_missed() {
        use std::sync::atomic::AtomicU64;
        let (waker, ring) = (Waker::new().unwrap(), Arc::new(AtomicU64::new(0)));
        let producers: Vec<_> = (0..3)
            .map(|_| {
                let (waker, ring) = (waker.clone(), ring.clone());
                std::thread::spawn(move || {
                    for _ in 0..20_000 {
                        ring.fetch_add(1, Ordering::Relaxed);
                        waker.wake();
                    }
                })
            })
            .collect();
        let mut seen = 0;
        while seen < 60_000 {
            let mut fds = [PollFd::from_borrowed_fd(waker.fd(), PollFlags::IN)];
            let ready = poll(&mut fds, Some(&Timespec { tv_sec: 5, tv_nsec: 0 })).unwrap();
            assert_eq!(ready, 1, "slept with {} of 60000 in the ring", ring.load(Ordering::Relaxed));
            waker.clear();
            seen += ring.swap(0, Ordering::Relaxed);
        }
        for p in producers {
            p.join().unwrap();
        }
    }
}
