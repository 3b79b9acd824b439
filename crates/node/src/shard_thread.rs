//! A shard's thread: drain the rings in fixed order, handle, keep the records, let the outputs go, park until the next deadline.
use crate::control::Answers;
use crate::figures::FiguresMail;
use crate::floor_thread::FloorMail;
use crate::inbox::{Bell, Receiver, Sender};
use crate::keeper::Memory;
use crate::lending::Lend;
use crate::media_thread::MediaMail;
use crate::router::Heard;
use crate::sip_out::{Lost, SipOut};
use crate::tape::Tape;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switchboard_engine::command::Command;
use switchboard_engine::config::SharedConfig;
use switchboard_engine::lookup::Answer;
use switchboard_engine::{Claimed, Matched, Output, Shard, ShardInput, Ways};
use switchboard_media::{Fact, Wish};
use switchboard_model::CallId;
use switchboard_net::{Clock, Stop};
use switchboard_reach::Reach;

/// The rings of one shard, for those who send to it.
#[derive(Clone)]
pub struct ShardMail {
    /// From the floor. One place for each agent, so by counting it never fills.
    pub matched: Sender<Matched>,
    /// From the floor, about agents who were asked for.
    pub claimed: Sender<Claimed>,
    /// From the floor, about SBCs by which calls can go out.
    pub ways: Sender<Ways>,
    /// From the back-ends.
    pub looked_up: Sender<(CallId, u32, Answer)>,
    /// From the media thread.
    pub media: Sender<(CallId, Fact)>,
    /// Datagrams of running calls.
    pub in_dialog: Sender<Heard>,
    /// Datagrams of calls to be.
    pub new_calls: Sender<Heard>,
    /// Orders.
    pub commands: Sender<Command>,
    /// Connections that are gone.
    pub lost: Sender<Lost>,
    /// A new configuration.
    pub configs: Sender<SharedConfig>,
    /// For who wants the machine itself for a moment.
    pub lends: Sender<Lend<Shard>>,
}

/// The same rings, for the owner.
pub struct ShardRings {
    matched: Receiver<Matched>,
    claimed: Receiver<Claimed>,
    ways: Receiver<Ways>,
    looked_up: Receiver<(CallId, u32, Answer)>,
    media: Receiver<(CallId, Fact)>,
    in_dialog: Receiver<Heard>,
    new_calls: Receiver<Heard>,
    commands: Receiver<Command>,
    lost: Receiver<Lost>,
    configs: Receiver<SharedConfig>,
    lends: Receiver<Lend<Shard>>,
    bell: Bell,
}

/// Datagrams of running calls that may wait: a second of 1 000 calls/s with seven messages each.
const IN_DIALOG_MAX: usize = 8_192;
/// New INVITEs that may wait; more would be answered too late to be of use.
const NEW_CALLS_MAX: usize = 1_024;
/// Answers about agents who were asked for, and about ways out: a call asks for one at a time, and waits two seconds for the answer.
const CLAIMS_MAX: usize = 1_024;
/// Answers of back-ends: no more questions are under way than `reach` takes. One that found no room is late for its call.
const ANSWERS_MAX: usize = 256;
const FACTS_MAX: usize = 8_192;
const COMMANDS_MAX: usize = 64;
/// Connections that end at once: all that there can be.
pub(crate) const LOST_MAX: usize = 2_048;
/// New calls taken in a row before the running ones are looked at again.
const NEW_CALLS_A_TURN: usize = 4;
/// When a wish found the media thread's ring full, it is tried again after this.
const WISH_AGAIN: Duration = Duration::from_millis(5);

