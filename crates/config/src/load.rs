//! All files together, with all their faults at once.
use crate::carriers::{self, Profile};
use crate::faults::{FAMILY, code};
use crate::loaded::{AgentConf, Loaded, TrunkConf};
use crate::queues::Placed;
use crate::skills::SkillNames;
use crate::trunks::Led;
use crate::{CallsConf, agents, calls, centre, elderly, patience, queues, staffing, trunks};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use switchboard_engine::config::ABILITIES;
use switchboard_ivr::{Day, Disk, Facts, Menus, QueueFacts, compile, gather};
use switchboard_model::{Language, Need};
use switchboard_source::{Code, Diagnostic, Doc, has_errors, sort};

/// Menu rules about queues: unknown, served by nobody, served by one.
const ABOUT_QUEUES: [Code; 3] =
    [Code { family: "IVR", number: 302 }, Code { family: "IVR", number: 304 }, Code { family: "IVR", number: 306 }];

/// Reads the configuration in `folder`, as it would go live on that day. A value only if nothing is wrong; all faults in any case.
/// Without a day no waiver has ended: for the simulator, whose days are made up.
pub fn load(folder: &str, today: Option<Day>, disk: &mut dyn Disk) -> (Option<Loaded>, Vec<Diagnostic>) {
    let mut faults = vec![];
    let mut hash = Sha256::new();
    let mut doc = |name: &str, faults: &mut Vec<Diagnostic>| open(folder, name, disk, &mut hash, faults);
    let files = [
        doc("centre.yaml", &mut faults),
        doc("trunks.yaml", &mut faults),
        doc("queues.yaml", &mut faults),
        doc("agents.yaml", &mut faults),
    ];
    let calls_doc =
        disk_has(folder, "calls.yaml", disk).then(|| open(folder, "calls.yaml", disk, &mut hash, &mut faults));
    let calls = calls_doc.flatten().map_or_else(CallsConf::default, |d| calls::read(&d, &mut faults));
    let [centre_doc, trunks_doc, queues_doc, agents_doc] = files;
    let centre = centre_doc.as_ref().and_then(|d| centre::read(d, &mut faults));
    let profiles = trunks_doc.as_ref().map_or(BTreeMap::new(), |d| profiles(d, folder, disk, &mut hash, &mut faults));
    let (trunks, led) = trunks_doc.as_ref().map_or((vec![], vec![]), |d| trunks::read(d, &profiles, &mut faults));
    if let (Some(doc), Some(centre)) = (&trunks_doc, &centre)
        && centre.centre.tls.as_ref().is_none_or(|tls| tls.authorities.is_none())
        && trunks.iter().flat_map(|t| &t.sbcs).any(|s| s.transport.is_secure())
    {
        let fault =
            Diagnostic::error(code(34), &doc.at("/trunks"), "an SBC is to be called over TLS, and nobody is believed");
        faults.push(fault.help("`tls` in centre.yaml names our certificate and, as `authorities`, the carrier's"));
    }
    no_way_out(&calls, &trunks, trunks_doc.is_some(), &mut faults);
    let mut skills = SkillNames::default();
    for language in Language::ALL {
        skills.id(language.skill());
    }
    let (agents, teams) =
        agents_doc.as_ref().map_or((vec![], BTreeMap::new()), |d| agents::read(d, today, &mut skills, &mut faults));
    let placed = queues_doc.as_ref().map_or(vec![], |d| queues::read(d, &mut skills, &mut faults));
    unknown_skills(&placed, &agents, &skills, &mut faults);
    if let Some(centre) = &centre {
        staffing::check(&placed, &agents, &centre.centre.languages, today, &mut skills, &mut faults);
    }
    let Some(mut centre) = centre else {
        sort(&mut faults);
        return (None, faults);
    };
    if let Some(tls) = centre.centre.tls.take() {
        let tls = tls.map(|file| if file.starts_with('/') { file.to_owned() } else { beside(folder, file) });
        for file in [Some(&tls.certificate), Some(&tls.key), tls.authorities.as_ref()].into_iter().flatten() {
            if let Err(e) = disk.read(file) {
                let fault = Diagnostic::of_file(code(31), file, format!("{file} cannot be read: {e}"));
                faults.push(fault.help("`tls` in centre.yaml names it, relative to centre.yaml"));
            }
        }
        centre.centre.tls = Some(tls);
    }
    let facts = Facts { today, ..facts(&placed, &agents, &led, &centre.centre.languages, &mut skills) };
    let menus_folder = beside(folder, &centre.menus);
    let menus = match gather(&menus_folder, disk) {
        Ok(sources) => {
            hash.update(sources.hash());
            // Of queues that could not be read the menus would only say that they do not exist, or that nobody serves them.
            let queues_known = !has_errors(&faults);
            let (menus, found) = compile(&sources, &facts);
            faults.extend(found.into_iter().filter(|d| queues_known || !ABOUT_QUEUES.contains(&d.code)));
            menus
        }
        Err(e) => {
            let message = format!("the folder of menus {menus_folder} cannot be read: {e}");
            faults.push(
                Diagnostic::of_file(code(2), &beside(folder, "centre.yaml"), message)
                    .help("`menus` names it, relative to centre.yaml"),
            );
            None
        }
    };
    if let Some(menus) = &menus {
        across(menus, &placed, &led, &centre.centre.languages, &mut faults);
        silent_questions(menus, &calls, &centre.centre.languages, &mut faults);
        if menus.serves() && calls.services.is_none() {
            let message = "menus offer a service, and no back-end is named that does it";
            let fault = Diagnostic::of_file(code(40), &format!("{folder}/calls.yaml"), message);
            faults.push(fault.help("add `services: { backend: 127.0.0.1:5090 }`, or take the choice out of the menu"));
        }
    }
    let elderly = elderly::read(folder, &centre, &trunks, disk, &mut hash, &mut faults);
    sort(&mut faults);
    let sound = !has_errors(&faults);
    let loaded = menus.filter(|_| sound).map(|menus| Loaded {
        centre: centre.centre,
        trunks,
        queues: placed.into_iter().map(|p| p.conf).collect(),
        agents,
        skills: skills.names(),
        menus,
        elderly,
        hash: hash.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect(),
        ring_s: centre.ring_s,
        work: centre.work,
        reasons: centre.reasons,
        failures: centre.failures,
        choices: teams,
        calls,
    });
    (loaded, faults)
}

