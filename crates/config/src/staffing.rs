//! Who is left for each queue when something ends, and whether its overflow steps lead anywhere.
//!
//! Whether a queue is served at all by one or by nobody today is a menu's rule (`IVR0304`, `IVR0306`), since there callers are led to it.
use crate::faults::code;
use crate::lapsing::WARNED_DAYS;
use crate::loaded::AgentConf;
use crate::queues::Placed;
use crate::skills::SkillNames;
use switchboard_ivr::Day;
use switchboard_model::{Instant, Language, Need, SkillId, Skills};
use switchboard_source::{Diagnostic, Severity};

/// Fewer than two people for a kind of work is a risk of its own (人员因素风险, Art. 34).
const ENOUGH: usize = 2;

/// Looks at every queue.
pub fn check(
    placed: &[Placed],
    agents: &[AgentConf],
    languages: &[Language],
    today: Option<Day>,
    names: &mut SkillNames,
    faults: &mut Vec<Diagnostic>,
) {
    let speaks: Vec<(Language, SkillId)> = languages.iter().map(|l| (*l, names.id(l.skill()))).collect();
    for queue in placed {
        steps(queue, agents, &speaks, faults);
        if let Some(today) = today {
            after_lapses(queue, agents, &speaks, today, faults);
        }
    }
}

fn needs_of(queue: &Placed) -> Vec<&[Need]> {
    std::iter::once(queue.conf.needs.as_slice()).chain(queue.conf.steps.iter().map(|s| s.needs.as_slice())).collect()
}

fn steps(queue: &Placed, agents: &[AgentConf], speaks: &[(Language, SkillId)], faults: &mut Vec<Diagnostic>) {
    let needs = needs_of(queue);
    for (n, pair) in needs.windows(2).enumerate() {
        let sorted = |needs: &[Need]| {
            let mut needs = needs.to_vec();
            needs.sort_by_key(|n| (n.skill, n.at_least));
            needs
        };
        if sorted(pair[0]) == sorted(pair[1]) {
            let step = &queue.conf.steps[n];
            let message = format!(
                "the step after {} s of queue `{}` asks for what was asked before it",
                step.after_s, queue.conf.name
            );
            let fault = Diagnostic::error(code(24), &queue.at, message).severity(Severity::Warning);
            faults.push(fault.help("ask for less, or take the step out"));
        }
    }
    let Some(last) = queue.conf.steps.last() else { return };
    for (language, skill) in speaks {
        let fits = |needs: &[Need]| agents.iter().any(|a| a.skills.level(*skill) > 0 && a.skills.meet(needs));
        if !fits(&last.needs) && needs.iter().any(|n| fits(n)) {
            let message = format!(
                "the steps of queue `{}` end in nothing: from {} s on no agent of {language} is left for its callers",
                queue.conf.name, last.after_s
            );
            let fault = Diagnostic::error(code(25), &queue.at, message);
            faults.push(fault.help("a step asks for less than the one above it, never for more"));
        }
    }
}

fn after_lapses(
    queue: &Placed,
    agents: &[AgentConf],
    speaks: &[(Language, SkillId)],
    today: Day,
    faults: &mut Vec<Diagnostic>,
) {
    let now = Instant::from_millis(today.number() * 86_400_000);
    let horizon = Instant::from_millis((today.number() + WARNED_DAYS[0] + 1) * 86_400_000);
    let mut ends: Vec<Instant> =
        agents.iter().flat_map(|a| &a.lapses).map(|l| l.at).filter(|at| *at > now && *at <= horizon).collect();
    ends.sort_unstable();
    ends.dedup();
    for (language, skill) in speaks {
        let people = |at: Option<Instant>| {
            let able = |a: &AgentConf| {
                let skills = at.map_or_else(|| a.skills.clone(), |at| then(a, at));
                skills.level(*skill) > 0 && needs_of(queue).iter().any(|n| skills.meet(n))
            };
            agents.iter().filter(|a| able(a)).count()
        };
        let today_there = people(None);
        // Only the first end that brings it below two: what comes after is the same trouble.
        let Some((at, left)) =
            ends.iter().map(|at| (*at, people(Some(*at)))).find(|(_, n)| *n < ENOUGH.min(today_there))
        else {
            continue;
        };
        let day = Day::of(at, 8 * 60).0;
        let message = format!(
            "from {day} on {left} of {today_there} people are left for queue `{}` in {language}: a certificate or a lent skill ends",
            queue.conf.name
        );
        let fault = Diagnostic::error(code(23), &queue.at, message).severity(Severity::Warning);
        faults.push(fault.help("renew it, or give the skill to others before that day"));
    }
}

/// An agent's skills after everything that ends by then has ended.
fn then(agent: &AgentConf, at: Instant) -> Skills {
    let mut skills = agent.skills.clone();
    for lapse in agent.lapses.iter().filter(|l| l.at <= at) {
        match lapse.then.value() {
            0 => skills.0.remove(&lapse.skill),
            _ => skills.0.insert(lapse.skill, lapse.then),
        };
    }
    skills
}
