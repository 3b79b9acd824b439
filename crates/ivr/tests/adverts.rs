//! The wording rule (IVR0102) against prompts that people labelled: how many adverts it finds, and how often it is wrong.
//!
//! The lists hold adverts it is known to miss (they praise without a word from the lists): recall below 1 is expected, and
//! a person still approves every prompt. The texts were written by whoever wrote the word lists, so both figures flatter; texts of
//! real banks will tell more. Not covered: languages other than Mandarin and English.
mod common;

use common::{facts, silence};
use std::collections::BTreeSet;
use switchboard_ivr::{Sources, compile};
use switchboard_model::Language;

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).collect()
}

/// Which of these texts the rule takes for adverts.
fn taken(texts: &[&str]) -> BTreeSet<usize> {
    let mut prompts = "version: 1\nprompts:\n".to_owned();
    for (i, text) in texts.iter().enumerate() {
        prompts += &format!("  p{i}: {{ kind: notice, zh-CN: {{ text: \"{text}\", file: p.wav }} }}\n");
    }
    let all: Vec<_> = (0..texts.len()).map(|i| format!("p{i}")).collect();
    let menu = format!(
        "version: 1\nmenu: main\nlanguages: [zh-CN]\ngreeting: [{}]\noptions:\n  \"0\": {{ queue: q }}\nno_input: {{ after_s: 5, replay: 0, \
         then: {{ queue: q }} }}\nno_match: {{ replay: 0, then: {{ queue: q }} }}\n",
        all.join(", ")
    );
    let mut sources = Sources::new();
    sources.add("main.yaml", menu.into_bytes());
    sources.add("prompts.yaml", prompts.into_bytes());
    sources.add("p.wav", silence(10));
    let (_, faults) = compile(&sources, &facts(&["q"], &[Language::Mandarin], 2));
    let ours = faults.iter().filter(|d| d.code.to_string() == "IVR0102");
    ours.filter_map(|d| d.message.strip_prefix("the prompt `p")?.split('`').next()?.parse().ok()).collect()
}

#[test]
fn adverts_are_told_from_service() {
    let (adverts, serving) = (lines(include_str!("data/adverts.txt")), lines(include_str!("data/serving.txt")));
    assert!(adverts.len() + serving.len() >= 200, "{} + {}", adverts.len(), serving.len());
    let (found, wrong) = (taken(&adverts), taken(&serving));
    let missed: Vec<_> = adverts.iter().enumerate().filter(|(i, _)| !found.contains(i)).map(|(_, t)| *t).collect();
    let mistaken: Vec<_> = wrong.iter().map(|i| serving[*i]).collect();
    let precision = found.len() as f64 / (found.len() + wrong.len()) as f64;
    let recall = found.len() as f64 / adverts.len() as f64;
    println!(
        "{} adverts, {} others: precision {precision:.3}, recall {recall:.3}\nmissed: {missed:#?}\nmistaken: {mistaken:#?}",
        adverts.len(),
        serving.len()
    );
    assert!(precision >= 0.97, "precision {precision:.3}: {mistaken:#?}");
    assert!(recall >= 0.85, "recall {recall:.3}: {missed:#?}");
}
