//! Every command in one table: name, way in over HTTP, code on the telephone, who carries it out, how risky it is, what it takes.
//!
//! ```text
//!              ┌─► HTTP route and the check of its body (400 names field and rule)
//!   COMMANDS ──┼─► rights: role × risk (`rights.rs`)
//!              ├─► feature codes on an agent's telephone
//!              └─► OpenAPI
//! ```
//! A new command is a variant of [`Order`](super::Order) (or of [`CallOrder`](super::CallOrder)) and a row here; a test sees to it
//! that every variant has a row and every row makes its variant. Does not carry anything out.

/// Who carries a command out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// The floor: it is about an agent or his state.
    Floor,
    /// Every shard answers, and the answers are joined.
    Shards,
    /// The shard that owns the call of the agent named in the path: a [`CallOrder`](super::CallOrder).
    AgentsCall,
    /// The node itself: configuration, the end of the day.
    Node,
}

/// What a command may do at worst; rights are given by this and not by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Risk {
    /// One looks at one's own state.
    OwnLook,
    /// One changes one's own state or acts in one's own call.
    Own,
    /// One looks at others: states, who waits, why.
    Look,
    /// One changes the state of people of one's teams.
    Team,
    /// Data leave the centre in bulk.
    Export,
    /// The whole centre is changed.
    Centre,
}

/// What a field must be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A text of at most so many characters, not empty.
    Text {
        /// Characters.
        max: usize,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number within these bounds, both included.
    Number {
        /// Least.
        min: u64,
        /// Greatest.
        max: u64,
    },
    /// True or false.
    Truth,
    /// A list of 1 to so many objects with these fields.
    List {
        /// How many at most.
        max: usize,
        /// Their fields.
        of: &'static [Field],
    },
}

/// A field of a command's body, or of its query.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// Whether it must be there.
    pub must: bool,
    /// What it means.
    pub says: &'static str,
}

/// One command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its name: the order's serde tag, the operation's id.
    pub name: &'static str,
    /// `GET` changes nothing, `POST` does.
    pub method: &'static str,
    /// Its path; `{agent}` is an agent ID (工号), `{call}` a call's number.
    pub path: &'static str,
    /// What an agent dials for it, if he can.
    pub code: Option<&'static str>,
    /// Who carries it out.
    pub owner: Owner,
    /// How risky it is when done to others. What names an agent is [`Risk::Own`] when he does it himself, if `by_himself`.
    pub risk: Risk,
    /// Whether an agent may do it to himself.
    pub by_himself: bool,
    /// Its body (`POST`) or query (`GET`).
    pub fields: &'static [Field],
    /// One sentence for the API's reader.
    pub says: &'static str,
}

/// A field that must be there.
pub const fn must(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { name, kind, must: true, says }
}
/// A field that may be missing.
pub const fn may(name: &'static str, kind: Kind, says: &'static str) -> Field {
    Field { name, kind, must: false, says }
}

const REASON: Kind = Kind::Text { max: 32 };

/// Topic and outcome of one need of the caller's.
const DISPOSED: &[Field] = &[
    must("topic", Kind::Text { max: 64 }, "What the caller wanted, as the centre's list names it."),
    must("outcome", Kind::Text { max: 64 }, "What came of it."),
];

