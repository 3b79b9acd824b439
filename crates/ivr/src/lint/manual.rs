//! The manual: one page for every code that `ivr check` can print.
//!
//! ```text
//!   a rule's own file (Rule) ───────────────────┐
//!   beyond.rs (text, shape, compile, proof) ────┴─► Page ──► `ivr explain IVR0203`, with what check says of the bad example
//! ```
//! What check says is not written down anywhere: the example is checked when the page is asked for.
use super::beyond::BEYOND;
use super::{FAMILY, Layer, RULES, sample};
use crate::check::Report;
use serde_json::{Value, json};
use std::fmt::Write as _;
use switchboard_source::{Severity, TEXT_FAULTS, render};

/// A page.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// The code's number: 203 for `IVR0203`.
    pub number: u16,
    /// The rule's name.
    pub name: &'static str,
    /// How grave a finding is.
    pub severity: Severity,
    /// The Article it serves; empty for faults of the text itself.
    pub article: &'static str,
    /// Whether `policy.yaml` may let it pass, with a name and an expiry.
    pub waivable: bool,
    /// What it finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What and why, in Chinese.
    pub zh: &'static str,
    /// An example of it, over the sample.
    pub bad: &'static str,
    /// What to write instead.
    pub good: &'static str,
}

/// All pages, by number.
pub fn pages() -> Vec<Page> {
    let rules = RULES.iter().map(|r| Page {
        number: r.number,
        name: r.name,
        severity: r.severity,
        article: r.article,
        waivable: r.layer == Layer::House,
        what: r.what,
        why: r.why,
        zh: r.zh,
        bad: r.bad,
        good: r.good,
    });
    let beyond = BEYOND.iter().map(|b| {
        let (_, name, why) = OWN
            .iter()
            .chain(&TEXT_FAULTS)
            .find(|(n, ..)| *n == b.number)
            .expect("each code has a name where it is raised");
        let severity = if b.number == 602 { Severity::Advice } else { Severity::Error };
        Page {
            number: b.number,
            name,
            severity,
            article: "",
            waivable: false,
            what: b.what,
            why,
            zh: b.zh,
            bad: b.bad,
            good: b.good,
        }
    });
    let mut pages: Vec<Page> = rules.chain(beyond).collect();
    pages.sort_by_key(|p| p.number);
    pages
}

/// Codes raised in this crate by no rule of this folder: number, name, why.
const OWN: [(u16, &str, &str); 2] = [
    (305, "menu-twice", "One of the two would be lost, and nobody could say which."),
    (
        602,
        "nobody-reached",
        "Art. 8: round the clock is the rule. Where that is not so, whoever approves the menu should know it.",
    ),
];

/// The page of a rule: `IVR0203`, `ivr0203`, `203` or `no-key-to-person`.
pub fn page(rule: &str) -> Option<Page> {
    let upper = rule.to_ascii_uppercase();
    let number = upper.strip_prefix(FAMILY).unwrap_or(&upper).parse::<u16>().ok();
    pages().into_iter().find(|p| Some(p.number) == number || p.name == rule)
}

/// The files that every example changes.
pub fn sample_text() -> String {
    sample::FILES.iter().map(|(name, body)| format!("# {name}\n{body}\n")).collect()
}

impl Page {
    /// `IVR0203`.
    pub fn code(&self) -> String {
        format!("{FAMILY}{:04}", self.number)
    }
    /// What check says of the bad example.
    pub fn bad_report(&self) -> Report {
        Report::of(&sample::with(self.bad), &sample::facts())
    }
    /// What check says of the good example.
    pub fn good_report(&self) -> Report {
        Report::of(&sample::with(self.good), &sample::facts())
    }
    /// One line of the list.
    pub fn line(&self) -> String {
        format!("{}  {:<22} {:<8} {}", self.code(), self.name, self.gravity(), self.zh)
    }
    fn gravity(&self) -> &'static str {
        match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        }
    }
    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!("{} {} ({})\n\n", self.code(), self.name, self.gravity());
        let mut line = |s: &str| writeln!(text, "{s}").expect("a string takes everything");
        line(self.zh);
        line("");
        line(self.what);
        line(&format!("Why: {}", self.why));
        if !self.article.is_empty() {
            line(&format!("依据 Serves: {}", self.article));
        }
        line(match (self.waivable, self.severity) {
            (true, _) => "豁免 Waiver: possible in policy.yaml, with approver, reason and last day",
            (false, Severity::Error) => "豁免 Waiver: none",
            (false, Severity::Warning | Severity::Advice) => {
                "豁免 Waiver: not needed; it keeps nothing from going live"
            }
        });
        let found = self.bad_report();
        let ours: Vec<_> = found.diagnostics.into_iter().filter(|d| d.code.number == self.number).collect();
        for (head, body) in [
            ("错误的写法 Wrong", self.bad.to_owned()),
            ("检查结果 What `ivr check` says of it", render(&ours)),
            ("正确的写法 Right", self.good.to_owned()),
        ] {
            line(&format!("\n{head}:"));
            body.trim_end().lines().for_each(|l| line(format!("    {l}").trim_end()));
        }
        line("\nThe lines stand in a small bank that `switchboard ivr explain sample` prints.");
        text
    }
    /// For programs.
    pub fn json(&self) -> Value {
        json!({
            "code": self.code(),
            "name": self.name,
            "severity": self.gravity(),
            "article": self.article,
            "waivable": self.waivable,
            "what": self.what,
            "why": self.why,
            "zh": self.zh,
            "bad": self.bad,
            "good": self.good,
        })
    }
}
