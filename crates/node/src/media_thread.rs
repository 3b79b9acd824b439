//! The media thread: packets as they come, frames every 20 ms, wishes when somebody rings.
use crate::inbox::{Bell, Receiver, Sender};
use crate::shard_thread::ShardMail;
use std::io;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use switchboard_media::{Input, Media, Output, Sounds, Wish};
use switchboard_model::CallId;
use switchboard_net::{Clock, Lateness, RtpEvent, RtpLoop, RtpSockets, Stop, Waker};

/// Where wishes go.
#[derive(Clone)]
pub struct MediaMail {
    wishes: Sender<Wish>,
    sounds: Sender<Arc<Sounds>>,
    waker: Waker,
}

impl MediaMail {
    /// One wish; given back if the ring is full.
    pub fn push(&self, wish: Wish) -> Result<(), Wish> {
        self.wishes.push(wish)?;
        self.waker.wake();
        Ok(())
    }

    /// What can be played from now on, before any wish that is pushed later; false if earlier ones have not been taken yet.
    pub fn sounds(&self, sounds: Arc<Sounds>) -> bool {
        let taken = self.sounds.push(sounds).is_ok();
        self.waker.wake();
        taken
    }
}

/// Wishes that may wait: a call changes what it sounds like about ten times in its life.
const WISHES_MAX: usize = 4_096;
/// Reloads that may wait.
const SOUNDS_MAX: usize = 4;

/// What the media thread works with.
pub struct MediaThread {
    media: Media,
    rtp: RtpLoop,
    wishes: Receiver<Wish>,
    sounds: Receiver<Arc<Sounds>>,
    clock: Clock,
    stop: Stop,
    shards: Vec<ShardMail>,
    lateness: Arc<Mutex<Lateness>>,
    facts_lost: Arc<AtomicU64>,
}

impl MediaThread {
    /// A media thread over these ports.
    pub fn new(
        media: Media,
        rtp: RtpLoop,
        clock: Clock,
        stop: Stop,
        facts_lost: Arc<AtomicU64>,
    ) -> (MediaMail, MediaThread) {
        let (wishes_in, wishes) = Bell::default().ring(WISHES_MAX);
        let (sounds_in, sounds) = Bell::default().ring(SOUNDS_MAX);
        let mail = MediaMail { wishes: wishes_in, sounds: sounds_in, waker: rtp.waker() };
        let lateness = Arc::new(Mutex::new(rtp.lateness().clone()));
        (mail, MediaThread { media, rtp, wishes, sounds, clock, stop, shards: vec![], lateness, facts_lost })
    }

    /// Whom facts are told.
    pub fn set_shards(&mut self, shards: Vec<ShardMail>) {
        self.shards = shards;
    }
    /// How late its ticks have been, brought up to date once a second.
    pub fn lateness(&self) -> Arc<Mutex<Lateness>> {
        self.lateness.clone()
    }

    /// Runs until the end; an error is the kernel's.
    pub fn run(self) -> io::Result<()> {
        let MediaThread { mut media, mut rtp, wishes, sounds, clock, stop, shards, lateness, facts_lost } = self;
        let waker = rtp.waker();
        stop.on_raise(move || waker.wake());
        let mut ticks = 0u32;
        while !stop.is_raised() {
            rtp.wait(|sockets, event| {
                match event {
                    RtpEvent::Packet { slot, from, now, bytes } => {
                        media.handle(now, Input::Packet { slot, from, bytes });
                    }
                    RtpEvent::Tick { now, .. } => {
                        ticks += 1;
                        media.handle(now, Input::Tick);
                    }
                    RtpEvent::Woken => {}
                }
                while let Some(wish) = wishes.pop() {
                    // After the wish, so that what it names is there: its sounds were pushed before it was.
                    while let Some(new) = sounds.pop() {
                        media.set_sounds(new);
                    }
                    media.handle(clock.now(), Input::Wish(wish));
                }
                let_go(&mut media, sockets, &shards, &facts_lost);
            })?;
            if ticks >= 50 {
                ticks = 0;
                *lateness.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = rtp.lateness().clone();
            }
        }
        Ok(())
    }
}

fn let_go(media: &mut Media, sockets: &RtpSockets, shards: &[ShardMail], facts_lost: &AtomicU64) {
    while let Some(output) = media.poll() {
        match output {
            // What does not leave is counted by the sockets; sound that comes too late is of no use.
            Output::Send { slot, to, bytes } => drop(sockets.send(slot, to, &bytes)),
            Output::Fact { call, fact } => {
                let shard = &shards[usize::from(CallId::shard(call).0) - 1];
                if shard.media.push((call, fact)).is_err() {
                    facts_lost.fetch_add(1, Ordering::Relaxed);
                }
            }
            Output::Closed { .. } => {}
        }
    }
}
