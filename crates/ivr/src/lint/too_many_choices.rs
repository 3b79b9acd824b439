//! A menu offers more choices than house policy allows, 0, * and # apart.
use super::{Findings, Layer, Rule, Tree};
use switchboard_source::Severity;

/// The rule.
pub const RULE: Rule = Rule {
    number: 202,
    name: "too-many-choices",
    layer: Layer::House,
    severity: Severity::Error,
    article: "Art. 10",
    what: "A menu offers more choices than house policy allows, 0, * and # apart.",
    why: "Nobody remembers the first of nine choices when the ninth has been read.",
    zh: "一层菜单的选项太多（0、* 和 # 不计）。",
    bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { queue: general }
  "3": { queue: general }
  "4": { queue: general }
  "5": { queue: general }
  "6": { queue: general }
  "7": { queue: general }
  "8": { queue: general }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    check,
};

fn check(tree: &Tree<'_>, found: &mut Findings) {
    for draft in tree.menus.values() {
        let counted: Vec<_> = draft.options.iter().filter(|o| !['0', '*', '#'].contains(&o.key.value.face())).collect();
        let most = tree.policy.choices_max;
        if counted.len() > most {
            let message = format!(
                "the menu `{}` offers {} choices beside 0, * and #; at most {most} are allowed",
                draft.name.value,
                counted.len()
            );
            let fault = RULE.fault(&counted[most].key.at, message).label("this one is too many");
            found.push(draft, fault.help("join choices that lead to the same people, or make a menu of them"));
        }
    }
}
