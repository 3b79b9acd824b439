//! Orders as a program sees them over HTTP, before a centre that writes down what it was asked.
//!
//! Not covered: what the floor makes of an order (`engine`), the whole chain over a running centre (`switchboard`'s `api` test).
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchboard_api::orders::accounts::Accounts;
use switchboard_api::orders::{Centre, Feed, Orders, openapi};
use switchboard_api::{Kept, Plan, Server};
use switchboard_engine::Config;
use switchboard_engine::command::rights::Role;
use switchboard_engine::command::table::{COMMANDS, Owner, Row};
use switchboard_engine::command::{CallOrder, Order, Reply};
use switchboard_model::{AgentId, CallId, ContactEvent, Instant, ShardId, What};
use switchboard_stats::Formula;

const PASSWORD: &str = "Blue.Kettle7";

struct Told {
    config: Arc<Config>,
    asked: Mutex<Vec<String>>,
}

impl Told {
    fn note(&self, what: String) {
        self.asked.lock().expect("nobody panics").push(what);
    }
}

impl Centre for Told {
    fn config(&self) -> Arc<Config> {
        self.config.clone()
    }
    fn now(&self) -> Instant {
        Instant::from_millis(1_800_000_000_000)
    }
    fn order(&self, owner: Owner, order: Order) -> Reply {
        self.note(format!("{owner:?} {order:?}"));
        match order {
            Order::AcwDone { .. } => Reply::Refused { why: "he is not in after-call work".to_owned() },
            Order::AgentNotReady { reason: Some(reason), .. } if reason == "golf" => {
                Reply::Wrong { field: "reason".to_owned(), why: "must be one of the list".to_owned() }
            }
            _ => Reply::Done,
        }
    }
    fn on_call_of(&self, agent: AgentId, what: CallOrder) -> Reply {
        self.note(format!("{agent} {what:?}"));
        Reply::Done
    }
    fn node(&self, row: &Row, call: Option<CallId>) -> Reply {
        self.note(format!("{} {call:?}", row.name));
        Reply::Done
    }
}

struct Site {
    server: Server,
    told: Arc<Told>,
    feed: Arc<Feed>,
}

impl Site {
    fn open() -> Site {
        let (loaded, faults) = switchboard_config::embedded::load();
        let config = loaded.unwrap_or_else(|| panic!("{faults:?}")).engine().expect("a possible layout");
        let told = Arc::new(Told { config: Arc::new(config), asked: Mutex::default() });
        let (accounts, feed) = (Accounts::in_memory(), Arc::new(Feed::new(7)));
        let add = |user: &str, role, agent: Option<&str>, teams: &[&str]| {
            let teams = teams.iter().map(|t| (*t).to_owned()).collect();
            accounts.add(told.now(), user, role, agent.map(str::to_owned), teams, PASSWORD).expect("a good account");
        };
        add("8001", Role::Agent, Some("8001"), &[]);
        add("li", Role::Supervisor, None, &["A"]);
        add("ops", Role::Operations, None, &[]);
        let orders = Arc::new(Orders::new(told.clone(), accounts, feed.clone()));
        let plan = Plan {
            centre: String::new(),
            queues: vec![],
            agents: vec![],
            window: Duration::from_secs(1),
            formula: Formula::F8,
            short_s: 5,
        };
        let (_, wall) = switchboard_api::open(plan, Kept::default(), told.now(), Arc::new(|| {}));
        let any = "127.0.0.1:0".parse().expect("an address");
        Site { server: Server::start(any, wall, Some(orders)).expect("a free port"), told, feed }
    }

    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let (status, text) = exchange(self.server.address(), method, path, headers, body);
        let json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{method} {path}: {status} {text:?}: {e}"));
        (status, json)
    }

    fn log_in(&self, user: &str) -> String {
        let body = json!({ "user": user, "password": PASSWORD }).to_string();
        let (status, answer) = self.send("POST", "/login", &[], &body);
        assert_eq!(status, 200, "{answer}");
        format!("Bearer {}", answer["token"].as_str().expect("a token"))
    }

    fn as_(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.send(method, path, &[("Authorization", token)], body)
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.asked.lock().expect("nobody panics"))
    }
}

fn open_exchange(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let more: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    write!(
        stream,
        "{method} /api/v1{path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{more}\r\n{body}",
        body.len()
    )
    .expect("it reads");
    stream
}