/// The folder of menus that this configuration names, as `load` asks the disk for it; none if `centre.yaml` cannot be read.
pub fn menus_folder(folder: &str, disk: &mut dyn Disk) -> Option<String> {
    let (mut faults, mut hash) = (vec![], Sha256::new());
    let doc = open(folder, "centre.yaml", disk, &mut hash, &mut faults)?;
    centre::read(&doc, &mut faults).map(|centre| beside(folder, &centre.menus))
}

/// What the menus of this configuration must agree with, if its queues and agents can be read: for checking menus alone.
pub fn menu_facts(folder: &str, today: Option<Day>, disk: &mut dyn Disk) -> Facts {
    let (mut faults, mut hash) = (vec![], Sha256::new());
    let mut skills = SkillNames::default();
    let mut doc = |name: &str| open(folder, name, disk, &mut hash, &mut faults);
    let (centre_doc, trunks_doc, queues_doc, agents_doc) =
        (doc("centre.yaml"), doc("trunks.yaml"), doc("queues.yaml"), doc("agents.yaml"));
    let languages = centre_doc.and_then(|d| centre::read(&d, &mut faults)).map_or(vec![], |c| c.centre.languages);
    let agents = agents_doc.map_or(vec![], |d| agents::read(&d, today, &mut skills, &mut faults).0);
    let placed = queues_doc.map_or(vec![], |d| queues::read(&d, &mut skills, &mut faults));
    let led = trunks_doc.map_or(vec![], |d| trunks::read(&d, &BTreeMap::new(), &mut faults).1);
    Facts { today, ..facts(&placed, &agents, &led, &languages, &mut skills) }
}

