//! Where an agent sends a caller, in one word, as people write it: a colleague's agent ID, a queue's name, or a number outside.
use crate::config::Config;
use switchboard_model::{AgentId, Destination, Number};

/// Where a word leads; or why nowhere.
pub fn destination(word: &str, config: &Config) -> Result<Destination, String> {
    let word = word.trim();
    if let Some(agent) = config.agents.iter().find(|a| a.agent_id == word || a.account.user == word) {
        return Ok(Destination::Agent(agent.id));
    }
    if let Some(queue) = config.queue_named(word) {
        return Ok(Destination::Queue(queue.queue.id));
    }
    let is_number = word.strip_prefix('+').unwrap_or(word);
    if is_number.len() < 3 || !is_number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("`{word}` is no agent ID, no queue and no number"));
    }
    config.outside.allows(word)?;
    let (country, area) = config.trunks.first().map_or(("86", ""), |t| (t.country.as_str(), t.area.as_str()));
    Ok(Destination::Outside(Number::read(word, country, area)))
}

/// As people read it.
pub fn named(destination: &Destination, config: &Config) -> String {
    match destination {
        Destination::Agent(agent) => config.agent(*agent).agent_id.clone(),
        Destination::Queue(queue) => config.queue(*queue).queue.name.clone(),
        Destination::Outside(number) => number.masked(),
    }
}

/// Whether this is the agent himself.
pub fn is_self(destination: &Destination, agent: AgentId) -> bool {
    *destination == Destination::Agent(agent)
}
