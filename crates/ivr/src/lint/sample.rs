//! The small bank that the pages of the manual change: what `ivr explain sample` prints.
//!
//! ```text
//!   a page's example:   options: …            in place of main.yaml's `options`
//!                       # accounts.yaml       the lines below are about that file
//!                       no_input: …
//! ```
//! A field takes the place of the same field of the sample; a prompt that of the same prompt; lines that begin with `version:` are a
//! whole file. So an example shows what matters and is still checked as a whole menu. Sounds are silence, as long as their words.
use crate::civil::Day;
use crate::facts::{Ability, Facts, QueueFacts};
use crate::menu::Retention;
use crate::prompts::{by_words, read_prompts};
use crate::sound;
use crate::sources::Sources;
use std::collections::BTreeMap;
use switchboard_model::Language;
use switchboard_source::{BYTES_MAX, read};

/// The files of the sample, in the order in which a reader wants them.
pub const FILES: [(&str, &str); 3] = [
    ("main.yaml", include_str!("sample/main.yaml")),
    ("accounts.yaml", include_str!("sample/accounts.yaml")),
    ("prompts.yaml", include_str!("sample/prompts.yaml")),
];

/// A sound whose name begins like this is one that was never recorded.
const NOT_RECORDED: &str = "prompts/not_recorded";
/// A sound whose name begins like this has been recorded at 44.1 kHz.
const STUDIO: &str = "prompts/studio";

/// The day on which examples are checked: a waiver "until 2026-06-30" has ended.
pub const DAY: Day = Day { year: 2026, month: 10, day: 8 };

/// The queues of the sample: who serves them in Mandarin, English and Cantonese.
pub fn facts() -> Facts {
    let queue = |name: &str, agents: [u32; 3]| {
        (
            name.to_owned(),
            QueueFacts { agents: Language::ALL.into_iter().zip(agents).collect(), ..QueueFacts::default() },
        )
    };
    let queues = [
        queue("general", [9, 4, 0]),
        queue("accounts", [4, 2, 0]),
        queue("cards", [4, 1, 0]),
        queue("loans", [3, 0, 0]),
        queue("complaints", [3, 2, 0]),
        queue("loans_by_day", [3, 0, 0]),
    ];
    let mut queues = BTreeMap::from(queues);
    queues.entry("loans_by_day".to_owned()).and_modify(|q| q.staffed = Some("day".to_owned()));
    queues.entry("complaints".to_owned()).and_modify(|q| q.retention = Some(Retention::HighRisk));
    // An engine that does everything but voicemail: a page must show what is said of what it cannot do.
    let can = Ability::ALL.into_iter().filter(|a| *a != Ability::Voicemail).collect();
    Facts { queues, today: Some(DAY), can, ..Facts::default() }
}

/// The sample with an example in it.
pub fn with(example: &str) -> Sources {
    let mut files: BTreeMap<&str, String> = FILES.iter().map(|(name, body)| (*name, (*body).to_owned())).collect();
    let mut sources = Sources::new();
    for (name, how, lines) in sections(example) {
        let base = files.remove(name).filter(|_| !lines.trim_start().starts_with("version:")).unwrap_or_default();
        let merged = merge(&base, &lines, if name == "prompts.yaml" { "  " } else { "" });
        match how {
            "" => {
                files.insert(name, merged);
            }
            // GBK's bytes are never UTF-8; which of them it is does not matter.
            "saved as GBK" => {
                let bytes = merged.chars().flat_map(|c| if c.is_ascii() { vec![c as u8] } else { vec![0xd6, 0xd0] });
                sources.add(name, bytes.collect::<Vec<u8>>());
            }
            "then a mebibyte of spaces" => sources.add(name, (merged + &" ".repeat(BYTES_MAX)).into_bytes()),
            "an empty file" => sources.add(name, vec![]),
            how => unreachable!("no page says `{how}` of a file"),
        }
    }
    for (name, body) in files {
        sources.add(name, body.into_bytes());
    }
    add_sounds(&mut sources);
    sources
}

