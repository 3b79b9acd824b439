//! Calls that must go as somebody wrote them down, in Markdown, Chinese or English.
//!
//! ```text
//!   ## 挂失一个键                                            a scenario; other text is for readers
//!   - 拨 main，时间 2026-12-08T10:00+08:00                    where and when he calls
//!   - 等 2 秒，按 2 → 听到 欢迎致电；10 秒内转人工 card_loss     what he does → what is heard, where he ends
//!
//!   - calls main at 2026-12-08T10:00+08:00
//!   - presses 8, presses 2 → hears For a lost card; ends in queue card_loss
//! ```
//! A key is pressed as soon as its choice has been said, after a wait at once. After his last line the caller is silent. Every scenario
//! says where he ends: one that could not fail would prove nothing.
use super::call::{Act, Call, Scene, Step, What, exit_words, read_keys};
use crate::check::{Disk, Entry};
use crate::civil::moment;
use crate::interpreter::Exit;
use crate::menu::Menus;
use crate::occasion::{Conditions, Visitor};
use serde_json::{Value, json};
use std::io;
use std::time::Duration;
use switchboard_model::{Instant, Language};

/// One scenario as read.
#[derive(Clone, PartialEq, Debug)]
pub struct Scenario {
    /// Its heading.
    pub title: String,
    /// The heading's line, from 1.
    pub line: usize,
    menu: String,
    setting: Setting,
    lines: Vec<Line>,
}

/// When he calls, who he is, and what holds for the whole centre.
#[derive(Clone, PartialEq, Debug)]
struct Setting {
    at: Instant,
    scene: Scene,
    conditions: Conditions,
}

/// One line of it: what he does, and what must follow before he does anything else.
#[derive(Clone, PartialEq, Debug)]
struct Line {
    line: usize,
    acts: Vec<Act>,
    expects: Vec<Expect>,
}

#[derive(Clone, PartialEq, Debug)]
enum Expect {
    Hears(String),
    DoesNotHear(String),
    EndsInQueue(String),
    LeavesMessage(String),
    IsCalledBack(String),
    HangsUp,
    InMenu(String),
    InLanguage(Language),
    Within(u64),
}

/// How it went.
#[derive(Clone, PartialEq, Debug)]
pub struct Verdict {
    /// The scenario's heading.
    pub title: String,
    /// Its line.
    pub line: usize,
    /// What went otherwise, with the line that says it; none if it went as written.
    pub fault: Option<(usize, String)>,
    /// What was heard and done.
    pub steps: Vec<Step>,
}

/// The most lines of one scenario.
const LINES_MAX: usize = 200;

/// Reads all scenarios of a text, or says which line cannot be understood.
pub fn read(text: &str) -> Result<Vec<Scenario>, String> {
    let mut scenarios: Vec<Scenario> = vec![];
    let mut heading: Option<(String, usize)> = None;
    let mut open = false;
    for (n, line) in text.lines().enumerate().map(|(i, l)| (i + 1, l.trim())) {
        if let Some(title) = line.strip_prefix("## ") {
            end_of(open.then(|| scenarios.last()).flatten(), &heading)?;
            (heading, open) = (Some((title.trim().to_owned(), n)), false);
        } else if let Some(item) = line.strip_prefix("- ") {
            // Lists above the first heading are for readers.
            let Some((title, at)) = &heading else { continue };
            if open {
                let scenario = scenarios.last_mut().expect("it is open");
                if scenario.lines.len() >= LINES_MAX {
                    return Err(format!("line {n}: more than {LINES_MAX} lines in one scenario; split it"));
                }
                scenario.lines.push(read_line(item, n).map_err(|why| format!("line {n}: {why}"))?);
            } else {
                let (menu, setting) = read_call(item).map_err(|why| format!("line {n}: {why}"))?;
                let (title, line) = (title.clone(), *at);
                scenarios.push(Scenario { title, line, menu, setting, lines: vec![] });
                open = true;
            }
        }
    }
    end_of(open.then(|| scenarios.last()).flatten(), &heading)?;
    match scenarios.is_empty() {
        true => Err("there is no scenario: a line `## title`, then `- calls main at …`".into()),
        false => Ok(scenarios),
    }
}

