//! What the matcher and its callers say to each other.
//!
//! ```text
//!   arrive ─► Entry ─► withdraw: Withdrawn | Met | Stale          seat ─► Chair ─► ready ─► ChairGen
//!                 └──────────────► Event::Met(Match) ◄────────────────────────────────┘
//!                     Match ─► finish, or put_back: consumed either way       ChairGen ─► unready, give_back, engage
//! ```
//! An [`Entry`] and a [`ChairGen`] are facts with a generation: an old one is answered `Stale`, never mistaken.

/// The largest key. Entries' and agents' keys are below 2⁴⁴; the last value stands for "nobody".
pub const KEY_MAX: u64 = crate::bound::EMPTY - 1;

/// A place in a line. Stale once it was withdrawn or finished.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Entry {
    /// The line.
    pub line: u32,
    /// The slot in the line; another entry's after this one's end.
    pub slot: u32,
    pub(crate) generation: u32,
}

/// An agent's chair while he is logged in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Chair {
    /// The agent's profile.
    pub profile: u32,
    /// The slot in the profile.
    pub slot: u32,
}

/// One readiness of an agent: from `ready` until he is out. Being rung in vain and given back does not end it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ChairGen(pub(crate) u32);

/// An entry and an agent, for each other and for nobody else: the right to ring.
///
/// Neither copied nor made outside, so nobody is put back or finished who was not brought, nor twice. After `finish` or
/// `put_back` the chair is still held: its owner says `give_back` or `engage`.
#[derive(PartialEq, Eq, Debug)]
#[must_use = "a match that is dropped strands a caller and an agent"]
#[non_exhaustive]
pub struct Match {
    /// Whose turn it is.
    pub entry: Entry,
    /// His key.
    pub key: u64,
    /// The chair of the agent who is to be rung.
    pub chair: Chair,
    /// Its generation.
    pub chair_gen: ChairGen,
    /// The entry's class (line × step) when it was claimed.
    pub class: u32,
    /// The class the agent was sought for. Another than `class` only if operations overlapped.
    pub sought_for: u32,
}

/// What an operation brought about, for the operation's own parties or for anybody else.
#[derive(PartialEq, Eq, Debug)]
pub enum Event {
    /// Two belong together.
    Met(Match),
    /// An agent who had asked to leave while in somebody's hand has now left.
    Left(Chair),
}

/// No slot is free; every one was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Full;

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("every slot is taken")
    }
}
impl std::error::Error for Full {}

/// The answer to `withdraw`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Withdrawn {
    /// The entry is gone.
    Withdrawn,
    /// Too late: a match is on its way to the owner, or with him.
    Met,
    /// The entry was gone already.
    Stale,
}

/// The answer to `unready`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unready {
    /// He is out.
    Left,
    /// In somebody's hand: [`Event::Left`] or a match follows. If it is a match, `give_back` will let him leave.
    Pending,
    /// He was out.
    WasOut,
    /// Another readiness than the chair's.
    Stale,
}

/// The answer to `give_back`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GivenBack {
    /// He rests again with his old key, or has already been brought to the next.
    Rests,
    /// He had asked to leave: he is out.
    Left,
    /// Another readiness than the chair's, or it is not held.
    Stale,
}
