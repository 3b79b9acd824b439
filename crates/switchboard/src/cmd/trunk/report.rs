//! The joint-test report (入网联调报告): for the terminal, as JSON, as Markdown, as HTML; all from one value.
use serde::Serialize;
use std::fmt::Write;
use std::path::Path;
use switchboard_node::{Said, rungs};
use switchboard_people::joint::{Check, Lie, Outcome, Plan};

/// A check and what came of it.
pub struct Judged {
    /// The check.
    pub check: &'static Check,
    /// What came of it.
    pub outcome: Outcome,
}

/// All of it.
#[derive(Serialize)]
pub struct Report {
    trunk: String,
    number: String,
    against: String,
    fault: Option<&'static str>,
    program: &'static str,
    at: String,
    passed: usize,
    /// How many failed.
    pub failed: usize,
    checks: Vec<Row>,
    not_run: Vec<NotRun>,
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    title: &'static str,
    zh: &'static str,
    way: &'static str,
    pass: bool,
    why: Option<String>,
    ladder: String,
    cure: Option<&'static str>,
    round_trip_ms: Option<f64>,
}

#[derive(Serialize)]
struct NotRun {
    id: &'static str,
    title: &'static str,
    zh: &'static str,
    why: &'static str,
}

/// What a report's file is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Markdown,
    Html,
}

/// By the file's name.
pub fn kind(file: &Path) -> Result<Kind, String> {
    match file.extension().and_then(|e| e.to_str()) {
        Some("md") => Ok(Kind::Markdown),
        Some("html" | "htm") => Ok(Kind::Html),
        _ => Err(format!("{}: a report is written as .md or .html; name the file so", file.display())),
    }
}

impl Report {
    /// From what the checks came to.
    pub fn new(
        trunk: &str,
        against: String,
        lie: Option<Lie>,
        plan: &Plan,
        judged: Vec<Judged>,
        not_run: Vec<(&'static Check, &'static str)>,
    ) -> Report {
        let checks: Vec<Row> = judged.into_iter().map(row).collect();
        let passed = checks.iter().filter(|c| c.pass).count();
        Report {
            trunk: trunk.to_owned(),
            number: plan.dials.clone(),
            against,
            fault: lie.map(Lie::word),
            program: concat!("Switchboard/", env!("CARGO_PKG_VERSION")),
            at: jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S %:z").to_string(),
            passed,
            failed: checks.len() - passed,
            checks,
            not_run: not_run.into_iter().map(|(c, why)| NotRun { id: c.id, title: c.title, zh: c.zh, why }).collect(),
        }
    }

    /// For the terminal: a line a check, and for what failed its ladder and cure.
    pub fn summary(&self) -> String {
        let mut text = format!("trunk {} against {}: {}\n", self.trunk, self.against, self.count());
        for c in &self.checks {
            let trip = c.round_trip_ms.map_or(String::new(), |ms| format!("{ms:.1} ms"));
            let _ = writeln!(text, "  {} {:<20} {:>9}  {}", if c.pass { "pass" } else { "FAIL" }, c.id, trip, c.title);
        }
        for c in &self.not_run {
            let _ = writeln!(text, "  -    {:<20} {:>9}  not run: {}", c.id, "", c.why);
        }
        for c in self.checks.iter().filter(|c| !c.pass) {
            let _ = write!(text, "\nFAIL {}: {}\n  {}\n", c.id, c.title, c.why.as_deref().unwrap_or(""));
            for line in c.ladder.lines() {
                let _ = writeln!(text, "  {line}");
            }
            let _ = writeln!(text, "  to change: {}", c.cure.unwrap_or(""));
        }
        text
    }

    fn count(&self) -> String {
        format!("{} of {} checks pass, {} not run", self.passed, self.checks.len(), self.not_run.len())
    }