fn end_of(scenario: Option<&Scenario>, heading: &Option<(String, usize)>) -> Result<(), String> {
    let Some((title, line)) = heading else { return Ok(()) };
    let ends = |e: &Expect| {
        matches!(e, Expect::EndsInQueue(_) | Expect::LeavesMessage(_) | Expect::IsCalledBack(_) | Expect::HangsUp)
    };
    match scenario {
        None => {
            Err(format!("line {line}: `{title}` has no calls; begin with `- calls main at 2026-12-08T10:00+08:00`"))
        }
        Some(s) if s.lines.last().is_none_or(|l| !l.expects.iter().any(ends)) => {
            let help = "its last line must say `ends in queue …` or `the call ends` (转人工 … 或 挂断)";
            Err(format!("line {line}: `{title}` does not say where the caller ends; {help}"))
        }
        Some(_) => Ok(()),
    }
}

/// `calls main at 2026-12-08T10:00+08:00, the queue is full`; `拨 main，时间 …，排队已满`; also `the systems are down`, `an elderly caller`,
/// `emergency storm`.
fn read_call(item: &str) -> Result<(String, Setting), String> {
    let how = "write `calls main at 2026-12-08T10:00+08:00` or `拨 main，时间 2026-12-08T10:00+08:00`";
    let rest = after(item, &["calls ", "拨 "]).ok_or_else(|| format!("`{item}` is no call; {how}"))?;
    let (mut menu, mut at) = (None, None);
    let (mut scene, mut conditions) = (Scene::default(), Conditions::default());
    for part in rest.split([',', '，']).flat_map(|p| p.split(" at ")).map(str::trim) {
        let when = after(part, &["at ", "时间 "]).unwrap_or(part);
        if ["the queue is full", "排队已满"].contains(&part) {
            scene.full = true;
        } else if ["an elderly caller", "老年客户"].contains(&part) {
            scene.visitor = Visitor::Elderly;
        } else if ["the systems are down", "系统故障"].contains(&part) {
            conditions.systems_down = true;
        } else if let Some(plan) = after(part, &["emergency ", "应急预案 "]) {
            conditions.emergency = Some(plan.to_owned());
        } else if let Some(found) = moment(when) {
            at = Some(found);
        } else if menu.is_none() && !part.contains(' ') {
            menu = Some(part.to_owned());
        } else {
            return Err(format!("`{part}` is neither a menu nor a moment; {how}"));
        }
    }
    let menu = menu.ok_or_else(|| format!("no menu is named; {how}"))?;
    let at = at.ok_or_else(|| format!("no moment is named, and hours depend on it; {how}"))?;
    Ok((menu, Setting { at, scene, conditions }))
}

fn read_line(item: &str, line: usize) -> Result<Line, String> {
    let (acts, expects) = item.split_once('→').or(item.split_once("->")).unwrap_or((item, ""));
    let mut read = Line { line, acts: vec![], expects: vec![] };
    let mut waited = false;
    for act in acts.split([',', '，']).map(str::trim).filter(|a| !a.is_empty()) {
        read.acts.extend(read_act(act, &mut waited)?);
    }
    for expect in expects.split([';', '；']).map(str::trim).filter(|e| !e.is_empty()) {
        read.expects.extend(read_expect(expect)?);
    }
    match read.acts.is_empty() && read.expects.is_empty() {
        true => Err("the line says nothing".into()),
        false => Ok(read),
    }
}

