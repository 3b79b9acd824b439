//! Menu text, linted and proved into menus that cannot break Art. 10, and the interpreter of one caller.
//!
//! ```text
//!   Sources (menus, prompts.yaml, policy.yaml, sounds) ──draft──► Draft ──lint: one rule a file──► Diagnostics
//!   Facts (queues, entries, today; filled by `config`) ─────────────┘ │
//!                                                          no error   ▼
//!                                                  compile ──► Menus ──► Interpreter (one caller)
//!                                                                   ├──► proof (keys and seconds to a person)
//!                                                                   └──► tools (call, scenarios, graph, diff)
//! ```
//! Reads no files and no clock: texts, sounds and the day are handed in. Does not play, does not queue.
mod advert;
mod calendar;
mod calendars;
mod check;
mod civil;
mod compile;
mod draft;
mod facts;
mod hours;
mod interpreter;
pub mod lint;
mod menu;
mod occasion;
mod policy;
mod prompts;
mod proof;
mod read_menu;
mod services;
mod sound;
mod sources;
pub mod spoken;
pub mod tools;
mod zone;

pub use calendar::{Calendar, Moment, Opening, Shift, Special};
pub use check::{Disk, Entry, Report, check, gather};
pub use civil::{Day, moment};
pub use compile::compile;
pub use facts::{Ability, Facts, QueueFacts};
pub use hours::Hours;
pub use interpreter::{Exit, Input, Interpreter, Output};
pub use menu::{
    Collect, Does, Menu, MenuOption, Menus, Notice, Patience, Prompt, PromptKind, Retention, Said, Service,
};
pub use occasion::{Conditions, Occasion, Visitor};
pub use proof::{Caller, Proof, Row, Situation, prove};
pub use sources::Sources;
pub use zone::Zone;
