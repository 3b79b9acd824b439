//! The wallboard as a browser or a monitor sees it: over HTTP, from a fold of a made-up day whose answers are known.
//!
//! Not covered: the page itself (e2e has a browser), the figures' thread.
#[path = "../../stats/tests/common/mod.rs"]
mod common;
use common::Day;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{JoinHandle, Thread};
use std::time::Duration;
use switchboard_api::*;
use switchboard_model::{AgentId, Instant, QueueId};
use switchboard_stats::{By, Equation, Fold, Formula, Question, WaitEnd};
use switchboard_store::Target;

fn plan() -> Plan {
    let queue = |id: u16, name: &str, x_s| QueuePlan {
        id: QueueId(id),
        name: name.to_owned(),
        target: Target { x_s, y_percent: 80 },
    };
    let agent = |id: u32| AgentPlan { id: AgentId(id), agent_id: format!("800{id}"), name: format!("坐席{id}") };
    Plan {
        centre: "示范银行".to_owned(),
        queues: vec![queue(1, "cards", 20), queue(2, "loans", 10), queue(9, "never", 20)],
        agents: (1..=5).map(agent).collect(),
        window: Duration::from_secs(100_000),
        formula: Formula::F8,
        short_s: 5,
    }
}

/// A centre whose events have all come, served until it is dropped.
struct Centre {
    day: Day,
    fold: Arc<Fold>,
    server: Server,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Centre {
    fn of(day: Day, failing: Vec<Equation>) -> Centre {
        let mut fold = Fold::new();
        day.events.iter().for_each(|e| fold.add(e));
        let fold = Arc::new(fold);
        let sleeper: Arc<OnceLock<Thread>> = Arc::default();
        let bell = sleeper.clone();
        let (mut desk, wall) =
            open(plan(), Kept::default(), Instant::from_micros(0), Arc::new(move || bell.get().expect("set").unpark()));
        let ends = Arc::new(AtomicBool::new(false));
        let (at, events, end) = (day.now, fold.clone(), ends.clone());
        let thread = std::thread::spawn(move || {
            sleeper.set(std::thread::current()).expect("once");
            while !end.load(Ordering::SeqCst) {
                let failing = failing.clone();
                desk.serve(at, &View { fold: &events, failing, records_lost: 0, strangers: 3, panics: 0 });
                std::thread::park();
            }
        });
        let mut watch = wall.clone();
        while watch.board().is_none() {
            std::thread::yield_now();
        }
        watch = wall;
        let server = Server::start("127.0.0.1:0".parse().expect("an address"), watch, None).expect("a free port");
        Centre { day, fold, server, ends, thread: Some(thread) }
    }

    fn get(&self, path: &str) -> (u16, String) {
        get(self.server.address(), path)
    }

    fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            thread.join().expect("no panic");
        }
    }
}

fn get(at: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(at).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").expect("a request");
    let mut all = String::new();
    stream.read_to_string(&mut all).expect("an answer");
    let (head, body) = all.split_once("\r\n\r\n").expect("a head and a body");
    (head[9..12].parse().expect("a status"), body.to_owned())
}

fn day(seed: u64) -> Day {
    Day::new(seed, 60, 600, 400)
}

