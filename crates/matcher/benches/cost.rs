//! What an operation costs beside a lock around ordered maps.
fn main() {}
