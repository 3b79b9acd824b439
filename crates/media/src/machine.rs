//! All streams of one media thread: wishes, packets and ticks brought together.
//!
//! ```text
//!   calls   call 81 ─ version 7 ─ streams 3.0, 4.2      a call that is over is remembered for 30 s, so that a
//!   slots   │ – │ – │ – │ 3.0 │ 4.2 │ – │               late wish cannot open it again
//!   grid    ──┬────┬────┬────┬─► due frames by an absolute clock; a late tick catches up with at most 3
//! ```
//! All streams of a call live here, so a packet is forwarded within the `handle` that brought it. A stream can hear only a
//! stream of its own call, whatever a wish says.
use crate::event::{Fact, Input, Output};
use crate::g711::FRAME_SAMPLES;
use crate::mixing::{Samples, mix};
use crate::sound::Sounds;
use crate::stats::Stats;
use crate::stream::Stream;
use crate::wish::Wish;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use switchboard_model::{CallId, Chance, Instant, StreamId};
use switchboard_wire::rtp::{self, Incoming};

/// The streams of one media thread.
#[derive(Debug)]
pub struct Media {
    sounds: Arc<Sounds>,
    chance: Chance,
    config: MediaConfig,
    calls: BTreeMap<CallId, Call>,
    slots: Vec<Option<Box<Stream>>>,
    /// The calls in which somebody hears a sum.
    mixing: BTreeSet<CallId>,
    /// When the next frame is due; none before the first tick.
    due: Option<Instant>,
    /// Frames since the start: the clock by which music runs.
    frames: u64,
    out: VecDeque<Output>,
    stats: Stats,
}

/// What may be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MediaConfig {
    /// How long nothing may come in on a stream that listens before it is told as silent. 10 s is longer than any pause of a
    /// telephone with silence suppression, which sends comfort noise at least now and then, and short beside a session timer.
    pub silent_after_ms: u64,
    /// How many ports the stock has. A wish for a port beyond it is refused.
    pub slots_max: u32,
}

impl Default for MediaConfig {
    fn default() -> Self {
        MediaConfig { silent_after_ms: 10_000, slots_max: 65_536 }
    }
}

#[derive(Debug)]
struct Call {
    version: u32,
    streams: Vec<StreamId>,
    /// `frames` when it was first wished for.
    since: u64,
    over_at: Option<Instant>,
}

const FRAME: Duration = Duration::from_millis(20);

/// How much a tick may come early by its own jitter and still mean the frame that is due next.
const EARLY: Duration = Duration::from_millis(10);

/// How many frames one tick may send. Three are 60 ms, what a telephone's jitter buffer takes; more would be thrown away there.
const FRAMES_PER_TICK_MAX: u64 = 3;

/// How long a call that is over is remembered. A late wish waits in a ring for milliseconds.
const OVER_REMEMBERED_MS: u64 = 30_000;

/// How often calls that are over are looked through: once a second.
const SWEEP_FRAMES: u64 = 50;

impl Media {
    /// Without streams. The chance is for SSRCs and first numbers.
    pub fn new(sounds: Arc<Sounds>, chance: Chance, config: MediaConfig) -> Self {
        Media {
            sounds,
            chance,
            config,
            calls: BTreeMap::new(),
            slots: Vec::new(),
            mixing: BTreeSet::new(),
            due: None,
            frames: 0,
            out: VecDeque::new(),
            stats: Stats::default(),
        }
    }

