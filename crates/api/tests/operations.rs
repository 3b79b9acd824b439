//! The dashboard and the alert rules ask for metrics that exist, and for every one of them.
//!
//! Not covered: whether Prometheus likes the expressions.
use std::collections::BTreeSet;
use switchboard_api::METRICS;

const DASHBOARD: &str = include_str!("../../../ops/grafana/switchboard.json");
const ALERTS: &str = include_str!("../../../ops/prometheus/alerts.yaml");

/// The words that begin as our metrics do, without what a histogram adds to its name.
fn named(text: &str) -> BTreeSet<&str> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|w| w.starts_with("switchboard_"));
    let base = |w| ["_bucket", "_count", "_sum"].iter().find_map(|end| str::strip_suffix(w, end)).unwrap_or(w);
    ours.map(base).collect()
}

#[test]
fn nothing_is_asked_for_that_is_not_there() {
    let known: BTreeSet<&str> = METRICS.iter().map(|m| m.name).collect();
    for (file, text) in [("switchboard.json", DASHBOARD), ("alerts.yaml", ALERTS)] {
        let asked = named(text);
        assert!(asked.len() > 5, "{file} asks for {asked:?} only");
        let strange: Vec<_> = asked.difference(&known).collect();
        assert!(strange.is_empty(), "{file} asks for {strange:?}, which the catalogue does not have");
    }
}

#[test]
fn every_metric_is_looked_at_somewhere() {
    let (dashboard, alerts) = (named(DASHBOARD), named(ALERTS));
    let seen: BTreeSet<&str> = dashboard.union(&alerts).copied().collect();
    // A quotient of it and the histogram is the level of the target's X; it is for those who want another window.
    let unseen: Vec<&str> = METRICS
        .iter()
        .map(|m| m.name)
        .filter(|n| !seen.contains(n))
        .filter(|n| !n.contains("_within_target_"))
        .collect();
    assert!(unseen.is_empty(), "nobody looks at {unseen:?}");
}

#[test]
fn the_dashboard_is_json_whose_panels_have_names_and_questions() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    for panel in panels {
        let asks =
            panel["targets"].as_array().is_some_and(|t| t.iter().all(|t| t["expr"].is_string()) && !t.is_empty());
        assert!(panel["title"].is_string() && asks, "{panel}");
    }
    assert!(panels.len() > 8);
}