#[test]
fn the_board_says_what_the_fold_says() {
    let centre = Centre::of(day(1), vec![]);
    let board: Board = serde_json::from_str(&centre.get("/board.json").1).expect("a board");
    assert_eq!((board.centre.as_str(), board.at_ms), ("示范银行", centre.day.now.millis()));
    assert!(board.balance.adds_up);
    let truth = |q: u16, kind: char| {
        let over = |t: &&common::Truth| t.queue == q && t.over.is_some_and(|(k, at)| k == kind && centre.day.past(at));
        centre.day.callers().filter(over).count() as u64
    };
    let waiting = |q: u16| {
        let waits = |t: &&common::Truth| {
            t.queue == q
                && t.requested.is_some_and(|at| centre.day.past(at))
                && !t.over.is_some_and(|(_, at)| centre.day.past(at))
        };
        centre.day.callers().filter(waits).count() as u64
    };
    for (queue, id) in board.queues.iter().zip([1, 2, 9]) {
        let said = (queue.waiting, queue.answered, queue.abandoned, queue.failed);
        assert_eq!(said, (waiting(id), truth(id, 'a'), truth(id, 'b'), truth(id, 'f')), "{:?}", queue.name);
    }
    assert_eq!(board.queues[2].level.percent, None, "nobody called: no data");
    let sums = |f: fn(&Level) -> u64| board.queues.iter().map(|q| f(&q.level)).sum::<u64>();
    assert_eq!(board.all.level.numerator, sums(|l| l.numerator));
    assert_eq!(board.all.level.denominator, sums(|l| l.denominator));
    assert_eq!((board.all.level.within_s, board.queues[1].level.within_s), (None, Some(10)));
    assert_eq!(board.agents.len(), 5);
    assert_eq!(
        (board.agents[4].state, board.agents[4].since_ms),
        (AgentState::LoggedOut, None),
        "nothing is heard of him"
    );
    assert!(board.queues[0].answered > 3);
}

#[test]
fn any_question_has_the_answer_of_the_fold() {
    let centre = Centre::of(day(2), vec![]);
    let from = common::START / 1_000_000;
    let text = |s: u64| format!("{}", jiff::Timestamp::from_second(s as i64).expect("a moment"));
    let (from, to) = (from + 30, from + 200);
    let path =
        format!("/level?queue=cards&from={}&to={}&within=12&formula=f1&by=arrival&short=3", text(from), text(to));
    let answer = centre.json(&path);
    let at = |s: u64| Instant::from_millis(s * 1000);
    let question = Question {
        queue: Some(QueueId(1)),
        from: at(from),
        to: at(to),
        within_s: 12,
        formula: Formula::F1,
        by: By::Arrival,
        short_s: 3,
    };
    let want = serde_json::to_value(centre.fold.answer(&question, centre.day.now)).expect("plain data");
    assert_eq!(answer, want);
    assert!(answer["denominator"].as_u64().expect("a count") > 0, "{answer}");
    let none = centre.json("/level?queue=never");
    assert_eq!((none["percent"].clone(), none["id"].clone()), (Value::Null, "F3".into()));
}

#[test]
fn a_question_without_an_answer_says_why() {
    let centre = Centre::of(day(3), vec![]);
    for (path, why) in [
        ("/level?queue=mortgages", "there is no queue `mortgages`; there are cards, loans, never"),
        ("/level?formula=F9", "unknown formula `F9`"),
        ("/level?within=-5", "`within` is a whole number of seconds"),
        ("/level?within=20.5", "`within` is a whole number of seconds"),
        ("/level?by=luck", "by is `end` or `arrival`"),
        ("/level?from=yesterday", "`yesterday` is no moment"),
        ("/level?from=2099-01-01T00:00:00Z&to=2099-01-02T00:00:00Z", "lies in the future"),
        ("/level?from=2099-01-01T00:00:00Z", "lies in the future"),
        ("/level?from=2026-11-24T09:00:00Z&to=2026-11-24T08:00:00Z", "the window is empty"),
        ("/level?q=cards", "it takes queue, from, to"),
    ] {
        let (status, body) = centre.get(path);
        assert!(status == 400 && body.contains(why), "{path}: {status} {body}");
    }
    assert_eq!(centre.get("/nothing").0, 404);
}

