//! What can be wrong between the files; what is wrong within one (shape, YAML) is `source`'s.
use switchboard_source::Code;

/// By number: the name, and why it matters.
pub const FAULTS: [(u16, &str, &str); 36] = [
    (1, "no-file", "Without this file there is no centre."),
    (2, "no-menus", "The folder of menus cannot be read."),
    (3, "unknown-menu", "A number that leads to no menu would be answered 404 when the first customer dials it."),
    (4, "unknown-skill", "A need for a skill that nobody has can never be met; it is usually a slip of the pen."),
    (5, "twice", "Two things of one name: one of them would be lost in silence."),
    (6, "steps-order", "A step that comes before the one above it is never reached."),
    (7, "step-never", "A step after the maximum wait is never reached."),
    (8, "control-open", "The control channel takes orders without a password and must stay on this machine."),
    (9, "ports", "Each call needs two RTP ports, even ones."),
    (10, "unknown-music", "Callers would wait in silence."),
    (11, "impossible", "Queues and agents cannot be laid out."),
    (
        13,
        "no-public",
        "SDP must name an address that sound can be sent to; 0.0.0.0 is none, and to some telephones means hold.",
    ),
    (12, "no-language", "Callers need a language that agents can have as a skill."),
    (14, "no-password", "A telephone that need not prove itself is anybody's telephone."),
    (15, "source-twice", "A call must belong to one trunk; of two with the same source the second never gets one."),
    (28, "no-way-out", "A number that is allowed and cannot be called would fail when an agent needs it."),
    (29, "no-question", "A caller who is to prove who he is would hear nothing, and fail by silence."),
    (
        40,
        "no-back-end",
        "A menu that offers what nobody does sends every caller who chooses it to a person, after he has been asked.",
    ),
    (30, "nobody-believed", "A certificate proves nothing unless somebody is believed who vouches for it."),
    (
        31,
        "no-tls-file",
        "Without certificate and key nobody can connect over TLS; they are read when the centre starts, and again on reload.",
    ),
    (
        32,
        "no-profile",
        "A carrier's profile that is not there would silently leave a trunk with other settings than were meant.",
    ),
    (33, "no-sbc", "Whoever is to be asked or registered with needs an address; whoever sends calls, too."),
    (35, "no-retry", "A wait that no peer reads promises what does not happen."),
    (34, "no-way", "A trunk by TLS needs certificates to call out with."),
    (16, "no-announcement", "The agent's ID (工号) is to be announced, and a part of the announcement has no sound."),
    (
        17,
        "elderly-numbers",
        "A customer of 65 and more whose number cannot be read would be led through the menu like anybody.",
    ),
    (22, "lapses", "A certificate without which such work is forbidden (Art. 46) ends within 30 days, or has ended."),
    (23, "empties", "When that ends, a queue is left with nobody or with one (Art. 34, Art. 46)."),
    (24, "same-step", "A step that asks for what the one above it asks for changes nothing."),
    (25, "steps-end-in-nothing", "At the last step nobody could serve these callers, however long they wait."),
    (36, "no-branch", "At the end of the longest wait a caller must not be at the mercy of a default nobody chose."),
    (37, "leads-nowhere", "A caller who is sent to what does not exist would be cut off."),
    (38, "in-a-circle", "Callers who go round from queue to queue wait without end."),
    (
        39,
        "csv",
        "A list of agents is imported whole or not at all: a line that is misread would be a person who cannot work.",
    ),
    (26, "no-reason", "An agent who leaves his place must be able to say why."),
    (27, "unknown-team", "A rule for a team that nobody is in."),
];

/// A code of this crate's own.
pub(crate) fn code(number: u16) -> Code {
    Code { family: FAMILY, number }
}

/// The family of all codes about configuration files.
pub(crate) const FAMILY: &str = "CFG";
