//! What of an agent's skills ends by itself: certificates (Art. 46) and skills lent for a while.
//!
//! ```yaml
//!   certificates: { fund: 2027-03-01 }                                   # valid through that day in China; skill cert.fund
//!   lent: [{ skill: card, level: 5, until: "2026-12-06T18:00+08:00" }]   # from then on what `skills` says again
//! ```
//! A queue asks for a certificate as for any skill: `needs: [cert.fund]`.
use crate::faults::code;
use crate::skills::SkillNames;
use switchboard_engine::config::Lapse;
use switchboard_ivr::{Day, moment};
use switchboard_model::{Instant, Level, Skills};
use switchboard_source::{Diagnostic, Item, Severity};

/// Days ahead on which the end of a certificate is warned of.
pub const WARNED_DAYS: [u64; 3] = [30, 7, 1];

const NINE: Level = Level::new(9).expect("9 is a level");
const NONE: Level = Level::new(0).expect("0 is a level");

/// `certificates`: gives the skills that are still valid and says which end soon or have ended.
pub fn certificates(
    item: &Item<'_>,
    who: &str,
    today: Option<Day>,
    names: &mut SkillNames,
    skills: &mut Skills,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Lapse> {
    let mut lapses = vec![];
    for (name, item) in item.entries(faults) {
        let Some(last) = item.parse("the last day of validity, as 2027-03-01", faults, Day::read) else { continue };
        let skill = names.id(&format!("cert.{name}"));
        let left = today.map(|today| last.value.number() as i64 - today.number() as i64);
        if let Some(left) = left.filter(|n| *n <= WARNED_DAYS[0] as i64) {
            let (message, cure) = if left < 0 {
                (
                    format!("agent {who}'s certificate `{name}` ended on {}: he is given no such work", last.value),
                    "renew it and write the new last day, or take it out",
                )
            } else {
                let within = WARNED_DAYS.iter().rev().find(|n| left <= **n as i64).copied().unwrap_or(WARNED_DAYS[0]);
                (
                    format!("agent {who}'s certificate `{name}` ends on {}, within {within} days", last.value),
                    "renew it in time: from the day after he is given no such work",
                )
            };
            faults.push(Diagnostic::error(code(22), &item.at(), message).severity(Severity::Warning).help(cure));
        }
        if left.is_some_and(|n| n < 0) {
            continue;
        }
        skills.0.insert(skill, NINE);
        lapses.push(Lapse { at: end_of(last.value), skill, then: NONE });
    }
    lapses
}

/// `lent`: gives the skills for the time.
pub fn lent(item: &Item<'_>, names: &mut SkillNames, skills: &mut Skills, faults: &mut Vec<Diagnostic>) -> Vec<Lapse> {
    let mut lapses = vec![];
    for item in item.list(faults) {
        let Some(mut fields) = item.fields(faults) else { continue };
        let skill = fields.must("skill", faults).and_then(|i| i.text(faults));
        let level = fields.must("level", faults).and_then(|i| i.number(1..=9, faults));
        let until =
            fields.must("until", faults).and_then(|i| i.parse("a moment, as 2026-12-06T18:00+08:00", faults, moment));
        fields.done(faults);
        let (Some(skill), Some(level), Some(until)) = (skill, level, until) else { continue };
        let id = names.id(&skill.value);
        let then = skills.0.insert(id, Level::new(level as u8).expect("1 to 9 was checked")).unwrap_or(NONE);
        lapses.push(Lapse { at: until.value, skill: id, then });
    }
    lapses
}

/// The midnight in China after a day.
fn end_of(day: Day) -> Instant {
    Instant::from_millis((day.number() + 1) * 86_400_000 - 8 * 3_600_000)
}
