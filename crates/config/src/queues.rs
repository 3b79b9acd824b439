//! `queues.yaml`: whom callers need, how patience is spent, what they hear.
use crate::faults::code;
use crate::loaded::{QueueConf, StepConf};
use crate::patience;
use crate::skills::SkillNames;
use switchboard_acd::Queue;
use switchboard_ivr::Retention;
use switchboard_model::Need;
use switchboard_source::{At, Diagnostic, Doc, Item};

/// A queue and where things about it stand.
pub struct Placed {
    /// The queue.
    pub conf: QueueConf,
    /// Where it stands.
    pub at: At,
    /// Where each need stands.
    pub needs_at: Vec<(Need, At)>,
    /// Where its music stands.
    pub music_at: Option<At>,
    /// Where it says what happens at the end of the longest wait.
    pub at_max_wait_at: Option<At>,
    /// Where its overflow stands.
    pub overflow_at: Option<At>,
}

/// Reads it.
pub fn read(doc: &Doc, skills: &mut SkillNames, faults: &mut Vec<Diagnostic>) -> Vec<Placed> {
    let mut queues: Vec<Placed> = vec![];
    let Some(mut fields) = doc.top().fields(faults) else { return queues };
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    for item in fields.must("queues", faults).map_or(vec![], |i| i.list(faults)) {
        if let Some(queue) = read_queue(&item, skills, faults) {
            if queues.iter().any(|q| q.conf.name == queue.conf.name) {
                faults.push(Diagnostic::error(
                    code(5),
                    &item.at(),
                    format!("there are two queues `{}`", queue.conf.name),
                ));
            }
            queues.push(queue);
        }
    }
    fields.done(faults);
    queues
}

fn read_queue(item: &Item<'_>, skills: &mut SkillNames, faults: &mut Vec<Diagnostic>) -> Option<Placed> {
    let mut fields = item.fields(faults)?;
    let mut needs_at = vec![];
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    let needs = read_needs(fields.may("needs"), skills, &mut needs_at, faults);
    let max_wait_s = fields.must("max_wait_s", faults).and_then(|i| i.number(10..=7_200, faults));
    let mut steps: Vec<StepConf> = vec![];
    for item in fields.may("steps").map_or(vec![], |i| i.list(faults)) {
        let Some(mut step) = item.fields(faults) else { continue };
        let after_s = step.must("after_s", faults).and_then(|i| i.number(1..=7_200, faults)).map(|n| n as u32);
        let needs = read_needs(step.must("needs", faults), skills, &mut needs_at, faults);
        step.done(faults);
        let Some(after_s) = after_s else { continue };
        if steps.last().is_some_and(|s: &StepConf| s.after_s >= after_s) {
            faults.push(Diagnostic::error(code(6), &item.at(), "this step does not come after the one above it"));
        }
        if max_wait_s.is_some_and(|max| u64::from(after_s) >= max) {
            let fault = Diagnostic::error(code(7), &item.at(), format!("this step after {after_s} s is never reached"));
            faults.push(fault.help("the maximum wait ends before it: raise `max_wait_s` or take the step out"));
        }
        steps.push(StepConf { after_s, needs });
    }
    let (at_max_wait, at_max_wait_at) = patience::at_max_wait(&mut fields, item, faults);
    let overflow = fields.may("overflow");
    let overflow_at = overflow.as_ref().map(Item::at);
    let overflow = match overflow {
        Some(overflow) => patience::overflow(&overflow, max_wait_s, steps.last().map(|s| s.after_s), faults).map(Some),
        None => Some(None),
    };
    let announce_place =
        fields.may("announce_place").map_or(Some(None), |i| patience::announce_place(&i, faults).map(Some));
    if steps.len() >= Queue::STEPS_MAX {
        let fault = format!("{} overflow steps; at most {} are possible", steps.len(), Queue::STEPS_MAX - 1);
        faults.push(Diagnostic::error(code(11), &item.at(), fault));
    }
    let (level_x_s, level_y_percent) = match fields.may("level").and_then(|i| i.fields(faults)) {
        None => (Some(20), Some(80)),
        Some(mut level) => {
            let x = level.must("x_s", faults).and_then(|i| i.number(1..=3_600, faults));
            let y = level.must("y_percent", faults).and_then(|i| i.number(1..=100, faults));
            level.done(faults);
            (x, y)
        }
    };
    let offset_max = u64::from(Queue::PRIORITY_OFFSET_S_MAX);
    let priority_offset_s = fields.may("priority_offset_s").map_or(Some(0), |i| i.number(0..=offset_max, faults));
    let waiting_max = u64::from(Queue::MAX_WAITING_MAX);
    let max_waiting = fields.must("max_waiting", faults).and_then(|i| i.number(1..=waiting_max, faults));
    let music = fields.may("music");
    let music_at = music.as_ref().map(Item::at);
    let music = music.map_or(Some("music".to_owned()), |i| i.text(faults).map(|t| t.value));
    let announce_agent_id = fields.may("announce_agent_id").map_or(Some(true), |i| i.truth(faults));
    let staffed = fields.may("staffed").map(|i| i.text(faults));
    let retention = fields.may("retention").map(|i| {
        let of = |s: &str| Retention::ALL.iter().find(|(word, _)| *word == s).map(|(_, class)| *class);
        i.parse("a retention class: ordinary or high_risk", faults, of)
    });
    fields.done(faults);
    Some(Placed {
        conf: QueueConf {
            name: name?.value,
            needs,
            steps,
            level_x_s: level_x_s? as u32,
            level_y_percent: level_y_percent? as u32,
            priority_offset_s: priority_offset_s? as u32,
            max_waiting: max_waiting? as u32,
            max_wait_s: max_wait_s? as u32,
            at_max_wait: at_max_wait?,
            overflow: overflow?,
            announce_place: announce_place?,
            music: music?,
            announce_agent_id: announce_agent_id?,
            staffed: staffed.map_or(Some(None), |s| s.map(|s| Some(s.value)))?,
            retention: retention.map_or(Some(None), |r| r.map(|r| Some(r.value)))?,
        },
        at: item.at(),
        needs_at,
        music_at,
        at_max_wait_at,
        overflow_at,
    })
}

fn read_needs(
    item: Option<Item<'_>>,
    skills: &mut SkillNames,
    needs_at: &mut Vec<(Need, At)>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Need> {
    let mut needs = vec![];
    for item in item.map_or(vec![], |i| i.list(faults)) {
        if let Some(need) = item.parse("a need, as `card.loss >= 3`, levels 0 to 9", faults, |t| skills.need(t)) {
            needs.push(need.value);
            needs_at.push((need.value, need.at));
        }
    }
    needs
}
