//! Figures one can swear by: a fold over contact events, and questions asked of it afterwards.
//!
//! ```text
//!                    ┌─ call ──┐   one wait for each call    ┌─ cells  ──► Question ─► Answer   "Y % within X seconds"
//!   ContactEvent ──► │  fold   ├──► marks, by the second  ──►├─ tally  ──► indicators           Arts. 17–21
//!   live or recorded └─ agent ─┘   states of each agent      ├─ agents ──► occupancy
//!                                                            └─ ledger ──► conserved, or which equation fails
//! ```
//! States emit events only, and every figure is a fold over them; so the wallboard and the report of last year run the same
//! code, and no figure is counted in two places. Counts are kept and never percentages: X, window and formula are chosen when
//! the question is asked.
//!
//! It does not read the clock, the disk or a socket: the moment is an argument, and what the endpoint and the engine counted
//! on their own comes in as [`Outside`].
mod adherence;
mod agents;
mod call;
mod cells;
mod clock;
mod fold;
mod formula;
mod group;
mod indicators;
mod ledger;
mod live;
mod needs;
mod percentiles;
mod question;
mod surge;
mod tally;
mod wait;
mod writers;

pub use adherence::Shift;
pub use agents::{AgentLog, AgentTime, StateNow};
pub use call::Breach;
pub use cells::Cells;
pub use clock::Clock;
pub use fold::{Fold, Totals};
pub use formula::{Counts, FORMULAS, Formula, FormulaRow, UnknownFormula, percent};
pub use group::{Group, Per, Wait};
pub use indicators::{Indicator, Unit};
pub use ledger::{Equation, Ledger, Outside};
pub use live::{Ask, Live, LiveQueue};
pub use needs::{ERASED, NeedRule};
pub use percentiles::{EXACT_BELOW_S, Percentiles};
pub use question::{Answer, BadQuestion, By, Question};
pub use surge::{NOW_S, QUARTERS, Surge, Usual};
pub use tally::{Mark, Place, Sum, Tally, Who};
pub use wait::{WaitEnd, Waits, wait_s};
pub use writers::{Writer, Writers};