fn exchange(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
    let mut stream = open_exchange(address, method, path, headers, body);
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("an answer in UTF-8");
    let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, text.split_once("\r\n\r\n").expect("headers end").1.to_owned())
}

#[test]
fn every_command_is_a_route_that_wants_a_session_and_tells_strangers_nothing() {
    let site = Site::open();
    let (_, who) = site.send("GET", "/agents", &[], "");
    for row in COMMANDS {
        for agent in ["8001", "9999", "x%00"] {
            let path = row.path.replace("{agent}", agent).replace("{call}", "5");
            let answer = site.send(row.method, &path, &[("Authorization", "Bearer 00")], "{\"unknown\":1}");
            assert_eq!(answer, (401, who.clone()), "{} {path}", row.method);
        }
    }
    assert_eq!(site.asked(), Vec::<String>::new());
    let wrong = |user: &str| site.send("POST", "/login", &[], &json!({ "user": user, "password": "no" }).to_string());
    assert_eq!(wrong("8001"), wrong("nobody"));
    assert_eq!(wrong("8001"), (401, who));
}

#[test]
fn rights_go_by_role_and_team_and_a_refusal_changes_nothing() {
    let site = Site::open();
    let (agent, leader, ops) = (site.log_in("8001"), site.log_in("li"), site.log_in("ops"));
    for (token, method, path, body, status) in [
        (&agent, "POST", "/agents/8001/ready", "", 200),
        (&agent, "POST", "/agents/8002/ready", "", 403),
        (&agent, "POST", "/agents/9999/ready", "", 403), // not told whether there is one
        (&agent, "GET", "/agents", "", 403),
        (&agent, "GET", "/agents/8001/explanation", "", 200),
        (&leader, "POST", "/agents/8004/ready", "", 200),
        (&leader, "POST", "/agents/8002/ready", "", 403), // team B
        (&leader, "POST", "/centre/drain", "", 403),
        (&leader, "GET", "/agents?stuck=1", "", 200),
        (&ops, "POST", "/agents/9999/ready", "", 404),
        (&ops, "POST", "/agents/8002/ready", "", 200),
        (&ops, "POST", "/centre/reload", "", 200),
        (&ops, "GET", "/calls/7/match", "", 200),
        (&ops, "GET", "/calls/x/match", "", 404),
        (&ops, "GET", "/nowhere", "", 404),
        (&agent, "POST", "/agents/8001/call/hang-up", "{}", 200),
    ] {
        site.asked();
        let (got, answer) = site.as_(token, method, path, body);
        assert_eq!(got, status, "{method} {path}: {answer}");
        assert_eq!(site.asked().is_empty(), status != 200, "{method} {path}");
        if status != 200 {
            assert_eq!(answer["status"], json!(status), "{answer}");
        }
    }
}

