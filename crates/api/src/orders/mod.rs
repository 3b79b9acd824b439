//! Orders over HTTP: who logs in may do what his role allows, and every command of the engine's table is a route.
//!
//! ```text
//!   POST /api/v1/login ─► accounts (argon2, in a thread of its own) ─► session
//!   METHOD /api/v1<path of a row> ─► session ─► rights ─► body by the row's fields ─► once (Idempotency-Key) ─► Centre ─► reply
//!   GET /api/v1/events ─► feed: every contact event, numbered, resumable        GET /api/v1/openapi.json ─► the same table
//! ```
//! A refusal is problem+json: 400 names field and rule, 401 and 403 tell nothing, 404, 409 the state that forbids. What is refused
//! has changed nothing. Does not carry out anything itself: a [`Centre`] does.
pub mod accounts;
mod body;
mod feed;
mod once;
mod openapi;
mod problem;
mod routes;
mod session;

pub use feed::Feed;
pub use openapi::document as openapi;
pub use routes::{Orders, routes};

use std::sync::Arc;
use switchboard_engine::Config;
use switchboard_engine::command::table::{Owner, Row};
use switchboard_engine::command::{CallOrder, Order, Reply};
use switchboard_model::{AgentId, CallId, Instant};

/// The running centre, as the API sees it. Each question may block for some seconds, so it is asked from a thread that may.
pub trait Centre: Send + Sync + 'static {
    /// The configuration in force.
    fn config(&self) -> Arc<Config>;
    /// Now.
    fn now(&self) -> Instant;
    /// An order to the floor, or to all shards.
    fn order(&self, owner: Owner, order: Order) -> Reply;
    /// An order about the call this agent talks in.
    fn on_call_of(&self, agent: AgentId, what: CallOrder) -> Reply;
    /// What the node itself does: a row whose owner is [`Owner::Node`].
    fn node(&self, row: &Row, call: Option<CallId>) -> Reply;
}
