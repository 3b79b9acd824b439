//! Contact events: numbered without gaps, and each call's tell one story, from its arrival to exactly one end.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_model::{CallId, ContactEvent, ShardId, What};

/// One story a call.
#[derive(Default)]
pub struct Sequence {
    next: BTreeMap<ShardId, u64>,
    open: BTreeMap<CallId, Stage>,
    /// With how many each talks: two in a conference.
    talks: BTreeMap<CallId, u32>,
    taken: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Stage {
    Arrived,
    Answered,
    InMenu,
    Requested,
    Queued,
    Rings,
    PickedUp,
    Connected,
    /// A colleague is rung for a caller who talks or has talked.
    RingsAgain,
    TalkEnded,
}

impl Sequence {
    fn after_talk(&self, call: CallId) -> Stage {
        if self.talks.get(&call).is_some_and(|n| *n > 0) { Stage::Connected } else { Stage::TalkEnded }
    }
}

impl Law for Sequence {
    fn name(&self) -> &'static str {
        "sequence"
    }

    fn told(&mut self, event: &ContactEvent, _view: &View<'_>) -> Result<(), String> {
        self.taken += 1;
        let next = self.next.entry(event.by).or_insert(1);
        if event.seq != *next {
            return Err(format!("{:?} told event {} after {}", event.by, event.seq, *next - 1));
        }
        *next += 1;
        let Some(call) = event.call else { return Ok(()) };
        let was = self.open.get(&call).copied();
        let wrong = || Err(format!("{call:?} was {was:?}, and then told {:?}", event.what));
        let now = match (&event.what, was) {
            (What::Arrived { .. }, None) => Stage::Arrived,
            (What::Answered, Some(Stage::Arrived)) => Stage::Answered,
            (What::MenuEntered { .. }, Some(Stage::Answered | Stage::InMenu)) => Stage::InMenu,
            (What::MenuChoice { .. } | What::Served { .. }, Some(Stage::InMenu)) => Stage::InMenu,
            (What::HumanRequested { .. }, Some(Stage::InMenu)) => Stage::Requested,
            // From a menu, or from another queue.
            (What::Queued { .. }, Some(Stage::Requested | Stage::Queued)) => Stage::Queued,
            // The queue was full, and the menu leads elsewhere.
            (What::MenuEntered { .. } | What::MenuChoice { .. } | What::Served { .. }, Some(Stage::Requested)) => {
                Stage::Requested
            }
            (What::StepTaken { .. }, Some(Stage::Queued)) => Stage::Queued,
            (What::Ringing { .. }, Some(Stage::Queued)) => Stage::Rings,
            (What::RingEnded { .. }, Some(Stage::Rings)) => Stage::Queued,
            (What::PickedUp { .. }, Some(Stage::Rings)) => Stage::PickedUp,
            (What::AgentIdAnnounced { .. }, Some(Stage::PickedUp)) => Stage::PickedUp,
            (What::Connected { .. }, Some(Stage::PickedUp)) => {
                self.talks.insert(call, 1);
                Stage::Connected
            }
            (What::TalkEnded { .. }, Some(stage @ (Stage::Connected | Stage::RingsAgain))) => {
                let talks = self.talks.entry(call).or_insert(1);
                *talks = talks.saturating_sub(1);
                if stage == Stage::RingsAgain {
                    stage
                } else if *talks > 0 {
                    Stage::Connected
                } else {
                    Stage::TalkEnded
                }
            }
            // The passages of a conversation; `hands` looks at their order.
            (
                What::Held { .. }
                | What::Retrieved { .. }
                | What::TransferStarted { .. }
                | What::TransferEnded { .. }
                | What::ConsultStarted { .. }
                | What::ConsultAnswered { .. }
                | What::ConsultEnded { .. }
                | What::Conferenced { .. }
                | What::VerifyStarted { .. }
                | What::VerifyEnded { .. },
                Some(stage @ (Stage::Connected | Stage::TalkEnded | Stage::RingsAgain | Stage::PickedUp)),
            ) => stage,
            // Given on: to a colleague, or into a queue.
            (What::Ringing { .. }, Some(Stage::Connected | Stage::TalkEnded)) => Stage::RingsAgain,
            (What::RingEnded { .. }, Some(Stage::RingsAgain)) => self.after_talk(call),
            (What::PickedUp { .. }, Some(Stage::RingsAgain)) => Stage::PickedUp,
            (What::Connected { .. }, Some(Stage::Connected | Stage::TalkEnded)) => {
                *self.talks.entry(call).or_insert(0) += 1;
                Stage::Connected
            }
            (What::AgentIdAnnounced { .. }, Some(Stage::TalkEnded)) => Stage::TalkEnded,
            (What::Queued { .. }, Some(Stage::TalkEnded)) => Stage::Queued,
            // His queue was full when nobody took him.
            (What::MenuEntered { .. } | What::MenuChoice { .. } | What::Served { .. }, Some(Stage::TalkEnded)) => {
                Stage::TalkEnded
            }
            (What::Ended { .. }, Some(Stage::Connected | Stage::Rings | Stage::RingsAgain) | None) => return wrong(),
            (What::Ended { .. }, Some(_)) => {
                self.open.remove(&call);
                self.talks.remove(&call);
                return Ok(());
            }
            _ => return wrong(),
        };
        self.open.insert(call, now);
        Ok(())
    }

    fn at_end(&mut self, _view: &View<'_>) -> Result<(), String> {
        match self.open.first_key_value() {
            Some((call, stage)) => Err(format!("{call:?} was told to be {stage:?}, and never ended")),
            None => Ok(()),
        }
    }

    fn taken(&self) -> u64 {
        self.taken
    }
}
