//! A list of agents as a spreadsheet writes it (CSV, RFC 4180), made into `agents.yaml`.
//!
//! ```csv
//!   agent_id,name,team,password,skills,certificates,trainee
//!   8001,王芳,A,demo-8001,lang.cmn:9 card:3,fund:2027-03-01,no
//! ```
//! One line an agent; the whole list is replaced, and what agents.yaml says of teams is kept. Each fault has its line and column. Whether the
//! list suits the queues is `check`'s to say, of the file that comes of it.
use crate::faults::code;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use switchboard_ivr::Day;
use switchboard_source::{At, Diagnostic, Span, Text};

/// The columns there may be; the first three must be there.
pub const COLUMNS: [&str; 9] =
    ["agent_id", "name", "skills", "team", "sip_user", "password", "ha1", "certificates", "trainee"];
const MUST: usize = 3;
/// Whoever has more is no call centre, and no file is read without a bound.
const AGENTS_MAX: usize = 100_000;

/// A field and where it stands.
struct Cell {
    value: String,
    at: At,
}

/// The text of an `agents.yaml` with these people, or what is wrong with the list.
pub fn agents_from_csv(path: &str, csv: &str, agents_yaml: &str) -> Result<String, Vec<Diagnostic>> {
    let text = Text::new(path, csv);
    let mut faults = vec![];
    let mut lines = lines(&text, &mut faults).into_iter();
    let Some(header) = lines.next() else {
        let fault = Diagnostic::of_file(code(39), path, format!("{path} has no line"));
        return Err(vec![fault.help(format!("its first line names the columns: {}", COLUMNS.join(",")))]);
    };
    let columns = header_of(&header, &mut faults);
    let mut seen: BTreeMap<String, At> = BTreeMap::new();
    let mut yaml = String::from("# Imported by `switchboard agents import`; one agent a line.\nversion: 1\nagents:\n");
    for (n, cells) in lines.enumerate() {
        if n == AGENTS_MAX {
            faults.push(fault(&cells[0].at, format!("more than {AGENTS_MAX} agents"), "split the list"));
            break;
        }
        if cells.len() != columns.len() {
            let message = format!("{} fields, and the first line names {}", cells.len(), columns.len());
            faults.push(fault(&cells[0].at, message, "a field with a comma in it is written in quotes: \"a, b\""));
            continue;
        }
        let row: BTreeMap<&str, &Cell> =
            columns.iter().copied().zip(&cells).filter(|(_, c)| !c.value.is_empty()).collect();
        agent(&row, &cells[0].at, &mut seen, &mut yaml, &mut faults);
    }
    if let Some(at) = agents_yaml.lines().position(|line| line.starts_with("teams:")) {
        for line in agents_yaml.lines().skip(at) {
            yaml.push_str(line);
            yaml.push('\n');
        }
    }
    if faults.is_empty() { Ok(yaml) } else { Err(faults) }
}

fn fault(at: &At, message: String, cure: &str) -> Diagnostic {
    Diagnostic::error(code(39), at, message).help(cure)
}

fn header_of(cells: &[Cell], faults: &mut Vec<Diagnostic>) -> Vec<&'static str> {
    let mut columns: Vec<&'static str> = vec![];
    for cell in cells {
        let name = cell.value.trim_start_matches('\u{feff}').trim();
        match COLUMNS.iter().find(|column| **column == name) {
            Some(column) if columns.contains(column) => {
                faults.push(fault(&cell.at, format!("the column `{name}` is there twice"), "take one of them out"));
            }
            Some(column) => columns.push(column),
            None => {
                let cure = format!("there are {}; fields are separated by commas", COLUMNS.join(", "));
                faults.push(fault(&cell.at, format!("there is no column `{name}`"), &cure));
            }
        }
    }
    let here = |name: &&str| columns.contains(name);
    for missing in COLUMNS[..MUST].iter().filter(|name| !here(name)) {
        faults.push(fault(&cells[0].at, format!("the column `{missing}` is missing"), "add it to the first line"));
    }
    if !here(&"password") && !here(&"ha1") {
        let message = "neither `password` nor `ha1` is among the columns".to_owned();
        faults.push(fault(&cells[0].at, message, "a telephone that need not prove itself is anybody's"));
    }
    columns
}