/// Whether a file that may be missing is there; one that is there and cannot be read is a fault.
fn disk_has(folder: &str, name: &str, disk: &mut dyn Disk) -> bool {
    !matches!(disk.read(&beside(folder, name)), Err(e) if e.kind() == std::io::ErrorKind::NotFound)
}

/// The carriers' profiles that the trunks name: `carriers/NAME.yaml`, each read once.
fn profiles(
    doc: &Doc,
    folder: &str,
    disk: &mut dyn Disk,
    hash: &mut Sha256,
    faults: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Profile> {
    let mut profiles = BTreeMap::new();
    for (name, at) in carriers::named(doc) {
        if profiles.contains_key(&name) {
            continue;
        }
        let file = format!("carriers/{name}.yaml");
        if !carriers::is_plain(&name) || disk.read(&beside(folder, &file)).is_err() {
            let fault = Diagnostic::error(code(32), &at, format!("there is no profile `{name}`"));
            faults.push(fault.help(format!("it would be the file {file} beside trunks.yaml")));
            continue;
        }
        if let Some(doc) = open(folder, &file, disk, hash, faults) {
            profiles.insert(name, Profile::of_file(&doc, faults));
        }
    }
    profiles
}

fn open(folder: &str, name: &str, disk: &mut dyn Disk, hash: &mut Sha256, faults: &mut Vec<Diagnostic>) -> Option<Doc> {
    let path = beside(folder, name);
    match disk.read(&path) {
        Ok(bytes) => {
            hash.update(name);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(&bytes);
            let (doc, found) = switchboard_source::read(FAMILY, &path, &bytes);
            faults.extend(found);
            doc
        }
        Err(e) => {
            let fault = Diagnostic::of_file(code(1), &path, format!("{path} cannot be read: {e}"));
            faults.push(fault.help("a centre needs centre.yaml, trunks.yaml, queues.yaml and agents.yaml; the repository's `config` folder is a start"));
            None
        }
    }
}

pub(crate) fn beside(folder: &str, name: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in name.split('/') {
        match part {
            ".." if parts.last().is_some_and(|p| !matches!(*p, ".." | "." | "")) => {
                parts.pop();
            }
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The trunk by which calls go out must be there and have somebody to call.
fn no_way_out(calls: &CallsConf, trunks: &[TrunkConf], read: bool, faults: &mut Vec<Diagnostic>) {
    let Some(named) = calls.trunk.as_ref().filter(|_| read) else { return };
    let (message, help) = match trunks.iter().find(|t| t.name == named.value) {
        Some(trunk) if !trunk.sbcs.is_empty() => return,
        Some(_) => (
            format!("calls are to go out by trunk `{}`, which has no SBC", named.value),
            "`sbcs` in trunks.yaml names them: `sbcs: [{ at: 192.0.2.10:5060 }]`".to_owned(),
        ),
        None => (
            format!("there is no trunk `{}`", named.value),
            match trunks.iter().find(|t| !t.sbcs.is_empty()) {
                Some(trunk) => format!("`{}` in trunks.yaml has SBCs to call", trunk.name),
                None => "trunks.yaml lists them by `name`".to_owned(),
            },
        ),
    };
    faults.push(Diagnostic::error(code(28), &named.at, message).help(help));
}

fn unknown_skills(placed: &[Placed], agents: &[AgentConf], skills: &SkillNames, faults: &mut Vec<Diagnostic>) {
    for queue in placed {
        for (need, at) in &queue.needs_at {
            if !agents.iter().any(|a| a.skills.level(need.skill) > 0) {
                let name = skills.name(need.skill);
                let fault = Diagnostic::error(
                    code(4),
                    at,
                    format!("queue `{}` needs skill `{name}`, which no agent has", queue.conf.name),
                );
                faults.push(fault.help("see whether it is written the same way in agents.yaml"));
            }
        }
    }
}

fn facts(
    placed: &[Placed],
    agents: &[AgentConf],
    led: &[Led],
    languages: &[Language],
    skills: &mut SkillNames,
) -> Facts {
    let mut queues = BTreeMap::new();
    for queue in placed {
        let needs: Vec<&[Need]> = std::iter::once(queue.conf.needs.as_slice())
            .chain(queue.conf.steps.iter().map(|s| s.needs.as_slice()))
            .collect();
        let mut serve = QueueFacts {
            staffed: queue.conf.staffed.clone(),
            retention: queue.conf.retention,
            ..QueueFacts::default()
        };
        for language in languages {
            let speaks = skills.id(language.skill());
            let n =
                agents.iter().filter(|a| a.skills.level(speaks) > 0 && needs.iter().any(|n| a.skills.meet(n))).count();
            serve.agents.insert(*language, n as u32);
        }
        queues.insert(queue.conf.name.clone(), serve);
    }
    let entries = led.iter().map(|l| l.menu.clone()).collect();
    Facts { queues, entries, today: None, can: ABILITIES.to_vec() }
}

fn across(menus: &Menus, placed: &[Placed], led: &[Led], languages: &[Language], faults: &mut Vec<Diagnostic>) {
    for led in led {
        if menus.menu(&led.menu).is_none() {
            let known: Vec<&str> = menus.all().map(|m| m.name.as_str()).collect();
            let fault = Diagnostic::error(code(3), &led.at, format!("there is no menu `{}`", led.menu));
            faults.push(fault.help(format!("there are {}", known.join(", "))));
        }
    }
    for queue in placed {
        if menus.prompt_named(&queue.conf.music, languages[0]).is_none() {
            let at = queue.music_at.as_ref().unwrap_or(&queue.at);
            let fault = Diagnostic::error(
                code(10),
                at,
                format!("the music `{}` of queue `{}` is no prompt", queue.conf.music, queue.conf.name),
            );
            faults.push(fault.help("prompts.yaml names every sound"));
        }
        patience::check(menus, queue, placed, languages, faults);
        if queue.conf.announce_agent_id {
            silent_announcement(menus, queue, languages, faults);
        }
    }
}

/// Whoever is asked for account and PIN must hear what he is asked.
fn silent_questions(menus: &Menus, calls: &CallsConf, languages: &[Language], faults: &mut Vec<Diagnostic>) {
    let Some(verify) = &calls.verify else { return };
    for &language in languages {
        let missing: Vec<&str> =
            calls::PROMPTS.into_iter().filter(|p| menus.prompt_named(p, language).is_none()).collect();
        if !missing.is_empty() {
            let message = format!("callers are to be verified, and {} has no sound in {language}", missing.join(", "));
            faults.push(
                Diagnostic::error(code(29), &verify.at, message)
                    .help("add it to prompts.yaml; `switchboard ivr prompts` makes a synthetic sound"),
            );
        }
    }
}

/// Every word of 工号 … 为您服务 must have a sound, or agents would be connected without a word about who they are.
fn silent_announcement(menus: &Menus, queue: &Placed, languages: &[Language], faults: &mut Vec<Diagnostic>) {
    let digits = (0..10).map(|d| format!("digit_{d}"));
    let parts: Vec<String> =
        ["agent_id_prefix", "agent_id_suffix"].map(str::to_owned).into_iter().chain(digits).collect();
    for &language in languages {
        let missing: Vec<&str> =
            parts.iter().map(String::as_str).filter(|p| menus.prompt_named(p, language).is_none()).collect();
        if !missing.is_empty() {
            let name = &queue.conf.name;
            let message = format!(
                "queue `{name}` announces the agent's ID, and {} has no sound in {language}",
                missing.join(", ")
            );
            let fault = Diagnostic::error(code(16), &queue.at, message);
            faults.push(fault.help("add it to prompts.yaml, or write `announce_agent_id: false`"));
        }
    }
}
