//! The metrics: one catalogue, from which names, help, handles and docs/metrics.md are made.
//!
//! Handles are made when the wall is opened, for every configured queue and every state there is; so the number of series is
//! known beforehand, whatever happens, and nothing is looked up by name later. Base units stand in the names. Waits are a
//! histogram with its edges at the usual thresholds. They are taken from the fold's totals, each length as often as there
//! are more of it than a second ago, so that no wait is missed or taken twice.
use crate::agent::AgentState;
use crate::board::Board;
use crate::desk::View;
use crate::plan::Plan;
use metrics::{Counter, Gauge, Histogram, Label, counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Mutex;
use switchboard_model::Instant;
use switchboard_stats::{By, Equation, Formula, Question, WaitEnd};

/// The edges of the histogram of waits, in seconds: the thresholds of service levels in use.
pub const EDGES_S: [f64; 14] = [5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 240.0, 300.0, 600.0];

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, with its base unit.
    pub name: &'static str,
    /// `counter`, `gauge` or `histogram`.
    pub kind: &'static str,
    /// Its labels, and what bounds them.
    pub labels: &'static str,
    /// What it says.
    pub says: &'static str,
}

macro_rules! metrics {
    ($($id:ident $name:literal $kind:literal $labels:literal $says:literal)+) => {
        $(const $id: &str = $name;)+
        /// All of them.
        pub const METRICS: &[Metric] = &[$(Metric { name: $name, kind: $kind, labels: $labels, says: $says }),+];
    };
}

metrics! {
    ARRIVED "switchboard_calls_arrived_total" "counter" "" "Calls that came in by a trunk."
    ENDED "switchboard_calls_ended_total" "counter" "" "Calls that are over."
    REJECTED "switchboard_calls_rejected_total" "counter" "" "Calls that ended before we answered."
    IN_MENU "switchboard_calls_in_menu" "gauge" "" "Calls that have not asked for a person."
    WITH_AGENT "switchboard_calls_with_agent" "gauge" "" "Calls that an agent has picked up."
    WAITING "switchboard_queue_waiting" "gauge" "queue: the configured ones" "Callers who wait for a person, those rung for among them."
    RINGING "switchboard_queue_ringing" "gauge" "queue" "Those of them for whom an agent's telephone rings."
    LONGEST "switchboard_queue_longest_wait_seconds" "gauge" "queue" "How long the one who waits longest has waited; 0 if nobody waits."
    WAITS "switchboard_queue_wait_seconds" "histogram" "queue; end: answered, abandoned, failed" "Waits that are over, from the request for a person to the pick-up or the end, in whole seconds rounded up; an edge counts as within."
    WITHIN "switchboard_queue_answered_within_target_total" "counter" "queue" "Calls answered within the X of their queue's target."
    LEVEL "switchboard_queue_level_ratio" "gauge" "queue; formula: the wallboard's" "The level the wallboard shows, 0 to 1; NaN is no data."
    TARGET "switchboard_queue_target_ratio" "gauge" "queue" "The level to be reached, 0 to 1."
    TARGET_X "switchboard_queue_target_seconds" "gauge" "queue" "X of the target."
    AGENTS "switchboard_agents" "gauge" "state: eight" "Agents in each state."
    ADDS_UP "switchboard_adds_up" "gauge" "" "1 if every equation holds and no event was lost, else 0."
    FAILING "switchboard_equation_failing" "gauge" "equation: six" "1 if it does not hold."
    LOST "switchboard_records_lost_total" "counter" "" "Contact events that found no room, here or in the journal."
    HELD "switchboard_record_held_events" "gauge" "" "Contact events that wait in memory for the disk; beyond 65 536 they are lost."
    DISK "switchboard_record_disk_failing" "gauge" "" "1 while the disk does not take the journal, else 0."
    BEHIND "switchboard_record_database_behind_bytes" "gauge" "" "Bytes of the journal that the contact database does not have yet."
    DATABASE "switchboard_record_database_failing" "gauge" "" "1 while the contact database takes nothing, else 0."
    STRANGERS "switchboard_strangers_total" "counter" "" "INVITEs from addresses that are no trunk's."
    PANICS "switchboard_calls_panicked_total" "counter" "" "Calls ended by an error of our own."
    PUBLISHED "switchboard_board_published_timestamp_seconds" "gauge" "" "When the figures' thread last published, in seconds since 1970; it does so once a second."
}

