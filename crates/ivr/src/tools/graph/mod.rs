//! The menus as a picture: each menu a card with its choices, each queue a place at the right edge.
//!
//! ```text
//!   Menus ──► Graph{cards, ends} ──layout──► Picture ──► SVG
//!                    └──────────────────────────────────► Mermaid
//! ```
//! What leads back, reads again or changes the language is said in the row and not drawn: a picture in which every menu has an arrow to
//! every other shows nothing.
mod layout;
mod mermaid;
mod svg;

pub use layout::{Arrow, Frame, Picture};

use crate::menu::{Does, Menu, Menus};
use crate::occasion::Occasion;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};

/// The picture's content.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Graph {
    /// The menus, those in which calls begin first.
    pub cards: Vec<Card>,
    /// Where callers leave the menus.
    pub ends: Vec<End>,
}

/// A menu.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Card {
    /// Its name in the files.
    pub name: String,
    /// Its title, or its name if it has none.
    pub title: String,
    /// When it is open, in words; empty if always.
    pub hours: String,
    /// 0 for menus in which calls begin.
    pub level: usize,
    /// What it offers, in the order in which it is read.
    pub rows: Vec<Row>,
}

/// A line of a menu's card.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The key's face; empty for what the menu does by itself.
    pub key: String,
    /// What is said of it, or what happens.
    pub text: String,
    /// Where an arrow leads; none if the text says it.
    pub to: Option<Target>,
}

/// Where an arrow leads: an index.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Target {
    /// One of the cards.
    Card(usize),
    /// One of the ends.
    End(usize),
}

/// Where callers leave the menus.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    /// To a person of this queue.
    Queue(String),
    /// A message in this box.
    Voicemail(String),
    /// He is called back by this queue.
    Callback(String),
    /// The call ends.
    HangUp,
}

impl Graph {
    /// Of proved menus.
    pub fn of(menus: &Menus) -> Graph {
        let levels = levels(menus);
        let mut named: Vec<(&Menu, usize)> = menus.all().map(|m| (m, levels[m.name.as_str()])).collect();
        named.sort_by_key(|(menu, level)| (*level, menu.name.clone()));
        let places: BTreeMap<&str, usize> = named.iter().enumerate().map(|(i, (m, _))| (m.name.as_str(), i)).collect();
        let mut graph = Graph { cards: vec![], ends: vec![] };
        for (menu, level) in &named {
            let title = |name: &str| menus.menu(name).map_or(name, shown).to_owned();
            let says = |prompt: &str| {
                let id = menus.prompt_named(prompt, menu.languages[0]);
                id.and_then(|id| menus.prompt(id)).map_or(String::new(), |p| short(&p.text))
            };
            let mut rows = vec![];
            for option in &menu.options {
                let said = option.prompt.as_deref().map_or(String::new(), says);
                let (text, to) = match &option.does {
                    Does::Menu(name) if levels[name.as_str()] <= *level => (format!("{said} ↩ {}", title(name)), None),
                    Does::Menu(name) => (said, Some(Target::Card(places[name.as_str()]))),
                    Does::Queue(queue) => (said, Some(Target::End(graph.end(End::Queue(queue.clone()))))),
                    Does::Voicemail(name) => (said, Some(Target::End(graph.end(End::Voicemail(name.clone()))))),
                    Does::Callback(queue) => (said, Some(Target::End(graph.end(End::Callback(queue.clone()))))),
                    Does::Service(service) => (format!("{said} ⚙ {service}"), None),
                    Does::HangUp => (said, Some(Target::End(graph.end(End::HangUp)))),
                    Does::Language(language) => (format!("{said} ⇄ {language}"), None),
                    Does::Replay => (format!("{said} ↻"), None),
                };
                rows.push(Row { key: option.key.to_string(), text, to });
            }
            for (what, does) in by_itself(menu) {
                let (there, to) = match does {
                    Does::Menu(name) if levels[name.as_str()] > *level => {
                        (String::new(), Some(Target::Card(places[name.as_str()])))
                    }
                    Does::Menu(name) => (format!(" ↩ {}", title(name)), None),
                    Does::Queue(queue) => {
                        graph.end(End::Queue(queue.clone()));
                        (format!(" → {queue}"), None)
                    }
                    Does::HangUp => (" → 挂断".to_owned(), None),
                    Does::Voicemail(name) => {
                        graph.end(End::Voicemail(name.clone()));
                        (format!(" → 留言 {name}"), None)
                    }
                    Does::Callback(queue) => {
                        graph.end(End::Callback(queue.clone()));
                        (format!(" → 回电 {queue}"), None)
                    }
                    Does::Language(_) | Does::Replay | Does::Service(_) => (String::new(), None),
                };
                rows.push(Row { key: String::new(), text: format!("{what}{there}"), to });
            }
            let hours = menu.opening.words();
            graph.cards.push(Card {
                name: menu.name.clone(),
                title: shown(menu).to_owned(),
                hours,
                level: *level,
                rows,
            });
        }
        graph
    }