    /// Takes one thing that happened. Bytes from outside never panic it.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::Wish(wish) => self.on_wish(now, wish),
            Input::Packet { slot, from, bytes } => self.on_packet(now, slot, from, bytes),
            Input::Tick => self.on_tick(now),
        }
    }

    /// What to do next. Call until `None` before the next `handle`.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    /// Other sounds from now on, after a reload. Music and prompts go on by their ids.
    pub fn set_sounds(&mut self, sounds: Arc<Sounds>) {
        self.sounds = sounds;
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        self.calls.values().flat_map(|c| &c.streams).filter(|id| self.find(**id).is_some()).count()
    }

    fn find(&self, id: StreamId) -> Option<&Stream> {
        self.slots.get(id.slot as usize)?.as_deref().filter(|s| s.id() == id)
    }

    fn on_wish(&mut self, now: Instant, wish: Wish) {
        let frames = self.frames;
        let call =
            self.calls.entry(wish.call).or_insert(Call { version: 0, streams: vec![], since: frames, over_at: None });
        // The first wish may have any version, 0 included.
        let first = call.streams.is_empty() && call.over_at.is_none();
        if wish.version <= call.version && !first {
            self.stats.wishes_old += 1;
            return;
        }
        self.stats.wishes += 1;
        call.version = wish.version;
        call.over_at = wish.streams.is_empty().then_some(now);
        let before = std::mem::replace(&mut call.streams, wish.streams.iter().map(|s| s.stream).collect());
        for id in before {
            if wish.streams.iter().all(|s| s.stream != id) && self.find(id).is_some_and(|s| s.call == wish.call) {
                self.slots[id.slot as usize] = None;
                self.out.push_back(Output::Closed { slot: id.slot });
            }
        }
        let mixed: BTreeSet<StreamId> = wish.streams.iter().flat_map(|line| mixed_for(&line.hears)).copied().collect();
        let (of_call, ids): (CallId, Vec<StreamId>) = (wish.call, wish.streams.iter().map(|s| s.stream).collect());
        match mixed.is_empty() {
            true => drop(self.mixing.remove(&wish.call)),
            false => drop(self.mixing.insert(wish.call)),
        }
        for line in wish.streams {
            self.count_missing(&line.hears);
            let slot = line.stream.slot as usize;
            if line.stream.slot >= self.config.slots_max {
                self.stats.streams_refused += 1;
                continue;
            }
            if self.slots.len() <= slot {
                self.slots.resize_with(slot + 1, || None);
            }
            match &mut self.slots[slot] {
                Some(stream) if stream.id() == line.stream && stream.call == wish.call => stream.change(now, line),
                // The port was lent anew before the wish that closes it came: whoever has it now keeps it.
                Some(stream) if stream.id().generation >= line.stream.generation => self.stats.streams_refused += 1,
                free => *free = Some(Box::new(Stream::open(now, wish.call, line, &mut self.chance))),
            }
        }
        for id in ids {
            let stream = self.slots.get_mut(id.slot as usize).and_then(Option::as_mut);
            if let Some(stream) = stream.filter(|s| s.id() == id && s.call == of_call) {
                stream.is_mixed(mixed.contains(&id));
            }
        }
    }

    /// Of each call in which somebody hears a sum: what each of its streams said in the next 20 ms, and nothing of a stream of
    /// another call, whatever a wish says.
    fn pour(&mut self) -> BTreeMap<CallId, BTreeMap<StreamId, Samples>> {
        let mut poured = BTreeMap::new();
        for call in &self.mixing {
            let ids = self.calls.get(call).map_or(&[][..], |c| &c.streams);
            let mut said = BTreeMap::new();
            for id in ids {
                let stream = self.slots.get_mut(id.slot as usize).and_then(Option::as_mut);
                let stream = stream.filter(|s| s.id() == *id && s.call == *call);
                said.extend(stream.and_then(|s| s.pour()).map(|frame| (*id, frame)));
            }
            poured.insert(*call, said);
        }
        poured
    }

    fn count_missing(&mut self, hears: &crate::Hears) {
        use crate::Hears::{Mix, Music, Nothing, Party, Prompts, Ringing};
        let wanted = match hears {
            Prompts { list, .. } => list.as_slice(),
            Music(prompt) => std::slice::from_ref(prompt),
            Nothing | Party(_) | Mix(_) | Ringing => &[],
        };
        self.stats.sounds_missing += wanted.iter().filter(|p| self.sounds.find(**p).is_none()).count() as u64;
    }

    fn on_packet(&mut self, now: Instant, slot: u32, from: SocketAddr, bytes: &[u8]) {
        self.stats.packets_in += 1;
        let Some(stream) = self.slots.get_mut(slot as usize).and_then(Option::as_mut) else {
            self.stats.no_stream += 1;
            return;
        };
        let packet = match rtp::read(bytes) {
            Ok(Incoming::Rtp(packet)) => packet,
            Ok(Incoming::Rtcp(_)) => {
                self.stats.rtcp += 1;
                return;
            }
            Err(_) => {
                self.stats.garbage += 1;
                return;
            }
        };
        let taken = stream.take(now, from, &packet, &mut self.stats);
        let (call, id) = (stream.call, stream.id());
        if stream.first_heard() {
            self.out.push_back(Output::Fact { call, fact: Fact::Heard { stream: id } });
        }
        let Some(taken) = taken else { return };
        if let Some((digit, rtp_timestamp)) = taken.digit {
            self.stats.digits += 1;
            self.out.push_back(Output::Fact { call, fact: Fact::Digit { stream: id, digit, rtp_timestamp } });
        }
        let others = self.calls.get(&call).map_or(&[][..], |c| &c.streams);
        for other in others {
            let listener = self.slots.get_mut(other.slot as usize).and_then(Option::as_mut);
            let Some(listener) = listener.filter(|l| l.id() == *other && l.call == call && l.hears(id)) else {
                continue;
            };
            if let Some((to, bytes)) = listener.forward(now, &taken) {
                self.stats.forwarded += 1;
                self.stats.packets_out += 1;
                self.out.push_back(Output::Send { slot: other.slot, to, bytes });
            }
        }
    }

    fn on_tick(&mut self, now: Instant) {
        self.stats.ticks += 1;
        let due = self.due.unwrap_or(now);
        let mut frames = 0;
        if now + EARLY >= due {
            frames = (now + EARLY).since(due).as_micros() as u64 / FRAME.as_micros() as u64 + 1;
        }
        self.due = Some(due + FRAME * u32::try_from(frames).unwrap_or(u32::MAX));
        let skipped = frames.saturating_sub(FRAMES_PER_TICK_MAX);
        let frames = frames - skipped;
        self.stats.frames_skipped += skipped;
        self.stats.frames_late += frames.saturating_sub(1);
        let poured: Vec<_> = (0..frames).map(|_| self.pour()).collect();
        let Media { slots, calls, out, stats, sounds, config, .. } = self;
        for stream in slots.iter_mut().flatten() {
            let (call, id) = (stream.call, stream.id());
            let since = calls.get(&call).map_or(0, |c| c.since);
            if skipped > 0 {
                stream.skip();
            }
            for n in 0..frames {
                let age = (self.frames + n).saturating_sub(since) * FRAME_SAMPLES as u64;
                let said = poured[n as usize].get(&call);
                let mixed = stream.mixes().map(|of| said.map_or([0; FRAME_SAMPLES], |said| mix(said, of)));
                let (sent, done) = stream.frame(now, sounds, age, mixed.as_ref());
                if let Some((to, bytes)) = sent {
                    stats.packets_out += 1;
                    out.push_back(send(id, to, bytes));
                }
                if let Some(play) = done {
                    out.push_back(Output::Fact { call, fact: Fact::PromptDone { stream: id, play } });
                }
            }
            if stream.fell_silent(now, config.silent_after_ms) {
                out.push_back(Output::Fact { call, fact: Fact::Silent { stream: id } });
            }
        }
        let before = self.frames;
        self.frames += frames;
        if before / SWEEP_FRAMES != self.frames / SWEEP_FRAMES {
            self.calls.retain(|_, c| c.over_at.is_none_or(|at| now.ms_since(at) < OVER_REMEMBERED_MS));
        }
    }
}

/// The streams whose sum this is.
fn mixed_for(hears: &crate::Hears) -> &[StreamId] {
    use crate::Hears::{Mix, Music, Nothing, Party, Prompts, Ringing};
    match hears {
        Mix(of) => of,
        Nothing | Party(_) | Prompts { .. } | Music(_) | Ringing => &[],
    }
}

fn send(id: StreamId, to: SocketAddr, bytes: Bytes) -> Output {
    Output::Send { slot: id.slot, to, bytes }
}
