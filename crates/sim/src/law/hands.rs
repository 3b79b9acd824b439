//! A caller who changes hands is never left with nobody: a transfer that fails leaves him with the agent who gave him, or in his
//! old place if that one has gone; and whatever began (hold, transfer, consultation) is told to have ended.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_model::{CallId, Cause, ContactEvent, HandEnd, What};

/// Never between two chairs.
#[derive(Default)]
pub struct Hands {
    open: BTreeMap<CallId, Open>,
    taken: u64,
}

#[derive(Clone, Copy, Default)]
struct Open {
    held: bool,
    given: bool,
    consults: bool,
    talks: u32,
    /// A transfer has just failed, and nobody talks to him.
    owed: bool,
}

impl Law for Hands {
    fn name(&self) -> &'static str {
        "hands"
    }

    fn told(&mut self, event: &ContactEvent, _view: &View<'_>) -> Result<(), String> {
        let Some(call) = event.call else { return Ok(()) };
        let open = self.open.entry(call).or_default();
        let wrong = |why: &str| Err(format!("{call:?}: {why}, and then {:?}", event.what));
        match &event.what {
            What::Connected { .. } => open.talks += 1,
            What::TalkEnded { .. } => open.talks = open.talks.saturating_sub(1),
            What::Held { .. } if std::mem::replace(&mut open.held, true) => return wrong("he was held"),
            What::Retrieved { .. } if !std::mem::take(&mut open.held) => return wrong("he was not held"),
            What::TransferStarted { .. } if std::mem::replace(&mut open.given, true) => {
                return wrong("he was given on");
            }
            What::TransferEnded { end, .. } => {
                self.taken += 1;
                if !std::mem::take(&mut open.given) {
                    return wrong("he was not given on");
                }
                open.owed = !matches!(end, HandEnd::Done | HandEnd::CallerLeft) && open.talks == 0;
            }
            What::ConsultStarted { .. } if std::mem::replace(&mut open.consults, true) => {
                return wrong("they consulted");
            }
            What::ConsultEnded { .. } if !std::mem::take(&mut open.consults) => return wrong("nobody consulted"),
            // Queued again, or told by the menu that the queue is full.
            What::Queued { .. } | What::MenuEntered { .. } => open.owed = false,
            What::Ended { cause, .. } => {
                let open = self.open.remove(&call).unwrap_or_default();
                // After an error of our own, and for those who are ended because we close, nobody is owed anything.
                if matches!(cause, Cause::Internal | Cause::ShutDown) {
                    return Ok(());
                }
                let caller = matches!(cause, Cause::CallerDone | Cause::CallerLost | Cause::QueueFull);
                if open.owed && !caller {
                    return wrong("nobody had taken him, and nobody had him");
                }
                if open.held || open.given || open.consults {
                    return wrong("a hold, a transfer or a consultation had not ended");
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
