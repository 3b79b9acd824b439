//! The floor's thread.
use crate::control::Answers;
use crate::figures::FiguresMail;
use crate::inbox::{Bell, Receiver, Sender};
use crate::keeper::Memory;
use crate::lending::Lend;
use crate::router::Heard;
use crate::shard_thread::{LOST_MAX, ShardMail};
use crate::sip_out::{Lost, SipOut};
use std::sync::Arc;
use switchboard_engine::command::Command;
use switchboard_engine::config::SharedConfig;
use switchboard_engine::{Claimed, Floor, FloorInput, Output, ToFloor};
use switchboard_model::RingEnd;
use switchboard_net::{Clock, Stop};

/// The floor's rings, for those who send to it.
#[derive(Clone)]
pub struct FloorMail {
    words: Sender<ToFloor>,
    /// Datagrams outside of calls.
    pub datagrams: Sender<Heard>,
    /// Orders.
    pub commands: Sender<Command>,
    /// Connections that are gone.
    pub lost: Sender<Lost>,
    /// A new configuration.
    pub configs: Sender<SharedConfig>,
    /// For who wants the machine itself for a moment.
    pub lends: Sender<Lend<Floor>>,
}

impl FloorMail {
    /// Throws away the words that are under way. Only while all shards and the floor are lent out.
    pub fn forget_words(&self) {
        self.words.clear();
    }
    /// A shard's word. By counting there is always room: an agent has one turn at a time, and a turn has four words at most.
    pub fn say(&self, word: ToFloor) {
        if let Err(word) = self.words.push(word) {
            panic!("the floor's ring is full, which by counting it cannot be, and this found no place: {word:?}");
        }
    }
}

/// The same rings, for the owner.
pub struct FloorRings {
    words: Receiver<ToFloor>,
    datagrams: Receiver<Heard>,
    commands: Receiver<Command>,
    lost: Receiver<Lost>,
    configs: Receiver<SharedConfig>,
    lends: Receiver<Lend<Floor>>,
    bell: Bell,
}

/// REGISTERs that may wait: a whole shift of a thousand telephones at once.
const DATAGRAMS_MAX: usize = 4_096;
const COMMANDS_MAX: usize = 64;
/// Taken, picked up, and the end of either ringing or talk, for the turn before and this one.
const WORDS_AN_AGENT: usize = 8;

impl FloorRings {
    /// The rings of the floor of a centre of so many agents.
    pub fn new(agents: usize) -> (FloorMail, FloorRings) {
        let bell = Bell::default();
        let (words_in, words) = bell.ring(agents.max(1) * WORDS_AN_AGENT);
        let (datagrams_in, datagrams) = bell.ring(DATAGRAMS_MAX);
        let (commands_in, commands) = bell.ring(COMMANDS_MAX);
        let (lost_in, lost) = bell.ring(LOST_MAX);
        let (configs_in, configs) = bell.ring(4);
        let (lends_in, lends) = bell.ring(1);
        let mail = FloorMail {
            words: words_in,
            datagrams: datagrams_in,
            commands: commands_in,
            lost: lost_in,
            configs: configs_in,
            lends: lends_in,
        };
        (mail, FloorRings { words, datagrams, commands, lost, configs, lends, bell })
    }
}

/// What the floor's thread works with.
pub struct FloorThread {
    /// The machine.
    pub floor: Floor,
    /// Its rings.
    pub rings: FloorRings,
    /// The clock.
    pub clock: Clock,
    /// The end.
    pub stop: Stop,
    /// SIP.
    pub sip: SipOut,
    /// The shards.
    pub shards: Vec<ShardMail>,
    /// The figures.
    pub figures: FiguresMail,
    /// Who waits for an answer to a command.
    pub answers: Arc<Answers>,
}

impl FloorThread {
    /// Runs until the end.
    pub fn run(mut self) {
        let bell = self.rings.bell.unparker();
        self.stop.on_raise(move || bell.unpark());
        let mut memory = Memory::default();
        self.let_go(&mut memory);
        while !self.stop.is_raised() {
            if let Some(lend) = self.rings.lends.pop() {
                self.floor = lend.lend(self.floor);
                self.let_go(&mut memory);
            }
            if !self.turn(&mut memory) {
                let timer = self.floor.next_timeout().map(|at| self.clock.until(at));
                self.rings.bell.wait(timer);
            }
        }
    }

    fn turn(&mut self, memory: &mut Memory) -> bool {
        let mut worked = false;
        while let Some(config) = self.rings.configs.pop() {
            worked |= self.handle(FloorInput::Config(config), memory);
        }
        while let Some(word) = self.rings.words.pop() {
            worked |= self.handle(FloorInput::FromShard(word), memory);
        }
        if self.floor.next_timeout().is_some_and(|at| at <= self.clock.now()) {
            worked |= self.handle(FloorInput::Timeout, memory);
        }
        while let Some(command) = self.rings.commands.pop() {
            worked |= self.handle(FloorInput::Command(command), memory);
        }
        // One at a time: a shift that registers must not hold up a word about a call.
        while let Some(Lost { flow, to }) = self.rings.lost.pop() {
            worked |= self.handle(FloorInput::FlowLost { flow, to }, memory);
        }
        if let Some(Heard { flow, from, bytes }) = self.rings.datagrams.pop() {
            worked |= self.handle(FloorInput::Datagram { flow, from, bytes: &bytes }, memory);
        }
        worked
    }

    fn handle(&mut self, input: FloorInput<'_>, memory: &mut Memory) -> bool {
        self.floor.handle(self.clock.now(), input);
        self.let_go(memory);
        true
    }

    fn let_go(&mut self, memory: &mut Memory) {
        while let Some(key) = self.floor.poll_changed() {
            memory.keep(key, self.floor.record(key));
        }
        let mut unsent: Vec<Lost> = vec![];
        while let Some(output) = self.floor.poll() {
            match output {
                Output::Send { flow, to, bytes } => unsent.extend(self.sip.send(flow, to, bytes).err()),
                Output::ToShard(shard, matched) => {
                    let mail = &self.shards[usize::from(shard.0) - 1];
                    if let Err(matched) = mail.matched.push(matched) {
                        panic!("a shard's match ring is full, which by counting it cannot be: {matched:?}");
                    }
                }
                Output::Claimed(shard, claimed) => {
                    let mail = &self.shards[usize::from(shard.0) - 1];
                    // Who asked is that far behind that he has given up: nobody wants this agent.
                    if let Err(Claimed { agent, outcome: Ok((turn, _)), .. }) = mail.claimed.push(claimed) {
                        let word = ToFloor::RingEnded { agent, turn, end: RingEnd::CallerLeft };
                        self.floor.handle(self.clock.now(), FloorInput::FromShard(word));
                    }
                }
                // The same: who asked has given up, and holds nothing here.
                Output::Ways(shard, ways) => drop(self.shards[usize::from(shard.0) - 1].ways.push(ways)),
                Output::Lookup(lookup) => unreachable!("the floor asked a back-end: {:?}", lookup.id),
                Output::Event(event) => self.figures.tell(event),
                Output::Arrow(arrow) => tracing::debug!(target: "switchboard::agent", "{arrow}"),
                Output::Answer(answer) => self.answers.give(answer),
                Output::Wish(_) | Output::ToFloor(_) => unreachable!("only shards have calls"),
            }
        }
        // Each ends the transactions that wait there, so this comes to an end.
        for Lost { flow, to } in unsent {
            self.handle(FloorInput::FlowLost { flow, to }, memory);
        }
    }
}
