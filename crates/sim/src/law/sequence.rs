//! Contact events: numbered without gaps, and each call's tell one story, from its arrival to exactly one end.
use super::{Law, View};
use std::collections::BTreeMap;
use switchboard_model::{CallId, ContactEvent, ShardId, What};

/// One story a call.
#[derive(Default)]
pub struct Sequence {
    next: BTreeMap<ShardId, u64>,
    open: BTreeMap<CallId, Stage>,
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
    TalkEnded,
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
            (What::MenuChoice { .. }, Some(Stage::InMenu)) => Stage::InMenu,
            (What::HumanRequested { .. }, Some(Stage::InMenu)) => Stage::Requested,
            (What::Queued { .. }, Some(Stage::Requested)) => Stage::Queued,
            // The queue was full, and the menu leads elsewhere.
            (What::MenuEntered { .. } | What::MenuChoice { .. }, Some(Stage::Requested)) => Stage::Requested,
            (What::StepTaken { .. }, Some(Stage::Queued)) => Stage::Queued,
            (What::Ringing { .. }, Some(Stage::Queued)) => Stage::Rings,
            (What::RingEnded { .. }, Some(Stage::Rings)) => Stage::Queued,
            (What::PickedUp { .. }, Some(Stage::Rings)) => Stage::PickedUp,
            (What::AgentIdAnnounced { .. }, Some(Stage::PickedUp)) => Stage::PickedUp,
            (What::Connected { .. }, Some(Stage::PickedUp)) => Stage::Connected,
            (What::TalkEnded { .. }, Some(Stage::Connected)) => Stage::TalkEnded,
            (What::Ended { .. }, Some(Stage::Connected | Stage::Rings) | None) => return wrong(),
            (What::Ended { .. }, Some(_)) => {
                self.open.remove(&call);
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
