//! The picture as a Mermaid flowchart: one arrow for all keys of a menu that lead to the same place.
use super::svg::end_text;
use super::{End, Graph, Target};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes it.
pub fn write(graph: &Graph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let mut line = |s: String| writeln!(text, "    {s}").expect("a string takes everything");
    let node = |t: Target| match t {
        Target::Card(i) => format!("m{i}"),
        Target::End(i) => format!("e{i}"),
    };
    for (i, card) in graph.cards.iter().enumerate() {
        let hours = if card.hours.is_empty() { String::new() } else { format!("<br/>{}", card.hours) };
        line(format!("m{i}[\"{}{hours}\"]", quoted(&card.title)));
    }
    for (i, end) in graph.ends.iter().enumerate() {
        let class = if *end == End::HangUp { ":::gone" } else { ":::person" };
        line(format!("e{i}([\"{}\"]){class}", quoted(&end_text(end))));
    }
    for (i, card) in graph.cards.iter().enumerate() {
        let mut keys: BTreeMap<Target, Vec<&str>> = BTreeMap::new();
        for row in &card.rows {
            if let Some(to) = row.to {
                keys.entry(to).or_default().push(if row.key.is_empty() { &row.text } else { &row.key });
            }
        }
        for (to, keys) in keys {
            line(format!("m{i} -->|\"{}\"| {}", quoted(&keys.join(" ")), node(to)));
        }
    }
    line("classDef person fill:#e5f3e8,stroke:#1f6b33".into());
    line("classDef gone fill:#f7e3e3,stroke:#9c2727".into());
    text
}

/// Inside quotes, Mermaid wants these as entities.
fn quoted(s: &str) -> String {
    s.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('#', "&#35;")
}
