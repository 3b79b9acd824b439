//! What one step of the hot path costs, each beside the plainest thing that could stand there: `cargo bench -p switchboard-benches --bench micro`.
//!
//! ```text
//!   parser        our lexer                    │ rsip, the typed model
//!   transaction   a request and its answer     │ a table behind one lock, and the same parsing
//!   matcher       an arrival meets an agent    │ ordered maps behind one lock · a poller that looks every 100 ms (what a meeting waits)
//!   histogram     record, and within X         │ an ordered map behind one lock
//!   figures       events folded, a level    │ a list of waits · one write of the same lines
//!   interpreter   a caller presses a key       │ a table of menus behind one lock
//!   packet path   a packet through the machine │ a plain loop over two sockets
//! ```
//! A baseline does less than ours does, on purpose: it is the floor, or what others do. Nothing here is a test.
mod figures;
mod histogram;
mod interpreter;
mod matcher;
mod packet;
mod parser;
mod transaction;

fn main() {
    divan::main();
}