#[test]
fn who_grants_is_not_who_asks_and_the_field_that_is_wrong_is_named() {
    let site = Site::open();
    let (agent, leader) = (site.log_in("8001"), site.log_in("li"));
    site.as_(&agent, "POST", "/agents/8001/not-ready", r#"{"reason":"lunch","minutes":5}"#);
    site.as_(&leader, "POST", "/agents/8001/not-ready", r#"{"reason":"lunch"}"#);
    let asked = site.asked();
    assert!(asked[0].contains("by_leader: false") && asked[0].contains("minutes: Some(5)"), "{asked:?}");
    assert!(asked[1].contains("by_leader: true"), "{asked:?}");
    for (path, body, status, field) in [
        ("/agents/8001/not-ready", r#"{"minutes":0}"#, 400, "minutes"),
        ("/agents/8001/not-ready", r#"{"by_leader":true}"#, 400, "by_leader"),
        ("/agents/8001/not-ready", r#"{"reason":"golf"}"#, 400, "reason"),
        ("/agents/8001/disposition", r#"{"needs":[{"topic":"card"}]}"#, 400, "needs[0].outcome"),
    ] {
        let (got, answer) = site.as_(&agent, "POST", path, body);
        assert_eq!((got, &answer["field"]), (status, &json!(field)), "{answer}");
        assert!(answer["rule"].is_string(), "{answer}");
    }
    let (status, answer) = site.as_(&agent, "POST", "/agents/8001/after-call-work/end", "");
    assert_eq!((status, &answer["detail"]), (409, &json!("he is not in after-call work")));
}

#[test]
fn the_same_request_with_the_same_key_is_done_once() {
    let site = Site::open();
    let ops = site.log_in("ops");
    let send =
        |key: &str, path: &str| site.send("POST", path, &[("Authorization", &ops), ("Idempotency-Key", key)], "");
    assert_eq!(send("k1", "/agents/8002/ready"), send("k1", "/agents/8002/ready"));
    assert_eq!(site.asked().len(), 1);
    assert_eq!(send("k1", "/agents/8003/ready").0, 422);
    assert_eq!(send("k2", "/agents/8002/ready").0, 200);
    assert_eq!(send("a key", "/agents/8002/ready").0, 400);
    assert_eq!(site.asked().len(), 1);
}

#[test]
fn sessions_end_and_a_new_password_ends_them_all() {
    let site = Site::open();
    let (one, two) = (site.log_in("li"), site.log_in("li"));
    let (_, me) = site.as_(&one, "GET", "/me", "");
    assert_eq!((&me["role"], &me["teams"]), (&json!("supervisor"), &json!(["A"])), "{me}");
    assert_eq!(site.as_(&one, "POST", "/logout", "").0, 200);
    assert_eq!(site.as_(&one, "GET", "/me", "").0, 401);
    let change = |old: &str, new: &str| {
        let body = json!({ "user": "li", "old": old, "new": new }).to_string();
        let (status, answer) = site.send("POST", "/password", &[], &body);
        (status, answer["field"].clone())
    };
    assert_eq!(change("no", "Green.Kettle7"), (401, Value::Null));
    assert_eq!(change(PASSWORD, "weak"), (400, json!("new")));
    assert_eq!(site.as_(&two, "GET", "/me", "").0, 200);
    assert_eq!(change(PASSWORD, "Green.Kettle7"), (200, Value::Null));
    assert_eq!(site.as_(&two, "GET", "/me", "").0, 401);
}

#[test]
fn events_come_without_gap_and_go_on_where_one_stopped() {
    let site = Site::open();
    let (ops, agent) = (site.log_in("ops"), site.log_in("8001"));
    let event = |seq| {
        let call = Some(CallId::new(ShardId(1), 1));
        let at = Instant::from_millis(1);
        site.feed.push(&ContactEvent { v: ContactEvent::VERSION, by: ShardId(1), seq, at, call, what: What::Answered });
    };
    assert_eq!(site.as_(&agent, "GET", "/events", "").0, 403);
    (1..=600).for_each(event);
    let headers = |id| [("Authorization", ops.as_str()), ("Last-Event-ID", id)];
    let mut reader = BufReader::new(open_exchange(site.server.address(), "GET", "/events", &headers("7-40"), ""));
    let mut read = |n: usize| {
        let mut ids = vec![];
        let mut line = String::new();
        while ids.len() < n {
            line.clear();
            assert!(reader.read_line(&mut line).expect("an event") > 0, "it ended after {ids:?}");
            ids.extend(line.trim().strip_prefix("id:").map(|id| id.trim().to_owned()));
        }
        ids
    };
    let ids = |range: std::ops::RangeInclusive<u64>| range.map(|n| format!("7-{n}")).collect::<Vec<_>>();
    assert_eq!(read(560), ids(41..=600));
    event(601);
    assert_eq!(read(1), ids(601..=601));
    for id in ["6-40", "x"] {
        let (status, answer) = site.send("GET", "/events", &headers(id), "");
        assert_eq!(status, 410, "{answer}");
    }
}

#[test]
fn the_document_names_every_route_once() {
    let site = Site::open();
    let (status, served) = site.send("GET", "/openapi.json", &[], "");
    assert_eq!((status, &served), (200, &openapi()));
    for row in COMMANDS {
        let operation = &served["paths"][row.path][row.method.to_lowercase()];
        assert_eq!(operation["operationId"], json!(row.name));
        assert_eq!(operation["x-feature-code"].as_str(), row.code);
        for field in row.fields {
            let text = operation.to_string();
            assert!(text.contains(&format!("\"{}\"", field.name)), "{} {}", row.name, field.name);
        }
    }
}
