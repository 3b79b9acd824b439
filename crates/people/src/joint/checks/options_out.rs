//! Is anybody there? Any final answer is life; what is measured is the way there and back.
use crate::joint::{Check, Step, Way};

/// Is anybody there? Any final answer is life; what is measured is the way there and back.
pub const CHECK: Check = Check {
    id: "options-out",
    title: "OPTIONS is answered",
    zh: "对 OPTIONS 有应答",
    way: Way::Out,
    cure: "Ask the carrier to answer OPTIONS from our signalling address (any final answer will do: it is how we see that the trunk lives), and see that UDP from this address and port passes both firewalls.",
    steps: || vec![Step::Say(|l| l.request("OPTIONS", "")), Step::Final(5_000)],
};
