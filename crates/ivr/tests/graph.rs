//! A picture of menus shows every key, lets nothing lie on anything else, and is XML.
//!
//! Not covered: whether it is beautiful; somebody looks at it.
mod common;

use common::{Repository, bank_facts, facts, option_prompt, sources};
use switchboard_ivr::tools::graph::{End, Frame, Graph, Target};
use switchboard_ivr::{Menus, check, compile};
use switchboard_model::Language;

fn bank() -> Menus {
    check("ivr-menus", &bank_facts(), &mut Repository).expect("the files are there").menus.expect("proved")
}

/// Three levels, so that an arrow must pass two columns; a title that XML and Mermaid would misread.
fn deep() -> Menus {
    let menu = |name: &str, title: &str, options: &str| {
        let text = format!(
            "version: 1\nmenu: {name}\ntitle: '{title}'\nlanguages: [zh-CN]\noptions:\n  \"0\": {{ prompt: p0, queue: q }}\n{options}  \"*\": \
             {{ replay: true }}\nno_input: {{ after_s: 6, replay: 0, then: {{ queue: q }} }}\nno_match: {{ replay: 0, then: {{ queue: q }} }}\n"
        );
        (name.to_owned(), text)
    };
    let menus = [
        menu("main", "A<B & \"C\" #1", "  \"1\": { prompt: p1, menu: second }\n  \"2\": { prompt: p2, queue: far }\n"),
        menu("second", "二", "  \"1\": { prompt: p1, menu: third }\n  \"9\": { prompt: p9, hang_up: true }\n"),
        menu("third", "三", "  \"1\": { prompt: p1, menu: main }\n"),
    ];
    let menus: Vec<_> = menus.iter().map(|(n, t)| (n.as_str(), t.clone())).collect();
    let prompts: Vec<_> = "0129".chars().map(|c| option_prompt(&format!("p{c}"), c, 500)).collect();
    let (menus, faults) =
        compile(&sources(&menus, &prompts, "levels_max: 3\n"), &facts(&["q", "far"], &[Language::Mandarin], 2));
    menus.unwrap_or_else(|| panic!("{}", switchboard_source::render(&faults)))
}

#[test]
fn every_key_has_its_row_and_leads_where_the_menu_leads() {
    let menus = bank();
    let graph = Graph::of(&menus);
    for menu in menus.all() {
        let card = graph.cards.iter().find(|c| c.name == menu.name).expect("each menu has a card");
        assert_eq!(card.title, menu.title);
        let keys: Vec<_> = card.rows.iter().filter(|r| !r.key.is_empty()).map(|r| r.key.clone()).collect();
        assert_eq!(keys, menu.options.iter().map(|o| o.key.to_string()).collect::<Vec<_>>(), "{}", menu.name);
    }
    let row = |menu: &str, key: &str| {
        let card = graph.cards.iter().find(|c| c.name == menu).expect("a card");
        card.rows.iter().find(|r| r.key == key).expect("a row").clone()
    };
    let lead = |menu: &str, key: &str| match row(menu, key).to {
        Some(Target::Card(i)) => graph.cards[i].name.clone(),
        Some(Target::End(i)) => format!("{:?}", graph.ends[i]),
        None => row(menu, key).text,
    };
    for (menu, key, wants) in [
        ("main", "0", "Queue(\"general\")"),
        ("main", "3", "cards"),
        ("main", "8", "For English, press eight ⇄ en"),
        ("cards", "5", "Queue(\"card_loss\")"),
        ("cards", "#", "返回主菜单请按井号 ↩ 主菜单"),
        ("loans", "*", "重听请按星号 ↻"),
    ] {
        assert_eq!(lead(menu, key), wants, "{menu} {key}");
    }
    let loans = graph.cards.iter().find(|c| c.name == "loans").expect("a card");
    assert_eq!(loans.hours, "周一至周五 08:30–17:30 (Asia/Shanghai)");
    assert!(loans.rows.iter().any(|r| r.text == "不在服务时间 → general"), "{:?}", loans.rows);
}

fn apart(a: Frame, b: Frame) -> bool {
    a.x + a.w < b.x || b.x + b.w < a.x || a.y + a.h < b.y || b.y + b.h < a.y
}

#[test]
fn nothing_lies_on_anything_else() {
    for menus in [bank(), deep()] {
        let graph = Graph::of(&menus);
        let picture = graph.picture();
        let frames: Vec<Frame> = picture.cards.iter().chain(&picture.ends).copied().collect();
        for (i, a) in frames.iter().enumerate() {
            assert!(a.x >= 0.0 && a.y >= 0.0 && a.x + a.w <= picture.w && a.y + a.h <= picture.h, "{a:?}");
            for b in &frames[i + 1..] {
                assert!(apart(*a, *b), "{a:?} {b:?}");
            }
            // The lanes: straight stretches that pass a column.
            for arrow in &picture.arrows {
                for lane in arrow.points[1..arrow.points.len() - 1].chunks(2) {
                    let frame = Frame { x: lane[0].0, y: lane[0].1, w: lane[1].0 - lane[0].0, h: 0.0 };
                    assert!(apart(*a, frame), "{a:?} is crossed at {frame:?}");
                }
            }
        }
        let leading = graph.cards.iter().flat_map(|c| &c.rows).filter(|r| r.to.is_some()).count();
        assert_eq!(picture.arrows.len(), leading);
    }
    let picture = Graph::of(&deep()).picture();
    assert_eq!(picture.arrows.iter().map(|a| a.points.len()).max(), Some(6), "from the first level past two columns");
}

#[test]
fn the_picture_is_xml_and_the_flowchart_quotes_what_it_must() {
    let graph = Graph::of(&deep());
    assert!(graph.ends.contains(&End::HangUp));
    let svg = graph.svg();
    assert!(svg.contains("A&lt;B &amp; &quot;C&quot; #1") && svg.contains(">二<"), "{svg}");
    // Every tag is closed, every attribute quoted, every ampersand an entity.
    let (mut open, mut rest) = (vec![], svg.as_str());
    while let Some(at) = rest.find('<') {
        let (text, tail) = rest.split_at(at);
        assert!(!text.contains('>') && text.matches('&').count() == text.matches(';').count(), "{text}");
        let end = tail.find('>').expect("a tag ends");
        let tag = &tail[1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        match (tag.strip_prefix('/'), tag.ends_with('/')) {
            (Some(name), _) => assert_eq!(open.pop(), Some(name)),
            (None, false) => open.push(tag.split(' ').next().expect("a name")),
            (None, true) => {}
        }
        rest = &tail[end + 1..];
    }
    assert!(open.is_empty(), "{open:?}");
    let chart = graph.mermaid();
    assert!(chart.starts_with("flowchart LR\n"));
    assert!(chart.contains("m0[\"A&lt;B &amp; &quot;C&quot; &#35;1\"]"), "{chart}");
    assert!(chart.contains("m0 -->|\"1\"| m1") && chart.contains("m1 -->|\"1\"| m2"), "{chart}");
}
