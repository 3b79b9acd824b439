//! Planted bugs: each must be caught by a law of the simulator, or the simulator proves nothing.
//!
//! They exist only with the feature `mutants`, which only test builds have, and are switched on by `Config::faults`.
use crate::call::CallEvent;
use switchboard_model::Digit;

macro_rules! mutants {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)+) => {
        /// A planted bug.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Mutant { $($(#[doc = $doc])+ $name,)+ }

        /// All of them, with their names on the command line.
        pub const MUTANTS: &[(Mutant, &str)] = &[$((Mutant::$name, $word),)+];
    };
}

mutants! {
    /// An agent who does not answer costs the caller his place: he goes back to the end of the queue.
    LosesPlace = "loses-place";
    /// An agent who lets it ring stays in ready.
    ForgetsRona = "forgets-rona";
    /// The floor is not told that a conversation is over: the agent talks for ever.
    ForgetsTalkOver = "forgets-talk-over";
    /// A caller who leaves the queue stays in the matcher: an agent is rung for nobody.
    GhostInQueue = "ghost-in-queue";
    /// While they talk, the caller hears the music instead of the agent.
    WrongSound = "wrong-sound";
    /// The end of a call that was abandoned is not told.
    SilentAbandon = "silent-abandon";
    /// The pick-up is told twice.
    DoublePickUp = "double-pick-up";
    /// The record of a waiting caller forgets his overflow step.
    RecordForgetsStep = "record-forgets-step";
    /// A call that ends keeps its RTP ports.
    KeepsPorts = "keeps-ports";
    /// Overflow steps are never taken.
    NeverRelaxes = "never-relaxes";
    /// When a caller leaves while an agent's telephone rings, the telephone goes on ringing.
    RingsOn = "rings-on";
    /// While an agent consults a colleague, the caller hears the colleague.
    ListensIn = "listens-in";
    /// When nobody takes a caller who was given on, he is left with nobody.
    DropsTransferred = "drops-transferred";
    /// A caller who is given on into a queue goes to its end: his history is lost.
    LosesHistory = "loses-history";
    /// While the caller keys his PIN, the agent hears him.
    HearsPin = "hears-pin";
    /// In a conference the caller hears himself too.
    EchoesCaller = "echoes-caller";
    /// A colleague who was claimed and did not talk stays claimed.
    KeepsClaim = "keeps-claim";
    /// The agent hangs up, and the caller's leg stays.
    NoCascade = "no-cascade";
    /// The floor does not end an agent's passing state when its time is over.
    DeafToTime = "deaf-to-time";
    /// A waiting caller is told a place further back than the one he has heard.
    PlaceRises = "place-rises";
    /// A shard does not wake a call whose time is over.
    SleepsOn = "sleeps-on";
}

/// What is wrong with an engine on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Faults {
    /// A planted bug.
    pub mutant: Option<Mutant>,
    /// A key of the caller's that makes his call panic: shows that a panic costs one call.
    pub panics_on: Option<Digit>,
}

impl Faults {
    /// Panics if this is the key for it.
    pub(crate) fn maybe_panic(&self, event: &CallEvent) {
        if let CallEvent::Digit(_, digit) = event
            && self.panics_on == Some(*digit)
        {
            // Not `panic!`: the hook would fill the tests' output with what is meant to happen.
            std::panic::resume_unwind(Box::new("a planted error"));
        }
    }
}

impl Mutant {
    /// By its name.
    pub fn named(name: &str) -> Option<Mutant> {
        MUTANTS.iter().find(|(_, word)| *word == name).map(|(m, _)| *m)
    }
}
