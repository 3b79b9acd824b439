//! The language server, driven by a scripted client: what an editor shows while somebody writes a menu.
//!
//! Not covered: the pipe's framing (`cmd/ivr/lsp.rs`) and the editors themselves.
mod common;

use common::bank_facts;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use switchboard_ivr::tools::lsp::Server;
use switchboard_ivr::{Disk, Entry};

/// The repository's menus at `/bank`, and what else a test puts there.
struct Bank(BTreeMap<String, Vec<u8>>);

impl Bank {
    fn new() -> Bank {
        Bank(BTreeMap::new())
    }
}

impl Disk for Bank {
    fn read(&mut self, path: &str) -> io::Result<Vec<u8>> {
        if let Some(bytes) = self.0.get(path) {
            return Ok(bytes.clone());
        }
        let rest = path.strip_prefix("/bank").ok_or(io::ErrorKind::NotFound)?;
        common::Repository.read(&format!("ivr-menus{rest}"))
    }
    fn list(&mut self, folder: &str) -> io::Result<Vec<(String, Entry)>> {
        let rest = folder.strip_prefix("/bank").ok_or(io::ErrorKind::NotFound)?;
        common::Repository.list(&format!("ivr-menus{rest}"))
    }
}

struct Client {
    server: Server,
    disk: Bank,
    id: u64,
}

impl Client {
    fn new() -> Client {
        let mut client = Client { server: Server::new(bank_facts()), disk: Bank::new(), id: 0 };
        let answer = client.ask("initialize", json!({}));
        assert_eq!(answer["capabilities"]["hoverProvider"], true);
        client
    }
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let message = json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params });
        let answer = self.server.handle(&message, &mut self.disk);
        assert_eq!(answer.messages.len(), 1, "one answer to one question");
        assert_eq!(answer.messages[0]["id"], self.id);
        answer.messages[0]["result"].clone()
    }
    fn tell(&mut self, method: &str, params: Value) -> Vec<Value> {
        let message = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        self.server.handle(&message, &mut self.disk).messages
    }
    /// Codes with their lines, of the file that is written, as it is published.
    fn write(&mut self, file: &str, text: &str, first: bool) -> Vec<(String, u64)> {
        let uri = format!("file:///bank/{file}");
        let said = match first {
            true => self.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "text": text } })),
            false => self.tell(
                "textDocument/didChange",
                json!({ "textDocument": { "uri": uri }, "contentChanges": [{ "text": text }] }),
            ),
        };
        let own = said.iter().find(|m| m["params"]["uri"] == uri).expect("something is said of it");
        let code = |d: &Value| {
            (d["code"].as_str().unwrap_or_default().to_owned(), d["range"]["start"]["line"].as_u64().unwrap_or(99))
        };
        own["params"]["diagnostics"].as_array().expect("a list").iter().map(code).collect()
    }
    fn labels(&mut self, file: &str, line: usize, character: usize) -> Vec<String> {
        let place = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": format!("file:///bank/{file}") }, "position": place });
        let answer = self.ask("textDocument/completion", params);
        let items = answer["items"].as_array().expect("a list");
        items.iter().map(|i| i["label"].as_str().unwrap_or_default().to_owned()).collect()
    }
    fn hover(&mut self, file: &str, line: usize, character: usize) -> String {
        let place = json!({ "line": line, "character": character });
        let params = json!({ "textDocument": { "uri": format!("file:///bank/{file}") }, "position": place });
        self.ask("textDocument/hover", params)["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }
}

fn cards() -> String {
    String::from_utf8(common::Repository.read("ivr-menus/cards.yaml").expect("the cards' menu")).expect("UTF-8")
}

fn place(text: &str, word: &str) -> (usize, usize) {
    let line = text.lines().position(|l| l.contains(word)).unwrap_or_else(|| panic!("{word}"));
    let before = text.lines().nth(line).and_then(|l| l.split(word).next()).expect("a line");
    (line, before.encode_utf16().count() + word.encode_utf16().count())
}

#[test]
fn faults_are_shown_while_one_types_and_taken_back_when_mended() {
    let (mut client, sound) = (Client::new(), cards());
    assert_eq!(client.write("cards.yaml", &sound, true), []);
    let broken = sound.replace("prompt: card_bill,", "prompt: card_bil,");
    let (line, _) = place(&broken, "card_bil,");
    assert_eq!(client.write("cards.yaml", &broken, false), [("IVR0303".to_owned(), line as u64)]);
    assert_eq!(client.write("cards.yaml", &sound, false), []);
    // Half a line is no YAML, and not the end of the server.
    let half = sound.clone() + "queue_full: { prompt: ";
    assert!(client.write("cards.yaml", &half, false).iter().any(|(code, _)| code == "IVR0904"));
    assert_eq!(client.write("cards.yaml", &sound, false), []);
}

#[test]
fn a_fault_that_lies_in_another_file_is_shown_there() {
    let mut client = Client::new();
    let text = cards().replace("menu: cards\n", "menu: card\n");
    let uri = "file:///bank/cards.yaml";
    let said = client.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "text": text } }));
    let main = said.iter().find(|m| m["params"]["uri"] == "file:///bank/main.yaml").expect("main leads to `cards`");
    assert!(main["params"]["diagnostics"].as_array().expect("a list").iter().any(|d| d["code"] == "IVR0301"));
    let said = client.tell(
        "textDocument/didChange",
        json!({ "textDocument": { "uri": uri }, "contentChanges": [{ "text": cards() }] }),
    );
    let main = said.iter().find(|m| m["params"]["uri"] == "file:///bank/main.yaml").expect("it is taken back");
    assert_eq!(main["params"]["diagnostics"], json!([]));
}

