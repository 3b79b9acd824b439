//! What a waiting caller is told: his place, which never rises, and at the end of the longest wait a last word.
//!
//! ```text
//!   enters ── first ──► "you are number three in the queue" ── every ──► the same or a smaller number ── …
//! ```
//! Places up to nine are said; further back he hears music. Who comes before him again because an agent did not answer, or by a priority of
//! his own, does not raise the number he has heard: it is said again. An agent found cuts every announcement off (the state is another).
//! Does not decide when the wait ends (`waiting`).
use super::{Body, Facts};
use crate::config::planted;
use crate::effects::Effects;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use switchboard_media::Hears;
use switchboard_model::{Instant, PromptId, QueueId};

/// What he has been told so far.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Told {
    /// How often something was said to him: the next announcement's number.
    plays: u32,
    /// The last place he heard, and in which queue.
    pub place: Option<(QueueId, u32)>,
    /// When he will be told his place next, while he waits.
    next_at: Option<Instant>,
}

/// Something that is being said.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Saying {
    play: u32,
    prompts: Vec<PromptId>,
    until: Instant,
}

/// The first announcement's play id. Menus count from 1, a greeting is the greatest there is.
const FIRST_PLAY: u32 = 1 << 30;

/// No announcement is longer; after it music goes on even if the media thread never says that it is done.
const SAYING_MAX: Duration = Duration::from_secs(20);

/// The greatest place that is said: further back it would neither comfort nor inform.
const PLACE_MAX: u32 = 9;

impl Told {
    /// He comes into a queue: the clock of the announcements begins.
    pub fn enters(queue: QueueId, facts: &mut Facts, fx: &Effects<'_>) {
        facts.told.next_at = fx.config.queue(queue).announce_place.map(|a| fx.now + a.first);
    }

    /// When he will be told his place next.
    pub fn next_at(&self) -> Option<Instant> {
        self.next_at
    }

    /// His place, if it is time to say it and it can be said.
    pub fn place_due(queue: QueueId, body: &mut Body, fx: &mut Effects<'_>) -> Option<Saying> {
        let told = &mut body.facts.told;
        if told.next_at.is_none_or(|at| fx.now < at) {
            return None;
        }
        told.next_at = fx.config.queue(queue).announce_place.map(|a| fx.now + a.every);
        // A reload may have taken the announcements away.
        told.next_at?;
        let entry = body.holdings.entry.as_ref().expect("who waits has a place");
        let now = 1 + fx.matcher.position(entry.handle.expect("a place is known to the matcher")) as u32;
        let before = told.place.filter(|(of, _)| *of == queue).map(|(_, place)| place);
        let place = if planted!(fx.config, PlaceRises) { now } else { before.map_or(now, |before| before.min(now)) };
        if place > PLACE_MAX {
            return None;
        }
        let digit = if place == 1 { "count_1".to_owned() } else { format!("digit_{place}") };
        let said = |name: &str| fx.config.menus.prompt_named(name, body.facts.language);
        let prompts = ["queue_place", &digit, "queue_place_end"].map(said).into_iter().collect::<Option<Vec<_>>>()?;
        told.place = Some((queue, place));
        Some(told.say(prompts, fx.now))
    }

    /// The prompt of this name; `None` if a reload has taken it away.
    pub fn last_word(name: &str, facts: &mut Facts, fx: &Effects<'_>) -> Option<Saying> {
        let prompt = fx.config.menus.prompt_named(name, facts.language)?;
        Some(facts.told.say(vec![prompt], fx.now))
    }

    fn say(&mut self, prompts: Vec<PromptId>, now: Instant) -> Saying {
        self.plays += 1;
        Saying { play: FIRST_PLAY + self.plays, prompts, until: now + SAYING_MAX }
    }
}

impl Saying {
    /// What he hears.
    pub fn hears(&self) -> Hears {
        Hears::Prompts { play: self.play, list: self.prompts.clone() }
    }
    /// When it is over in any case.
    pub fn until(&self) -> Instant {
        self.until
    }
    /// Whether it is this that was said to the end.
    pub fn is(&self, play: u32) -> bool {
        self.play == play
    }
}