/// All of them. Column by column: name, method, path, feature code, owner, risk, by himself, fields, what it does.
pub const COMMANDS: &[Row] = &[
    Row {
        name: "agents",
        method: "GET",
        path: "/agents",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Look,
        by_himself: false,
        fields: &[may(
            "stuck",
            Kind::Number { min: 0, max: 1 },
            "1: only those in a passing state whose deadline is over.",
        )],
        says: "Every agent's state.",
    },
    Row {
        name: "agent_ready",
        method: "POST",
        path: "/agents/{agent}/ready",
        code: Some("*10"),
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "This agent takes calls (示闲).",
    },
    Row {
        name: "agent_not_ready",
        method: "POST",
        path: "/agents/{agent}/not-ready",
        code: Some("*11"),
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[
            may("reason", REASON, "A reason of the centre's list; the first of it if none is said."),
            may("minutes", Kind::Number { min: 1, max: 480 }, "Back in ready by itself after so many minutes."),
        ],
        says: "This agent takes no calls (示忙); who talks finishes first.",
    },
    Row {
        name: "agent_next",
        method: "POST",
        path: "/agents/{agent}/next",
        code: Some("*12"),
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[
            must("next", Kind::Word(&["ready", "not_ready"]), "What he will be when his call and its work are over."),
            may("reason", REASON, "Why he will not be ready."),
        ],
        says: "Promises the state after this call.",
    },
    Row {
        name: "agent_approve",
        method: "POST",
        path: "/agents/{agent}/approval",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: false,
        fields: &[must("granted", Kind::Truth, "Whether what he asked for is granted.")],
        says: "Grants or refuses a not-ready reason that needs approval.",
    },
    Row {
        name: "acw_extend",
        method: "POST",
        path: "/agents/{agent}/after-call-work/extension",
        code: Some("*13"),
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "After-call work takes longer, by what the rules allow.",
    },
    Row {
        name: "acw_done",
        method: "POST",
        path: "/agents/{agent}/after-call-work/end",
        code: Some("*14"),
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "After-call work is done.",
    },
    Row {
        name: "dispose",
        method: "POST",
        path: "/agents/{agent}/disposition",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Team,
        by_himself: true,
        fields: &[must("needs", Kind::List { max: 8, of: DISPOSED }, "What the caller wanted: one need or more.")],
        says: "Says what the last call was about and what came of it.",
    },
    Row {
        name: "explain_agent",
        method: "GET",
        path: "/agents/{agent}/explanation",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Look,
        by_himself: true,
        fields: &[],
        says: "Why nothing rings at this agent.",
    },
    Row {
        name: "hang_up",
        method: "POST",
        path: "/agents/{agent}/call/hang-up",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "Ends the call this agent talks in.",
    },
    Row {
        name: "hold",
        method: "POST",
        path: "/agents/{agent}/call/hold",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "Puts the caller on hold: he hears music.",
    },
    Row {
        name: "retrieve",
        method: "POST",
        path: "/agents/{agent}/call/retrieve",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "Takes the caller back from hold.",
    },
    Row {
        name: "transfer",
        method: "POST",
        path: "/agents/{agent}/call/transfer",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[must("to", Kind::Text { max: 64 }, "An agent ID, a queue, or a number outside that is allowed.")],
        says: "Gives the caller on without a word; if nobody takes him he is back with the agent.",
    },
    Row {
        name: "consult",
        method: "POST",
        path: "/agents/{agent}/call/consult",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[must("to", Kind::Text { max: 64 }, "An agent ID, or a number outside that is allowed.")],
        says: "Asks somebody while the caller hears music.",
    },
    Row {
        name: "verify",
        method: "POST",
        path: "/agents/{agent}/call/verify",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "The caller is asked for account and PIN; the agent keeps him and hears nothing of it (转IVR验密).",
    },
    Row {
        name: "conference",
        method: "POST",
        path: "/agents/{agent}/call/conference",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "Caller, agent and the one asked hear each other.",
    },
    Row {
        name: "complete",
        method: "POST",
        path: "/agents/{agent}/call/complete",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "The one asked takes the caller over; the agent is free.",
    },
    Row {
        name: "back",
        method: "POST",
        path: "/agents/{agent}/call/back",
        code: None,
        owner: Owner::AgentsCall,
        risk: Risk::Team,
        by_himself: true,
        fields: &[],
        says: "The one asked goes; the agent talks to the caller again.",
    },
    Row {
        name: "trunks",
        method: "GET",
        path: "/trunks",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Look,
        by_himself: false,
        fields: &[],
        says: "Each trunk's SBCs, whether they live, and our registration there.",
    },
    Row {
        name: "calls",
        method: "GET",
        path: "/calls",
        code: None,
        owner: Owner::Shards,
        risk: Risk::Look,
        by_himself: false,
        fields: &[],
        says: "Every call's state; callers' numbers are masked.",
    },
    Row {
        name: "waiting",
        method: "GET",
        path: "/waiting",
        code: None,
        owner: Owner::Shards,
        risk: Risk::Look,
        by_himself: false,
        fields: &[],
        says: "Who waits, the longest first.",
    },
    Row {
        name: "explain",
        method: "GET",
        path: "/waiting/{call}/explanation",
        code: None,
        owner: Owner::Node,
        risk: Risk::Look,
        by_himself: false,
        fields: &[],
        says: "Why this caller waits, and for whom.",
    },
    Row {
        name: "explain_match",
        method: "GET",
        path: "/calls/{call}/match",
        code: None,
        owner: Owner::Floor,
        risk: Risk::Look,
        by_himself: false,
        fields: &[],
        says: "Why this call was given to its agent: who else was looked at, and why not he.",
    },
    Row {
        name: "reload",
        method: "POST",
        path: "/centre/reload",
        code: None,
        owner: Owner::Node,
        risk: Risk::Centre,
        by_himself: false,
        fields: &[],
        says: "Reads the configuration again; it goes live only if all of it is right, and everybody keeps his place.",
    },
    Row {
        name: "drain",
        method: "POST",
        path: "/centre/drain",
        code: None,
        owner: Owner::Shards,
        risk: Risk::Centre,
        by_himself: false,
        fields: &[],
        says: "Takes no new calls; running ones go on.",
    },
    Row {
        name: "end_all",
        method: "POST",
        path: "/centre/end-all",
        code: None,
        owner: Owner::Shards,
        risk: Risk::Centre,
        by_himself: false,
        fields: &[],
        says: "Ends what still runs.",
    },
];

/// The command of this name.
pub fn row(name: &str) -> Option<&'static Row> {
    COMMANDS.iter().find(|r| r.name == name)
}

/// The command that these keys on an agent's telephone mean.
pub fn dialled(keys: &str) -> Option<&'static Row> {
    COMMANDS.iter().find(|r| r.code == Some(keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_name_no_route_and_no_code_stands_twice() {
        let unique = |what: &str, all: Vec<String>| {
            let set: BTreeSet<&String> = all.iter().collect();
            assert_eq!(set.len(), all.len(), "{what}: {all:?}");
        };
        unique("names", COMMANDS.iter().map(|r| r.name.to_owned()).collect());
        unique("routes", COMMANDS.iter().map(|r| format!("{} {}", r.method, r.path)).collect());
        unique("codes", COMMANDS.iter().filter_map(|r| r.code).map(str::to_owned).collect());
    }

    #[test]
    fn a_code_needs_no_field_and_means_oneself() {
        for row in COMMANDS.iter().filter(|r| r.code.is_some()) {
            assert!(row.by_himself && row.path.contains("{agent}"), "{}", row.name);
            assert_eq!(dialled(row.code.expect("filtered")), Some(row));
        }
    }

    #[test]
    fn what_changes_something_is_posted() {
        for row in COMMANDS {
            let looks = matches!(row.risk, Risk::OwnLook | Risk::Look | Risk::Export);
            assert_eq!(row.method == "GET", looks, "{}", row.name);
            assert!(row.path.starts_with('/') && row.says.ends_with('.'), "{}", row.name);
            assert!(row.owner != Owner::AgentsCall || row.path.contains("{agent}"), "{}", row.name);
        }
    }
}
