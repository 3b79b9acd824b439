//! The wallboard over HTTP: what supervisors look at all day, and what other programs ask.
//!
//! ```text
//!   figures' thread ── once a second: fold ──► Desk ──► Board ──► [latest] ──► /live (SSE) · /board.json · / (the page)
//!        ▲                                      └──► metric handles ─────────► /metrics
//!        └──── at most 64 questions wait ◄──────────────────────────────────── /level?queue=…&within=…&formula=…
//! ```
//! The HTTP side runs in a thread of its own and holds no lock of the figures: it reads the last board that was published, and a
//! question is answered by the figures' thread between two batches of events. Neither is on the way of a call. When that
//! thread stands still, the board grows old, and the page says so.
//!
//! The wallboard asks for no password: it is for loopback, or for a proxy that knows who may look. Orders, below `/api/v1`, are for
//! who has logged in (`orders`).
mod agent;
mod ask;
mod board;
mod desk;
mod door;
mod kept;
mod level;
mod metric;
pub mod orders;
mod page;
mod plan;
mod server;

pub use agent::AgentState;
pub use ask::Bell;
pub use board::{Agent, Balance, Board, Level, Queue};
pub use desk::{Desk, View, Wall, open};
pub use kept::{Kept, Record};
pub use metric::{METRICS, Metric, document};
pub use page::built as page_is_built;
pub use plan::{AgentPlan, Plan, QueuePlan};
pub use server::{CONNECTIONS_MAX, Server, ServerError, WATCHERS_MAX};
