//! From texts to proved menus: read everything, judge everything, and only then build.
use crate::draft::{Draft, DraftNotice, DraftPatience, read_menu};
use crate::facts::Facts;
use crate::lint::{self, Tree};
use crate::menu::{Menu, MenuOption, Menus, Notice, Patience, Prompt, Set};
use crate::policy::{Policy, read_policy};
use crate::prompts::{DraftPrompt, read_prompts};
use crate::sources::Sources;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard_model::PromptId;
use switchboard_source::{Code, Diagnostic, Spanned, has_errors, read, sort};

/// Menus, if nothing is wrong with any text, and everything that is wrong or worth saying. The only way to make `Menus`.
pub fn compile(files: &Sources, facts: &Facts) -> (Option<Menus>, Vec<Diagnostic>) {
    let mut faults = vec![];
    let drafts = drafts(files, &mut faults);
    let prompts = prompts(files, &mut faults);
    let policy = policy(files, &mut faults);
    if drafts.is_empty() && !has_errors(&faults) {
        let code = Code { family: lint::FAMILY, number: 903 };
        faults.push(Diagnostic::of_file(code, "", "there is no menu").help("menus are files ending in .yaml"));
    }
    // Rules that look across files would only repeat in other words that a file could not be read.
    let mut waivers = vec![];
    if !has_errors(&faults) {
        let tree = Tree::new(&drafts, &prompts, &policy, facts);
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

fn drafts(files: &Sources, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, Draft> {
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    for (path, bytes) in files.menus() {
        let (doc, more) = read(lint::FAMILY, path, bytes);
        faults.extend(more);
        let Some(draft) = doc.and_then(|doc| read_menu(&doc, faults)) else { continue };
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

fn prompts(files: &Sources, faults: &mut Vec<Diagnostic>) -> BTreeMap<String, DraftPrompt> {
    let mut prompts = BTreeMap::new();
    for (path, bytes) in files.named("prompts.yaml") {
        let (doc, more) = read(lint::FAMILY, path, bytes);
        faults.extend(more);
        if let Some(doc) = doc {
            prompts.extend(read_prompts(&doc, files, faults));
        }
    }
    prompts
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
    let menus = tree.menus.iter().map(|(name, draft)| (name.clone(), menu(draft))).collect();
    let entries = tree.entries.iter().map(|&e| e.to_owned()).collect();
    let next_prompt = prompts.len() as u32;
    Menus(Arc::new(Set { hash: files.hash(), menus, entries, prompts, next_prompt, by_name, waivers }))
}

fn menu(draft: &Draft) -> Menu {
    let word = |s: &Option<Spanned<String>>| s.as_ref().map(|s| s.value.clone());
    let patience = |p: &DraftPatience| Patience {
        prompt: word(&p.prompt),
        after_s: p.after_s,
        replay: p.replay,
        then: p.then.value.clone(),
    };
    let notice = |n: &Option<DraftNotice>| {
        n.as_ref().map(|n| Notice { prompt: n.prompt.value.clone(), then: n.then.value.clone() })
    };
    let option = |o: &crate::draft::DraftOption| MenuOption {
        key: o.key.value,
        prompt: word(&o.prompt),
        does: o.does.value.clone(),
    };
    Menu {
        name: draft.name.value.clone(),
        title: draft.title.clone(),
        languages: draft.language_list(),
        greeting: draft.greeting.iter().map(|g| g.value.clone()).collect(),
        options: draft.in_reading_order().into_iter().map(option).collect(),
        no_input: patience(&draft.no_input),
        no_match: patience(&draft.no_match),
        hours: draft.hours.as_ref().map(|h| h.value),
        closed: notice(&draft.closed),
        queue_full: notice(&draft.queue_full),
    }
}
