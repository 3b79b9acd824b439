//! What simulated agents do with their calls beyond talking: short stories, each told from the moment they talk.
use std::collections::BTreeMap;
use std::time::Duration;
use switchboard_engine::command::CallOrder;
use switchboard_engine::lookup::{Answer, Question};
use switchboard_model::Chance;

/// What an agent will order in the call that has just begun, and when. `share` of the calls have a story.
pub fn orders(share: f64, verifies: bool, agents: usize, chance: &mut Chance) -> Vec<(Duration, CallOrder)> {
    if !chance.happens(share) {
        return vec![];
    }
    let colleague = format!("80{:02}", 1 + chance.below(agents as u64));
    let to = match chance.below(8) {
        0 => OUTSIDE.to_owned(),
        1 => "general".to_owned(),
        2 => "complaints".to_owned(),
        3 => "nobody".to_owned(),
        _ => colleague,
    };
    let consult = || CallOrder::Consult { to: to.clone() };
    let transfer = || CallOrder::Transfer { to: to.clone() };
    // What was keyed is forgotten in a restart, so a world that is restored would be another one: only where that is meant.
    // A number outside is what conferences and transfers out of them are rarest with.
    let third = if chance.happens(0.4) { OUTSIDE.to_owned() } else { to.clone() };
    let invite = || CallOrder::Consult { to: third.clone() };
    // What was keyed is forgotten in a restart, so a world that is restored would be another one: only where that is meant.
    let story = match chance.below(if verifies { 12 } else { 9 }) {
        0 => vec![CallOrder::Hold, CallOrder::Retrieve],
        1 => vec![CallOrder::Hold, transfer()],
        2 => vec![transfer(), CallOrder::Back],
        3 => vec![transfer(), CallOrder::HangUp],
        4 => vec![consult(), CallOrder::Complete],
        5 => vec![CallOrder::Hold, consult(), CallOrder::Back],
        6 => vec![invite(), CallOrder::Conference, CallOrder::Complete],
        7 => vec![invite(), CallOrder::Conference, CallOrder::Back, CallOrder::HangUp],
        8 => vec![transfer()],
        9 => vec![CallOrder::Hold, CallOrder::Verify, CallOrder::Back],
        10 => vec![CallOrder::Verify, CallOrder::HangUp],
        _ => vec![CallOrder::Verify],
    };
    let mut at = Duration::from_millis(200 + chance.below(8_000));
    let mut told = vec![];
    for order in story {
        told.push((at, order));
        // Short enough that some come while a telephone still rings, long enough that most come when it has been answered.
        at += Duration::from_millis(300 + chance.below(12_000));
    }
    told
}

/// What the bank's back-end says to this.
pub fn answer(question: &Question, chance: &mut Chance) -> Option<Answer> {
    let balance = || BTreeMap::from([("balance".to_owned(), "20502.05".to_owned())]);
    match chance.below(6) {
        0 => None,
        1 => Some(Answer::Refused),
        2 => Some(Answer::Locked),
        3 => Some(Answer::Down),
        _ => Some(match question {
            Question::Verify { .. } => Answer::Verified { customer: "C1".to_owned() },
            Question::Service { .. } => Answer::Served { values: balance() },
        }),
    }
}

/// A number outside that every simulated centre allows.
pub const OUTSIDE: &str = "02162340001";
