//! From texts to proved menus: read everything, judge everything, and only then build.
use crate::calendar::Opening;
use crate::calendars::read_calendars;
use crate::draft::{Draft, DraftNotice, DraftPatience};
use crate::facts::{Ability, Facts};
use crate::lint::{self, Parts, Tree};
use crate::menu::{Collect, Menu, MenuOption, Menus, Notice, Patience, Prompt, Said, Service, Set};
use crate::policy::{Policy, read_policy};
use crate::prompts::read_prompts;
use crate::read_menu::read_menu;
use crate::services::{DraftCollect, DraftSaid, DraftService, read_services};
use crate::sources::Sources;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_model::PromptId;
use switchboard_source::{Code, Diagnostic, Doc, Spanned, has_errors, read, sort};

/// Menus, if nothing is wrong with any text, and everything that is wrong or worth saying. The only way to make `Menus`.
pub fn compile(files: &Sources, facts: &Facts) -> (Option<Menus>, Vec<Diagnostic>) {
    let mut faults = vec![];
    let drafts = drafts(files, &facts.can, &mut faults);
    let prompts = named(files, "prompts.yaml", &mut faults, |doc, faults| read_prompts(doc, files, faults));
    let calendars = named(files, "calendars.yaml", &mut faults, read_calendars);
    let services = named(files, "services.yaml", &mut faults, read_services);
    let policy = policy(files, &mut faults);
    if drafts.is_empty() && !has_errors(&faults) {
        let code = Code { family: lint::FAMILY, number: 903 };
        faults.push(Diagnostic::of_file(code, "", "there is no menu").help("menus are files ending in .yaml"));
    }
    // Rules that look across files would only repeat in other words that a file could not be read.
    let mut waivers = vec![];
    if !has_errors(&faults) {
        let files_read = Parts { menus: &drafts, prompts: &prompts, calendars: &calendars, services: &services };
        let tree = Tree::new(files_read, &policy, facts);
        let (found, waived) = lint::lint(&tree);
        faults.extend(found);
        waivers = waived;
        if !has_errors(&faults) {
            let menus = build(files, &tree, waivers);
            sort(&mut faults);
            return (Some(menus), faults);
        }
    }
    drop(waivers);
    sort(&mut faults);
    (None, faults)
}

fn drafts(files: &Sources, can: &[Ability], faults: &mut Vec<Diagnostic>) -> BTreeMap<String, Draft> {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    for (path, bytes) in files.menus() {
        let (doc, more) = read(lint::FAMILY, path, bytes);
        faults.extend(more);
        let Some(draft) = doc.and_then(|doc| read_menu(&doc, can, faults)) else { continue };
        match drafts.get(&draft.name.value) {
            Some(first) => {
                let message = format!("the menu `{}` is written twice", draft.name.value);
                let code = Code { family: lint::FAMILY, number: 305 };
                let fault =
                    Diagnostic::error(code, &draft.name.at, message).also(&first.name.at, "the first one is here");
                faults.push(fault.help("give one of them another name"));
            }
            None => {
                drafts.insert(draft.name.value.clone(), draft);
            }
        }
    }
    drafts
}

/// What all files of that name say, the deepest last.
fn named<T>(
    files: &Sources,
    name: &str,
    faults: &mut Vec<Diagnostic>,
    of: impl Fn(&Doc, &mut Vec<Diagnostic>) -> BTreeMap<String, T>,
) -> BTreeMap<String, T> {
    let mut all = BTreeMap::new();
    for (path, bytes) in files.named(name) {
        let (doc, more) = read(lint::FAMILY, path, bytes);
        faults.extend(more);
        if let Some(doc) = doc {
            all.extend(of(&doc, faults));
        }
    }
    all
}

fn policy(files: &Sources, faults: &mut Vec<Diagnostic>) -> Policy {
    let mut policy = Policy::default();
    for (path, bytes) in files.named("policy.yaml") {
        let (doc, more) = read(lint::FAMILY, path, bytes);
        faults.extend(more);
        if let Some(doc) = doc {
            read_policy(&doc, &mut policy, faults);
        }
    }
    policy
}

