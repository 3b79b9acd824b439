//! A language server for the menus' files: what `ivr check` says, while one types; names to choose from; what a prompt says.
//!
//! ```text
//!   editor ──JSON-RPC──► Server::handle ──► check the folder, what is open in the editor taking the place of what lies on the disk
//!          ◄─ diagnostics, completions, hovers ─┘
//! ```
//! Speaks the Language Server Protocol 3.17: positions are lines and UTF-16 code units from 0 (§Position), texts are sent whole (§TextDocumentSync,
//! full). Does not read the pipe: the rim brings messages and takes the answers, and brings the disk.
mod names;
mod place;

use crate::check::{Disk, Entry, Report, gather};
use crate::facts::Facts;
use crate::sources::NOT_MENUS;
use names::Names;
use place::{line_of, path_of, position, uri_of, word_at};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use switchboard_source::{Diagnostic, Severity};

/// The largest text that is taken; what is larger is no menu.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Texts open at once; an editor that opens more is told so.
const OPEN_MAX: usize = 500;

/// One editor's server.
#[derive(Debug)]
pub struct Server {
    facts: Facts,
    /// Open texts by path.
    open: BTreeMap<String, String>,
    /// Files for which something was said; what is mended must be taken back.
    said: BTreeSet<String>,
    shut_down: bool,
}

/// What is to be done after a message.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// Messages for the editor, in order.
    pub messages: Vec<Value>,
    /// Whether the server ends, and whether it was asked to properly.
    pub exit: Option<bool>,
}

impl Server {
    /// A server for menus that lead into this configuration.
    pub fn new(facts: Facts) -> Server {
        Server { facts, open: BTreeMap::new(), said: BTreeSet::new(), shut_down: false }
    }

    /// Takes one message of the editor.
    pub fn handle(&mut self, message: &Value, disk: &mut dyn Disk) -> Answer {
        let params = &message["params"];
        let id = message.get("id").filter(|id| !id.is_null());
        let mut answer = Answer::default();
        match message["method"].as_str().unwrap_or_default() {
            "initialize" => answer.reply(id, capabilities()),
            "shutdown" => {
                self.shut_down = true;
                answer.reply(id, Value::Null);
            }
            "exit" => answer.exit = Some(self.shut_down),
            "textDocument/didOpen" => {
                let document = &params["textDocument"];
                self.take(&document["uri"], &document["text"], disk, &mut answer);
            }
            "textDocument/didChange" => {
                let text = params["contentChanges"].as_array().and_then(|c| c.last()).map(|c| &c["text"]);
                self.take(&params["textDocument"]["uri"], text.unwrap_or(&Value::Null), disk, &mut answer);
            }
            "textDocument/didSave" => {
                if let Some(path) = params["textDocument"]["uri"].as_str().and_then(path_of) {
                    self.diagnose(&path, disk, &mut answer);
                }
            }
            "textDocument/didClose" => {
                if let Some(path) = params["textDocument"]["uri"].as_str().and_then(path_of) {
                    self.open.remove(&path);
                }
            }
            "textDocument/completion" => {
                let items = self.asked(params, disk).map_or(vec![], |a| a.completions());
                answer.reply(id, json!({ "isIncomplete": false, "items": items }));
            }
            "textDocument/hover" => {
                let hover = self.asked(params, disk).and_then(|a| a.hover());
                answer.reply(id, hover.unwrap_or(Value::Null));
            }
            method => {
                // A notification that is not known may be passed over; a request must be answered (JSON-RPC 2.0 §5.1).
                if let Some(id) = id {
                    let error = json!({ "code": -32601, "message": format!("`{method}` is not served") });
                    answer.messages.push(json!({ "jsonrpc": "2.0", "id": id, "error": error }));
                }
            }
        }
        answer
    }

    fn take(&mut self, uri: &Value, text: &Value, disk: &mut dyn Disk, answer: &mut Answer) {
        let (Some(path), Some(text)) = (uri.as_str().and_then(path_of), text.as_str()) else { return };
        let known = self.open.contains_key(&path);
        if text.len() > TEXT_BYTES_MAX || (!known && self.open.len() >= OPEN_MAX) {
            let message = format!(
                "{path} is not checked: larger than {TEXT_BYTES_MAX} bytes, or more than {OPEN_MAX} texts are open"
            );
            answer.messages.push(json!({
                "jsonrpc": "2.0", "method": "window/showMessage", "params": { "type": 2, "message": message },
            }));
            return;
        }
        self.open.insert(path.clone(), text.to_owned());
        self.diagnose(&path, disk, answer);
    }

    /// What is wrong with the folder of this file, for each file of it.
    fn diagnose(&mut self, path: &str, disk: &mut dyn Disk, answer: &mut Answer) {
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let found = match gather(folder, &mut Overlay { disk, open: &self.open }) {
            Ok(sources) => Report::of(&sources, &self.facts).diagnostics,
            Err(_) => vec![],
        };
        let mut by_file: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        // Also for those of which nothing is to be said any more.
        by_file.extend(std::mem::take(&mut self.said).into_iter().map(|file| (file, vec![])));
        by_file.entry(path.to_owned()).or_default();
        for diagnostic in &found {
            let file = if diagnostic.file.is_empty() { path } else { &diagnostic.file };
            by_file.entry(file.to_owned()).or_default().push(shown(diagnostic));
        }
        for (file, diagnostics) in by_file {
            if !diagnostics.is_empty() {
                self.said.insert(file.clone());
            }
            answer.messages.push(json!({
                "jsonrpc": "2.0",
                "method": "textDocument/publishDiagnostics",
                "params": { "uri": uri_of(&file), "diagnostics": diagnostics },
            }));
        }
    }

