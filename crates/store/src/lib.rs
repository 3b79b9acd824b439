//! The record under one folder: what happened, kept so that any figure can be recomputed by a stranger.
//!
//! ```text
//!   shards, floor ── offer ──► ring buffer ──► one thread ──► events-20261124.jsonl     never blocks a call
//!                    (never     (bounded)      group commit,         │
//!                     waits)                   fdatasync             │ catch up, in batches, off the call path
//!                                                                    ▼
//!                    report ◄── stats::Fold ◄── read_all   SQLite or PostgreSQL ──► verify.sql ──► verify_report
//! ```
//! The journal is the truth, the database a copy that may be deleted and made again. A report is made from the journal by
//! `stats` and checked from the database by plain SQL; the two share nothing but the events.
//!
//! It opens no socket but the database's and knows no call. Recordings are not here yet.
mod audit;
mod callcenter_info;
mod catch_up;
mod csv;
mod database;
mod error;
mod folder;
mod journal;
mod labels;
mod left_open;
mod line;
mod moment;
mod names;
mod page;
mod pictures;
mod queue_log;
mod record_name;
mod render;
mod report;
mod retention;
mod roster;
mod sql;
mod tape;
mod usual;
mod verify;

pub use audit::{AuditLine, Broken, Chain, audit, audit_chain, audit_now};
pub use callcenter_info::CallcenterInfo;
pub use catch_up::{CatchUp, CopyStatus, Copying};
pub use csv::csv;
pub use database::{CaughtUp, Database};
pub use error::StoreError;
pub use folder::{Damage, Events, Position, begins_after, read_all, read_from};
pub use journal::{HELD_MAX, Journal, Recovered, Status, Writer};
pub use labels::label;
pub use left_open::left_open;
pub use moment::{Every, NoMoment, When, midnight, rfc3339};
pub use names::{Names, Target};
pub use page::{Lang, report_of_page};
pub use pictures::{Pictures, Slot};
pub use queue_log::QueueLog;
pub use record_name::record_name;
pub use render::{render, render_differences};
pub use report::{
    Asked, Block, Extent, Figure, Queues, Report, Window, level_of_record, pictures, report, report_asked, report_page,
};
pub use retention::{
    Class, ContactFile, Decision, Erased, HIGH_RISK_YEARS_MIN, ORDINARY_YEARS, Refused, Retention, date as file_date,
    erase, proofs,
};
pub use sql::{NoPlace, Place};
pub use usual::{Usually, second_of_day, usual};
pub use verify::{Difference, verify_report};
