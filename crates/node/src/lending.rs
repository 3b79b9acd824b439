//! A thread lends its machine, so that all of them can be changed together while nothing moves.
//!
//! ```text
//!   who reloads ── Lend ──► floor, shard 1…n: each hands its machine over and waits        at most [`PATIENCE`] for the last one
//!               ◄─ machines ─┘
//!   rings of words between them emptied, configuration and matcher changed, everybody's place taken anew
//!               ── back ───► each goes on, with the first datagram that came meanwhile
//! ```
//! What came by the network waits in its ring; milliseconds, for thousands of calls. Who reloads always gives back.
use crate::inbox::Sender;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// How long a thread may take to come: the longest single event is a millisecond's work, so this is a thread that hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// A request to lend.
#[derive(Debug)]
pub struct Lend<M> {
    to: SyncSender<M>,
    back: Receiver<M>,
}

/// A machine in hand. Dropping it gives the machine back.
#[derive(Debug)]
pub struct Lent<M> {
    machine: Option<M>,
    back: SyncSender<M>,
}

impl<M> Lend<M> {
    /// The thread's side: hands the machine over and waits for it.
    pub fn lend(self, machine: M) -> M {
        match self.to.send(machine) {
            Ok(()) => self.back.recv().expect("whoever was lent a machine gives it back, even when it panics"),
            // He has not waited for it.
            Err(unwanted) => unwanted.0,
        }
    }
}

impl<M> Lent<M> {
    /// Takes it out of the hand for a while; `put` must follow.
    pub fn take(&mut self) -> M {
        self.machine.take().expect("it is in hand")
    }
    /// Puts it back into the hand.
    pub fn put(&mut self, machine: M) {
        self.machine = Some(machine);
    }
}

impl<M> Drop for Lent<M> {
    fn drop(&mut self) {
        if let Some(machine) = self.machine.take() {
            // The thread waits, unless the whole centre has come down.
            drop(self.back.send(machine));
        }
    }
}

/// Asks the thread behind this ring for its machine; none if it does not come.
pub fn borrow<M>(ring: &Sender<Lend<M>>) -> Option<Lent<M>> {
    let (to, from) = sync_channel(1);
    let (back, its) = sync_channel(1);
    ring.push(Lend { to, back: its }).ok()?;
    match from.recv_timeout(PATIENCE) {
        Ok(machine) => Some(Lent { machine: Some(machine), back }),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            // It may come in this very moment.
            from.try_recv().ok().map(|machine| Lent { machine: Some(machine), back })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Bell;

    #[test]
    fn a_machine_comes_back_changed_or_as_it_was() {
        let bell = Bell::default();
        let (sender, receiver) = bell.ring::<Lend<u32>>(1);
        let thread = std::thread::spawn(move || {
            let mut machine = 1;
            for _ in 0..2 {
                let lend = loop {
                    match receiver.pop() {
                        Some(lend) => break lend,
                        None => bell.wait(None),
                    }
                };
                machine = lend.lend(machine);
            }
            machine
        });
        let mut lent = borrow(&sender).expect("the thread comes");
        let machine = lent.take();
        lent.put(machine + 6);
        drop(lent);
        drop(borrow(&sender).expect("the thread comes again"));
        assert_eq!(thread.join().expect("no panic"), 7);
    }
}
