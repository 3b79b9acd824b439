//! A joint test with a carrier (入网联调): checks, each one file, and the sans-IO people who carry them out.
//!
//! ```text
//!   Check ─ steps ─► Tester ── messages, sound ──► the other side ──► heard ──► judged, step by step ──► Outcome
//!                      │ out: it is we, and asks a carrier's SBC (a real one, or `Sbc`, which may be told to lie)
//!                      └ in:  it is the carrier, and calls a centre of ours; then it is the tester that may be told to lie
//! ```
//! Messages are written and read here by means of their own (`Draft`, `Sdp`): only the lexer is shared with the stack under test, so that
//! both do not agree on the same mistake. Knows no socket and no clock; who runs it delivers the datagrams.
mod checks;
mod draft;
mod heard;
mod leg;
mod lie;
mod line;
mod sbc;
mod tester;

pub use checks::ALL;
pub use draft::Draft;
pub use heard::{Heard, Sdp, Sound, call_id};
pub use leg::Leg;
pub use lie::Lie;
pub use line::{Addresses, Line, Sent};
pub use sbc::Sbc;
pub use tester::{Noted, Outcome, Tester, Wants};

use switchboard_model::Digit;

/// One thing that must hold between a carrier and us.
pub struct Check {
    /// Its name: `options-out`. Ends by which way it goes.
    pub id: &'static str,
    /// What must hold.
    pub title: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// Who asks whom.
    pub way: Way,
    /// What to change if it fails, and by whom.
    pub cure: &'static str,
    /// What is done.
    pub steps: fn() -> Vec<Step>,
}

/// Who asks whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// We ask the carrier, and nobody's telephone rings.
    Out,
    /// We make a call by the carrier: somebody's telephone may ring.
    OutCall,
    /// The carrier calls us.
    In,
    /// The carrier calls us, and is let ring for some seconds.
    InRinging,
}

impl Way {
    /// Whether it is the carrier that is asked.
    pub const fn is_out(self) -> bool {
        matches!(self, Way::Out | Way::OutCall)
    }
}

/// What is tested: the trunk, as far as checks need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The number that leads to a menu of ours.
    pub dials: String,
    /// A number that leads to nothing of ours.
    pub unknown: String,
    /// Country code without `+`.
    pub country: String,
    /// Area code without the 0.
    pub area: String,
    /// The key that leads to a person from the menu; none if there is no such key.
    pub key: Option<Digit>,
    /// The number that is called by the carrier.
    pub callee: String,
    /// A number that nobody has.
    pub nobody: String,
}

/// A call in the centre under test, as its board shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SeenCall {
    /// The caller's number, masked.
    pub from: String,
    /// The number that was dialled before the call was diverted, masked.
    pub first_dialled: Option<String>,
    /// Its state's name.
    pub state: String,
}

/// One step of a check. Times are in ms.
#[derive(Clone, Copy)]
pub enum Step {
    /// Sends what this writes; a request is repeated until something comes back (RFC 3261 §17).
    Say(fn(&mut Leg) -> Draft),
    /// The same from another socket, once.
    SayFrom(Line, fn(&mut Leg) -> Draft),
    /// The final response to the last request must come within this.
    Final(u64),
    /// A response 180 to 199, or a final one, must come within this.
    Progress(u64),
    /// Such a message must come within this, or else it is missing.
    Await(fn(&Heard) -> bool, u64, &'static str),
    /// No such message may come for so long.
    Quiet(fn(&Heard) -> bool, u64, &'static str),
    /// This must be true of what has been heard.
    Must(fn(&mut Leg) -> Result<(), String>),
    /// Sound is sent from now on, or no longer.
    Talk(bool),
    /// The plan's key is pressed, by telephone-events.
    Press(Line),
    /// Forgets the sound heard so far.
    Listen,
    /// Sound like this must be heard within this.
    Hear(fn(&Leg, &Sound) -> bool, u64, &'static str),
    /// The centre's board must show this within this.
    Look(fn(&Leg, &[SeenCall]) -> bool, u64, &'static str),
    /// The centre's board must not show this for so long.
    LookNot(fn(&Leg, &[SeenCall]) -> bool, u64, &'static str),
    /// Time passes.
    Wait(u64),
    /// Hangs up, if that has not been done, and begins a call of its own.
    NewCall,
}