/// docs/metrics.md, as the catalogue says it.
pub fn document() -> String {
    let mut out = String::from(
        "# Metrics\n\nWritten by `cargo run -p switchboard-api --example metrics_document > docs/metrics.md`; a test holds it to the\n\
         catalogue. `GET /metrics` gives them in Prometheus' text form. The service level of any X that is an edge of the histogram\n\
         is a quotient of two of its series; every other question is `GET /level`.\n\n\
         | name | kind | labels | what it says |\n|---|---|---|---|\n",
    );
    for m in METRICS {
        writeln!(out, "| `{}` | {} | {} | {} |", m.name, m.kind, m.labels, m.says).expect("text grows");
    }
    let edges: Vec<String> = EDGES_S.iter().map(f64::to_string).collect();
    writeln!(out, "\nEdges of the histogram, in seconds: {}.", edges.join(", ")).expect("text grows");
    out
}

/// All handles.
pub(crate) struct Metrics {
    handle: PrometheusHandle,
    arrived: Counter,
    ended: Counter,
    rejected: Counter,
    in_menu: Gauge,
    with_agent: Gauge,
    queues: Vec<QueueHandles>,
    agents: Vec<Gauge>,
    adds_up: Gauge,
    failing: Vec<(Equation, Gauge)>,
    lost: Counter,
    held: Gauge,
    disk: Gauge,
    behind: Gauge,
    database: Gauge,
    strangers: Counter,
    panics: Counter,
    published: Gauge,
    /// How many waits of each length were told so far. Only the figures' thread takes it.
    told: Mutex<BTreeMap<(usize, WaitEnd, u16), u32>>,
}

struct QueueHandles {
    waiting: Gauge,
    ringing: Gauge,
    longest: Gauge,
    waits: [Histogram; 3],
    within: Counter,
    level: Gauge,
}

impl Metrics {
    pub fn new(plan: &Plan) -> Metrics {
        let builder = PrometheusBuilder::new();
        let builder = builder.set_buckets_for_metric(Matcher::Full(WAITS.to_owned()), &EDGES_S);
        let recorder = builder.expect("the edges are not empty").build_recorder();
        with_local_recorder(&recorder, || Metrics::handles(plan, &recorder))
    }