fn agent(
    row: &BTreeMap<&str, &Cell>,
    line: &At,
    seen: &mut BTreeMap<String, At>,
    yaml: &mut String,
    faults: &mut Vec<Diagnostic>,
) {
    let before = faults.len();
    for must in COLUMNS[..MUST].iter().filter(|name| !row.contains_key(**name)) {
        faults.push(fault(line, format!("this agent has no `{must}`"), "every line has it"));
    }
    if let Some(id) = row.get("agent_id") {
        if id.value.len() > 10 || !id.value.bytes().all(|b| b.is_ascii_digit()) {
            faults.push(fault(&id.at, format!("`{}` is no agent ID", id.value), "1 to 10 digits"));
        }
        if let Some(first) = seen.get(&id.value) {
            let message = format!("there are two agents with agent ID `{}`", id.value);
            faults.push(fault(&id.at, message, "an agent ID is one person's").also(first, "the first of them"));
        } else {
            seen.insert(id.value.clone(), id.at.clone());
        }
    }
    match (row.get("password"), row.get("ha1")) {
        (Some(_), None) => {}
        (None, Some(ha1)) if ha1.value.len() == 32 && ha1.value.bytes().all(|b| b.is_ascii_hexdigit()) => {}
        (None, Some(ha1)) => {
            faults.push(fault(&ha1.at, "no `ha1`".to_owned(), "32 hex digits: MD5 of user:realm:password"))
        }
        (None, None) => {
            faults.push(fault(line, "this agent's telephone has no password".to_owned(), "`password` or `ha1`"))
        }
        (Some(_), Some(ha1)) => faults.push(fault(&ha1.at, "both `password` and `ha1`".to_owned(), "leave one empty")),
    }
    let level = |l: &str| l.parse::<u8>().is_ok_and(|n| n <= 9 && l.len() == 1);
    let skills = row.get("skills").map(|c| pairs(c, level, "a skill and its level from 0 to 9, as `card:3`", faults));
    let day = |d: &str| Day::read(d).is_some();
    let certificates =
        row.get("certificates").map(|c| pairs(c, day, "a certificate and its last day, as `fund:2027-03-01`", faults));
    let trainee = row.get("trainee").and_then(|c| match c.value.as_str() {
        "yes" | "true" | "1" | "是" => Some(true),
        "no" | "false" | "0" | "否" => Some(false),
        other => {
            faults.push(fault(&c.at, format!("`{other}` is neither yes nor no"), "yes, no, 是 or 否"));
            None
        }
    });
    if faults.len() > before {
        return;
    }
    let mut said: Vec<String> = vec![];
    for name in ["agent_id", "name", "team", "sip_user", "password", "ha1"] {
        said.extend(row.get(name).map(|cell| format!("{name}: {}", quoted(&cell.value))));
    }
    let map = |pairs: Vec<(String, String)>| {
        pairs.iter().map(|(name, value)| format!("{}: {value}", quoted(name))).collect::<Vec<_>>().join(", ")
    };
    said.extend(skills.map(|s| format!("skills: {{ {} }}", map(s))));
    said.extend(certificates.map(|c| format!("certificates: {{ {} }}", map(c))));
    said.extend(trainee.map(|t| format!("trainee: {t}")));
    writeln!(yaml, "  - {{ {} }}", said.join(", ")).expect("a string takes everything");
}

/// `card:3 loan:2`, or with `;` between.
fn pairs(
    cell: &Cell,
    good: impl Fn(&str) -> bool,
    wanted: &str,
    faults: &mut Vec<Diagnostic>,
) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = vec![];
    for word in cell.value.split([' ', ';']).filter(|w| !w.is_empty()) {
        match word.rsplit_once(':') {
            Some((name, value)) if !name.is_empty() && good(value) => {
                if all.iter().any(|(known, _)| known == name) {
                    faults.push(fault(&cell.at, format!("`{name}` is there twice"), "say it once"));
                }
                all.push((name.to_owned(), value.to_owned()));
            }
            Some(_) | None => faults.push(fault(&cell.at, format!("`{word}` is not {wanted}"), wanted)),
        }
    }
    all
}

/// In YAML's double quotes, which read JSON's escapes.
fn quoted(value: &str) -> String {
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04x}", u32::from(c)).expect("a string takes everything"),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The lines that are not empty, each with its fields.
fn lines(text: &Arc<Text>, faults: &mut Vec<Diagnostic>) -> Vec<Vec<Cell>> {
    let mut all = vec![];
    let mut start = 0;
    for line in text.body().split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        if !bare.trim().is_empty() {
            all.push(fields(text, start, bare, faults));
        }
        start += line.len();
    }
    all
}

fn fields(text: &Arc<Text>, start: usize, line: &str, faults: &mut Vec<Diagnostic>) -> Vec<Cell> {
    let mut cells = vec![];
    let mut rest = line;
    loop {
        let from = start + line.len() - rest.len();
        let (value, length) = match rest.strip_prefix('"') {
            Some(inside) => quoted_field(inside),
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Some(rest[..end].trim().to_owned()), end)
            }
        };
        let at =
            At { text: text.clone(), span: Span { start: from, end: from + length.max(1).min(rest.len().max(1)) } };
        let value = value.unwrap_or_else(|| {
            faults.push(fault(
                &at,
                "this quote is not closed in its line".to_owned(),
                "an agent is one line; a quote in a field is written twice",
            ));
            String::new()
        });
        cells.push(Cell { value, at });
        match rest[length..].strip_prefix(',') {
            Some(next) => rest = next,
            None if rest.len() == length => return cells,
            None => {
                let from = start + line.len() - rest.len() + length;
                let at = At { text: text.clone(), span: Span { start: from, end: start + line.len() } };
                faults.push(fault(
                    &at,
                    "something follows a closed quote".to_owned(),
                    "a comma, or the end of the line",
                ));
                return cells;
            }
        }
    }
}

