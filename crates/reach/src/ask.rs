//! Questions wait in one bounded ring for a handful of threads.
use crate::http::{Backend, Failed, Reply, post};
use crate::wiped::Wiped;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use switchboard_model::Instant;
use switchboard_net::Clock;

/// What becomes of a question: called once for each, in a thread of `Reach` (or in the asker's, if the ring was full).
pub type Back = Box<dyn FnOnce(Result<Reply, Failed>) + Send>;

struct Asked {
    backend: Backend,
    until: Instant,
    body: Wiped,
    back: Back,
}

/// The threads that ask. Dropped, they finish what they are at.
pub struct Reach {
    clock: Clock,
    asked: Option<SyncSender<Asked>>,
    threads: Vec<JoinHandle<()>>,
}

/// Questions at once: each takes a few milliseconds where a back-end is well, and its whole time where it is not.
const THREADS: usize = 4;
/// Questions that may wait; whoever comes later would wait for longer than his deadline.
const WAITING_MAX: usize = 64;

impl Reach {
    /// Starts the threads; an error is the kernel's.
    pub fn start(clock: Clock) -> io::Result<Reach> {
        let (sender, receiver) = sync_channel::<Asked>(WAITING_MAX);
        let receiver = Arc::new(Mutex::new(receiver));
        let mut threads = vec![];
        for n in 1..=THREADS {
            let receiver = receiver.clone();
            threads.push(std::thread::Builder::new().name(format!("reach-{n}")).spawn(move || work(clock, &receiver))?);
        }
        Ok(Reach { clock, asked: Some(sender), threads })
    }

    /// Asks. The answer comes by `back`, and so does the word that there is no room.
    pub fn ask(&self, backend: Backend, body: Wiped, back: Back) {
        let until = self.clock.now() + backend.within;
        let sender = self.asked.as_ref().expect("there until it is dropped");
        if let Err(full) = sender.try_send(Asked { backend, until, body, back }) {
            use std::sync::mpsc::TrySendError::{Disconnected, Full};
            let (Full(asked) | Disconnected(asked)) = full;
            (asked.back)(Err(Failed::Full));
        }
    }
}

fn work(clock: Clock, receiver: &Mutex<Receiver<Asked>>) {
    loop {
        let asked = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Asked { backend, until, body, back }) = asked else { return };
        let answer = post(clock, &backend, until, &body);
        // Wiped before anybody hears of the answer.
        drop(body);
        back(answer);
    }
}

impl Drop for Reach {
    fn drop(&mut self) {
        self.asked = None;
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}