    fn asked(&self, params: &Value, disk: &mut dyn Disk) -> Option<Asked> {
        let path = params["textDocument"]["uri"].as_str().and_then(path_of)?;
        let text = self.open.get(&path)?;
        let line = line_of(text, params["position"]["line"].as_u64()? as usize)?.to_owned();
        let column = params["position"]["character"].as_u64()? as usize;
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let sources = gather(folder, &mut Overlay { disk, open: &self.open }).ok()?;
        let file = path.rsplit('/').next().unwrap_or(&path).to_owned();
        Some(Asked { names: Names::of(&sources, &self.facts), file, line, column })
    }
}

/// What an editor asks about: a place in a line.
struct Asked {
    names: Names,
    file: String,
    line: String,
    column: usize,
}

impl Asked {
    /// What may stand here.
    fn completions(&self) -> Vec<Value> {
        const VALUE: u64 = 12;
        const FIELD: u64 = 5;
        let before: String = place::before(&self.line, self.column).to_owned();
        match field_before(&before) {
            Some(field) => {
                let known = self.names.for_field(field);
                known
                    .into_iter()
                    .map(|(name, detail)| json!({ "label": name, "kind": VALUE, "detail": detail }))
                    .collect()
            }
            None if NOT_MENUS.contains(&self.file.as_str()) => vec![],
            None => {
                let inner = before.contains('{') || before.starts_with(' ');
                let fields = if inner { names::CHOICE_FIELDS } else { names::MENU_FIELDS };
                fields
                    .iter()
                    .map(|(name, detail)| json!({ "label": name, "kind": FIELD, "detail": detail, "insertText": format!("{name}: ") }))
                    .collect()
            }
        }
    }

    /// What the word here means.
    fn hover(&self) -> Option<Value> {
        let word = word_at(&self.line, self.column)?;
        let field = self.line[..word.start].trim_end().trim_end_matches('[').trim_end();
        let text = self.names.meaning(&self.line[word], field_before(field))?;
        Some(json!({ "contents": { "kind": "markdown", "value": text } }))
    }
}

/// The field whose value is being written at the end of this: `… queue: gen` → `queue`.
fn field_before(before: &str) -> Option<&str> {
    let colon = before.rfind(':')?;
    let value = &before[colon + 1..];
    if value.contains(['}', '{']) || value.contains(',') && !value.contains('[') {
        return None;
    }
    let start = before[..colon].rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_').map_or(0, |i| i + 1);
    Some(&before[start..colon]).filter(|f| !f.is_empty())
}

fn capabilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": { "openClose": true, "change": 1, "save": true },
            "completionProvider": { "triggerCharacters": [" ", ":", "["] },
            "hoverProvider": true,
        },
        "serverInfo": { "name": "switchboard ivr lsp", "version": env!("CARGO_PKG_VERSION") },
    })
}

fn shown(diagnostic: &Diagnostic) -> Value {
    let (start, end) = match &diagnostic.at {
        Some(at) => (position(at.text.body(), at.span.start), position(at.text.body(), at.span.end)),
        None => (json!({ "line": 0, "character": 0 }), json!({ "line": 0, "character": 0 })),
    };
    let mut message = diagnostic.message.clone();
    for more in std::iter::once(&diagnostic.label).filter(|l| !l.is_empty()).chain(&diagnostic.notes) {
        message += &format!("\n{more}");
    }
    if let Some(help) = &diagnostic.help {
        message += &format!("\n= {help}");
    }
    let severity = match diagnostic.severity {
        Severity::Error => 1,
        Severity::Warning => 2,
        Severity::Advice => 3,
    };
    json!({
        "range": { "start": start, "end": end },
        "severity": severity,
        "code": diagnostic.code.to_string(),
        "source": "switchboard ivr",
        "message": message,
    })
}

impl Answer {
    fn reply(&mut self, id: Option<&Value>, result: Value) {
        if let Some(id) = id {
            self.messages.push(json!({ "jsonrpc": "2.0", "id": id, "result": result }));
        }
    }
}

/// The disk, with what is open in the editor over it.
struct Overlay<'a> {
    disk: &'a mut dyn Disk,
    open: &'a BTreeMap<String, String>,
}

impl Disk for Overlay<'_> {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        match self.open.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.disk.read(path),
        }
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        let mut names = self.disk.list(folder)?;
        // A file that was never saved is there, too.
        for path in self.open.keys() {
            if let Some((there, name)) = path.rsplit_once('/')
                && there == folder
                && !names.iter().any(|(n, _)| n == name)
            {
                names.push((name.to_owned(), Entry::File));
            }
        }
        Ok(names)
    }
}