#[test]
fn names_are_offered_and_prompts_are_read_out() {
    let (mut client, sound) = (Client::new(), cards());
    client.write("cards.yaml", &sound, true);
    for (word, has, has_not) in
        [("queue: ", "complaints", "agent"), ("prompt: ", "card_bill", "complaints"), ("menu: ", "loans", "general")]
    {
        let (line, character) = place(&sound, word);
        let labels = client.labels("cards.yaml", line, character);
        assert!(labels.iter().any(|l| l == has), "{word}: {labels:?}");
        assert!(!labels.iter().any(|l| l == has_not), "{word}: {labels:?}");
    }
    let fields = client.labels("cards.yaml", 0, 0);
    assert!(fields.iter().any(|f| f == "no_input") && !fields.iter().any(|f| f == "prompt"), "{fields:?}");
    let (line, end) = place(&sound, "prompt: card_bill");
    let hover = client.hover("cards.yaml", line, end - 3);
    assert!(hover.contains("账单和还款请按一") && hover.contains("For bills"), "{hover}");
    let (line, end) = place(&sound, "queue: card_loss");
    assert!(client.hover("cards.yaml", line, end - 2).contains("card_loss"));
    assert_eq!(client.hover("cards.yaml", 0, 0), "", "nothing is known of `version`");
}

#[test]
fn questions_are_answered_and_the_end_is_in_order() {
    let mut client = Client::new();
    let strange = client.server.handle(&json!({ "id": 7, "method": "textDocument/rename" }), &mut client.disk);
    assert_eq!(strange.messages[0]["error"]["code"], -32601);
    assert!(client.tell("$/setTrace", json!({})).is_empty());
    assert!(
        client.tell("textDocument/didOpen", json!({ "textDocument": { "uri": "untitled:1", "text": "x" } })).is_empty()
    );
    let large = "x".repeat(2 << 20);
    let uri = "file:///bank/large.yaml";
    let said = client.tell("textDocument/didOpen", json!({ "textDocument": { "uri": uri, "text": large } }));
    assert_eq!(said[0]["method"], "window/showMessage");
    let exit = |c: &mut Client| c.server.handle(&json!({ "method": "exit" }), &mut c.disk).exit;
    assert_eq!(exit(&mut client), Some(false), "without `shutdown` it is an error");
    assert_eq!(client.ask("shutdown", json!(null)), Value::Null);
    assert_eq!(exit(&mut client), Some(true));
}
