//! What changes for whom when one configuration takes over from another. Everybody keeps his place in any case.
use crate::Config;
use serde::Serialize;
use switchboard_acd::{AtMaxWait, Layout, Queue};
use switchboard_model::{Language, Need, QueueId};

/// Who is affected.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Preview {
    /// Queues, in the order of their numbers; only those that change.
    pub queues: Vec<QueuePreview>,
    /// Agents; only those that change.
    pub agents: Vec<AgentPreview>,
    /// What concerns the centre as a whole.
    pub other: Vec<String>,
}

/// A queue that changes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct QueuePreview {
    /// Its name.
    pub queue: String,
    /// What changes, in words.
    pub what: Vec<String>,
}

/// An agent who is affected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct AgentPreview {
    /// His agent ID.
    pub agent_id: String,
    /// What changes for him, in words.
    pub what: Vec<String>,
}

impl Preview {
    /// Whether nobody is.
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty() && self.agents.is_empty() && self.other.is_empty()
    }
}

/// Compares; `new` follows `old` ([`Config::following`]).
pub fn preview(old: &Config, new: &Config) -> Preview {
    let mut found = Preview::default();
    for conf in &new.queues {
        let what = of_queue(old, new, conf.queue.id);
        if !what.is_empty() {
            found.queues.push(QueuePreview { queue: conf.queue.name.clone(), what });
        }
    }
    for conf in &new.agents {
        let what = of_agent(old, new, conf.id.0 as usize);
        if !what.is_empty() {
            found.agents.push(AgentPreview { agent_id: conf.agent_id.clone(), what });
        }
    }
    if old.rules != new.rules {
        found
            .other
            .push("ringing, pauses or after-call work change; who is in one finishes it by the old rule".to_owned());
    }
    if old.trunks != new.trunks {
        found.other.push("trunks or their numbers change; running calls stay".to_owned());
    }
    if old.reasons != new.reasons {
        found.other.push("the list of not-ready reasons changes; who is not ready stays so".to_owned());
    }
    found
}

fn written(config: &Config, needs: &[Need]) -> String {
    let one = |n: &Need| format!("{} >= {}", config.skill_name(n.skill), n.at_least.value());
    if needs.is_empty() { "nothing".to_owned() } else { needs.iter().map(one).collect::<Vec<_>>().join(", ") }
}

fn of_queue(old: &Config, new: &Config, id: QueueId) -> Vec<String> {
    let now = &new.queues[usize::from(id.0)].queue;
    let Some(was) = old.queues.get(usize::from(id.0)).map(|q| &q.queue) else {
        return vec![format!("is new; {} people can serve it", people(new, id))];
    };
    let mut what = vec![];
    for step in 0..now.step_count() {
        let before = (step < was.step_count()).then(|| written(old, was.needs_at(step)));
        let after = written(new, now.needs_at(step));
        if before.as_ref() != Some(&after) {
            what.push(format!("step {step} asks for {after}, was {}", before.as_deref().unwrap_or("no step")));
        }
    }
    for (name, before, after) in [
        ("priority offset", was.priority_offset_s, now.priority_offset_s),
        ("most who may wait", was.max_waiting, now.max_waiting),
        ("longest wait", was.max_wait_s, now.max_wait_s),
    ] {
        if before != after {
            what.push(format!("{name} {after}, was {before}"));
        }
    }
    for (name, before, after) in [
        ("at the end of the longest wait", patience(was), patience(now)),
        ("before that to another queue", over(was), over(now)),
    ] {
        if before != after {
            what.push(format!("{name}: {after}, was: {before}"));
        }
    }
    let (before, after) = (people(old, id), people(new, id));
    if before != after {
        what.push(format!("{after} people can serve it, were {before}"));
    }
    what
}

/// What happens at the end of the longest wait, in words.
fn patience(queue: &Queue) -> String {
    match &queue.at_max_wait {
        AtMaxWait::HangUp => "the call ends".to_owned(),
        AtMaxWait::Say(prompt) => format!("`{prompt}` is said and the call ends"),
        AtMaxWait::Queue(queue) => format!("to queue `{queue}`"),
    }
}

/// Where callers go over to, in words.
fn over(queue: &Queue) -> String {
    match &queue.overflow {
        Some(overflow) => format!("to `{}` after {} s", overflow.queue, overflow.after.as_secs()),
        None => "never".to_owned(),
    }
}

/// How many fit it at some step, in any of its languages.
fn people(config: &Config, id: QueueId) -> usize {
    config.agents.iter().filter(|a| !a.gone && serves(&config.layout, a.id, id)).count()
}

fn serves(layout: &Layout, agent: switchboard_model::AgentId, queue: QueueId) -> bool {
    let Some(profile) = layout.profile(agent) else { return false };
    let lines = Language::ALL.into_iter().filter_map(|l| layout.line(queue, l));
    lines.into_iter().any(|line| (0..layout.step_count(line)).any(|step| layout.rank(line, step, profile).is_some()))
}

fn of_agent(old: &Config, new: &Config, n: usize) -> Vec<String> {
    let now = &new.agents[n];
    let Some(was) = old.agents.get(n) else { return vec!["is new".to_owned()] };
    if was.gone != now.gone {
        let what = if now.gone { "is gone: logged out, his call goes on" } else { "is back" };
        return vec![what.to_owned()];
    }
    let mut what = vec![];
    let changed = |gains: bool| -> Vec<&str> {
        let differs = |id: QueueId| {
            let before = usize::from(id.0) < old.queues.len() && serves(&old.layout, was.id, id);
            let after = serves(&new.layout, now.id, id);
            before != after && after == gains
        };
        new.queues.iter().filter(|q| differs(q.queue.id)).map(|q| q.queue.name.as_str()).collect()
    };
    for (word, queues) in [("can now serve", changed(true)), ("serves no more", changed(false))] {
        if !queues.is_empty() {
            what.push(format!("{word} {}", queues.join(", ")));
        }
    }
    if what.is_empty() && (was.skills != now.skills || was.trainee != now.trainee) {
        what.push("is ranked differently".to_owned());
    }
    if was.team != now.team {
        what.push(format!("is in team {}, was in {}", now.team, was.team));
    }
    if was.account != now.account {
        what.push("his telephone must register anew: name or password changed".to_owned());
    }
    what
}