    /// Into a file, as its name says.
    pub fn write(&self, file: &Path) -> Result<(), String> {
        let text = match kind(file)? {
            Kind::Markdown => self.markdown(),
            Kind::Html => self.html(),
        };
        std::fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()))
    }

    fn markdown(&self) -> String {
        let mut text = format!("# 入网联调报告 Joint-test report: {}\n\n", self.trunk);
        for (name, value) in self.facts() {
            let _ = writeln!(text, "- {name}: {value}");
        }
        text.push_str("\n| | 检查项 | Check | 往返 ms |\n|---|---|---|---|\n");
        for c in &self.checks {
            let trip = c.round_trip_ms.map_or(String::new(), |ms| format!("{ms:.1}"));
            let _ = writeln!(text, "| {} | `{}` {} | {} | {trip} |", mark(c.pass), c.id, c.zh, c.title);
        }
        for c in &self.not_run {
            let _ = writeln!(text, "| 未测 | `{}` {} | {}: {} | |", c.id, c.zh, c.title, c.why);
        }
        for c in &self.checks {
            let _ = write!(text, "\n## {} `{}` {}\n\n{}.\n\n", mark(c.pass), c.id, c.zh, c.title);
            if let (Some(why), Some(cure)) = (&c.why, c.cure) {
                let _ = write!(text, "**原因 Why:** {why}.\n\n**整改 To change:** {cure}\n\n");
            }
            let _ = write!(text, "```text\n{}```\n", c.ladder);
        }
        text
    }

    fn html(&self) -> String {
        let mut text = format!(
            "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>入网联调报告 {0}</title>\n<style>{STYLE}</style></head><body>\n\
             <h1>入网联调报告 <small>Joint-test report: {0}</small></h1>\n<dl>\n",
            escaped(&self.trunk)
        );
        for (name, value) in self.facts() {
            let _ = writeln!(text, "<dt>{name}</dt><dd>{}</dd>", escaped(&value));
        }
        text.push_str("</dl>\n<table><tr><th></th><th>检查项</th><th>Check</th><th>往返 ms</th></tr>\n");
        for c in &self.checks {
            let trip = c.round_trip_ms.map_or(String::new(), |ms| format!("{ms:.1}"));
            let _ = writeln!(
                text,
                "<tr class=\"{}\"><td>{}</td><td><a href=\"#{id}\">{}</a></td><td>{}</td><td>{trip}</td></tr>",
                if c.pass { "pass" } else { "fail" },
                mark(c.pass),
                escaped(c.zh),
                escaped(c.title),
                id = c.id
            );
        }
        for c in &self.not_run {
            let (zh, title, why) = (escaped(c.zh), escaped(c.title), escaped(c.why));
            let _ = writeln!(text, "<tr><td>未测</td><td>{zh}</td><td>{title}: {why}</td><td></td></tr>");
        }
        text.push_str("</table>\n");
        for c in &self.checks {
            let (class, zh, title) = (if c.pass { "pass" } else { "fail" }, escaped(c.zh), escaped(c.title));
            let _ = writeln!(
                text,
                "<section class=\"{class}\" id=\"{0}\"><h2>{1} {zh} <code>{0}</code></h2><p>{title}.</p>",
                c.id,
                mark(c.pass)
            );
            if let (Some(why), Some(cure)) = (&c.why, c.cure) {
                let _ = writeln!(
                    text,
                    "<p><b>原因 Why:</b> {}.</p><p><b>整改 To change:</b> {}</p>",
                    escaped(why),
                    escaped(cure)
                );
            }
            let _ = writeln!(text, "<pre>{}</pre></section>", escaped(&c.ladder));
        }
        text.push_str("</body></html>\n");
        text
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("中继 Trunk", self.trunk.clone()),
            ("接入号码 Number", self.number.clone()),
            ("对端 Against", self.against.clone()),
            ("时间 Time", self.at.clone()),
            ("软件 Program", self.program.to_owned()),
            ("结果 Result", self.count()),
        ];
        if let Some(fault) = self.fault {
            facts.push(("模拟故障 Simulated fault", fault.to_owned()));
        }
        facts
    }
}

const STYLE: &str = "body{font:15px/1.5 'Noto Sans CJK SC',sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#222}\
h1 small,h2 code{font-weight:normal;color:#666;font-size:.7em}dt{float:left;clear:left;width:13rem;color:#666}dd{margin:0 0 .2rem 13rem}\
table{border-collapse:collapse;width:100%;margin:1.5rem 0}td,th{border-bottom:1px solid #ddd;padding:.25rem .5rem;text-align:left}\
tr.fail td:first-child,section.fail h2{color:#b00020}tr.pass td:first-child,section.pass h2{color:#0a6b2d}\
pre{background:#f6f6f4;padding:.7rem;overflow-x:auto;font:13px/1.45 monospace}section{break-inside:avoid}";

fn row(judged: Judged) -> Row {
    let Judged { check, outcome } = judged;
    // The ladder is told from our side: outwards the tester is we, inwards it is the carrier.
    let said: Vec<Said> = outcome
        .noted
        .iter()
        .filter_map(|n| {
            if check.way.is_out() {
                Said::read(n.at, n.said, n.peer, &n.bytes)
            } else {
                Said::read(n.at, !n.said, n.own, &n.bytes)
            }
        })
        .collect();
    let pass = outcome.why.is_none();
    Row {
        id: check.id,
        title: check.title,
        zh: check.zh,
        way: if check.way.is_out() { "out" } else { "in" },
        pass,
        why: outcome.why,
        ladder: rungs(&said),
        cure: (!pass).then_some(check.cure),
        round_trip_ms: outcome.round_trip_us.map(|us| us as f64 / 1_000.0),
    }
}

fn mark(pass: bool) -> &'static str {
    if pass { "通过" } else { "不通过" }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_a_carrier_cannot_write_html() {
        assert_eq!(escaped("<sip:a@b>&\"x\""), "&lt;sip:a@b&gt;&amp;&quot;x&quot;");
    }

    #[test]
    fn a_reports_kind_is_its_files() {
        assert!(kind(Path::new("a.md")) == Ok(Kind::Markdown) && kind(Path::new("a.html")) == Ok(Kind::Html));
        assert!(kind(Path::new("a.pdf")).is_err_and(|e| e.contains(".md or .html")));
    }
}
