//! Whose atomics: the standard library's, loom's while interleavings are enumerated, or the standard ones with a hook before
//! each step while a test stops a thread there.
//!
//! Only what two threads race for goes through here. The plan's read locks (`plans.rs`) do not: loom must not find order in
//! them that the proof is not allowed to lean on.
#[cfg(all(not(loom), not(feature = "mutants")))]
pub(crate) use std::sync::atomic::{AtomicU64, AtomicUsize};

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU64, AtomicUsize};

#[cfg(all(not(loom), feature = "mutants"))]
pub(crate) use crate::mutant::hooked::{AtomicU64, AtomicUsize};

pub(crate) use std::sync::atomic::Ordering;

/// Stands between "I have made myself findable" and "I look for the other", and pairs with itself on the other side.
///
/// Of two threads that both publish and then look, one fences first; the other sees what the first published. A
/// `SeqCst` access would say the same but is not modelled by loom; a fence is.
pub(crate) fn publish_then_look() {
    if crate::plant!(NoFence) {
        return;
    }
    #[cfg(loom)]
    loom::sync::atomic::fence(Ordering::SeqCst);
    #[cfg(not(loom))]
    std::sync::atomic::fence(Ordering::SeqCst);
}