#[test]
fn a_screen_is_sent_a_board_when_it_comes() {
    let centre = Centre::of(day(4), vec![Equation::Queue]);
    let mut stream = TcpStream::connect(centre.server.address()).expect("it listens");
    write!(stream, "GET /live HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
    let lines = BufReader::new(stream).lines();
    let data = lines.map_while(Result::ok).find_map(|l| l.strip_prefix("data: ").map(str::to_owned)).expect("a board");
    let board: Board = serde_json::from_str(&data).expect("JSON");
    assert_eq!((board.balance.adds_up, board.balance.failing), (false, vec![Equation::Queue]));
}

#[test]
fn screens_and_connections_have_a_bound() {
    let centre = Centre::of(day(6), vec![]);
    let at = centre.server.address();
    let watch = || {
        let mut stream = TcpStream::connect(at).expect("it listens");
        write!(stream, "GET /live HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
        let mut head = [0; 12];
        stream.read_exact(&mut head).expect("a status");
        (stream, String::from_utf8_lossy(&head).into_owned())
    };
    let mut screens: Vec<_> = (0..WATCHERS_MAX).map(|_| watch()).collect();
    assert!(screens.iter().all(|(_, status)| status == "HTTP/1.1 200"));
    let (refused, status) = watch();
    assert_eq!(status, "HTTP/1.1 503", "one screen too many");
    drop(refused);
    // Those who say nothing take the rest of the places; who comes then waits until one goes.
    let silent: Vec<_> = (WATCHERS_MAX..CONNECTIONS_MAX).map(|_| TcpStream::connect(at).expect("a place")).collect();
    let mut late = TcpStream::connect(at).expect("the kernel's queue");
    write!(late, "GET /board.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("a request");
    late.set_read_timeout(Some(Duration::from_millis(300))).expect("a time-out");
    let waits = late.read(&mut [0; 1]).expect_err("nobody answers yet").kind();
    assert!(matches!(waits, std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut), "{waits}");
    drop(silent);
    late.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out");
    let mut head = [0; 12];
    late.read_exact(&mut head).expect("a place is free");
    assert_eq!(&head, b"HTTP/1.1 200");
    screens.clear();
}

#[test]
fn metrics_are_those_of_the_catalogue_with_the_figures_of_the_fold() {
    let centre = Centre::of(day(5), vec![Equation::Trunk]);
    let (_, text) = centre.get("/metrics");
    for metric in METRICS {
        let kind = format!("# TYPE {} {}\n", metric.name, metric.kind);
        assert!(text.contains(&kind), "{} is not there as a {}:\n{text}", metric.name, metric.kind);
    }
    let types = text.lines().filter(|l| l.starts_with("# TYPE ")).count();
    assert_eq!(types, METRICS.len(), "a metric is not in the catalogue");
    let ever = Question {
        queue: Some(QueueId(1)),
        from: Instant::from_micros(0),
        to: centre.day.now + Duration::from_secs(1),
        within_s: 20,
        formula: Formula::F3,
        by: By::End,
        short_s: 0,
    };
    let waits = centre.fold.waits(&ever);
    let (all, within) = (waits.count(WaitEnd::Answered), waits.within(WaitEnd::Answered, 20));
    for line in [
        format!("switchboard_queue_wait_seconds_count{{queue=\"cards\",end=\"answered\"}} {all}"),
        format!("switchboard_queue_wait_seconds_bucket{{queue=\"cards\",end=\"answered\",le=\"20\"}} {within}"),
        format!("switchboard_queue_answered_within_target_total{{queue=\"cards\"}} {within}"),
        "switchboard_equation_failing{equation=\"trunk\"} 1".to_owned(),
        "switchboard_adds_up 0".to_owned(),
        "switchboard_strangers_total 3".to_owned(),
        "switchboard_queue_level_ratio{queue=\"never\",formula=\"F8\"} NaN".to_owned(),
    ] {
        assert!(text.lines().any(|l| l == line), "`{line}` is not in\n{text}");
    }
    assert!(all > 3);
    // Twice asked is not twice counted.
    let count =
        |text: &str| text.lines().find(|l| l.starts_with("switchboard_queue_wait_seconds_count")).map(str::to_owned);
    assert_eq!(count(&centre.get("/metrics").1), count(&text));
}

#[test]
fn the_document_is_the_catalogue() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");
    let there = std::fs::read_to_string(file).expect("docs/metrics.md");
    assert_eq!(
        there,
        document(),
        "renew it: cargo run -p switchboard-api --example metrics_document > docs/metrics.md"
    );
}

#[test]
fn a_taken_port_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let (_desk, wall) = open(plan(), Kept::default(), Instant::from_micros(0), Arc::new(|| {}));
    let error = Server::start(taken.local_addr().expect("its address"), wall, None).err().expect("taken").to_string();
    assert!(
        error.contains("the wallboard cannot listen on 127.0.0.1:") && error.contains("choose another port"),
        "{error}"
    );
}
