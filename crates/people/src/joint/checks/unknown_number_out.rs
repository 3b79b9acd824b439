//! Unallocated numbers: a refusal, with a status that says so.
use crate::joint::{Check, Step, Way};

/// Unallocated numbers: a refusal, with a status that says so.
pub const CHECK: Check = Check {
    id: "unknown-number-out",
    title: "a number that nobody has is refused",
    zh: "空号呼叫被明确拒绝",
    way: Way::OutCall,
    cure: "The carrier should refuse a number that nobody has with 404, 484 or 604 (RFC 3398 §8.2.6.1: Q.850 cause 1, 28), not answer it: an answered announcement is charged, and looks to us like a person.",
    steps: || {
        vec![
            Step::Say(|l| {
                let (nobody, sdp) = (l.plan.nobody.clone(), l.usual());
                l.invite(&nobody, &sdp)
            }),
            Step::Final(15_000),
            Step::Must(|l| l.code(&[404, 410, 480, 484, 604])),
        ]
    },
};