fn read_act(act: &str, waited: &mut bool) -> Result<Vec<Act>, String> {
    if ["is silent", "不按键"].contains(&act) {
        return Ok(vec![]);
    }
    if let Some(rest) = after(act, &["waits ", "等 ", "等"]) {
        let number = rest.trim_end_matches(['s', '秒', ' ']);
        let seconds = number.parse::<f64>().ok().filter(|s| (0.0..=600.0).contains(s));
        let seconds = seconds.ok_or_else(|| format!("`{act}` is no wait; write `waits 2 s` or `等 2 秒`"))?;
        *waited = true;
        return Ok(vec![Act::Wait(Duration::from_millis((seconds * 1000.0) as u64))]);
    }
    let hurried =
        after(act, &["马上按 ", "马上按"]).or(act.strip_suffix(" at once").and_then(|a| after(a, &["presses "])));
    if let Some(keys) = hurried.or(after(act, &["presses ", "按 ", "按"])) {
        let mut acts = read_keys(keys)?;
        if hurried.is_some() || std::mem::take(waited) {
            for act in &mut acts {
                if let Act::Press(key) = *act {
                    *act = Act::PressAtOnce(key);
                }
            }
        }
        return Ok(acts);
    }
    Err(format!(
        "`{act}` is not understood; write `waits 2 s`, `presses 3`, `presses 3 at once`, `is silent` (等 2 秒、按 3、马上按 3、不按键)"
    ))
}

fn read_expect(expect: &str) -> Result<Vec<Expect>, String> {
    let text = |s: &str| s.trim_matches(['“', '”', '"', ' ']).to_owned();
    let timed = expect.split_once("秒内").or(after(expect, &["within "]).and_then(|rest| rest.split_once(" s")));
    if let Some((number, rest)) = timed {
        let seconds = number.trim().parse::<f64>().ok().filter(|s| (0.0..=3_600.0).contains(s));
        let seconds =
            seconds.ok_or_else(|| format!("`{expect}` names no seconds; write `within 10 s` or `10 秒内`"))?;
        let mut expects = vec![Expect::Within((seconds * 1000.0) as u64)];
        if !rest.trim().is_empty() {
            expects.extend(read_expect(rest.trim())?);
        }
        return Ok(expects);
    }
    let found = if let Some(rest) = after(expect, &["does not hear ", "听不到 ", "听不到"]) {
        Expect::DoesNotHear(text(rest))
    } else if let Some(rest) = after(expect, &["hears ", "听到 ", "听到"]) {
        Expect::Hears(text(rest))
    } else if let Some(rest) = after(expect, &["ends in queue ", "转人工 ", "转人工"]) {
        Expect::EndsInQueue(text(rest))
    } else if let Some(rest) = after(expect, &["leaves a message in ", "留言 ", "留言"]) {
        Expect::LeavesMessage(text(rest))
    } else if let Some(rest) = after(expect, &["is called back by ", "回电 ", "回电"]) {
        Expect::IsCalledBack(text(rest))
    } else if ["the call ends", "挂断"].contains(&expect) {
        Expect::HangsUp
    } else if let Some(rest) = after(expect, &["is in menu ", "在菜单 ", "在菜单"]) {
        Expect::InMenu(text(rest))
    } else if let Some(rest) = after(expect, &["in language ", "语言 "]) {
        Expect::InLanguage(rest.parse().map_err(|_| format!("`{rest}` is no language; write zh-CN, en or yue"))?)
    } else {
        let known = "hears …, does not hear …, ends in queue …, leaves a message in …, is called back by …, the call ends, is in menu …, in language …, within 10 s";
        return Err(format!(
            "`{expect}` is not understood; write {known} (听到、听不到、转人工、留言、回电、挂断、在菜单、语言、10 秒内)"
        ));
    };
    Ok(vec![found])
}

fn after<'s>(text: &'s str, starts: &[&str]) -> Option<&'s str> {
    starts.iter().find_map(|start| text.strip_prefix(start)).map(str::trim)
}

