//! A thread's bounded ring and the bell beside it.
//!
//! ```text
//!   many producers ── push ──► [ring] ── pop ──► one owner, parked while there is nothing
//!                      └ full: the value comes back, and the caller answers for it
//! ```
use crossbeam::queue::ArrayQueue;
use crossbeam::sync::{Parker, Unparker};
use std::sync::Arc;
use std::time::Duration;

/// The producers' side of a ring.
#[derive(Debug)]
pub struct Sender<T> {
    ring: Arc<ArrayQueue<T>>,
    bell: Unparker,
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Sender { ring: self.ring.clone(), bell: self.bell.clone() }
    }
}

impl<T> Sender<T> {
    /// Puts `value` in and wakes the owner; gives it back if the ring is full.
    pub fn push(&self, value: T) -> Result<(), T> {
        let pushed = self.ring.push(value);
        self.bell.unpark();
        pushed
    }
    /// Throws away what lies in it. Only while the owner and all other producers are known to stand still.
    pub fn clear(&self) {
        while self.ring.pop().is_some() {}
    }
    /// Wakes the owner without saying anything.
    pub fn wake(&self) {
        self.bell.unpark();
    }
}

/// The owner's side.
#[derive(Debug)]
pub struct Receiver<T> {
    ring: Arc<ArrayQueue<T>>,
}

impl<T> Receiver<T> {
    /// The oldest value.
    pub fn pop(&self) -> Option<T> {
        self.ring.pop()
    }
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.ring.is_empty()
    }
}

/// Where the owner sleeps.
#[derive(Debug, Default)]
pub struct Bell {
    parker: Parker,
    /// Nobody has its unparker, so what it waits for is the clock alone.
    rest: Parker,
}

impl Bell {
    /// A ring of at most `bound` values whose producers ring this bell.
    pub fn ring<T>(&self, bound: usize) -> (Sender<T>, Receiver<T>) {
        let ring = Arc::new(ArrayQueue::new(bound));
        (Sender { ring: ring.clone(), bell: self.parker.unparker().clone() }, Receiver { ring })
    }
    /// What wakes the owner without saying anything.
    pub fn unparker(&self) -> Unparker {
        self.parker.unparker().clone()
    }
    /// Sleeps until somebody rings, or for this long.
    pub fn wait(&self, at_most: Option<Duration>) {
        match at_most {
            Some(d) => self.parker.park_timeout(d),
            None => self.parker.park(),
        }
    }
    /// Lets work gather for so long, whoever rings. A bell rung meanwhile costs its ringer no system call, and the next `wait`
    /// returns at once.
    pub fn rest(&self, for_so_long: Duration) {
        self.rest.park_timeout(for_so_long);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_ring_gives_the_value_back() {
        let bell = Bell::default();
        let (sender, receiver) = bell.ring(2);
        assert_eq!(sender.push(1), Ok(()));
        assert_eq!(sender.clone().push(2), Ok(()));
        assert_eq!(sender.push(3), Err(3));
        assert_eq!(receiver.pop(), Some(1));
        assert_eq!(sender.push(3), Ok(()));
        assert_eq!((receiver.pop(), receiver.pop(), receiver.pop()), (Some(2), Some(3), None));
        bell.wait(None);
    }
}