/// The example's parts: the file, what is special about its bytes, the lines.
fn sections(example: &str) -> Vec<(&str, &str, String)> {
    let mut sections = vec![("main.yaml", "", String::new())];
    for line in example.lines() {
        match line.strip_prefix("# ").and_then(|head| head.split_once(".yaml").map(|(stem, how)| (stem, head, how))) {
            Some((stem, head, how)) if !stem.contains(' ') => {
                let name = &head[..stem.len() + ".yaml".len()];
                sections.push((name, how.trim_start_matches([':', ' ']), String::new()));
            }
            Some(_) | None => {
                let lines = &mut sections.last_mut().expect("it begins with one").2;
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    sections.retain(|(_, how, lines)| !lines.is_empty() || !how.is_empty());
    sections
}

/// `lines` over `base`: blocks that begin with `indent` and a name replace those of that name, others are added.
fn merge(base: &str, lines: &str, indent: &str) -> String {
    let mut blocks = blocks(base, indent);
    for (name, block) in self::blocks(lines, indent) {
        match blocks.iter_mut().find(|(n, _)| *n == name && !name.is_empty()) {
            Some(old) => old.1 = block,
            None => blocks.push((name, block)),
        }
    }
    blocks.into_iter().map(|(_, block)| block).collect()
}

fn blocks(text: &str, indent: &str) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, String)> = vec![];
    for line in text.lines() {
        let begins = line.strip_prefix(indent).filter(|rest| rest.starts_with(|c: char| !c.is_whitespace()));
        let name = begins.map(|rest| rest.split(':').next().unwrap_or(rest).to_owned());
        match (name, blocks.last_mut()) {
            (Some(name), _) => blocks.push((name, format!("{line}\n"))),
            (None, Some((_, block))) => *block += &format!("{line}\n"),
            (None, None) => blocks.push((String::new(), format!("{line}\n"))),
        }
    }
    blocks
}

fn add_sounds(sources: &mut Sources) {
    let Some(bytes) = sources.file("prompts.yaml").cloned() else { return };
    let Some(doc) = read(super::FAMILY, "prompts.yaml", &bytes).0 else { return };
    for take in read_prompts(&doc, sources, &mut vec![]).values().flat_map(|p| p.takes.values()) {
        let words = take.text.as_ref().map_or("", |t| t.value.as_str());
        let hertz = if take.file.starts_with(STUDIO) { 44_100 } else { 8_000 };
        if !take.file.starts_with(NOT_RECORDED) {
            sources.add(take.file.clone(), sound::silence(by_words(words), hertz));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_changes_the_field_it_names_and_no_other() {
        let text = |sources: &Sources, name: &str| {
            String::from_utf8(sources.file(name).expect("a file").to_vec()).expect("UTF-8")
        };
        let plain = with("");
        let changed = with("no_input: { x: 1 }\n# prompts.yaml\n  back: { y: 2 }\n  new: { z: 3 }\n");
        let lines = |a: &str, b: &str| -> Vec<String> {
            a.lines().filter(|l| !b.lines().any(|o| o == *l)).map(str::to_owned).collect()
        };
        for (name, gone, come) in [
            ("main.yaml", 1, vec!["no_input: { x: 1 }"]),
            ("accounts.yaml", 0, vec![]),
            ("prompts.yaml", 1, vec!["  back: { y: 2 }", "  new: { z: 3 }"]),
        ] {
            let (before, after) = (text(&plain, name), text(&changed, name));
            assert_eq!(lines(&before, &after).len(), gone, "{name}");
            assert_eq!(lines(&after, &before), come, "{name}");
        }
        let whole = with("# loans.yaml\nversion: 1\nmenu: loans\n# main.yaml: an empty file\n");
        assert_eq!(text(&whole, "loans.yaml"), "version: 1\nmenu: loans\n");
        assert_eq!(text(&whole, "main.yaml"), "");
        assert!(whole.file("prompts/zh-CN/agent.wav").is_some_and(|s| sound::samples(s).is_ok()));
    }
}