impl ShardRings {
    /// The rings of a shard in a centre of so many agents.
    pub fn new(agents: usize) -> (ShardMail, ShardRings) {
        let bell = Bell::default();
        let (matched_in, matched) = bell.ring(agents.max(1));
        let (looked_up_in, looked_up) = bell.ring(ANSWERS_MAX);
        let (claimed_in, claimed) = bell.ring(CLAIMS_MAX);
        let (ways_in, ways) = bell.ring(CLAIMS_MAX);
        let (media_in, media) = bell.ring(FACTS_MAX);
        let (in_dialog_in, in_dialog) = bell.ring(IN_DIALOG_MAX);
        let (new_calls_in, new_calls) = bell.ring(NEW_CALLS_MAX);
        let (commands_in, commands) = bell.ring(COMMANDS_MAX);
        let (lost_in, lost) = bell.ring(LOST_MAX);
        let (configs_in, configs) = bell.ring(4);
        let (lends_in, lends) = bell.ring(1);
        let mail = ShardMail {
            matched: matched_in,
            claimed: claimed_in,
            ways: ways_in,
            looked_up: looked_up_in,
            media: media_in,
            in_dialog: in_dialog_in,
            new_calls: new_calls_in,
            commands: commands_in,
            lost: lost_in,
            configs: configs_in,
            lends: lends_in,
        };
        (
            mail,
            ShardRings {
                matched,
                claimed,
                ways,
                looked_up,
                media,
                in_dialog,
                new_calls,
                commands,
                lost,
                configs,
                lends,
                bell,
            },
        )
    }
}

/// What a shard's thread works with.
pub struct ShardThread {
    /// The machine.
    pub shard: Shard,
    /// Its rings.
    pub rings: ShardRings,
    /// The clock.
    pub clock: Clock,
    /// The end.
    pub stop: Stop,
    /// SIP.
    pub sip: SipOut,
    /// The floor.
    pub floor: FloorMail,
    /// The media thread.
    pub media: MediaMail,
    /// The back-ends, and where their answers come in.
    pub reach: Arc<Reach>,
    /// The other end of that ring.
    pub looked_up: Sender<(CallId, u32, Answer)>,
    /// The figures.
    pub figures: FiguresMail,
    /// Who waits for an answer to a command.
    pub answers: Arc<Answers>,
    /// The last messages, for `trace`.
    pub tape: Arc<Mutex<Tape>>,
    /// How many calls there are, for who waits for the last one.
    pub calls: Arc<AtomicU64>,
}

impl ShardThread {
    /// Runs until the end.
    pub fn run(mut self) {
        let bell = self.rings.bell.unparker();
        self.stop.on_raise(move || bell.unpark());
        let mut memory = Memory::default();
        let mut pending: BTreeMap<CallId, Wish> = BTreeMap::new();
        self.let_go(&mut memory, &mut pending, 0);
        while !self.stop.is_raised() {
            if let Some(lend) = self.rings.lends.pop() {
                self.shard = lend.lend(self.shard);
                self.let_go(&mut memory, &mut pending, 0);
            }
            let worked = self.turn(&mut memory, &mut pending);
            self.retry(&mut pending);
            if !worked {
                let timer = self.shard.next_timeout().map(|at| self.clock.until(at));
                let again = (!pending.is_empty()).then_some(WISH_AGAIN);
                self.rings.bell.wait(timer.into_iter().chain(again).min());
            }
        }
    }

