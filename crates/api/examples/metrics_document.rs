//! Prints docs/metrics.md.
fn main() {
    print!("{}", switchboard_api::document());
}