    fn end(&mut self, end: End) -> usize {
        self.ends.iter().position(|e| *e == end).unwrap_or_else(|| {
            self.ends.push(end);
            self.ends.len() - 1
        })
    }

    /// Where everything would stand.
    pub fn picture(&self) -> Picture {
        layout::place(self)
    }

    /// As SVG 1.1 (W3C), for browsers and documents.
    pub fn svg(&self) -> String {
        svg::draw(self, &self.picture())
    }

    /// As a Mermaid flowchart, for wikis and Markdown.
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let end = |e: &End| match e {
            End::Queue(queue) => json!({ "queue": queue }),
            End::Voicemail(name) => json!({ "voicemail": name }),
            End::Callback(queue) => json!({ "callback": queue }),
            End::HangUp => json!({ "hang_up": true }),
        };
        let to = |t: Target| match t {
            Target::Card(i) => json!({ "menu": self.cards[i].name }),
            Target::End(i) => end(&self.ends[i]),
        };
        let row = |r: &Row| json!({ "key": r.key, "text": r.text, "to": r.to.map(to) });
        let card = |c: &Card| {
            json!({
                "menu": c.name, "title": c.title, "hours": c.hours, "level": c.level + 1,
                "rows": c.rows.iter().map(row).collect::<Vec<_>>(),
            })
        };
        json!({
            "menus": self.cards.iter().map(card).collect::<Vec<_>>(),
            "ends": self.ends.iter().map(end).collect::<Vec<_>>(),
        })
    }
}

fn shown(menu: &Menu) -> &str {
    if menu.title.is_empty() { &menu.name } else { &menu.title }
}

/// What the menu does without a key, in words; twice the same becomes one.
fn by_itself(menu: &Menu) -> Vec<(String, &Does)> {
    let silent = format!("不按键 {} 秒 × {}", menu.no_input.after_s, menu.no_input.replay + 1);
    let mut rows = match menu.no_input.then == menu.no_match.then {
        true => vec![(format!("{silent}，或按错键"), &menu.no_input.then)],
        false => vec![(silent, &menu.no_input.then), ("按错键".to_owned(), &menu.no_match.then)],
    };
    let failures = menu.options.iter().filter_map(|o| Some((format!("{} 办理失败", o.key), o.on_failure.as_ref()?)));
    rows.extend(failures);
    rows.extend(menu.notices.iter().filter_map(|(occasion, n)| Some((in_words(occasion), n.then.as_ref()?))));
    rows
}

fn in_words(occasion: &Occasion) -> String {
    match occasion {
        Occasion::Emergency(plan) => format!("应急预案 {plan}"),
        Occasion::Holiday => "节假日".to_owned(),
        Occasion::Closed => "不在服务时间".to_owned(),
        Occasion::SystemsDown => "系统故障".to_owned(),
        Occasion::Elderly => "老年客户".to_owned(),
        Occasion::QueueFull => "排队已满".to_owned(),
    }
}

/// How many menus lie before each one.
fn levels(menus: &Menus) -> BTreeMap<&str, usize> {
    let mut levels: BTreeMap<&str, usize> = menus.entries().iter().map(|e| (e.as_str(), 0)).collect();
    let mut next: VecDeque<&str> = menus.entries().iter().map(String::as_str).collect();
    while let Some(name) = next.pop_front() {
        let menu = menus.menu(name).expect("compile checked that every menu named exists");
        let parts = menu.notices.values().filter_map(|n| n.then.as_ref());
        let parts = parts.chain(menu.options.iter().filter_map(|o| o.on_failure.as_ref()));
        let all = menu.options.iter().map(|o| &o.does).chain([&menu.no_input.then, &menu.no_match.then]).chain(parts);
        for does in all {
            if let Does::Menu(to) = does
                && !levels.contains_key(to.as_str())
            {
                levels.insert(to, levels[name] + 1);
                next.push_back(to);
            }
        }
    }
    levels
}

/// The widest text of a row, in Chinese characters; the rest can be read in the file.
const TEXT_MAX: usize = 22;

/// Letters count half.
fn short(text: &str) -> String {
    let text = text.trim_end_matches(['。', '.']);
    let mut halves = 0;
    for (cut, c) in text.char_indices() {
        halves += if c.is_ascii() { 1 } else { 2 };
        if halves > 2 * TEXT_MAX {
            return format!("{}…", &text[..cut]);
        }
    }
    text.to_owned()
}