    /// Takes what lies in the rings, the running calls first. False if there was nothing.
    fn turn(&mut self, memory: &mut Memory, pending: &mut BTreeMap<CallId, Wish>) -> bool {
        let mut worked = false;
        while let Some(config) = self.rings.configs.pop() {
            worked |= self.handle(ShardInput::Config(config), memory, pending);
        }
        while let Some(matched) = self.rings.matched.pop() {
            worked |= self.handle(ShardInput::Matched(matched), memory, pending);
        }
        while let Some(claimed) = self.rings.claimed.pop() {
            worked |= self.handle(ShardInput::Claimed(claimed), memory, pending);
        }
        while let Some(ways) = self.rings.ways.pop() {
            worked |= self.handle(ShardInput::Ways(ways), memory, pending);
        }
        while let Some((call, id, answer)) = self.rings.looked_up.pop() {
            worked |= self.handle(ShardInput::LookedUp(call, id, answer), memory, pending);
        }
        while let Some((call, fact)) = self.rings.media.pop() {
            worked |= self.handle(ShardInput::Media(call, fact), memory, pending);
        }
        if self.shard.next_timeout().is_some_and(|at| at <= self.clock.now()) {
            worked |= self.handle(ShardInput::Timeout, memory, pending);
        }
        while let Some(Lost { flow, to }) = self.rings.lost.pop() {
            worked |= self.handle(ShardInput::FlowLost { flow, to }, memory, pending);
        }
        while let Some(Heard { flow, from, bytes }) = self.rings.in_dialog.pop() {
            worked |= self.handle(ShardInput::Datagram { flow, from, bytes: &bytes }, memory, pending);
        }
        while let Some(command) = self.rings.commands.pop() {
            worked |= self.handle(ShardInput::Command(command), memory, pending);
        }
        for _ in 0..NEW_CALLS_A_TURN {
            let Some(Heard { flow, from, bytes }) = self.rings.new_calls.pop() else { break };
            worked |= self.handle(ShardInput::Datagram { flow, from, bytes: &bytes }, memory, pending);
        }
        worked
    }

    fn handle(&mut self, input: ShardInput<'_>, memory: &mut Memory, pending: &mut BTreeMap<CallId, Wish>) -> bool {
        let now = self.clock.now();
        let mut heard = 0;
        if let ShardInput::Datagram { from, bytes, .. } = &input {
            self.tape().note(now, false, *from, bytes);
            heard = 1;
        }
        self.shard.handle(now, input);
        self.let_go(memory, pending, heard);
        true
    }

    /// Records first, then what leaves.
    /// `said` messages are on the tape of this event already.
    fn let_go(&mut self, memory: &mut Memory, pending: &mut BTreeMap<CallId, Wish>, mut said: usize) {
        let mut about: BTreeSet<CallId> = BTreeSet::new();
        let mut unsent: Vec<Lost> = vec![];
        while let Some(key) = self.shard.poll_changed() {
            memory.keep(key, self.shard.record(key));
        }
        while let Some(output) = self.shard.poll() {
            match output {
                Output::Send { flow, to, bytes } => {
                    self.tape().note(self.clock.now(), true, to, &bytes);
                    said += 1;
                    unsent.extend(self.sip.send(flow, to, bytes).err());
                }
                Output::Wish(wish) => drop(pending.insert(wish.call, wish)),
                Output::ToFloor(word) => self.floor.say(word),
                Output::Lookup(lookup) => {
                    let answers = self.looked_up.clone();
                    crate::lookups::ask(&self.reach, lookup, move |call, id, answer| {
                        drop(answers.push((call, id, answer)));
                    });
                }
                Output::Event(event) => {
                    about.extend(event.call);
                    self.figures.tell(event);
                }
                Output::Arrow(arrow) => tracing::debug!(target: "switchboard::call", "{arrow}"),
                Output::Answer(answer) => self.answers.give(answer),
                Output::ToShard(..) | Output::Claimed(..) | Output::Ways(..) => {
                    unreachable!("only the floor speaks to shards")
                }
            }
        }
        if let (1, Some(call)) = (about.len(), about.first()) {
            self.tape().were_of(said, *call);
        }
        self.figures.mark(self.shard.id(), self.shard.tally(), self.shard.events_written());
        self.calls.store(self.shard.calls() as u64, Ordering::Relaxed);
        // Each ends the transactions that wait there, so this comes to an end.
        for Lost { flow, to } in unsent {
            self.handle(ShardInput::FlowLost { flow, to }, memory, pending);
        }
    }

    fn tape(&self) -> std::sync::MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A newer wish of a call has already taken an older one's place; what finds the ring full is tried again.
    fn retry(&mut self, pending: &mut BTreeMap<CallId, Wish>) {
        while let Some((call, wish)) = pending.pop_first() {
            if let Err(wish) = self.media.push(wish) {
                pending.insert(call, wish);
                break;
            }
        }
    }
}