fn build(files: &Sources, tree: &Tree<'_>, waivers: Vec<String>) -> Menus {
    let mut prompts: Vec<Prompt> = vec![];
    let mut by_name = BTreeMap::new();
    for (name, draft) in tree.prompts {
        let mut shared = None;
        for (&language, take) in &draft.takes {
            let Some(sound) = &take.sound else { continue };
            if let Some(id) = shared.filter(|_| take.shared) {
                by_name.insert((name.clone(), language), id);
                continue;
            }
            let id = PromptId(prompts.len() as u32);
            shared = take.shared.then_some(id);
            by_name.insert((name.clone(), language), id);
            prompts.push(Prompt {
                id,
                name: name.clone(),
                language,
                kind: draft.kind,
                text: take.text.as_ref().map_or(String::new(), |t| t.value.clone()),
                file: take.file.clone(),
                sound: sound.clone(),
                millis: take.millis(),
            });
        }
    }
    let calendars: BTreeMap<_, _> = tree.calendars.iter().map(|(n, c)| (n.as_str(), Arc::new(c.calendar(n)))).collect();
    let opening = |draft: &Draft| match (&draft.calendar, &draft.hours) {
        (Some(name), _) => Opening::Calendar(calendars[name.value.as_str()].clone()),
        (None, Some(hours)) => Opening::Hours(hours.value),
        (None, None) => Opening::Always,
    };
    let menus = tree.menus.iter().map(|(name, draft)| (name.clone(), menu(draft, opening(draft)))).collect();
    let entries = tree.entries.iter().map(|&e| e.to_owned()).collect();
    let next_prompt = prompts.len() as u32;
    Menus::new(Set {
        hash: files.hash(),
        menus,
        entries,
        prompts,
        next_prompt,
        by_name,
        waivers,
        elderly_answer_s: tree.policy.elderly_answer_s,
        services: tree.services.iter().map(|(name, s)| (name.clone(), service(s))).collect(),
        effective_from: tree.menus.values().filter_map(|d| d.effective_from.as_ref().map(|m| m.value)).max(),
    })
}

fn service(draft: &DraftService) -> Service {
    let collect = |c: &DraftCollect| Collect {
        name: c.name.value.clone(),
        prompt: c.prompt.value.clone(),
        digits: (c.digits.0 as usize, c.digits.1 as usize),
    };
    let said = |s: &DraftSaid| match s {
        DraftSaid::Prompt(name) => Said::Prompt(name.value.clone()),
        DraftSaid::Value(form, name) => Said::Value(*form, name.value.clone()),
    };
    Service {
        collect: draft.collect.iter().map(collect).collect(),
        time_limit_s: draft.time_limit_s,
        attempts: draft.attempts,
        again: draft.again.as_ref().map(|a| a.value.clone()),
        say: draft.say.iter().map(said).collect(),
    }
}

fn menu(draft: &Draft, opening: Opening) -> Menu {
    let word = |s: &Option<Spanned<String>>| s.as_ref().map(|s| s.value.clone());
    let patience = |p: &DraftPatience| Patience {
        prompt: word(&p.prompt),
        after_s: p.after_s,
        replay: p.replay,
        then: p.then.value.clone(),
    };
    let notice =
        |n: &DraftNotice| Notice { prompt: n.prompt.value.clone(), then: n.then.as_ref().map(|t| t.value.clone()) };
    let option = |o: &crate::draft::DraftOption| MenuOption {
        key: o.key.value,
        prompt: word(&o.prompt),
        does: o.does.value.clone(),
        on_failure: o.on_failure.as_ref().map(|f| f.value.clone()),
        retention: o.retention.as_ref().map(|r| r.value),
        verify: word(&o.verify),
    };
    Menu {
        name: draft.name.value.clone(),
        title: draft.title.clone(),
        languages: draft.language_list(),
        greeting: draft.greeting.iter().map(|g| g.value.clone()).collect(),
        options: draft.in_reading_order().into_iter().map(option).collect(),
        no_input: patience(&draft.no_input),
        no_match: patience(&draft.no_match),
        opening,
        notices: draft.notices.iter().map(|(occasion, n)| (occasion.clone(), notice(n))).collect(),
        elderly_on_silence: draft.elderly_on_silence,
    }
}