/// When a line's doing happened, in milliseconds of the call.
#[derive(Clone, Copy, Default)]
struct Done {
    first_press: Option<u64>,
    last_press: Option<u64>,
    end: u64,
    /// A key was to be pressed when he had already left the menus.
    too_late: bool,
}

impl Scenario {
    /// Makes the call and holds it to what is written.
    pub fn run(&self, menus: &Menus) -> Verdict {
        let (title, line) = (self.title.clone(), self.line);
        let Setting { at, scene, conditions } = self.setting.clone();
        if let Some(plan) = conditions.emergency.as_deref().filter(|p| !menus.plans().contains(p)) {
            let known = menus.plans().into_iter().collect::<Vec<_>>().join(", ");
            let fault = Some((line, format!("no menu has words for the emergency plan `{plan}`; plans are: {known}")));
            return Verdict { title, line, fault, steps: vec![] };
        }
        let menus = &menus.under(conditions);
        let Some(mut call) = Call::begin(menus, &self.menu, at, scene) else {
            let known: Vec<_> = menus.all().map(|m| m.name.as_str()).collect();
            let fault = Some((line, format!("there is no menu `{}`; menus are: {}", self.menu, known.join(", "))));
            return Verdict { title, line, fault, steps: vec![] };
        };
        let done: Vec<Done> = self.lines.iter().map(|written| written.act(&mut call)).collect();
        call.be_silent();
        let steps = call.steps();
        let mut fault = None;
        for (i, written) in self.lines.iter().enumerate() {
            // From his key (else from where the line before ended) until he does the next thing.
            let before = i.checked_sub(1).map_or(0, |b| done[b].end);
            let from = done[i].last_press.unwrap_or(before);
            let until = done.get(i + 1).map_or(u64::MAX, |next| next.first_press.unwrap_or(next.end));
            let why = match done[i].too_late {
                true => Some("he was to press a key and had already left the menus".to_owned()),
                false => written.expects.iter().find_map(|e| e.fault(&steps, from, until)),
            };
            fault = fault.or(why.map(|why| (written.line, why)));
        }
        Verdict { title, line, fault, steps }
    }
}

impl Line {
    fn act(&self, call: &mut Call<'_>) -> Done {
        let mut done = Done::default();
        for act in &self.acts {
            let keys = call.keys();
            call.act(*act);
            if call.keys() > keys {
                done.first_press = done.first_press.or(Some(call.at_ms()));
                done.last_press = Some(call.at_ms());
            } else if matches!(act, Act::Press(_) | Act::PressAtOnce(_)) {
                done.too_late = true;
            }
        }
        done.end = call.at_ms();
        done
    }
}