/// What stands in quotes, and how many bytes it takes with them; `None` if it is not closed.
fn quoted_field(inside: &str) -> (Option<String>, usize) {
    let mut value = String::new();
    let mut chars = inside.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if chars.next_if(|(_, next)| *next == '"').is_some() => value.push('"'),
            '"' => return (Some(value.trim().to_owned()), at + 2),
            c => value.push(c),
        }
    }
    (None, inside.len() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "agent_id,name,team,password,skills,certificates,trainee";

    /// The codes' words at the place of each fault.
    #[track_caller]
    fn check(csv: &str, wants: &[(usize, &str)]) {
        let faults = agents_from_csv("list.csv", csv, "").map_or_else(|f| f, |_| vec![]);
        let seen: Vec<(usize, String)> =
            faults.iter().map(|f| (f.at.as_ref().map_or(0, |at| at.place().line), f.message.clone())).collect();
        let fits = seen.len() == wants.len() && seen.iter().zip(wants).all(|(s, w)| s.0 == w.0 && s.1.contains(w.1));
        assert!(fits, "{csv}\n{seen:#?}");
    }

    #[test]
    fn each_fault_has_its_line() {
        let with = |line: &str| format!("{HEAD}\n8001,王芳,A,pw,card:3,,\n{line}\n");
        check(&with("8002,李伟,B,pw,card:3 loan:2,fund:2027-03-01,yes"), &[]);
        check(&with("8001,李伟,B,pw,card:3,,"), &[(3, "two agents with agent ID `8001`")]);
        check(&with("80a2,李伟,B,pw,card:3,,"), &[(3, "no agent ID")]);
        check(&with("8002,李伟,B,pw,card:10,,"), &[(3, "`card:10`")]);
        check(&with("8002,李伟,B,pw,card:3 card:4,,"), &[(3, "`card` is there twice")]);
        check(&with("8002,李伟,B,pw,card:3,fund:2027-02-30,"), &[(3, "`fund:2027-02-30`")]);
        check(&with("8002,李伟,B,pw,card:3,,maybe"), &[(3, "neither yes nor no")]);
        check(&with("8002,李伟,B,,card:3,,"), &[(3, "no password")]);
        check(&with("8002,,B,pw,,,"), &[(3, "no `name`"), (3, "no `skills`")]);
        check(&with("8002,李伟,B,pw,card:3"), &[(3, "5 fields")]);
        check(&with("8002,\"李伟,B,pw,card:3,,"), &[(3, "not closed"), (3, "2 fields")]);
        check(&with("8002,\"李伟\"x,B,pw,card:3,,"), &[(3, "follows a closed quote"), (3, "2 fields")]);
        check(
            "agent_id;name\n",
            &[(1, "no column `agent_id;name`"), (1, "`agent_id`"), (1, "`name`"), (1, "`skills`"), (1, "neither")],
        );
        check("", &[(0, "no line")]);
    }

    #[test]
    fn what_comes_of_it_is_read_as_it_was_meant_and_teams_stay() {
        let old = "version: 1\nagents: []\nteams:\n  - { name: A, first: round_robin }\n";
        let csv = format!("\u{feff}{HEAD}\r\n8001,\"王, \"\"芳\"\"\",A,p\\w,lang.cmn:9;card:3,fund:2027-03-01,是\r\n");
        let yaml = agents_from_csv("list.csv", &csv, old).expect("nothing is wrong with it");
        let (doc, mut faults) = switchboard_source::read(crate::faults::FAMILY, "agents.yaml", yaml.as_bytes());
        let doc = doc.expect("it is YAML");
        let mut names = crate::skills::SkillNames::default();
        let (agents, teams) = crate::agents::read(&doc, None, &mut names, &mut faults);
        assert!(faults.is_empty(), "{yaml}\n{}", switchboard_source::render(&faults));
        let [agent] = &agents[..] else { panic!("{agents:?}") };
        assert_eq!((agent.agent_id.as_str(), agent.name.as_str(), agent.trainee), ("8001", "王, \"芳\"", true));
        assert!(matches!(&agent.password, crate::Password::Plain(password) if password == "p\\w"));
        assert_eq!((agent.skills.0.len(), agent.lapses.len()), (3, 1));
        assert_eq!(teams.len(), 1);
    }
}
