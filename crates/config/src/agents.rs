//! `agents.yaml`: who works here, with which telephone, what each can do, and whom each team sends first.
use crate::faults::code;
use crate::lapsing;
use crate::loaded::{AgentConf, Password};
use crate::skills::SkillNames;
use std::collections::BTreeMap;
use switchboard_acd::Choice;
use switchboard_ivr::Day;
use switchboard_model::{Level, Skills};
use switchboard_source::{Diagnostic, Doc, Item};

/// Reads it.
pub fn read(
    doc: &Doc,
    today: Option<Day>,
    skills: &mut SkillNames,
    faults: &mut Vec<Diagnostic>,
) -> (Vec<AgentConf>, BTreeMap<String, Choice>) {
    let mut agents: Vec<AgentConf> = vec![];
    let mut teams = BTreeMap::new();
    let Some(mut fields) = doc.top().fields(faults) else { return (agents, teams) };
    if let Some(version) = fields.must("version", faults) {
        version.number(1..=1, faults);
    }
    for item in fields.must("agents", faults).map_or(vec![], |i| i.list(faults)) {
        if let Some(agent) = read_agent(&item, today, skills, faults) {
            let twice = |what: &str, value: &str| {
                Diagnostic::error(code(5), &item.at(), format!("there are two agents with {what} `{value}`"))
            };
            if agents.iter().any(|a| a.agent_id == agent.agent_id) {
                faults.push(twice("agent ID", &agent.agent_id));
            }
            if agents.iter().any(|a| a.sip_user == agent.sip_user) {
                faults.push(twice("SIP user", &agent.sip_user));
            }
            agents.push(agent);
        }
    }
    for item in fields.may("teams").map_or(vec![], |i| i.list(faults)) {
        let Some(mut team) = item.fields(faults) else { continue };
        let name = team.must("name", faults).and_then(|i| i.text(faults));
        let words: Vec<&str> = Choice::ALL.iter().map(|(_, word)| *word).collect();
        let read = |t: &str| Choice::ALL.iter().find(|(_, word)| *word == t).map(|(choice, _)| *choice);
        let first = team.must("first", faults).and_then(|i| i.parse(&words.join(", "), faults, read));
        team.done(faults);
        let (Some(name), Some(first)) = (name, first) else { continue };
        if !agents.iter().any(|a| a.team == name.value) {
            let fault = Diagnostic::error(code(27), &name.at, format!("nobody is in team `{}`", name.value));
            faults.push(fault.help("see whether its name is written the same way beside the agents"));
        }
        if teams.insert(name.value.clone(), first.value).is_some() {
            faults.push(Diagnostic::error(code(5), &name.at, format!("there are two teams `{}`", name.value)));
        }
    }
    fields.done(faults);
    (agents, teams)
}

fn read_agent(
    item: &Item<'_>,
    today: Option<Day>,
    names: &mut SkillNames,
    faults: &mut Vec<Diagnostic>,
) -> Option<AgentConf> {
    let mut fields = item.fields(faults)?;
    let digits =
        |t: &str| (!t.is_empty() && t.len() <= 10 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.to_owned());
    let agent_id =
        fields.must("agent_id", faults).and_then(|i| i.parse("an agent ID of 1 to 10 digits", faults, digits));
    let name = fields.must("name", faults).and_then(|i| i.text(faults));
    let team = fields.may("team").map_or(Some(String::new()), |i| i.text(faults).map(|t| t.value));
    let sip_user = fields.may("sip_user").and_then(|i| i.text(faults)).map(|t| t.value);
    let plain = fields.may("password").and_then(|i| i.text(faults)).map(|t| Password::Plain(t.value));
    let hex = |t: &str| (t.len() == 32 && t.bytes().all(|b| b.is_ascii_hexdigit())).then(|| t.to_ascii_lowercase());
    let ha1 = fields
        .may("ha1")
        .and_then(|i| i.parse("32 hex digits: MD5 of user:realm:password", faults, hex))
        .map(|t| Password::Ha1(t.value));
    let password = ha1.or(plain);
    if password.is_none() {
        let fault = Diagnostic::error(code(14), &item.at(), "this agent's telephone has no password");
        faults.push(fault.help("write `password`, or `ha1` so that the password itself stands nowhere"));
    }
    let mut skills = Skills::default();
    for (skill, level) in fields.must("skills", faults).map_or(vec![], |i| i.entries(faults)) {
        if let Some(level) = level.number(0..=9, faults) {
            skills.0.insert(names.id(&skill), Level::new(level as u8).expect("0 to 9 was checked"));
        }
    }
    let trainee = fields.may("trainee").map_or(Some(false), |i| i.truth(faults));
    let who = agent_id.as_ref().map_or("", |i| i.value.as_str());
    let mut lapses = fields
        .may("certificates")
        .map_or(vec![], |i| lapsing::certificates(&i, who, today, names, &mut skills, faults));
    lapses.extend(fields.may("lent").map_or(vec![], |i| lapsing::lent(&i, names, &mut skills, faults)));
    fields.done(faults);
    let agent_id = agent_id?.value;
    let sip_user = sip_user.unwrap_or_else(|| agent_id.clone());
    Some(AgentConf {
        agent_id,
        name: name?.value,
        sip_user,
        password: password?,
        skills,
        team: team?,
        lapses,
        trainee: trainee?,
    })
}