impl Expect {
    /// Why it is not so; `from` and `until` bound what was heard.
    fn fault(&self, steps: &[Step], from: u64, until: u64) -> Option<String> {
        let within = |s: &&Step| (from..until).contains(&s.at_ms);
        let heard = || {
            steps.iter().filter(within).filter_map(|s| match &s.what {
                What::Heard { prompt, text, .. } => Some((prompt.as_str(), text.as_str())),
                What::Entered { .. } | What::Pressed(_) | What::QueueFull(_) | What::Served { .. } | What::Ended(_) => {
                    None
                }
            })
        };
        let matches = |wanted: &str| heard().any(|(prompt, text)| prompt == wanted || text.contains(wanted));
        let entered = || {
            let before = steps.iter().filter(|s| s.at_ms < until);
            before
                .filter_map(|s| {
                    if let What::Entered { menu, language, .. } = &s.what { Some((menu, *language)) } else { None }
                })
                .next_back()
        };
        let end = steps.iter().find_map(|s| if let What::Ended(exit) = &s.what { Some((s.at_ms, exit)) } else { None });
        let ended = || end.map_or("the call went on for an hour".to_owned(), |(_, exit)| exit_words(exit));
        match self {
            Expect::Hears(wanted) => {
                let all = || heard().map(|(_, text)| text).collect::<Vec<_>>().join(" ");
                (!matches(wanted)).then(|| format!("he does not hear `{wanted}`; he hears: {}", all()))
            }
            Expect::DoesNotHear(wanted) => matches(wanted).then(|| format!("he hears `{wanted}`")),
            Expect::EndsInQueue(wanted) => {
                let there = matches!(end, Some((_, Exit::Queue { queue, .. })) if queue == wanted);
                (!there).then(|| format!("he does not end in queue {wanted}: {}", ended()))
            }
            Expect::LeavesMessage(wanted) => {
                let there = matches!(end, Some((_, Exit::Voicemail { mailbox, .. })) if mailbox == wanted);
                (!there).then(|| format!("he leaves no message in {wanted}: {}", ended()))
            }
            Expect::IsCalledBack(wanted) => {
                let there = matches!(end, Some((_, Exit::Callback { queue, .. })) if queue == wanted);
                (!there).then(|| format!("he is not called back by {wanted}: {}", ended()))
            }
            Expect::HangsUp => {
                (!matches!(end, Some((_, Exit::HangUp)))).then(|| format!("the call does not end: {}", ended()))
            }
            Expect::InMenu(wanted) => {
                let menu = entered().map_or("no menu", |(menu, _)| menu);
                (menu != wanted).then(|| format!("he is in menu {menu}, not in {wanted}"))
            }
            Expect::InLanguage(wanted) => {
                let found = entered().map(|(_, language)| language);
                (found != Some(*wanted))
                    .then(|| format!("he hears {}, not {wanted}", found.map_or("nothing", Language::tag)))
            }
            Expect::Within(millis) => {
                let took = end.map_or(u64::MAX, |(at, _)| at);
                let seconds = |ms: u64| ms as f64 / 1000.0;
                (took > *millis)
                    .then(|| format!("it takes {:.1} s, more than {:.1} s", seconds(took), seconds(*millis)))
            }
        }
    }
}

impl Verdict {
    /// For people: one line if it went as written, else what was heard, too.
    pub fn text(&self, file: &str) -> String {
        match &self.fault {
            None => format!("ok      {file}:{} {}\n", self.line, self.title),
            Some((line, why)) => {
                let steps: String = self.steps.iter().map(|s| format!("        {}\n", s.line())).collect();
                format!("FAILED  {file}:{line} {}\n        {why}\n{steps}", self.title)
            }
        }
    }
    /// For programs.
    pub fn json(&self, file: &str) -> Value {
        json!({
            "file": file,
            "title": self.title,
            "line": self.line,
            "passed": self.fault.is_none(),
            "fault": self.fault.as_ref().map(|(line, why)| json!({ "line": line, "why": why })),
            "steps": self.steps.iter().map(Step::json).collect::<Vec<_>>(),
        })
    }
}

/// The Markdown files at a path, a folder or a file, with their texts.
pub fn texts(path: &str, disk: &mut dyn Disk) -> io::Result<Vec<(String, String)>> {
    let path = path.trim_end_matches('/');
    let mut files: Vec<String> = match disk.list(path) {
        Ok(names) => {
            let markdown = names.into_iter().filter(|(name, entry)| *entry == Entry::File && name.ends_with(".md"));
            markdown.map(|(name, _)| format!("{path}/{name}")).collect()
        }
        Err(_) => vec![path.to_owned()],
    };
    files.sort();
    let mut texts = vec![];
    for file in files {
        let text = String::from_utf8(disk.read(&file)?)
            .map_err(|_| io::Error::other(format!("{file} is not UTF-8; save it as UTF-8")))?;
        texts.push((file, text));
    }
    match texts.is_empty() {
        true => Err(io::Error::other("there are no scenarios: files ending in .md")),
        false => Ok(texts),
    }
}