    fn handles(plan: &Plan, recorder: &PrometheusRecorder) -> Metrics {
        for m in METRICS {
            match m.kind {
                "counter" => metrics::describe_counter!(m.name, m.says),
                "gauge" => metrics::describe_gauge!(m.name, m.says),
                _ => metrics::describe_histogram!(m.name, m.says),
            }
        }
        let queues = plan.queues.iter().map(|q| {
            let name = Label::new("queue", q.name.clone());
            gauge!(TARGET, vec![name.clone()]).set(f64::from(q.target.y_percent) / 100.0);
            gauge!(TARGET_X, vec![name.clone()]).set(f64::from(q.target.x_s));
            let end = |end: &'static str| histogram!(WAITS, vec![name.clone(), Label::new("end", end)]);
            QueueHandles {
                waiting: gauge!(WAITING, vec![name.clone()]),
                ringing: gauge!(RINGING, vec![name.clone()]),
                longest: gauge!(LONGEST, vec![name.clone()]),
                waits: [end("answered"), end("abandoned"), end("failed")],
                within: counter!(WITHIN, vec![name.clone()]),
                level: gauge!(LEVEL, vec![name.clone(), Label::new("formula", plan.formula.id())]),
            }
        });
        let equations =
            [Equation::Arrivals, Equation::Trunk, Equation::Queue, Equation::Calls, Equation::Writers, Equation::Order];
        Metrics {
            queues: queues.collect(),
            agents: AgentState::ALL.iter().map(|s| gauge!(AGENTS, "state" => s.word())).collect(),
            failing: equations.map(|e| (e, gauge!(FAILING, "equation" => format!("{e:?}").to_lowercase()))).into(),
            handle: recorder.handle(),
            arrived: counter!(ARRIVED),
            ended: counter!(ENDED),
            rejected: counter!(REJECTED),
            in_menu: gauge!(IN_MENU),
            with_agent: gauge!(WITH_AGENT),
            adds_up: gauge!(ADDS_UP),
            lost: counter!(LOST),
            held: gauge!(HELD),
            disk: gauge!(DISK),
            behind: gauge!(BEHIND),
            database: gauge!(DATABASE),
            strangers: counter!(STRANGERS),
            panics: counter!(PANICS),
            published: gauge!(PUBLISHED),
            told: Mutex::default(),
        }
    }

    /// Sets all to what the board says. Only the figures' thread calls it.
    pub fn show(&self, board: &Board, view: &View<'_>, plan: &Plan) {
        let totals = view.fold.totals();
        self.arrived.absolute(totals.arrived);
        self.ended.absolute(totals.ended);
        self.rejected.absolute(totals.rejected);
        self.in_menu.set(board.in_menu as f64);
        self.with_agent.set(board.with_agent as f64);
        for (i, (queue, handles)) in board.queues.iter().zip(&self.queues).enumerate() {
            handles.waiting.set(queue.waiting as f64);
            handles.ringing.set(queue.ringing as f64);
            handles.longest.set(queue.longest_wait_ms.unwrap_or(0) as f64 / 1000.0);
            handles.level.set(queue.level.percent.map_or(f64::NAN, |p| p / 100.0));
            self.waits(i, handles, view, plan);
        }
        for ((_, n), handle) in board.by_state().iter().zip(&self.agents) {
            handle.set(*n as f64);
        }
        for (equation, handle) in &self.failing {
            handle.set(f64::from(u8::from(board.balance.failing.contains(equation))));
        }
        self.adds_up.set(f64::from(u8::from(board.balance.adds_up)));
        self.lost.absolute(view.records_lost);
        let record = &board.record;
        self.held.set(record.held as f64);
        self.disk.set(f64::from(u8::from(record.disk_failing.is_some())));
        self.behind.set(record.behind_bytes as f64);
        self.database.set(f64::from(u8::from(record.database_failing.is_some())));
        self.strangers.absolute(view.strangers);
        self.panics.absolute(view.panics);
        self.published.set(board.at_ms as f64 / 1000.0);
        self.handle.run_upkeep();
    }

    fn waits(&self, i: usize, handles: &QueueHandles, view: &View<'_>, plan: &Plan) {
        let ever = Question {
            queue: Some(plan.queues[i].id),
            from: Instant::from_micros(0),
            to: Instant::from_micros(u64::MAX),
            within_s: 0,
            formula: Formula::F3,
            by: By::End,
            short_s: 0,
        };
        let waits = view.fold.waits(&ever);
        handles.within.absolute(waits.within(WaitEnd::Answered, plan.queues[i].target.x_s));
        let mut told = self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (end, histogram) in WaitEnd::ALL.into_iter().zip(&handles.waits) {
            for (seconds, n) in waits.lengths(end) {
                let before = told.insert((i, end, seconds), n).unwrap_or(0);
                histogram.record_many(f64::from(seconds), n.saturating_sub(before) as usize);
            }
        }
    }

    /// In Prometheus' text form.
    pub fn text(&self) -> String {
        self.handle.render()
    }
}
