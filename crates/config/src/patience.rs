//! `queues.yaml`: what happens when patience ends, and what a waiting caller is told of his place.
//!
//! ```yaml
//!   max_wait_s: 600
//!   at_max_wait: { queue: duty }                       # or { say: PROMPT }, or { hang_up: true }
//!   overflow: { after_s: 120, queue: general }         # earlier, in the place he came by
//!   announce_place: { first_s: 15, every_s: 45 }
//! ```
use crate::faults::code;
use crate::queues::Placed;
use switchboard_acd::AtMaxWait;
use switchboard_ivr::Menus;
use switchboard_model::Language;
use switchboard_source::{At, Diagnostic, Fields, Item};

/// The sentence around the place, and the only number that a digit of an agent's ID does not serve for (幺).
const SPOKEN: [&str; 3] = ["queue_place", "queue_place_end", "count_1"];

/// What happens at the end of the longest wait; to leave it out is an error.
pub fn at_max_wait(
    fields: &mut Fields<'_>,
    queue: &Item<'_>,
    faults: &mut Vec<Diagnostic>,
) -> (Option<AtMaxWait>, Option<At>) {
    let ways = "write `at_max_wait: { say: PROMPT }`, `{ queue: NAME }` or `{ hang_up: true }`";
    let Some(item) = fields.may("at_max_wait") else {
        let message = "nothing says what happens to a caller at the end of `max_wait_s`";
        faults.push(Diagnostic::error(code(36), &queue.at(), message.to_owned()).help(ways));
        return (None, None);
    };
    let at = item.at();
    let Some(mut branch) = item.fields(faults) else { return (None, Some(at)) };
    let queue = branch.may("queue").and_then(|i| i.text(faults)).map(|t| AtMaxWait::Queue(t.value));
    let say = branch.may("say").and_then(|i| i.text(faults)).map(|t| AtMaxWait::Say(t.value));
    let hang_up = branch.may("hang_up").and_then(|i| i.truth(faults)).filter(|yes| *yes).map(|_| AtMaxWait::HangUp);
    branch.done(faults);
    let mut said: Vec<AtMaxWait> = [queue, say, hang_up].into_iter().flatten().collect();
    if said.len() != 1 {
        let message = format!("`at_max_wait` says {} things; it must say one", said.len());
        faults.push(Diagnostic::error(code(36), &at, message).help(ways));
        return (None, Some(at));
    }
    (said.pop(), Some(at))
}

/// To another queue before that.
pub fn overflow(
    item: &Item<'_>,
    max_wait_s: Option<u64>,
    last_step_s: Option<u32>,
    faults: &mut Vec<Diagnostic>,
) -> Option<(u32, String)> {
    let mut fields = item.fields(faults)?;
    let after_s = fields.must("after_s", faults).and_then(|i| i.number(1..=7_200, faults));
    let queue = fields.must("queue", faults).and_then(|i| i.text(faults));
    fields.done(faults);
    let (after_s, queue) = (after_s?, queue?.value);
    if max_wait_s.is_some_and(|max| after_s >= max) {
        let fault = Diagnostic::error(code(7), &item.at(), format!("this overflow after {after_s} s is never reached"));
        faults.push(fault.help("the maximum wait ends before it: raise `max_wait_s` or take it out"));
    }
    if last_step_s.is_some_and(|step| u64::from(step) >= after_s) {
        let message = format!("callers leave the queue after {after_s} s, and a step comes later: it is never reached");
        faults.push(Diagnostic::error(code(7), &item.at(), message).help("put the overflow after the last step"));
    }
    Some((after_s as u32, queue))
}

/// When callers are told their place.
pub fn announce_place(item: &Item<'_>, faults: &mut Vec<Diagnostic>) -> Option<(u32, u32)> {
    let mut fields = item.fields(faults)?;
    let first_s = fields.must("first_s", faults).and_then(|i| i.number(1..=600, faults));
    // Below that the caller hears hardly anything else.
    let every_s = fields.must("every_s", faults).and_then(|i| i.number(15..=600, faults));
    fields.done(faults);
    Some((first_s? as u32, every_s? as u32))
}

/// Whether all that is named exists, and nobody goes round in a circle.
pub(crate) fn check(
    menus: &Menus,
    queue: &Placed,
    placed: &[Placed],
    languages: &[Language],
    faults: &mut Vec<Diagnostic>,
) {
    let name = &queue.conf.name;
    let at = queue.at_max_wait_at.as_ref().unwrap_or(&queue.at);
    let next = |q: &Placed| match &q.conf.at_max_wait {
        AtMaxWait::Queue(next) => Some(next.clone()),
        AtMaxWait::Say(_) | AtMaxWait::HangUp => None,
    };
    let over = queue.overflow_at.as_ref().map(|at| (at, queue.conf.overflow.as_ref().map(|(_, q)| q.clone())));
    for (at, target) in [(at, next(queue))].into_iter().chain(over) {
        let Some(target) = target else { continue };
        if !placed.iter().any(|q| q.conf.name == target) {
            let known: Vec<&str> = placed.iter().map(|q| q.conf.name.as_str()).collect();
            let message = format!("queue `{name}` sends its callers to `{target}`, and there is no such queue");
            faults.push(Diagnostic::error(code(37), at, message).help(format!("there are {}", known.join(", "))));
        }
    }
    for &language in languages {
        let missing: Vec<String> =
            said(queue).into_iter().filter(|p| menus.prompt_named(p, language).is_none()).collect();
        if !missing.is_empty() {
            let message = format!(
                "queue `{name}` tells its callers something, and {} has no sound in {language}",
                missing.join(", ")
            );
            let fault = Diagnostic::error(code(37), at, message);
            faults.push(fault.help("add it to prompts.yaml; `switchboard ivr prompts` makes a synthetic sound"));
        }
    }
    if let Some(way) = circle(queue, placed) {
        let message = format!("callers of queue `{name}` go round in a circle: {}", way.join(" → "));
        faults
            .push(Diagnostic::error(code(38), at, message).help("let one of them end: `at_max_wait: { say: PROMPT }`"));
    }
}

/// What callers of it are told, by the names of the prompts.
fn said(queue: &Placed) -> Vec<String> {
    let last = match &queue.conf.at_max_wait {
        AtMaxWait::Say(prompt) => Some(prompt.clone()),
        AtMaxWait::Queue(_) | AtMaxWait::HangUp => None,
    };
    let digits = (2..10).map(|n| format!("digit_{n}"));
    let place = SPOKEN.map(str::to_owned).into_iter().chain(digits).filter(|_| queue.conf.announce_place.is_some());
    last.into_iter().chain(place).collect()
}

/// The way from a queue back to itself, by whatever sends its callers on.
fn circle(from: &Placed, placed: &[Placed]) -> Option<Vec<String>> {
    let next = |name: &str| -> Vec<String> {
        let Some(queue) = placed.iter().find(|q| q.conf.name == name) else { return vec![] };
        let at_end = match &queue.conf.at_max_wait {
            AtMaxWait::Queue(next) => Some(next.clone()),
            AtMaxWait::Say(_) | AtMaxWait::HangUp => None,
        };
        at_end.into_iter().chain(queue.conf.overflow.as_ref().map(|(_, q)| q.clone())).collect()
    };
    let start = from.conf.name.clone();
    let mut ways = vec![vec![start.clone()]];
    let mut seen = vec![];
    while let Some(way) = ways.pop() {
        for next in next(way.last().expect("a way has a start")) {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == start {
                return Some(longer);
            }
            if !seen.contains(&next) {
                seen.push(next);
                ways.push(longer);
            }
        }
    }
    None
}
